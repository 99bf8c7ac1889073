package pii

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// origin is where a byte of folded text came from.
type origin struct{ start, end int32 }

// foldKnown brings text into the form in which known values are compared:
// lower case, without blanks, dashes, invisible characters and diacritics. back
// tells for each byte of the result which character of s it came from.
func foldKnown(s string) (folded string, back []origin) {
	var b strings.Builder
	b.Grow(len(s))
	back = make([]origin, 0, len(s))
	for i, r := range s {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(s[i:])
		}
		before := b.Len()
		switch {
		case r >= 'A' && r <= 'Z':
			b.WriteByte(s[i] + 32)
		case r < utf8.RuneSelf:
			if r != ' ' && r != '-' && r != '_' && r != '\t' && r != '\n' && r != '\r' {
				b.WriteByte(s[i])
			}
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r), r == '−':
		default:
			foldOther(&b, r)
		}
		at := origin{int32(i), int32(i + size)} //nolint:gosec // messages are far below 2 GiB
		for range b.Len() - before {
			back = append(back, at)
		}
	}
	return b.String(), back
}

// foldOther writes a character beyond ASCII without its diacritics.
func foldOther(b *strings.Builder, r rune) {
	var buf [utf8.UTFMax]byte
	n := utf8.EncodeRune(buf[:], unicode.ToLower(r))
	for _, d := range string(norm.NFKD.Bytes(buf[:n])) {
		if !unicode.Is(unicode.Mn, d) {
			b.WriteRune(unicode.ToLower(d))
		}
	}
}

func countAlnum(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			n++
		}
	}
	return n
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func itoa(n int) string { return strconv.Itoa(n) }
