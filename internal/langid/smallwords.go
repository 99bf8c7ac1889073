package langid

import (
	"math"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/lexicon"
)

// smallWords tells for each small word which languages have it, by number.
type smallWords map[string][]int

// newSmallWords joins stop words with words that short messages are made of.
func newSmallWords(languages []string) smallWords {
	m := smallWords{}
	for i, lang := range languages {
		words := analysis.StopWords(lang)
		for w := range lexicon.Of(lang, "chat").All() {
			words = append(words, w)
		}
		for _, w := range words {
			if !slices.Contains(m[w], i) {
				m[w] = append(m[w], i)
			}
		}
	}
	return m
}

// enoughHits is how many small words are counted: of longer texts the letters
// tell more.
const enoughHits = 6

// votes adds up, for each of so many languages, the small words of a text in
// lower case: a word counts the more, the fewer languages have it. hits is how
// many words were known.
func (m smallWords) votes(prose string, languages int) (votes []float64, hits int) {
	votes = make([]float64, languages)
	for w := range strings.FieldsSeq(prose) {
		if hits >= enoughHits {
			break
		}
		langs := m[w]
		if len(langs) == 0 {
			if before, after, ok := strings.Cut(strings.ReplaceAll(w, "’", "'"), "'"); ok && len(m[before+"'"]) == 0 {
				langs = m[after]
			}
		}
		if len(langs) == 0 {
			continue
		}
		hits++
		for _, l := range langs {
			votes[l] += math.Log(1 + 12/float64(len(langs)))
		}
	}
	return votes, hits
}
