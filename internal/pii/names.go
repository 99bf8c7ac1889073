package pii

import (
	"regexp"
	"slices"
	"strings"
)

// nameRules find names that nobody told, in one language: behind a greeting, a
// title or "my name is", and below a closing.
type nameRules struct {
	inLine  []pattern // the name is the last group
	closing pattern
	alone   *regexp.Regexp
	// kinBefore is "my wife" before a name: where its word is a title, too, a noun
	// may follow.
	kinBefore *regexp.Regexp
	house     *regexp.Regexp
	nobody    []string
	kin       *kinRules
}

// A name is up to four words that begin with a capital; a full stop in it stands
// behind initials alone, or else the next sentence would be part of the name.
func nameWord() string {
	return `[ \t]+(?:` + oneOf(particles()) + `[ \t]+)*\p{Lu}(?:\.(?:-?\p{Lu}\.)*|[\p{L}’'-]*)`
}

func nameWords() string { return `(\p{Lu}[\p{L}’'-]+(?:` + nameWord() + `){0,3})` }

// wholeName is for where many other things are said, as behind "I am".
func wholeName() string { return `(\p{Lu}[\p{L}’'-]+(?:` + nameWord() + `){1,3})` }

func newNameRules(lang string) *nameRules {
	list := func(names ...string) string { return anyOf(lang, names...) }
	name, whole := nameWords(), wholeName()
	titles, closings := list("titles"), list("closings")
	return &nameRules{
		inLine: []pattern{
			newPattern(`(?m)^[ \t>]*(?i:`+list("greetings")+`)[ \t]+(?:(?i:`+titles+`)\.?[ \t]+)?`+name+`[ \t]*(?:[,!.:;–—-]|$)`, words(lang, "greetings")),
			newPattern(`(?:^|[^\p{L}])(?:(?i:`+titles+`)\.|`+oneOf(capitalised(words(lang, "spoken-titles")))+`)[ \t]+(?:(?i:`+titles+`)\.?[ \t]+)*`+name, words(lang, "titles"), words(lang, "spoken-titles")),
			newPattern(`(?:^|[^\p{L}])(?i:`+list("introductions")+`)[ \t]+`+name, words(lang, "introductions")),
			newPattern(`(?:^|[^\p{L}])(?i:`+list("i-am")+`)[ \t]+`+whole, words(lang, "i-am")),
			// A closing that follows on the same line, as in chats.
			newPattern(`(?m)[.!?,;][ \t]+(?i:`+closings+`)[ \t]*[,.!:–—-]?[ \t]+`+name+`[ \t]*[.!]?$`, words(lang, "closings")),
		},
		closing:   newPattern(`^[ \t>]*(?i:`+closings+`)[ \t]*[,.!:–—-]*[ \t]*(.*)$`, words(lang, "closings")),
		alone:     regexp.MustCompile(`^[ \t>–—-]*` + name + `[ \t]*[,.]?$`),
		kinBefore: regexp.MustCompile(`(?:^|\P{L})(?i:` + list("possessives") + `[ \t]+` + list("kin") + `)[ \t]+$`),
		house:     regexp.MustCompile(`^(?i:` + list("house") + `)$`),
		nobody:    words(lang, "nobody"),
		kin:       newKinRules(lang),
	}
}

// find returns the names in s, each once.
func (f *nameRules) find(s string, public *Public) []string {
	var found []string
	add := func(name string) {
		name = strings.TrimRight(strings.TrimSpace(name), ".,")
		words := strings.Fields(name)
		if slices.ContainsFunc(words, f.house.MatchString) || len(words) > 1 && public.Says(words[0]+" "+words[1]) {
			return // who signs for the house
		}
		for len(words) > 0 && slices.Contains(f.nobody, strings.ToLower(words[0])) {
			words = words[1:]
		}
		if name = strings.Join(words, " "); name != "" && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	in := wordSet(s)
	for _, r := range f.inLine {
		if !r.mayMatch(in) {
			continue
		}
		for _, m := range r.FindAllStringSubmatchIndex(s, -1) {
			if n := len(m); !f.kinBefore.MatchString(s[:m[n-2]]) {
				add(s[m[n-2]:m[n-1]])
			}
		}
	}
	for _, name := range f.kin.find(s, in, public) {
		add(name)
	}
	if f.closing.mayMatch(in) {
		f.belowClosings(s, add)
	}
	return found
}

// belowClosings finds names that stand on a line of their own, the first or
// second below a closing.
func (f *nameRules) belowClosings(s string, add func(name string)) {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		m := f.closing.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if name := f.alone.FindStringSubmatch(m[1]); name != nil {
			add(name[1])
		}
		if strings.TrimSpace(m[1]) != "" {
			continue
		}
		for seen, below := 0, lines[i+1:]; len(below) > 0 && seen < 2; below = below[1:] {
			if strings.TrimSpace(below[0]) == "" {
				continue
			}
			seen++
			if name := f.alone.FindStringSubmatch(below[0]); name != nil {
				add(name[1])
			}
		}
	}
}
