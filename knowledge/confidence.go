package knowledge

import "math"

// The parts of confidence, found on six public sets in eleven languages; one
// set of round numbers for all.
const (
	certain        = 1e-4 // keeps the odds of a lone article finite
	loneCap        = 4    // log-odds of standing alone among fewer than fewAnswers
	fewAnswers     = 5
	middlingCosine = .87
	cosineSpread   = .022
	cosineWeight   = .2
	confidenceBase = -.25
	confidenceRise = .85
)

// lead is the log-odds of the first answer in a softmax over the ten best.
func lead(answers []float64) float64 {
	rest := certain
	for _, x := range answers[1:] {
		rest += math.Exp(x - answers[0])
	}
	if len(answers) < fewAnswers {
		return min(-math.Log(rest), loneCap)
	}
	return -math.Log(rest)
}

// confidence that the first hit answers the question, 0 to 1.
func confidence(features map[string]float64) float64 {
	if _, found := features["lead"]; !found {
		return 0
	}
	v := features["lead"] + cosineWeight*features["nearness"] + features["coverage"]
	return sigmoid(confidenceBase + confidenceRise*v)
}
