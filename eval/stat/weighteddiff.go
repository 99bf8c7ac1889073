package stat

import (
	"math"
	"slices"
)

// WeightedMeansDifference is the mean of the differences of paired values,
// second less first, each counted by its weight, as WeightedMean counts: what
// the difference would be over the population that the pairs were drawn from.
// The interval is a percentile bootstrap over pairs with their weights, the
// two-sided p value that of the studentised bootstrap (as for MeansDifference),
// with the linearised standard error of a ratio (Woodruff, "A simple method for
// approximating the variance of a complicated estimate", 1971). N counts the
// pairs; it is 0 for none, and for weights that are not above 0.
func WeightedMeansDifference(first, second, weights []float64, seed uint64) (e Estimate, p float64) {
	n := len(first)
	if len(second) != n || len(weights) != n {
		return Estimate{}, 1
	}
	differences := make([]float64, n)
	for i := range differences {
		differences[i] = second[i] - first[i]
	}
	value, _, ok := hajek(differences, weights)
	if !ok {
		return Estimate{}, 1
	}
	e = Estimate{Value: value, N: n, Low: value, High: value}
	if n < 2 || alike(differences) {
		if n >= 2 && value != 0 {
			return e, math.Pow(.5, float64(n-1))
		}
		return e, 1
	}
	counts := once(n)
	_, deviation := ratio(differences, weights, counts)
	seen := math.Abs(value) / deviation
	source := newSource(seed ^ 0x5a5a5a5a)
	ratios := make([]float64, Resamples)
	extreme := 0
	for i := range ratios {
		draw(source, counts)
		drawn, deviation := ratio(differences, weights, counts)
		ratios[i] = drawn
		if deviation <= 1e-150 || math.Abs(drawn-value)/deviation >= seen {
			extreme++
		}
	}
	slices.Sort(ratios)
	e.Low, e.High = sortedQuantile(ratios, Alpha/2), sortedQuantile(ratios, 1-Alpha/2)
	return e, float64(extreme+1) / float64(Resamples+1)
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
