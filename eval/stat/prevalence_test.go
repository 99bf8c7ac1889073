package stat_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/purser-desk/purser/eval/stat"
)

// Rates .9 and .8, and 38% positive, make (.38 − .2) / .7.
func TestPrevalenceUndoesMistakes(t *testing.T) {
	t.Parallel()
	e := stat.Prevalence(stat.Share(190, 500), stat.Share(180, 200), stat.Share(80, 100))
	if want := .18 / .7; math.Abs(e.Value-want) > 1e-12 || e.N != 500 || e.Low >= e.Value || e.High <= e.Value {
		t.Errorf("got %+v, want %v", e, want)
	}
	for name, e := range map[string]stat.Estimate{
		"a guess":           stat.Prevalence(stat.Share(190, 500), stat.Share(50, 100), stat.Share(50, 100)),
		"nothing positive":  stat.Prevalence(stat.Estimate{}, stat.Share(9, 10), stat.Share(9, 10)),
		"no sensitivity":    stat.Prevalence(stat.Share(1, 2), stat.Estimate{}, stat.Share(9, 10)),
		"no specificity":    stat.Prevalence(stat.Share(1, 2), stat.Share(9, 10), stat.Estimate{}),
		"worse than chance": stat.Prevalence(stat.Share(1, 2), stat.Share(1, 10), stat.Share(1, 10)),
	} {
		if e != (stat.Estimate{}) {
			t.Errorf("%s: got %+v", name, e)
		}
	}
	perfect := stat.Prevalence(stat.Share(50, 50), stat.Share(20, 20), stat.Share(20, 20))
	if perfect.Value != 1 || perfect.Low > .97 || perfect.High != 1 {
		t.Errorf("small samples without a mistake leave no doubt: %+v", perfect)
	}
}

// The interval holds the truth as often as it promises, all three sources of
// chance counted.
func TestPrevalenceCovers(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	draw := func(n int, p float64) int {
		k := 0
		for range n {
			if random.Float64() < p {
				k++
			}
		}
		return k
	}
	for _, truth := range []float64{.1, .5, .85} {
		const se, sp = .9, .75
		covered, tries := 0, 2000
		for range tries {
			e := stat.Prevalence(
				stat.Share(draw(190, truth*se+(1-truth)*(1-sp)), 190),
				stat.Share(draw(170, se), 170), stat.Share(draw(40, sp), 40))
			if e.Low <= truth && truth <= e.High {
				covered++
			}
		}
		if share := float64(covered) / float64(tries); share < .935 || share > .985 {
			t.Errorf("of %v, the interval holds %v", truth, share)
		}
	}
}
