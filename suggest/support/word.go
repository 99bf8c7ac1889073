package support

import (
	"slices"
	"strings"
	"sync"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// word is one word of a text.
type word struct {
	text.Span
	lower string
	// lexeme is empty for what tells nothing about a topic.
	lexeme string
	// clause counts the parts of the sentence that punctuation divides.
	clause int
	// figure is the index of the figure that the word belongs to; -1 for none.
	figure int
}

// elided are the languages that write an article and its noun in one.
func elided(lang string) bool { return lang == "fr" || lang == "it" || lang == "ca" }

// splitWords divides s into words in lower case, contracted ones in two: "can't"
// gives "can" and "not", "d'au" gives "d" and "au".
func splitWords(s, lang string) []word {
	var out []word
	clause, last := 0, 0
	for _, p := range text.Words(s) {
		if parts(s[last:p.Start], s[p.Start:]) && len(out) > 0 {
			clause++
		}
		last = p.End
		lower := strings.ReplaceAll(strings.ToLower(p.In(s)), "’", "'")
		cut := -1
		switch {
		case lang == "en" && (strings.HasSuffix(lower, "n't") || lower == "cannot"):
			stem := strings.TrimSuffix(lower, "n't")
			if stem == "ca" || lower == "cannot" {
				stem = "can"
			}
			out = append(out, word{Span: p, lower: stem, clause: clause, figure: -1}, word{Span: p, lower: "not", clause: clause, figure: -1})
			continue
		case elided(lang):
			cut = strings.IndexByte(lower, '\'')
		}
		if cut > 0 && cut < len(lower)-1 && p.Len() == len(lower) {
			out = append(out, word{Span: text.Span{Start: p.Start, End: p.Start + cut}, lower: lower[:cut], clause: clause, figure: -1})
			p.Start += cut + 1
			lower = lower[cut+1:]
		}
		out = append(out, word{Span: p, lower: lower, clause: clause, figure: -1})
	}
	return out
}

// parts reports whether what stands between two words divides a sentence.
func parts(gap, next string) bool {
	if !strings.ContainsAny(gap, ",;:.!?()[]|–—…，。；：、؛،") {
		return strings.Contains(gap, " - ") || strings.Contains(gap, "\n")
	}
	// "12,5" and "06:00" are read as figures, and are one word mostly.
	return len(gap) > 1 || next == "" || !text.IsDigit(next[0])
}

// phrase is an entry of a list, as words, with what it is mapped to.
type phrase struct {
	words []string
	value string
}

// phraseList are phrases by their first word, longer ones first.
type phraseList map[string][]phrase

type listName struct{ lang, list string }

// phraseLists are made when first needed.
type phraseLists struct{ all sync.Map }

func (l *phraseLists) of(lang, list string) phraseList {
	key := listName{lang, list}
	if v, ok := l.all.Load(key); ok {
		p, _ := v.(phraseList)
		return p
	}
	p := phraseList{}
	for entry, value := range lexicon.Of(lang, list).All() {
		ph := phrase{value: value}
		for _, w := range splitWords(entry, lang) {
			ph.words = append(ph.words, w.lower)
		}
		if len(ph.words) > 0 {
			p[ph.words[0]] = append(p[ph.words[0]], ph)
		}
	}
	for _, list := range p {
		slices.SortStableFunc(list, func(a, b phrase) int { return len(b.words) - len(a.words) })
	}
	l.all.Store(key, p)
	return p
}

// at is the longest phrase that begins at words[i]; ok is false for none.
func (p phraseList) at(words []word, i int) (phrase, bool) {
next:
	for _, ph := range p[words[i].lower] {
		if i+len(ph.words) > len(words) {
			continue
		}
		for k, w := range ph.words[1:] {
			if words[i+1+k].lower != w {
				continue next
			}
		}
		return ph, true
	}
	return phrase{}, false
}
