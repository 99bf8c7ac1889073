package judge_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/gate"
	"github.com/purser-desk/purser/eval/judge"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// drafts is a run with 40 drafts, every fourth of them poor, one silence and
// one failure.
func drafts() *eval.Report {
	r := &eval.Report{Format: eval.Format, Suite: eval.SuiteInfo{Name: "s", Hash: "h", Cases: 42}}
	for i := range 40 {
		text := "good"
		if i%4 == 0 {
			text = "poor"
		}
		r.Cases = append(r.Cases, eval.CaseResult{
			ID: fmt.Sprint(i), Lang: "en", Expect: suite.ExpectAnswer, Question: "bags?", GoldReply: "One.",
			Outcome: suggest.OutcomeDraft, Text: fmt.Sprintf("%s %d.", text, i), Scores: map[string]float64{},
			Evidence: []eval.EvidenceShown{{Number: 1, Title: "Bags", Text: "One bag."}},
		})
	}
	r.Cases = append(
		r.Cases,
		eval.CaseResult{ID: "silent", Outcome: suggest.OutcomeNoDraft, Expect: suite.ExpectNone, Scores: map[string]float64{}},
		eval.CaseResult{ID: "failed", Error: "down"},
	)
	r.Measure()
	return r
}

func review(t *testing.T, r *eval.Report, m judge.Model, c *judge.Calibration) {
	t.Helper()
	if err := judge.Review(t.Context(), makeJudge(t, 1, m), r, c, judge.Options{Concurrency: 2}); err != nil {
		t.Fatal(err)
	}
}

func TestVerdictsOfACalibratedJudgeCount(t *testing.T) {
	t.Parallel()
	c := calibrated(t, votes(200, 185, 100, 80))
	r := drafts()
	var asked string
	likes := passing("good")
	review(t, r, model(func(prompt string, seed int) (string, error) {
		if strings.Contains(prompt, "good 1.") {
			asked = prompt
		}
		return likes(prompt, seed)
	}), &c)
	j := r.Judge
	if !j.Counts || len(j.WhyNot) > 0 || j.Agreement == nil || j.Passed.Value != .75 || j.Passed.N != 40 {
		t.Fatalf("judge: %+v", j)
	}
	if m := r.Metrics[eval.JudgePass]; m.Value != .75 || m.N != 40 {
		t.Errorf("metric: %+v", m)
	}
	// (.75 + .8 − 1) / (.925 + .8 − 1)
	if m := r.Metrics[eval.JudgePassCorrected]; math.Abs(m.Value-.55/.725) > 1e-12 || m.High-m.Low < .25 {
		t.Errorf("corrected: %+v", m)
	}
	if r.Cases[0].Verdict.Result != eval.JudgedFail || r.Cases[40].Verdict != nil || r.Cases[41].Verdict != nil {
		t.Error("verdicts are not where the drafts are")
	}
	for _, part := range []string{"bags?", "Bags\nOne bag.", "One.", "good 1."} {
		if !strings.Contains(asked, part) {
			t.Errorf("the judge is not shown %q:\n%s", part, asked)
		}
	}
	var table strings.Builder
	if err := r.WriteTable(&table, 0); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"its verdicts count", "κ 0.73", "true positive rate 0.93", "judge_pass_corrected"} {
		if !strings.Contains(table.String(), part) {
			t.Errorf("the table lacks %q:\n%s", part, table.String())
		}
	}
}

// A judge reads the whole conversation, and nothing that is personal.
func TestTheJudgeReadsWhatTheDrafterReadAndNoPersonalData(t *testing.T) {
	t.Parallel()
	r := drafts()
	c := &r.Cases[0]
	c.Question, c.Text, c.GoldReply = "It is for Anna Kowalska, anna@mail.example.", "Dear Anna Kowalska, X7K9P2 has one bag.", "Anna, one."
	c.Ticket = &eval.Ticket{
		Subject: "Bags", Earlier: []eval.Said{{Author: suggest.AuthorCustomer, Text: "May I bring two?"}, {Author: suggest.AuthorAgent, Text: "For whom?"}},
		Facts:    []suggest.Fact{{Name: "booking_code", Kind: suggest.FactCode, Text: "X7K9P2"}},
		Customer: suggest.Customer{DisplayName: "Anna Kowalska"},
	}
	var asked string
	review(t, r, model(func(prompt string, _ int) (string, error) {
		if strings.Contains(prompt, "May I bring two?") {
			asked = prompt
		}
		return `{"pass":true}`, nil
	}), nil)
	for _, want := range []string{"Subject: Bags", "CUSTOMER: May I bring two?", "AGENT: For whom?", "It is for [NAME_1]", "Dear [NAME_1], [BOOKING_CODE_3] has one bag.", "(booking_code: [BOOKING_CODE_3])"} {
		if !strings.Contains(asked, want) {
			t.Errorf("the prompt lacks %q:\n%s", want, asked)
		}
	}
	for _, hidden := range []string{"Anna", "Kowalska", "anna@mail.example", "X7K9P2"} {
		if strings.Contains(asked, hidden) {
			t.Errorf("the prompt tells %q:\n%s", hidden, asked)
		}
	}
	if c.Text != "Dear Anna Kowalska, X7K9P2 has one bag." {
		t.Errorf("the run itself is changed: %q", c.Text)
	}
}

func TestVerdictsThatDoNotCount(t *testing.T) {
	t.Parallel()
	good, poor := calibrated(t, votes(200, 185, 100, 80)), calibrated(t, votes(200, 100, 100, 50))
	elsewhere := good
	elsewhere.Served = []string{"m-1-2025"}
	other := func(s judge.Settings) *judge.Calibration {
		j, err := judge.New(passing(), s)
		if err != nil {
			t.Fatal(err)
		}
		c := judge.NewCalibration(j, judge.RatingsInfo{}, votes(200, 185, 100, 80))
		return &c
	}
	for name, c := range map[string]struct {
		calibration *judge.Calibration
		why         string
	}{
		"none":                {nil, "was not calibrated"},
		"a poor one":          {&poor, "κ with people is"},
		"another model":       {other(judge.Settings{Model: "m-2", Times: 1, Temperature: .5}), "the model is m-1 and m-2 was calibrated"},
		"another rubric":      {other(judge.Settings{Model: "m-1", Rubric: "x", Times: 1, Temperature: .5}), "the rubric is"},
		"another k":           {other(judge.Settings{Model: "m-1", Times: 3, Temperature: .5}), "asked 1× and was calibrated with 3×"},
		"another temperature": {other(judge.Settings{Model: "m-1", Times: 1}), "the temperature is 0.5 and 0 was calibrated"},
		"another version":     {&elsewhere, `answered as "m-1-2026" and was calibrated as "m-1-2025"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := drafts()
			review(t, r, passing("good"), c.calibration)
			if r.Judge.Counts || !strings.Contains(strings.Join(r.Judge.WhyNot, "; "), c.why) {
				t.Errorf("judge: %+v", r.Judge)
			}
			if m := r.Metrics[eval.JudgePass]; m.N != 0 {
				t.Errorf("it stands among the metrics: %+v", m)
			}
			if r.Judge.Passed.N != 40 || r.Cases[0].Verdict == nil {
				t.Error("the verdicts are not shown")
			}
			if s := r.Judge.Sentence(); !strings.Contains(s, "do NOT count") || strings.Contains(s, "people would pass") {
				t.Errorf("said: %s", s)
			}
		})
	}
}

func TestReviewKeepsCasesThatFailOrGetNoVerdictApart(t *testing.T) {
	t.Parallel()
	c := calibrated(t, votes(200, 185, 100, 80))
	r := drafts()
	likes := passing("good")
	review(t, r, model(func(prompt string, seed int) (string, error) {
		switch {
		case strings.Contains(prompt, "good 1."):
			return "", &pipeline.DraftError{Fault: suggest.FaultProvider}
		case strings.Contains(prompt, "good 2."):
			return "hm", nil
		}
		return likes(prompt, seed)
	}), &c)
	if j := r.Judge; j.Failed != 1 || j.Undecided != 1 || j.Nonsense != 1 || j.Passed.N != 38 {
		t.Errorf("judge: %+v", j)
	}
	if o := r.Cases[1].Verdict; o.Result != eval.JudgedError || o.Error == "" {
		t.Errorf("verdict: %+v", o)
	}
	// More than one in a hundred failed, so a gate is not met.
	p, err := gate.ParsePolicy([]byte("version: 1\nlimits: [{metric: judge_pass, at_least: 0.1}]"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.Check(*r, nil)
	if last := g.Checks[len(g.Checks)-1]; err != nil || last.Met || !strings.Contains(last.Detail, "could not be asked about 1 of 40 drafts") {
		t.Errorf("gate: %+v, %v", g, err)
	}
}

func TestReviewLeavesTheRunWhenItFails(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	r := drafts()
	j := makeJudge(t, 1, model(func(string, int) (string, error) { return "", down }))
	if err := judge.Review(t.Context(), j, r, nil, judge.Options{}); !errors.Is(err, down) {
		t.Errorf("error is %v", err)
	}
	if diff := cmp.Diff(drafts(), r); diff != "" {
		t.Errorf("the run was changed:\n%s", diff)
	}
	if err := judge.Review(t.Context(), j, &eval.Report{}, nil, judge.Options{}); err == nil || !strings.Contains(err.Error(), "no draft") {
		t.Errorf("error is %v", err)
	}
	// A review after another replaces it.
	review(t, r, passing("good"), nil)
	first := r.Judge.Passed.Value
	review(t, r, passing("poor"), nil)
	if r.Judge.Passed.Value != 1-first {
		t.Errorf("passed %v, then %v", first, r.Judge.Passed.Value)
	}
}

func TestReviewNeedsWhatDraftsDrawOn(t *testing.T) {
	t.Parallel()
	r := drafts()
	r.Cases[0].Evidence, r.Cases[0].Unknown = nil, []string{eval.FieldEvidence}
	review(t, r, passing("good"), nil)
	if r.Judge.Passed.N != 39 || r.Cases[0].Verdict != nil {
		t.Errorf("%d verdicts, of the first %+v", r.Judge.Passed.N, r.Cases[0].Verdict)
	}
	r = drafts()
	r.Configuration.Unknown = []string{eval.FieldEvidence}
	for i := range r.Cases {
		r.Cases[i].Unknown = r.Configuration.Unknown
	}
	err := judge.Review(t.Context(), makeJudge(t, 1, passing("good")), r, nil, judge.Options{})
	if err == nil || !strings.Contains(err.Error(), "does not hold what its drafts draw on") {
		t.Errorf("error is %v", err)
	}
}

// A run that goes on from a judged one has no judge of its own yet.
func TestVerdictsGoWithTheirJudge(t *testing.T) {
	t.Parallel()
	c := calibrated(t, votes(200, 185, 100, 80))
	r := drafts()
	review(t, r, passing("good"), &c)
	r.Judge = nil
	r.Measure()
	if diff := cmp.Diff(drafts(), r); diff != "" {
		t.Errorf("something of the judge is left:\n%s", diff)
	}
}

func TestJudgedRunsAreComparedAndGated(t *testing.T) {
	t.Parallel()
	c := calibrated(t, votes(200, 185, 100, 80))
	before, after, plain, uncounted := drafts(), drafts(), drafts(), drafts()
	for i := range after.Cases {
		if i%2 == 0 {
			after.Cases[i].Text = "poor."
		}
	}
	review(t, before, passing("good"), &c)
	review(t, after, passing("good"), &c)
	review(t, uncounted, passing("good"), nil)
	compared, err := compare.Runs(*before, *after, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d := compared.Metrics[eval.JudgePass]; d.N != 40 || d.Lost != 10 || d.Verdict != compare.Worse {
		t.Errorf("difference: %+v", d)
	}
	for _, other := range []*eval.Report{plain, uncounted} {
		compared, err := compare.Runs(*other, *before, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, there := compared.Metrics[eval.JudgePass]; there || !compared.Identical {
			t.Errorf("verdicts of different judges are compared in %d cases", len(compared.Changed))
		}
		if _, kept := before.Cases[1].Scores[eval.JudgePass]; !kept {
			t.Fatal("comparing changed the run")
		}
	}
	check := func(policy string, run, baseline *eval.Report) gate.Check {
		t.Helper()
		p, err := gate.ParsePolicy([]byte("version: 1\n" + policy))
		if err != nil {
			t.Fatal(err)
		}
		g, err := p.Check(*run, baseline)
		if err != nil {
			t.Fatal(err)
		}
		return g.Checks[len(g.Checks)-1]
	}
	const floor, noWorse = "limits: [{metric: judge_pass_corrected, at_least: 0.6}]", "no_worse: [{metric: judge_pass}]"
	for name, c := range map[string]struct {
		check gate.Check
		met   bool
		said  string
	}{
		"above the floor":          {check(floor, before, nil), true, "it is 0.759"},
		"below it":                 {check(floor, after, nil), false, "it is 0.414"},
		"not judged":               {check(floor, plain, nil), false, "no judge judged the run"},
		"does not count":           {check(floor, uncounted, nil), false, "do not count: the judge was not calibrated"},
		"as before":                {check(noWorse, before, before), true, ""},
		"worse than before":        {check(noWorse, after, before), false, ""},
		"a baseline without judge": {check(noWorse, after, plain), false, "the baseline was not judged by the same judge"},
	} {
		if c.check.Met != c.met || !strings.Contains(c.check.Detail, c.said) {
			t.Errorf("%s: %+v", name, c.check)
		}
	}
	if _, err := gate.ParsePolicy([]byte("version: 1\nno_worse: [{metric: judge_pass_corrected}]")); err == nil || !strings.Contains(err.Error(), "name judge_pass instead") {
		t.Errorf("error is %v", err)
	}
}
