package pii

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var wholePlaceholder = regexp.MustCompile(`^\[([A-Z_]+)_([0-9]{1,6})([B-Z]?)\]$`)

// Recorded makes a Redactor of what Map returned, to restore a text that holds
// those placeholders. What is no placeholder, or has none of the numbers before
// it, is left out.
func Recorded(placeholders map[string]string) *Redactor {
	type surface struct {
		word, letter, value string
		number              int
	}
	var list []surface
	words := []string{string(KindEmail), string(KindPhone), string(KindCreditCard), string(KindIBAN), string(kindText)}
	for p, value := range placeholders {
		if m := wholePlaceholder.FindStringSubmatch(p); m != nil {
			number, _ := strconv.Atoi(m[2]) // at most maxNumber digits
			list = append(list, surface{m[1], m[3], value, number})
			words = append(words, m[1])
		}
	}
	slices.Sort(words)
	slices.SortFunc(list, func(a, b surface) int {
		return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.letter, b.letter), strings.Compare(a.word, b.word))
	})
	r := NewRedactor("", nil)
	r.marks = newMarkWords(slices.Compact(words))
	for _, s := range list {
		switch n := len(r.entries); {
		case s.number == n+1 && s.letter == "":
			r.entries = append(r.entries, &entry{word: s.word, number: s.number, surfaces: []string{s.value}})
		case s.number == n && n > 0 && s.letter != "" && strings.Index(variantLetters, s.letter)+1 == len(r.entries[n-1].surfaces):
			r.entries[n-1].surfaces = append(r.entries[n-1].surfaces, s.value)
		}
	}
	return r
}
