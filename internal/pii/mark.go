package pii

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// markWords recognises placeholders, whole and damaged, by the words that are
// in use: it holds the folded word, or its translation, and the word.
type markWords map[string]string

// newMarkWords takes the words that are in use, and for some kinds what models put
// in their place: they translate into the reply's language, whichever that is, so
// the lists of all languages apply.
func newMarkWords(words []string) markWords {
	m := markWords{}
	for _, w := range words {
		m[wordKey(w)] = w
	}
	for translation, w := range translations() {
		if _, taken := m[translation]; !taken && slices.Contains(words, w) {
			m[translation] = w
		}
	}
	return m
}

// translations are words of placeholders by what models put in their place.
var translations = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, lang := range lexicon.Languages("placeholders") {
		for w, kind := range lexicon.Of(lang, "placeholders").All() {
			out[wordKey(w)] = kind
		}
	}
	return out
})

// wordKey folds the ways in which a placeholder's word may be parted and cased.
func wordKey(w string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' || r == '\\' {
			return -1
		}
		return unicode.ToUpper(r)
	}, w)
}

// mark is a placeholder or what is left of one.
type mark struct {
	text.Span
	word   string // one of ours, or "" when it was replaced by another
	number int    // 0 when it was lost
	letter string
	spaced bool // may be an ordinary word and number
}

const (
	maxWord   = 64 // bytes of a placeholder's word as it may come back
	maxNumber = 6  // digits
	maxGap    = 4  // characters between word and number
)

// find returns the marks in s, in order. It looks around each number and after
// each bracket, so its time grows with s alone.
func (w markWords) find(s string) []mark {
	var out []mark
	end := 0
	add := func(m mark, ok bool) {
		if ok && m.Start >= end {
			out = append(out, m)
			end = m.End
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			j := i + 1
			for j < len(s) && s[j] >= '0' && s[j] <= '9' {
				j++
			}
			if j-i <= maxNumber {
				add(w.numbered(s, i, j, end))
			}
			i = j - 1
		case c == '[' || c >= utf8.RuneSelf && opensAt(s, i) > 0:
			add(w.numberless(s, i))
		}
	}
	return out
}

// numbered recognises a mark whose number is s[i:j] and that begins at from or
// later.
func (w markWords) numbered(s string, i, j, from int) (mark, bool) {
	gap := gapBefore(s, i, from)
	starts := wordStarts(s, gap, from)
	if len(starts) == 0 {
		return mark{}, false
	}
	letter, after := variantAt(s, j)
	m := mark{letter: letter}
	m.number, _ = strconv.Atoi(s[i:j]) // at most maxNumber digits
	sep := s[gap:i]
	underscored := strings.ReplaceAll(sep, `\`, "") == "_"
	right := closeAfter(s, after, true)
	for _, start := range starts {
		left := openBefore(s, start, from)
		if left == start || right == after {
			continue
		}
		word := s[start:gap]
		m.Span = text.Span{Start: left, End: right}
		m.keepBackslash(s)
		if own, ok := w[wordKey(word)]; ok {
			m.word = own
			return m, true
		}
		return m, underscored && isShaped(word) && (letter == "" || letter[0] < 'a')
	}
	if !underscored && sep != " " {
		return mark{}, false
	}
	return w.bare(s, m, starts, gap, after, from, sep == " ")
}

// bare recognises a mark that lost a bracket or both: its word must be one in
// use. starts are where its word may begin, the longest first.
func (w markWords) bare(s string, m mark, starts []int, gap, after, from int, spaced bool) (mark, bool) {
	for _, start := range starts {
		own, ok := w[wordKey(s[start:gap])]
		inner := text.Span{Start: start, End: after}
		if !ok || !hasWordBorders(s, inner) {
			continue
		}
		m.word, m.Span = own, inner
		if spaced {
			m.spaced = true
			return m, s[start:gap] == strings.ToUpper(s[start:gap]) && m.letter == ""
		}
		if left := openBefore(s, start, from); left < start {
			m.Start = left
		} else if right := closeAfter(s, after, false); right > after && !isOpenIn(s, start) {
			m.End = right
		}
		m.keepBackslash(s)
		return m, true
	}
	return mark{}, false
}

// numberless recognises "[EMAIL]", and "[EMAIL_" at the end of s, at i.
func (w markWords) numberless(s string, i int) (mark, bool) {
	start := i + opensAt(s, i)
	for start < len(s) && (s[start] == '\\' || s[start] == ' ') && start < i+5 {
		start++
	}
	end := start
	for end < len(s) && end-start < maxWord {
		r, size := utf8.DecodeRuneInString(s[end:])
		if !unicode.IsUpper(r) && !unicode.IsMark(r) && r != '_' && r != '-' && r != ' ' && r != '\\' {
			break
		}
		end += size
	}
	own, ok := w[wordKey(s[start:end])]
	if !ok {
		return mark{}, false
	}
	m := mark{Span: text.Span{Start: i, End: end}, word: own}
	if end == len(s) {
		return m, true
	}
	m.End = closeAfter(s, end, true)
	return m, m.End > end
}

// keepBackslash leaves a backslash before the placeholder alone, unless the rest
// is escaped as well, as Markdown writers do.
func (m *mark) keepBackslash(s string) {
	if s[m.Start] == '\\' && !strings.Contains(s[m.Start+1:m.End], `\`) {
		m.Start++
	}
}

// gapBefore is where the characters between word and number begin.
func gapBefore(s string, i, from int) int {
	for range maxGap {
		r, size := utf8.DecodeLastRuneInString(s[from:i])
		if size == 0 || !strings.ContainsRune(` _\-–.:#`, r) {
			break
		}
		i -= size
	}
	return i
}

// wordStarts are the places before end where the word of a placeholder may
// begin, the farthest first: words of letters, parted by few blanks, dashes,
// underscores and backslashes.
func wordStarts(s string, end, from int) []int {
	var starts []int
	low := max(from, end-maxWord)
	i, parting := end, 0
	for i > low {
		r, size := utf8.DecodeLastRuneInString(s[low:i])
		switch {
		case unicode.IsLetter(r) || unicode.IsMark(r):
			parting = 0
			if i-size == low || !isLetterBefore(s, i-size) {
				starts = append(starts, i-size)
			}
		case (r == ' ' || r == '_' || r == '-' || r == '\\') && i < end && parting < 3:
			parting++
		default:
			size = len(s)
		}
		if size == len(s) {
			break
		}
		i -= size
	}
	slices.Reverse(starts)
	return starts
}

func isLetterBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return unicode.IsLetter(r) || unicode.IsMark(r)
}

// variantAt reads the letter after a number, when nothing but the placeholder's
// end follows.
func variantAt(s string, j int) (letter string, after int) {
	if j < len(s) && (s[j]|0x20) >= 'a' && (s[j]|0x20) <= 'z' && (j+1 == len(s) || !isWordRune(firstRune(s[j+1:]))) {
		return s[j : j+1], j + 1
	}
	return "", j
}

// openBefore is where the bracket before start begins; start when there is
// none. One blank and backslashes may stand between.
func openBefore(s string, start, from int) int {
	i := start
	if i > from && s[i-1] == ' ' {
		i--
	}
	if i > from && s[i-1] == '\\' {
		i--
	}
	r, size := utf8.DecodeLastRuneInString(s[from:i])
	if r != '[' && r != '［' && r != '【' {
		return start
	}
	i -= size
	if i > from && s[i-1] == '\\' {
		i--
	}
	return i
}

// opensAt is the length of an opening bracket at i; 0 when there is none.
func opensAt(s string, i int) int {
	for _, b := range []string{"[", "［", "【"} {
		if strings.HasPrefix(s[i:], b) {
			return len(b)
		}
	}
	return 0
}

// closeAfter is where the closing bracket that follows i ends; i when there is
// none. With gap, what may part word and number may stand before it.
func closeAfter(s string, i int, gap bool) int {
	j := i
	for range maxGap {
		r, size := utf8.DecodeRuneInString(s[j:])
		if size == 0 || r != '\\' && (!gap || !strings.ContainsRune(` _-–.:#`, r)) {
			break
		}
		j += size
	}
	for _, b := range []string{"]", "］", "】"} {
		if strings.HasPrefix(s[j:], b) {
			return j + len(b)
		}
	}
	return i
}

// isOpenIn reports whether a bracket was opened and not closed before i in its
// line: the one after i then belongs to that.
func isOpenIn(s string, i int) bool {
	line := s[max(0, i-512):i]
	line = line[strings.LastIndexByte(line, '\n')+1:]
	return strings.Count(line, "[") > strings.Count(line, "]")
}

// isShaped reports whether a word is written as in a placeholder: capitals,
// joined by underscores or dashes.
func isShaped(word string) bool {
	letters := 0
	for _, r := range word {
		switch {
		case unicode.IsUpper(r):
			letters++
		case r != '_' && r != '-' && r != '\\' && !unicode.IsMark(r):
			return false
		}
	}
	return letters > 1
}
