package entity

import "strings"

// currencyOf reads a currency's sign, code or name. word is in lower case, raw
// as it stands: codes count in capitals only, as "ALL" and "TRY" are words. An
// ambiguous name gives all currencies that it may mean, likeliest first, and
// itself, so that "kr" and "kr" agree.
func currencyOf(word, raw string) (codes []string, ok bool) {
	known := words()
	if codes, ok = known.currencyCodes[raw]; !ok {
		codes, ok = known.currencies[word]
	}
	return codes, ok
}

// unit is what a number counts: its name in normal form, and how many base
// units it is worth, where units convert without rounding.
type unit struct {
	name  string
	base  string // "" when the unit is its own base
	times int    // base units in one
	timey bool   // a length of time
}

// unitOf reads a unit from a lower-case word of a text in the language lang.
func unitOf(word, lang string) (unit, bool) {
	known := words()
	name, ok := known.units[word]
	if !ok {
		name, ok = known.ownUnits[lang][word]
	}
	if !ok {
		name = known.unitByStem(word)
	}
	if _, no := known.noUnits[lang][word]; no || name == "" {
		return unit{}, false
	}
	return unitNamed(name), true
}

// isUnitNamed reports whether word is the unit name in a text in lang: Scandinavian
// miles are thousands elsewhere.
func isUnitNamed(name, word, lang string) bool {
	u, ok := unitOf(word, lang)
	return ok && u.name == name
}

func unitNamed(name string) unit {
	if u, ok := words().measures[name]; ok {
		return u
	}
	return unit{name: name, times: 1}
}

// unitByStem knows the adjectives and compounds that languages make of units:
// "14-tägig", "24-godzinny", "3-dagars".
func (v *vocabulary) unitByStem(word string) string {
	if len(word) < 3 {
		return ""
	}
	for letters, unit := range v.unitStems[word[:2]] {
		if strings.HasPrefix(word, letters) {
			return unit
		}
	}
	return ""
}

// counterPrefix returns the counter at the beginning of a run of Chinese or
// Japanese letters, which has no blanks: "時間" of "時間以内". It is "" when there
// is none.
func counterPrefix(run string) string {
	if !isAsian(run) {
		return ""
	}
	for _, counter := range words().counters {
		if strings.HasPrefix(run, counter) {
			return counter
		}
	}
	return ""
}
