package suggest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/knowledge"
)

// Deps are what a Pipeline works with. Searcher is needed; without Drafter
// Purser drafts extractively, without either it drafts nothing.
type Deps struct {
	Searcher knowledge.Searcher
	// Drafter is a model's; nil when none is configured.
	Drafter Drafter
	// Extractive drafts when the model can't.
	Extractive Drafter
	// Detector is best given: without it no language is recognised or checked.
	Detector Detector
	// Profiles are the workspaces' confidence profiles; nil when there are none,
	// and the confidence is the search's own estimate.
	Profiles Profiles
	// Contacts are what the workspaces trust; nil when no workspace has a list,
	// and contacts need only stand in what is cited.
	Contacts Contacts
	// Analyzer is made when nil.
	Analyzer *analysis.Analyzer
	// Clock is time.Now when nil.
	Clock  func() time.Time
	Logger *slog.Logger
	// Version is Purser's, for the record.
	Version string
}

// Pipeline turns a ticket into a suggestion. It stores nothing, and is safe for
// concurrent use.
type Pipeline struct {
	searcher   knowledge.Searcher
	drafter    Drafter
	extractive Drafter
	detector   Detector
	profiles   Profiles
	contacts   Contacts
	analyzer   *analysis.Analyzer
	now        func() time.Time
	log        *slog.Logger
	version    string
	settings   Settings
	recorded   json.RawMessage

	ruleSets       []*ruleSet // English last
	ruleByLanguage map[string]*ruleSet
	promptShingles map[uint64]struct{}
	functionWords  map[string]uint16
}

// New makes a Pipeline. It fails when settings can't be.
func New(d Deps, s Settings) (*Pipeline, error) {
	if d.Searcher == nil {
		return nil, errors.New("a pipeline needs a searcher")
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	s = s.WithDefaults()
	p := &Pipeline{
		searcher: d.Searcher, drafter: d.Drafter, extractive: d.Extractive, detector: d.Detector, profiles: d.Profiles, contacts: d.Contacts,
		analyzer: d.Analyzer, now: d.Clock, log: d.Logger, version: d.Version, settings: s,
	}
	if p.analyzer == nil {
		p.analyzer = analysis.NewAnalyzer()
	}
	if p.now == nil {
		p.now = time.Now
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if p.recorded, err = json.Marshal(s); err != nil {
		return nil, fmt.Errorf("record the settings: %w", err)
	}
	if p.ruleByLanguage, err = loadRules(); err != nil {
		return nil, err
	}
	for _, language := range ruleLanguages {
		if language != "en" {
			p.ruleSets = append(p.ruleSets, p.ruleByLanguage[language])
		}
	}
	p.ruleSets = append(p.ruleSets, p.ruleByLanguage["en"])
	p.functionWords = functionWords()
	p.promptShingles = shingles(withoutBorders(foldedWords(promptRules)))
	return p, nil
}

// Settings are those in use, defaults filled in.
func (p *Pipeline) Settings() Settings { return p.settings }

func (p *Pipeline) lexemes(locale, s string) []string {
	return p.analyzer.Lexemes(locale, s)
}

// Run makes a suggestion from what is given and tells emit, which may be nil,
// the evidence and then the text as it comes, never Started or Suggestion. The
// suggestion carries no ids. Whatever the outcome, it has evidence and a
// confidence, as far as there is anything to search for. Run fails with
// ErrNothingToAnswer, with an error of the search, of emit, or of ctx.
func (p *Pipeline) Run(ctx context.Context, w Workspace, in Input, emit func(Event) error) (Suggestion, Record, error) {
	if emit == nil {
		emit = func(Event) error { return nil }
	}
	deadline := p.deadline(ctx, in)
	clock := stopwatch{now: p.now, last: p.now()}

	a, err := p.intake(in)
	if err != nil {
		return Suggestion{}, Record{}, err
	}
	clock.lap(StepIntake)
	t := p.triage(in, a)
	clock.lap(StepTriage)
	f, err := p.retrieve(ctx, w, in, a)
	if err != nil {
		return Suggestion{}, Record{}, err
	}
	f.judged = p.judge(ctx, w, f)
	clock.add(StepEmbed, f.results.Embed)
	clock.lap(StepRetrieve)
	return p.settle(ctx, w, in, material{a, t, f}, deadline, &clock, emit)
}

// material is what a suggestion is made of once the search is over.
type material struct {
	asked   asked
	triaged triaged
	found   found
}

// settle decides, drafts and records.
func (p *Pipeline) settle(ctx context.Context, w Workspace, in Input, m material, deadline time.Time, clock *stopwatch, emit func(Event) error) (Suggestion, Record, error) {
	a, t, f := m.asked, m.triaged, m.found
	if err := emit(Event{Evidence: &EvidenceFound{Evidence: f.evidence}}); err != nil {
		return Suggestion{}, Record{}, err
	}

	s := Suggestion{
		TicketID: in.Ticket.ID, MessageID: a.message.ID, Evidence: f.evidence,
		Confidence: f.judged.confidence, Warnings: warnings(a, t, f), Outcome: t.outcome, Reason: t.reason,
	}
	var d drafted
	var err error
	if s.Outcome == OutcomeDraft {
		if reason, ok := p.decide(f); !ok {
			s.Outcome, s.Reason = OutcomeNoDraft, reason
		}
	}
	if s.Outcome == OutcomeDraft {
		if d, err = p.draft(ctx, w, in, a, f, deadline, emit); err != nil {
			return Suggestion{}, Record{}, err
		}
		clock.lap(StepDraft)
		clock.move(StepDraft, StepCheck, d.checking)
		p.finish(&s, a, t, d)
	}
	if f.results.WordsOnly {
		s.Degraded = append(s.Degraded, notice(DegradedWordsOnly))
	}
	s.Provenance = d.provenance
	s.Provenance.Space = f.results.Space
	if f.judged.used {
		s.Provenance.Profile, s.Provenance.ProfileHash = f.judged.Profile, f.judged.ProfileHash
	}
	s.Provenance.PurserVersion = p.version
	s.Timings = clock.laps
	return s, p.record(in, a, t, f, d), nil
}

// finish puts what drafting came to into the suggestion.
func (p *Pipeline) finish(s *Suggestion, a asked, t triaged, d drafted) {
	s.Degraded = append(s.Degraded, d.degraded...)
	s.Warnings = append(s.Warnings, d.warnings...)
	if d.draft == nil {
		s.Outcome, s.Reason = OutcomeNoDraft, d.reason
		return
	}
	s.Draft = d.draft
	if p.uncovered(t.questions, a, *s) {
		s.Warnings = append(s.Warnings, notice(WarnSeveralQuestions))
	}
}

// deadline is when the draft must be whole: the input's limit or the setting's,
// and never behind the caller's own.
func (p *Pipeline) deadline(ctx context.Context, in Input) time.Time {
	limit := in.Limit
	if limit <= 0 {
		limit = p.settings.TimeLimit
	}
	d := p.now().Add(limit)
	if caller, ok := ctx.Deadline(); ok && caller.Before(d) {
		// A twentieth is left to record the draft and hand it over.
		d = caller.Add(-time.Until(caller) / 20)
	}
	return d
}

// stopwatch times the steps.
type stopwatch struct {
	now  func() time.Time
	last time.Time
	laps []Timing
}

func (w *stopwatch) lap(step string) {
	now := w.now()
	spent := now.Sub(w.last)
	w.last = now
	if step == StepRetrieve {
		for _, l := range w.laps {
			if l.Step == StepEmbed {
				spent = max(0, spent-l.Duration)
			}
		}
	}
	w.laps = append(w.laps, Timing{Step: step, Duration: spent})
}

func (w *stopwatch) add(step string, d time.Duration) {
	w.laps = append(w.laps, Timing{Step: step, Duration: d})
}

// move books a part of one step under another.
func (w *stopwatch) move(from, to string, d time.Duration) {
	for i := range w.laps {
		if w.laps[i].Step == from {
			w.laps[i].Duration = max(0, w.laps[i].Duration-d)
		}
	}
	w.add(to, d)
}
