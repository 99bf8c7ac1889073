package stat

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// UsualPower is the power at which an effect counts as one that a suite could
// have shown.
const UsualPower = .8

// McNemarPower is the probability that McNemar calls a true change of effect
// (a difference of shares; its sign does not matter) different and in the right
// direction, at Alpha, on n cases of which the two runs disagree on the share
// disagree. It is computed exactly, over every number of disagreements and
// every way they can fall (Connett, Smith and McHugh, "Sample size and power
// for pair-matched case-control studies", 1987, unconditional). Where disagree
// is below the effect it is raised to it, since no fewer can make it.
func McNemarPower(n int, disagree, effect float64) float64 {
	effect = math.Abs(effect)
	disagree = min(max(disagree, effect), 1)
	if n <= 0 || disagree <= 0 {
		return 0
	}
	number := distuv.Binomial{N: float64(n), P: disagree}
	// The share of disagreements that go against the change.
	against := (disagree - effect) / (2 * disagree)
	spread := 8 * math.Sqrt(float64(n)*disagree*(1-disagree))
	from := max(0, int(float64(n)*disagree-spread)-1)
	to := min(n, int(float64(n)*disagree+spread)+1)
	critical := -1
	var power float64
	for m := from; m <= to; m++ {
		// More disagreements never lower the most that may go against.
		for critical+1 <= m/2 && McNemar(m-critical-1, critical+1) < Alpha {
			critical++
		}
		if critical < 0 {
			continue
		}
		power += number.Prob(float64(m)) * binomialCDF(m, against, critical)
	}
	return min(power, 1)
}

func binomialCDF(n int, p float64, at int) float64 {
	switch {
	case p <= 0 || at >= n:
		return 1
	case p >= 1:
		return 0
	}
	return distuv.Binomial{N: float64(n), P: p}.CDF(float64(at))
}

// SmallestShareEffect is the smallest difference of shares that n cases, with
// this share of disagreement, show with UsualPower; NaN when none would.
func SmallestShareEffect(n int, disagree float64) float64 {
	if McNemarPower(n, disagree, 1) < UsualPower {
		return math.NaN()
	}
	low, high := 0., 1.
	for high-low > 1e-4 {
		middle := (low + high) / 2
		if McNemarPower(n, disagree, middle) < UsualPower {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// SmallestMeanEffect is the smallest mean difference that the paired values
// would show with UsualPower, by the normal approximation from the spread of
// their differences: (1.96 + .84) standard errors. It is NaN for fewer than two
// pairs.
func SmallestMeanEffect(first, second []float64) float64 {
	n := min(len(first), len(second))
	if n < 2 {
		return math.NaN()
	}
	differences := make([]float64, n)
	for i := range differences {
		differences[i] = second[i] - first[i]
	}
	return (z95 + distuv.UnitNormal.Quantile(UsualPower)) * math.Sqrt(sampleVariance(differences)/float64(n))
}
