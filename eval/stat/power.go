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
// is below the effect it is raised to it, since no fewer can make it. It is NaN where
// one of these is.
func McNemarPower(n int, disagree, effect float64) float64 {
	if math.IsNaN(disagree) || math.IsNaN(effect) {
		return math.NaN()
	}
	effect = math.Abs(effect)
	disagree = min(max(disagree, effect), 1)
	if n <= 0 || disagree <= 0 {
		return 0
	}
	// The share of disagreements that go against the change.
	against := (disagree - effect) / (2 * disagree)
	spread := 10 + 8*math.Sqrt(float64(n)*disagree*(1-disagree))
	m := max(0, int(float64(n)*disagree-spread)-1)
	to := min(n, int(float64(n)*disagree+spread)+1)
	critical := criticalAgainst(m)
	chance, truth := newTail(m, .5, critical), newTail(m, against, critical)
	weight := distuv.Binomial{N: float64(n), P: disagree}.Prob(float64(m))
	var power float64
	for ; m <= to; m++ {
		power += weight * truth.cdf
		weight *= float64(n-m) / float64(m+1) * disagree / (1 - disagree)
		if disagree >= 1 {
			return truth.cdf
		}
		chance.next()
		truth.next()
		// More disagreements never lower the most that may go against.
		if higher := chance; higher.raise() && 2*higher.cdf-higher.prob < Alpha {
			chance = higher
			truth.raise()
		}
	}
	return min(power, 1)
}

// criticalAgainst is the most of m disagreements that may go against a change
// for McNemar to call it different; −1 when none may.
func criticalAgainst(m int) int {
	low, high := -1, m/2+1
	for high-low > 1 {
		if middle := (low + high) / 2; 2*middle < m && McNemar(m-middle, middle) < Alpha {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// tail is a binomial distribution up to at, kept current while the number of
// trials grows.
type tail struct {
	n, at     int
	p         float64
	cdf, prob float64
}

func newTail(n int, p float64, at int) tail {
	t := tail{n: n, at: at, p: p}
	switch {
	case at < 0:
	case p <= 0:
		t.cdf = 1
		if at == 0 {
			t.prob = 1
		}
	default:
		b := distuv.Binomial{N: float64(n), P: p}
		t.cdf, t.prob = b.CDF(float64(at)), b.Prob(float64(at))
	}
	return t
}

// next adds a trial.
func (t *tail) next() {
	t.cdf = max(0, t.cdf-t.p*t.prob)
	t.n++
	if t.at >= 0 {
		t.prob *= float64(t.n) / float64(t.n-t.at) * (1 - t.p)
	}
}

// raise adds one to at; it reports false where that is not below half.
func (t *tail) raise() bool {
	t.at++
	switch {
	case t.at == 0:
		t.prob = math.Pow(1-t.p, float64(t.n))
	case t.p >= 1:
		t.prob = 0
	default:
		t.prob *= float64(t.n-t.at+1) / float64(t.at) * t.p / (1 - t.p)
	}
	t.cdf = min(1, t.cdf+t.prob)
	return 2*t.at < t.n
}

// SmallestShareEffect is the smallest difference of shares that n cases, with
// this share of disagreement, show with UsualPower; NaN when none would.
func SmallestShareEffect(n int, disagree float64) float64 {
	if !(McNemarPower(n, disagree, 1) >= UsualPower) {
		return math.NaN()
	}
	// The normal approximation says where to look.
	spread := math.Sqrt(max(disagree, 1/float64(n)) / float64(n))
	low, high := 0., min(1, 4*spread)
	for McNemarPower(n, disagree, high) < UsualPower {
		low, high = high, min(1, 2*high)
	}
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
// pairs, and where all differences are alike, which tells nothing of a spread.
func SmallestMeanEffect(first, second []float64) float64 {
	return smallestInErrors * pairedError(first, second)
}

// MeanPower is the probability that a true mean difference of effect (its sign
// does not matter) is called different and in the right direction at Alpha, on
// pairs whose differences spread as these do: by the normal approximation,
// Φ(effect/error − 1.96), "error" being the standard error of their mean. It is
// NaN where SmallestMeanEffect is.
func MeanPower(first, second []float64, effect float64) float64 {
	return distuv.UnitNormal.CDF(math.Abs(effect)/pairedError(first, second) - z95)
}

// smallestInErrors is how many standard errors an effect must have to be shown
// with UsualPower: 1.96 and the normal quantile at .8.
const smallestInErrors = z95 + 0.8416212335729143

// pairedError is the standard error of the mean of paired differences.
func pairedError(first, second []float64) float64 {
	differences := less(first, second)
	if len(differences) < 2 || alike(differences) {
		return math.NaN()
	}
	return math.Sqrt(sampleVariance(differences) / float64(len(differences)))
}

// SmallestOf is the smallest difference that would be shown with UsualPower, as
// the width of a difference's interval tells it: half of that is 1.96 standard
// errors. It is NaN where the interval has no width.
func SmallestOf(difference Estimate) float64 {
	if difference.N == 0 || !(difference.High > difference.Low) {
		return math.NaN()
	}
	return smallestInErrors * (difference.High - difference.Low) / (2 * z95)
}
