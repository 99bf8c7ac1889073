package llm

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// newBreaker opens after so many failures among the last ten answers, and then
// lets one request at a time try.
//
//nolint:bodyclose // there is no response yet
func newBreaker(o Options) circuitbreaker.CircuitBreaker[*http.Response] {
	return circuitbreaker.NewBuilder[*http.Response]().
		WithFailureThresholdRatio(o.BreakAfter, breakerWindow).
		WithSuccessThreshold(1).
		WithDelay(o.BreakFor).
		Build()
}

// verdict tells the breaker once how a request with all its attempts ended, the
// reading of its answer included: a provider that sends its headers and then
// hangs, or a word a second, is of no more use than one that is down.
type verdict struct {
	breaker  circuitbreaker.CircuitBreaker[*http.Response]
	ctx      context.Context //nolint:containedctx // whose end tells who was at fault
	begin    time.Time
	patience time.Duration
	once     sync.Once
}

// status is that of an answer that is there whole.
func (v *verdict) status(code int) {
	if code >= http.StatusInternalServerError {
		v.once.Do(v.breaker.RecordFailure)
		return
	}
	v.answered()
}

// answered says that the provider did what it should.
func (v *verdict) answered() { v.once.Do(v.breaker.RecordSuccess) }

// failed says that no answer came, or not all of it. A caller that left says
// nothing of the provider; one whose time was over before it came does.
func (v *verdict) failed() {
	cause := context.Cause(v.ctx)
	slow := errors.Is(cause, context.DeadlineExceeded) || errors.Is(cause, ErrTooSlow)
	if cause == nil || slow && time.Since(v.begin) >= v.patience {
		v.once.Do(v.breaker.RecordFailure)
		return
	}
	v.once.Do(func() {
		// A trial that tells nothing must not be counted out: the next one tries
		// after another pause.
		if v.breaker.IsHalfOpen() {
			v.breaker.RecordFailure()
		}
	})
}
