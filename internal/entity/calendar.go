package entity

import (
	"fmt"
	"slices"
	"time"
)

// monthName is a month as a word says it.
type monthName struct {
	month     int
	languages []string // whose full name this is; none for abbreviations
	doubtful  bool     // an ordinary word, too
}

// Month reads a month's name. alone tells whether it is one that may stand
// without a day or year and still be a month. raw is the word as it stands.
func Month(word, raw, lang string) (month int, alone bool) {
	known := words()
	m, ok := known.months[word]
	if !ok {
		m, ok = known.ownMonths[lang][word]
	}
	if !ok {
		return 0, false
	}
	if _, capital := known.capitalMonths[lang][word]; capital && raw == word {
		return 0, false
	}
	return m.month, !m.doubtful && (lang == "" && len(m.languages) > 0 || slices.Contains(m.languages, lang))
}

// dateReading is the normal form of a date: "2026-05-03", "--05-03" without a
// year, "2026-05" without a day, "--05" a month alone. It is "" when there is
// no such day.
func dateReading(year, month, day int) string {
	if month < 1 || month > 12 || day < 0 || day > 31 || year != 0 && (year < 1000 || year > 2999) {
		return ""
	}
	if day > 0 {
		y := year
		if y == 0 {
			y = 2024 // a leap year: the 29th of February may be meant
		}
		if time.Date(y, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() != day {
			return ""
		}
	}
	head := "-"
	if year > 0 {
		head = fmt.Sprintf("%04d", year)
	}
	if day == 0 {
		return fmt.Sprintf("%s-%02d", head, month)
	}
	return fmt.Sprintf("%s-%02d-%02d", head, month, day)
}

// fullYear reads a year of two or four digits; 0 when it is neither.
func fullYear(d string) int {
	n := atoiShort(d)
	switch len(d) {
	case 4:
		return n
	case 2:
		if n < 70 {
			return 2000 + n
		}
		return 1900 + n
	}
	return 0
}

// numericDates gives the plausible readings of three numbers written with sep;
// the language's own order comes first.
func numericDates(a, b, c string, sep byte, locale string) []string {
	var out []string
	add := func(year, month, day int) {
		if d := dateReading(year, month, day); d != "" && year > 0 && day > 0 && (len(out) == 0 || out[0] != d) {
			out = append(out, d)
		}
	}
	x, y, z := atoiShort(a), atoiShort(b), atoiShort(c)
	switch {
	case len(a) == 4 && len(b) <= 2 && len(c) <= 2:
		add(x, y, z)
	case len(a) > 2 || len(b) > 2 || len(c) != 2 && len(c) != 4:
	case sep == '.':
		add(fullYear(c), y, x)
	case locale == "en-US" || locale == "en":
		add(fullYear(c), x, y)
		add(fullYear(c), y, x)
	default:
		add(fullYear(c), y, x)
		add(fullYear(c), x, y)
	}
	return out
}

// dayMonthReadings gives the readings of "3/5" as a day and month.
func dayMonthReadings(a, b string) []string {
	var out []string
	if len(a) > 2 || len(b) > 2 {
		return nil
	}
	x, y := atoiShort(a), atoiShort(b)
	for _, d := range []string{dateReading(0, y, x), dateReading(0, x, y)} {
		if d != "" && x > 0 && y > 0 && (len(out) == 0 || out[0] != d) {
			out = append(out, d)
		}
	}
	return out
}
