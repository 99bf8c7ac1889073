package stat

import (
	"math"
	"slices"
)

// Answer is one: how confident it was, and what it lost, 0 to 1 (0 for a right
// one).
type Answer struct{ Confidence, Loss float64 }

func (a Answer) known() bool { return isNumber(a.Confidence) && isNumber(a.Loss) }

// measurable reports whether there are answers, all of whose confidences and
// losses are numbers.
func measurable(answers []Answer) bool {
	return len(answers) > 0 && !slices.ContainsFunc(answers, func(a Answer) bool { return !a.known() })
}

// byConfidence are the answers, the most confident first.
func byConfidence(answers []Answer) []Answer {
	doubts, sorted := make([]float64, len(answers)), make([]Answer, len(answers))
	for i, a := range answers {
		doubts[i] = -a.Confidence
	}
	for place, i := range Order(doubts) {
		sorted[place] = answers[i]
	}
	return sorted
}

// RiskPoint is one point of a risk–coverage curve: answering only the most
// confident Coverage of the cases, the mean loss is Risk.
type RiskPoint struct{ Coverage, Risk, Confidence float64 }

// RiskCoverage is the curve of selective risk over coverage, from the most
// confident on (El-Yaniv and Wiener, "On the foundations of noise-free
// selective classification", 2010). Answers that tie in confidence are given
// together: one point each. One with a confidence or a loss that is no number is
// left out.
func RiskCoverage(answers []Answer) []RiskPoint {
	sorted := slices.DeleteFunc(byConfidence(answers), func(a Answer) bool { return !a.known() })
	var points []RiskPoint
	var loss float64
	for i, a := range sorted {
		loss += a.Loss
		if i+1 < len(sorted) && sorted[i+1].Confidence == a.Confidence {
			continue
		}
		done := float64(i + 1)
		points = append(points, RiskPoint{done / float64(len(sorted)), loss / done, a.Confidence})
	}
	return points
}

// AURC is the area under the risk–coverage curve: the mean, over every number
// of cases answered, of their mean loss (Geifman, Uziel and El-Yaniv,
// "Bias-reduced uncertainty estimation for deep neural classifiers", 2019).
// Lower is better. Answers that tie count as if each had the mean loss of its
// tie. The interval is a percentile bootstrap over answers. N is 0 for none, and
// where a confidence or a loss is no number.
func AURC(answers []Answer, seed uint64) Estimate {
	if !measurable(answers) {
		return Estimate{}
	}
	return Bootstrap(len(answers), seed, areaUnder(byConfidence(answers)))
}

// AURCValue is the value of AURC alone; NaN where that says nothing.
func AURCValue(answers []Answer) float64 {
	if !measurable(answers) {
		return math.NaN()
	}
	return areaUnder(answers)(once(len(answers)))
}

// areaUnder is the area under the curve of answers, each counted as often as is
// said.
func areaUnder(answers []Answer) func(counts []int) float64 {
	doubts := make([]float64, len(answers))
	for i, a := range answers {
		doubts[i] = -a.Confidence
	}
	order := Order(doubts)
	return func(counts []int) float64 {
		var answered int
		var loss, area float64
		for place := 0; place < len(order); {
			size, here, doubt := 0, 0., doubts[order[place]]
			for ; place < len(order) && doubts[order[place]] == doubt; place++ {
				i := order[place]
				size += counts[i]
				here += float64(counts[i]) * answers[i].Loss
			}
			each := here / float64(max(size, 1))
			for k := 1; k <= size; k++ {
				area += (loss + float64(k)*each) / float64(answered+k)
			}
			answered += size
			loss += here
		}
		return area / float64(max(answered, 1))
	}
}
