package stat_test

import (
	"math"
	"testing"

	"github.com/purser-desk/purser/eval/stat"
)

func TestWeightedMeansDifference(t *testing.T) {
	t.Parallel()
	// By hand: (1·.5 + 3·(−.1) + 2·0) / 6.
	e, p := stat.WeightedMeansDifference([]float64{0, .6, .2}, []float64{.5, .5, .2}, []float64{1, 3, 2}, 1)
	near(t, "difference", e.Value, (.5-.3)/6, 1e-12)
	if e.N != 3 || e.Low > e.Value || e.High < e.Value || p <= 0 || p > 1 {
		t.Errorf("%+v, p %v", e, p)
	}
	same := []float64{.1, .9, .4}
	if e, p := stat.WeightedMeansDifference(same, same, []float64{1, 2, 3}, 1); e.Value != 0 || p != 1 {
		t.Errorf("the same values give %+v, p %v", e, p)
	}
	for _, weights := range [][]float64{{1, 2}, {1, 2, 0}, {1, 2, -1}, {1, 2, math.NaN()}} {
		if e, p := stat.WeightedMeansDifference(same, same, weights, 1); e.N != 0 || p != 1 {
			t.Errorf("weights %v give %+v, p %v", weights, e, p)
		}
	}
}

// With equal weights it is the plain difference of means.
func TestEqualWeightsWeighNothing(t *testing.T) {
	t.Parallel()
	random := newRandom(3)
	var a, b, weights []float64
	for range 200 {
		v := random.Float64()
		a, b, weights = append(a, v), append(b, v+.03*random.NormFloat64()+.005), append(weights, 2.5)
	}
	plain, p := stat.MeansDifference(a, b, 3)
	weighted, q := stat.WeightedMeansDifference(a, b, weights, 3)
	near(t, "difference", weighted.Value, plain.Value, 1e-12)
	near(t, "low", weighted.Low, plain.Low, .002)
	near(t, "high", weighted.High, plain.High, .002)
	near(t, "p", q, p, .02)
}

// The size of the test, with weights as a stratified sample has them.
func TestWeightedMeansDifferenceKeepsItsLevel(t *testing.T) {
	t.Parallel()
	const runs = 300
	different := 0
	for seed := range uint64(runs) {
		random := newRandom(seed)
		var a, b, weights []float64
		for i := range 160 {
			base := random.Float64()
			a, b = append(a, base+.2*random.NormFloat64()), append(b, base+.2*random.NormFloat64())
			weights = append(weights, []float64{1, 2, 8}[i%3])
		}
		if _, p := stat.WeightedMeansDifference(a, b, weights, seed); p < stat.Alpha {
			different++
		}
	}
	rate := float64(different) / runs
	t.Logf("called different: %.3f", rate)
	if rate < .02 || rate > .09 {
		t.Errorf("no difference is called one in %v of the runs", rate)
	}
}
