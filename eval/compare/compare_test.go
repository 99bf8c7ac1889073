package compare_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/suggest"
)

func newRandom(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 4))
}

// set gives a planted run other hits.
func set(r eval.Report, hits []bool) eval.Report {
	for i, hit := range hits {
		r.Cases[i].Scores[eval.HitAt1] = 0
		if hit {
			r.Cases[i].Scores[eval.HitAt1] = 1
		}
	}
	return r
}

// seeds is how many planted comparisons each figure is made from.
const seeds = 1000

// No difference: every case is met with a chance of its own, and a second run
// draws again.
func TestARedrawIsNotCalledDifferent(t *testing.T) {
	t.Parallel()
	different := 0
	a, b := make([]bool, 400), make([]bool, 400)
	first, second := evaltest.Planted(a), evaltest.Planted(b)
	for seed := range uint64(seeds) {
		random := newRandom(seed)
		for i := range a {
			chance := .5 + .5*random.Float64()
			a[i], b[i] = random.Float64() < chance, random.Float64() < chance
		}
		c, err := compare.Runs(set(first, a), set(second, b), 0)
		if err != nil {
			t.Fatal(err)
		}
		if c.Metrics[eval.HitAt1].Verdict != compare.CantTell {
			different++
		}
	}
	rate := float64(different) / seeds
	t.Logf("%d re-draws: %.1f%% called different", seeds, 100*rate)
	if rate > .055 || rate < .03 {
		t.Errorf("a re-draw is called different in %.1f%%, want 3 to 5.5", 100*rate)
	}
}

// A true loss of five points is found as often as the report says.
func TestALossIsFoundAsOftenAsPromised(t *testing.T) {
	t.Parallel()
	tests := []struct {
		disagree, about float64
	}{{.1, .9}, {.2, .6}}
	for _, test := range tests {
		t.Run(fmt.Sprintf("disagree %v", test.disagree), func(t *testing.T) {
			t.Parallel()
			const effect = .05
			worse, better, promised := 0, 0, 0.
			a, b := make([]bool, 400), make([]bool, 400)
			first, second := evaltest.Planted(a), evaltest.Planted(b)
			for seed := range uint64(seeds) {
				random := newRandom(seed + 7777)
				for i := range a {
					a[i], b[i] = false, false
					switch u := random.Float64(); {
					case u < (test.disagree+effect)/2:
						a[i] = true
					case u < test.disagree:
						b[i] = true
					default:
						a[i] = random.Float64() < .75
						b[i] = a[i]
					}
				}
				c, err := compare.Runs(set(first, a), set(second, b), effect)
				if err != nil {
					t.Fatal(err)
				}
				d := c.Metrics[eval.HitAt1]
				promised += *d.Power / seeds
				switch d.Verdict {
				case compare.Worse:
					worse++
				case compare.Better:
					better++
				case compare.CantTell, compare.Different:
				}
			}
			rate := float64(worse) / seeds
			t.Logf("%d runs that lost 5 points: called worse in %.1f%%, promised %.1f%%, called better in %.1f%%",
				seeds, 100*rate, 100*promised, 100*float64(better)/seeds)
			if math.Abs(rate-promised) > .04 || math.Abs(rate-test.about) > .05 {
				t.Errorf("called worse in %v, promised %v, about %v expected", rate, promised, test.about)
			}
			if better >= seeds/200 {
				t.Errorf("%d of %d called better", better, seeds)
			}
		})
	}
}

func compared(t *testing.T, a, b eval.Report) compare.Comparison {
	t.Helper()
	c, err := compare.Runs(a, b, 0)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestIdenticalRunsCompareEqual(t *testing.T) {
	t.Parallel()
	a, b := evaltest.Run(t), evaltest.Run(t)
	b.Suite.Name = a.Suite.Name
	b.Timing.Start = time.Unix(99, 0)
	b.Cases[0].Timing = map[string]float64{"total": 1e6}
	c, same := compared(t, a, b), compared(t, a, a)
	if !c.Identical || len(c.Changed) != 0 {
		t.Errorf("identical %v, changed %v", c.Identical, c.Changed)
	}
	x, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	y, err := same.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(y), string(x)); diff != "" {
		t.Errorf("bytes differ:\n%s", diff)
	}
	for name, d := range c.Metrics {
		if d.Verdict != compare.CantTell || d.Change != 0 || d.P < 1-1e-9 {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestRunsThatFailedTellNothing(t *testing.T) {
	t.Parallel()
	a, b := evaltest.Run(t), evaltest.Run(t)
	for i := range a.Cases {
		a.Cases[i].Error, b.Cases[i].Error = "no answer", "no answer"
	}
	c := compared(t, a, b)
	if c.Identical || c.Pairs != 0 || len(c.Failed) != 5 {
		t.Errorf("identical %v, %d pairs", c.Identical, c.Pairs)
	}
	for name, d := range c.Metrics {
		if d.N != 0 || d.Verdict != compare.CantTell {
			t.Errorf("%s: %+v", name, d)
		}
	}
	var out bytes.Buffer
	if err := c.WriteTable(&out, 1, 0); err != nil || !strings.Contains(out.String(), "nothing can be told") || strings.Contains(out.String(), "identical") {
		t.Errorf("%v: %s", err, out.String())
	}
	// One case that failed otherwise is a difference, too.
	x, y := evaltest.Run(t), evaltest.Run(t)
	y.Cases[4].Error = "the model is slow"
	if compared(t, x, y).Identical {
		t.Error("another failure counts as the same")
	}
}

func TestCostsInTwoCurrenciesAreNotCompared(t *testing.T) {
	t.Parallel()
	a, b := evaltest.Run(t), evaltest.Run(t)
	for i := range a.Cases {
		if a.Cases[i].Error == "" {
			a.Cases[i].Scores[eval.CostPer1000Tickets], b.Cases[i].Scores[eval.CostPer1000Tickets] = 2, 3
		}
	}
	a.Configuration.Prices, b.Configuration.Prices = &eval.Prices{Currency: "EUR"}, &eval.Prices{Currency: "EUR"}
	if d := compared(t, a, b).Metrics[eval.CostPer1000Tickets]; d.Change != 1 || d.N != 4 {
		t.Errorf("in one currency: %+v", d)
	}
	c := compared(t, a, b)
	if c.Changed[0].Severity != 0 {
		t.Errorf("money counts as severity: %+v", c.Changed[0])
	}
	b.Configuration.Prices = &eval.Prices{Currency: "NOK"}
	if _, there := compared(t, a, b).Metrics[eval.CostPer1000Tickets]; there {
		t.Error("EUR is compared with NOK")
	}
}

func TestChangedCasesComeWorstFirst(t *testing.T) {
	t.Parallel()
	a, b := evaltest.Run(t), evaltest.Run(t)
	// a loses its hit and its draft; c falls silent, as it should.
	b.Cases[0].Outcome, b.Cases[0].Text = suggest.OutcomeNoDraft, ""
	b.Cases[0].Scores = map[string]float64{eval.HitAt1: 0, eval.HitAt3: 1, eval.AbstainedOnAnswerable: 1}
	b.Cases[2].Outcome, b.Cases[2].Text = suggest.OutcomeNoDraft, ""
	b.Cases[2].Scores = map[string]float64{eval.AbstainedOnUnanswerable: 1}
	c := compared(t, a, b)
	var got []string
	for i := range c.Changed {
		got = append(got, c.Changed[i].ID)
	}
	if diff := cmp.Diff([]string{"a", "c"}, got); diff != "" {
		t.Fatalf("changed (-want +got):\n%s", diff)
	}
	if c.Changed[0].Severity != 2 || c.Changed[1].Severity != -1 {
		t.Errorf("severities %v and %v", c.Changed[0].Severity, c.Changed[1].Severity)
	}
	if diff := cmp.Diff([]string{"e"}, c.Failed); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
	var out bytes.Buffer
	if err := c.WriteTable(&out, 1, 0); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"4 cases compared, 1 left out because they failed", "hit_at_1 1→0", "and 1 more case that changed", "can't tell"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
}

func TestDetailsShowTheConversation(t *testing.T) {
	t.Parallel()
	a, b := evaltest.Run(t), evaltest.Run(t)
	for _, r := range []*eval.Report{&a, &b} {
		r.Cases[0].Ticket = &eval.Ticket{Subject: "Travel", Earlier: []eval.Said{{Author: suggest.AuthorAgent, Text: "By sea or by air?"}}}
	}
	b.Cases[0].Text = "Something else."
	c := compared(t, a, b)
	var out bytes.Buffer
	if err := c.WriteDetails(&out, 9); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "Subject: Travel") || !strings.Contains(out.String(), "AGENT: By sea or by air?") {
		t.Error(out.String())
	}
}

func TestRunsOfOtherSuitesAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(r *eval.Report)
		want   string
	}{
		{"case gone", func(r *eval.Report) { r.Cases = r.Cases[1:] }, "1 case is in the first run alone (a)"},
		{"case added", func(r *eval.Report) { r.Cases = append(r.Cases, eval.CaseResult{ID: "z"}) }, "1 case is in the second run alone (z)"},
		{"other gold", func(r *eval.Report) { r.Cases[1].GoldIDs = []string{"boats"} }, "1 case asks or expects something else (b)"},
		{"other demand", func(r *eval.Report) { r.Cases[0].Hash = "f00" }, "1 case asks or expects something else (a)"},
		{"all told", func(r *eval.Report) { r.Cases[0].Hash, r.Suite.KnowledgeHash = "f00", "k00" }, "(5 cases, hash another, knowledge k00)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a, b := evaltest.Run(t), evaltest.Run(t)
			b.Suite.Hash = "another"
			test.change(&b)
			_, err := compare.Runs(a, b, 0)
			var mismatch *compare.MismatchError
			if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestAFileInAnotherFormIsTheSameSuite(t *testing.T) {
	t.Parallel()
	a, b := evaltest.Run(t), evaltest.Run(t)
	b.Suite.Hash = "another"
	if c := compared(t, a, b); !c.Identical {
		t.Error("the same cases from another file differ")
	}
}

func TestSlicesAreCorrectedTogether(t *testing.T) {
	t.Parallel()
	langs := []string{"de", "en", "fr", "nl"}
	a, b := make([]bool, 400), make([]bool, 400)
	for i := range a {
		a[i] = true
		b[i] = i%4 != 0 || i >= 24 // German loses six cases of a hundred
	}
	first, second := evaltest.Planted(a), evaltest.Planted(b)
	for i := range a {
		first.Cases[i].Lang, second.Cases[i].Lang = langs[i%4], langs[i%4]
	}
	c := compared(t, first, second)
	german := c.Slices["lang"]["de"][eval.HitAt1]
	if german.Lost != 6 || german.Verdict != compare.CantTell || math.Abs(german.Corrected-4*german.P) > 1e-12 {
		t.Errorf("German: %+v", german)
	}
	if overall := c.Metrics[eval.HitAt1]; overall.Verdict != compare.Worse || overall.Corrected != overall.P {
		t.Errorf("overall: %+v", overall)
	}
	if _, there := c.Slices["channel"]; there {
		t.Error("a single channel is no slice")
	}
}
