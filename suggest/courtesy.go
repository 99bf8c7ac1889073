package suggest

import (
	"slices"
	"strings"
)

// Bounds of what may be said without a citation, in words.
const (
	maxCourtesyWords = 24
	// maxCourtesyOther is how many words of a courtesy the lists need not know.
	maxCourtesyOther = 12
	maxQuestionWords = 30
	maxFactWords     = 20
)

// uncited says what a sentence without a citation is, or which check it fails:
// courtesies, questions and what the facts say need none. Its figures, if any,
// stand in the facts.
func (c *checker) uncited(s string, words []string, facts []string) (ClaimKind, string) {
	var courtesy, promise, secret bool
	known := make([]bool, len(words))
	for _, set := range c.rules {
		set.find(withoutNames(words, facts), func(section string, start, end int) {
			switch section {
			case sectionCourtesy:
				courtesy = courtesy || start <= 3
				fill(known[start:end])
			case sectionThanks, sectionGreeting:
				fill(known[start:end])
			case sectionPromise:
				promise = true
			case sectionSecret:
				secret = true
			}
		})
	}
	n := len(words)
	switch {
	case asks(s):
		if secret {
			return "", checkSecret
		}
		if n > maxQuestionWords {
			return "", checkUncited
		}
		return ClaimQuestion, ""
	case len(facts) > 0 && n <= maxFactWords && !promise && c.tellsLittleElse(s, facts):
		return ClaimFact, ""
	case n <= 3 && !promise && c.isName(s):
		return ClaimCourtesy, ""
	case courtesy && !promise && n <= maxCourtesyWords && count(known, false) <= maxCourtesyOther:
		return ClaimCourtesy, ""
	}
	return "", checkUncited
}

// withoutNames takes the words of the facts' names out: "booking code" promises
// nothing.
func withoutNames(words, facts []string) []string {
	if len(facts) == 0 {
		return words
	}
	names := foldedWords(strings.Join(facts, " "))
	out := slices.Clone(words)
	for i, w := range out {
		if slices.Contains(names, w) {
			out[i] = taken
		}
	}
	return out
}

func asks(s string) bool {
	return strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") || strings.HasSuffix(s, "?”") || strings.HasSuffix(s, "?\"")
}

// isName reports whether s is the house's or the customer's name, as below a
// closing.
func (c *checker) isName(s string) bool {
	s = strings.Trim(s, " ,.")
	return s != "" && strings.EqualFold(s, c.p.settings.Company)
}

// maxFactOther is how many words that carry meaning a sentence may hold beside
// the facts that it tells, such as "leaves" and "gate": more, and it would state
// what nothing shows.
const maxFactOther = 3

// tellsLittleElse reports whether a sentence holds little but the facts named.
func (c *checker) tellsLittleElse(s string, facts []string) bool {
	told := map[string]bool{}
	for _, f := range c.told {
		if slices.Contains(facts, f.name) {
			for _, l := range c.p.lexemes(c.locale, strings.ReplaceAll(f.name, "_", " ")+" "+f.value) {
				told[l] = true
			}
		}
	}
	others := 0
	for _, l := range unique(c.p.lexemes(c.locale, s)) {
		if !told[l] {
			others++
		}
	}
	return others <= maxFactOther
}
