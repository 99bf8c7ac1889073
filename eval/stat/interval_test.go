package stat_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/purser-desk/purser/eval/stat"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance {
		t.Errorf("%s is %.10g, want %.10g", what, got, want)
	}
}

// The intervals of 81 of 263 and 15 of 148 are worked out by Newcombe,
// "Two-sided confidence intervals for the single proportion" (1998), table I;
// all values are also those of statsmodels' proportion_confint.
func TestShareIsWilsons(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		successes, n int
		low, high    float64
	}{
		{"Newcombe 81 of 263", 81, 263, 0.2552885198782742, 0.36620957698280004},
		{"Newcombe 15 of 148", 15, 148, 0.06238639953073628, 0.16048724172330803},
		{"none of ten", 0, 10, 0, 0.27753279986288926},
		{"all of ten", 10, 10, 0.7224672001371106, 1},
		{"one of three", 1, 3, 0.06149194472039626, 0.7923403991979523},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := stat.Share(test.successes, test.n)
			near(t, "low", e.Low, test.low, 1e-12)
			near(t, "high", e.High, test.high, 1e-12)
			near(t, "value", e.Value, float64(test.successes)/float64(test.n), 0)
		})
	}
	if e := stat.Share(0, 0); e != (stat.Estimate{}) {
		t.Errorf("nothing gives %+v", e)
	}
}

func TestUpperBound(t *testing.T) {
	t.Parallel()
	near(t, "none of ten", stat.UpperBound(0, 10), 0.2588655508930523, 1e-12)
	near(t, "one of three", stat.UpperBound(1, 3), 0.8646496378284162, 1e-9)
	near(t, "81 of 263", stat.UpperBound(81, 263), 0.35817849557578413, 1e-9)
	near(t, "rule of three", stat.UpperBound(0, 1000), 3./1000, 1e-5)
	near(t, "all", stat.UpperBound(5, 5), 1, 0)
	near(t, "nothing tried", stat.UpperBound(0, 0), 1, 0)
}

func TestQuantileIsLinear(t *testing.T) {
	t.Parallel()
	values := []float64{10, 1, 3, 2, 4}
	near(t, "median", stat.Quantile(values, .5), 3, 0)
	near(t, "p95", stat.Quantile(values, .95), 8.8, 1e-12)
	near(t, "p10", stat.Quantile(values, .1), 1.4, 1e-12)
	if values[0] != 10 {
		t.Error("the values were sorted in place")
	}
	if !math.IsNaN(stat.Quantile(nil, .5)) {
		t.Error("no values must give NaN")
	}
}

// The interval is that of scipy.stats.bootstrap with BCa and 200,000 resamples.
// Ranks of the order statistics that bound a median's 95% interval, as published
// in tables (Conover, "Practical nonparametric statistics", 1999, section 3.2);
// and of the 95th percentile's, from the binomial distribution summed in exact
// numbers: it takes 72 values to bound it from above.
func TestQuantileOfIsBetweenOrderStatistics(t *testing.T) {
	t.Parallel()
	none := math.Inf(1)
	for _, c := range []struct {
		n            int
		p, low, high float64
	}{
		{5, .5, -none, none},
		{6, .5, 1, 6},
		{10, .5, 2, 9},
		{20, .5, 6, 15},
		{50, .5, 18, 33},
		{100, .5, 40, 61},
		{71, .95, 63, none},
		{72, .95, 64, 72},
		{1000, .95, 936, 964},
	} {
		values := make([]float64, c.n)
		for i := range values {
			values[i] = float64(c.n - i)
		}
		e := stat.QuantileOf(values, c.p)
		if e.N != c.n || e.Low != c.low || e.High != c.high || e.Value != stat.Quantile(values, c.p) {
			t.Errorf("n %d, p %v: %+v, want %v to %v", c.n, c.p, e, c.low, c.high)
		}
	}
	if e := stat.QuantileOf(nil, .5); e.N != 0 || !math.IsNaN(e.Value) {
		t.Errorf("of nothing: %+v", e)
	}
}

func TestMeanIsBCa(t *testing.T) {
	t.Parallel()
	values := []float64{1, .5, 0, 0, .333333, 1, 1, .25, .1, 0, .5, 1, .2, 0, 1, 1, .5, .333333, 1, 1}
	e := stat.Mean(values, 7)
	near(t, "mean", e.Value, 0.5358333, 1e-9)
	near(t, "low", e.Low, 0.3591666, .012)
	near(t, "high", e.High, 0.7158333, .012)
	if again := stat.Mean(values, 7); again != e {
		t.Errorf("the same seed gives %+v, then %+v", e, again)
	}
	if other := stat.Mean(values, 8); other == e {
		t.Error("another seed gives the same resamples")
	}
}

func TestMeanOfLittle(t *testing.T) {
	t.Parallel()
	if e := stat.Mean(nil, 1); e != (stat.Estimate{}) {
		t.Errorf("nothing gives %+v", e)
	}
	want := stat.Estimate{Value: .5, N: 3, Low: .5, High: .5}
	if e := stat.Mean([]float64{.5, .5, .5}, 1); e != want {
		t.Errorf("equal values give %+v, want %+v", e, want)
	}
}

// Area and variance were computed pair by pair with numpy; the interval is
// DeLong's on the logit scale.
func TestAUROC(t *testing.T) {
	t.Parallel()
	near(t, "scikit-learn's example", stat.AUROC([]float64{.35, .8}, []float64{.1, .4}).Value, .75, 1e-12)
	e := stat.AUROC(
		[]float64{.9, .8, .7, .7, .55, .54, .53, .51, .4},
		[]float64{.8, .6, .53, .52, .39, .3, .2, .7, .1, .05, .36},
	)
	near(t, "area", e.Value, 0.7676767676767676, 1e-12)
	near(t, "low", e.Low, 0.4988270731056452, 1e-9)
	near(t, "high", e.High, 0.9164582468832435, 1e-9)
	if e.N != 20 {
		t.Errorf("n is %d, want 20", e.N)
	}
	apart := stat.AUROC([]float64{2, 3}, []float64{0, 1})
	if apart.Value != 1 || apart.High != 1 || apart.Low > .5 {
		t.Errorf("two against two that do not overlap: %+v", apart)
	}
	if e := stat.AUROC(nil, []float64{1}); e.N != 0 {
		t.Errorf("one class alone gives %+v", e)
	}
}

func TestAUROCIsTheShareOfPairs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 {
			return float64(rapid.IntRange(0, 8).Draw(t, "score")) / 8
		}), 1, 30)
		positives, negatives := scores.Draw(t, "positives"), scores.Draw(t, "negatives")
		var won float64
		for _, p := range positives {
			for _, n := range negatives {
				switch {
				case p > n:
					won++
				case p == n:
					won += .5
				}
			}
		}
		e := stat.AUROC(positives, negatives)
		if want := won / float64(len(positives)*len(negatives)); math.Abs(e.Value-want) > 1e-9 {
			t.Errorf("area is %v, want %v", e.Value, want)
		}
		if e.Low > e.Value+1e-9 || e.High < e.Value-1e-9 || e.Low < 0 || e.High > 1 {
			t.Errorf("interval %v–%v around %v", e.Low, e.High, e.Value)
		}
	})
}

func TestBoundedMeanOfValuesAllAlike(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values    []float64
		low, high float64
	}{
		"all right is what a share of all is": {[]float64{1, 1, 1, 1}, stat.Share(4, 4).Low, 1},
		"none right likewise":                 {[]float64{0, 0, 0, 0}, 0, stat.Share(0, 4).High},
		"one value between tells nothing":     {[]float64{.5}, 0, 1},
		"a hundred tell something":            {slices.Repeat([]float64{.5}, 100), .3642, .6358},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := stat.BoundedMean(c.values, 1)
			near(t, "low", e.Low, c.low, 1e-4)
			near(t, "high", e.High, c.high, 1e-4)
			if e.Value != c.values[0] || e.N != len(c.values) {
				t.Errorf("value %v of %d, want %v of %d", e.Value, e.N, c.values[0], len(c.values))
			}
		})
	}
	differ := []float64{1, .5, 0, .25}
	if got, want := stat.BoundedMean(differ, 1), stat.Mean(differ, 1); got != want {
		t.Errorf("values that differ give %+v, want %+v", got, want)
	}
}
