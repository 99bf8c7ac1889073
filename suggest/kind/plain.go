package kind

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	// citation marks, and what begins an item of a list.
	citation = regexp.MustCompile(`\s*\[\d+(?:\s*,\s*\d+)*\]`)
	bullet   = regexp.MustCompile(`^\s*(?:[-*•–·]|\d{1,2}[.)])\s+`)
	emphasis = regexp.MustCompile(`\*\*|__`)
)

// most is how many letters of a sentence are read: no kind needs more to be told,
// and an embedding model takes only so many.
const most = 500

// plain is a sentence without what says nothing of its kind: citation marks, the
// sign of a list's item, emphasis, emoji, the final stop, which items of lists lack.
// What is left of a text of such signs alone is the text.
func plain(sentence string) string {
	s := citation.ReplaceAllString(sentence, "")
	s = bullet.ReplaceAllString(s, "")
	s = emphasis.ReplaceAllString(s, "")
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.So, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r) && r >= 0xFE00 && r <= 0xFE0F {
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	s = strings.TrimRight(s, ".,!;…。！， ")
	if n := []rune(s); len(n) > most {
		s = string(n[:most])
	}
	if s == "" {
		return strings.TrimSpace(sentence)
	}
	return s
}
