package stat

import (
	"cmp"
	"math"
	"slices"
)

// AURCsDifference is the difference of two areas under risk–coverage curves on
// the same cases, second less first, with a percentile bootstrap over cases and
// the two-sided p value of a randomisation test (see swapped).
func AURCsDifference(first, second []Judged, seed uint64) (Estimate, float64) {
	if len(first) == 0 || len(first) != len(second) || !allKnown(first) || !allKnown(second) {
		return Estimate{}, 1
	}
	a, b, both := orderJudged(first), orderJudged(second), orderJudged(slices.Concat(first, second))
	return bootstrapDifference(len(first), seed, func(counts []int) float64 {
		return b.area(counts) - a.area(counts)
	}), swapped(len(first), seed, both.area)
}

// orderedJudged is a curve whose cases can be counted more or less often.
type orderedJudged struct {
	order  []int // of cases, most confident first
	sorted []Judged
	ties   []int
	counts []int
}

func orderJudged(cases []Judged) *orderedJudged {
	o := &orderedJudged{order: make([]int, len(cases)), counts: make([]int, len(cases))}
	for i := range o.order {
		o.order[i] = i
	}
	slices.SortStableFunc(o.order, func(i, j int) int { return cmp.Compare(cases[j].Confidence, cases[i].Confidence) })
	for _, i := range o.order {
		o.sorted = append(o.sorted, cases[i])
	}
	o.ties = tieStarts(o.sorted)
	return o
}

func (o *orderedJudged) area(counts []int) float64 {
	for place, i := range o.order {
		o.counts[place] = counts[i]
	}
	return aurc(o.sorted, o.ties, o.counts)
}

// CalibrationErrorsDifference is the difference of two calibration errors on
// the same cases, second less first, as CalibrationError measures them, with a
// percentile bootstrap over cases and the two-sided p value of a randomisation
// test (see swapped), for which both share their bins.
func CalibrationErrorsDifference(first, second []Forecast, seed uint64) (Estimate, float64) {
	if len(first) < 2 || len(first) != len(second) || !probable(first) || !probable(second) {
		return Estimate{}, 1
	}
	a, b, both := orderForecasts(first), orderForecasts(second), orderForecasts(slices.Concat(first, second))
	return bootstrapDifference(len(first), seed, func(counts []int) float64 {
		return b.gap(counts) - a.gap(counts)
	}), swapped(len(first), seed, both.gap)
}

type orderedForecasts struct {
	order  []int // of cases, least probable first
	sorted []Forecast
	ends   []int
	counts []int
}

func orderForecasts(cases []Forecast) *orderedForecasts {
	o := &orderedForecasts{order: make([]int, len(cases)), counts: make([]int, len(cases))}
	for i := range o.order {
		o.order[i] = i
	}
	slices.SortStableFunc(o.order, func(i, j int) int { return cmp.Compare(cases[i].Probability, cases[j].Probability) })
	for _, i := range o.order {
		o.sorted = append(o.sorted, cases[i])
	}
	o.ends = binEnds(o.sorted, CalibrationBins)
	return o
}

func (o *orderedForecasts) gap(counts []int) float64 {
	for place, i := range o.order {
		o.counts[place] = counts[i]
	}
	return math.Sqrt(max(0, debiasedSquare(o.sorted, o.ends, o.counts)))
}

// bootstrapDifference resamples n cases, told as how often each is counted. The
// difference is one of two values from 0 to 1.
func bootstrapDifference(n int, seed uint64, difference func(counts []int) float64) Estimate {
	counts := once(n)
	e := Estimate{Value: difference(counts), N: n}
	source := newSource(seed)
	values := make([]float64, Resamples)
	for i := range values {
		draw(source, counts)
		values[i] = difference(counts)
	}
	slices.Sort(values)
	e.Low, e.High = sortedQuantile(values, Alpha/2), sortedQuantile(values, 1-Alpha/2)
	return e.spread(float64(n))
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
