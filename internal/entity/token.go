package entity

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
)

type tokenKind uint8

const (
	tokWord tokenKind = iota
	tokDigits
	tokMark // a single character that is neither
)

// token is a run of letters, a run of digits or one other character of a folded
// text. Blanks are not tokens: they are gaps between two.
type token struct {
	kind       tokenKind
	start, end int
	lower      string // of a word, in lower case; otherwise as it stands
}

func tokenize(s string) []token {
	toks := make([]token, 0, len(s)/5+4)
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\n' || c == '\t':
			i++
		case text.IsDigit(c):
			j := i + 1
			for j < len(s) && text.IsDigit(s[j]) {
				j++
			}
			toks = append(toks, token{tokDigits, i, j, s[i:j]})
			i = j
		default:
			j := text.WordEnd(s, i)
			if n := len(toks); n > 0 && j > i && toks[n-1].end == i && toks[n-1].kind == tokDigits {
				if c := counterPrefix(s[i:j]); c != "" {
					j = i + len(c)
				}
			}
			if j == i {
				_, size := utf8.DecodeRuneInString(s[i:])
				toks = append(toks, token{tokMark, i, i + size, s[i : i+size]})
				i += size
				continue
			}
			toks = append(toks, token{tokWord, i, j, strings.ToLower(s[i:j])})
			i = j
		}
	}
	return toks
}

// tokenAt returns the index of the first token that starts at or after offset.
func tokenAt(toks []token, offset int) int {
	return sort.Search(len(toks), func(i int) bool { return toks[i].start >= offset })
}
