package suggest

import (
	"slices"
	"strings"
	"unicode"

	"github.com/purser-desk/purser/internal/text"
)

// cite finds, for each passage cited, the sentence that shares most words with
// the claim, or the whole passage; supported is false when too few of the
// claim's words stand in any of them. Passages in the draft's language count
// before others, whose words can't be compared.
func (c *checker) cite(s string, figures []text.Figure, cited []int) (citations []Citation, supported bool) {
	lexemes := unique(c.p.lexemes(c.locale, withoutConfirmations(s)))
	best := 0.0
	same, shared := false, len(figures) > 0
	for _, i := range cited {
		o := c.ready(i)
		citation := Citation{Number: o.Number, Start: o.Start, End: o.End}
		v := share(lexemes, func(l string) bool { return o.lexemes[l] })
		if !c.sameLanguage(o) {
			shared = shared || v > 0
			citations = append(citations, citation)
			continue
		}
		same = true
		best = max(best, v)
		if at, most := closest(o, lexemes); at >= 0 && most >= narrowShare {
			citation.Start, citation.End = o.sentences[at].start, o.sentences[at].end
		}
		citations = append(citations, citation)
	}
	switch {
	case c.p.settings.MinSupport < 0 || len(lexemes) == 0:
		return citations, true
	case !same:
		// Whether it is said there nobody can tell here. Where there is evidence
		// to compare with, something must be common: a name, a figure.
		return citations, shared || !c.comparable()
	case len(lexemes) < minSupportWords:
		return citations, best >= max(c.p.settings.MinSupport, shortShare)
	}
	return citations, best >= c.p.settings.MinSupport
}

const (
	// narrowShare of a claim's words must stand in one sentence for the citation
	// to name that sentence alone.
	narrowShare = 0.4
	// minSupportWords is how many words make a sentence long. Of a shorter one,
	// shortShare must stand in what it cites: a single word of it says too little.
	minSupportWords = 4
	shortShare      = 0.5
)

func (c *checker) sameLanguage(o *offered) bool {
	return text.BaseLanguage(o.Locale) == text.BaseLanguage(c.locale)
}

// comparable reports whether any evidence is in the draft's language.
func (c *checker) comparable() bool {
	return slices.ContainsFunc(c.offered, func(o offered) bool { return c.sameLanguage(&o) })
}

// closest is the sentence of o that shares most words, and how many.
func closest(o *offered, lexemes []string) (at int, most float64) {
	at = -1
	for k := range o.sentences {
		words := o.sentences[k].lexemes
		if v := share(lexemes, func(l string) bool { return slices.Contains(words, l) }); v > most {
			at, most = k, v
		}
	}
	return at, most
}

func share(lexemes []string, in func(string) bool) float64 {
	if len(lexemes) == 0 {
		return 0
	}
	n := 0
	for _, l := range lexemes {
		if in(l) {
			n++
		}
	}
	return float64(n) / float64(len(lexemes))
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// withoutConfirmations takes words out that answer without saying anything:
// "Yes, that is possible" needs no evidence for "possible".
func withoutConfirmations(s string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(s, unicode.IsSpace) {
		if !isConfirmation(foldLetters(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }))) {
			b.WriteString(word + " ")
		}
	}
	return b.String()
}

func isConfirmation(w string) bool {
	switch w {
	case "yes", "ja", "si", "oui", "tak", "sim", "no", "nein", "nee", "non", "nei", "nie", "nej",
		"possible", "possibly", "moglich", "posible", "possibile", "possivel", "mogelijk", "mulig", "mojligt", "mojlig", "mozliwe",
		"correct", "right", "richtig", "stimmt", "correcto", "exact", "corretto", "klopt", "riktig", "korrekt", "prawda", "correto",
		"unfortunately", "leider", "desgraciadamente", "malheureusement", "purtroppo", "helaas", "dessverre", "niestety", "infelizmente", "tyvarr",
		"naturally", "naturlich", "certainly", "certainement", "certamente", "natuurlijk", "selvfolgelig", "oczywiscie", "naturligtvis":
		return true
	}
	return false
}
