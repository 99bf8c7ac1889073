package stat

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Resamples is how often every bootstrap resamples.
const Resamples = 2000

// newSource makes a reproducible source of chance.
func newSource(seed uint64) *rand.PCG { return rand.NewPCG(seed, 0x9e3779b97f4a7c15) }

// once counts each of n cases once.
func once(n int) []int { return slices.Repeat([]int{1}, n) }

// draw fills counts with how often each of len(counts) is drawn in as many
// draws. One draw of 64 bits gives two places: 32 bits each, scaled down.
func draw(source *rand.PCG, counts []int) {
	clear(counts)
	n := uint64(len(counts))
	for j := 0; j < len(counts); j += 2 {
		u := source.Uint64()
		counts[(u>>32)*n>>32]++
		if j+1 < len(counts) {
			counts[(u&math.MaxUint32)*n>>32]++
		}
	}
}

// bootstrap is what a figure comes to in Resamples of n cases, sorted; the figure
// is told how often to count each.
func bootstrap(n int, seed uint64, figure func(counts []int) float64) []float64 {
	source, counts, values := newSource(seed), make([]int, n), make([]float64, Resamples)
	for i := range values {
		draw(source, counts)
		values[i] = figure(counts)
	}
	slices.Sort(values)
	return values
}

// Bootstrap is a figure of n cases with the percentile interval of a bootstrap over
// them (Efron, "Bootstrap methods: another look at the jackknife", 1979); the
// figure is told how often to count each case.
func Bootstrap(n int, seed uint64, figure func(counts []int) float64) Estimate {
	e := Estimate{Value: figure(once(n)), N: n}
	e.Low, e.High = percentiles(bootstrap(n, seed, figure))
	return e
}

// percentiles are the bounds of an interval that sorted bootstrap values give.
func percentiles(sorted []float64) (low, high float64) {
	return sortedQuantile(sorted, Alpha/2), sortedQuantile(sorted, 1-Alpha/2)
}

// moments hands each the sum of a resample's values, less the centre, and that of
// their squares: what draw and a loop over counts would give, in less time.
func moments(values []float64, centre float64, source *rand.PCG, each func(sum, square float64)) {
	n := uint64(len(values))
	for range Resamples {
		var sum, square float64
		for j := 0; j < len(values); j += 2 {
			u := source.Uint64()
			v := values[(u>>32)*n>>32] - centre
			sum += v
			square += v * v
			if j+1 < len(values) {
				v = values[(u&math.MaxUint32)*n>>32] - centre
				sum += v
				square += v * v
			}
		}
		each(sum, square)
	}
}

// Mean is the mean of values with the bias-corrected and accelerated bootstrap
// interval (Efron, "Better bootstrap confidence intervals", 1987; for the mean
// the acceleration is a sixth of the skewness over √n). Where the values are
// all alike the interval is that value alone. N is 0 where one is no number.
func Mean(values []float64, seed uint64) Estimate {
	n := len(values)
	if n == 0 || !numbers(values) {
		return Estimate{}
	}
	e := Estimate{N: n, Value: stat.Mean(values, nil)}
	if alike(values) {
		e.Value, e.Low, e.High = values[0], values[0], values[0]
		return e
	}
	means := make([]float64, 0, Resamples)
	moments(values, 0, newSource(seed), func(sum, _ float64) { means = append(means, sum/float64(n)) })
	slices.Sort(means)
	skewness := stat.Moment(3, values, nil) / math.Pow(stat.Moment(2, values, nil), 1.5)
	e.Low, e.High = bca(means, e.Value, skewness/(6*math.Sqrt(float64(n))))
	return e
}

// bca cuts sorted bootstrap values so that bias and skewness are undone.
func bca(sorted []float64, observed, acceleration float64) (low, high float64) {
	normal := distuv.UnitNormal
	below, found := slices.BinarySearch(sorted, observed)
	upTo := below
	if found {
		upTo, _ = slices.BinarySearch(sorted, math.Nextafter(observed, math.Inf(1)))
	}
	n := float64(len(sorted))
	bias := normal.Quantile(min(max(float64(below+upTo)/2/n, .5/n), 1-.5/n))
	cut := func(z float64) float64 {
		return sortedQuantile(sorted, normal.CDF(bias+(bias+z)/(1-acceleration*(bias+z))))
	}
	return cut(-z95), cut(z95)
}

// BoundedMean is Mean for values from 0 to 1. Values that are all alike leave
// nothing to resample, but few of them say little all the same. Where they are
// all 1, at least as many of all that could come are 1 as Share allows for, and
// the mean is no lower; so for 0. Anywhere between, the bound of Hoeffding
// ("Probability inequalities for sums of bounded random variables", 1963) holds.
func BoundedMean(values []float64, seed uint64) Estimate {
	return Mean(values, seed).bounded(float64(len(values)))
}

// bounded gives a mean of values from 0 to 1 whose interval has no width, because
// they are all alike, that of as many effective observations.
func (e Estimate) bounded(effective float64) Estimate {
	switch {
	case e.N == 0 || e.Low != e.High:
	case e.Value == 0 || e.Value == 1:
		return wilsonEstimate(e.Value, effective, e.N)
	default:
		half := hoeffding(1, effective)
		e.Low, e.High = max(0, e.Value-half), min(1, e.Value+half)
	}
	return e
}

// hoeffding is half the width of an interval for the mean of n values that lie
// within a span.
func hoeffding(span, n float64) float64 {
	return span * math.Sqrt(math.Log(2/Alpha)/(2*n))
}

// numbers reports whether all values are: neither NaN, which no order has a place
// for, nor infinite.
func numbers(lists ...[]float64) bool {
	for _, values := range lists {
		if slices.ContainsFunc(values, func(v float64) bool { return !isNumber(v) }) {
			return false
		}
	}
	return true
}

func isNumber(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func alike(values []float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return v != values[0] })
}

// less is each value of second less that of first.
func less(first, second []float64) []float64 {
	out := make([]float64, min(len(first), len(second)))
	for i := range out {
		out[i] = second[i] - first[i]
	}
	return out
}
