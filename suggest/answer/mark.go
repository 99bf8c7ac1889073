package answer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/lexicon"
)

// looksLikeMark reports whether an open bracket may become a mark.
func looksLikeMark(b []byte) bool {
	if len(b) > maxMarkBytes {
		return false
	}
	_, rest := utf8.DecodeRune(b)
	inner := strings.TrimLeft(string(b[rest:]), "^#")
	if word := strings.TrimRightFunc(inner, unicode.IsSpace); isMarkWord(word) {
		return true
	}
	inner = trimMarkWord(inner)
	for _, r := range inner {
		if !unicode.IsDigit(r) && !strings.ContainsRune(" ,;&-–\t", r) {
			return false
		}
	}
	return true
}

// isMarkWord reports whether w is a word that models put before a number: in the
// language of the evidence or of the instructions as often as in the reply's, so
// every language is asked.
func isMarkWord(w string) bool {
	if w == "" || len(w) > maxMarkBytes {
		return false
	}
	w = strings.ToLower(strings.TrimSuffix(w, ":"))
	return slices.ContainsFunc(lexicon.Languages("source-marks"), func(lang string) bool {
		return lexicon.Of(lang, "source-marks").Has(w)
	})
}

func trimMarkWord(s string) string {
	if word, rest, ok := strings.Cut(s, " "); ok && isMarkWord(word) {
		return rest
	}
	return s
}

// cutMarks takes the marks of citation out of a word. What it returns is good
// until the next call.
func (r *Reader) cutMarks(word []byte) (plain []byte, numbers []int) {
	if !strings.ContainsAny(string(word), "[【") {
		return word, nil
	}
	s := string(word)
	var out []byte
	for len(s) > 0 {
		i := strings.IndexAny(s, "[【")
		if i < 0 {
			out = append(out, s...)
			break
		}
		out = append(out, s[:i]...)
		s = s[i:]
		n, length := readMark(s)
		if length == 0 {
			_, size := utf8.DecodeRuneInString(s)
			out = append(out, s[:size]...)
			s = s[size:]
			continue
		}
		numbers = append(numbers, n...)
		s = s[length:]
		if rest, ok := cutTarget(s); ok {
			s = rest
		}
	}
	return out, numbers
}

// cutTarget drops the address of a mark that was written as a link.
func cutTarget(s string) (string, bool) {
	if !strings.HasPrefix(s, "(") {
		return s, false
	}
	i := strings.IndexByte(s, ')')
	if i < 0 || i == 1 {
		return s, false
	}
	return s[i+1:], true
}

// readMark reads the mark that s begins with; length is 0 when there is none.
// A mark that s ends in the middle of counts as one without numbers.
func readMark(s string) (numbers []int, length int) {
	_, open := utf8.DecodeRuneInString(s)
	end := strings.IndexAny(s[open:min(len(s), open+maxMarkBytes)], "]】")
	if end < 0 {
		if len(s) <= maxMarkBytes && looksLikeMark([]byte(s)) {
			return nil, len(s)
		}
		return nil, 0
	}
	inner := s[open : open+end]
	_, closeSize := utf8.DecodeRuneInString(s[open+end:])
	length = open + end + closeSize
	if length > maxMarkBytes {
		return nil, 0
	}
	inner, _, _ = strings.Cut(inner, "†")
	inner = trimMarkWord(strings.TrimLeft(strings.TrimSpace(inner), "^#"))
	numbers = markNumbers(inner)
	if len(numbers) == 0 {
		return nil, 0
	}
	return numbers, length
}

// markNumbers reads "1", "1, 3", "1;3" and "1-3"; nil when s is anything else.
func markNumbers(s string) []int {
	var out []int
	n, digits, from := 0, 0, -1
	finish := func() bool {
		if digits == 0 {
			return true
		}
		first := n
		if from >= 0 {
			if first = from; n < first || n-first >= maxMarkRange {
				return false
			}
		}
		for i := first; i <= n; i++ {
			out = append(out, i)
		}
		n, digits, from = 0, 0, -1
		return true
	}
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			if n = n*10 + int(r-'0'); n > maxNumber {
				return nil
			}
			digits++
		case r == '-' || r == '–':
			if digits == 0 || from >= 0 {
				return nil
			}
			from, n, digits = n, 0, 0
		case r == ',' || r == ';' || r == '&' || unicode.IsSpace(r):
			if !finish() {
				return nil
			}
		default:
			return nil
		}
	}
	if from >= 0 && digits == 0 || !finish() {
		return nil
	}
	return out
}

// plainMarkdown drops emphasis and code marks, and turns links into text.
func plainMarkdown(s string) string {
	if strings.ContainsAny(s, "[") {
		s = plainLinks(s)
	}
	s = strings.TrimSpace(s)
	if !strings.ContainsAny(s, "*_`") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) && strings.IndexByte("*_`", s[i+1]) >= 0 {
			i++
			b.WriteByte(s[i])
			continue
		}
		if c != '*' && c != '_' && c != '`' {
			b.WriteByte(c)
			continue
		}
		inWord := i > 0 && i+1 < len(s) && isWordByte(s[i-1]) && isWordByte(s[i+1])
		alone := (i == 0 || s[i-1] == ' ') && (i+1 == len(s) || s[i+1] == ' ')
		if c == '_' && inWord || c == '*' && (inWord || alone) {
			b.WriteByte(c)
		}
	}
	return strings.TrimSpace(b.String())
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

// plainLinks turns "[text](address)" into "text (address)", and
// "![text](address)" into "text".
func plainLinks(s string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '[')
		if open < 0 {
			break
		}
		mid := strings.Index(s[open:], "](")
		if mid < 0 {
			break
		}
		end := strings.IndexByte(s[open+mid:], ')')
		if end < 0 {
			break
		}
		label, target := s[open+1:open+mid], s[open+mid+2:open+mid+end]
		if isPlaceholder(label) {
			// Its brackets are its own, and what it links to says the same.
			label, target = "["+label+"]", ""
		}
		image := open > 0 && s[open-1] == '!'
		b.WriteString(strings.TrimSuffix(s[:open], "!"))
		b.WriteString(label)
		if !image && target != "" && target != label {
			b.WriteString(" (" + target + ")")
		}
		s = s[open+mid+end+1:]
	}
	b.WriteString(s)
	return b.String()
}

// isPlaceholder reports whether a link's text is the inside of a placeholder for
// personal data.
func isPlaceholder(label string) bool {
	word, number, ok := strings.Cut(label, "_")
	return ok && word != "" && word == strings.ToUpper(word) && strings.ContainsAny(number, "0123456789")
}
