package stat

import (
	"math"
	"slices"
)

// CohenKappa is the agreement of two raters on the same items beyond chance
// (Cohen, "A coefficient of agreement for nominal scales", 1960), with the
// large-sample interval of Fleiss, Cohen and Everitt ("Large sample standard
// errors of kappa and weighted kappa", 1969). Categories are any numbers. N is
// 0 when there are no items, or when both used one category alone, so that
// there is nothing to agree on.
func CohenKappa(first, second []int) Estimate {
	n := min(len(first), len(second))
	each := 1 / float64(n)
	categories := slices.Concat(first[:n], second[:n])
	slices.Sort(categories)
	categories = slices.Compact(categories)
	shares, rows, columns := map[[2]int]float64{}, map[int]float64{}, map[int]float64{}
	for i := range n {
		shares[[2]int{first[i], second[i]}] += each
		rows[first[i]] += each
		columns[second[i]] += each
	}
	var observed, chance float64
	for _, c := range categories {
		observed += shares[[2]int{c, c}]
		chance += rows[c] * columns[c]
	}
	if n == 0 || 1-chance < 1e-12 {
		return Estimate{}
	}
	value := (observed - chance) / (1 - chance)
	if math.Abs(value) < 1e-12 {
		value = 0 // what rounding left of no agreement at all
	}
	var sum float64
	for _, a := range categories {
		for _, b := range categories {
			d := -(columns[a] + rows[b]) * (1 - value)
			if a == b {
				d++
			}
			sum += shares[[2]int{a, b}] * d * d
		}
	}
	shift := value - chance*(1-value)
	variance := max(0, sum-shift*shift) / ((1 - chance) * (1 - chance) * float64(n))
	if variance < 1e-15 {
		variance = 0 // likewise
	}
	half := z95 * math.Sqrt(variance)
	return Estimate{Value: value, N: n, Low: max(-1, value-half), High: min(1, value+half)}
}

// FleissKappa is the agreement of several raters beyond chance (Fleiss,
// "Measuring nominal scale agreement among many raters", 1971): counts holds,
// for each item, how many raters chose each category, the same number of raters
// for every item. The interval is a bootstrap over items, percentiles of
// Resamples. N is the number of items; 0 when the counts are uneven, or when
// there is nothing to agree on.
func FleissKappa(counts [][]int, seed uint64) Estimate {
	n := len(counts)
	value := fleiss(counts, once(n))
	if math.IsNaN(value) {
		return Estimate{}
	}
	drawn := bootstrap(n, seed, func(times []int) float64 { return fleiss(counts, times) })
	drawn = slices.DeleteFunc(drawn, math.IsNaN)
	e := Estimate{Value: value, N: n, Low: value, High: value}
	if len(drawn) > 0 {
		e.Low, e.High = percentiles(drawn)
	}
	return e
}

// fleiss is the agreement on items, each counted so many times; NaN where there is
// none to tell.
func fleiss(items [][]int, times []int) float64 {
	var agreement, n float64
	var totals []float64
	raters := 0
	for i, counts := range items {
		if totals == nil {
			totals = make([]float64, len(counts))
			for _, c := range counts {
				raters += c
			}
		}
		sum, square := 0, 0
		if len(counts) != len(totals) {
			return math.NaN()
		}
		w := float64(times[i])
		for j, c := range counts {
			sum += c
			square += c * c
			totals[j] += w * float64(c)
		}
		if sum != raters || raters < 2 {
			return math.NaN()
		}
		agreement += w * float64(square-raters) / float64(raters*(raters-1))
		n += w
	}
	var chance float64
	for _, t := range totals {
		share := t / (n * float64(raters))
		chance += share * share
	}
	if n == 0 || 1-chance < 1e-12 {
		return math.NaN()
	}
	return (agreement/n - chance) / (1 - chance)
}
