package stat

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Confidence is the level of every interval: 95%.
const Confidence = .95

// z95 is the normal quantile of a two-sided interval at Confidence.
const z95 = 1.959963984540054

// Estimate is a value with its 95% interval, made from N observations. With N
// 0 there is nothing to say, and the other fields are 0.
type Estimate struct {
	Value float64 `json:"value"`
	N     int     `json:"n"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Share is the share of successes in n trials with Wilson's interval, which
// keeps its promise for small n and near 0 and 1, where the usual normal one
// does not (Wilson, "Probable inference, the law of succession, and statistical
// inference", 1927; recommended by Brown, Cai and DasGupta, "Interval
// estimation for a binomial proportion", 2001).
func Share(successes, n int) Estimate {
	if n <= 0 {
		return Estimate{}
	}
	return wilsonEstimate(float64(successes)/float64(n), float64(n), n)
}

// wilsonEstimate is a share with Wilson's interval for as many effective trials.
func wilsonEstimate(share, effective float64, n int) Estimate {
	const z2 = z95 * z95
	centre := (share + z2/(2*effective)) / (1 + z2/effective)
	half := z95 / (1 + z2/effective) * math.Sqrt(share*(1-share)/effective+z2/(4*effective*effective))
	e := Estimate{Value: share, N: n, Low: max(0, centre-half), High: min(1, centre+half)}
	if share <= 0 {
		e.Low = 0
	}
	if share >= 1 {
		e.High = 1
	}
	return e
}

// Finite points at v, or is nil where v is not a number or infinite, which JSON
// can't hold.
func Finite(v float64) *float64 {
	if !isNumber(v) {
		return nil
	}
	return &v
}

// IsShare reports whether v lies between 0 and 1.
func IsShare(v float64) bool { return v >= 0 && v <= 1 }

// UpperBound is the one-sided 95% upper bound of a share: exactly
// 1 − .05^(1/n) for 0 successes, which the rule of three (3/n) approximates,
// and Clopper and Pearson's otherwise ("The use of confidence or fiducial
// limits illustrated in the case of the binomial", 1934). It is 1 when n is 0.
func UpperBound(successes, n int) float64 {
	if n <= 0 || successes >= n {
		return 1
	}
	if successes <= 0 {
		return 1 - math.Pow(1-Confidence, 1/float64(n))
	}
	b := distuv.Beta{Alpha: float64(successes + 1), Beta: float64(n - successes)}
	return b.Quantile(Confidence)
}

// Quantile is the p-quantile of values, 0 ≤ p ≤ 1, interpolated linearly
// between order statistics (type 7 of Hyndman and Fan, "Sample quantiles in
// statistical packages", 1996). It is NaN for no values, and where p or one of them
// is NaN. The slice is left as it is.
func Quantile(values []float64, p float64) float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sortedQuantile(sorted, p)
}

// QuantileOf is the p-quantile of values as Quantile gives it, with the interval
// between two order statistics that holds the true one at least 95 times in
// 100, whatever the distribution (David and Nagaraja, "Order statistics", 2003,
// section 7.1): how many values lie below a quantile is binomial. Where so few
// values give no bound it is infinite. Nothing is known without values: N is 0
// and Value NaN. Where one of them or p is NaN, Value is too, without a bound.
func QuantileOf(values []float64, p float64) Estimate {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	e := Estimate{Value: sortedQuantile(sorted, p), N: len(sorted), Low: math.Inf(-1), High: math.Inf(1)}
	if math.IsNaN(e.Value) {
		return e
	}
	below := distuv.Binomial{N: float64(e.N), P: p}
	// The k-th smallest is above the quantile when fewer than k lie below it.
	for k := 1; k <= e.N; k++ {
		c := below.CDF(float64(k - 1))
		if c <= Alpha/2 {
			e.Low = sorted[k-1]
		}
		if c >= 1-Alpha/2 {
			e.High = sorted[k-1]
			break
		}
	}
	return e
}

func sortedQuantile(sorted []float64, p float64) float64 {
	// NaN sorts before all others.
	if len(sorted) == 0 || math.IsNaN(p) || math.IsNaN(sorted[0]) {
		return math.NaN()
	}
	at := min(max(p, 0), 1) * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
