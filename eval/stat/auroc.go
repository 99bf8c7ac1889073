package stat

import (
	"cmp"
	"math"
	"slices"
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
		e.Low, e.High = wilson(area, float64(min(m, n)))
		if area <= 0 {
			e.Low = 0
		}
		if area >= 1 {
			e.High = 1
		}
		return e
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
	return mean(parts[0]), parts
}

func sampleVariance(values []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	centre := mean(values)
	var square float64
	for _, v := range values {
		square += (v - centre) * (v - centre)
	}
	return square / float64(len(values)-1)
}

// midRanks are the ranks from 1, ties sharing the mean of theirs.
func midRanks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
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
