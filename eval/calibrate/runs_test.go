package calibrate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/calibrate"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
)

// runOf is a run whose tickets are answerable where a feature leads.
func runOf(name string, n int, lead float64) *eval.Report {
	random := newRandom(uint64(len(name) + n))
	r := &eval.Report{
		Format: eval.Format, Suite: eval.SuiteInfo{Name: name, Hash: "hash of " + name, KnowledgeHash: "kb of " + name, Cases: n},
		Configuration: eval.Configuration{Versions: []string{"1"}, Spaces: []string{"e5"}, Settings: json.RawMessage(`{"articles": 10}`)},
	}
	for i := range n {
		c := eval.CaseResult{ID: fmt.Sprintf("%s-%d", name, i), Question: fmt.Sprintf("%s %d?", name, i), Expect: suite.ExpectNone, Ranked: []string{fmt.Sprint(i)}}
		gap := random.NormFloat64()
		if i%3 > 0 {
			c.Expect, c.GoldIDs = suite.ExpectAnswer, []string{fmt.Sprint(i)}
			gap += lead
		}
		c.Features = map[string]float64{"gap": gap, "noise": random.NormFloat64(), "articles": float64(n - i%3)}
		r.Cases = append(r.Cases, c)
	}
	return r
}

func TestFromRunsRefuses(t *testing.T) {
	t.Parallel()
	good := func() *eval.Report { return runOf("good", 60, 1) }
	other := func(change func(r *eval.Report)) []*eval.Report {
		r := runOf("other", 60, 1)
		change(r)
		return []*eval.Report{good(), r}
	}
	alone := func(change func(r *eval.Report)) []*eval.Report {
		r := good()
		change(r)
		return []*eval.Report{r}
	}
	for name, c := range map[string]struct {
		runs []*eval.Report
		says string
	}{
		"partial": {alone(func(r *eval.Report) { r.Partial, r.Suite.Cases = true, 90 }), "run0.json: holds 60 of the suite's 90 cases; finish it"},
		"another system's": {alone(func(r *eval.Report) {
			for i := range r.Cases {
				r.Cases[i].Features = nil
			}
		}), "records no features of retrieval"},
		"two spaces":   {alone(func(r *eval.Report) { r.Configuration.Spaces = []string{"a", "b"} }), "several embedding spaces (a, b)"},
		"two versions": {alone(func(r *eval.Report) { r.Configuration.Versions = []string{"1", "2"} }), "several versions (1, 2)"},
		"none to fit to": {alone(func(r *eval.Report) {
			for i := range r.Cases {
				r.Cases[i].Expect = suite.ExpectHuman
			}
		}), "holds no ticket to fit to"},
		"other versions": {other(func(r *eval.Report) { r.Configuration.Versions = []string{"2"} }), "run1.json: versions of Purser differ from those of run0.json"},
		"other spaces":   {other(func(r *eval.Report) { r.Configuration.Spaces = nil }), "embedding spaces differ"},
		"other settings": {other(func(r *eval.Report) { r.Configuration.Settings = json.RawMessage(`{"articles":20}`) }), "settings differ"},
		"the same suite": {[]*eval.Report{good(), good()}, `holds case "good-0" of run0.json again`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var runs []calibrate.Run
			for i, r := range c.runs {
				runs = append(runs, calibrate.Run{File: fmt.Sprintf("run%d.json", i), Report: r})
			}
			_, err := calibrate.FromRuns(runs)
			var wrong *calibrate.RunError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error is %v, want %q", err, c.says)
			}
		})
	}
}

func TestFromRunsJoins(t *testing.T) {
	t.Parallel()
	a, b := runOf("same", 60, 1), runOf("same", 63, 1)
	b.Suite.KnowledgeHash = "another kb"
	b.Configuration.Settings = json.RawMessage(`{"articles":10}`)
	a.Cases[0].Error, a.Cases[1].Expect = "down", suite.ExpectHuman
	a.Cases[2].Degraded = []suggest.NoticeCode{suggest.DegradedWordsOnly}
	a.Cases[3].Want, a.Cases[6].Want = suggest.ReasonNothingToAnswer, suggest.ReasonNoKnowledge
	a.Cases[9].ExcludeIDs, a.Cases[9].GoldIDs = []string{"10"}, nil
	d, err := calibrate.FromRuns([]calibrate.Run{{File: "a.json", Report: a}, {File: "b.json", Report: b}})
	if err != nil {
		t.Fatal(err)
	}
	if d.Space != "e5" || d.Skipped != 4 || len(d.Samples) != 56+63 {
		t.Errorf("%d samples, %d skipped, searched in %q", len(d.Samples), d.Skipped, d.Space)
	}
	want := []confidence.Set{
		{Name: "same", Hash: "hash of same", Answerable: 38, Unanswerable: 18}, {Name: "same 2", Hash: "hash of same", Answerable: 42, Unanswerable: 21},
	}
	if diff := cmp.Diff(want, d.Sets); diff != "" {
		t.Errorf("sets (-want +got):\n%s", diff)
	}
	for _, s := range d.Samples {
		// A counterpart is about the article that is hidden from it, as its ticket is.
		if s.ID == "same-9" && s.Set == "same" && cmp.Diff([]string{"kb of same/10"}, s.Articles) != "" {
			t.Errorf("the counterpart is about %v", s.Articles)
		}
	}
}

func TestSetsAreJudgedByThemselves(t *testing.T) {
	t.Parallel()
	d, err := calibrate.FromRuns([]calibrate.Run{
		{File: "easy.json", Report: runOf("easy", 240, 2.5)}, {File: "hard.json", Report: runOf("hard", 120, 0)}, {File: "fair.json", Report: runOf("fair", 180, 1.5)},
	})
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	p, err := calibrate.Fit(t.Context(), d.Samples, d.Sets, calibrate.Options{Name: "three", Space: d.Space, Progress: func(done, total int) {
		if steps++; done != steps || total != 14 {
			t.Errorf("told %d of %d at step %d", done, total, steps)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if p.Space != "e5" || steps != 14 || len(p.Quality.Reliability) != 10 {
		t.Errorf("space %q, %d steps, %d groups", p.Space, steps, len(p.Quality.Reliability))
	}
	for _, f := range p.Features {
		if f.Name == "articles" {
			t.Error("the size of the knowledge was taken for a sign of an answer")
		}
	}
	for i, between := range [][2]float64{{.9, 1}, {.35, .65}, {.75, .95}} {
		s := p.Sets[i]
		if s.Within == nil || s.Unseen == nil {
			t.Fatalf("%s is not judged by itself", s.Name)
		}
		for what, q := range map[string]*confidence.Quality{"within": s.Within, "unseen": s.Unseen} {
			if q.AUROC.Value < between[0] || q.AUROC.Value > between[1] || q.Samples != s.Answerable+s.Unanswerable {
				t.Errorf("%s, %s: AUROC %v of %d", s.Name, what, q.AUROC.Value, q.Samples)
			}
		}
	}
	if p.Sets[0].Within.Folds != 5 || p.Sets[0].Unseen.Folds != 0 {
		t.Errorf("folds: %d and %d", p.Sets[0].Within.Folds, p.Sets[0].Unseen.Folds)
	}
}

// A set of a hundred times the size does not drown the other: where they
// disagree on what a feature means, both are heard.
func TestLargeSetsDoNotDrownSmallOnes(t *testing.T) {
	t.Parallel()
	random := newRandom(3)
	var samples []calibrate.Sample
	add := func(set string, n int, rate float64) {
		for i := range n {
			samples = append(samples, calibrate.Sample{
				Set: set, ID: fmt.Sprint(i), Articles: []string{fmt.Sprint(set, i)}, Answerable: random.Float64() < rate,
				Features: map[string]float64{"x": random.NormFloat64()},
			})
		}
	}
	add("large", 1000, .9)
	add("small", 10, .1)
	p, err := calibrate.Fit(t.Context(), samples, []confidence.Set{{Name: "large"}, {Name: "small"}}, calibrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// By head count it would be .892; by the square roots of 1000 and 10 it is
	// (31.6 · .9 + 3.2 · .1) / 34.8.
	if c, _ := p.Confidence(map[string]float64{"x": 0}); c < .79 || c > .86 {
		t.Errorf("the share of answerable tickets is taken for %v", c)
	}
}

func TestFitEndsWhenTold(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := calibrate.Fit(ctx, planted(200, 1, 1), nil, calibrate.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

// In a set that is a sample, a case counts for as many tickets as it stands for.
func TestSamplesStandForTickets(t *testing.T) {
	t.Parallel()
	random := newRandom(5)
	var samples []calibrate.Sample
	for i := range 400 {
		s := calibrate.Sample{Set: "s", ID: fmt.Sprint(i), Answerable: i%2 == 0, Stands: 1, Features: map[string]float64{"x": random.NormFloat64()}}
		if s.Answerable {
			s.Stands = 4
		}
		samples = append(samples, s)
	}
	p, err := calibrate.Fit(t.Context(), samples, nil, calibrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := p.Confidence(map[string]float64{"x": 0}); c < .77 || c > .83 {
		t.Errorf("four tickets of five were answerable, and the confidence without a sign is %v", c)
	}
}
