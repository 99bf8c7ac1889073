package llm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/ratelimiter"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// Errors that a request through the client may end in besides those of the
// network and the context.
var (
	// ErrOpen says that the provider failed so often of late that it is left
	// alone for a while.
	ErrOpen = errors.New("the provider failed repeatedly and is left alone for a moment")
	// ErrTooLarge says that an answer exceeded its bound.
	ErrTooLarge = errors.New("the provider's answer is too large")
	// ErrStalled says that an answer had begun and then nothing more came.
	ErrStalled = errors.New("the provider stopped in the middle of its answer")
)

// Options of a client. The zero value is good.
type Options struct {
	// Attempts is how often a request is sent at most; 0 means 3, 1 turns
	// retries off.
	Attempts int
	// Backoff is the wait before the second attempt, doubled before each
	// further one; 0 means 200 ms. A Retry-After of the provider goes before it.
	Backoff time.Duration
	// MaxWait is the longest wait that a provider's Retry-After is followed; 0
	// means 10 seconds. What asks for longer, or for longer than the request's
	// deadline, is answered to the caller at once.
	MaxWait time.Duration
	// HeaderTimeout bounds the time to the first byte of an answer; 0 means 60
	// seconds.
	HeaderTimeout time.Duration
	// StallTimeout bounds the silence inside an answer; 0 means 30 seconds.
	StallTimeout time.Duration
	// MaxResponseBytes bounds an answer; 0 means 32 MiB.
	MaxResponseBytes int64
	// RequestsPerSecond smooths the rate of requests; 0 leaves it free.
	RequestsPerSecond uint
	// Concurrent is the most requests waiting for the first byte; 0 leaves it
	// free.
	Concurrent uint
	// BreakAfter is how many failures within the last ten requests open the
	// breaker; 0 means 5. BreakFor is how long; 0 means 10 seconds.
	BreakAfter uint
	BreakFor   time.Duration
	// Transport sends; nil means one of its own.
	Transport http.RoundTripper
}

func (o Options) withDefaults() Options {
	orDefault(&o.Attempts, 3)
	orDefault(&o.Backoff, 200*time.Millisecond)
	orDefault(&o.MaxWait, 10*time.Second)
	orDefault(&o.HeaderTimeout, time.Minute)
	orDefault(&o.StallTimeout, 30*time.Second)
	orDefault(&o.MaxResponseBytes, 32<<20)
	orDefault(&o.BreakAfter, 5)
	orDefault(&o.BreakFor, 10*time.Second)
	o.BreakAfter = min(o.BreakAfter, breakerWindow)
	return o
}

func orDefault[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}

const breakerWindow = 10

// NewClient makes a client. It has no timeout of its own for a whole answer:
// requests carry a context with a deadline. Redirects are not followed, since a
// key must not travel to another host.
func NewClient(o Options) *http.Client {
	o = o.withDefaults()
	next := o.Transport
	if next == nil {
		next = newTransport(o)
	}
	return &http.Client{
		Transport:     &transport{next: next, o: o, executor: failsafe.With(policies(o)...)}, //nolint:bodyclose // no response yet
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func newTransport(o Options) http.RoundTripper {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          100,
		MaxIdleConnsPerHost:   32,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: o.HeaderTimeout,
	}
}

// policies are the layers of a request, outermost first: an open breaker
// refuses before anything is sent, and counts a request with its retries once.
//
//nolint:bodyclose // there is no response yet
func policies(o Options) []failsafe.Policy[*http.Response] {
	breaker := circuitbreaker.NewBuilder[*http.Response]().
		HandleIf(isProviderFault).
		WithFailureThresholdRatio(o.BreakAfter, breakerWindow).
		WithDelay(o.BreakFor).
		Build()
	retry := retrypolicy.NewBuilder[*http.Response]().
		HandleIf(isWorthRetrying).
		AbortIf(func(r *http.Response, _ error) bool { return asksTooMuch(r, o.MaxWait) }).
		WithMaxAttempts(o.Attempts).
		WithBackoff(o.Backoff, max(o.MaxWait, 2*o.Backoff)).
		WithJitterFactor(.2).
		WithDelayFunc(func(e failsafe.ExecutionAttempt[*http.Response]) time.Duration {
			if wait, ok := RetryAfter(e.LastResult()); ok {
				return wait
			}
			return -1
		}).
		ReturnLastFailure().
		Build()
	layers := []failsafe.Policy[*http.Response]{breaker, retry}
	if o.RequestsPerSecond > 0 {
		layers = append(layers, ratelimiter.NewSmoothBuilder[*http.Response](o.RequestsPerSecond, time.Second).WithMaxWaitTime(time.Hour).Build())
	}
	if o.Concurrent > 0 {
		layers = append(layers, bulkhead.NewBuilder[*http.Response](o.Concurrent).WithMaxWaitTime(time.Hour).Build())
	}
	return layers
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// isProviderFault is what the breaker counts. A caller that gave up, or a rate
// limit, says nothing of the provider's health.
func isProviderFault(r *http.Response, err error) bool {
	if err != nil {
		return !isContextError(err)
	}
	return r.StatusCode >= http.StatusInternalServerError
}

func isWorthRetrying(r *http.Response, err error) bool {
	if err != nil {
		return !isContextError(err)
	}
	return isTransient(r.StatusCode)
}

func isTransient(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// asksTooMuch reports whether waiting as long as the provider asks is of no
// use, because it is beyond the bound or the request's own deadline.
func asksTooMuch(r *http.Response, longest time.Duration) bool {
	wait, ok := RetryAfter(r)
	if !ok {
		return false
	}
	if deadline, set := r.Request.Context().Deadline(); set && time.Until(deadline) < wait {
		return true
	}
	return wait > longest
}

// RetryAfter reads the header of that name, in seconds or as a date.
func RetryAfter(r *http.Response) (time.Duration, bool) {
	if r == nil {
		return 0, false
	}
	value := strings.TrimSpace(r.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second)), true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at)), true
	}
	return 0, false
}

type transport struct {
	next     http.RoundTripper
	o        Options
	executor failsafe.Executor[*http.Response]
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := repeatable(req)
	if err != nil {
		return nil, err
	}
	response, err := t.executor.WithContext(req.Context()).Get(func() (*http.Response, error) {
		return t.attempt(req, body)
	})
	if err != nil {
		// The caller's own end explains more than what it broke.
		if ended := req.Context().Err(); ended != nil {
			return nil, ended
		}
		if errors.Is(err, circuitbreaker.ErrOpen) {
			return nil, ErrOpen
		}
		return nil, err
	}
	return response, nil
}

// repeatable returns what gives the request's body anew for each attempt.
func repeatable(req *http.Request) (func() (io.ReadCloser, error), error) {
	if req.Body == nil || req.Body == http.NoBody {
		return func() (io.ReadCloser, error) { return http.NoBody, nil }, nil
	}
	defer func() { _ = req.Body.Close() }()
	if req.GetBody != nil {
		return req.GetBody, nil
	}
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, fmt.Errorf("read the request's body: %w", err)
	}
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }, nil
}

// errorBodyBytes is how much of a failure's text is kept.
const errorBodyBytes = 64 << 10

func (t *transport) attempt(original *http.Request, body func() (io.ReadCloser, error)) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(original.Context())
	req := original.Clone(ctx)
	var err error
	if req.Body, err = body(); err != nil {
		cancel(nil)
		return nil, err
	}
	response, err := t.next.RoundTrip(req)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	response.Request = original
	if isTransient(response.StatusCode) {
		// Read now, so that the connection serves the next attempt.
		raw, _ := io.ReadAll(io.LimitReader(response.Body, errorBodyBytes))
		_ = response.Body.Close()
		cancel(nil)
		response.Body = io.NopCloser(bytes.NewReader(raw))
		return response, nil
	}
	response.Body = newAnswer(ctx, cancel, response.Body, t.o)
	return response, nil
}
