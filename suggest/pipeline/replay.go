package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/purser-desk/purser/internal/pii"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
	"github.com/purser-desk/purser/suggest/confidence"
	"github.com/purser-desk/purser/suggest/house"
)

// Replayed is what today's code makes of a suggestion's record.
type Replayed struct {
	Suggestion suggest.Suggestion
	Record     suggest.Record
	// Unsure says in sentences what the record does not hold, so that the replay
	// may differ from what was for that alone.
	Unsure []string
}

// Replay makes a suggestion again from its own record: the same ticket,
// settings, evidence and confidence, and the words that the model wrote then,
// through today's triage, reader and checks. It asks no model, searches nothing
// and stores nothing. It fails with ErrNoRecord for a suggestion that was never
// finished. Which contacts may be told is today's matter: w says whose list counts.
func (p *Pipeline) Replay(ctx context.Context, w suggest.Workspace, s suggest.Suggestion, r suggest.Record) (Replayed, error) {
	in, err := r.Input()
	if err != nil {
		return Replayed{}, err
	}
	in.MessageID, in.Limit = s.MessageID, 0
	then, played := *p, Replayed{}
	then.settings = Settings{} // what a record leaves out was empty then
	if err := json.Unmarshal(r.Settings, &then.settings); err != nil {
		then.settings = p.settings
		played.Unsure = append(played.Unsure, "The record holds no settings; today's were used.")
	}
	then.settings = then.settings.WithDefaults()
	if then.recorded, err = json.Marshal(then.settings); err != nil {
		return Replayed{}, fmt.Errorf("record the settings: %w", err)
	}
	model := newRecordedDrafter(s, r)
	then.drafter = nil
	if model != nil {
		then.drafter = model
	}
	a, err := then.intake(in)
	if err != nil {
		return Replayed{}, err
	}
	settings := &house.Settings{}
	if p.house != nil {
		if settings, err = p.house.HouseAt(ctx, w, s.SettingsRevision); err != nil {
			settings = p.house.House(ctx, w)
			played.Unsure = append(played.Unsure, "The workspace's settings of then can't be read; today's were used.")
		}
	}
	a.at(settings, in)
	a.search = firstOf(r.Question, a.search)
	if a.locale == "" && r.Locale != "" {
		a.draftLocale = r.Locale // what was found told it
	}
	st := state{a, then.triageOf(in, a), foundThen(s, r, a)}
	if r.Floors == nil {
		played.Unsure = append(played.Unsure, "The record holds no floors under the confidence, as those of older versions; today's were used.")
		floors := then.settings.floors().Standard()
		st.found.assessed.KnowledgeFloor, st.found.assessed.QuoteFloor = floors.Knowledge, floors.Quote
	}
	clock := stopwatch{now: p.now, last: p.now()}
	deadline := p.now().Add(then.settings.TimeLimit)
	played.Suggestion, played.Record, err = then.finish(ctx, w, in, st, deadline, &clock, func(suggest.Event) error { return nil })
	if err != nil {
		return Replayed{}, err
	}
	played.doubt(s, r, model)
	return played, nil
}

// doubt adds what could make the replay differ though nothing changed.
func (d *Replayed) doubt(s suggest.Suggestion, r suggest.Record, model *recordedDrafter) {
	switch {
	case model == nil:
	case model.lacking:
		d.Unsure = append(d.Unsure, "Today's rules would ask the model, and the record holds no answer of it, since it was not asked then.")
	case r.Placeholders == nil && r.Floors == nil && r.Output != "" && d.Suggestion.Provenance.PromptHash != s.Provenance.PromptHash:
		d.Unsure = append(d.Unsure, "The record does not hold what the placeholders in the model's answer stand for, and the prompt is another one today: names and numbers may be exchanged.")
	}
	if len(s.Evidence) > 0 && !slices.ContainsFunc(s.Evidence, func(e suggest.Evidence) bool { return e.Text != "" }) {
		d.Unsure = append(d.Unsure, "The record does not hold the text of the evidence, so no statement could be checked against it.")
	}
}

// foundThen is what the search found then.
func foundThen(s suggest.Suggestion, r suggest.Record, a asked) found {
	f := found{
		results: knowledge.Results{
			Features: r.Features, Confidence: r.Features[confidence.FeatureEstimate], Space: s.Provenance.Space,
			Partial:   slices.ContainsFunc(s.Degraded, func(n suggest.Notice) bool { return n.Code == suggest.DegradedPartly }),
			WordsOnly: slices.ContainsFunc(s.Degraded, func(n suggest.Notice) bool { return n.Code == suggest.DegradedWordsOnly }),
		},
		ranking: r.Ranking, evidence: s.Evidence, requests: bareRequests(s.Requests), otherLanguage: len(s.Evidence) > 0,
		assessed: confidence.Assessed{Assessment: r.Assessment, Confidence: s.Confidence, ByProfile: r.Assessment.Profile != "" && r.Assessment.PassedOver == ""},
	}
	if r.Floors != nil {
		f.assessed.KnowledgeFloor, f.assessed.QuoteFloor = r.Floors.Knowledge, r.Floors.Quotes
	}
	for _, e := range s.Evidence {
		if text.BaseLanguage(e.Locale) == text.BaseLanguage(a.draftLocale) {
			f.otherLanguage = false
		}
	}
	return f
}

// bareRequests are requests as they were before there was a draft.
func bareRequests(requests []suggest.CustomerRequest) []suggest.CustomerRequest {
	out := slices.Clone(requests)
	for i := range out {
		out[i].Coverage, out[i].ClaimIDs = "", nil
	}
	return out
}

// recordedDrafter writes what a model wrote then.
type recordedDrafter struct {
	name     string
	report   Report
	fault    suggest.DraftFault
	retry    time.Duration
	redactor *pii.Redactor
	// lacking is set when it is asked for what was never written.
	lacking bool
}

// newRecordedDrafter is nil when there was no model.
func newRecordedDrafter(s suggest.Suggestion, r suggest.Record) *recordedDrafter {
	if r.Configured == "" && len(r.Prompt) == 0 && r.Fault == "" {
		return nil
	}
	d := &recordedDrafter{
		name: firstOf(r.Configured, "model"), fault: r.Fault, retry: r.RetryAfter,
		report: Report{
			Model: s.Provenance.Model, Finish: r.Finish, Request: r.Prompt, Output: r.Output,
			PromptTokens: s.Provenance.PromptTokens, CompletionTokens: s.Provenance.CompletionTokens,
		},
	}
	if r.Configured == "" && s.Provenance.Drafter != "" && s.Provenance.Model != "" {
		d.name = s.Provenance.Drafter
	}
	if r.Placeholders != nil || r.Floors != nil { // which records have that keep placeholders
		d.redactor = pii.Recorded(r.Placeholders)
	}
	return d
}

func (d *recordedDrafter) Name() string { return d.name }

// UsesPrompt implements Prompted.
func (d *recordedDrafter) UsesPrompt() bool { return true }

// Draft implements Drafter.
func (d *recordedDrafter) Draft(_ context.Context, t Task, write func(suggest.DraftSentence) error) (Report, error) {
	if d.report.Output == "" && d.fault == "" {
		d.lacking = true
		return d.report, &DraftError{Fault: suggest.FaultEmpty, Detail: "the record holds no answer"}
	}
	written := false
	none := &DraftError{Fault: suggest.FaultNoAnswer}
	reader := answer.NewReader(t.Locale, func(s suggest.DraftSentence) error {
		if SaysNoAnswer(s.Text) {
			if written {
				return nil
			}
			return none
		}
		written = true
		return write(s)
	})
	err := reader.Write(d.report.Output)
	if err == nil {
		err = reader.Close(d.fault == "" || d.fault == suggest.FaultNoAnswer)
	}
	if err == nil && d.fault != "" && d.fault != suggest.FaultNoAnswer {
		err = &DraftError{Fault: d.fault, RetryAfter: d.retry}
	}
	return d.report, err
}
