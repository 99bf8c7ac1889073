package guard

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/text"
)

// Visible is what a reader sees of a text: without characters that show nothing or
// turn the direction of reading. Joiners stay between letters and signs that they
// shape, as in emoji and in Indic and Persian words.
func Visible(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	var before rune
	runes := []rune(s)
	for i, r := range runes {
		if hidden(r) && !joins(before, r, runes[i+1:]) {
			continue
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// hidden reports whether a character shows nothing: format characters, the
// selectors of variants and the tags of the last plane, fillers.
func hidden(r rune) bool {
	switch {
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r), unicode.Is(unicode.Co, r):
		return true
	case r == 0x034F, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x3164, r == 0xFFA0, r == 0x2800:
		return true
	}
	return false
}

const (
	zeroWidthNonJoiner = 0x200C
	zeroWidthJoiner    = 0x200D
)

// joins reports whether a hidden character shapes what stands on both sides of it:
// emoji, or letters of a script that is written so.
func joins(before, r rune, behind []rune) bool {
	if len(behind) == 0 || r != zeroWidthJoiner && r != zeroWidthNonJoiner && !unicode.Is(unicode.Variation_Selector, r) {
		return r == 0xFE0F && unicode.Is(unicode.So, before) // the last emoji
	}
	next := behind[0]
	switch {
	case unicode.Is(unicode.So, before) || unicode.Is(unicode.Sk, before) || before == 0xFE0F:
		return true
	case unicode.Is(unicode.Variation_Selector, r):
		return false
	}
	return shaped(before) && shaped(next)
}

// shaped reports whether a letter belongs to a script whose letters joiners shape.
func shaped(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Devanagari, unicode.Bengali, unicode.Gujarati, unicode.Gurmukhi, unicode.Kannada,
		unicode.Malayalam, unicode.Oriya, unicode.Sinhala, unicode.Tamil, unicode.Telugu, unicode.Khmer, unicode.Myanmar, unicode.Mongolian)
}

// plainForms is what is seen of a text with its compatibility forms made plain
// (NFKC: full-width and circled letters, letters of mathematics) and digits of every
// script as 0 to 9.
func plainForms(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= 0x80 && unicode.Is(unicode.Nd, r) {
			return '0' + rune(text.DigitValue(r))
		}
		return r
	}, norm.NFKC.String(Visible(s)))
}

// seenAs is plain forms as they are judged: letters of other scripts that look like
// Latin ones as those, in words that mix both.
func seenAs(plain string) string {
	if isPlain(plain) {
		return plain
	}
	var b strings.Builder
	b.Grow(len(plain))
	for part := range wordsAndRest(plain) {
		if strings.ContainsFunc(part, func(r rune) bool { return r < 0x80 && unicode.IsLetter(r) }) {
			part = entity.InLatin(part)
		}
		b.WriteString(part)
	}
	return b.String()
}

// wordsAndRest yields a text's runs of letters, digits, dots and hyphens, and what
// stands between them.
func wordsAndRest(s string) func(yield func(string) bool) {
	isWord := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune(".-@_/", r)
	}
	return func(yield func(string) bool) {
		start, in := 0, false
		for i, r := range s {
			if w := isWord(r); w != in && i > 0 {
				if !yield(s[start:i]) {
					return
				}
				start = i
			}
			in = isWord(r)
		}
		yield(s[start:])
	}
}
