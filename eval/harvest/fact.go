package harvest

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

// zone are words that belong to a time.
var zone = regexp.MustCompile(`^(?:[TZ]|UTC|GMT|CES?T|\b(?:h|hrs?|m|min|uhr|kl)\b|[^\p{L}\p{N}])*$`)

// isPlain reports whether s says nothing but what is plain.
func isPlain(s, locale string) bool {
	var rest strings.Builder
	last := 0
	for _, p := range plain(s, locale) {
		rest.WriteString(s[last:p.Start] + " ")
		last = p.End
	}
	return last > 0 && zone.MatchString(rest.String()+s[last:])
}

// fact is the stand-in for a text that the desk knows: other letters and digits,
// but what is plain stays, and days of birth have their own stand-ins.
func (k *mask) fact(value string) string {
	random := k.standIns.chance(KindFact, squeezed(value))
	spans := plain(value, k.locale)
	for range 10 {
		var b strings.Builder
		last, changed := 0, false
		other := func(s string) {
			instead := alike(s, random)
			changed = changed || instead != s
			b.WriteString(instead)
		}
		for _, p := range spans {
			other(value[last:p.Start])
			last = p.End
			kept := p.In(value)
			if day, ok := k.births.standIn(kept, k.standIns); ok {
				kept = day
			}
			b.WriteString(kept)
		}
		if other(value[last:]); changed {
			return b.String()
		}
	}
	return ""
}
