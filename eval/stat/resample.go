package stat

import (
	"math"
	"slices"
)

// AURCsDifference is the difference of two areas under risk–coverage curves on
// the same cases, second less first, with a percentile bootstrap over cases and
// the two-sided p value of a randomisation test (see swapped).
func AURCsDifference(first, second []Answer, seed uint64) (Estimate, float64) {
	if len(first) != len(second) || !measurable(first) || !measurable(second) {
		return Estimate{}, 1
	}
	return resampledDifference(len(first), seed, areaUnder(first), areaUnder(second), areaUnder(slices.Concat(first, second)))
}

// CalibrationErrorsDifference is the difference of two calibration errors on
// the same cases, second less first, as CalibrationError measures them, with a
// percentile bootstrap over cases and the two-sided p value of a randomisation
// test (see swapped), for which both share their bins.
func CalibrationErrorsDifference(first, second []Forecast, seed uint64) (Estimate, float64) {
	if len(first) < 2 || len(first) != len(second) || !probable(first) || !probable(second) {
		return Estimate{}, 1
	}
	gap := func(forecasts []Forecast) func(counts []int) float64 {
		square := squaredGap(forecasts)
		return func(counts []int) float64 { return root(square(counts)) }
	}
	return resampledDifference(len(first), seed, gap(first), gap(second), gap(slices.Concat(first, second)))
}

// resampledDifference is the difference of a figure from 0 to 1, second less
// first, with its p value; both is the figure of the cases of both.
func resampledDifference(n int, seed uint64, first, second, both func(counts []int) float64) (Estimate, float64) {
	e := Bootstrap(n, seed, func(counts []int) float64 { return second(counts) - first(counts) })
	return e.spread(float64(n)), swapped(n, seed, both)
}

// swapped is the two-sided p value of the difference that two runs show in what
// value computes of all their n cases at once: approximate randomisation (Noreen,
// "Computer-intensive methods for testing hypotheses", 1989). If it makes no
// difference which run a result is of, exchanging the two results of a case
// shows differences as large as the one seen just as often. Unlike a bootstrap,
// this is no bolder with few cases: two can't come to less than one half. Once
// enough exchanges showed as much, more of them would only say more exactly that
// the difference is nothing (Besag and Clifford, "Sequential Monte Carlo
// p-values", 1991).
//
// Value is told how often to count each result, those of the first run before
// those of the second.
func swapped(n int, seed uint64, value func(counts []int) float64) float64 {
	first, second := make([]int, 2*n), make([]int, 2*n)
	set := func(i int, swap bool) {
		kept, moved := 1, 0
		if swap {
			kept, moved = 0, 1
		}
		first[i], second[i] = kept, moved
		first[n+i], second[n+i] = moved, kept
	}
	for i := range n {
		set(i, false)
	}
	// Sums in another order differ in their last digits, which is no difference.
	seen := math.Abs(value(second)-value(first)) - 1e-12
	source := newSource(seed ^ 0x5c5c5c5c)
	const enough = 100
	extreme := 0
	for drawn := range Resamples {
		if extreme == enough {
			return enough / float64(drawn)
		}
		var bits uint64
		for i := range n {
			if i%64 == 0 {
				bits = source.Uint64()
			}
			set(i, bits&1 == 1)
			bits >>= 1
		}
		if math.Abs(value(second)-value(first)) >= seen {
			extreme++
		}
	}
	return float64(extreme+1) / float64(Resamples+1)
}
