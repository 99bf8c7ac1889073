// Package pipelinetest makes pipelines for tests: of functions in place of search
// and model, with the real detector, analyser and drafter without a model.
package pipelinetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/extractive"
	"github.com/purser-desk/purser/suggest/house"
	"github.com/purser-desk/purser/suggest/kind"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Workspace is the one that pipelines of tests work for.
const Workspace = suggest.Workspace("11111111-1111-1111-1111-111111111111")

// Searcher is a knowledge.Searcher made of a function.
type Searcher func(ctx context.Context, q knowledge.Query) (knowledge.Results, error)

// Search implements knowledge.Searcher.
func (s Searcher) Search(ctx context.Context, _ knowledge.Workspace, q knowledge.Query) (knowledge.Results, error) {
	return s(ctx, q)
}

// SearchAll implements knowledge.Searcher.
func (s Searcher) SearchAll(ctx context.Context, _ knowledge.Workspace, qs []knowledge.Query) ([]knowledge.Results, error) {
	all := make([]knowledge.Results, len(qs))
	for i, q := range qs {
		var err error
		if all[i], err = s(ctx, q); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Drafter is a drafter with a prompt, made of a function.
type Drafter func(ctx context.Context, t pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error)

// Name implements pipeline.Drafter.
func (Drafter) Name() string { return "openai" }

// UsesPrompt implements pipeline.Prompted.
func (Drafter) UsesPrompt() bool { return true }

// Draft implements pipeline.Drafter.
func (d Drafter) Draft(ctx context.Context, t pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
	return d(ctx, t, write)
}

var (
	// Detector is made once, because that takes a while.
	Detector = sync.OnceValue(langid.NewDetector)
	// Analyzer is made once, too.
	Analyzer = sync.OnceValue(analysis.NewAnalyzer)
)

// BaggageBody is what the article that Baggage finds says.
const BaggageBody = `You may bring one cabin bag of up to 8 kg and 55 x 40 x 23 cm. A personal item must fit under the seat in front of you.

A heavier bag must be checked in at the airport for 45 EUR. Payment is by card at the desk.`

// Kinds tells kinds of sentences by a function; it implements pipeline.Kinds.
type Kinds func(sentence string) kind.Result

// Classify implements pipeline.Kinds.
func (k Kinds) Classify(_ context.Context, sentences []string, _ string) ([]kind.Result, error) {
	out := make([]kind.Result, len(sentences))
	for i, s := range sentences {
		out[i] = k(s)
	}
	return out, nil
}

// House gives every workspace the same settings; it implements pipeline.House.
type House house.Settings

// House implements pipeline.House.
func (h *House) House(context.Context, suggest.Workspace) *house.Settings {
	return (*house.Settings)(h)
}

// HouseAt implements pipeline.House: it knows one revision alone.
func (h *House) HouseAt(_ context.Context, _ suggest.Workspace, revision int64) (*house.Settings, error) {
	if revision != h.Revision {
		return nil, house.ErrNoRevision
	}
	return (*house.Settings)(h), nil
}

// Hit is an article with one passage.
func Hit(key, locale, title, body string, score float64) knowledge.Hit {
	return knowledge.Hit{
		ArticleID: "id-" + key, Key: key, Locale: locale, Revision: 2, Title: title, Score: score,
		URL:      "https://help.skerry.example/" + key,
		Passages: []knowledge.FoundPassage{{ID: key + "/2/0", Start: 0, End: len(body), Text: body, Dense: score, Words: 4}},
	}
}

// Found is a search that always finds the same.
func Found(hits ...knowledge.Hit) Searcher {
	return func(context.Context, knowledge.Query) (knowledge.Results, error) {
		confidence := 0.0
		if len(hits) > 0 {
			confidence = hits[0].Score
		}
		return knowledge.Results{Hits: hits, Space: "test", Confidence: confidence, Embed: time.Millisecond}, nil
	}
}

// Baggage is a search that finds one article on cabin baggage.
func Baggage() Searcher { return Found(Hit("baggage-cabin", "en", "Cabin baggage", BaggageBody, .8)) }

// New makes a pipeline, or fails the test.
func New(t *testing.T, s knowledge.Searcher, model pipeline.Drafter, settings pipeline.Settings) *pipeline.Pipeline {
	t.Helper()
	p, err := pipeline.New(Deps(s, model), settings)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Deps are those of New.
func Deps(s knowledge.Searcher, model pipeline.Drafter) pipeline.Deps {
	return pipeline.Deps{
		Searcher: s, Drafter: model, Extractive: extractive.New(Analyzer()),
		Detector: Detector(), Analyzer: Analyzer(), Kinds: kind.New(nil), Version: "test",
	}
}

// Customer is a ticket with one message of the customer by mail.
func Customer(text string) suggest.Input {
	return suggest.Input{
		Ticket:   suggest.Ticket{ID: "t1", Channel: suggest.ChannelEmail},
		Messages: []suggest.Message{{ID: "m1", Sequence: 1, Author: suggest.AuthorCustomer, Channel: suggest.ChannelEmail, Visibility: suggest.VisibilityPrivate, Text: text}},
	}
}

// Writes is a model that writes sentences, then fails with err.
func Writes(err error, sentences ...suggest.DraftSentence) Drafter {
	return func(ctx context.Context, _ pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
		for _, s := range sentences {
			if err := write(s); err != nil {
				return pipeline.Report{}, err
			}
		}
		return pipeline.Report{Model: "m", Finish: "stop"}, err
	}
}

// Cited is a sentence as a drafter writes it, with the evidence that it cites.
func Cited(s string, numbers ...int) suggest.DraftSentence {
	return suggest.DraftSentence{Break: " ", Text: s, Numbers: numbers}
}

// Tape keeps events as short lines.
type Tape struct {
	mu    sync.Mutex
	lines []string
	Last  suggest.Suggestion
}

// Emit takes an event.
func (t *Tape) Emit(e suggest.Event) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case e.Started != nil:
		t.lines = append(t.lines, fmt.Sprintf("started %s joined=%t", e.Started.Message.ID, e.Started.Joined))
	case e.Evidence != nil:
		t.lines = append(t.lines, fmt.Sprintf("evidence %d", len(e.Evidence.Evidence)))
	case e.Text != nil:
		t.lines = append(t.lines, "text "+e.Text.Text)
	case e.Replace != nil:
		t.lines = append(t.lines, fmt.Sprintf("replace %s %s", e.Replace.Reason.Code, e.Replace.Text))
	case e.Suggestion != nil:
		t.lines = append(t.lines, "suggestion "+string(e.Suggestion.Outcome))
		t.Last = *e.Suggestion
	}
	return nil
}

// All are the events so far.
func (t *Tape) All() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.lines...)
}

// Question is what the article that Baggage finds answers.
const Question = "How heavy may my cabin bag be?"

// HasNotice reports whether a list holds a code, with its sentence.
func HasNotice(list []suggest.Notice, code suggest.NoticeCode) bool {
	return slices.ContainsFunc(list, func(n suggest.Notice) bool { return n.Code == code && n.Message != "" })
}
