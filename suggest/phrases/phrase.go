package phrases

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/lexicon"
)

// Border is the token at a sentence's end, over which no phrase reaches.
const Border = "."

// Taken replaces a token that a false friend holds, so that nothing else
// matches it.
const Taken = "\x00"

// Words are the words of s in lower case and without diacritics, so that
// "Décédé" and "decede" are one; ends of sentences and lines are tokens too.
// Apostrophes part words.
func Words(s string) []string {
	folded := FoldLetters(s)
	words := make([]string, 0, len(folded)/5+1)
	start := -1
	flush := func(end int) {
		if start >= 0 {
			words = append(words, folded[start:end])
			start = -1
		}
	}
	for i, r := range folded {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if start < 0 {
				start = i
			}
		default:
			flush(i)
			if isBorder(r, folded, i) && len(words) > 0 && words[len(words)-1] != Border {
				words = append(words, Border)
			}
		}
	}
	flush(len(folded))
	return words
}

func isBorder(r rune, s string, at int) bool {
	switch r {
	case '!', '?', '…', ';', '¿', '¡', '。', '！', '？':
		return true
	case '.':
		next, _ := utf8.DecodeRuneInString(s[at+1:])
		return at+1 >= len(s) || unicode.IsSpace(next)
	case '\n':
		return strings.HasPrefix(s[at+1:], "\n")
	}
	return false
}

// FoldLetters folds letters as names and lists of words are folded, and leaves
// what parts words and sentences.
func FoldLetters(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return strings.ToLower(s)
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			b = lexicon.AppendFold(b, r, lexicon.Bare)
		} else {
			b = utf8.AppendRune(b, r)
		}
	}
	return string(b)
}

// phrase is a sequence of words to be found. In a list of rules it reads
//
//	lost|losing my .. (father is written @kin)
//
// where "|" parts alternatives, a trailing "*" stands for any ending, a leading
// "@" names a class of words, a trailing "?" makes an element optional, ".." is
// up to three words of one sentence and "..." up to eight.
type phrase struct {
	elements []element
}

type element struct {
	words    []string
	prefixes []string
	optional bool
	gap      int
}

// parsePhrase reads one phrase. Classes are those defined above it.
func parsePhrase(s string, classes map[string][]string) (phrase, error) {
	var p phrase
	for _, f := range strings.Fields(s) {
		e, err := parseElement(f, classes)
		if err != nil {
			return phrase{}, fmt.Errorf("%q: %w", s, err)
		}
		p.elements = append(p.elements, e)
	}
	if len(p.elements) == 0 {
		return phrase{}, fmt.Errorf("%q: an empty phrase", s)
	}
	for _, e := range p.elements {
		if e.gap > 0 {
			return phrase{}, fmt.Errorf("%q: begins with a gap", s)
		}
		if !e.optional {
			return p, nil
		}
	}
	return phrase{}, fmt.Errorf("%q: every word is optional", s)
}

func parseElement(f string, classes map[string][]string) (element, error) {
	switch f {
	case "..":
		return element{gap: 3}, nil
	case "...":
		return element{gap: 8}, nil
	}
	var e element
	if rest, ok := strings.CutSuffix(f, "?"); ok {
		e.optional, f = true, rest
	}
	for alt := range strings.SplitSeq(f, "|") {
		members := []string{alt}
		if name, ok := strings.CutPrefix(alt, "@"); ok {
			if members = classes[name]; members == nil {
				return element{}, fmt.Errorf("no class @%s above it", name)
			}
		}
		for _, m := range members {
			m = FoldLetters(m)
			if stem, ok := strings.CutSuffix(m, "*"); ok {
				if len(stem) < 3 {
					return element{}, fmt.Errorf("%q: a beginning needs three letters", m)
				}
				e.prefixes = append(e.prefixes, stem)
				continue
			}
			if m == "" || len(Words(m)) != 1 || Words(m)[0] != m {
				return element{}, fmt.Errorf("%q is not one word", m)
			}
			e.words = append(e.words, m)
		}
	}
	return e, nil
}

func (e *element) matches(word string) bool {
	for _, w := range e.words {
		if w == word {
			return true
		}
	}
	for _, p := range e.prefixes {
		if strings.HasPrefix(word, p) {
			return true
		}
	}
	return false
}

// matchAt is the number of tokens that the phrase covers from at on, 0 when it
// does not stand there.
func (p *phrase) matchAt(words []string, at int) int {
	end := matchElements(p.elements, words, at)
	return max(end-at, 0)
}

func matchElements(elements []element, words []string, at int) int {
	if len(elements) == 0 {
		return at
	}
	e := &elements[0]
	if e.gap > 0 {
		for skip := 0; skip <= e.gap && at+skip <= len(words); skip++ {
			if end := matchElements(elements[1:], words, at+skip); end >= 0 {
				return end
			}
			if at+skip < len(words) && words[at+skip] == Border {
				break
			}
		}
		return -1
	}
	if at < len(words) && e.matches(words[at]) {
		if end := matchElements(elements[1:], words, at+1); end >= 0 {
			return end
		}
	}
	if e.optional {
		return matchElements(elements[1:], words, at)
	}
	return -1
}

// phraseIndex finds many phrases in one pass: by the first word, or by its
// beginning.
type phraseIndex struct {
	phrases  []phrase
	byWord   map[string][]int
	byPrefix map[string][]int
	lengths  []int
}

func newPhraseIndex() *phraseIndex {
	return &phraseIndex{byWord: map[string][]int{}, byPrefix: map[string][]int{}}
}

// add takes a phrase, which find reports by its number, counted from 0.
func (x *phraseIndex) add(p phrase) {
	id := len(x.phrases)
	x.phrases = append(x.phrases, p)
	for _, e := range p.elements {
		for _, w := range e.words {
			x.byWord[w] = append(x.byWord[w], id)
		}
		for _, w := range e.prefixes {
			x.byPrefix[w] = append(x.byPrefix[w], id)
			if !slices.Contains(x.lengths, len(w)) {
				x.lengths = append(x.lengths, len(w))
			}
		}
		if !e.optional {
			break
		}
	}
}

// find calls found with each phrase and where it stands.
func (x *phraseIndex) find(words []string, found func(id, start, end int)) {
	for at, w := range words {
		for _, id := range x.byWord[w] {
			if n := x.phrases[id].matchAt(words, at); n > 0 {
				found(id, at, at+n)
			}
		}
		for _, l := range x.lengths {
			if l > len(w) {
				continue
			}
			for _, id := range x.byPrefix[w[:l]] {
				if n := x.phrases[id].matchAt(words, at); n > 0 {
					found(id, at, at+n)
				}
			}
		}
	}
}
