package openai

import (
	"context"
	"math"

	api "github.com/sashabaranov/go-openai"

	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Completer asks a model for whole answers, such as verdicts on replies. It is
// safe for concurrent use.
type Completer struct{ d *Drafter }

// Completion is a whole answer.
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
	return &Completer{d}, nil
}

// Complete asks once and waits for the whole answer. It fails with
// *pipeline.DraftError, whose text holds nothing of what was asked or answered,
// and with the cause of ctx.
func (c *Completer) Complete(ctx context.Context, system, user string, seed int) (Completion, error) {
	request := c.d.request(&pipeline.Prompt{System: system, User: user})
	request.Stream, request.StreamOptions, request.Seed = false, nil, &seed
	doer := &recordingDoer{llm.Call{Client: c.d.o.HTTPClient}}
	response, err := c.d.client(doer).CreateChatCompletion(ctx, request)
	if err != nil {
		return Completion{}, classify(ctx, err, doer)
	}
	if len(response.Choices) == 0 {
		return Completion{}, &pipeline.DraftError{Fault: suggest.FaultEmpty, Status: doer.Status}
	}
	choice := response.Choices[0]
	if len(choice.Message.Content) > maxOutputBytes {
		return Completion{}, &pipeline.DraftError{Fault: suggest.FaultOverlong}
	}
	return Completion{
		Text: choice.Message.Content, Model: response.Model, Finish: string(choice.FinishReason),
		Refused:          choice.Message.Refusal != "" || choice.FinishReason == api.FinishReasonContentFilter,
		PromptTokens:     max(0, min(response.Usage.PromptTokens, math.MaxInt32)),
		CompletionTokens: max(0, min(response.Usage.CompletionTokens, math.MaxInt32)),
	}, nil
}
