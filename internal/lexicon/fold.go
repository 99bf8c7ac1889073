package lexicon

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Spelling is a way to write letters that have marks without them. Names are
// written in both, so whoever compares two names compares them in both.
type Spelling uint8

const (
	// Bare leaves marks out: "Müller" becomes "muller", "Åse" "ase".
	Bare Spelling = iota
	// SpeltOut is what people write who lack the letter: "Müller" becomes
	// "mueller", "Åse" "aase", "Jørgen" "joergen".
	SpeltOut
)

// Fold is s in lower case and without marks. Everything else stays as it is.
func Fold(s string, how Spelling) string {
	b := make([]byte, 0, len(s)+4)
	for _, r := range s {
		b = AppendFold(b, r, how)
	}
	return string(b)
}

// AppendFold appends the folded form of r, which follows what b holds: a mark
// that stands apart from its letter changes how that is spelt out.
func AppendFold(b []byte, r rune, how Spelling) []byte {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(b, byte(r)) //nolint:gosec // ASCII
	}
	r = unicode.ToLower(r)
	if s, ok := undecomposed[r]; ok {
		if b = append(b, s...); r == 'ø' && how == SpeltOut {
			b = append(b, 'e')
		}
		return b
	}
	var buf [utf8.UTFMax]byte
	for _, d := range string(norm.NFKD.Bytes(buf[:utf8.EncodeRune(buf[:], r)])) {
		switch {
		case !unicode.Is(unicode.Mn, d):
			b = utf8.AppendRune(b, unicode.ToLower(d))
		case how == SpeltOut && len(b) > 0:
			b = appendMark(b, d)
		}
	}
	return b
}

// undecomposed are the letters that Unicode does not take apart.
var undecomposed = map[rune]string{
	'ł': "l", 'ø': "o", 'æ': "ae", 'œ': "oe", 'ß': "ss", 'đ': "d", 'ð': "d", 'þ': "th", 'ħ': "h", 'ŧ': "t", 'ı': "i",
}

// appendMark spells out a mark on the last letter: two dots on a, o and u, and a
// ring on a.
func appendMark(b []byte, mark rune) []byte {
	const twoDots, ring = '\u0308', '\u030A'
	switch last := b[len(b)-1]; {
	case mark == twoDots && strings.IndexByte("aou", last) >= 0:
		return append(b, 'e')
	case mark == ring && last == 'a':
		return append(b, 'a')
	}
	return b
}
