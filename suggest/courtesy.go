package suggest

import (
	"strings"

	"github.com/purser-desk/purser/internal/text"
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
// courtesies, questions and what the facts say need none.
func (c *checker) uncited(s string, words []string, figures []text.Figure, facts []string) (ClaimKind, string) {
	var courtesy, promise, secret bool
	known := make([]bool, len(words))
	for _, set := range c.rules {
		set.find(words, func(section string, start, end int) {
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
		if len(figures) > len(facts) {
			return "", checkQuestion
		}
		if n > maxQuestionWords {
			return "", checkUncited
		}
		return ClaimQuestion, ""
	case len(facts) > 0 && n <= maxFactWords && !promise:
		return ClaimFact, ""
	case len(figures) > 0:
		return "", checkFigure
	case n <= 3 && !promise && c.isName(s):
		return ClaimCourtesy, ""
	case courtesy && !promise && n <= maxCourtesyWords && count(known, false) <= maxCourtesyOther:
		return ClaimCourtesy, ""
	}
	return "", checkUncited
}

func asks(s string) bool {
	return strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") || strings.HasSuffix(s, "?”") || strings.HasSuffix(s, "?\"")
}

// isName reports whether s is the house's or the customer's name, as below a
// closing.
func (c *checker) isName(s string) bool {
	s = strings.Trim(s, " ,.")
	return s != "" && (strings.EqualFold(s, c.p.settings.Company))
}
