package openai

import (
	"context"
	"math"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Completer asks a model for whole answers, such as verdicts on replies. It is
// safe for concurrent use.
type Completer struct{ d *Drafter }

// Completion is a whole answer, thoughts taken out.
type Completion struct {
	Text string
	// Model as the provider named it.
	Model string
	// Finish is why the answer ended, such as "stop" or "length".
	Finish string
	// Refused is true when the model or its provider declined to answer.
	Refused                        bool
	PromptTokens, CompletionTokens int
}

// NewCompleter makes a Completer; it fails as New does. Options.Seed is not
// used: each answer is asked for with its own.
func NewCompleter(o Options) (*Completer, error) {
	d, err := New(o)
	if err != nil {
		return nil, err
	}
	d.leaveOut(partStream)
	return &Completer{d}, nil
}

// Complete asks once and waits for the whole answer. It fails with
// *pipeline.DraftError, whose text holds nothing of what was asked or answered,
// and with the cause of ctx.
func (c *Completer) Complete(ctx context.Context, system, user string, seed int) (Completion, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := newWatch(pipeline.Task{}, c.d.o.Clock, cancel)
	defer watch.stop()
	report, err := c.d.ask(ctx, question{prompt: &pipeline.Prompt{System: system, User: user}, seed: &seed}, func(r *pipeline.Report, m manner) (*reply, func(error) error) {
		return &reply{d: c.d, manner: m, report: r, watch: watch, objects: true, take: func(string) error { return nil }}, func(err error) error { return err }
	})
	switch faultOf(err) {
	case suggest.FaultFiltered:
	case suggest.FaultLength:
		report.Finish = "length" // by whatever name
	default:
		if err != nil {
			return Completion{}, err
		}
	}
	return Completion{
		Text: report.Output, Model: report.Model, Finish: report.Finish,
		Refused:          faultOf(err) == suggest.FaultFiltered,
		PromptTokens:     max(0, min(report.PromptTokens, math.MaxInt32)),
		CompletionTokens: max(0, min(report.CompletionTokens, math.MaxInt32)),
	}, nil
}
