package pii

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// languages are those that the finders were made for.
func languages() []string { return lexicon.Languages("kin") }

// words is a list of a language; nil when it has none of that name.
func words(lang, list string) []string {
	var out []string
	for w := range lexicon.Of(lang, list).All() {
		out = append(out, w)
	}
	return out
}

// wordsOf are the lists of several languages in one.
func wordsOf(langs []string, list string) []string {
	var out []string
	for _, l := range langs {
		out = append(out, words(l, list)...)
	}
	return out
}

// nothing is a pattern that matches nothing.
const nothing = `[^\x00-\x{10FFFF}]`

// oneOf is a pattern for any word of the lists, the longest first. In a word "*"
// stands for any letters, a blank for blanks, and an apostrophe for both of its
// forms.
func oneOf(lists ...[]string) string {
	all := slices.Concat(lists...)
	if len(all) == 0 {
		return nothing
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	all = slices.Compact(all)
	for i, w := range all {
		all[i] = strings.NewReplacer(`\*`, `\p{L}*`, ` `, `[ \t]+`, `'`, `['’]`).Replace(regexp.QuoteMeta(w))
	}
	return `(?:` + strings.Join(all, "|") + `)`
}

// anyOf is oneOf for lists of a language by their names.
func anyOf(lang string, names ...string) string {
	var lists [][]string
	for _, n := range names {
		lists = append(lists, words(lang, n))
	}
	return oneOf(lists...)
}

// pattern is tried only on texts that hold a word of a list: most patterns begin
// with one, most texts have none, and looking is much cheaper than matching.
type pattern struct {
	*regexp.Regexp
	first map[string]bool // first words, in lower case
	stems []string        // beginnings of them
}

func newPattern(expr string, lists ...[]string) pattern {
	p := pattern{Regexp: regexp.MustCompile(expr), first: map[string]bool{}}
	for _, w := range slices.Concat(lists...) {
		word := firstWord.FindString(w)
		if stem, ok := strings.CutSuffix(word, "*"); ok {
			p.stems = append(p.stems, stem)
		} else {
			p.first[word] = true
		}
	}
	return p
}

var firstWord = regexp.MustCompile(`\p{L}+\*?`)

// mayMatch reports whether a text of these words, in lower case, holds one of the
// pattern's.
func (p *pattern) mayMatch(words map[string]bool) bool {
	for w := range words {
		if p.first[w] || slices.ContainsFunc(p.stems, func(stem string) bool { return strings.HasPrefix(w, stem) }) {
			return true
		}
	}
	return false
}

// wordSet are the words of s in lower case.
func wordSet(s string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		out[strings.ToLower(w)] = true
	}
	return out
}

// rules find what is personal in texts of one language, or of any.
type rules struct {
	names  []*nameRules
	dates  *dateFinder
	births []*birthRules
	// streets by language, and what follows a number that is none of a house.
	streets []*regexp.Regexp
	counted *regexp.Regexp
	codes   *regexp.Regexp
	// hours are words that belong to a time.
	hours *regexp.Regexp
}

// rulesFor are the rules for texts in a locale. No rule reads a language that it
// was not made for. Where the language is not known all languages' rules apply,
// each with its own lists: to miss a name is worse than to hide a word.
func rulesFor(locale string) *rules {
	lang := text.BaseLanguage(locale)
	if made, ok := allRules()[lang]; ok {
		return made()
	}
	return &rules{dates: newDateFinder(nil), counted: counted(nil), codes: regexp.MustCompile(nothing), hours: hours(nil)}
}

// allRules are made when first needed and shared: they keep nothing of what they
// read, and their patterns are many.
var allRules = sync.OnceValue(func() map[string]func() *rules {
	out := map[string]func() *rules{"": sync.OnceValue(func() *rules { return newRules(languages()) })}
	for _, l := range languages() {
		out[l] = sync.OnceValue(func() *rules { return newRules([]string{l}) })
	}
	return out
})

func newRules(langs []string) *rules {
	r := &rules{dates: newDateFinder(langs), counted: counted(langs), codes: newCodes(langs), hours: hours(langs)}
	for _, l := range langs {
		names := newNameRules(l)
		r.names = append(r.names, names)
		r.births = append(r.births, newBirthRules(l))
		r.streets = append(r.streets, newStreets(l)...)
	}
	return r
}

// particles are parts of names that are words, too. Names are of no text's
// language, so those of all languages count.
var particles = sync.OnceValue(func() []string { return wordsOf(lexicon.Languages("name-particles"), "name-particles") })

func isParticle(w string) bool { return slices.Contains(particles(), w) }

// capitalised are words in the form in which they stand before or in a name.
func capitalised(list []string) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = capital(w)
	}
	return out
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// squeezed is s folded, its letters and digits alone.
func squeezed(s string) string { return strings.ReplaceAll(folded(s), " ", "") }

// folded is s folded, its runs of letters and digits parted by one blank.
func folded(s string) string {
	b := make([]byte, 0, len(s))
	gap := false
	for _, r := range s {
		if !isWordRune(r) {
			gap = true
			continue
		}
		if gap && len(b) > 0 {
			b = append(b, ' ')
		}
		gap = false
		b = lexicon.AppendFold(b, r, lexicon.Bare)
	}
	return string(b)
}
