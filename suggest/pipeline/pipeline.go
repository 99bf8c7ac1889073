package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
	"github.com/purser-desk/purser/suggest/guard"
	"github.com/purser-desk/purser/suggest/house"
	"github.com/purser-desk/purser/suggest/message"
	"github.com/purser-desk/purser/suggest/phrases"
	"github.com/purser-desk/purser/suggest/support"
	"github.com/purser-desk/purser/suggest/triage"
)

// Profiles knows the confidence profile of each workspace.
type Profiles interface {
	// Profile returns the one in force, nil when the search's own estimate is
	// to count. It never fails: whoever implements it knows what to fall back on.
	// What it returns is not changed by anyone.
	Profile(ctx context.Context, w suggest.Workspace) *confidence.Profile
}

// House knows the settings of each workspace; *house.Cache is one.
type House interface {
	// House returns the settings in force, never nil. What it returns is not changed
	// by anyone.
	House(ctx context.Context, w suggest.Workspace) *house.Settings
	// HouseAt returns those that were in force at a revision, 0 before the first. It
	// fails with house.ErrNoRevision.
	HouseAt(ctx context.Context, w suggest.Workspace, revision int64) (*house.Settings, error)
}

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
	Contacts guard.Contacts
	// House knows how each workspace wants its replies; nil when none says.
	House House
	// Kinds tells what sentences are for; nil: only question marks do.
	Kinds Kinds
	// Sentences embeds sentences to compare what they say; nil: words decide.
	Sentences support.Embedder
	// Analyzer is made when nil.
	Analyzer *analysis.Analyzer
	// Clock is time.Now when nil.
	Clock func() time.Time
	// Today is the time that a model is told, and by which "today" is told; Clock
	// when nil.
	Today  func() time.Time
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
	analyzer   *analysis.Analyzer
	now, today func() time.Time
	log        *slog.Logger
	version    string
	settings   Settings
	recorded   json.RawMessage
	guard      *guard.Guard
	house      House
	kinds      Kinds
	support    *support.Checker
	sentences  *sentenceVectors
	triage     *triage.Triage
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
		searcher: d.Searcher, drafter: d.Drafter, extractive: d.Extractive, detector: d.Detector, profiles: d.Profiles,
		house: d.House, kinds: d.Kinds,
		analyzer: d.Analyzer, now: d.Clock, log: d.Logger, version: d.Version, settings: s,
	}
	if p.analyzer == nil {
		p.analyzer = analysis.NewAnalyzer()
	}
	if p.now == nil {
		p.now = time.Now
	}
	if p.today = d.Today; p.today == nil {
		p.today = p.now
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	recorded, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("record the settings: %w", err)
	}
	p.recorded = recorded
	lists, err := phrases.Load()
	if err != nil {
		return nil, err
	}
	p.triage = triage.New(lists)
	p.guard = guard.New(guard.Options{
		Analyzer: p.analyzer, Phrases: lists, Contacts: d.Contacts, PromptRules: promptRules, Now: p.now, Logger: p.log,
	})
	p.support = support.New(support.Options{Analyzer: p.analyzer})
	p.sentences = newSentenceVectors(d.Sentences)
	return p, nil
}

// Settings are those in use, defaults filled in.
func (p *Pipeline) Settings() Settings { return p.settings }

// Run makes a suggestion from what is given and tells emit, which may be nil,
// the evidence and then the text as it comes, never Started or Suggestion. The
// suggestion carries no ids. Whatever the outcome, it has evidence and a
// confidence, as far as there is anything to search for. Run fails with
// ErrNothingToAnswer, with an error of the search, of emit, or of ctx.
func (p *Pipeline) Run(ctx context.Context, w suggest.Workspace, in suggest.Input, emit func(suggest.Event) error) (suggest.Suggestion, suggest.Record, error) {
	if emit == nil {
		emit = func(suggest.Event) error { return nil }
	}
	deadline := p.deadline(ctx, in)
	clock := stopwatch{now: p.now, last: p.now()}

	a, err := p.intake(in)
	if err != nil {
		return suggest.Suggestion{}, suggest.Record{}, err
	}
	settings := &house.Settings{}
	if p.house != nil {
		settings = p.house.House(ctx, w)
	}
	a.at(settings, in)
	in.Ticket.Facts = withFacts(in.Ticket.Facts, a.facts)
	clock.lap(suggest.StepIntake)
	t := p.triageOf(in, a)
	clock.lap(suggest.StepTriage)
	f, err := p.retrieve(ctx, w, in, &a)
	if err != nil {
		return suggest.Suggestion{}, suggest.Record{}, err
	}
	f.assessed = p.assess(ctx, w, f)
	clock.add(suggest.StepEmbed, f.results.Embed)
	clock.lap(suggest.StepRetrieve)
	return p.finish(ctx, w, in, state{a, t, f}, deadline, &clock, emit)
}

// at adds how the house wants this reply.
func (a *asked) at(h *house.Settings, in suggest.Input) {
	a.house, a.brand = h, h.Brand(in.Ticket.Brand)
	if in.Locale == "" && a.locale == "" && h.DefaultLocale != "" {
		a.draftLocale = h.DefaultLocale
	}
}

// state is what a suggestion is made of once the search is over.
type state struct {
	asked   asked
	triaged triage.Result
	found   found
}

// finish decides, drafts and records.
func (p *Pipeline) finish(ctx context.Context, w suggest.Workspace, in suggest.Input, st state, deadline time.Time, clock *stopwatch, emit func(suggest.Event) error) (suggest.Suggestion, suggest.Record, error) {
	a, t, f := st.asked, st.triaged, st.found
	if err := emit(suggest.Event{Evidence: &suggest.EvidenceFound{Evidence: f.evidence, Requests: f.requests}}); err != nil {
		return suggest.Suggestion{}, suggest.Record{}, err
	}

	s := suggest.Suggestion{
		TicketID: in.Ticket.ID, MessageID: a.message.ID, Evidence: f.evidence,
		Confidence: f.assessed.Confidence, Warnings: warnings(a, t, f), Outcome: t.Outcome, Reason: t.Reason,
		Requests: slices.Clone(f.requests), Guidance: in.Guidance, SettingsRevision: a.house.Revision, Instructions: a.instructions, Fields: a.fields,
	}
	var d drafted
	var err error
	if s.Outcome == suggest.OutcomeDraft {
		if reason, ok := p.decide(f); !ok {
			s.Outcome, s.Reason = suggest.OutcomeNoDraft, reason
		}
	}
	if s.Outcome == suggest.OutcomeDraft {
		if d, err = p.draft(ctx, w, in, a, f, deadline, emit); err != nil {
			return suggest.Suggestion{}, suggest.Record{}, err
		}
		clock.lap(suggest.StepDraft)
		clock.move(suggest.StepDraft, suggest.StepCheck, d.checking)
		p.put(&s, a, d)
	}
	switch {
	case f.results.WordsOnly:
		s.Degraded = append(s.Degraded, suggest.NewNotice(suggest.DegradedWordsOnly))
	case f.results.Partial:
		s.Degraded = append(s.Degraded, suggest.NewNotice(suggest.DegradedPartly))
	}
	s.Provenance = d.provenance
	s.Provenance.Space = f.results.Space
	if f.assessed.ByProfile {
		s.Provenance.Profile, s.Provenance.ProfileHash = f.assessed.Profile, f.assessed.ProfileHash
	}
	s.Provenance.PurserVersion = p.version
	s.Timings = clock.laps
	return s, p.record(in, a, f, d), nil
}

// put puts what drafting came to into the suggestion.
func (p *Pipeline) put(s *suggest.Suggestion, a asked, d drafted) {
	s.Degraded = append(s.Degraded, d.degraded...)
	s.Warnings = append(s.Warnings, d.warnings...)
	if d.draft == nil {
		s.Outcome, s.Reason = suggest.OutcomeNoDraft, d.reason
		return
	}
	s.Draft = d.draft
	p.cover(s, a)
	if slices.ContainsFunc(s.Requests, func(r suggest.CustomerRequest) bool { return len(s.Requests) > 1 && r.Coverage == suggest.CoverageNot }) {
		s.Warnings = append(s.Warnings, suggest.NewNotice(suggest.WarnSeveralQuestions))
	}
	if !s.Draft.Approval("").None() {
		s.Warnings = append(s.Warnings, suggest.NewNotice(suggest.WarnUnverified))
		if a.house.Policies.SupervisorApproves {
			s.Draft.Supervisor = "The house has a supervisor agree to drafts with sentences that nothing was found for."
		}
	}
}

// deadline is when the draft must be whole: the input's limit or the setting's,
// and never behind the caller's own.
func (p *Pipeline) deadline(ctx context.Context, in suggest.Input) time.Time {
	limit := in.Limit
	if limit <= 0 {
		limit = p.settings.TimeLimit
	}
	d := p.now().Add(limit)
	caller, _ := ctx.Deadline()
	for _, end := range [...]time.Time{in.Deadline, caller} {
		if !end.IsZero() && end.Before(d) {
			// A twentieth is left to record the draft and hand it over.
			d = end.Add(-time.Until(end) / 20)
		}
	}
	return d
}

// stopwatch times the steps.
type stopwatch struct {
	now  func() time.Time
	last time.Time
	laps []suggest.Timing
}

func (w *stopwatch) lap(step string) {
	now := w.now()
	spent := now.Sub(w.last)
	w.last = now
	if step == suggest.StepRetrieve {
		for _, l := range w.laps {
			if l.Step == suggest.StepEmbed {
				spent = max(0, spent-l.Duration)
			}
		}
	}
	w.laps = append(w.laps, suggest.Timing{Step: step, Duration: spent})
}

func (w *stopwatch) add(step string, d time.Duration) {
	w.laps = append(w.laps, suggest.Timing{Step: step, Duration: d})
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

// triageOf hands triage what the ticket says.
func (p *Pipeline) triageOf(in suggest.Input, a asked) triage.Result {
	return p.triage.Decide(triage.Query{
		Subject: message.Subject(in.Ticket.Subject), Full: a.full, Question: a.question, Locale: a.locale, FromNote: a.fromNote,
	})
}

// assess tells how sure one can be of what was found, by the workspace's profile.
func (p *Pipeline) assess(ctx context.Context, w suggest.Workspace, f found) confidence.Assessed {
	var profile *confidence.Profile
	if p.profiles != nil {
		profile = p.profiles.Profile(ctx, w)
	}
	return confidence.Assess(profile, &f.results, p.settings.floors(), p.drafter == nil)
}
