package stat

import (
	"math"
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
	return wilsonEstimate(value, effective, len(values))
}

// WeightedMean is Hájek's ratio Σwv/Σw with the percentile interval of a
// bootstrap that draws values with their weights (Efron, "Bootstrap methods:
// another look at the jackknife", 1979), so that the chance in which weights
// came into the sample counts too. Where the values are all alike the interval
// is that value alone. N and weights are as for WeightedShare.
func WeightedMean(values, weights []float64, seed uint64) Estimate {
	e, _ := weightedMean(values, weights, seed)
	return e
}

// weightedMean is WeightedMean with the two-sided p value of the mean against 0.
func weightedMean(values, weights []float64, seed uint64) (e Estimate, p float64) {
	value, _, ok := hajek(values, weights)
	if !ok {
		return Estimate{}, 1
	}
	n := len(values)
	e = Estimate{Value: value, N: n, Low: value, High: value}
	if alike(values) {
		return e, signTest(value, n)
	}
	_, deviation := ratio(values, weights, once(n))
	seen := math.Abs(value) / deviation
	extreme := 0
	ratios := bootstrap(n, seed^0x5a5a5a5a, func(counts []int) float64 {
		drawn, deviation := ratio(values, weights, counts)
		if deviation <= 1e-150 || math.Abs(drawn-value)/deviation >= seen {
			extreme++
		}
		return drawn
	})
	e.Low, e.High = percentiles(ratios)
	return e, float64(extreme+1) / float64(Resamples+1)
}

// BoundedWeightedMean is WeightedMean for values from 0 to 1, where few that are
// all alike say little, as for BoundedMean; few are few by Kish's effective
// number (see WeightedShare).
func BoundedWeightedMean(values, weights []float64, seed uint64) Estimate {
	_, effective, _ := hajek(values, weights)
	return WeightedMean(values, weights, seed).bounded(effective)
}

// WeightedMeansDifference is the mean of the differences of paired values,
// second less first, each counted by its weight, as WeightedMean counts: what
// the difference would be over the population that the pairs were drawn from.
// The interval is a percentile bootstrap over pairs with their weights, the
// two-sided p value that of the studentised bootstrap (as for MeansDifference),
// with the linearised standard error of a ratio (Woodruff, "A simple method for
// approximating the variance of a complicated estimate", 1971). N counts the
// pairs; it is 0 for none, and for weights that are not above 0.
func WeightedMeansDifference(first, second, weights []float64, seed uint64) (e Estimate, p float64) {
	if len(first) != len(second) {
		return Estimate{}, 1
	}
	return weightedMean(less(first, second), weights, seed)
}

// BoundedWeightedMeansDifference is WeightedMeansDifference for values from 0 to
// 1, of which few differences that are all alike, and not 0, say little; few are
// few by Kish's effective number (see WeightedShare).
func BoundedWeightedMeansDifference(first, second, weights []float64, seed uint64) (Estimate, float64) {
	e, p := WeightedMeansDifference(first, second, weights, seed)
	_, effective, _ := hajek(weights, weights)
	return e.spread(effective), p
}

// ratio is Σwv/Σw with its standard error, each value counted as often as
// counts says.
func ratio(values, weights []float64, counts []int) (value, deviation float64) {
	var sum, total float64
	for i, c := range counts {
		w := float64(c) * weights[i]
		sum += w * values[i]
		total += w
	}
	value = sum / total
	var square float64
	for i, c := range counts {
		r := weights[i] * (values[i] - value)
		square += float64(c) * r * r
	}
	n := float64(len(counts))
	return value, math.Sqrt(square*n/(n-1)) / total
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
