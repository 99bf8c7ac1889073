package entity

import "strings"

// currencyOf reads a currency's sign, code or name. word is in lower case, raw
// as it stands: codes count in capitals only, as "ALL" and "TRY" are words. An
// ambiguous name gives all currencies that it may mean, likeliest first, and
// itself, so that "kr" and "kr" agree.
func currencyOf(word, raw string) (codes []string, ok bool) {
	if len(raw) == 3 && raw == strings.ToUpper(raw) && isCurrencyCode(raw) {
		return currencyReadings(raw), true
	}
	if len(word) == 3 && isMajorCode(word) {
		return currencyReadings(strings.ToUpper(word)), true
	}
	codes, ok = words().currencies[word]
	return codes, ok
}

// currencyReadings adds to a currency the shared signs that may stand for it.
func currencyReadings(code string) []string {
	switch code {
	case "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN":
		return []string{code, "$"}
	case "NOK", "SEK", "DKK", "ISK":
		return []string{code, "kr"}
	case "JPY", "CNY":
		return []string{code, "¥"}
	}
	return []string{code}
}

func isMajorCode(w string) bool {
	switch w {
	case "eur", "usd", "gbp", "pln", "nok", "sek", "dkk", "chf", "jpy", "czk", "huf":
		return true
	}
	return false
}

func isCurrencyCode(c string) bool {
	const codes = " AED ARS AUD BAM BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP GEL HKD HRK HUF IDR ILS INR ISK JOD JPY KES KRW KWD " +
		"MAD MKD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU VND ZAR "
	return strings.Contains(codes, " "+c+" ")
}

// currencySigns are the signs of currencies, likeliest first.
var currencySigns = map[string][]string{
	"$": {"USD", "$", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"},
	"¥": {"JPY", "¥", "CNY"}, "£": {"GBP"}, "€": {"EUR"}, "₹": {"INR"}, "₽": {"RUB"},
	"₴": {"UAH"}, "₺": {"TRY"}, "₩": {"KRW"}, "₪": {"ILS"}, "฿": {"THB"},
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
	switch name {
	case "s":
		return unit{name, "s", 1, true}
	case "min":
		return unit{name, "s", 60, true}
	case "h":
		return unit{name, "s", 3600, true}
	case "d":
		return unit{name, "s", 86400, true}
	case "wk":
		return unit{name, "s", 7 * 86400, true}
	case "mo":
		return unit{name, "mo", 1, true}
	case "yr":
		return unit{name, "mo", 12, true}
	case "workday":
		return unit{name, "", 1, true}
	case "night":
		return unit{name, "", 1, true}
	case "g", "mm", "ml":
		return unit{name, name, 1, false}
	case "kg":
		return unit{name, "g", 1000, false}
	case "t":
		return unit{name, "g", 1000000, false}
	case "cm":
		return unit{name, "mm", 10, false}
	case "m":
		return unit{name, "mm", 1000, false}
	case "km":
		return unit{name, "mm", 1000000, false}
	case "cl":
		return unit{name, "ml", 10, false}
	case "dl":
		return unit{name, "ml", 100, false}
	case "l":
		return unit{name, "ml", 1000, false}
	}
	return unit{name: name, times: 1}
}

// unitSymbols are written alike in all languages.
var unitSymbols = []string{
	"s", "min", "h", "d", "mo", "kg", "g", "mm", "cm", "m", "km", "ml", "cl", "dl", "l", "wh", "mah",
	"kb", "mb", "gb", "tb", "mbit", "kmh",
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
