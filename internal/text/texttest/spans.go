// Package texttest holds what tests of several packages ask of pieces of text.
package texttest

import (
	"testing"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
)

// CheckSpans fails unless spans are in order, within s and on borders of
// characters.
func CheckSpans(t *testing.T, s string, spans []text.Span) {
	t.Helper()
	end := 0
	for _, p := range spans {
		if p.Start < end || p.End <= p.Start || p.End > len(s) {
			t.Fatalf("span %v after %d is out of order or bounds in %q", p, end, s)
		}
		if utf8.ValidString(s) && !utf8.ValidString(p.In(s)) {
			t.Fatalf("span %v cuts a character of %q", p, s)
		}
		end = p.End
	}
}
