package entity

import (
	"cmp"
	_ "embed"
	"strings"
	"sync"
)

//go:embed codes.txt
var codesFile string

// codes are the lists of codes.txt, by name and key, read once.
var codes = sync.OnceValue(func() map[string]map[string][]string {
	all := map[string]map[string][]string{}
	for line := range strings.Lines(codesFile) {
		if list, rest, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t"); ok {
			keys, values, _ := strings.Cut(rest, "\t")
			for key := range strings.FieldsSeq(keys) {
				put(all, list, key, strings.Fields(values))
			}
		}
	}
	return all
})

// table is a list of codes.txt.
func table(list string) map[string][]string { return codes()[list] }

// isCode reports whether a list of codes.txt has a key.
func isCode(list, key string) bool {
	_, ok := table(list)[key]
	return ok
}

// codeOf is the first of what a list of codes.txt has for a key; "" for none.
func codeOf(list, key string) string {
	if values := table(list)[key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// isHabit reports whether a list of codes.txt has a language, which may be unknown.
func isHabit(list, lang string) bool { return isCode(list, cmp.Or(lang, "und")) }

// signs are the characters of a list of codes.txt.
func signs[V any](list string, read func(value string) V) map[rune]V {
	out := map[rune]V{}
	for key, values := range table(list) {
		for _, r := range key {
			out[r] = read(values[0])
		}
	}
	return out
}
