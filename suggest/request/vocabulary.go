package request

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// sign is what a phrase says of the clause that it stands in. A phrase can say
// several things.
type sign uint16

const (
	ask      sign = 1 << iota // a question, where a clause begins
	verb                      // a question where a clause begins that ends with a question mark
	whether                   // a question in a sentence that asks
	wish                      // a request, wherever it stands
	tell                      // asks to be told what follows
	join                      // begins another request
	filler                    // says nothing between other words
	things                    // is announced before a list
	little                    // a topic of nothing
	courtesy                  // greets or takes leave
	open                      // begins what goes on with something
	pronoun                   // stands for what was said
	article                   // that, or stands before a noun
	reply                     // answers a question
	fresh                     // begins another topic
)

// The lists of internal/lexicon, and what their entries are mapped to.
const (
	listRequests  = "requests"
	listFollowUps = "follow-ups"
	listAnd       = "and"
)

var signNames = map[string]sign{
	"ask": ask, "verb": verb, "whether": whether, "wish": wish, "tell": tell, "join": join, "filler": filler, "things": things, "little": little,
	"open": open, "pronoun": pronoun, "article": article, "reply": reply, "new": fresh,
}

// courteous are the lists of what is said around a matter.
var courteous = [...]string{"greetings", "closings", "sign-offs"}

// vocabulary is what one language says. The zero value knows nothing.
type vocabulary struct {
	phrases map[string][]phrase // by first word
	and     map[string]bool
	stop    map[string]bool
}

type phrase struct {
	words []string
	signs sign
}

var vocabularies = sync.OnceValue(func() map[string]*vocabulary {
	all := map[string]*vocabulary{}
	for _, lang := range lexicon.Languages(listRequests) {
		v := &vocabulary{phrases: map[string][]phrase{}, and: map[string]bool{}, stop: map[string]bool{}}
		for _, name := range []string{listRequests, listFollowUps} {
			for entry, value := range lexicon.Of(lang, name).All() {
				var signs sign
				for _, s := range strings.Fields(value) {
					signs |= signNames[s]
				}
				v.add(entry, signs)
			}
		}
		for _, name := range courteous {
			for entry := range lexicon.Of(lang, name).All() {
				v.add(entry, courtesy)
			}
		}
		for w := range lexicon.Of(lang, listAnd).All() {
			v.and[w] = true
		}
		for _, w := range analysis.StopWords(lang) {
			v.stop[w] = true
		}
		all[lang] = v
	}
	return all
})

func vocabularyOf(locale string) *vocabulary {
	if v := vocabularies()[text.BaseLanguage(locale)]; v != nil {
		return v
	}
	return &vocabulary{}
}

func (v *vocabulary) add(entry string, signs sign) {
	var words []string
	for _, t := range tokensOf(entry, text.Span{End: len(entry)}) {
		words = append(words, t.word)
	}
	if len(words) > 0 {
		v.phrases[words[0]] = append(v.phrases[words[0]], phrase{words, signs})
	}
}

// token is a word with its place in the text.
type token struct {
	text.Span
	word string
}

// tokensOf are the words of a part of s in lower case. An apostrophe inside a word
// is part of it; a hyphen is not.
func tokensOf(s string, p text.Span) []token {
	var out []token
	start := -1
	end := func(i int) {
		if start >= 0 {
			word := strings.TrimRight(strings.ReplaceAll(strings.ToLower(s[start:i]), "’", "'"), "'")
			out = append(out, token{text.Span{Start: start, End: i}, word})
		}
		start = -1
	}
	for i, r := range p.In(s) {
		i += p.Start
		switch {
		case text.IsWordPart(r):
			if start < 0 {
				start = i
			}
		case (r == '\'' || r == '’') && start >= 0:
		case r == '&':
			end(i)
			out = append(out, token{text.Span{Start: i, End: i + 1}, "&"})
		default:
			end(i)
		}
	}
	end(p.End)
	return out
}

// found is a phrase that stands in tokens from one to before the other.
type found struct {
	signs      sign
	start, end int
	words      int
}

// at are the phrases that begin at a token. Between their words fillers may stand.
func (v *vocabulary) at(tokens []token, i int) []found {
	var out []found
	for _, p := range v.phrases[tokens[i].word] {
		j, k := i+1, 1
		for k < len(p.words) && j < len(tokens) {
			switch {
			case tokens[j].word == p.words[k]:
				j, k = j+1, k+1
			case v.isFiller(tokens[j].word):
				j++
			default:
				k = len(p.words) + 1
			}
		}
		if k == len(p.words) {
			out = append(out, found{p.signs, i, j, len(p.words)})
		}
	}
	return out
}

func (v *vocabulary) isFiller(word string) bool {
	for _, p := range v.phrases[word] {
		if len(p.words) == 1 && p.signs&filler != 0 {
			return true
		}
	}
	return false
}

// topical are the signs whose words tell nothing of the topic.
const topical = ask | verb | whether | wish | tell | join | filler | things | little | courtesy | reply | fresh

// topic is what the words of a clause tell of a topic.
type topic struct {
	// content is how many words may tell one.
	content int
	// refers says that words stand for what was said before.
	refers bool
	// announces says that a list is announced.
	announces bool
}

func (v *vocabulary) topic(tokens []token) topic {
	var t topic
	all := make([]sign, len(tokens)) // of the phrases that cover a token
	own := make([]sign, len(tokens)) // of the word itself
	for i := range tokens {
		for _, f := range v.at(tokens, i) {
			t.announces = t.announces || f.signs&things != 0 && f.end+1 >= len(tokens)
			if f.words == 1 {
				own[i] |= f.signs
			}
			for k := f.start; k < f.end; k++ {
				all[k] |= f.signs
			}
		}
	}
	tells := func(i int) bool {
		w := tokens[i].word
		return all[i]&topical == 0 && !v.stop[w] && !v.and[w] && utf8.RuneCountInString(w) > 1 && strings.ContainsFunc(w, unicode.IsLetter)
	}
	for i := range tokens {
		if tells(i) {
			t.content++
		}
		if all[i]&topical&^(ask|verb) == 0 {
			t.refers = t.refers || own[i]&pronoun != 0 || own[i]&article != 0 && (i+1 == len(tokens) || !tells(i+1))
		}
	}
	return t
}
