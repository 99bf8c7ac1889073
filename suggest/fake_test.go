package suggest_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/extractive"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	contextT         = context.Context
	knowledgeQuery   = knowledge.Query
	knowledgeResults = knowledge.Results
)

const workspace = suggest.Workspace("11111111-1111-1111-1111-111111111111")

// searcher is a knowledge.Searcher made of a function.
type searcher func(ctx context.Context, q knowledge.Query) (knowledge.Results, error)

func (s searcher) Search(ctx context.Context, _ knowledge.Workspace, q knowledge.Query) (knowledge.Results, error) {
	return s(ctx, q)
}

// drafter is a suggest.Drafter made of a function.
type drafter func(ctx context.Context, t suggest.DraftTask, write func(suggest.DraftSentence) error) (suggest.DraftReport, error)

func (drafter) Name() string     { return "openai" }
func (drafter) UsesPrompt() bool { return true }
func (d drafter) Draft(ctx context.Context, t suggest.DraftTask, write func(suggest.DraftSentence) error) (suggest.DraftReport, error) {
	return d(ctx, t, write)
}

var (
	sharedDetector = sync.OnceValue(langid.NewDetector)
	sharedAnalyzer = sync.OnceValue(analysis.NewAnalyzer)
)

const baggageBody = `You may bring one cabin bag of up to 8 kg and 55 x 40 x 23 cm. A personal item must fit under the seat in front of you.

A heavier bag must be checked in at the airport for 45 EUR. Payment is by card at the desk.`

// hit is an article with one passage.
func hit(key, locale, title, body string, score float64) knowledge.Hit {
	return knowledge.Hit{
		ArticleID: "id-" + key, Key: key, Locale: locale, Revision: 2, Title: title, Score: score,
		URL:      "https://help.skerry.example/" + key,
		Passages: []knowledge.FoundPassage{{ID: key + "/2/0", Start: 0, End: len(body), Text: body, Dense: score, Words: 4}},
	}
}

func found(hits ...knowledge.Hit) searcher {
	return func(context.Context, knowledge.Query) (knowledge.Results, error) {
		confidence := 0.0
		if len(hits) > 0 {
			confidence = hits[0].Score
		}
		return knowledge.Results{Hits: hits, Space: "test", Confidence: confidence, Embed: time.Millisecond}, nil
	}
}

func baggage() searcher { return found(hit("baggage-cabin", "en", "Cabin baggage", baggageBody, .8)) }

func newPipeline(t *testing.T, s knowledge.Searcher, model suggest.Drafter, settings suggest.Settings) *suggest.Pipeline {
	t.Helper()
	p, err := suggest.New(suggest.Deps{
		Searcher: s, Drafter: model, Extractive: extractive.New(sharedAnalyzer()),
		Detector: sharedDetector(), Analyzer: sharedAnalyzer(), Version: "test",
	}, settings)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func benchDeps(s searcher, model suggest.Drafter) suggest.Deps {
	return suggest.Deps{
		Searcher: s, Drafter: model, Extractive: extractive.New(sharedAnalyzer()),
		Detector: sharedDetector(), Analyzer: sharedAnalyzer(), Version: "test",
	}
}

func customer(text string) suggest.Input {
	return suggest.Input{
		Ticket:   suggest.Ticket{ID: "t1", Channel: suggest.ChannelEmail},
		Messages: []suggest.Message{{ID: "m1", Sequence: 1, Author: suggest.AuthorCustomer, Channel: suggest.ChannelEmail, Visibility: suggest.VisibilityPrivate, Text: text}},
	}
}

// writes is a model that writes sentences, then fails with err.
func writes(err error, sentences ...suggest.DraftSentence) drafter {
	return func(ctx context.Context, _ suggest.DraftTask, write func(suggest.DraftSentence) error) (suggest.DraftReport, error) {
		for _, s := range sentences {
			if err := write(s); err != nil {
				return suggest.DraftReport{}, err
			}
		}
		return suggest.DraftReport{Model: "m", Finish: "stop"}, err
	}
}

func cited(s string, numbers ...int) suggest.DraftSentence {
	return suggest.DraftSentence{Break: " ", Text: s, Numbers: numbers}
}

// memory is a SuggestionStore for one suggestion at a time, made of functions
// where a test needs others.
type memory struct {
	mu     sync.Mutex
	rows   map[string]*row
	ticket suggest.Ticket
	msgs   []suggest.Message
	calls  map[string]int
	begin  func()
	finish func() error
	renew  func() error
}

type row struct {
	s      suggest.Suggestion
	r      suggest.Record
	hash   string
	owner  string
	lease  time.Time
	reqKey string
}

func newMemory(in suggest.Input) *memory {
	return &memory{rows: map[string]*row{}, ticket: in.Ticket, msgs: in.Messages, calls: map[string]int{}}
}

func (m *memory) count(name string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls[name]
}

func (m *memory) row(id string) *row {
	for _, r := range m.rows {
		if r.s.ID == id {
			return r
		}
	}
	return nil
}

func (m *memory) Begin(_ context.Context, _ suggest.Workspace, r suggest.Request, newID, owner string, lease time.Duration, now time.Time) (suggest.Begun, error) {
	if m.begin != nil {
		m.begin()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls["begin"]++
	key := r.KeyID + "/" + r.RequestID
	if old := m.rows[key]; old != nil {
		if old.hash != string(r.PayloadHash) {
			return suggest.Begun{}, suggest.ErrRequestReused
		}
		b := suggest.Begun{Suggestion: old.s, Joined: true, Ticket: m.ticket, Messages: m.msgs}
		if old.s.State == suggest.StateAbandoned || old.s.State == suggest.StateRunning && old.lease.Before(time.Now()) {
			old.s.State, old.owner, old.lease = suggest.StateRunning, owner, time.Now().Add(lease)
			b.Mine, b.Suggestion = true, old.s
		}
		return b, nil
	}
	n := &row{hash: string(r.PayloadHash), owner: owner, lease: time.Now().Add(lease), reqKey: key}
	n.s = suggest.Suggestion{ID: newID, TicketID: r.TicketID, MessageID: m.msgs[len(m.msgs)-1].ID, State: suggest.StateRunning, Revision: 1, Actor: r.Actor, CreateTime: now}
	m.rows[key] = n
	return suggest.Begun{Suggestion: n.s, Ticket: m.ticket, Messages: m.msgs, Mine: true}, nil
}

func (m *memory) Renew(_ context.Context, _ suggest.Workspace, id, owner string, lease time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls["renew"]++
	if m.renew != nil {
		return m.renew()
	}
	r := m.row(id)
	if r.owner != owner {
		return suggest.ErrLeaseLost
	}
	r.lease = time.Now().Add(lease)
	return nil
}

func (m *memory) Finish(_ context.Context, _ suggest.Workspace, owner string, s suggest.Suggestion, rec suggest.Record) (suggest.Suggestion, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls["finish"]++
	if m.finish != nil {
		if err := m.finish(); err != nil {
			return suggest.Suggestion{}, err
		}
	}
	r := m.row(s.ID)
	if r.owner != owner {
		return suggest.Suggestion{}, suggest.ErrLeaseLost
	}
	s.Revision++
	r.s, r.r = s, rec
	return s, nil
}

func (m *memory) Abandon(_ context.Context, _ suggest.Workspace, id, owner string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls["abandon"]++
	if r := m.row(id); r != nil && r.owner == owner && r.s.State == suggest.StateRunning {
		r.s.State = suggest.StateAbandoned
	}
	return nil
}

func (m *memory) Suggestion(_ context.Context, _ suggest.Workspace, id string) (suggest.Suggestion, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.row(id); r != nil {
		return r.s, nil
	}
	return suggest.Suggestion{}, suggest.ErrSuggestionNotFound
}

func (m *memory) Record(_ context.Context, _ suggest.Workspace, id string) (suggest.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.row(id); r != nil {
		return r.r, nil
	}
	return suggest.Record{}, suggest.ErrSuggestionNotFound
}

func (m *memory) Suggestions(context.Context, suggest.Workspace, suggest.SuggestionFilter) ([]suggest.Suggestion, error) {
	return nil, nil
}

func (m *memory) Decide(_ context.Context, _ suggest.Workspace, r suggest.DecideRequest, changes func(suggest.Draft) []suggest.SentenceChange) (suggest.Suggestion, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	row := m.row(r.SuggestionID)
	if row == nil {
		return suggest.Suggestion{}, suggest.ErrSuggestionNotFound
	}
	d := r.Decision
	if d.Kind == suggest.DecisionEdit {
		d.Changes = changes(*row.s.Draft)
	}
	row.s.Decision = &d
	return row.s, nil
}

func (m *memory) Deliver(_ context.Context, _ suggest.Workspace, r suggest.DeliveryReport, id string, _ time.Time) (suggest.Message, *suggest.Suggestion, error) {
	return suggest.Message{ID: id, Text: r.Text}, nil, nil
}

// tape keeps events as short lines.
type tape struct {
	mu    sync.Mutex
	lines []string
	last  suggest.Suggestion
}

func (t *tape) emit(e suggest.Event) error {
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
		t.last = *e.Suggestion
	}
	return nil
}

func (t *tape) all() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.lines...)
}
