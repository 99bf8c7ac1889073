package kind

import (
	"strings"
	"unicode"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/suggest"
)

// phrases is the list, by language, of whole sentences that can be of one kind
// alone. "{name}" at the end of an entry stands for a name behind it.
const phrases = "sentence-kinds"

// nameWords is how many words a name with its titles has at most.
const nameWords = 4

// phrase tells the kind of a sentence that is nothing but a phrase of its language.
func phrase(sentence, locale string) (suggest.ClaimKind, bool) {
	list := lexicon.Of(locale, phrases)
	if list == nil {
		return "", false
	}
	s := strings.ToLower(plain(sentence))
	s = strings.TrimRight(s, ":")
	if kind, ok := list.Value(s); ok {
		return suggest.ClaimKind(kind), true
	}
	// A name stands behind a greeting only where the sentence is written as one.
	if end := strings.TrimSpace(sentence); end == "" || !strings.ContainsRune(",!:", rune(end[len(end)-1])) {
		return "", false
	}
	words := strings.Fields(s)
	for n := max(1, len(words)-nameWords); n < len(words); n++ {
		if strings.ContainsFunc(strings.Join(words[n:], " "), notOfAName) {
			continue
		}
		if kind, ok := list.Value(strings.Join(words[:n], " ") + " {name}"); ok {
			return suggest.ClaimKind(kind), true
		}
	}
	return "", false
}

func notOfAName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) && !strings.ContainsRune(" .-'’", r)
}
