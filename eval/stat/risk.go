package stat

import (
	"cmp"
	"math"
	"slices"
)

// Judged is one answer: how confident it was, and what it lost, 0 to 1 (0 for
// a right one).
type Judged struct{ Confidence, Loss float64 }

// RiskPoint is one point of a risk–coverage curve: answering only the most
// confident Coverage of the cases, the mean loss is Risk.
type RiskPoint struct{ Coverage, Risk, Confidence float64 }

// RiskCoverage is the curve of selective risk over coverage, from the most
// confident on (El-Yaniv and Wiener, "On the foundations of noise-free
// selective classification", 2010). Cases that tie in confidence are answered
// together: one point each. A case with a confidence or a loss that is no number is
// left out.
func RiskCoverage(cases []Judged) []RiskPoint {
	sorted := byConfidence(cases)
	sorted = slices.DeleteFunc(sorted, func(c Judged) bool { return !c.known() })
	var points []RiskPoint
	var loss float64
	for i, c := range sorted {
		loss += c.Loss
		if i+1 < len(sorted) && sorted[i+1].Confidence == c.Confidence {
			continue
		}
		done := float64(i + 1)
		points = append(points, RiskPoint{done / float64(len(sorted)), loss / done, c.Confidence})
	}
	return points
}

func (j Judged) known() bool { return isNumber(j.Confidence) && isNumber(j.Loss) }

// allKnown reports whether all confidences and losses are numbers.
func allKnown(cases []Judged) bool {
	return !slices.ContainsFunc(cases, func(c Judged) bool { return !c.known() })
}

func byConfidence(cases []Judged) []Judged {
	sorted := slices.Clone(cases)
	slices.SortStableFunc(sorted, func(a, b Judged) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return sorted
}

// AURC is the area under the risk–coverage curve: the mean, over every number
// of cases answered, of their mean loss (Geifman, Uziel and El-Yaniv,
// "Bias-reduced uncertainty estimation for deep neural classifiers", 2019).
// Lower is better. Cases that tie count as if each had the mean loss of its
// tie. The interval is a percentile bootstrap over cases. N is 0 for no cases, and
// where a confidence or a loss is no number.
func AURC(cases []Judged, seed uint64) Estimate {
	n := len(cases)
	if n == 0 || !allKnown(cases) {
		return Estimate{}
	}
	sorted := byConfidence(cases)
	ties := tieStarts(sorted)
	counts := once(n)
	e := Estimate{N: n, Value: aurc(sorted, ties, counts)}
	source := newSource(seed)
	values := make([]float64, 0, Resamples)
	for range Resamples {
		draw(source, counts)
		values = append(values, aurc(sorted, ties, counts))
	}
	slices.Sort(values)
	e.Low, e.High = sortedQuantile(values, Alpha/2), sortedQuantile(values, 1-Alpha/2)
	return e
}

// AURCValue is the value of AURC alone; NaN where that says nothing.
func AURCValue(cases []Judged) float64 {
	if len(cases) == 0 || !allKnown(cases) {
		return math.NaN()
	}
	sorted := byConfidence(cases)
	return aurc(sorted, tieStarts(sorted), once(len(cases)))
}

// once counts each of n cases once.
func once(n int) []int {
	counts := make([]int, n)
	for i := range counts {
		counts[i] = 1
	}
	return counts
}

// draw fills counts with how often each of len(counts) is drawn in as many
// draws.
func draw(source interface{ Uint64() uint64 }, counts []int) {
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

// tieStarts are the places at which a new confidence begins, and the end.
func tieStarts(sorted []Judged) []int {
	var starts []int
	for i := range sorted {
		if i == 0 || sorted[i].Confidence != sorted[i-1].Confidence {
			starts = append(starts, i)
		}
	}
	return append(starts, len(sorted))
}

// aurc is the area with each case counted as often as counts says.
func aurc(sorted []Judged, ties, counts []int) float64 {
	var answered int
	var loss, area float64
	for t := 0; t+1 < len(ties); t++ {
		size := 0
		var here float64
		for i := ties[t]; i < ties[t+1]; i++ {
			size += counts[i]
			here += float64(counts[i]) * sorted[i].Loss
		}
		if size == 0 {
			continue
		}
		each := here / float64(size)
		for k := 1; k <= size; k++ {
			area += (loss + float64(k)*each) / float64(answered+k)
		}
		answered += size
		loss += here
	}
	if answered == 0 {
		return 0
	}
	return area / float64(answered)
}
