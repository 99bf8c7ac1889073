package llm

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// answer is a response's body with a bound on its size and on its silences.
type answer struct {
	ctx    context.Context //nolint:containedctx // a reader has no other way to learn why it was cut
	cancel context.CancelCauseFunc
	body   io.ReadCloser
	left   int64
	stall  time.Duration
	timer  *time.Timer
}

func newAnswer(ctx context.Context, cancel context.CancelCauseFunc, body io.ReadCloser, o Options) *answer {
	return &answer{
		ctx: ctx, cancel: cancel, body: body, left: o.MaxResponseBytes, stall: o.StallTimeout,
		timer: time.AfterFunc(o.StallTimeout, func() { cancel(ErrStalled) }),
	}
}

// Read implements io.Reader.
func (a *answer) Read(p []byte) (int, error) {
	if a.left <= 0 {
		// One more byte tells an answer that just fits from one that is cut.
		if n, err := a.body.Read(make([]byte, 1)); n == 0 && err != nil {
			return 0, err
		}
		return 0, ErrTooLarge
	}
	a.timer.Reset(a.stall)
	if int64(len(p)) > a.left {
		p = p[:a.left]
	}
	n, err := a.body.Read(p)
	a.timer.Stop()
	a.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) && errors.Is(context.Cause(a.ctx), ErrStalled) {
		err = ErrStalled
	}
	return n, err
}

// Close implements io.Closer.
func (a *answer) Close() error {
	a.timer.Stop()
	err := a.body.Close()
	a.cancel(nil)
	return err
}

type callKey struct{}

// Call tells what became of a request that ran under its context: what HTTP
// clients above this one leave out of their errors. It is safe for concurrent
// use.
type Call struct {
	mu         sync.Mutex
	attempts   int
	status     int
	retryAfter time.Duration
}

// Observe returns a context whose requests report to the Call.
func Observe(ctx context.Context) (context.Context, *Call) {
	c := &Call{}
	return context.WithValue(ctx, callKey{}, c), c
}

// Attempts is how many requests were sent.
func (c *Call) Attempts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.attempts
}

// Status of the last answer; 0 without one.
func (c *Call) Status() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// RetryAfter is how long the provider asked to be left alone; 0 when it did not.
func (c *Call) RetryAfter() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.retryAfter
}

func callFrom(ctx context.Context) *Call {
	c, ok := ctx.Value(callKey{}).(*Call)
	if !ok {
		return &Call{}
	}
	return c
}

func (c *Call) attempt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attempts++
}

func (c *Call) finish(r *http.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = r.StatusCode
	c.retryAfter, _ = RetryAfter(r)
}
