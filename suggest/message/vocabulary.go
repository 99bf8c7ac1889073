package message

import (
	"strings"
	"sync"
	"unicode"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// The lists of internal/lexicon that this package goes by.
const (
	listWrote    = "mail-wrote"
	listHeaders  = "mail-headers"
	listMarks    = "mail-marks"
	listFooters  = "mail-footers"
	listSignOffs = "sign-offs"
	listTitles   = "job-titles"
	listLabels   = "form-labels"
	listPronouns = "pronouns"
)

// vocabulary are the lists of all languages: what stands around a message is in
// the language of a program, which nothing else in the message need be in.
type vocabulary struct {
	wrote, marks, footers phrases
	// wroteJoined are the verbs of languages that are written without blanks.
	wroteJoined []string
	headers     map[string]string
	labels      map[string]string
	signOffs    map[string]bool
	// longestSignOff is how many words the longest closing has.
	longestSignOff int
	// titles are the words of titles by the languages that have them; titleJoins
	// stand between these.
	titles     map[string][]string
	titleJoins map[string]bool
}

var words = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{
		wrote: phrases{}, marks: phrases{}, footers: phrases{},
		headers: map[string]string{}, labels: map[string]string{}, signOffs: map[string]bool{}, titles: map[string][]string{}, titleJoins: map[string]bool{},
	}
	each(listWrote, func(lang, entry, value string) {
		v.wrote.add(lang, entry, value)
		if r := []rune(entry); isJoinedScript(r[len(r)-1]) {
			v.wroteJoined = append(v.wroteJoined, entry)
		}
	})
	each(listMarks, v.marks.add)
	each(listFooters, v.footers.add)
	each(listHeaders, func(_, entry, value string) { v.headers[entry] = value })
	each(listLabels, func(_, entry, value string) {
		if _, ok := v.labels[key(entry)]; !ok {
			v.labels[key(entry)] = value
		}
	})
	each(listSignOffs, func(_, entry, _ string) {
		v.signOffs[key(entry)] = true
		v.longestSignOff = max(v.longestSignOff, len(wordsOf(entry)))
	})
	each(listTitles, func(lang, entry, value string) {
		for _, w := range wordsOf(entry) {
			if value == "join" {
				v.titleJoins[w] = true
			} else {
				v.titles[w] = append(v.titles[w], lang)
			}
		}
	})
	return v
})

func each(list string, add func(lang, entry, value string)) {
	for _, lang := range lexicon.Languages(list) {
		for entry, value := range lexicon.Of(lang, list).All() {
			add(lang, entry, value)
		}
	}
}

func isJoinedScript(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// wordsOf are the words of s in lower case. An apostrophe is part of a word.
func wordsOf(s string) []string {
	if strings.ContainsRune(s, '’') {
		s = strings.ReplaceAll(s, "’", "'")
	}
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Mn, r) && r != '\''
	})
}

// key is s as words with one blank between them.
func key(s string) string { return strings.Join(wordsOf(s), " ") }

// phrases are phrases by their first word.
type phrases map[string][]phrase

type phrase struct {
	words       []string
	lang, value string
}

func (p phrases) add(lang, entry, value string) {
	if w := wordsOf(entry); len(w) > 0 {
		p[w[0]] = append(p[w[0]], phrase{w, lang, value})
	}
}

// find calls found with each phrase that stands in words and where.
func (p phrases) find(words []string, found func(ph *phrase, at int)) {
	for i, w := range words {
		list := p[w]
		for k := range list {
			if ph := &list[k]; startsWith(words[i:], ph.words) {
				found(ph, i)
			}
		}
	}
}

// has reports whether a phrase of this value stands in words.
func (p phrases) has(words []string, value string) bool {
	ok := false
	p.find(words, func(ph *phrase, _ int) { ok = ok || ph.value == value })
	return ok
}

func startsWith(words, start []string) bool {
	if len(words) < len(start) {
		return false
	}
	for i := range start {
		if words[i] != start[i] {
			return false
		}
	}
	return true
}

// pronouns reports whether words name who speaks or is spoken to, and whether it
// is one speaker, in the language of locale; where that is not known, in any.
func (r *reader) pronouns(words []string) (some, one bool) {
	look := func(lang string) {
		l := lexicon.Of(lang, listPronouns)
		for _, w := range words {
			if v, ok := l.Value(w); ok {
				some, one = true, one || v != ""
			}
		}
	}
	if lexicon.Of(r.locale, listPronouns) != nil {
		look(text.BaseLanguage(r.locale))
		return some, one
	}
	for _, lang := range lexicon.Languages(listPronouns) {
		look(lang)
	}
	return some, one
}
