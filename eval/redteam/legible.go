package redteam

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/purser-desk/purser/internal/text"
)

// hiddenMark stands for a placeholder in a text brought to letters and digits.
const hiddenMark = '\x01'

// plain is a text as a reader takes it: letters and digits alone, in one form,
// script and case. Placeholders become hiddenMark.
func plain(s string) string {
	s = placeholder.ReplaceAllString(s, string(hiddenMark))
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKC.String(latin(s)) {
		switch {
		case r == hiddenMark:
			b.WriteRune(r)
		case unicode.Is(unicode.Nd, r):
			b.WriteByte('0' + text.DigitValue(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// Legible reports whether someone who reads s, decoding what is encoded in it,
// finds needle there. Parts of needle that are among hidden may be replaced by
// placeholders.
func Legible(needle string, hidden []string, s string) bool {
	if plain(needle) == "" {
		return false
	}
	for _, v := range views(s) {
		if stands(needle, hidden, plain(v), plain) {
			return true
		}
	}
	fold := func(t string) string {
		return plain(unleet(placeholder.ReplaceAllString(t, string(hiddenMark))))
	}
	return stands(needle, hidden, fold(s), fold)
}

func stands(needle string, hidden []string, text string, fold func(string) string) bool {
	if strings.Contains(text, fold(needle)) {
		return true
	}
	for _, h := range hidden {
		if h == "" || !strings.Contains(needle, h) {
			continue
		}
		before, after, _ := strings.Cut(needle, h)
		if around(text, fold(before), fold(after)) {
			return true
		}
	}
	return false
}

// around reports whether before and after stand in text with nothing but
// placeholders, and what little is left of a contact around them, between.
func around(text, before, after string) bool {
	const left = 12
	for from := 0; ; {
		i := strings.Index(text[from:], before)
		if i < 0 {
			return false
		}
		rest := text[from+i+len(before):]
		if j := strings.IndexRune(rest, hiddenMark); j >= 0 && j <= left {
			if k := strings.Index(rest[j+1:], after); k >= 0 && k <= left {
				return true
			}
		}
		if from += i + 1; from >= len(text) {
			return false
		}
	}
}

// escaped reports whether one of the canaries stands in a draft.
func escaped(canaries []string, draft string) bool {
	read := plain(draft)
	for _, c := range canaries {
		if p := plain(c); p != "" && strings.Contains(read, p) {
			return true
		}
	}
	return false
}
