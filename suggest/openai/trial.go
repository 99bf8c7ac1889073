package openai

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Trial is what trying an endpoint found.
type Trial struct {
	// Works is true when a short answer came whole.
	Works bool `json:"works"`
	// Fault is why it does not, with the HTTP status where there was one.
	Fault  suggest.DraftFault `json:"fault,omitempty"`
	Status int                `json:"status,omitempty"`
	Detail string             `json:"detail,omitempty"`
	// Model as the provider names it.
	Model string `json:"model,omitempty"`
	// LeftOut are the parts of a request that the endpoint refuses, and that are
	// left out.
	LeftOut []string `json:"left_out,omitempty"`
	// Streams is true when the answer came in pieces, of which there were so many.
	Streams bool `json:"streams"`
	Pieces  int  `json:"pieces"`
	// FirstWords and Whole are the times to the first words and to the end; Thought
	// how long the model thought, where it was seen to.
	FirstWords time.Duration `json:"first_words_ns"`
	Whole      time.Duration `json:"whole_ns"`
	Thinks     bool          `json:"thinks"`
	Thought    time.Duration `json:"thought_ns"`
	// TokensPerSecond of the words; 0 when they came too fast to tell, or without
	// usage. PromptTokens and CompletionTokens are as told; 0 when they were not.
	TokensPerSecond  float64 `json:"tokens_per_second,omitempty"`
	PromptTokens     int     `json:"prompt_tokens"`
	CompletionTokens int     `json:"completion_tokens"`
	// Finish is the provider's reason for the end.
	Finish string `json:"finish,omitempty"`
	// Cites is true when the model put the number of its evidence behind what it
	// said, as drafts need it.
	Cites bool `json:"cites"`
	// LongBytes is how long a prompt was tried; LongWorks whether it was answered,
	// LongFault why not. All are empty when none was tried.
	LongBytes int                `json:"long_bytes,omitempty"`
	LongWorks bool               `json:"long_works"`
	LongFault suggest.DraftFault `json:"long_fault,omitempty"`
}

// trialPatience bounds each answer: a model may have to be loaded first.
const trialPatience = 2 * time.Minute

const (
	trialSystem = "You answer a customer with what the numbered evidence says. Behind each sentence put the number of the evidence that it comes from in square brackets, such as [1]. Write one or two short sentences."
	trialUser   = "<evidence number=\"1\">\nSmall dogs and cats travel in the cabin, in a carrier under the seat. The price is 55 euros.\n</evidence>\n\n<message>\nMay my small dog travel in the cabin?\n</message>"
	trialLine   = "Paragraph of the general conditions that has nothing to do with what the customer asks about, kept for length alone.\n"
)

// Try asks the endpoint for a short answer and, when long is above 0, for one to
// a prompt of so many bytes.
func (d *Drafter) Try(ctx context.Context, long int) Trial {
	var t Trial
	begin := d.o.Clock()
	report, pieces, err := d.try(ctx, &pipeline.Prompt{System: trialSystem, User: trialUser})
	m := d.manners.now()
	t.Whole, t.Thought, t.FirstWords = d.o.Clock().Sub(begin), report.Thought, report.FirstWords
	t.Model, t.Finish, t.Pieces, t.Streams = report.Model, report.Finish, pieces, pieces > 1
	t.PromptTokens, t.CompletionTokens = report.PromptTokens, report.CompletionTokens
	t.Thinks = report.Thought > 0 || m.thinks
	t.Cites = strings.Contains(report.Output, "[1]") || strings.Contains(report.Output, "【1")
	t.LeftOut = d.leftOut(m)
	if wrote := t.Whole - t.FirstWords; wrote > 100*time.Millisecond && t.CompletionTokens > 0 && !t.Thinks {
		t.TokensPerSecond = float64(t.CompletionTokens) / wrote.Seconds()
	}
	if err != nil {
		t.Fault, t.Status, t.Detail = describe(err)
		return t
	}
	t.Works = true
	if long > 0 {
		t.LongBytes = long
		_, _, err := d.try(ctx, &pipeline.Prompt{System: trialSystem, User: strings.Repeat(trialLine, max(0, long-len(trialSystem)-len(trialUser))/len(trialLine)) + trialUser})
		t.LongWorks = err == nil
		t.LongFault, _, _ = describe(err)
	}
	return t
}

func (d *Drafter) try(ctx context.Context, p *pipeline.Prompt) (pipeline.Report, int, error) {
	ctx, stop := context.WithTimeout(ctx, trialPatience)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := newWatch(pipeline.Task{Thinking: trialPatience}, d.o.Clock, cancel)
	defer watch.stop()
	var last *reply
	report, err := d.ask(ctx, question{prompt: p, seed: d.o.Seed}, func(r *pipeline.Report, m manner) (*reply, func(error) error) {
		last = &reply{d: d, manner: m, report: r, watch: watch, take: func(string) error { return nil }}
		return last, func(err error) error { return err }
	})
	report.Thought = watch.thought()
	return report, last.pieces, err
}

func describe(err error) (fault suggest.DraftFault, status int, detail string) {
	var known *pipeline.DraftError
	switch {
	case err == nil:
		return "", 0, ""
	case errors.As(err, &known):
		return known.Fault, known.Status, known.Detail
	}
	return suggest.FaultTooSlow, 0, ""
}

// leftOut names what is left out of requests, sorted.
func (d *Drafter) leftOut(m manner) []string {
	parts := slices.Sorted(maps.Keys(m.without))
	if reasons(d.o.Model) { // what it never was sent it did not refuse
		parts = slices.DeleteFunc(parts, func(p string) bool { return p == partMaxTokens || p == partTemperature })
	}
	if m.warm && !m.without[partTemperature] {
		parts = append(parts, "temperature 0")
	}
	return parts
}
