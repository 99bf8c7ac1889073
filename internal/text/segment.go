package text

import (
	"unicode"

	"github.com/clipperhouse/uax29/v2/words"
)

// Words returns the words of s by Unicode's default word boundaries (UAX #29):
// those segments that hold a letter or a digit, in order.
func Words(s string) []Span {
	var out []Span
	it := words.FromString(s)
	for it.Next() {
		if hasLetterOrDigit(it.Value()) {
			out = append(out, Span{it.Start(), it.End()})
		}
	}
	return out
}

func hasLetterOrDigit(s string) bool {
	for _, r := range s {
		if r < 0x80 {
			if r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' {
				return true
			}
			continue
		}
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return true
		}
	}
	return false
}
