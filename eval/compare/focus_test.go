package compare_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

func changedIDs(c compare.Comparison) []string {
	out := []string{}
	for i := range c.Changed {
		out = append(out, c.Changed[i].ID)
	}
	return out
}

func TestRunsInWhichEverythingFailedTellNothing(t *testing.T) {
	t.Parallel()
	failed := func() eval.Report {
		r := evaltest.Planted(make([]bool, 20))
		for i := range r.Cases {
			r.Cases[i].Error, r.Cases[i].Scores = "the provider is down", nil
		}
		r.Measure()
		return r
	}
	for name, other := range map[string]eval.Report{"both": failed(), "one": evaltest.Planted(make([]bool, 20))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := compared(t, failed(), other)
			if c.Identical || c.Pairs != 0 || len(c.Failed) != 20 {
				t.Errorf("identical %v, %d pairs, %d failed", c.Identical, c.Pairs, len(c.Failed))
			}
			if d := c.Metrics[eval.HitAt1]; d.Verdict != compare.CantTell || d.N != 0 {
				t.Errorf("hit_at_1: %+v", d)
			}
			raw, err := c.JSON()
			if err != nil || !strings.Contains(string(raw), `"change": null`) {
				t.Errorf("figures of nothing are not null: %v", err)
			}
			var out bytes.Buffer
			if err := c.WriteTable(&out, 3, 0); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), "nothing can be told") || strings.Contains(out.String(), "identical") {
				t.Errorf("the table: %s", out.String())
			}
		})
	}
}

func TestOtherFailuresAreNotIdentical(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		a, b      string
		identical bool
	}{
		{"the same failure", "slow", "slow", true},
		{"another failure", "slow", "down", false},
		{"failed in one", "slow", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a, b := evaltest.Planted(make([]bool, 20)), evaltest.Planted(make([]bool, 20))
			a.Cases[3].Error, b.Cases[3].Error = test.a, test.b
			if test.b == "" {
				b.Cases[4].Error = "slow" // as many failures, but of another case
			}
			a.Measure()
			b.Measure()
			if c := compared(t, a, b); c.Identical != test.identical {
				t.Errorf("identical is %v: %v", c.Identical, c.Failed)
			}
		})
	}
}

func TestWhatIsNotAScoreIsAChangeToo(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(r *eval.CaseResult){
		"evidence":  func(r *eval.CaseResult) { r.Evidence[0].Text = "One bag is not free." },
		"citations": func(r *eval.CaseResult) { r.Claims = nil },
		"notices":   func(r *eval.CaseResult) { r.Degraded = []suggest.NoticeCode{suggest.DegradedModelSlow} },
		"features":  func(r *eval.CaseResult) { r.Features = map[string]float64{"lead": 2} },
		"cost":      func(r *eval.CaseResult) { r.PromptTokens = 77 },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			a, b := evaltest.Run(t), evaltest.Run(t)
			b.Cases[0].Evidence = append([]eval.EvidenceShown(nil), b.Cases[0].Evidence...)
			change(&b.Cases[0])
			c := compared(t, a, b)
			if c.Identical || len(c.Changed) != 1 || !cmp.Equal(c.Changed[0].What, []string{what}) {
				t.Errorf("identical %v, changed %+v", c.Identical, c.Changed)
			}
		})
	}
}

func TestWhatMadeTheRunsDifferStandsOnTop(t *testing.T) {
	t.Parallel()
	a, b := evaltest.Run(t), evaltest.Run(t)
	a.Configuration.Models, b.Configuration.Models = []string{"m1"}, []string{"m2", "m3"}
	a.Configuration.Prompts = []string{"p1"}
	a.Configuration.Asked, b.Configuration.Asked = &eval.Asked{Model: "m", Answers: "here"}, &eval.Asked{Model: "m", Temperature: .5, Answers: "there"}
	a.Configuration.Settings = json.RawMessage(`{"draft_floor": 0.3, "same": 1, "nested": {"on": true}}`)
	b.Configuration.Settings = json.RawMessage(`{"draft_floor": 0.35, "same": 1, "nested": {"on": false}}`)
	b.Suite.KnowledgeHash = "0123456789abcdef"
	c := compared(t, a, b)
	want := []compare.ConfigurationChange{
		{What: "knowledge", A: a.Suite.KnowledgeHash[:12], B: "0123456789ab"},
		{What: "asked.temperature", A: "0", B: "0.5"},
		{What: "models", A: "m1", B: "m2, m3"},
		{What: "prompts", A: "p1"},
		{What: "settings.draft_floor", A: "0.3", B: "0.35"},
		{What: "settings.nested.on", A: "true", B: "false"},
	}
	if diff := cmp.Diff(want, c.Configuration); diff != "" {
		t.Errorf("made (-want +got):\n%s", diff)
	}
	var out bytes.Buffer
	if err := c.WriteTable(&out, 0, 0); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"settings.draft_floor: 0.3 → 0.35", "prompts: p1 → (none)"} {
		if !strings.Contains(out.String(), line+"\n") {
			t.Errorf("the table lacks %q:\n%s", line, out.String())
		}
	}
}

// A case that did well without a draft and now says what it must not comes
// before one that lost every place in the ranking.
func TestHarmComesFirst(t *testing.T) {
	t.Parallel()
	a, b := evaltest.Planted(make([]bool, 5)), evaltest.Planted(make([]bool, 5))
	set := func(i int, expect suite.Expect, from, to suggest.Outcome, before, after map[string]float64) {
		a.Cases[i].Expect, b.Cases[i].Expect = expect, expect
		a.Cases[i].Outcome, b.Cases[i].Outcome = from, to
		a.Cases[i].Scores, b.Cases[i].Scores = before, after
	}
	draft, none := suggest.OutcomeDraft, suggest.OutcomeNoDraft
	set(0, suite.ExpectAnswer, draft, draft, map[string]float64{eval.HitAt1: 1, eval.MRRAt10: 1}, map[string]float64{eval.HitAt1: 0, eval.MRRAt10: 0})
	set(1, suite.ExpectAnswer, draft, none, map[string]float64{eval.AbstainedOnAnswerable: 0}, map[string]float64{eval.AbstainedOnAnswerable: 1})
	set(2, suite.ExpectAnswer, none, draft, map[string]float64{eval.AbstainedOnAnswerable: 1}, map[string]float64{eval.AbstainedOnAnswerable: 0, eval.MustNotSayKept: 0})
	set(3, suite.ExpectNone, none, draft, map[string]float64{eval.AbstainedOnUnanswerable: 1}, map[string]float64{eval.AbstainedOnUnanswerable: 0})
	set(4, suite.ExpectAnswer, none, draft, map[string]float64{eval.AbstainedOnAnswerable: 1}, map[string]float64{eval.AbstainedOnAnswerable: 0})
	if diff := cmp.Diff([]string{"0003", "0001", "0002", "0000", "0004"}, changedIDs(compared(t, a, b))); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestMetricsOfOneRunAloneAreCounted(t *testing.T) {
	t.Parallel()
	a, b := evaltest.Planted(make([]bool, 6)), evaltest.Planted(make([]bool, 6))
	for i := range a.Cases {
		a.Cases[i].Scores[eval.RougeL] = .5
		if i >= 4 {
			b.Cases[i].Scores[eval.RougeL] = .5
		}
		a.Cases[i].Scores[eval.ChrF] = .5
	}
	c := compared(t, a, b)
	if d := c.Metrics[eval.RougeL]; d.N != 2 || d.OnlyA != 4 || d.OnlyB != 0 {
		t.Errorf("rouge_l: %+v", d)
	}
	if d := c.Metrics[eval.ChrF]; d.N != 0 || d.OnlyA != 6 || d.Verdict != compare.CantTell {
		t.Errorf("chrf: %+v", d)
	}
	var out bytes.Buffer
	if err := c.WriteTable(&out, 0, 0); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "chrf: 6 cases counted in A alone and 0 in B alone; they stand in no figure.") {
		t.Errorf("the table: %s", out.String())
	}
}

// tagged is a pair of runs in which some cases changed.
func tagged(t *testing.T) compare.Comparison {
	t.Helper()
	hits := make([]bool, 40)
	for i := range hits {
		hits[i] = true
	}
	a := evaltest.Planted(hits)
	hits[0], hits[1], hits[21] = false, false, false
	b := evaltest.Planted(hits)
	for i := range a.Cases {
		tag := "bags"
		if i >= 20 {
			tag = "pets"
		}
		a.Cases[i].Tags, b.Cases[i].Tags = []string{tag}, []string{tag}
	}
	b.Cases[30].Text = "Cats fly for free."
	b.Cases[1].Scores[eval.MRRAt10], a.Cases[1].Scores[eval.MRRAt10] = .5, 1
	return compared(t, a, b)
}

func TestAComparisonIsNarrowedDown(t *testing.T) {
	t.Parallel()
	all := tagged(t)
	tests := []struct {
		name  string
		focus compare.Focus
		want  []string
		n     int
	}{
		{"everything", compare.Focus{}, []string{"0001", "0000", "0021", "0030"}, 40},
		{"a metric", compare.Focus{Metrics: []string{eval.HitAt1}}, []string{"0001", "0000", "0021"}, 40},
		{"a tag", compare.Focus{Slice: "tag/pets"}, []string{"0021", "0030"}, 20},
		{"a language that all have", compare.Focus{Slice: "lang/en"}, []string{"0001", "0000", "0021", "0030"}, 40},
		{"a metric in a tag", compare.Focus{Slice: "tag/pets", Metrics: []string{eval.HitAt1}}, []string{"0021"}, 20},
		{"a case", compare.Focus{Cases: []string{"0030"}}, []string{"0030"}, 40},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := all.On(test.focus)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, changedIDs(c)); diff != "" {
				t.Errorf("cases (-want +got):\n%s", diff)
			}
			if d := c.Metrics[eval.HitAt1]; d.N != test.n {
				t.Errorf("%d pairs, want %d", d.N, test.n)
			}
			if _, there := c.Metrics[eval.MRRAt10]; len(test.focus.Metrics) > 0 && there {
				t.Error("a metric is there that nobody asked for")
			}
		})
	}
	if diff := cmp.Diff(4, len(all.Changed)); diff != "" {
		t.Errorf("narrowing down changed the whole: %s", diff)
	}
}

func TestWhatAComparisonCantBeNarrowedDownTo(t *testing.T) {
	t.Parallel()
	all := tagged(t)
	tests := []struct {
		name  string
		focus compare.Focus
		want  string
	}{
		{"metric", compare.Focus{Metrics: []string{"hit_at1"}}, `there is no metric "hit_at1"; did you mean hit_at_1`},
		{"metric unlike any", compare.Focus{Metrics: []string{"zzzzzzzzz"}}, "give one of hit_at_1, hit_at_3"},
		{"tag", compare.Focus{Slice: "tag/bag"}, `no case that was compared is in slice "tag/bag"; did you mean tag/bags`},
		{"kind", compare.Focus{Slice: "colour/red"}, "; it has channel/EMAIL"},
		{"case", compare.Focus{Cases: []string{"9999"}}, `the runs have no case "9999"`},
		{"case that is the same", compare.Focus{Cases: []string{"0011"}}, `case "0011" is the same in both runs`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := all.On(test.focus)
			var wrong *compare.FocusError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestDetailsShowWhatChanged(t *testing.T) {
	t.Parallel()
	a, b := evaltest.Run(t), evaltest.Run(t)
	b.Cases[0].Text = strings.Replace(b.Cases[0].Text, "free", "paid", 1)
	b.Cases[0].Ranked = []string{"boats", "cars", "dogs", "eggs", "fish", "bags"}
	b.Cases[0].Outcome, b.Cases[0].Reason = suggest.OutcomeNoDraft, suggest.ReasonLowConfidence
	c := compared(t, a, b)
	var out bytes.Buffer
	if err := c.WriteDetails(&out, 5); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"== a (en, EMAIL)", "expected   answer, from bags", "in A       DRAFT: passes", "in B       NO_DRAFT LOW_CONFIDENCE: no draft was given",
		"ranking A  1 bags*", "ranking B  1 boats  2 cars  3 dogs  4 eggs  5 fish  … 6 bags*", "[-free-] {+paid+}",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the details lack %q:\n%s", want, out.String())
		}
	}
}
