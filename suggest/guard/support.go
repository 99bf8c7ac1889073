package guard

import (
	"slices"
	"strings"
	"unicode"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/negation"
	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/phrases"
)

// cite finds, for each passage cited, the sentence that shares most words with
// the claim, or the whole passage; supported is false when too few of the
// claim's words stand in any of them, or when it denies what they affirm, or
// the other way round. Passages in the draft's language count before others,
// whose words can't be compared.
func (c *Checker) cite(s string, entities []entity.Entity, cited []int) (citations []suggest.Citation, supported bool) {
	lexemes := unique(c.analyzer.Lexemes(c.locale, withoutConfirmations(s, c.locale)))
	best := 0.0
	same, shared := false, len(entities) > 0
	for _, i := range cited {
		o := c.ready(i)
		citation := suggest.Citation{Number: o.Number, Start: o.Start, End: o.End}
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
	case c.minSupport < 0 || len(lexemes) == 0:
		return citations, true
	case !same:
		// Whether it is said there nobody can tell here. Where there is evidence
		// to compare with, something must be common: a name, an entity.
		return citations, shared || !c.comparable()
	case len(lexemes) < minSupportWords && best < shortShare, best < c.minSupport:
		return citations, false
	}
	return citations, c.agrees(s, cited)
}

// agrees reports whether a claim denies or affirms like the cited sentence that
// it follows. Questions claim nothing.
func (c *Checker) agrees(s string, cited []int) bool {
	if asks(s) {
		return true
	}
	var sentences []*negation.Statement
	for _, i := range cited {
		if o := c.ready(i); c.sameLanguage(o) {
			sentences = append(sentences, c.stated(o)...)
		}
	}
	claim := negation.ReadStatement(c.analyzer, withoutAnswer(s, c.locale), c.locale)
	return negation.Agrees(&claim, sentences, followedShare) ||
		slices.ContainsFunc(cited, func(i int) bool { return negation.Quotes(s, c.offered[i].whole(), c.locale) })
}

// followedShare of the words of a claim and of a cited sentence must be common
// for the claim to follow it: of several, each denies for itself.
const followedShare = .5

// withoutAnswer drops the "No," before what may affirm.
func withoutAnswer(s, locale string) string {
	if first, rest, ok := strings.Cut(s, ","); ok && isConfirmation(first, locale) {
		return rest
	}
	return s
}

// stated are the titles and sentences of a piece of evidence but its questions.
func (c *Checker) stated(o *offered) []*negation.Statement {
	if o.stated != nil {
		return o.stated
	}
	parts := append([]string{o.Title}, o.HeadingPath...)
	for _, s := range o.sentences {
		parts = append(parts, s.text)
	}
	o.stated = make([]*negation.Statement, 0, len(parts))
	for _, part := range parts {
		for _, span := range sentence.Split(part, o.Locale) {
			if s := span.In(part); !asks(s) {
				st := negation.ReadStatement(c.analyzer, s, o.Locale)
				o.stated = append(o.stated, &st)
			}
		}
	}
	return o.stated
}

// unsupported is a sentence that what it cites does not support: a courtesy or a
// question may stand without, and loses its citation.
func (c *Checker) unsupported(claim suggest.DraftClaim, words, facts []string) (suggest.DraftClaim, string) {
	kind, failed := c.uncited(claim.Text, words, facts)
	if failed != "" {
		return claim, checkSupport
	}
	claim.Kind, claim.Citations = kind, nil
	return claim, ""
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

// overstates reports whether a sentence is absolute in its language, as in "always" or "in any
// case", where nothing that it cites in its language is: a few such words turn a
// rule with conditions into a promise without.
func (c *Checker) overstates(words []string, cited []int) bool {
	found, absolutes := false, lexicon.Of(c.locale, "absolutes")
	for _, w := range words {
		if !absolutes.HasFolded(w) {
			continue
		}
		found = true
		for _, i := range cited {
			if o := c.ready(i); c.sameLanguage(o) && strings.Contains(o.folded, " "+w+" ") {
				return false
			}
		}
	}
	return found
}

func (c *Checker) sameLanguage(o *offered) bool {
	return text.BaseLanguage(o.Locale) == text.BaseLanguage(c.locale)
}

// comparable reports whether any evidence is in the draft's language.
func (c *Checker) comparable() bool {
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
func withoutConfirmations(s, locale string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(s, unicode.IsSpace) {
		if !isConfirmation(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }), locale) {
			b.WriteString(word + " ")
		}
	}
	return b.String()
}

func isConfirmation(word, locale string) bool {
	return lexicon.Of(locale, "confirmations").HasFolded(phrases.FoldLetters(word))
}
