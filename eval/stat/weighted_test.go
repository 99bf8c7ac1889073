package stat_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/purser-desk/purser/eval/stat"
)

// Weights that are all alike change nothing.
func TestEqualWeightsAreNone(t *testing.T) {
	t.Parallel()
	values, weights := make([]float64, 263), make([]float64, 263)
	for i := range values {
		weights[i] = 2.5
		if i < 81 {
			values[i] = 1
		}
	}
	got, want := stat.WeightedShare(values, weights), stat.Share(81, 263)
	for _, c := range [][2]float64{{got.Value, want.Value}, {got.Low, want.Low}, {got.High, want.High}} {
		if math.Abs(c[0]-c[1]) > 1e-12 {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// Worked by hand: three items of weight 10 and two of weight 1, of which one of
// each is met: 11/32; (Σw)²/Σw² = 32²/302.
func TestWeightedShareByHand(t *testing.T) {
	t.Parallel()
	e := stat.WeightedShare([]float64{1, 0, 0, 1, 0}, []float64{10, 10, 10, 1, 1})
	n := 32.0 * 32 / 302
	p, z := 11.0/32, 1.959963984540054
	low := (p + z*z/(2*n) - z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))) / (1 + z*z/n)
	if e.N != 5 || math.Abs(e.Value-p) > 1e-12 || math.Abs(e.Low-low) > 1e-12 {
		t.Errorf("%+v, want %v from %v", e, p, low)
	}
}

func TestWeightsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, weights := range map[string][]float64{
		"none": nil, "too few": {1}, "zero": {1, 0}, "negative": {1, -1}, "not a number": {1, math.NaN()}, "infinite": {1, math.Inf(1)},
	} {
		if e := stat.WeightedShare([]float64{1, 0}, weights); e != (stat.Estimate{}) {
			t.Errorf("%s: %+v", name, e)
		}
		if e := stat.WeightedMean([]float64{1, 0}, weights, 1); e != (stat.Estimate{}) {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// A stratum of one in fifty is sampled as often as the rest; the intervals must
// hold the population's figure in about 95 of 100 samples, and never in less
// than 90.
func TestWeightedIntervalsKeepTheirPromise(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	const rare, common, each, times = 200, 9800, 100, 400
	truth := (rare*.9 + common*.2) / (rare + common)
	shares, means := 0, 0
	for i := range times {
		var values, weights []float64
		for range each {
			values, weights = append(values, float64(boolean(random.Float64() < .9))), append(weights, rare/each)
			values, weights = append(values, float64(boolean(random.Float64() < .2))), append(weights, common/each)
		}
		if e := stat.WeightedShare(values, weights); e.Low <= truth && truth <= e.High {
			shares++
		}
		if e := stat.WeightedMean(values, weights, uint64(i)); e.Low <= truth && truth <= e.High {
			means++
		}
	}
	if shares < times*90/100 || means < times*90/100 {
		t.Errorf("of %d intervals %d (share) and %d (mean) hold the truth", times, shares, means)
	}
	t.Logf("of %d intervals %d (share) and %d (mean) hold the truth", times, shares, means)
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
