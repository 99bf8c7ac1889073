package stat

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// AUROC is the area under the receiver operating characteristic: how likely a
// positive scores above a negative, ties counting half (the Mann–Whitney
// statistic). Its interval is DeLong's (DeLong, DeLong and Clarke-Pearson,
// "Comparing the areas under two or more correlated receiver operating
// characteristic curves", 1988), computed from mid-ranks (Sun and Xu, "Fast
// implementation of DeLong's algorithm", 2014) and drawn on the logit scale, so
// that it stays within 0 and 1. Where every pair is in order, or none is, the
// variance says nothing, and Wilson's interval for as many trials as the
// smaller class has takes its place. N is the number of both; it is 0 when one
// class is empty, and where a score is no number.
func AUROC(positives, negatives []float64) Estimate {
	m, n := len(positives), len(negatives)
	if m == 0 || n == 0 || !numbers(positives, negatives) {
		return Estimate{}
	}
	area, variance := delong(positives, negatives)
	e := Estimate{Value: area, N: m + n}
	if area <= 0 || area >= 1 || variance <= 0 {
		return wilsonEstimate(area, float64(min(m, n)), e.N)
	}
	logit := math.Log(area / (1 - area))
	half := z95 * math.Sqrt(variance) / (area * (1 - area))
	e.Low, e.High = logistic(logit-half), logistic(logit+half)
	return e
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// delong returns the area and the variance of its estimate; the variance is 0
// when a class has a single member.
func delong(positives, negatives []float64) (area, variance float64) {
	area, parts := placements(positives, negatives)
	return area, sampleVariance(parts[0])/float64(len(positives)) + sampleVariance(parts[1])/float64(len(negatives))
}

// placements returns the area and DeLong's structural components: the share of
// negatives below each positive, and of positives above each negative.
func placements(positives, negatives []float64) (area float64, parts [2][]float64) {
	m, n := float64(len(positives)), float64(len(negatives))
	all := midRanks(append(slices.Clone(positives), negatives...))
	ofPositives, ofNegatives := midRanks(positives), midRanks(negatives)
	parts[0] = make([]float64, len(positives))
	parts[1] = make([]float64, len(negatives))
	for i := range positives {
		parts[0][i] = (all[i] - ofPositives[i]) / n
	}
	for j := range negatives {
		parts[1][j] = 1 - (all[len(positives)+j]-ofNegatives[j])/m
	}
	return stat.Mean(parts[0], nil), parts
}

func sampleVariance(values []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	return stat.Variance(values, nil)
}

// Order are the places of values from the least on; equal ones keep theirs.
func Order(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	return order
}

// Holm adjusts p values so that, of all tests together, a wrong "different" is
// told with at most the level's probability (Holm, "A simple sequentially
// rejective multiple test procedure", 1979). The order is kept. One that is not known,
// NaN, counts as 1.
func Holm(p []float64) []float64 {
	p = slices.Clone(p)
	for i, v := range p {
		if math.IsNaN(v) {
			p[i] = 1
		}
	}
	out := make([]float64, len(p))
	least := 0.
	for place, i := range Order(p) {
		least = max(least, min(1, p[i]*float64(len(p)-place)))
		out[i] = least
	}
	return out
}

// midRanks are the ranks from 1, ties sharing the mean of theirs.
func midRanks(values []float64) []float64 {
	order := Order(values)
	ranks := make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i + 1 // whatever it equals: NaN not even itself
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			ranks[order[k]] = float64(i+j+1) / 2
		}
		i = j
	}
	return ranks
}
