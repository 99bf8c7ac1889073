package eval_test

import (
	"testing"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

func TestFailingSaysWhy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		r    eval.CaseResult
		want string
	}{
		{"error", eval.CaseResult{Error: "down"}, "it failed: down"},
		{"silent", eval.CaseResult{Expect: suite.ExpectAnswer, Outcome: suggest.OutcomeNoDraft}, "no draft was given"},
		{"talks", eval.CaseResult{Expect: suite.ExpectNone, Outcome: suggest.OutcomeDraft}, "a draft was given, and none was expected"},
		{"not left to a person", eval.CaseResult{Expect: suite.ExpectHuman, Outcome: suggest.OutcomeNoDraft}, "it was not left to a person"},
		{"other reason", eval.CaseResult{Expect: suite.ExpectHuman, Outcome: suggest.OutcomeHumanOnly, Reason: "PRESS", Want: "LEGAL"}, `the reason is "PRESS", not "LEGAL"`},
		{"says too much", eval.CaseResult{Expect: suite.ExpectAnswer, Outcome: suggest.OutcomeDraft, Scores: map[string]float64{eval.MustNotSayKept: 0}}, "the draft says what it must not"},
		{"good", eval.CaseResult{Expect: suite.ExpectAnswer, Outcome: suggest.OutcomeDraft, Scores: map[string]float64{eval.MustSayKept: 1}}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.r.Failing(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
