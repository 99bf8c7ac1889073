//go:build !race

// Nothing here runs at once, and the race detector makes it five times slower.

package compare_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/evaltest"
)

// meanRuns compares planted pairs of runs of 400 cases by a metric that is a
// mean, one pair for each seed. draw gives the values of a case in both runs.
func meanRuns(t *testing.T, effect float64, draw func(random *rand.Rand) (a, b float64)) (worse, better, promised float64) {
	t.Helper()
	first, second := evaltest.Planted(make([]bool, 400)), evaltest.Planted(make([]bool, 400))
	for seed := range uint64(seeds) {
		random := newRandom(seed + 31)
		for i := range first.Cases {
			a, b := draw(random)
			first.Cases[i].Scores = map[string]float64{eval.RougeL: a}
			second.Cases[i].Scores = map[string]float64{eval.RougeL: b}
		}
		c, err := compare.Runs(first, second, effect)
		if err != nil {
			t.Fatal(err)
		}
		d := c.Metrics[eval.RougeL]
		promised += *d.Power / seeds
		switch d.Verdict {
		case compare.Worse:
			worse += 1. / seeds
		case compare.Better:
			better += 1. / seeds
		case compare.CantTell, compare.Different:
		}
	}
	return worse, better, promised
}

// score is a case of its own difficulty, answered with noise, within 0 and 1.
func score(random *rand.Rand, difficulty, noise float64) float64 {
	return min(1, max(0, difficulty+noise*random.NormFloat64()))
}

// place is one over the place of the first right article, 0 beyond ten.
func place(random *rand.Rand) float64 {
	if random.Float64() < .1 {
		return 0
	}
	return 1 / float64(1+int(random.ExpFloat64()*1.2))
}

// No difference: a second run draws again. Scores differ in every case, places
// in one of three.
func TestARedrawOfMeansIsNotCalledDifferent(t *testing.T) {
	t.Parallel()
	for name, draw := range map[string]func(random *rand.Rand) (a, b float64){
		"scores": func(random *rand.Rand) (a, b float64) {
			difficulty := random.Float64()
			return score(random, difficulty, .2), score(random, difficulty, .2)
		},
		"places": func(random *rand.Rand) (a, b float64) {
			a = place(random)
			if b = a; random.Float64() < .33 {
				b = place(random)
			}
			return a, b
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			worse, better, _ := meanRuns(t, .05, draw)
			t.Logf("%d re-draws of 400 %s: %.1f%% called different", seeds, name, 100*(worse+better))
			if rate := worse + better; rate > .055 || rate < .03 {
				t.Errorf("a re-draw is called different in %.1f%%, want 3 to 5.5", 100*rate)
			}
		})
	}
}

// A true loss is found as often as the report says.
func TestALossOfMeansIsFoundAsOftenAsPromised(t *testing.T) {
	t.Parallel()
	const effect = .05
	for _, noise := range []float64{.2, .3} {
		t.Run(fmt.Sprintf("noise %v", noise), func(t *testing.T) {
			t.Parallel()
			worse, better, promised := meanRuns(t, effect, func(random *rand.Rand) (a, b float64) {
				difficulty := .2 + .6*random.Float64()
				return difficulty + noise*random.NormFloat64(), difficulty + noise*random.NormFloat64() - effect
			})
			t.Logf("%d runs that lost 5 points, noise %v: called worse in %.1f%%, promised %.1f%%, called better in %.1f%%",
				seeds, noise, 100*worse, 100*promised, 100*better)
			if math.Abs(worse-promised) > .04 {
				t.Errorf("called worse in %v, promised %v", worse, promised)
			}
			if better >= .005 {
				t.Errorf("called better in %v", better)
			}
		})
	}
}
