package entity

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
)

// Handles finds names that begin with an at sign, as social networks and
// messengers write them, in lower case and without the sign. E-mail addresses
// and what stands in a link are none.
func Handles(s string) []string {
	if !strings.ContainsAny(s, "@＠﹫") {
		return nil
	}
	var out []string
	for i, r := range s {
		if r != '@' && r != '＠' && r != '﹫' {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		if i > 0 && (text.IsWordPart(before) || strings.ContainsRune("._-+/@", before)) {
			continue
		}
		name := s[i+utf8.RuneLen(r):]
		if end := strings.IndexFunc(name, func(r rune) bool { return !text.IsWordPart(r) && !strings.ContainsRune("._-", r) }); end >= 0 {
			name = name[:end]
		}
		name = strings.TrimRight(strings.ToLower(name), "._-")
		if utf8.RuneCountInString(name) >= minHandle && strings.ContainsFunc(name, unicode.IsLetter) {
			out = append(out, name)
		}
	}
	return out
}

// minHandle is how many characters the shortest handle has.
const minHandle = 2

// Services finds the names of messengers, of services that move money and of
// programs that let somebody else work at a computer, in lower case and one word:
// with such a name alone a reader can be led away.
func Services(s string) []string {
	var out []string
	last := ""
	eachPlainWord(s, func(raw string) {
		w := plainName(raw)
		switch kind := codeOf("service", w); {
		case kind == "sure", kind == "doubtful" && isCapital(raw) && words().reachBy.has(last):
			out = append(out, w)
		case last != "" && codeOf("service", last+w) == "sure":
			out = append(out, last+w)
		}
		last = w
	})
	slices.Sort(out)
	return slices.Compact(out)
}

func isCapital(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsUpper(r)
}

// plainName is a word in lower case, look-alikes of other scripts read as the
// Latin letters that they look like.
func plainName(w string) string {
	if strings.IndexFunc(w, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return strings.ToLower(w)
	}
	return strings.ToLower(InLatin(w))
}

func eachPlainWord(s string, visit func(raw string)) {
	for s != "" {
		start := strings.IndexFunc(s, text.IsWordPart)
		if start < 0 {
			return
		}
		s = s[start:]
		end := strings.IndexFunc(s, func(r rune) bool { return !text.IsWordPart(r) && r != '\'' && r != '’' })
		if end < 0 {
			end = len(s)
		}
		visit(apostrophes.Replace(s[:end]))
		s = s[end:]
	}
}

var apostrophes = strings.NewReplacer("'", "", "’", "")
