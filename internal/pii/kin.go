package pii

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kinRules find names behind words for those whom people write about, such as
// "my son", beside dates of birth and in the fields of a form, in one language.
type kinRules struct {
	told  []pattern // each ends where a name begins
	aside []pattern // the same, of a name that something must end
	// fields end where a name begins that a noun may stand in place of.
	fields         []pattern
	beside         pattern // a name before a word for birth
	called, change pattern // whole names behind "is called", names that change

	name, more, ending *regexp.Regexp
	tail, lead         *regexp.Regexp
	nobody             []string
	// noun and thing tell nouns, in a language that writes them with capitals;
	// else both are nil.
	noun, thing *regexp.Regexp
}

func newKinRules(lang string) *kinRules {
	list := func(names ...string) string { return `(?i:` + anyOf(lang, names...) + `)` }
	const some = `(?:[\p{Ll}\d][\p{L}\d-]*[ \t]+){0,2}`
	re := func(m, first string) pattern { return newPattern(`(?m)(?:^|[^\p{L}])`+m, words(lang, first)) }
	name, whole := nameWords(), wholeName()
	mine, kin, called := list("possessives"), list("kin"), list("called")
	f := &kinRules{
		told: []pattern{
			re(`(`+mine+`[ \t]+`+some+kin+`)(?:[ \t]*`+called+`)?[ \t]+\p{Lu}`, "kin"),
			re(`(`+kin+`[ \t]+`+list("possessives-behind")+`)[ \t]+\p{Lu}`, "possessives-behind"),
			re(`(`+list("their-name")+`)[ \t]+\p{Lu}`, "their-name"),
		},
		aside: []pattern{re(`(`+mine+`[ \t]+`+some+kin+`)[ \t]*[,(:–-][ \t]*(?:`+called+`[ \t]+)?\p{Lu}`, "kin")},
		fields: []pattern{
			re(`()`+list("name-labels")+`[ \t]+(?:`+list("copulas")+`[ \t]+)?\p{Lu}`, "name-labels"),
			re(`()`+list("maiden-names")+`[ \t]+\p{Lu}`, "maiden-names"),
			newPattern(`(?m)(?:^[ \t>*•-]*|[,;.(][ \t]*)()`+list("name-fields", "name-labels")+`(?:[ \t]*\d)?[ \t]*:[ \t]*\p{Lu}`, words(lang, "name-fields"), words(lang, "name-labels")),
		},
		called: re(`()`+called+`[ \t]+`+whole, "called"),
		change: re(list("names-changed")+`[ \t]+`+list("changed-from")+`[ \t]+`+name+`(?:[ \t]+`+list("changed-to")+`[ \t]+`+name+`)?`, "names-changed"),
		beside: re(whole+`[ \t]*[,(–-]*[ \t]*(?:(?:`+list("copulas", "birth-links")+`|,)[ \t]+)?`+list("born")+`(?:\P{L}|$)`, "born"),
		name:   regexp.MustCompile(`^` + name),
		more:   regexp.MustCompile(`^(?:[ \t]*\([^()\n]{1,30}\))?(?:[ \t]*,[ \t]*|[ \t]*,?[ \t]+` + list("and") + `[ \t]+)`),
		ending: regexp.MustCompile(`(?m)^[ \t]*(?:[(,.;:!?)]|$)`),
		tail:   regexp.MustCompile(`^` + list("copulas", "and", "born") + `$`),
		lead:   regexp.MustCompile(`^` + list("kin", "name-fields", "name-labels", "possessives", "titles", "name-leads") + `\.?$`),
		nobody: words(lang, "nobody"),
	}
	if nouns := words(lang, "nouns"); nouns != nil {
		f.noun = regexp.MustCompile(`^(?i:` + oneOf(nouns) + `)$`)
		f.thing = regexp.MustCompile(`(?:^|\P{L})` + list("before-nouns") + `[ \t]+(\p{Lu}\p{L}+)`)
	}
	return f
}

// find returns the names that kin, birth and fields tell in s, which is made of
// the words in. Where nouns have
// capitals, what anyone can read is no name; nor is it in the fields of a form.
func (f *kinRules) find(s string, in map[string]bool, public *Public) []string {
	things := map[string]bool{}
	if f.thing != nil {
		for _, m := range f.thing.FindAllStringSubmatch(s, -1) {
			things[m[1]] = true
		}
	}
	noun := func(w string) bool { return things[w] || f.isNoun(w) || public.Says(w) }
	behindKin := func(string) bool { return false }
	if f.noun != nil {
		behindKin = noun
	}
	var found []string
	for _, way := range []struct {
		patterns []pattern
		ends     bool
		noun     func(string) bool
	}{{f.told, false, behindKin}, {f.aside, true, behindKin}, {f.fields, false, noun}} {
		for _, r := range way.patterns {
			if !r.mayMatch(in) {
				continue
			}
			for _, m := range r.FindAllStringSubmatchIndex(s, -1) {
				if !isShouted(s[m[2]:m[3]]) {
					found = append(found, f.list(s[m[1]-lastSize(s[:m[1]]):], way.ends, way.noun)...)
				}
			}
		}
	}
	for _, r := range []pattern{f.beside, f.called, f.change} {
		if !r.mayMatch(in) {
			continue
		}
		for _, m := range r.FindAllStringSubmatch(s, -1) {
			for _, name := range m[1:] {
				found = append(found, f.trimmed(name, noun)...)
			}
		}
	}
	return found
}

func (f *kinRules) isNoun(w string) bool { return f.noun != nil && f.noun.MatchString(w) }

// maxNames is how many names of a list are read.
const maxNames = 8

// list reads names at the beginning of s: one, or several with commas and "and"
// between them.
func (f *kinRules) list(s string, ends bool, noun func(string) bool) []string {
	var out []string
	for range maxNames {
		m := f.name.FindStringIndex(s)
		if m == nil || strings.HasPrefix(s[m[1]:], "–") || ends && !f.ending.MatchString(s[m[1]:]) && !f.more.MatchString(s[m[1]:]) {
			break
		}
		name := f.trimmed(s[:m[1]], noun)
		out = append(out, name...)
		more := f.more.FindString(s[m[1]:])
		if more == "" || len(name) == 0 {
			break
		}
		if s = s[m[1]+len(more):]; strings.Contains(more, ",") && !f.goesOn(s) {
			break
		}
	}
	return out
}

// goesOn reports whether a list has another name at the beginning of s: in
// "Oskar, Anna and Ben" Anna is one, in "Oskar, Monday is" there is none.
func (f *kinRules) goesOn(s string) bool {
	m := f.name.FindStringIndex(s)
	return m != nil && (f.more.MatchString(s[m[1]:]) || f.ending.MatchString(s[m[1]:]))
}

// trimmed is a name without what leads to it, up to the first noun.
func (f *kinRules) trimmed(name string, noun func(string) bool) []string {
	words := strings.Fields(name)
	for len(words) > 0 && (f.lead.MatchString(words[0]) || slices.Contains(f.nobody, strings.ToLower(words[0]))) {
		words = words[1:]
	}
	if i := slices.IndexFunc(words, noun); i >= 0 {
		words = words[:i]
	}
	for len(words) > 0 && f.tail.MatchString(words[len(words)-1]) {
		words = words[:len(words)-1] // of a shouted sentence
	}
	if len(words) == 0 || isParticle(words[0]) {
		return nil
	}
	return []string{strings.Join(words, " ")}
}

// lastSize is how many bytes the last letter of s has.
func lastSize(s string) int {
	_, size := utf8.DecodeLastRuneInString(s)
	return size
}

// isShouted reports whether s is written in capitals throughout, where they tell
// no name.
func isShouted(s string) bool {
	return len(s) > 2 && s == strings.ToUpper(s) && strings.ContainsFunc(s, unicode.IsLetter)
}
