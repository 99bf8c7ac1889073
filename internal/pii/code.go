package pii

import (
	"regexp"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/entity"
)

// newCodes finds a code behind a word that announces one, which letters alone
// would not show.
func newCodes(langs []string) *regexp.Regexp {
	return regexp.MustCompile(`(?:^|\P{L})(?i:` + oneOf(wordsOf(langs, "code-words")) + `)(?:[ \t]*(?:(?i:` + oneOf(wordsOf(langs, "code-links")) + `)|[:.#=]))*[ \t]*([A-Z0-9]{5,13})\b`)
}

// findCodes returns codes, long numbers and links in s.
func (r *rules) findCodes(s, locale string) []Known {
	var out []Known
	for _, m := range r.codes.FindAllStringSubmatch(s, -1) {
		out = append(out, Known{Kind: KindCode, Value: m[1]})
	}
	for _, f := range entity.Find(s, locale) {
		switch f.Kind {
		case entity.Code:
			if strings.ContainsAny(f.Text, "0123456789") && len(squeezed(f.Text)) >= 4 && !isDay(f) && !IsFlight(f.Text) && !act.MatchString(f.Text) {
				out = append(out, Known{Kind: KindCode, Value: f.Text})
			}
		case entity.Number:
			if longNumber.MatchString(f.Text) {
				out = append(out, Known{Kind: KindCode, Value: f.Text})
			}
		case entity.Amount, entity.Duration:
			// "No. 91061212345, 450 zł" has one unit for both.
			if veryLong.MatchString(f.Text) {
				out = append(out, Known{Kind: KindCode, Value: f.Text})
			}
		case entity.URL:
			out = append(out, Known{Kind: KindLink, Value: f.Text})
		default:
		}
	}
	return out
}

// isDay reports whether a code may be a day and month, such as 20/12.
func isDay(f entity.Entity) bool {
	return slices.ContainsFunc(f.Values, func(v string) bool { return strings.HasPrefix(v, "--") })
}

// IsFlight reports whether s has the form of a flight's number, which tells of
// nobody alone.
func IsFlight(s string) bool { return flight.MatchString(s) }

var (
	longNumber = regexp.MustCompile(`^\d{6,}$`)
	veryLong   = regexp.MustCompile(`^\d{8,}$`)
	flight     = regexp.MustCompile(`^(?:[A-Z]{2,3}|[A-Z]\d|\d[A-Z])[ -]?\d{2,4}$`)
	// act is the number of a law, such as 261/2004.
	act = regexp.MustCompile(`^\d{1,4}/(?:19|20)\d\d$`)
)
