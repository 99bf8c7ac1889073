package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// origin is where a byte of folded text came from.
type origin struct{ start, end int32 }

// foldKnown brings text into the form in which known values are compared: folded,
// and without blanks, dashes and invisible characters. back tells for each byte of
// the result which character of s it came from.
func foldKnown(s string, how lexicon.Spelling) (folded []byte, back []origin) {
	folded = make([]byte, 0, len(s)+8)
	back = make([]origin, 0, len(s)+8)
	for i, r := range s {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(s[i:])
		}
		if !isParting(r) {
			folded = lexicon.AppendFold(folded, r, how)
		}
		at := origin{int32(i), int32(i + size)} //nolint:gosec // messages are far below 2 GiB
		for len(back) < len(folded) {
			back = append(back, at)
		}
	}
	return folded, back
}

// isParting reports whether r may stand in a value or not, such as a blank in a
// number.
func isParting(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || r == '-' || r == '_' || r == '\t' || r == '\n' || r == '\r'
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || unicode.Is(unicode.Cf, r) || r == '−'
}

// withMarks is the span with the marks that stand on its last letter.
func withMarks(s string, p text.Span) text.Span {
	for p.End < len(s) {
		r, size := utf8.DecodeRuneInString(s[p.End:])
		if !unicode.Is(unicode.Mn, r) {
			break
		}
		p.End += size
	}
	return p
}

func countAlnum(s string) int {
	return countFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

func countFunc(s string, is func(rune) bool) int {
	n := 0
	for _, r := range s {
		if is(r) {
			n++
		}
	}
	return n
}

// hasWordBorders reports whether the span begins and ends where words do.
// Scripts that put no blanks between words have borders everywhere.
func hasWordBorders(s string, p text.Span) bool {
	return isBorder(lastRune(s[:p.Start]), firstRune(p.In(s))) && isBorder(lastRune(p.In(s)), firstRune(s[p.End:]))
}

func isBorder(a, b rune) bool {
	if !isWordRune(a) || !isWordRune(b) {
		return true
	}
	return unicode.In(a, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) ||
		unicode.In(b, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// cased is s in the letter case of another word.
func cased(s, like string) string {
	switch {
	case like == strings.ToUpper(like) && len(like) > 1:
		return strings.ToUpper(s)
	case like == strings.ToLower(like):
		return strings.ToLower(s)
	}
	return s
}
