package guard

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/purser-desk/purser/suggest"
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

// internalRuns are the runs of words of evidence that colleagues alone may read.
func internalRuns(evidence []suggest.Evidence) map[uint64]struct{} {
	var runs map[uint64]struct{}
	for _, e := range evidence {
		if !e.Kind.Quotable() {
			if runs == nil {
				runs = map[uint64]struct{}{}
			}
			maps.Copy(runs, shingles(withoutBorders(phrases.Words(e.Text))))
		}
	}
	for _, e := range evidence {
		if e.Kind.Quotable() && runs != nil {
			for h := range shingles(withoutBorders(phrases.Words(e.Text))) {
				delete(runs, h)
			}
		}
	}
	return runs
}

// repeatsInternal reports whether a sentence holds a run of words that stands only
// in what colleagues alone may read.
func (c *Checker) repeatsInternal(s string) bool {
	found := false
	if len(c.internal) > 0 {
		eachShingle(withoutBorders(phrases.Words(s)), func(h uint64) bool {
			_, found = c.internal[h]
			return !found
		})
	}
	return found
}

// holdsCode reports whether a sentence holds a tag of HTML that runs or loads
// something where a program shows the draft as a page, and that the evidence does not
// speak of.
func (c *Checker) holdsCode(s string) bool {
	if !strings.Contains(s, "<") {
		return false
	}
	lower := strings.ToLower(s)
	for _, tag := range [...]string{"<script", "<img", "<iframe", "<object", "<embed", "<svg", "<style", "<link", "<form", "<a ", "<base", "<meta"} {
		if strings.Contains(lower, tag) && !c.offers(func(o *offered) bool { return strings.Contains(strings.ToLower(o.Text), tag) }) {
			return true
		}
	}
	return false
}

// repeatsPrompt reports whether a sentence holds a run of words of the rules
// that the model was given, or a tag of the material.
func (c *Checker) repeatsPrompt(s string) bool {
	for _, tag := range [...]string{"<evidence", "</evidence", "<facts", "</facts", "<earlier", "</earlier", "<message", "</message", "<notes", "</notes", "<guidance", "</guidance"} {
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
