package pii

import (
	"regexp"
	"strings"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/text"
)

// plain are the spans of s that tell nobody on their own: days, times, lengths of
// time, amounts, shares and measures.
func plain(s, locale string) []text.Span {
	var out []text.Span
	for _, f := range entity.Find(s, locale) {
		switch f.Kind {
		case entity.Date, entity.Time, entity.Duration, entity.Amount, entity.Percent:
			out = append(out, f.Span)
		case entity.Number:
			if strings.Contains(f.Value, " ") { // "23 kg", other than "23"
				out = append(out, f.Span)
			}
		default:
		}
	}
	return out
}

// hours is a rest of a text that only belongs to a time.
func hours(langs []string) *regexp.Regexp {
	return regexp.MustCompile(`^(?:[TZ]|UTC|GMT|CES?T|\b(?i:` + oneOf(wordsOf(langs, "hours")) + `)\b|[^\p{L}\p{N}])*$`)
}

// IsPlain reports whether s says nothing but what tells nobody on its own.
func IsPlain(s, locale string) bool {
	var rest strings.Builder
	last := 0
	for _, p := range plain(s, locale) {
		rest.WriteString(s[last:p.Start] + " ")
		last = p.End
	}
	return last > 0 && rulesFor(locale).hours.MatchString(rest.String()+s[last:])
}
