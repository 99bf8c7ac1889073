package stat

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Alpha is the level of every test: 1 − Confidence.
const Alpha = 1 - Confidence

// McNemar compares two runs on the same cases by what they disagree on: gained
// counts the cases that only the second met, lost those that only the first
// did. P is the two-sided mid-p value (Fagerland, Lydersen and Laake, "The
// McNemar test for binary matched-pairs data: mid-p and asymptotic are better
// than exact conditional", 2013): the exact test is needlessly shy. Without
// disagreement it is 1.
func McNemar(gained, lost int) (p float64) {
	n, least := gained+lost, min(gained, lost)
	if n == 0 {
		return 1
	}
	b := distuv.Binomial{N: float64(n), P: .5}
	at := b.Prob(float64(least))
	if gained == lost {
		return 1 - at/2
	}
	return min(1, 2*b.CDF(float64(least))-at)
}

// SharesDifference is the difference of two shares on the same n cases, second
// less first, with Newcombe's interval from Wilson's ("Improved confidence
// intervals for the difference between binomial proportions based on paired
// data", 1998, method 10). Both counts the cases that both met.
func SharesDifference(both, gained, lost, n int) Estimate {
	if n <= 0 {
		return Estimate{}
	}
	neither := n - both - gained - lost
	first, second := Share(both+lost, n), Share(both+gained, n)
	correlation := pairedCorrelation(float64(both), float64(gained), float64(lost), float64(neither), float64(n))
	d := second.Value - first.Value
	reach := func(up, down float64) float64 {
		return math.Sqrt(max(0, up*up-2*correlation*up*down+down*down))
	}
	return Estimate{
		Value: d, N: n,
		Low:  d - reach(second.Value-second.Low, first.High-first.Value),
		High: d + reach(second.High-second.Value, first.Value-first.Low),
	}
}

// pairedCorrelation is Newcombe's φ with its correction for continuity.
func pairedCorrelation(both, gained, lost, neither, n float64) float64 {
	margins := (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
	if margins == 0 {
		return 0
	}
	cross := both*neither - gained*lost
	if cross > 0 {
		cross = max(cross-n/2, 0)
	}
	return cross / math.Sqrt(margins)
}

// MeansDifference is the mean of the differences of paired values, second less
// first, with its bootstrap interval (as Mean draws it) and a two-sided p
// value. Pairs are resampled, so that what makes a case hard for both does not
// count.
//
// The p value is of the studentised bootstrap (Efron and Tibshirani, "An
// introduction to the bootstrap", 1993, section 16.4): how often the difference
// of a resample, centred and measured in its own standard error, is as large as
// the one seen. Where none is, it is Student's tail if that is smaller still, so
// that a correction for many tests does not end at the number of resamples.
func MeansDifference(first, second []float64, seed uint64) (e Estimate, p float64) {
	differences := less(first, second)
	e = Mean(differences, seed)
	if e.N == 0 || alike(differences) {
		return e, signTest(e.Value, e.N)
	}
	return e, studentised(differences, e.Value, seed)
}

// signTest is the p value where all n cases moved by the same.
func signTest(moved float64, n int) float64 {
	if moved == 0 || n < 2 {
		return 1
	}
	return math.Pow(.5, float64(n-1))
}

// BoundedMeansDifference is MeansDifference for values from 0 to 1, of which few
// differences that are all alike, and not 0, say little (see BoundedMean).
func BoundedMeansDifference(first, second []float64, seed uint64) (Estimate, float64) {
	e, p := MeansDifference(first, second, seed)
	return e.spread(float64(e.N)), p
}

// spread gives a difference of values from 0 to 1 the interval of Hoeffding for
// so many cases, where its own has no width.
func (e Estimate) spread(n float64) Estimate {
	if e.Value != 0 && e.Low == e.High {
		half := hoeffding(2, n)
		e.Low, e.High = max(-1, e.Value-half), min(1, e.Value+half)
	}
	return e
}

// studentised is the two-sided p value of a mean against 0. A resample whose
// values are all alike has no error of its own and counts as no evidence.
func studentised(values []float64, centre float64, seed uint64) float64 {
	count := float64(len(values))
	seen := math.Abs(centre) / math.Sqrt(sampleVariance(values)/count)
	extreme := 0
	moments(values, centre, newSource(seed^0xa5a5a5a5), func(sum, square float64) {
		variance := (square - sum*sum/count) / (count - 1)
		if variance <= 1e-300 || math.Abs(sum/count)/math.Sqrt(variance/count) >= seen {
			extreme++
		}
	})
	least := 1 / float64(Resamples+1)
	if extreme == 0 {
		// Beyond what so many resamples can tell; the tail of the statistic goes on.
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: count - 1}
		return min(least, 2*t.Survival(seen))
	}
	return float64(extreme+1) * least
}

// AUROCsDifference compares two confidences on the same cases, second less
// first, by DeLong's test for correlated areas (see AUROC): the i-th positives
// of both are the same case, and so are the i-th negatives.
func AUROCsDifference(positives, negatives [2][]float64) (e Estimate, p float64) {
	m, n := len(positives[0]), len(negatives[0])
	if m == 0 || n == 0 || len(positives[1]) != m || len(negatives[1]) != n || !numbers(positives[:]...) || !numbers(negatives[:]...) {
		return Estimate{}, 1
	}
	var areas [2]float64
	var parts [2][2][]float64
	for k := range 2 {
		areas[k], parts[k] = placements(positives[k], negatives[k])
	}
	variance := sampleVariance(less(parts[0][0], parts[1][0]))/float64(m) + sampleVariance(less(parts[0][1], parts[1][1]))/float64(n)
	d := areas[1] - areas[0]
	e = Estimate{Value: d, N: m + n, Low: d, High: d}
	if variance <= 0 {
		return e, 1
	}
	half := z95 * math.Sqrt(variance)
	e.Low, e.High = max(-1, d-half), min(1, d+half)
	return e, 2 * distuv.UnitNormal.Survival(math.Abs(d)/math.Sqrt(variance))
}
