package text

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// Sentences cuts s into sentences. The spans are in order, do not overlap and
// carry neither leading nor trailing blanks.
func Sentences(s, locale string) []Span {
	_ = locale
	var out []Span
	it := sentences.FromString(s)
	for it.Next() {
		if p := trimSpan(s, Span{it.Start(), it.End()}); p.Len() > 0 {
			out = append(out, p)
		}
	}
	return out
}

func trimSpan(s string, p Span) Span {
	t := strings.TrimLeftFunc(p.In(s), unicode.IsSpace)
	p.Start = p.End - len(t)
	p.End = p.Start + len(strings.TrimRightFunc(t, unicode.IsSpace))
	return p
}
