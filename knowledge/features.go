package knowledge

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
)

// Shape is how the first hit stands out from the rest, and what of the question
// it holds; confidence is judged by it. It gives these features:
//
//   - articles, embedded: how many are in scope, and how many have a vector.
//   - score: the first's fused score above that of an article of which nothing
//     speaks, in log-odds. lead: its log-odds in a softmax over the ten best
//     answers. gap, gap_mean: its score less the second's, and less the mean of
//     the next four. above, deviation: its score less the mean of all articles
//     that were scored, in log-odds and in standard deviations.
//   - dense_first, second_first, title_first, words_first, title_words_first: the
//     first's sub-scores. …_gap: less the mean of the next four answers'. …_top: the
//     sub-score's highest over all. …_rank: the first's place by it. …_mean,
//     …_spread: its mean and standard deviation over all.
//   - nearness: how near the nearest passage and title are, in standard deviations
//     from a middling candidate.
//   - neighbours: how near other answers' titles are to the first's best passage, the
//     mean of the five highest cosines. Among look-alikes a small lead means less.
//   - question_words: the question's distinct words without stop words.
//     words_worth: the sum of their inverse document frequencies. words_unknown:
//     how many of them no article of the first's locale holds; unknown_share: the
//     part of the worth that these have.
//   - coverage: the part of the worth, saturated by BM25, that the first's best
//     passage holds. covered: the part that any of its passages or its title
//     holds. missing: ln(1 + the number of words that it lacks); missing_worth:
//     ln(1 + their worth); known_missing: the part of the worth of those among them
//     that other articles hold.
//   - numbers_missing: how many words with a digit and at least three characters
//     (codes, versions, dates) the first lacks, at most three.
//   - phrases: ln(1 + the number of the question's pairs of neighbouring words, stop
//     words kept, that stand in the first's title or best passage);
//     phrase_share: their part of all pairs, shrunk towards a quarter.
type Shape struct {
	// Articles in scope, and how many of them have a vector.
	Articles, Embedded int
	// The highest raw score of each sub-score over all articles in scope.
	Dense, Title, Words, TitleWords float64
	// Nearer, TitleNearer, Wordier and TitleWordier count the articles that beat
	// the first by one sub-score.
	Nearer, TitleNearer, Wordier, TitleWordier int
	// The sub-scores and the fused score over all articles that were scored.
	DenseOver, TitleOver, WordsOver, ScoreOver Over
	// Answers are the ten best, best first. An answer is a key: translations of
	// one article count once, as the best of them.
	Answers []Answer
	// Neighbours is the mean of the five highest cosines of the first's best passage
	// with the titles of other answers; 0 without vectors.
	Neighbours float64
	// KnownWords are those of the question's words that some article of the
	// first's locale holds, the rarest where they are too many to score.
	KnownWords []KnownWord
	// Worth is the sum of inverse document frequencies of the question's words in
	// the first's locale, UnknownWords how many of them no article holds, and
	// UnknownWorth what one of these is worth.
	Worth        float64
	UnknownWords int
	UnknownWorth float64
}

// Over is a mean and the standard deviation from it.
type Over struct{ Mean, Spread float64 }

// Answer is one of the best answers, its Score in Fusion's units.
type Answer struct {
	Score     float64
	SubScores SubScores
}

// KnownWord is a word of the question, its inverse document frequency, and
// whether the first hit holds it.
type KnownWord struct {
	Lexeme string
	Worth  float64
	Held   bool
}

// FeatureNames are the names of all features that a search can give; see Shape for
// their meaning.
func FeatureNames() []string {
	names := []string{
		"articles", "embedded", "score", "lead", "gap", "gap_mean", "above", "deviation", "second_first", "nearness", "neighbours",
		"question_words", "words_worth", "words_unknown", "unknown_share", "coverage", "covered", "missing", "missing_worth", "known_missing",
		"numbers_missing", "phrases", "phrase_share", "dense_mean", "dense_spread", "title_mean", "title_spread", "words_mean", "words_spread",
	}
	for _, sub := range []string{"dense", "title", "words", "title_words"} {
		names = append(names, sub+"_first", sub+"_gap", sub+"_top", sub+"_rank")
	}
	return names
}

// features are the numbers behind the confidence, by name.
func (s *Shape) features(q *Question, hits []Hit) map[string]float64 {
	f := q.Fusion
	m := map[string]float64{
		"articles": float64(s.Articles), "embedded": float64(s.Embedded), "question_words": float64(len(q.Lexemes)),
		"words_worth": s.Worth, "words_unknown": float64(s.UnknownWords),
		"dense_top": s.Dense, "title_top": s.Title, "words_top": s.Words, "title_words_top": s.TitleWords,
		"dense_rank": float64(s.Nearer + 1), "title_rank": float64(s.TitleNearer + 1),
		"words_rank": float64(s.Wordier + 1), "title_words_rank": float64(s.TitleWordier + 1),
		"dense_mean": s.DenseOver.Mean, "dense_spread": s.DenseOver.Spread,
		"title_mean": s.TitleOver.Mean, "title_spread": s.TitleOver.Spread,
		"words_mean": s.WordsOver.Mean, "words_spread": s.WordsOver.Spread,
	}
	if len(s.Answers) == 0 || len(hits) == 0 {
		return m
	}
	first := hits[0].SubScores
	scores := s.ranking(f)
	m["score"] = scores[0] - f.base()
	m["lead"] = lead(scores)
	m["gap"] = scores[0] - scores[min(1, len(scores)-1)]
	m["gap_mean"] = scores[0] - meanOf(scores[min(1, len(scores)-1):min(5, len(scores))])
	m["above"] = scores[0] - s.ScoreOver.Mean
	m["deviation"] = 0
	if s.ScoreOver.Spread > 0 {
		m["deviation"] = m["above"] / s.ScoreOver.Spread
	}
	s.subScoreFeatures(m, first, f)
	m["nearness"] = s.nearness(f)
	m["neighbours"] = s.Neighbours
	s.wordFeatures(m, q.Lexemes)
	m["coverage"] = s.coverage(first, f)
	phraseFeatures(m, q.Text, &hits[0])
	return m
}

// subScoreFeatures tell how the first stands by each sub-score. The next four answers are
// compared with it, fewer where there are no more.
func (s *Shape) subScoreFeatures(m map[string]float64, first SubScores, f Fusion) {
	cosine := func(v float64) float64 {
		if v == 0 {
			return f.Missing
		}
		return v
	}
	var dense, title, words, titleWords []float64
	for _, a := range s.Answers[1:min(5, len(s.Answers))] {
		dense, title = append(dense, cosine(a.SubScores.Dense)), append(title, cosine(a.SubScores.Title))
		words, titleWords = append(words, a.SubScores.Words), append(titleWords, a.SubScores.TitleWords)
	}
	for len(dense) < min(4, s.Articles-1) { // articles of which nothing speaks
		dense, title, words, titleWords = append(dense, f.Missing), append(title, f.Missing), append(words, 0), append(titleWords, 0)
	}
	put := func(name string, value float64, next []float64) {
		m[name+"_first"], m[name+"_gap"] = value, 0
		if len(next) > 0 {
			m[name+"_gap"] = value - meanOf(next)
		}
	}
	put("dense", cosine(first.Dense), dense)
	put("title", cosine(first.Title), title)
	put("words", first.Words, words)
	put("title_words", first.TitleWords, titleWords)
	m["second_first"] = cosine(first.Second)
	if first.Second == 0 {
		m["second_first"] = cosine(first.Dense)
	}
}

// wordFeatures tell which of the question's words the first holds.
func (s *Shape) wordFeatures(m map[string]float64, lexemes []string) {
	held := make(map[string]bool, len(s.KnownWords))
	var heldWorth, knownMissing float64
	for _, w := range s.KnownWords {
		if w.Held {
			held[w.Lexeme] = true
			heldWorth += w.Worth
		} else {
			knownMissing += w.Worth
		}
	}
	numbers := 0
	for _, l := range lexemes {
		if !held[l] && utf8.RuneCountInString(l) >= 3 && strings.ContainsFunc(l, unicode.IsDigit) {
			numbers++
		}
	}
	share := func(worth float64) float64 {
		if s.Worth <= 0 {
			return 0
		}
		return min(1, worth/s.Worth)
	}
	m["covered"], m["known_missing"] = share(heldWorth), share(knownMissing)
	m["unknown_share"] = share(float64(s.UnknownWords) * s.UnknownWorth)
	m["missing"] = math.Log1p(float64(len(lexemes) - len(held)))
	m["missing_worth"] = math.Log1p(max(0, s.Worth-heldWorth))
	m["numbers_missing"] = float64(min(numbers, 3))
}

// maxPhraseRunes bounds how much of a question is compared by pairs of words.
const maxPhraseRunes = 4000

// phraseFeatures tell how many of the question's pairs of neighbouring words the
// first's title or best passage has.
func phraseFeatures(m map[string]float64, question string, first *Hit) {
	there := map[[2]string]bool{}
	texts := []string{first.Title}
	if len(first.Passages) > 0 {
		texts = append(texts, first.Passages[0].Text)
	}
	for _, t := range texts {
		pairs(t, func(p [2]string) { there[p] = true })
	}
	all, shared := 0, 0
	pairs(text.Truncate(question, maxPhraseRunes), func(p [2]string) {
		all++
		if there[p] {
			shared++
		}
	})
	m["phrases"] = math.Log1p(float64(shared))
	m["phrase_share"] = (float64(shared) + .5) / (float64(all) + 2)
}

// pairs calls f with each two neighbouring words, lower-cased.
func pairs(s string, f func([2]string)) {
	last := ""
	for _, w := range text.Words(s) {
		word := strings.ToLower(s[w.Start:w.End])
		if last != "" {
			f([2]string{last, word})
		}
		last = word
	}
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
func (s *Shape) ranking(f Fusion) []float64 {
	list := make([]float64, 0, 10)
	for _, a := range s.Answers {
		list = append(list, a.Score)
	}
	for len(list) < min(10, s.Articles) {
		list = append(list, f.base())
	}
	return list
}

// nearness is how near the nearest passage and title are, in standard
// deviations from a middling candidate.
func (s *Shape) nearness(f Fusion) float64 {
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
func (s *Shape) coverage(first SubScores, f Fusion) float64 {
	if s.Worth <= 0 {
		return 0
	}
	return min(1, first.Words/((f.K1+1)*s.Worth))
}
