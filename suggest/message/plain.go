package message

import (
	"html"
	"strings"

	"github.com/purser-desk/purser/internal/text"
)

// plainLines are the lines of plain text, with their levels of quotation.
func plainLines(s string) []line {
	lines := make([]line, 0, strings.Count(s, "\n")+1)
	for raw := range strings.Lines(s) {
		raw = strings.TrimRight(raw, "\n")
		if strings.Contains(raw, "&gt;") || strings.Contains(raw, "&nbsp;") {
			raw = text.Clean(html.UnescapeString(raw))
		}
		rest, depth := unquoted(raw)
		lines = append(lines, line{raw: raw, text: ordinary(rest), depth: depth})
	}
	return lines
}

// maxDepth bounds the levels of quotation that are told apart.
const maxDepth = 50

// unquoted is a line without its marks of quotation, and how many there were.
func unquoted(s string) (rest string, depth int) {
	for depth < maxDepth {
		t := strings.TrimLeft(s, " \t\u00a0")
		if !strings.HasPrefix(t, ">") {
			break
		}
		depth++
		s = t[1:]
	}
	if depth > 0 {
		s = strings.TrimPrefix(s, " ")
	}
	return s, depth
}

var blanks = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2007", " ", "\u2009", " ", "\u3000", " ")

// ordinary is s with ordinary blanks for those that do not break, and none at
// its end.
func ordinary(s string) string { return strings.TrimRight(blanks.Replace(s), " \t") }
