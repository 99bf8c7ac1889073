package calibrate_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/calibrate"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
)

func newRandom(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 8))
}

// planted are samples whose answer hangs on a feature that leads by so much,
// and on nothing else.
func planted(n int, lead float64, seed uint64) []calibrate.Sample {
	random := newRandom(seed)
	samples := make([]calibrate.Sample, n)
	for i := range samples {
		answerable := random.Float64() < .7
		gap := random.NormFloat64()
		if answerable {
			gap += lead
		}
		samples[i] = calibrate.Sample{
			Set: "planted", ID: fmt.Sprintf("%05d", i), Answerable: answerable,
			Articles: []string{fmt.Sprintf("planted/%d", i/2)},
			Features: map[string]float64{"gap": gap, "noise": random.NormFloat64(), "same": 3},
		}
	}
	return samples
}

func fit(t *testing.T, samples []calibrate.Sample, o calibrate.Options) confidence.Profile {
	t.Helper()
	p, err := calibrate.Fit(t.Context(), samples, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// At the optimum of the penalised likelihood, what is left of the data along
// each standardised feature is the penalty times its weight.
func TestFitIsTheOptimum(t *testing.T) {
	t.Parallel()
	samples := planted(300, 1.5, 1)
	p := fit(t, samples, calibrate.Options{})
	if len(p.Features) == 0 || p.Features[0].Name != "gap" {
		t.Fatalf("features: %+v", p.Features)
	}
	var atIntercept float64
	left := make([]float64, len(p.Features))
	for _, s := range samples {
		c, ok := p.Confidence(s.Features)
		if !ok {
			t.Fatal("a feature is missing")
		}
		d := -c
		if s.Answerable {
			d++
		}
		atIntercept += d
		for j, f := range p.Features {
			z := (s.Features[f.Name] - f.Mean) / f.Scale
			left[j] += d * max(-confidence.Bound, min(confidence.Bound, z))
		}
	}
	if math.Abs(atIntercept) > 1e-6 {
		t.Errorf("the intercept leaves %v", atIntercept)
	}
	for j, f := range p.Features {
		if math.Abs(left[j]-p.Penalty*f.Weight) > 1e-6 {
			t.Errorf("%s leaves %v, want %v", f.Name, left[j], p.Penalty*f.Weight)
		}
	}
}

// Two normal classes 1.5 standard deviations apart have an AUROC of
// Φ(1.5/√2) = .856, and a logistic model of them is calibrated.
func TestQualityIsWhatIsThere(t *testing.T) {
	t.Parallel()
	p := fit(t, planted(800, 1.5, 2), calibrate.Options{Seed: 3})
	q := p.Quality
	if math.Abs(q.AUROC.Value-.856) > .03 {
		t.Errorf("AUROC is %+v", q.AUROC)
	}
	if q.CalibrationError.Value > .05 {
		t.Errorf("calibration error is %+v", q.CalibrationError)
	}
	if q.FalseAbstention.Low > .1 || q.FalseAbstention.High < .1 || q.RightAbstention.Value < .45 {
		t.Errorf("silences: %+v of the answerable, %+v of the others", q.FalseAbstention, q.RightAbstention)
	}
}

// Nothing to learn: an honest cross-validation finds nothing.
func TestQualityOfNoiseIsNone(t *testing.T) {
	t.Parallel()
	q := fit(t, planted(600, 0, 5), calibrate.Options{}).Quality
	if q.AUROC.Low > .5 || q.AUROC.High < .5 {
		t.Errorf("noise has an AUROC of %+v", q.AUROC)
	}
}

// A feature that is the same for all tickets about an article tells nothing of
// other articles: were an article in both halves, it would look like knowledge.
func TestArticlesAreNotSplit(t *testing.T) {
	t.Parallel()
	random := newRandom(11)
	var samples []calibrate.Sample
	for article := range 60 {
		answerable, mark := article%2 == 0, random.NormFloat64()
		for k := range 8 {
			samples = append(samples, calibrate.Sample{
				Set: "marks", ID: fmt.Sprintf("%d-%d", article, k), Answerable: answerable,
				Articles: []string{fmt.Sprint(article)}, Features: map[string]float64{"mark": mark, "square": mark * mark, "cube": mark * mark * mark},
			})
		}
	}
	q := fit(t, samples, calibrate.Options{}).Quality
	if q.AUROC.Value > .65 {
		t.Errorf("marks of articles that were not seen have an AUROC of %v", q.AUROC.Value)
	}
}

func TestIsotonicWhereDataSuffice(t *testing.T) {
	t.Parallel()
	// The truth is a step, which no logistic curve is.
	random := newRandom(4)
	var samples []calibrate.Sample
	for i := range 1500 {
		x := random.Float64()
		chance := .2
		if x > .5 {
			chance = .9
		}
		samples = append(samples, calibrate.Sample{
			Set: "step", ID: fmt.Sprint(i), Answerable: random.Float64() < chance, Features: map[string]float64{"x": x},
		})
	}
	p := fit(t, samples, calibrate.Options{})
	if len(p.Isotonic) < 2 {
		t.Fatalf("isotonic map: %+v", p.Isotonic)
	}
	for i := 1; i < len(p.Isotonic); i++ {
		if a, b := p.Isotonic[i-1], p.Isotonic[i]; b.From <= a.From || b.To < a.To {
			t.Errorf("the map falls from %+v to %+v", a, b)
		}
	}
	for x, want := range map[float64]float64{.1: .2, .4: .2, .6: .9, .9: .9} {
		if c, _ := p.Confidence(map[string]float64{"x": x}); math.Abs(c-want) > .1 {
			t.Errorf("confidence at %v is %v, want %v", x, c, want)
		}
	}
	if small := fit(t, samples[:500], calibrate.Options{}); len(small.Isotonic) != 0 {
		t.Error("500 samples got an isotonic map")
	}
}

func TestFitIsReproducible(t *testing.T) {
	t.Parallel()
	samples := planted(200, 1, 6)
	a, b := fit(t, samples, calibrate.Options{Seed: 1}), fit(t, samples, calibrate.Options{Seed: 1})
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("two fits differ:\n%s", diff)
	}
}

func TestFitNeedsBothKinds(t *testing.T) {
	t.Parallel()
	_, err := calibrate.Fit(t.Context(), planted(20, 1, 1), nil, calibrate.Options{})
	var few *calibrate.TooFewError
	if !errors.As(err, &few) || !strings.Contains(err.Error(), "add cases") {
		t.Errorf("error is %v", err)
	}
	samples := planted(200, 1, 1)
	samples[0].Features = nil
	if _, err := calibrate.Fit(t.Context(), samples, nil, calibrate.Options{}); err == nil || !strings.Contains(err.Error(), "no feature in common") {
		t.Errorf("error is %v", err)
	}
}

func TestProfileGoesToJSONAndBack(t *testing.T) {
	t.Parallel()
	p := fit(t, planted(200, 1, 6), calibrate.Options{Name: "test"})
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	back, err := confidence.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	features := map[string]float64{"gap": 1.2, "noise": -.3}
	x, _ := p.Confidence(features)
	if y, ok := back.Confidence(features); !ok || x != y {
		t.Errorf("confidence is %v, then %v", x, y)
	}
	for name, missing := range map[string]map[string]float64{"none": {"noise": 1}, "no number": {"gap": math.NaN()}} {
		if _, ok := p.Confidence(missing); ok {
			t.Errorf("%s: a missing feature was taken for one", name)
		}
	}
}

func TestFromRun(t *testing.T) {
	t.Parallel()
	r := &eval.Report{Suite: eval.SuiteInfo{Name: "s", Hash: "h"}, Cases: []eval.CaseResult{
		{ID: "a", Expect: suite.ExpectAnswer, GoldIDs: []string{"x", "y"}, Ranked: []string{"z"}, Features: map[string]float64{"f": 1}},
		{ID: "b", Expect: suite.ExpectNone, Ranked: []string{"z", "x"}, Features: map[string]float64{"f": 2}},
		{ID: "c", Expect: suite.ExpectHuman, Outcome: suggest.OutcomeHumanOnly, Features: map[string]float64{"f": 3}},
		{ID: "d", Expect: suite.ExpectAnswer, Error: "down"},
	}}
	samples, set := calibrate.FromRun(r)
	want := []calibrate.Sample{
		{Set: "s", ID: "a", Articles: []string{"s/x", "s/y"}, Features: map[string]float64{"f": 1}, Answerable: true},
		{Set: "s", ID: "b", Articles: []string{"s/z"}, Features: map[string]float64{"f": 2}},
	}
	if diff := cmp.Diff(want, samples); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(confidence.Set{Name: "s", Hash: "h", Answerable: 1, Unanswerable: 1}, set); diff != "" {
		t.Errorf("set (-want +got):\n%s", diff)
	}
}
