package llm

import (
	"context"
	"errors"
	"io"
	"net/http"
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
	status int
	// ended is told how it ended.
	ended *verdict
}

func newAnswer(ctx context.Context, cancel context.CancelCauseFunc, r *http.Response, v *verdict, o Options) *answer {
	return &answer{
		ctx: ctx, cancel: cancel, body: r.Body, status: r.StatusCode, ended: v, left: o.MaxResponseBytes, stall: o.StallTimeout,
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
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		a.ended.status(a.status)
	case errors.Is(context.Cause(a.ctx), ErrStalled):
		a.ended.failed()
		err = ErrStalled
	case a.ctx.Err() != nil:
		a.ended.failed()
	default:
		// A connection that breaks ends one answer; what is wrong with the provider
		// shows when the next one begins.
		a.ended.status(a.status)
	}
	return n, err
}

// Close implements io.Closer.
func (a *answer) Close() error {
	a.timer.Stop()
	if a.ctx.Err() != nil {
		a.ended.failed()
	}
	a.ended.status(a.status) // who closes has read what there was to read
	err := a.body.Close()
	a.cancel(nil)
	return err
}
