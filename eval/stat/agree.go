package stat

import "math"

// CohenKappa is the agreement of two raters on the same items beyond chance
// (Cohen, "A coefficient of agreement for nominal scales", 1960), with the
// large-sample interval of Fleiss, Cohen and Everitt ("Large sample standard
// errors of kappa and weighted kappa", 1969). Categories are any numbers. N is
// 0 when there are no items, or when both used one category alone, so that
// there is nothing to agree on.
func CohenKappa(first, second []int) Estimate {
	n := min(len(first), len(second))
	if n == 0 {
		return Estimate{}
	}
	index := map[int]int{}
	for i := range n {
		for _, c := range []int{first[i], second[i]} {
			if _, ok := index[c]; !ok {
				index[c] = len(index)
			}
		}
	}
	k := len(index)
	shares := make([][]float64, k)
	for i := range shares {
		shares[i] = make([]float64, k)
	}
	rows, columns := make([]float64, k), make([]float64, k)
	for i := range n {
		a, b := index[first[i]], index[second[i]]
		shares[a][b] += 1 / float64(n)
		rows[a] += 1 / float64(n)
		columns[b] += 1 / float64(n)
	}
	var observed, chance float64
	for i := range k {
		observed += shares[i][i]
		chance += rows[i] * columns[i]
	}
	if 1-chance < 1e-12 {
		return Estimate{}
	}
	value := (observed - chance) / (1 - chance)
	if math.Abs(value) < 1e-12 {
		value = 0 // what rounding left of no agreement at all
	}
	var sum float64
	for i := range k {
		for j := range k {
			d := -(columns[i] + rows[j]) * (1 - value)
			if i == j {
				d++
			}
			sum += shares[i][j] * d * d
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
	all := make([]int, len(counts))
	for i := range all {
		all[i] = i
	}
	value, ok := fleiss(counts, all)
	if !ok {
		return Estimate{}
	}
	source := newSource(seed)
	n := uint64(len(counts))
	var values []float64
	pick := make([]int, len(counts))
	for range Resamples {
		for i := range pick {
			pick[i] = int((source.Uint64() >> 32) * n >> 32)
		}
		if v, ok := fleiss(counts, pick); ok {
			values = append(values, v)
		}
	}
	e := Estimate{Value: value, N: len(counts), Low: value, High: value}
	if len(values) > 0 {
		e.Low, e.High = Quantile(values, Alpha/2), Quantile(values, 1-Alpha/2)
	}
	return e
}

func fleiss(counts [][]int, items []int) (float64, bool) {
	if len(items) == 0 {
		return 0, false
	}
	raters := 0
	for _, c := range counts[items[0]] {
		raters += c
	}
	totals := make([]float64, len(counts[items[0]]))
	var agreement float64
	for _, i := range items {
		sum, square := 0, 0
		if len(counts[i]) != len(totals) {
			return 0, false
		}
		for j, c := range counts[i] {
			sum += c
			square += c * c
			totals[j] += float64(c)
		}
		if sum != raters || raters < 2 {
			return 0, false
		}
		agreement += float64(square-raters) / float64(raters*(raters-1))
	}
	agreement /= float64(len(items))
	var chance float64
	for _, t := range totals {
		share := t / float64(len(items)*raters)
		chance += share * share
	}
	if 1-chance < 1e-12 {
		return 0, false
	}
	return (agreement - chance) / (1 - chance), true
}
