package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/purser-desk/purser/suggest"
)

// Drafter writes a reply from evidence, sentence by sentence.
type Drafter interface {
	// Name is what Provenance.Drafter shows, such as "openai".
	Name() string
	// Draft calls write with each whole sentence, in order, and returns at once
	// with write's error when there is one. It fails with *DraftError when it
	// can't draft or was stopped before the end, also after sentences were
	// written; the report then says what is known. It ends when ctx does.
	Draft(ctx context.Context, t Task, write func(suggest.DraftSentence) error) (Report, error)
}

// Task is one reply to write.
type Task struct {
	// TicketID is the ticket's external id, by which whoever watches a drafter
	// tells tickets apart. It is sent to no model.
	TicketID string `json:"-"`
	// Prompt is what a model is told; personal data is replaced in it. It is
	// nil for a drafter that UsesPrompt says needs none.
	Prompt *Prompt
	// Question is what the customer asks, as they wrote it, quoted history and
	// signature cut.
	Question string
	// Evidence to draft from, numbered from 1.
	Evidence []suggest.Evidence
	// Locale to draft in, BCP 47, never empty.
	Locale string
	// Channel and Visibility of the reply.
	Channel    suggest.Channel
	Visibility suggest.Visibility
	// CustomerName may be greeted; empty when not known or not to be told.
	CustomerName string
	// Frame is how the house begins and ends the reply.
	Frame Frame
	// MaxChars is the longest text that the channel takes, in characters.
	MaxChars int
	// FirstWords bounds the time to the first sign of life, words or thoughts; 0
	// is no bound but ctx.
	FirstWords time.Duration
	// Until is when the draft must be whole, later by as long as the model thinks;
	// zero is no bound but ctx.
	Until time.Time
	// Thinking bounds how long a model may think; 0 allows no time for that beside
	// FirstWords and Until.
	Thinking time.Duration
	// Shorter makes a prompt with less evidence each time, for a model whose
	// context is too short; nil when there is none. It may be nil itself.
	Shorter func() *Prompt `json:"-"`
}

// Frame is how a house begins and ends a reply; empty parts are the drafter's.
type Frame struct{ Greeting, Closing, Signature, Disclosure string }

// Prompted is implemented by drafters that need DraftTask.Prompt.
type Prompted interface {
	// UsesPrompt is true when the drafter sends the task's prompt to a model.
	UsesPrompt() bool
}

// Timed is implemented by drafters that keep to Task.Until and Task.Thinking
// themselves. The context of others ends at Until.
type Timed interface {
	// KeepsTime is true when the drafter tells thoughts from words.
	KeepsTime() bool
}

// Report is what a drafter knows of its work.
type Report struct {
	// Model as the provider named it.
	Model string
	// Finish is the provider's reason for stopping: "stop", "length",
	// "content_filter"; empty when it gave none.
	Finish string
	// Request as it was sent, without credentials; Output as it came back.
	Request                        json.RawMessage
	Output                         string
	PromptTokens, CompletionTokens int
	// FirstWords is the time from the call to its first words; 0 without any.
	FirstWords time.Duration
	// Thought is how long the model thought where it was seen to.
	Thought time.Duration
}

// DraftError says why a drafter could not draft. Its text holds nothing of what
// a provider answered, nor of the prompt.
type DraftError struct {
	Fault suggest.DraftFault
	// Status is the HTTP status, 0 when there was none.
	Status int
	// RetryAfter is when trying again makes sense; 0 when not known.
	RetryAfter time.Duration
	// Detail is for the operator: a word or two that tell the place, never text
	// of a provider, a customer or a prompt.
	Detail string
}

func (e *DraftError) Error() string {
	s := "draft: " + string(e.Fault)
	if e.Status != 0 {
		s += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}
