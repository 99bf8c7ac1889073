package stat_test

import (
	"math"
	"slices"
	"testing"

	"github.com/purser-desk/purser/eval/stat"
)

// A run and an independent re-draw of it differ in nothing, however few cases
// there are.
func TestWholesOfFewCasesAreNotCalledDifferent(t *testing.T) {
	t.Parallel()
	const runs = 200
	for _, n := range []int{2, 4, 10, 30} {
		errors, areas := 0, 0
		for seed := range uint64(runs) {
			truth := newRandom(seed)
			var forecasts [2][]stat.Forecast
			var judged [2][]stat.Answer
			noise := newRandom(seed + 1000)
			for range n {
				chance := truth.Float64()
				happened := truth.Float64() < chance
				for k := range 2 {
					seen := min(1, max(0, chance+.2*(noise.Float64()-.5)))
					forecasts[k] = append(forecasts[k], stat.Forecast{Probability: seen, Happened: happened})
					loss := 0.
					if happened != (noise.Float64() < .9) {
						loss = 1
					}
					judged[k] = append(judged[k], stat.Answer{Confidence: seen, Loss: loss})
				}
			}
			if _, p := stat.CalibrationErrorsDifference(forecasts[0], forecasts[1], seed); p < stat.Alpha {
				errors++
			}
			if _, p := stat.AURCsDifference(judged[0], judged[1], seed); p < stat.Alpha {
				areas++
			}
		}
		// One in twenty, and what chance adds to that in 200 runs.
		if errors > 20 || areas > 20 {
			t.Errorf("%d cases: of %d re-draws, %d are called different in calibration and %d in area", n, runs, errors, areas)
		}
	}
}

func TestAnAreaThatGrewIsCalledDifferent(t *testing.T) {
	t.Parallel()
	random := newRandom(5)
	var good, bad []stat.Answer
	for range 100 {
		loss := float64(random.IntN(2))
		good = append(good, stat.Answer{Confidence: 1 - loss + random.Float64()/2, Loss: loss})
		bad = append(bad, stat.Answer{Confidence: random.Float64(), Loss: loss})
	}
	e, p := stat.AURCsDifference(good, bad, 1)
	if p > .01 || e.Low <= 0 {
		t.Errorf("p %v, %+v", p, e)
	}
	back, same := stat.AURCsDifference(bad, good, 1)
	if math.Abs(e.Value+back.Value) > 1e-12 || math.Abs(same-p) > .02 {
		t.Errorf("the other way: p %v, %+v", same, back)
	}
}

// What one case did tells little of others.
func TestADifferenceOfOneCaseTellsLittle(t *testing.T) {
	t.Parallel()
	e, p := stat.AURCsDifference([]stat.Answer{{Confidence: .5}}, []stat.Answer{{Confidence: .5, Loss: 1}}, 1)
	if p != 1 || e.Value != 1 || e.Low > -.3 || e.High != 1 {
		t.Errorf("area: p %v, %+v", p, e)
	}
	if e, p := stat.BoundedMeansDifference([]float64{.61}, []float64{.588}, 1); p != 1 || e.Low != -1 || e.High != 1 {
		t.Errorf("mean: p %v, %+v", p, e)
	}
	few, many := slices.Repeat([]float64{.5}, 4), slices.Repeat([]float64{.5}, 4000)
	down := func(values []float64) []float64 { return slices.Repeat([]float64{.48}, len(values)) }
	if e, _ := stat.BoundedMeansDifference(few, down(few), 1); e.Low != -1 || e.High < .5 {
		t.Errorf("four cases: %+v", e)
	}
	if e, _ := stat.BoundedMeansDifference(many, down(many), 1); e.Low < -.07 || e.High > .03 {
		t.Errorf("4,000 cases: %+v", e)
	}
	if e, _ := stat.BoundedMeansDifference(few, few, 1); e.Low != 0 || e.High != 0 {
		t.Errorf("nothing changed: %+v", e)
	}
}

// Four cases that stand for as many as they like are four cases.
func TestWeightsMakeNoCasesUp(t *testing.T) {
	t.Parallel()
	weights := []float64{10, 10, 10, 10}
	ones, halves := slices.Repeat([]float64{1}, 4), slices.Repeat([]float64{.5}, 4)
	plain := stat.BoundedMean(ones, 1)
	if e := stat.BoundedWeightedMean(ones, weights, 1); e.Value != 1 || e.High != 1 || math.Abs(e.Low-plain.Low) > 1e-9 || e.N != 4 {
		t.Errorf("%+v, without weights %+v", e, plain)
	}
	plain = stat.BoundedMean(halves, 1)
	if e := stat.BoundedWeightedMean(halves, weights, 1); math.Abs(e.Low-plain.Low) > 1e-9 || math.Abs(e.High-plain.High) > 1e-9 {
		t.Errorf("%+v, without weights %+v", e, plain)
	}
	uneven := []float64{1000, 1, 1, 1}
	if e := stat.BoundedWeightedMean(ones, uneven, 1); e.Low > .3 {
		t.Errorf("one case bears all the weight: %+v", e)
	}
	if e, p := stat.BoundedWeightedMeansDifference(ones, halves, uneven, 1); e.Low != -1 || e.High < .5 || p < .1 {
		t.Errorf("one case bears all the weight: p %v, %+v", p, e)
	}
}
