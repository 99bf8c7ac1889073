package openai

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Why an answer is given up before its time. All are held against the provider.
var (
	errFirstWords = fmt.Errorf("no first words: %w", llm.ErrTooSlow)
	errThinking   = fmt.Errorf("it thought for too long: %w", llm.ErrTooSlow)
	errWords      = fmt.Errorf("the answer was not whole in time: %w", llm.ErrTooSlow)
)

// classify turns whatever went wrong into a DraftError that holds nothing of
// what the provider said; errors of the pipeline pass as they are. begun is true
// once an answer had begun.
func classify(ctx context.Context, err error, begun bool) error {
	var fault *pipeline.DraftError
	var status *llm.StatusError
	var netErr net.Error
	cause := context.Cause(ctx)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault):
		return fault
	case errors.Is(err, answer.ErrThoughts):
		return &pipeline.DraftError{Fault: suggest.FaultThoughts}
	case errors.Is(err, answer.ErrObject):
		return &pipeline.DraftError{Fault: suggest.FaultEmpty, Detail: "an object without a text"}
	case errors.Is(cause, llm.ErrTooSlow):
		return &pipeline.DraftError{Fault: suggest.FaultTooSlow, Detail: slowDetail(cause)}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &pipeline.DraftError{Fault: suggest.FaultTooSlow}
	case ctx.Err() != nil:
		return cause
	case errors.As(err, &status):
		return ofStatus(status)
	case errors.Is(err, llm.ErrOpen):
		return &pipeline.DraftError{Fault: suggest.FaultUnreachable, Detail: "it failed repeatedly and is left alone for a moment"}
	case begun:
		return &pipeline.DraftError{Fault: suggest.FaultCut}
	case errors.As(err, &netErr) && netErr.Timeout():
		return &pipeline.DraftError{Fault: suggest.FaultTooSlow, Detail: "no answer began"}
	}
	return &pipeline.DraftError{Fault: suggest.FaultUnreachable}
}

// faultOf is the fault that an error tells; empty for none.
func faultOf(err error) suggest.DraftFault {
	var fault *pipeline.DraftError
	if errors.As(err, &fault) {
		return fault.Fault
	}
	return ""
}

func slowDetail(cause error) string {
	switch {
	case errors.Is(cause, errFirstWords):
		return "no first words"
	case errors.Is(cause, errThinking):
		return "it thought for too long"
	}
	return ""
}

func ofStatus(s *llm.StatusError) error {
	e := &pipeline.DraftError{Status: s.Status, RetryAfter: s.RetryAfter}
	switch {
	case s.Status < http.StatusBadRequest:
		// Not followed, since the key must not travel, and no answer either.
		e.Fault, e.Detail = suggest.FaultRejected, "a redirect"
	case s.Status == http.StatusUnauthorized || s.Status == http.StatusForbidden:
		e.Fault = suggest.FaultUnauthorized
	case s.Status == http.StatusNotFound:
		e.Fault = suggest.FaultModelNotFound
	case s.Status == http.StatusTooManyRequests:
		e.Fault = suggest.FaultRateLimited
	case s.Status >= http.StatusInternalServerError:
		e.Fault = suggest.FaultProvider
	case s.TooLong():
		e.Fault = suggest.FaultContext
	default:
		e.Fault = suggest.FaultRejected
	}
	return e
}
