package judge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Options of a calibration or a review; the zero value is ready to use.
type Options struct {
	// Concurrency is how many replies are judged at once; 0 means 1.
	Concurrency int
	// Limits bound what is asked for now, by Prices, which may be nil: the work ends
	// with eval.ErrBudget. Answers that were kept from before are free.
	Limits eval.Limits
	Prices *eval.Prices
	// Progress is told after each reply, one call at a time; may be nil.
	Progress func(done, total int)
}

// mostFailures is the share of replies that a judge may not be asked about
// before its calibration fails.
const mostFailures = .05

// work judges some tasks at once and watches how it goes.
type work struct {
	judge *Judge
	o     Options

	mu        sync.Mutex
	done      int
	failed    int
	undecided int
	last      error
}

// all judges every task and hands its verdict, or why it could not be asked, to
// take, one call at a time. It ends with the cause of ctx, with eval.ErrBudget,
// with an error that any further question would meet too, and when what comes
// back is mostly failure or nonsense.
func (w *work) all(ctx context.Context, tasks []Task, take func(i int, o eval.Verdict)) error {
	running, ctx := errgroup.WithContext(ctx)
	running.SetLimit(max(w.o.Concurrency, 1))
	for i := range tasks {
		running.Go(func() error {
			if ctx.Err() != nil { // it ended while this one waited
				return context.Cause(ctx)
			}
			o, err := w.judge.Judge(ctx, tasks[i])
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return w.took(i, len(tasks), o, err, take)
		})
	}
	err := running.Wait()
	if w.done < len(tasks) {
		return cmp.Or(err, context.Cause(ctx))
	}
	return nil
}

// took notes one judgement; its error ends the work.
func (w *work) took(i, total int, o eval.Verdict, err error, take func(int, eval.Verdict)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err != nil && isLasting(err):
		return err
	case err != nil:
		w.failed++
		w.last = err
		o = eval.Verdict{Result: eval.JudgedError, Error: err.Error()}
	case o.Result == eval.JudgedNone:
		w.undecided++
	}
	take(i, o)
	w.done++
	if w.o.Progress != nil {
		w.o.Progress(w.done, total)
	}
	switch {
	case w.failed >= 5 && 2*w.failed > w.done:
		return fmt.Errorf("%d of %d replies could not be judged; what was answered is kept, so mend this and run again: %w", w.failed, w.done, w.last)
	case w.undecided >= 10 && 2*w.undecided > w.done:
		return w.judge.nonsense(w.undecided, w.done)
	case w.done < total && w.spent():
		return eval.ErrBudget
	}
	return nil
}

// spent asks for the budget once something new was asked for.
func (w *work) spent() bool {
	u, l := w.judge.Usage(), w.o.Limits
	return u.Asked > 0 && (l.Tokens > 0 && u.AskedPromptTokens+u.AskedCompletionTokens >= l.Tokens || l.Money > 0 && w.judge.Cost(w.o.Prices) >= l.Money)
}

// isLasting reports whether other questions would meet the same error.
func isLasting(err error) bool {
	var fault *pipeline.DraftError
	if !errors.As(err, &fault) {
		return true
	}
	switch fault.Fault {
	case suggest.FaultUnauthorized, suggest.FaultModelNotFound, suggest.FaultUnreachable:
		return true
	default:
		return false
	}
}
