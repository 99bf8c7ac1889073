package knowledge

import (
	"math"
	"slices"
)

// Shape is how the first hit stands out from the rest; confidence is judged by
// it, and it is recorded so that a better judgement can be fitted later.
type Shape struct {
	// Articles in scope, and how many of them have a vector.
	Articles, Embedded int
	// The highest raw score of each arm over all articles in scope.
	Dense, Title, Words, TitleWords float64
	// Nearer, TitleNearer, Wordier and TitleWordier count the articles that beat
	// the first in one arm.
	Nearer, TitleNearer, Wordier, TitleWordier int
	// Answers holds the fused scores of the ten best answers, best first. An
	// answer is a key: translations of one article count once.
	Answers []float64
	// Worth is the sum of inverse document frequencies of the question's words in
	// the first's locale, UnknownWords how many of them no article holds.
	Worth        float64
	UnknownWords int
}

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

// features are the numbers behind the confidence, by name.
func (s Shape) features(hits []Hit, f Fusion, words int) map[string]float64 {
	m := map[string]float64{
		"articles": float64(s.Articles), "embedded": float64(s.Embedded), "question_words": float64(words),
		"words_worth": s.Worth, "words_unknown": float64(s.UnknownWords),
		"dense_top": s.Dense, "title_top": s.Title, "words_top": s.Words, "title_words_top": s.TitleWords,
		"dense_rank": float64(s.Nearer + 1), "title_rank": float64(s.TitleNearer + 1),
		"words_rank": float64(s.Wordier + 1), "title_words_rank": float64(s.TitleWordier + 1),
	}
	if len(s.Answers) == 0 || len(hits) == 0 {
		return m
	}
	answers := s.ranking(f)
	m["score"] = answers[0] - f.base()
	m["lead"] = lead(answers)
	m["gap"] = answers[0] - answers[min(1, len(answers)-1)]
	m["gap_mean"] = answers[0] - meanOf(answers[min(1, len(answers)-1):min(5, len(answers))])
	m["coverage"] = s.coverage(hits[0], f)
	m["nearness"] = s.nearness(f)
	return m
}

func meanOf(list []float64) float64 {
	sum := 0.0
	for _, x := range list {
		sum += x
	}
	return sum / float64(max(len(list), 1))
}

// ranking is the scores of the ten best answers; articles of which nothing
// speaks, and which were not scored for that, have the score of nothing.
func (s Shape) ranking(f Fusion) []float64 {
	list := slices.Clone(s.Answers)
	for len(list) < min(10, s.Articles) {
		list = append(list, f.base())
	}
	return list
}

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

// nearness is how near the nearest passage and title are, in standard
// deviations from a middling candidate.
func (s Shape) nearness(f Fusion) float64 {
	dense, title := s.Dense, s.Title
	if dense == 0 {
		dense = f.Missing
	}
	if title == 0 {
		title = f.Missing
	}
	return (.6*dense + .4*title - middlingCosine) / cosineSpread
}

// coverage is the part of the question's words, by what they are worth, that
// the first hit's best passage holds: 0 to 1.
func (s Shape) coverage(first Hit, f Fusion) float64 {
	if s.Worth <= 0 {
		return 0
	}
	return min(1, first.Arms.Words/((f.K1+1)*s.Worth))
}

// confidence that the first hit answers the question, 0 to 1.
func confidence(features map[string]float64) float64 {
	if _, found := features["lead"]; !found {
		return 0
	}
	v := features["lead"] + cosineWeight*features["nearness"] + features["coverage"]
	return sigmoid(confidenceBase + confidenceRise*v)
}
