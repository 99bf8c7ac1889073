package stat_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval/stat"
)

// Expected values are those of statsmodels' cohens_kappa, which has the same
// large-sample interval.
func TestCohenKappa(t *testing.T) {
	t.Parallel()
	var a, b []int
	for _, cell := range []struct{ a, b, n int }{{1, 1, 20}, {1, 0, 5}, {0, 1, 10}, {0, 0, 15}} {
		for range cell.n {
			a, b = append(a, cell.a), append(b, cell.b)
		}
	}
	e := stat.CohenKappa(a, b)
	near(t, "κ", e.Value, .4, 1e-12)
	near(t, "low", e.Low, 0.151092290476661, 1e-9)
	near(t, "high", e.High, 0.6489077095233389, 1e-9)
	if e := stat.CohenKappa([]int{1, 1}, []int{1, 1}); e.N != 0 {
		t.Errorf("one category alone gives %+v", e)
	}
}

func TestKappaOfOrderedRatings(t *testing.T) {
	t.Parallel()
	a := []int{0, 1, 2, 3, 4, 4, 3, 2, 1, 0, 2, 2, 3, 1, 4}
	b := []int{0, 1, 2, 4, 4, 3, 3, 2, 0, 0, 1, 3, 3, 1, 2}
	e := stat.CohenKappa(a, b)
	near(t, "κ", e.Value, .5, 1e-12)
	near(t, "low", e.Low, 0.19250296551146073, 1e-9)
	near(t, "high", e.High, 0.8074970344885392, 1e-9)
}

// The worked example of Fleiss (1971) as it is usually shown: ten subjects,
// fourteen raters, five categories, κ = .210.
func TestFleissKappa(t *testing.T) {
	t.Parallel()
	counts := [][]int{
		{0, 0, 0, 0, 14},
		{0, 2, 6, 4, 2},
		{0, 0, 3, 5, 6},
		{0, 3, 9, 2, 0},
		{2, 2, 8, 1, 1},
		{7, 7, 0, 0, 0},
		{3, 2, 6, 3, 0},
		{2, 5, 3, 2, 2},
		{6, 5, 2, 1, 0},
		{0, 2, 2, 3, 7},
	}
	e := stat.FleissKappa(counts, 1)
	near(t, "κ", e.Value, 0.20993070442195522, 1e-12)
	if e.N != 10 || e.Low >= e.Value || e.High <= e.Value {
		t.Errorf("interval %v–%v of %d", e.Low, e.High, e.N)
	}
	if e := stat.FleissKappa([][]int{{2, 0}, {1, 0}}, 1); e.N != 0 {
		t.Errorf("uneven raters give %+v", e)
	}
}

func TestRiskCoverage(t *testing.T) {
	t.Parallel()
	cases := []stat.Answer{{.9, 0}, {.8, 1}, {.7, 0}, {.6, 0}}
	want := []stat.RiskPoint{{.25, 0, .9}, {.5, .5, .8}, {.75, 1. / 3, .7}, {1, .25, .6}}
	if diff := cmp.Diff(want, stat.RiskCoverage(cases)); diff != "" {
		t.Errorf("curve (-want +got):\n%s", diff)
	}
	// By hand: (0 + 1/2 + 1/3 + 1/4) / 4.
	e := stat.AURC(cases, 1)
	near(t, "area", e.Value, (1./2+1./3+1./4)/4, 1e-12)
	if e.Low > e.Value || e.High < e.Value {
		t.Errorf("interval %v–%v around %v", e.Low, e.High, e.Value)
	}
	// Ties: both cases of the tie count with their mean loss.
	tied := stat.AURC([]stat.Answer{{.5, 1}, {.5, 0}}, 1)
	near(t, "area of a tie", tied.Value, .5, 1e-12)
	if points := stat.RiskCoverage([]stat.Answer{{.5, 1}, {.5, 0}}); len(points) != 1 {
		t.Errorf("a tie gives %d points", len(points))
	}
	if e := stat.AURC(nil, 1); e.N != 0 {
		t.Errorf("nothing gives %+v", e)
	}
}

func forecasts() []stat.Forecast {
	p := []float64{
		0.086, 0.237, 0.801, 0.582, 0.094, 0.433, 0.479, 0.16, 0.735, 0.114, 0.391, 0.517, 0.431, 0.587, 0.738, 0.956, 0.284, 0.649, 0.696, 0.293,
		0.001, 0.973, 0.298, 0.314, 0.892, 0.585, 0.471, 0.773, 0.03, 0.707, 0.374, 0.091, 0.661, 0.931, 0.207, 0.63, 0.298, 0.742, 0.722, 0.219,
	}
	y := []int{
		0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
		0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0,
	}
	out := make([]stat.Forecast, len(p))
	for i := range p {
		out[i] = stat.Forecast{Probability: p[i], Happened: y[i] == 1}
	}
	return out
}

// The square is that of unbiased_square_ce in the authors' own
// uncertainty-calibration, with ten bins of equal size.
func TestCalibrationError(t *testing.T) {
	t.Parallel()
	e := stat.CalibrationError(forecasts(), 1)
	near(t, "debiased error", e.Value, math.Sqrt(0.004664758333333326), 1e-12)
	if e.N != 40 || e.Low > e.Value || e.High < e.Value {
		t.Errorf("interval %v–%v of %d", e.Low, e.High, e.N)
	}
	bins := stat.Reliability(forecasts(), 10)
	if len(bins) != 10 || bins[0].N != 4 || math.Abs(bins[0].Forecast-(.001+.03+.086+.091)/4) > 1e-12 {
		t.Errorf("first of %d bins: %+v", len(bins), bins[0])
	}
}

func TestCalibrationErrorOfGoodForecasts(t *testing.T) {
	t.Parallel()
	const runs, cases = 200, 240
	random := newRandom(5)
	held, plain := 0, 0.
	for run := range uint64(runs) {
		list := make([]stat.Forecast, cases)
		for i := range list {
			p := random.Float64()
			list[i] = stat.Forecast{Probability: p, Happened: random.Float64() < p}
		}
		e := stat.CalibrationError(list, run)
		plain += e.Value / runs
		if e.Low == 0 {
			held++
		}
	}
	if rate := float64(held) / runs; rate < .93 {
		t.Errorf("0 is within the interval in %v of the runs", rate)
	}
	if plain > .05 {
		t.Errorf("perfect forecasts have an error of %v on average", plain)
	}
}

func TestReliabilityKeepsEqualForecastsTogether(t *testing.T) {
	t.Parallel()
	list := make([]stat.Forecast, 20)
	for i := range list {
		list[i] = stat.Forecast{Probability: .5, Happened: i%2 == 0}
	}
	if bins := stat.Reliability(list, 10); len(bins) != 1 || bins[0].Happened.Value != .5 {
		t.Errorf("bins: %+v", bins)
	}
	if bins := stat.Reliability(nil, 10); len(bins) != 0 {
		t.Errorf("nothing gives %+v", bins)
	}
}

func TestBrier(t *testing.T) {
	t.Parallel()
	// Brier's own kind of example: (.1² + .1² + .2² + .7²) / 4, as in
	// scikit-learn's manual for brier_score_loss with .1, .9, .8, .3.
	e := stat.Brier([]stat.Forecast{{.1, false}, {.9, true}, {.8, true}, {.3, false}}, 1)
	near(t, "Brier", e.Value, .0375, 1e-12)
}

// The usual worked example: relevances 3, 2, 3, 0, 1, 2 give .961.
func TestNDCG(t *testing.T) {
	t.Parallel()
	gains, ideal := []float64{3, 2, 3, 0, 1, 2}, []float64{3, 3, 2, 2, 1, 0}
	near(t, "nDCG", stat.NDCG(gains, ideal, 6), 0.9608081943360616, 1e-12)
	near(t, "nDCG@4", stat.NDCG(gains, ideal, 4), 0.8530852898337352, 1e-12)
	near(t, "beyond the end", stat.NDCG(gains, ideal, 10), 0.9608081943360616, 1e-12)
	// The example of scikit-learn's manual for ndcg_score, whole and cut at four.
	gains, ideal = []float64{5, 1, 0, 0, 10}, []float64{10, 5, 1, 0, 0}
	near(t, "scikit-learn's example", stat.NDCG(gains, ideal, 5), 0.6956940443813076, 1e-12)
	near(t, "scikit-learn's example, cut", stat.NDCG(gains, ideal, 4), 0.4123818817534531, 1e-12)
	near(t, "nothing relevant", stat.NDCG(gains, nil, 10), 0, 0)
}

func TestRecallAt(t *testing.T) {
	t.Parallel()
	found := []bool{true, false, true, true}
	near(t, "recall@1", stat.RecallAt(found, 4, 1), .25, 0)
	near(t, "recall@3", stat.RecallAt(found, 4, 3), .5, 0)
	near(t, "recall@10", stat.RecallAt(found, 4, 10), .75, 0)
	if !math.IsNaN(stat.RecallAt(found, 0, 3)) {
		t.Error("nothing relevant must give NaN")
	}
}
