package guard

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/phrases"
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
// courtesies, questions and what the facts say need none. Its entities, if any,
// stand in the facts.
func (c *Checker) uncited(s string, words []string, facts []string) (suggest.ClaimKind, string) {
	var courtesy, promise, secret bool
	known := make(phrases.Coverage, len(words))
	for _, set := range c.rules {
		set.Find(withoutNames(words, facts), func(section string, start, end int) {
			switch section {
			case phrases.SectionCourtesy:
				courtesy = courtesy || start <= 3
				known.Mark(start, end)
			case phrases.SectionThanks, phrases.SectionGreeting:
				known.Mark(start, end)
			case phrases.SectionPromise:
				promise = true
			case phrases.SectionSecret:
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
		return suggest.ClaimQuestion, ""
	case len(facts) > 0 && n <= maxFactWords && !promise && c.tellsLittleElse(s, facts):
		return suggest.ClaimStatement, ""
	case n <= 3 && !promise && c.isName(s):
		return suggest.ClaimEmpathy, ""
	case courtesy && !promise && n <= maxCourtesyWords && known.Unknown() <= maxCourtesyOther:
		return suggest.ClaimEmpathy, ""
	}
	return "", checkUncited
}

// withoutNames takes the words of the facts' names out: "booking code" promises
// nothing.
func withoutNames(words, facts []string) []string {
	if len(facts) == 0 {
		return words
	}
	names := phrases.Words(strings.Join(facts, " "))
	out := slices.Clone(words)
	for i, w := range out {
		if slices.Contains(names, w) {
			out[i] = phrases.Taken
		}
	}
	return out
}

func asks(s string) bool {
	return strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") || strings.HasSuffix(s, "?”") || strings.HasSuffix(s, "?\"")
}

// isName reports whether s is the house's or the customer's name, as below a
// closing or above a letter, however it is written.
func (c *Checker) isName(s string) bool {
	s = strings.Trim(s, " ,.!")
	return lexicon.SameName(s, c.company) || beginsLikeNames(s) && lexicon.SameName(s, c.customer)
}

// beginsLikeNames reports whether no word of s begins with a small letter.
func beginsLikeNames(s string) bool {
	for w := range strings.FieldsSeq(s) {
		if first, _ := utf8.DecodeRuneInString(w); unicode.IsLower(first) {
			return false
		}
	}
	return true
}

// maxFactOther is how many words that carry meaning a sentence may hold beside
// the facts that it tells, such as "leaves" and "gate": more, and it would state
// what nothing shows.
const maxFactOther = 3

// tellsLittleElse reports whether a sentence holds little but the facts named.
func (c *Checker) tellsLittleElse(s string, facts []string) bool {
	told := map[string]bool{}
	for _, f := range c.told {
		if slices.Contains(facts, f.name) {
			for _, l := range c.analyzer.Lexemes(c.locale, strings.ReplaceAll(f.name, "_", " ")+" "+f.value) {
				told[l] = true
			}
		}
	}
	others := 0
	for _, l := range unique(c.analyzer.Lexemes(c.locale, s)) {
		if !told[l] {
			others++
		}
	}
	return others <= maxFactOther
}
