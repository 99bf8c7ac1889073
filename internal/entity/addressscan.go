package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
)

// These scanners find where addresses may stand in folded text. Each goes
// through the text once; whether what they find is an address is for address.go
// to say.

// labelEnd is where the run of characters of a host's label that begins at i
// ends.
func labelEnd(s string, i int) int {
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if !text.IsAlnum(c) && c != '-' && c != '_' {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) {
			return i
		}
		i += size
	}
	return i
}

// hostRunEnd is where the host whose first label is s[i:j] ends; j when it has
// but one label.
func hostRunEnd(s string, j int) int {
	for {
		n := dotLen(s, j)
		if n == 0 {
			return j
		}
		k := labelEnd(s, j+n)
		if k == j+n {
			return j
		}
		j = k
	}
}

// dotLen is the length of the dot at i, plain or hidden; 0 when there is none.
func dotLen(s string, i int) int {
	if i >= len(s) {
		return 0
	}
	if s[i] == '.' {
		return 1
	}
	return hiddenDotLen(s, i)
}

// hiddenDotLen is the length of a dot in disguise at i, with the blanks around
// it: "[.]", " dot ", " (punkt) ", " . ".
func hiddenDotLen(s string, i int) int {
	j := skipBlanks(s, i, 3)
	if j >= len(s) {
		return 0
	}
	if isOpening(s[j]) {
		k := skipBlanks(s, j+1, 1)
		if k < len(s) && s[k] == '.' {
			k++
		} else if n := dotWordLen(s[k:]); n > 0 {
			k += n
		} else {
			return 0
		}
		if k = skipBlanks(s, k, 1); k >= len(s) || !isClosing(s[k]) {
			return 0
		}
		return skipBlanks(s, k+1, 3) - i
	}
	if j == i {
		return 0
	}
	if s[j] == '.' {
		return skipBlanks(s, j+1, 3) - i
	}
	n := dotWordLen(s[j:])
	if n == 0 || j+n >= len(s) || s[j+n] != ' ' && s[j+n] != '\t' {
		return 0
	}
	return skipBlanks(s, j+n, 3) - i
}

// dotWordLen is the length of a word for a dot at the beginning of s.
func dotWordLen(s string) int {
	if s == "" {
		return 0
	}
	switch s[0] | 0x20 {
	case 'd', 'p', 'k':
	default:
		return 0
	}
	for _, w := range words().dots {
		if len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) {
			return len(w)
		}
	}
	return 0
}

// hiddenAtLen is the length of an "@" in disguise at the bracket s[i]: "(at)",
// "[ät]".
func hiddenAtLen(s string, i int) int {
	k := skipBlanks(s, i+1, 1)
	closed := func(w string) int {
		if end := skipBlanks(s, k+len(w), 1); end < len(s) && isClosing(s[end]) {
			return end + 1 - i
		}
		return 0
	}
	if strings.HasPrefix(s[k:], "@") {
		return closed("@")
	}
	for _, w := range words().ats {
		if len(s)-k >= len(w) && strings.EqualFold(s[k:k+len(w)], w) && closed(w) > 0 {
			return closed(w)
		}
	}
	return 0
}

func skipBlanks(s string, i, most int) int {
	for n := 0; n < most && i < len(s) && (s[i] == ' ' || s[i] == '\t'); n++ {
		i++
	}
	return i
}

func skipBlanksBack(s string, i, most int) int {
	for n := 0; n < most && i > 0 && (s[i-1] == ' ' || s[i-1] == '\t'); n++ {
		i--
	}
	return i
}

func isOpening(c byte) bool { return c == '[' || c == '(' || c == '{' || c == '<' }

func isClosing(c byte) bool { return c == ']' || c == ')' || c == '}' || c == '>' }

// eachHost calls f for every run of two or more labels, with where the run and
// the port, path and query after it end. It goes on after that.
func eachHost(s string, f func(start, end int)) {
	for i := 0; i < len(s); {
		j := labelEnd(s, i)
		if j == i {
			_, size := utf8.DecodeRuneInString(s[i:])
			i += size
			continue
		}
		end := hostRunEnd(s, j)
		if end > j {
			end = tailEnd(s, end)
			f(i, end)
		}
		i = end
	}
}

// tailEnd is where the port, path and query that begin at i end.
func tailEnd(s string, i int) int {
	if i < len(s) && s[i] == ':' {
		if n := digitsAt(s, i+1); n > 0 && n <= 5 && (i+1+n == len(s) || !text.IsAlnum(s[i+1+n])) {
			i += 1 + n
		}
	}
	if i < len(s) && strings.IndexByte(`/?#\`, s[i]) >= 0 {
		return runEnd(s, i)
	}
	return i
}

// runEnd is where what no blank, angle bracket or quote interrupts ends.
func runEnd(s string, i int) int {
	if n := strings.IndexAny(s[i:], " \t\n<>\"`"); n >= 0 {
		return i + n
	}
	return len(s)
}

// eachEmail calls f with the parts of what may be an e-mail address.
func eachEmail(s string, f func(local text.Span, host int)) {
	for i := 0; i < len(s); i++ {
		size, blanks := 0, 0
		switch {
		case s[i] == '@':
			size, blanks = 1, 2
		case isOpening(s[i]):
			size, blanks = hiddenAtLen(s, i), 3
		}
		if size == 0 {
			continue
		}
		end := skipBlanksBack(s, i, blanks)
		start := localStart(s, end)
		if host := skipBlanks(s, i+size, blanks); start < end && host < len(s) {
			f(text.Span{Start: start, End: end}, host)
		}
	}
}

// maxLocal is how many bytes before an "@" are looked at.
const maxLocal = 128

// localStart is where the part of an e-mail address before its "@" begins.
func localStart(s string, end int) int {
	i := end
	for i > 0 && end-i < maxLocal {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) && !strings.ContainsRune("._%+-'", r) {
			break
		}
		i -= size
	}
	return i
}

// eachScheme calls f for every address with a scheme: slashed ones such as
// "https://…", and those such as "javascript:…" that need none.
func eachScheme(s string, f func(start, end int, slashed bool)) {
	for i := 0; i < len(s); i++ {
		if s[i] != ':' {
			continue
		}
		colon := i
		if i > 0 && s[i-1] == ' ' {
			colon--
		}
		start := schemeStart(s, colon)
		if start == colon {
			continue
		}
		if end := afterSlashes(s, i+1); end > 0 && colon-start >= 2 {
			if stop := runEnd(s, end); stop > end {
				f(start, stop, true)
				i = stop - 1
			}
			continue
		}
		if colon == i && isScript(s[start:i], s[i+1:]) {
			if stop := runEnd(s, i+1); stop > i+1 {
				f(start, stop, false)
				i = stop - 1
			}
		}
	}
}

func schemeStart(s string, end int) int {
	i := end
	for i > 0 && end-i < 17 && (text.IsAlnum(s[i-1]) || s[i-1] == '+' || s[i-1] == '-' || s[i-1] == '.') {
		i--
	}
	for i < end && (text.IsDigit(s[i]) || !text.IsAlnum(s[i])) {
		i++ // a scheme begins with a letter
	}
	return i
}

// afterSlashes is where two or three slashes of either kind at i, after at most
// one blank, end; 0 when there are none.
func afterSlashes(s string, i int) int {
	i = skipBlanks(s, i, 1)
	j := i
	for j < len(s) && j < i+3 && (s[j] == '/' || s[j] == '\\') {
		j++
	}
	if j < i+2 {
		return 0
	}
	return j
}

// isScript reports schemes that do something without leading anywhere.
func isScript(scheme, rest string) bool {
	switch codeOf("scheme", strings.ToLower(scheme)) {
	case "script":
		return rest != "" && rest[0] != ' ' && rest[0] != '\n'
	case "data":
		i := strings.IndexByte(rest, '/')
		return i > 0 && i < 20 && text.IsASCIIAlnum(rest[:i])
	}
	return false
}
