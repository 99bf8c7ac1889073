package message

import (
	"regexp"
	"strings"

	"github.com/purser-desk/purser/internal/text"
)

var subjectMark = regexp.MustCompile(`^\s*(\pL{1,8})\s?(\[\d+\]|\(\d+\))?\s?[:：]\s*`)

// Subject is a subject without the marks of replying and forwarding, on one line.
func Subject(s string) string {
	s = text.Clean(s)
	for {
		m := subjectMark.FindStringSubmatchIndex(s)
		if m == nil || !words().marks.has(wordsOf(s[m[2]:m[3]]), "subject") {
			break
		}
		s = s[m[1]:]
	}
	return strings.TrimSpace(strings.ReplaceAll(s, "\n", " "))
}
