package pii

import "regexp"

// newStreets find postal addresses by how streets are written in a language, with
// the postcode and town behind them.
func newStreets(lang string) []*regexp.Regexp {
	const (
		word  = `\p{Lu}[\p{L}’'.-]*`
		house = `\d{1,4}(?:[ \t]?[a-zA-Z]\b|\b)(?:[/-]\d{1,3})?`
		town  = `(?:[ \t]*,?[ \t]*(?:\r?\n)?[ \t]*(?:(?:[A-Z]{1,2}-)?\d{2}-?\d{2,3}(?:[ \t]?[A-Z]{2})?[ \t]+` + word + `|` + word + `,?[ \t]+[A-Z]{1,2}\d[A-Z\d]?[ \t]\d[A-Z]{2}\b|[A-Z]{1,2}\d[A-Z\d]?[ \t]\d[A-Z]{2}\b))?`
	)
	joins := `(?:` + oneOf(words(lang, "street-joins")) + `[ \t]*)`
	var out []*regexp.Regexp
	add := func(list string, pattern func(kinds string) string) {
		if kinds := words(lang, list); kinds != nil {
			out = append(out, regexp.MustCompile(pattern(oneOf(kinds, capitalised(kinds)))+town))
		}
	}
	add("street-endings", func(kinds string) string { return `\p{Lu}[\p{L}’'-]*` + kinds + `[ \t]+` + house })
	add("street-words", func(kinds string) string { return `\p{Lu}[\p{L}’'-]*[ \t]` + kinds + `[ \t]+` + house })
	add("numbered-streets", func(kinds string) string {
		return `\b\d{1,5}[a-zA-Z]?,?[ \t]+(?:` + word + `[ \t]+){1,3}` + kinds + `\b\.?`
	})
	add("numbered-street-kinds", func(kinds string) string {
		return `\b\d{1,4}(?:[ \t]?` + oneOf(words(lang, "house-suffixes")) + `)?,?[ \t]+` + kinds + `[ \t]+` + joins + `*` + word + `(?:[ \t]+` + word + `)*`
	})
	add("street-kinds", func(kinds string) string {
		return `\b` + kinds + `[ \t]+` + joins + `*` + word + `(?:[ \t]+` + joins + `?` + word + `)*[ \t]*,?[ \t]*(?:n\.?º?[ \t]*)?` + house
	})
	return out
}

// counted follows a number that is none of a house.
func counted(langs []string) *regexp.Regexp {
	return regexp.MustCompile(`^[:.,]\d|^[ \t]*(?i:` + oneOf(wordsOf(langs, "counted")) + `)(?:\P{L}|$)`)
}

// findStreets returns the postal addresses in s.
func (r *rules) findStreets(s string) []string {
	var out []string
	for _, p := range r.streets {
		for _, m := range p.FindAllStringIndex(s, -1) {
			if !r.counted.MatchString(s[m[1]:]) {
				out = append(out, s[m[0]:m[1]])
			}
		}
	}
	return out
}
