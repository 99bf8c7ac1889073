package llm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
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
	// ErrTooSlow is for callers that cancel a request because nothing of use came
	// in time: as the cause of the cancellation, or wrapped by it, it is held
	// against the provider, which another cancellation is not.
	ErrTooSlow = errors.New("the provider took too long")
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
	// breaker; 0 means 5. BreakFor is how long; 0 means 10 seconds. Then one
	// request at a time tries.
	BreakAfter uint
	BreakFor   time.Duration
	// Patience is the shortest wait after which a caller's own deadline is held
	// against the provider; 0 means half a second. Who allows less learns nothing
	// of the provider.
	Patience time.Duration
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
	orDefault(&o.Patience, 500*time.Millisecond)
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
		Transport:     &transport{next: next, o: o, breaker: newBreaker(o), executor: failsafe.With(policies(o)...)}, //nolint:bodyclose // no response yet
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

// policies are the layers of a request, outermost first. The breaker is none of
// them: it is told how an answer ended, which is known after they are done.
//
//nolint:bodyclose // there is no response yet
func policies(o Options) []failsafe.Policy[*http.Response] {
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
	layers := []failsafe.Policy[*http.Response]{retry}
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

type transport struct {
	next     http.RoundTripper
	o        Options
	breaker  circuitbreaker.CircuitBreaker[*http.Response]
	executor failsafe.Executor[*http.Response]
	pause    pause
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := repeatable(req)
	if err != nil {
		return nil, err
	}
	if !t.breaker.TryAcquirePermit() {
		return nil, ErrOpen
	}
	verdict := &verdict{breaker: t.breaker, ctx: req.Context(), begin: time.Now(), patience: t.o.Patience}
	response, err := t.executor.WithContext(req.Context()).Get(func() (*http.Response, error) {
		return t.attempt(req, body, verdict)
	})
	if err != nil {
		verdict.failed()
		// The caller's own end explains more than what it broke.
		if ended := req.Context().Err(); ended != nil {
			return nil, ended
		}
		return nil, err
	}
	if isTransient(response.StatusCode) {
		verdict.status(response.StatusCode) // its body is read already
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

func (t *transport) attempt(original *http.Request, body func() (io.ReadCloser, error), v *verdict) (*http.Response, error) {
	if held, err := t.pause.wait(original, t.o.MaxWait); held != nil || err != nil {
		return held, err
	}
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
		t.pause.note(response)
		// Read now, so that the connection serves the next attempt.
		raw, _ := io.ReadAll(io.LimitReader(response.Body, errorBodyBytes))
		_ = response.Body.Close()
		cancel(nil)
		response.Body = io.NopCloser(bytes.NewReader(raw))
		return response, nil
	}
	response.Body = newAnswer(ctx, cancel, response, v, t.o)
	return response, nil
}
