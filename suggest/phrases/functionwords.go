package phrases

import "github.com/purser-desk/purser/internal/lexicon"

// functionWords are the small words that fill the sentences of a language,
// folded. They serve to see at once that a sentence is in the language it
// should be in, so that the detector is asked only where they do not tell.
func functionWords() map[string]uint16 {
	out := make(map[string]uint16, 600)
	for i, language := range languages {
		for w := range lexicon.Of(language, "function-words").All() {
			out[FoldLetters(w)] |= 1 << i
		}
	}
	return out
}

// PlainlyIn reports whether words are so full of the small words of a language,
// and so much fuller than of any other, that nobody needs to ask which it is.
func (l *Lists) PlainlyIn(words []string, language string) bool {
	var hits [len(languages)]int
	total := 0
	for _, w := range words {
		if w == Border {
			continue
		}
		total++
		for mask, i := l.functionWords[w], 0; mask != 0; mask, i = mask>>1, i+1 {
			if mask&1 != 0 {
				hits[i]++
			}
		}
	}
	mine, other := 0, 0
	for i, n := range hits {
		if languages[i] == language {
			mine = n
		} else {
			other = max(other, n)
		}
	}
	return mine >= 2 && mine*5 >= total && mine*2 >= 3*other
}
