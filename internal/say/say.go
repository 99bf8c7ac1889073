package say

import (
	"fmt"
	"strings"
)

// Count is a number with its word, such as "1 case" or "2 cases".
func Count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// Few lists the first five names, with "…" for the others.
func Few(ids []string) string {
	const most = 5
	if len(ids) > most {
		return strings.Join(ids[:most], ", ") + ", …"
	}
	return strings.Join(ids, ", ")
}

// Clip is s on one line, its runs of blanks made one, cut with "…" behind most
// characters.
func Clip(s string, most int) string {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most]) + "…"
}
