//nolint:misspell // words of many languages
package text

import (
	"strings"
	"sync"
	"unicode"
)

// denialWords are the words that deny, by language. not are those that turn a
// verb, other those that deny something else.
type denialWords struct{ not, other map[string]bool }

var allDenials = sync.OnceValue(func() map[string]denialWords {
	lists := map[string][2]string{
		"da": {"ikke aldrig", "ingen intet uden ingenting hverken"},
		"de": {"nicht nie niemals", "kein keine keinen keinem keiner keines nichts niemand ohne weder"},
		"en": {"not never cannot nor", "no none without neither nothing nobody unable unavailable"},
		"es": {"no nunca jamás tampoco ni", "ningún ninguna ninguno sin nada nadie"},
		"fr": {"ne n pas jamais ni", "aucun aucune sans rien personne non"},
		"it": {"non mai né", "nessun nessuna nessuno senza nulla niente"},
		"nl": {"niet nooit", "geen niets niemand zonder noch"},
		"no": {"ikke aldri", "ingen intet uten ingenting verken"},
		"pl": {"nie nigdy ani", "bez żaden żadna żadne żadnych nic nikt brak"},
		"pt": {"não nunca nem", "nenhum nenhuma sem nada ninguém"},
		"sv": {"inte ej aldrig", "ingen inget inga utan ingenting varken"},
	}
	lists["nb"], lists["nn"] = lists["no"], [2]string{"ikkje ikke aldri", "ingen inga utan ingenting verken"}
	out := make(map[string]denialWords, len(lists))
	for lang, words := range lists {
		out[lang] = denialWords{wordSet(words[0]), wordSet(words[1])}
	}
	return out
})

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// Denies reports whether a sentence denies, as in "not", "never" or "without".
// "No, you may" answers and affirms. It is false in languages whose denials are
// not known.
func Denies(sentence, locale string) bool {
	list, ok := allDenials()[BaseLanguage(locale)]
	if !ok {
		return false
	}
	found, before, first := false, "", true
	eachWord(sentence, func(w string, comma bool) bool {
		answers := first && comma
		first = false
		found = !answers && (list.not[w] || list.other[w]) || isNot(before, w) && list.not["not"]
		before = w
		return !found
	})
	return found
}

// DeniesVerb reports whether a word, in lower case, is one that turns the verb
// beside it, such as "not" and "never".
func DeniesVerb(word, locale string) bool { return allDenials()[BaseLanguage(locale)].not[word] }

// isNot knows "don't", of which apostrophes make two words.
func isNot(before, word string) bool { return word == "t" && strings.HasSuffix(before, "n") }

// eachWord visits the words of s in lower case until visit returns false; comma
// is true where one follows.
func eachWord(s string, visit func(w string, comma bool) bool) {
	for s != "" {
		start := strings.IndexFunc(s, isWordPart)
		if start < 0 {
			return
		}
		s = s[start:]
		end := strings.IndexFunc(s, func(r rune) bool { return !isWordPart(r) })
		if end < 0 {
			end = len(s)
		}
		if !visit(strings.ToLower(s[:end]), strings.HasPrefix(s[end:], ",")) {
			return
		}
		s = s[end:]
	}
}

func isWordPart(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// Agreement tells whether a claim denies or affirms like what it rests on: the
// sentence that shares most words with it, or any of those that share as many.
type Agreement struct {
	denies bool
	most   int
	agrees bool
}

// NewAgreement begins with a claim that agrees.
func NewAgreement(claim, locale string) Agreement {
	return Agreement{denies: Denies(claim, locale), agrees: true}
}

// Add takes in one sentence that the claim may rest on: how many words it
// shares with the claim, and whether it denies. Questions affirm nothing and are
// not to be added.
func (a *Agreement) Add(shared int, denies bool) {
	same := denies == a.denies
	switch {
	case shared > a.most:
		a.most, a.agrees = shared, same
	case shared == a.most && shared > 0:
		a.agrees = a.agrees || same
	}
}

// Agrees is the answer so far.
func (a *Agreement) Agrees() bool { return a.agrees }
