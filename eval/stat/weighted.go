package stat

import (
	"slices"
)

// WeightedShare is the share of values that are 1, each counted by its weight:
// Hájek's ratio Σwv/Σw ("Comment on a paper by D. Basu", 1971), which undoes
// sampling with known probabilities when a weight is one over the item's. The
// interval is Wilson's with the effective number of observations (Σw)²/Σw² in
// place of n (Kish, "Survey Sampling", 1965; as Korn and Graubard do it in
// "Confidence intervals for proportions with small expected number of positive
// counts estimated from survey data", 1998). That leaves out what stratifying
// gains, so it is rather too wide than too narrow. N counts the values. Weights
// must be above 0 and as many as values, and all of them numbers; else the estimate
// is empty.
func WeightedShare(values, weights []float64) Estimate {
	value, effective, ok := hajek(values, weights)
	if !ok {
		return Estimate{}
	}
	e := Estimate{Value: value, N: len(values)}
	e.Low, e.High = wilson(value, effective)
	if value == 0 {
		e.Low = 0
	}
	if value == 1 {
		e.High = 1
	}
	return e
}

// WeightedMean is Hájek's ratio Σwv/Σw with the percentile interval of a
// bootstrap that draws values with their weights (Efron, "Bootstrap methods:
// another look at the jackknife", 1979), so that the chance in which weights
// came into the sample counts too. Where the values are all alike the interval
// is that value alone. N and weights are as for WeightedShare.
func WeightedMean(values, weights []float64, seed uint64) Estimate {
	value, _, ok := hajek(values, weights)
	if !ok {
		return Estimate{}
	}
	e := Estimate{Value: value, N: len(values), Low: value, High: value}
	if alike(values) {
		return e
	}
	source := newSource(seed)
	ratios := make([]float64, Resamples)
	n := uint64(len(values))
	for i := range ratios {
		var sum, total float64
		for range values {
			k := (source.Uint64() >> 32) * n >> 32
			sum += weights[k] * values[k]
			total += weights[k]
		}
		ratios[i] = sum / total
	}
	slices.Sort(ratios)
	e.Low, e.High = sortedQuantile(ratios, (1-Confidence)/2), sortedQuantile(ratios, (1+Confidence)/2)
	return e
}

// BoundedWeightedMean is WeightedMean for values from 0 to 1, where few that are
// all alike say little, as for BoundedMean; few are few by Kish's effective
// number (see WeightedShare).
func BoundedWeightedMean(values, weights []float64, seed uint64) Estimate {
	value, effective, ok := hajek(values, weights)
	if !ok || !alike(values) {
		return WeightedMean(values, weights, seed)
	}
	if value == 0 || value == 1 {
		return WeightedShare(values, weights)
	}
	half := hoeffding(1, effective)
	return Estimate{N: len(values), Value: value, Low: max(0, value-half), High: min(1, value+half)}
}

// hajek is Σwv/Σw with Kish's effective number of observations; ok is false for
// no values and for values or weights that can't be.
func hajek(values, weights []float64) (value, effective float64, ok bool) {
	if len(values) == 0 || len(values) != len(weights) || !numbers(values, weights) {
		return 0, 0, false
	}
	var sum, total, square float64
	for i, w := range weights {
		if w <= 0 {
			return 0, 0, false
		}
		sum += w * values[i]
		total += w
		square += w * w
	}
	return min(max(sum/total, slices.Min(values)), slices.Max(values)), total * total / square, true
}
