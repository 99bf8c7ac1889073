package stat_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/purser-desk/purser/eval/stat"
)

func newRandom(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 9))
}

// The first two are the examples of Fagerland, Lydersen and Laake (2013), which
// give .039 and .035.
func TestMcNemarIsMidP(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		gained, lost int
		want         float64
	}{
		{"airway hyper-responsiveness", 1, 7, 0.0390625},
		{"complete response", 6, 16, 0.03468966484069824},
		{"balanced", 5, 5, 0.876953125},
		{"five to none", 5, 0, 0.03125},
		{"eighty disagree", 30, 50, 0.025654357971696278},
		{"no disagreement", 0, 0, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			near(t, "p", stat.McNemar(test.gained, test.lost), test.want, 1e-12)
			near(t, "p the other way", stat.McNemar(test.lost, test.gained), test.want, 1e-12)
		})
	}
}

// Expected values were summed term by term with scipy.
func TestMcNemarPower(t *testing.T) {
	t.Parallel()
	near(t, "one case in ten disagrees", stat.McNemarPower(400, .1, .05), 0.9015534918652823, 1e-9)
	near(t, "one case in five disagrees", stat.McNemarPower(400, .2, -.05), 0.6087972847366737, 1e-9)
	near(t, "a hundred cases", stat.McNemarPower(100, .3, .1), 0.4344657034206281, 1e-9)
	near(t, "all one way", stat.McNemarPower(50, .1, .1), 0.5688015931709283, 1e-9)
	near(t, "no cases", stat.McNemarPower(0, .1, .1), 0, 0)
	if p := stat.McNemarPower(10_000, .2, .02); p < .99 {
		t.Errorf("power on ten thousand cases is %v", p)
	}
}

func TestSmallestShareEffectHasUsualPower(t *testing.T) {
	t.Parallel()
	for _, disagree := range []float64{0, .05, .1, .3} {
		e := stat.SmallestShareEffect(400, disagree)
		if p := stat.McNemarPower(400, disagree, e); p < .8 || p > .81 {
			t.Errorf("disagreement %v: effect %v has power %v", disagree, e, p)
		}
	}
	if e := stat.SmallestShareEffect(3, .1); !math.IsNaN(e) {
		t.Errorf("three cases show nothing, but the smallest effect is %v", e)
	}
}

// The worked example is Newcombe's: 36, 12, 2 and 0 give .0569 to .3404.
func TestSharesDifference(t *testing.T) {
	t.Parallel()
	e := stat.SharesDifference(36, 12, 2, 50)
	near(t, "difference", e.Value, .2, 1e-12)
	near(t, "low", e.Low, .0569, 5e-5)
	near(t, "high", e.High, .3404, 5e-5)
	rapid.Check(t, func(t *rapid.T) {
		both, gained := rapid.IntRange(0, 30).Draw(t, "both"), rapid.IntRange(0, 30).Draw(t, "gained")
		lost, neither := rapid.IntRange(0, 30).Draw(t, "lost"), rapid.IntRange(0, 30).Draw(t, "neither")
		n := both + gained + lost + neither
		if n == 0 {
			return
		}
		e, back := stat.SharesDifference(both, gained, lost, n), stat.SharesDifference(both, lost, gained, n)
		if e.Low > e.Value || e.High < e.Value || e.Low < -1-1e-9 || e.High > 1+1e-9 {
			t.Errorf("interval %v–%v around %v", e.Low, e.High, e.Value)
		}
		if math.Abs(e.Low+back.High) > 1e-9 || math.Abs(e.High+back.Low) > 1e-9 {
			t.Errorf("%+v is not the mirror image of %+v", e, back)
		}
	})
}

func TestMeansDifferenceTakesPairs(t *testing.T) {
	t.Parallel()
	random := newRandom(1)
	var a, b, shuffled []float64
	for range 200 {
		hard := random.Float64()
		a = append(a, hard)
		b = append(b, hard+.02+.05*random.NormFloat64())
	}
	shuffled = slices.Clone(b)
	random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	e, p := stat.MeansDifference(a, b, 3)
	if p > .001 || e.Low <= 0 {
		t.Errorf("a paired gain of .02 gives p %v and %+v", p, e)
	}
	if _, p := stat.MeansDifference(a, shuffled, 3); p < .05 {
		t.Errorf("pairs torn apart give p %v", p)
	}
	if e, p := stat.MeansDifference(a, a, 3); p != 1 || e.Value != 0 || e.Low != 0 || e.High != 0 {
		t.Errorf("the same values give p %v and %+v", p, e)
	}
	_, back := stat.MeansDifference(b, a, 3)
	near(t, "p the other way", back, p, .002)
}

// The size of the test: how often no difference is called one.
func TestMeansDifferenceKeepsItsLevel(t *testing.T) {
	t.Parallel()
	const runs = 300
	different := 0
	for seed := range uint64(runs) {
		random := newRandom(seed)
		var a, b []float64
		for range 150 {
			place := func() float64 {
				if random.Float64() < .2 {
					return 0
				}
				return 1 / float64(1+random.IntN(4))
			}
			first := place()
			second := first
			if random.Float64() < .3 {
				second = place()
			}
			a, b = append(a, first), append(b, second)
		}
		if _, p := stat.MeansDifference(a, b, seed); p < stat.Alpha {
			different++
		}
	}
	rate := float64(different) / runs
	t.Logf("called different: %.3f", rate)
	if rate < .02 || rate > .09 {
		t.Errorf("no difference is called one in %v of the runs", rate)
	}
}

func TestAUROCsDifference(t *testing.T) {
	t.Parallel()
	positives := []float64{.9, .8, .7, .6, .55, .4}
	negatives := []float64{.5, .45, .3, .2, .1}
	e, p := stat.AUROCsDifference([2][]float64{positives, positives}, [2][]float64{negatives, negatives})
	if p != 1 || e.Value != 0 {
		t.Errorf("the same scores give p %v and %+v", p, e)
	}
	worse := []float64{.2, .8, .3, .6, .1, .4}
	e, p = stat.AUROCsDifference([2][]float64{positives, worse}, [2][]float64{negatives, negatives})
	near(t, "difference", e.Value, stat.AUROC(worse, negatives).Value-stat.AUROC(positives, negatives).Value, 1e-12)
	if e.Value >= 0 || p <= 0 || p >= 1 {
		t.Errorf("worse scores give p %v and %+v", p, e)
	}
	if _, p := stat.AUROCsDifference([2][]float64{positives, worse[:2]}, [2][]float64{negatives, negatives}); p != 1 {
		t.Errorf("what is not paired gives p %v", p)
	}
}

// Expected values were computed pair by pair with numpy, from the covariance of
// the structural components as DeLong and others (1988) give it.
func TestAUROCsDifferenceIsDeLongs(t *testing.T) {
	t.Parallel()
	e, p := stat.AUROCsDifference(
		[2][]float64{{.9, .8, .7, .6, .55, .4}, {.2, .8, .3, .6, .1, .4}},
		[2][]float64{{.5, .45, .3, .2, .1}, {.35, .45, .5, .2, .1}},
	)
	near(t, "difference", e.Value, -0.3666666666666667, 1e-12)
	near(t, "low", e.Low, -0.7516553498316592, 1e-12)
	near(t, "high", e.High, 0.01832201649832582, 1e-12)
	near(t, "p", p, 0.061945277183313066, 1e-12)
}

// The interval is that of scipy.stats.bootstrap with BCa and 400,000 resamples
// of the differences.
func TestMeansDifferenceIsBootstrapped(t *testing.T) {
	t.Parallel()
	e, p := stat.MeansDifference(
		[]float64{.31, .62, .48, .9, .12, .55, .7, .33, .81, .44, .27, .66},
		[]float64{.4, .6, .5, .95, .3, .52, .88, .31, .9, .5, .35, .7}, 1)
	near(t, "difference", e.Value, .06, 1e-12)
	near(t, "low", e.Low, 0.025, .003)
	near(t, "high", e.High, 0.1016667, .003)
	if p > .05 {
		t.Errorf("p is %v, and the interval is above 0", p)
	}
}

func TestAClearDifferenceOutlastsACorrection(t *testing.T) {
	t.Parallel()
	random := newRandom(2)
	first, second := make([]float64, 300), make([]float64, 300)
	for i := range first {
		first[i] = random.Float64()
		second[i] = first[i] - .2 + .1*random.NormFloat64()
	}
	if _, p := stat.MeansDifference(first, second, 1); p > 1e-9 || p < 0 {
		t.Errorf("p is %v", p)
	}
}

func TestMeanPower(t *testing.T) {
	t.Parallel()
	// Differences 1 and −1, a hundred each: their mean has the standard error
	// √(200/199)/√200 = 1/√199.
	first, second := make([]float64, 200), make([]float64, 200)
	for i := range second {
		second[i] = float64(i%2*2 - 1)
	}
	e := 1 / math.Sqrt(199)
	near(t, "power", stat.MeanPower(first, second, .2), .5*math.Erfc(-(.2/e-1.959963984540054)/math.Sqrt2), 1e-12)
	near(t, "power the other way", stat.MeanPower(first, second, -.2), stat.MeanPower(first, second, .2), 0)
	near(t, "power of the smallest effect", stat.MeanPower(first, second, stat.SmallestMeanEffect(first, second)), .8, 1e-9)
	if p := stat.MeanPower(first, first, .2); !math.IsNaN(p) {
		t.Errorf("without a spread the power is %v", p)
	}
}

// Expected values are those of statsmodels' multipletests.
func TestCorrections(t *testing.T) {
	t.Parallel()
	p := []float64{.01, .04, .03, .005, .2, .04, .6}
	within := cmpopts.EquateApprox(0, 1e-12)
	if diff := cmp.Diff([]float64{0.06, 0.16, 0.15, 0.035, 0.4, 0.16, 0.6}, stat.Holm(p), within); diff != "" {
		t.Errorf("Holm (-want +got):\n%s", diff)
	}
	if len(stat.Holm(nil)) != 0 {
		t.Error("no tests must stay none")
	}
}
