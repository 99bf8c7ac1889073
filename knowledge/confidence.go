package knowledge

import "math"

// features are what confidence is judged by. Scores of one arm are compared
// with those of the other articles: a question that the knowledge answers has
// one article that stands out, in meaning and in words.
func (s Shape) features(q Question, wordsOnly bool) map[string]float64 {
	f := map[string]float64{
		"words_top":      s.Words[0],
		"words_gap":      s.Words[0] - s.Words[1],
		"title_words":    s.TitleWords[0],
		"fused_gap":      s.Fused[0] - s.Fused[1],
		"words_coverage": ratio(s.MatchedIDF, s.IDF),
		"question_words": float64(len(q.Lexemes)),
		"articles":       float64(s.Articles),
	}
	if !wordsOnly {
		f["dense_top"] = s.Dense[0]
		f["dense_gap"] = s.Dense[0] - s.Dense[1]
		f["title_top"] = s.Title[0]
		f["title_gap"] = s.Title[0] - s.Title[1]
		f["dense_z"] = ratio(s.Dense[0]-s.MeanDense, s.DeviationDense)
		f["title_z"] = ratio(s.Title[0]-s.MeanTitle, s.DeviationTitle)
	}
	return f
}

func ratio(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return a / b
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// confidence is a first, hand-set reading of the features, until it is fitted.
func confidence(f map[string]float64, wordsOnly bool) float64 {
	if wordsOnly {
		if f["words_top"] == 0 {
			return 0
		}
		return sigmoid(-3 + .1*f["words_top"] + .15*f["words_gap"] + 2*f["words_coverage"])
	}
	return sigmoid(-1 + 40*(f["dense_top"]-.85) + .5*f["fused_gap"] + .1*f["words_gap"])
}

// relevance brings a fused score to 0–1.
func relevance(score float64, f Fusion, wordsOnly bool) float64 {
	if wordsOnly {
		return 1 - math.Exp(-score/2)
	}
	return sigmoid((score - .87*(f.Best+f.Second+f.Title)) / 2)
}
