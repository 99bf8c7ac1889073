package text

import (
	"github.com/clipperhouse/uax29/v2/words"
)

// Words returns the words of s by Unicode's default word boundaries (UAX #29):
// those segments that hold a letter or a digit, in order.
func Words(s string) []Span {
	var out []Span
	it := words.FromString(s)
	for it.Next() {
		if HasLetterOrDigit(it.Value()) {
			out = append(out, Span{it.Start(), it.End()})
		}
	}
	return out
}
