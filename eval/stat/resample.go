package stat

import (
	"cmp"
	"math"
	"slices"
)

// AURCsDifference is the difference of two areas under risk–coverage curves on
// the same cases, second less first, with a percentile bootstrap over cases and
// a two-sided p value from it.
func AURCsDifference(first, second []Judged, seed uint64) (Estimate, float64) {
	if len(first) == 0 || len(first) != len(second) {
		return Estimate{}, 1
	}
	a, b := orderJudged(first), orderJudged(second)
	return bootstrapDifference(len(first), seed, func(counts []int) float64 {
		return b.area(counts) - a.area(counts)
	})
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
// percentile bootstrap over cases and a two-sided p value from it.
func CalibrationErrorsDifference(first, second []Forecast, seed uint64) (Estimate, float64) {
	if len(first) < 2 || len(first) != len(second) {
		return Estimate{}, 1
	}
	a, b := orderForecasts(first), orderForecasts(second)
	return bootstrapDifference(len(first), seed, func(counts []int) float64 {
		return b.gap(counts) - a.gap(counts)
	})
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

// bootstrapDifference resamples n cases, told as how often each is counted.
func bootstrapDifference(n int, seed uint64, difference func(counts []int) float64) (Estimate, float64) {
	counts := once(n)
	seen := difference(counts)
	source := newSource(seed)
	values := make([]float64, Resamples)
	below, above := 0, 0
	for i := range values {
		draw(source, counts)
		values[i] = difference(counts)
		if values[i] <= 0 {
			below++
		}
		if values[i] >= 0 {
			above++
		}
	}
	slices.Sort(values)
	e := Estimate{
		Value: seen, N: n,
		Low: sortedQuantile(values, Alpha/2), High: sortedQuantile(values, 1-Alpha/2),
	}
	return e, min(1, 2*float64(min(below, above)+1)/float64(Resamples+1))
}
