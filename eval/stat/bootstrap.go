package stat

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Resamples is how often Mean and PairedMean resample.
const Resamples = 2000

// Mean is the mean of values with the bias-corrected and accelerated bootstrap
// interval (Efron, "Better bootstrap confidence intervals", 1987; for the mean
// the acceleration is a sixth of the skewness over √n). Where the values are
// all alike the interval is that value alone. N is 0 where one is no number.
func Mean(values []float64, seed uint64) Estimate {
	n := len(values)
	if n == 0 || !numbers(values) {
		return Estimate{}
	}
	e := Estimate{N: n, Value: mean(values)}
	if n == 1 || alike(values) {
		e.Low, e.High = e.Value, e.Value
		return e
	}
	means := resample(values, Resamples, seed)
	e.Low, e.High = bca(means, e.Value, acceleration(values, e.Value))
	return e
}

// BoundedMean is Mean for values from 0 to 1. Values that are all alike leave
// nothing to resample, but few of them say little all the same. Where they are
// all 1, at least as many of all that could come are 1 as Share allows for, and
// the mean is no lower; so for 0. Anywhere between, the bound of Hoeffding
// ("Probability inequalities for sums of bounded random variables", 1963) holds.
func BoundedMean(values []float64, seed uint64) Estimate {
	n := len(values)
	if n == 0 || !alike(values) || !numbers(values) {
		return Mean(values, seed)
	}
	switch v := values[0]; v {
	case 0:
		return Share(0, n)
	case 1:
		return Share(n, n)
	default:
		half := hoeffding(1, float64(n))
		return Estimate{N: n, Value: v, Low: max(0, v-half), High: min(1, v+half)}
	}
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
		for _, v := range values {
			if !isNumber(v) {
				return false
			}
		}
	}
	return true
}

func isNumber(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func alike(values []float64) bool {
	for _, v := range values {
		if v != values[0] {
			return false
		}
	}
	return true
}

// resample returns the sorted means of times resamples.
func resample(values []float64, times int, seed uint64) []float64 {
	source := newSource(seed)
	means := make([]float64, times)
	n := uint64(len(values))
	for i := range means {
		var sum float64
		j := 0
		// One draw of 64 bits gives two places: 32 bits each, scaled down.
		for ; j+1 < len(values); j += 2 {
			u := source.Uint64()
			sum += values[(u>>32)*n>>32] + values[(u&math.MaxUint32)*n>>32]
		}
		if j < len(values) {
			sum += values[(source.Uint64()>>32)*n>>32]
		}
		means[i] = sum / float64(len(values))
	}
	slices.Sort(means)
	return means
}

// newSource makes a reproducible source of chance.
func newSource(seed uint64) *rand.PCG { return rand.NewPCG(seed, 0x9e3779b97f4a7c15) }

// bca cuts sorted bootstrap values so that bias and skewness are undone.
func bca(sorted []float64, observed, acceleration float64) (low, high float64) {
	normal := distuv.UnitNormal
	below, equal := 0, 0
	for _, v := range sorted {
		switch {
		case v < observed:
			below++
		case v == observed:
			equal++
		}
	}
	n := float64(len(sorted))
	bias := normal.Quantile(min(max((float64(below)+float64(equal)/2)/n, .5/n), 1-.5/n))
	cut := func(z float64) float64 {
		return sortedQuantile(sorted, normal.CDF(bias+(bias+z)/(1-acceleration*(bias+z))))
	}
	return cut(-z95), cut(z95)
}

func acceleration(values []float64, centre float64) float64 {
	var square, cube float64
	for _, v := range values {
		d := v - centre
		square += d * d
		cube += d * d * d
	}
	if square == 0 {
		return 0
	}
	return cube / (6 * math.Pow(square, 1.5))
}

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
