package guard

import (
	"hash/fnv"
	"slices"
	"strings"

	"github.com/purser-desk/purser/suggest/phrases"
)

// leakWords is how many words in a row of the prompt make a sentence a
// repetition of it.
const leakWords = 7

// shingles are the hashes of every run of leakWords words of a text.
func shingles(words []string) map[uint64]struct{} {
	set := map[uint64]struct{}{}
	eachShingle(words, func(h uint64) bool {
		set[h] = struct{}{}
		return true
	})
	return set
}

func eachShingle(words []string, visit func(uint64) bool) {
	for i := 0; i+leakWords <= len(words); i++ {
		h := fnv.New64a()
		for _, w := range words[i : i+leakWords] {
			_, _ = h.Write([]byte(w)) // never fails
			_, _ = h.Write([]byte{0})
		}
		if !visit(h.Sum64()) {
			return
		}
	}
}

// withoutBorders drops the tokens for sentence ends.
func withoutBorders(words []string) []string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		if w != phrases.Border {
			out = append(out, w)
		}
	}
	return out
}

// repeatsPrompt reports whether a sentence holds a run of words of the rules
// that the model was given, or a tag of the material.
func (c *Checker) repeatsPrompt(s string) bool {
	for _, tag := range [...]string{"<evidence", "</evidence", "<facts", "</facts", "<earlier", "</earlier", "<message", "</message"} {
		if strings.Contains(s, tag) {
			return true
		}
	}
	return c.holdsRules(s) || c.holdsRules(backwards(s))
}

func (g *Guard) holdsRules(s string) bool {
	found := false
	eachShingle(withoutBorders(phrases.Words(s)), func(h uint64) bool {
		_, found = g.promptRuns[h]
		return !found
	})
	return found
}

// backwards is s read from its end, as a model may be asked to write.
func backwards(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}
