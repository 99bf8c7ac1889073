package gate_test

import (
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/gate"
	"github.com/purser-desk/purser/suggest"
)

func policy(t *testing.T, body string) gate.Policy {
	t.Helper()
	p, err := gate.ParsePolicy([]byte("version: 1\n" + body))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// checked finds the check whose name holds name.
func checked(t *testing.T, g gate.Result, name string) gate.Check {
	t.Helper()
	for _, c := range g.Checks {
		if strings.Contains(c.Name, name) {
			return c
		}
	}
	t.Fatalf("there is no check %q in %+v", name, g.Checks)
	return gate.Check{}
}

func TestGateHoldsARunAgainstLimits(t *testing.T) {
	t.Parallel()
	r := evaltest.Run(t)
	g, err := policy(t, `
max_error_rate: 0.5
limits:
  - {metric: hit_at_1, at_least: 0.6}
  - {metric: hit_at_3, at_least: 0.9, by: interval}
  - {metric: abstained_on_answerable, at_most: 0.4}
  - {metric: hit_at_5, at_least: 0.1, slice: lang/de, min_n: 2}
  - {metric: must_say, at_least: 0.1}
`).Check(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if g.Met {
		t.Error("the gate is met")
	}
	for name, met := range map[string]bool{
		"hit_at_1 at least": true, "hit_at_3 at least 0.900 by its interval": false, "abstained_on_answerable at most": false,
		"hit_at_5 (lang/de)": false, "must_say": false, "the run is whole": true, "of the cases failed": true,
	} {
		if c := checked(t, g, name); c.Met != met {
			t.Errorf("%s: met %v, want %v (%s)", c.Name, c.Met, met, c.Detail)
		}
	}
	if c := checked(t, g, "hit_at_5"); !strings.Contains(c.Detail, "only 1 of the cases count") {
		t.Errorf("detail: %s", c.Detail)
	}
}

func TestGateIsNotMetByFailedOrPartialRuns(t *testing.T) {
	t.Parallel()
	p := policy(t, "limits: [{metric: hit_at_1, at_least: 0}]")
	r := evaltest.Run(t)
	g, err := p.Check(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := checked(t, g, "of the cases failed"); g.Met || c.Met || len(c.Cases) != 1 || c.Cases[0] != "e" {
		t.Errorf("one failed case of five: %+v", c)
	}
	whole := evaltest.Planted(make([]bool, 100))
	whole.Measure()
	if g, err = p.Check(whole, nil); err != nil || !g.Met {
		t.Errorf("met %v, %v", g.Met, err)
	}
	whole.Partial = true
	if g, err = p.Check(whole, nil); err != nil || g.Met {
		t.Errorf("a partial run: met %v, %v", g.Met, err)
	}
}

func TestGateComparesWithTheBaseline(t *testing.T) {
	t.Parallel()
	make400 := func(lost int) eval.Report {
		hits := make([]bool, 400)
		for i := range hits {
			hits[i] = i >= 80 && i < 400-lost
		}
		r := evaltest.Planted(hits)
		r.Measure()
		return r
	}
	shown := policy(t, "no_worse: [{metric: hit_at_1, margin: 0.02}]")
	lenient := policy(t, "no_worse: [{metric: hit_at_1, margin: 0.02, require: not_disproved}]")
	base := make400(0)
	tests := []struct {
		name           string
		run            eval.Report
		shown, lenient bool
	}{
		{"the same", make400(0), true, true},
		{"two cases lost", make400(2), true, true},
		{"eight cases lost", make400(8), false, true},
		{"forty cases lost", make400(40), false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for p, want := range map[*gate.Policy]bool{&shown: test.shown, &lenient: test.lenient} {
				g, err := p.Check(test.run, &base)
				if err != nil {
					t.Fatal(err)
				}
				if g.Met != want {
					t.Errorf("%s: met %v, want %v: %+v", p.NoWorse[0].Require, g.Met, want, g.Checks)
				}
			}
		})
	}
	strict := policy(t, "no_worse: [{metric: hit_at_1, margin: 0}]")
	for lost, want := range map[int]bool{0: true, 1: false} {
		if g, err := strict.Check(make400(lost), &base); err != nil || g.Met != want {
			t.Errorf("%d cases lost without a margin: met %v, want %v (%v)", lost, g.Met, want, err)
		}
	}
	g, err := shown.Check(make400(8), &base)
	if err != nil {
		t.Fatal(err)
	}
	if c := checked(t, g, "no worse"); !strings.Contains(c.Detail, "more cases are needed") {
		t.Errorf("detail: %s", c.Detail)
	}
	if _, err := shown.Check(base, nil); err == nil || !strings.Contains(err.Error(), "needs a baseline") {
		t.Errorf("without a baseline: %v", err)
	}
}

func TestGateLowerIsBetterToo(t *testing.T) {
	t.Parallel()
	alarms := func(n int) eval.Report {
		r := evaltest.Planted(make([]bool, 200))
		for i := range r.Cases {
			score := 0.
			if i < n {
				score = 1
			}
			r.Cases[i].Scores = map[string]float64{eval.AbstainedOnAnswerable: score}
		}
		r.Measure()
		return r
	}
	p := policy(t, "no_worse: [{metric: abstained_on_answerable, margin: 0.05}]")
	base := alarms(20)
	for n, want := range map[int]bool{0: true, 20: true, 60: false} {
		g, err := p.Check(alarms(n), &base)
		if err != nil || g.Met != want {
			t.Errorf("%d alarms: met %v, want %v (%v)", n, g.Met, want, err)
		}
	}
}

func TestGateBoundsWhatWasDegraded(t *testing.T) {
	t.Parallel()
	of := func(n int, code suggest.NoticeCode) eval.Report {
		r := evaltest.Planted(make([]bool, 100))
		for i := range n {
			r.Cases[i].Degraded = []suggest.NoticeCode{code}
		}
		r.Measure()
		return r
	}
	tests := []struct {
		name   string
		run    eval.Report
		policy string
		want   bool
	}{
		{"none", of(0, ""), "", true},
		{"as many as may be", of(5, suggest.DegradedModelSlow), "", true},
		{"one too many", of(6, suggest.DegradedModelSlow), "", false},
		{"more, and the policy lets them", of(6, suggest.DegradedModelSlow), "max_degraded_rate: 0.1\n", true},
		{"one, and the policy lets none", of(1, suggest.DegradedModelSlow), "max_degraded_rate: 0\n", false},
		{"no model by choice", of(100, suggest.DegradedNoModel), "", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g, err := policy(t, test.policy+"limits: [{metric: hit_at_1, at_least: 0}]").Check(test.run, nil)
			if err != nil || g.Met != test.want {
				t.Errorf("met %v, %v: %+v", g.Met, err, g.Checks)
			}
		})
	}
}

func TestGateOfFailedSlicesIsNotMet(t *testing.T) {
	t.Parallel()
	r := evaltest.Planted(make([]bool, 40))
	r.Cases[3].Lang, r.Cases[3].Error = "de", "down"
	r.Measure()
	g, err := policy(t, "max_error_rate: 0.1\nlimits: [{metric: hit_at_1, at_least: 0, slice: lang/de}]").Check(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := checked(t, g, "lang/de"); c.Met || !strings.Contains(c.Detail, "only 0 of the cases count") {
		t.Errorf("%+v", c)
	}
}

// A baseline that lacks cases can't show what was lost on them.
func TestGateNeedsAWholeBaseline(t *testing.T) {
	t.Parallel()
	p := policy(t, "no_worse: [{metric: hit_at_1, margin: 0.5}]")
	r, base := evaltest.Planted(make([]bool, 100)), evaltest.Planted(make([]bool, 100))
	r.Measure()
	base.Measure()
	if g, err := p.Check(r, &base); err != nil || !g.Met {
		t.Errorf("a whole baseline: met %v, %v", g.Met, err)
	}
	part := base
	part.Cases, part.Partial = base.Cases[:90], true
	g, err := p.Check(r, &part)
	if err != nil {
		t.Fatal(err)
	}
	if c := checked(t, g, "not in the baseline"); g.Met || c.Met || len(c.Cases) != 10 {
		t.Errorf("met %v: %+v", g.Met, c)
	}
}

// Drafts that are given no longer are no better for it: what is measured on drafts
// alone does not pass by silence.
func TestGateSeesWhatCountsNoMore(t *testing.T) {
	t.Parallel()
	drafts := func(given int) eval.Report {
		r := evaltest.Planted(make([]bool, 100))
		for i := range given {
			r.Cases[i].Scores[eval.ChrF] = .6
		}
		r.Measure()
		return r
	}
	base := drafts(40)
	for name, c := range map[string]struct {
		given  int
		policy string
		met    bool
		detail string
	}{
		"all":                {40, "", true, "of 40 cases"},
		"more":               {60, "", true, "of 40 cases"},
		"a few less":         {38, "", true, "of 38 cases"},
		"many less":          {30, "", false, "10 of the 40 cases that counted for it in the baseline count no more, and at most 5% may"},
		"one is left":        {1, "", false, "39 of the 40 cases"},
		"none is left":       {0, "", false, "only 0 of the cases count"},
		"as is allowed":      {30, "max_dropped_rate: 0.25\n", true, "of 30 cases"},
		"none may":           {39, "max_dropped_rate: 0\n", false, "at most 0% may"},
		"unknown is unknown": {30, "max_dropped_rate: 0.1\n", false, "10 of the 40 cases"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, require := range []string{"shown", "not_disproved"} {
				g, err := policy(t, c.policy+"no_worse: [{metric: chrf, margin: 0.03, require: "+require+"}]").Check(drafts(c.given), &base)
				if err != nil {
					t.Fatal(err)
				}
				if check := checked(t, g, "chrf no worse"); check.Met != c.met || !strings.Contains(check.Detail, c.detail) {
					t.Errorf("%s: %+v", require, check)
				}
			}
		})
	}
}

// One case says next to nothing of all others.
func TestGateTakesOneCaseForLittle(t *testing.T) {
	t.Parallel()
	of := func(score float64) eval.Report {
		r := evaltest.Planted(make([]bool, 20))
		r.Cases[0].Scores[eval.ChrF] = score
		r.Measure()
		return r
	}
	base := of(.61)
	g, err := policy(t, "no_worse: [{metric: chrf, margin: 0.03}]").Check(of(.588), &base)
	if err != nil {
		t.Fatal(err)
	}
	if c := checked(t, g, "chrf no worse"); c.Met || !c.CantTell || !strings.Contains(c.Detail, "more cases are needed") {
		t.Errorf("%+v", c)
	}
}

func TestGateComparesASliceThatAllAreIn(t *testing.T) {
	t.Parallel()
	r := evaltest.Planted(make([]bool, 50))
	r.Measure()
	g, err := policy(t, "no_worse: [{metric: hit_at_1, margin: 0.02, slice: lang/en, min_n: 50}]").Check(r, &r)
	if err != nil || !g.Met {
		t.Errorf("met %v, %v", g.Met, err)
	}
	if g, err = policy(t, "no_worse: [{metric: hit_at_1, margin: 0.02, min_n: 51}]").Check(r, &r); err != nil || g.Met {
		t.Errorf("with too few cases: met %v, %v", g.Met, err)
	}
	if g.Baseline == nil || g.Run.Suite.Name != "planted" {
		t.Errorf("the result does not name the runs: %+v", g)
	}
}

// What can't be told never passes unless the policy says so, and then it is
// told.
func TestGateSaysWhatItCantTell(t *testing.T) {
	t.Parallel()
	make100 := func(lost int) eval.Report {
		hits := make([]bool, 100)
		for i := range hits {
			hits[i] = i >= lost
		}
		r := evaltest.Planted(hits)
		r.Measure()
		return r
	}
	base, worse := make100(0), make100(3)
	for require, met := range map[string]bool{"shown": false, "not_disproved": true} {
		g, err := policy(t, "no_worse: [{metric: hit_at_1, margin: 0.02, require: "+require+"}]").Check(worse, &base)
		if err != nil {
			t.Fatal(err)
		}
		if c := checked(t, g, "no worse"); c.Met != met || !c.CantTell || !strings.Contains(c.Detail, "neither shown nor ruled out") {
			t.Errorf("%s: %+v", require, c)
		}
	}
	g, err := policy(t, "limits: [{metric: hit_at_1, at_least: 0.95, by: interval}]").Check(worse, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := checked(t, g, "hit_at_1"); c.Met || !c.CantTell {
		t.Errorf("an interval across the bound: %+v", c)
	}
}

func TestGateMustPass(t *testing.T) {
	t.Parallel()
	r := evaltest.Run(t)
	r.Errors = 0
	r.Cases = r.Cases[:4]
	r.Suite.Cases = 4
	for i, tag := range []string{"bags", "pets", "chat", "sad"} {
		r.Cases[i].Tags = []string{tag}
	}
	if _, err := policy(t, "must_pass: [bag]").Check(r, nil); err == nil || !strings.Contains(err.Error(), "did you mean bags, sad?") {
		t.Errorf("a tag that is nearly right: %v", err)
	}
	for tag, want := range map[string]bool{"bags": true, "pets": false, "chat": false, "sad": true} {
		g, err := policy(t, "must_pass: ["+tag+"]").Check(r, nil)
		if err != nil || g.Met != want {
			t.Errorf("%s: met %v, want %v (%v)", tag, g.Met, want, err)
		}
	}
	if _, err := policy(t, "must_pass: [boats]").Check(r, nil); err == nil || !strings.Contains(err.Error(), `line 2: no case of the run has the tag "boats"; did you mean bags?`) {
		t.Errorf("unknown tag: %v", err)
	}
	if _, err := policy(t, "limits: [{metric: auroc, at_least: 0, slice: lang/xx}]").Check(r, nil); err == nil || !strings.Contains(err.Error(), `no case of the run is in slice "lang/xx"`) {
		t.Errorf("unknown slice: %v", err)
	}
}

// What a partial run lacks it may have once it is whole: not met, and no mistake
// of the policy.
func TestGateOfAPartialRun(t *testing.T) {
	t.Parallel()
	r := evaltest.Run(t)
	r.Cases, r.Partial = r.Cases[:2], true
	r.Measure()
	for name, demand := range map[string]string{
		`every case tagged "boats" passes`:                                 "must_pass: [boats]",
		"draft_rate (lang/xx) at least 0.000":                              "limits: [{metric: draft_rate, at_least: 0, slice: lang/xx}]",
		"hit_at_1 (lang/xx) no worse than the baseline by more than 0.100": "no_worse: [{metric: hit_at_1, margin: 0.1, slice: lang/xx}]",
	} {
		baseline := evaltest.Run(t)
		g, err := policy(t, demand).Check(r, &baseline)
		if err != nil {
			t.Fatal(err)
		}
		if c := checked(t, g, name); g.Met || c.Met || !c.CantTell || !strings.Contains(c.Detail, "no case of this partial run") {
			t.Errorf("%s: met %v, %+v", demand, g.Met, c)
		}
	}
	// A slice whose every case failed is there, and nothing counts for it.
	failed := evaltest.Run(t)
	for i := range failed.Cases {
		if failed.Cases[i].Lang == "de" {
			failed.Cases[i].Error, failed.Cases[i].Scores = "down", map[string]float64{}
		}
	}
	failed.Measure()
	g, err := policy(t, "limits: [{metric: draft_rate, at_least: 0, slice: lang/de}]").Check(failed, nil)
	if err != nil || g.Met {
		t.Errorf("a slice that failed: met %v, %v", g.Met, err)
	}
}

func TestGateBoundsAmounts(t *testing.T) {
	t.Parallel()
	r := evaltest.Run(t)
	for bound, want := range map[string]bool{"25.5": true, "10": false} {
		g, err := policy(t, "max_error_rate: 1\nlimits: [{metric: draft_chars, at_most: "+bound+"}]").Check(r, nil)
		if err != nil || g.Met != want {
			t.Errorf("at most %s characters: met %v, %v", bound, g.Met, err)
		}
	}
	if _, err := gate.ParsePolicy([]byte("version: 1\nlimits: [{metric: draft_chars, at_most: -1}]")); err == nil || !strings.Contains(err.Error(), "must be a number from 0 on") {
		t.Errorf("a negative bound: %v", err)
	}
}
