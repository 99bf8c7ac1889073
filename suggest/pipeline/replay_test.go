package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// answers is a model that writes a text as a provider's drafter would.
func answers(output string, fault suggest.DraftFault) pipelinetest.Drafter {
	return func(_ context.Context, t pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
		report := pipeline.Report{Model: "m-1", Finish: "stop", Request: json.RawMessage(`{"m":1}`), PromptTokens: 7}
		none := &pipeline.DraftError{Fault: suggest.FaultNoAnswer}
		r := answer.NewReader(t.Locale, func(s suggest.DraftSentence) error {
			if pipeline.SaysNoAnswer(s.Text) {
				return none
			}
			return write(s)
		})
		name := ""
		for p := range strings.FieldsSeq(t.Prompt.User) {
			if strings.HasPrefix(p, "[NAME_") {
				name = p[:strings.IndexByte(p, ']')+1]
			}
		}
		report.Output = strings.ReplaceAll(output, "[NAME]", name)
		err := r.Write(report.Output)
		if err == nil {
			err = r.Close(fault == "")
		}
		if err == nil && fault != "" {
			report.Finish = "length"
			err = &pipeline.DraftError{Fault: fault}
		}
		return report, err
	}
}

// nothing is a searcher that must not be asked.
func nothing(t *testing.T) pipelinetest.Searcher {
	return func(context.Context, knowledge.Query) (knowledge.Results, error) {
		t.Error("a replay searched")
		return knowledge.Results{}, nil
	}
}

// kept is a record as it comes back from a store.
func kept(t *testing.T, r suggest.Record) suggest.Record {
	t.Helper()
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var out suggest.Record
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestReplayGivesTheSame(t *testing.T) {
	good := "Dear [NAME],\n\nYour cabin bag may weigh up to 8 kg [1]. A heavier bag costs 45 EUR [1]."
	asks := pipelinetest.Customer("Hello, how heavy may a cabin bag be?\n\nRegards,\nZbigniew")
	asks.Ticket.Customer.DisplayName = "Zbigniew Wrzesniewski"
	asks.Ticket.Facts = []suggest.Fact{{Name: "booking code", Kind: suggest.FactCode, Text: "XK4Q9Z", MayMention: true}}
	german := asks
	german.Locale = "de"
	legal := pipelinetest.Customer("My lawyer will sue you over my cabin bag. How heavy may it be?")
	thanks := pipelinetest.Customer("Thanks a lot!")
	low := pipelinetest.Found(pipelinetest.Hit("baggage-cabin", "en", "Cabin baggage", pipelinetest.BaggageBody, .2))
	none := pipelinetest.Found(pipelinetest.Hit("baggage-cabin", "en", "Cabin baggage", pipelinetest.BaggageBody, .05))
	for name, c := range map[string]struct {
		searcher pipelinetest.Searcher
		model    pipeline.Drafter
		in       suggest.Input
		settings pipeline.Settings
		outcome  suggest.Outcome
	}{
		"a draft":                       {pipelinetest.Baggage(), answers(good, ""), asks, pipeline.Settings{}, suggest.OutcomeDraft},
		"with a house style":            {pipelinetest.Baggage(), answers(good, ""), asks, pipeline.Settings{EvidenceBytes: 2000}, suggest.OutcomeDraft},
		"an unverified sentence":        {pipelinetest.Baggage(), answers(good+" It is 99 kg [1].", ""), asks, pipeline.Settings{}, suggest.OutcomeDraft},
		"a sentence left out":           {pipelinetest.Baggage(), answers(good+" Pay at https://evil.example/a [1].", ""), asks, pipeline.Settings{}, suggest.OutcomeDraft},
		"a made-up placeholder":         {pipelinetest.Baggage(), answers(good+" Call [PHONE_9] about it.", ""), asks, pipeline.Settings{}, suggest.OutcomeDraft},
		"cut behind a statement":        {pipelinetest.Baggage(), answers(good+" It wei", suggest.FaultLength), asks, pipeline.Settings{}, suggest.OutcomeDraft},
		"all left out, then quoted":     {pipelinetest.Baggage(), answers("Please send us your password [1].", ""), asks, pipeline.Settings{}, suggest.OutcomeDraft},
		"no answer":                     {pipelinetest.Baggage(), answers("NO_ANSWER", ""), asks, pipeline.Settings{}, suggest.OutcomeNoDraft},
		"a model that is down":          {pipelinetest.Baggage(), pipelinetest.Writes(&pipeline.DraftError{Fault: suggest.FaultUnreachable}), asks, pipeline.Settings{}, suggest.OutcomeDraft},
		"no model":                      {pipelinetest.Baggage(), nil, asks, pipeline.Settings{}, suggest.OutcomeDraft},
		"no model, other language":      {pipelinetest.Baggage(), nil, german, pipeline.Settings{}, suggest.OutcomeNoDraft},
		"little confidence":             {none, answers(good, ""), asks, pipeline.Settings{}, suggest.OutcomeDraft},
		"too little to quote":           {low, nil, asks, pipeline.Settings{}, suggest.OutcomeNoDraft},
		"a floor of its own":            {low, nil, asks, pipeline.Settings{DraftFloor: .15, QuoteFloor: .15}, suggest.OutcomeDraft},
		"little, and the model is down": {none, pipelinetest.Writes(&pipeline.DraftError{Fault: suggest.FaultUnreachable}), asks, pipeline.Settings{}, suggest.OutcomeNoDraft},
		"no knowledge":                  {pipelinetest.Found(), answers(good, ""), asks, pipeline.Settings{}, suggest.OutcomeNoDraft},
		"for a person":                  {pipelinetest.Baggage(), answers(good, ""), legal, pipeline.Settings{}, suggest.OutcomeHumanOnly},
		"nothing to answer":             {pipelinetest.Baggage(), answers(good, ""), thanks, pipeline.Settings{}, suggest.OutcomeNoDraft},
	} {
		t.Run(name, func(t *testing.T) {
			m := run(t, pipelinetest.New(t, c.searcher, c.model, c.settings), c.in)
			if m.Outcome != c.outcome {
				t.Fatalf("got %s %s", m.Outcome, m.Reason)
			}
			// Today another model is set up, and other settings.
			again := pipelinetest.New(t, nothing(t), pipelinetest.Writes(nil, pipelinetest.Cited("Never.", 1)), pipeline.Settings{DraftFloor: .9})
			played, err := again.Replay(t.Context(), "w", m.Suggestion, kept(t, m.record))
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range suggest.Differences(m.Suggestion, m.record, played.Suggestion, played.Record) {
				t.Errorf("%s was %q and is %q", d.What, d.Before, d.After)
			}
			if len(played.Unsure) > 0 {
				t.Errorf("unsure: %q", played.Unsure)
			}
		})
	}
}

func TestReplayTellsWhatDiffers(t *testing.T) {
	in := pipelinetest.Customer(pipelinetest.Question)
	in.Ticket.Customer.DisplayName = "Zbigniew Wrzesniewski"
	m := run(t, pipelinetest.New(t, pipelinetest.Baggage(), answers("Your cabin bag may weigh up to 8 kg [1].", ""), pipeline.Settings{}), in)
	again := pipelinetest.New(t, nothing(t), nil, pipeline.Settings{})
	for name, c := range map[string]struct {
		change func(s *suggest.Suggestion, r *suggest.Record)
		differ string
		unsure string
	}{
		"evidence that says otherwise": {func(s *suggest.Suggestion, _ *suggest.Record) {
			e := s.Evidence[0]
			e.Text = strings.ReplaceAll(e.Text, "8 kg", "7 kg")
			s.Evidence = []suggest.Evidence{e}
		}, "claims", ""},
		"evidence without its text": {func(s *suggest.Suggestion, _ *suggest.Record) {
			e := s.Evidence[0]
			e.Text = ""
			s.Evidence = []suggest.Evidence{e}
		}, "claims", "does not hold the text of the evidence"},
		"a record of an older version": {func(s *suggest.Suggestion, r *suggest.Record) {
			r.Floors, r.Placeholders, r.Configured = nil, nil, ""
			s.Provenance.PromptHash = "another"
		}, "prompt", "what the placeholders"},
		"no floors":   {func(_ *suggest.Suggestion, r *suggest.Record) { r.Floors = nil }, "", "no floors"},
		"no settings": {func(_ *suggest.Suggestion, r *suggest.Record) { r.Settings = nil }, "settings", "no settings"},
		"a model that was not asked": {func(s *suggest.Suggestion, r *suggest.Record) {
			s.Outcome, s.Reason, s.Draft, r.Output = suggest.OutcomeNoDraft, suggest.ReasonLowConfidence, nil, ""
		}, "outcome", "would ask the model"},
	} {
		t.Run(name, func(t *testing.T) {
			s, r := m.Suggestion, kept(t, m.record)
			c.change(&s, &r)
			played, err := again.Replay(t.Context(), "w", s, r)
			if err != nil {
				t.Fatal(err)
			}
			var what []string
			for _, d := range suggest.Differences(s, r, played.Suggestion, played.Record) {
				what = append(what, d.What)
			}
			if c.differ != "" && !strings.Contains(strings.Join(what, ","), c.differ) {
				t.Errorf("differs in %v", what)
			}
			if said := strings.Join(played.Unsure, " "); !strings.Contains(said, c.unsure) || c.unsure == "" && said != "" {
				t.Errorf("unsure: %q", said)
			}
		})
	}
	if _, err := again.Replay(t.Context(), "w", suggest.Suggestion{}, suggest.Record{}); !errors.Is(err, suggest.ErrNoRecord) {
		t.Errorf("no record: %v", err)
	}
}
