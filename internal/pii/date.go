package pii

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// calendarDay is a day, or what is told of one: what is not told is 0.
type calendarDay struct{ year, month, day int }

func (d calendarDay) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day) }

func (d calendarDay) whole() bool { return d.year > 0 && d.month > 0 && d.day > 0 }

// real reports whether the calendar has such a day.
func (d calendarDay) real() bool {
	if d.month < 1 || d.month > 12 || d.day < 0 || d.day > 31 || d.year != 0 && (d.year < 1880 || d.year > 2199) {
		return false
	}
	year, day := cmp.Or(d.year, 2024), max(d.day, 1) // a leap year: the 29th of February may be meant
	return time.Date(year, time.Month(d.month), day, 0, 0, 0, 0, time.UTC).Day() == day
}

// agrees reports whether both may be the same day.
func (d calendarDay) agrees(o calendarDay) bool {
	same := func(a, b int) bool { return a == b || a == 0 || b == 0 }
	return same(d.year, o.year) && same(d.month, o.month) && same(d.day, o.day)
}

// writtenDate is a date as it stands in a text.
type writtenDate struct {
	text.Span
	text  string
	parts []datePart // in the order in which they stand
	// lang is that of its month's name; empty when it has none.
	lang string
	// readings are the days that may be meant, the likeliest first.
	readings []calendarDay
}

// datePart is a number or a month's name in a date; its span is that in the
// date's text.
type datePart struct {
	text.Span
	name byte // as the pattern's group: y, a, b (day and month or the other way round), d, m, M or o
}

// dateFinder finds dates with a day or a year in them and writes others in their
// form. It knows the months of its languages.
type dateFinder struct {
	patterns []datePattern
	months   map[string][]months
	ordinals map[string][]string
	// clock follows a number that is none of a date, year a year that it belongs
	// to.
	clock, year *regexp.Regexp
}

// datePattern finds dates; the names of months in it are of the language, which
// is empty where it has none.
type datePattern struct {
	pattern
	lang string
}

// months are twelve names in one language, full or short.
type months []string

func monthsOf(lang string) []months {
	var out []months
	for _, row := range words(lang, "month-rows") {
		list := strings.Fields(row)
		out = append(out, list)
		if bare := strings.Fields(lexicon.Fold(row, lexicon.Bare)); !slices.Equal(bare, list) {
			out = append(out, bare)
		}
	}
	return out
}

func newDateFinder(langs []string) *dateFinder {
	f := &dateFinder{
		months: map[string][]months{}, ordinals: map[string][]string{},
		clock: regexp.MustCompile(`^(?:[:.]\d|[ \t]*(?i:` + oneOf(wordsOf(langs, "hours")) + `)(?:\P{L}|$))`),
		year:  regexp.MustCompile(`^` + oneOf(wordsOf(langs, "year-marks")) + `(?:\P{L}|$)`),
	}
	for _, p := range []string{
		`(?P<y>\d{4})(?:[ \t]?[./-][ \t]?|[ \t])(?P<m>\d{1,2})(?:[ \t]?[./-][ \t]?|[ \t])(?P<d>\d{1,2})`,
		`(?P<a>\d{1,2})[ \t]?[./-][ \t]?(?P<b>\d{1,2})[ \t]?[./-][ \t]?(?P<y>\d{4}|\d{2})`,
		`(?P<a>\d{1,2})[ \t](?P<b>\d{1,2})[ \t](?P<y>\d{4})`,
		`(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})`,
		`(?P<a>\d{2})(?P<b>\d{2})(?P<y>(?:19|20)\d{2})`,
		`(?P<a>\d{2})(?P<b>\d{2})(?P<y>\d{2})`,
		`(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})`,
	} {
		f.patterns = append(f.patterns, datePattern{newPattern(p), ""})
	}
	for _, l := range langs {
		f.months[l], f.ordinals[l] = monthsOf(l), words(l, "day-ordinals")
		var names []string
		for _, m := range f.months[l] {
			names = append(names, m...)
		}
		month, of, ordinal := `(?P<M>`+oneOf(names)+`)\.?`, oneOf(words(l, "date-of")), `(?P<o>`+oneOf(words(l, "ordinals"))+`)?`
		for _, p := range []string{
			`(?P<d>\d{1,2})` + ordinal + `[ \t.-]*(?:` + of + `[ \t]*)?` + month + `(?:[ \t,./-]*(?:` + of + `[ \t]+)?(?P<y>\d{4}|\d{2}))?`,
			month + `[ \t]+(?:` + oneOf(words(l, "date-articles")) + `[ \t]+)?(?P<d>\d{1,2})` + ordinal + `(?:[ \t]*,?[ \t]+(?P<y>\d{4}))?`,
			month + `[ \t]+(?:` + of + `[ \t]+)?(?P<y>\d{4})`,
		} {
			f.patterns = append(f.patterns, datePattern{newPattern(`(?i)`+p, names), l})
		}
	}
	return f
}

// find returns the dates in s in order; of two that overlap, the longer one.
// locale says whether the month comes first where both are possible.
func (f *dateFinder) find(s, locale string) []writtenDate {
	near := nearDigits(s)
	if len(near) == 0 {
		return nil
	}
	var found []writtenDate
	in := wordSet(s)
	for _, p := range f.patterns {
		if p.lang != "" && !p.mayMatch(in) {
			continue
		}
		for _, w := range near {
			for from := w.Start; from < w.End; {
				m := p.FindStringSubmatchIndex(s[from:w.End])
				if m == nil {
					break
				}
				for i := range m {
					if m[i] >= 0 {
						m[i] += from
					}
				}
				from = m[0] + 1
				if w, ok := f.written(s, p, m, locale); ok {
					found = append(found, w)
					from = m[1]
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b writtenDate) int { return b.Len() - a.Len() })
	var out []writtenDate
	for _, w := range found {
		overlaps := func(o writtenDate) bool { return w.Start < o.End && o.Start < w.End }
		if !slices.ContainsFunc(out, overlaps) {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b writtenDate) int { return a.Start - b.Start })
	return out
}

// nearDigits are the parts of s in which a date may stand: each has a digit, and
// as much around it as the longest date has.
func nearDigits(s string) []text.Span {
	const before, behind = 32, 48
	var out []text.Span
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		start, end := max(0, i-before), min(len(s), i+behind)
		for start > 0 && !utf8.RuneStart(s[start]) {
			start--
		}
		for end < len(s) && !utf8.RuneStart(s[end]) {
			end++
		}
		if n := len(out); n > 0 && start <= out[n-1].End {
			out[n-1].End = end
		} else {
			out = append(out, text.Span{Start: start, End: end})
		}
	}
	return out
}

// whole reads a value that is one date and nothing else.
func (f *dateFinder) whole(value, locale string) (writtenDate, bool) {
	value = strings.TrimSpace(value)
	found := f.find(value, locale)
	if len(found) != 1 || found[0].Len() != len(value) {
		return writtenDate{}, false
	}
	return found[0], true
}

// written makes a date of a match; ok is false for what only looks like one.
func (f *dateFinder) written(s string, p datePattern, m []int, locale string) (w writtenDate, ok bool) {
	w = writtenDate{Span: text.Span{Start: m[0], End: m[1]}, lang: p.lang}
	numbers := map[byte][]int{}
	for i, name := range p.SubexpNames() {
		if name == "" || m[2*i] < 0 || m[2*i] == m[2*i+1] {
			continue
		}
		part := datePart{text.Span{Start: m[2*i], End: m[2*i+1]}, name[0]}
		word := part.In(s)
		switch part.name {
		case 'M':
			numbers['m'] = []int{f.monthOf(word, p.lang)}
		case 'o':
		case 'y':
			numbers['y'] = years(word)
			if len(word) == 2 && f.clock.MatchString(s[part.End:]) {
				// "3 April 14:30" ends before the time.
				w.End = m[2*i-1]
				delete(numbers, 'y')
				continue
			}
		default:
			if part.End == w.End && f.clock.MatchString(s[part.End:]) {
				return w, false
			}
			n, _ := strconv.Atoi(word) // two digits
			numbers[part.name] = []int{n}
		}
		part.Start, part.End = part.Start-m[0], part.End-m[0]
		w.parts = append(w.parts, part)
	}
	if f.year.MatchString(s[w.End:]) {
		w.End++
	}
	before, _ := utf8.DecodeLastRuneInString(s[:w.Start])
	after, _ := utf8.DecodeRuneInString(s[w.End:])
	if isWordRune(before) || isWordRune(after) {
		return w, false
	}
	w.text = w.In(s)
	w.readings = readings(numbers, (locale == "en" || locale == "en-US") && !strings.Contains(w.text, "."))
	return w, len(w.readings) > 0
}

func (f *dateFinder) monthOf(word, lang string) int {
	word = strings.ToLower(word)
	for _, m := range f.months[lang] {
		if i := slices.Index(m, word); i >= 0 {
			return i + 1
		}
	}
	return 0
}

// years are those that digits may mean: two are of this century or the last.
func years(digits string) []int {
	n, _ := strconv.Atoi(digits) // two or four digits
	if len(digits) == 2 {
		return []int{1900 + n, 2000 + n}
	}
	return []int{n}
}

func readings(numbers map[byte][]int, monthFirst bool) []calendarDay {
	type order struct{ day, month byte }
	orders := []order{{'d', 'm'}}
	if numbers['a'] != nil {
		orders = []order{{'a', 'b'}, {'b', 'a'}}
		if monthFirst {
			slices.Reverse(orders)
		}
	}
	number := func(name byte) int {
		if numbers[name] == nil {
			return 0
		}
		return numbers[name][0]
	}
	all := numbers['y']
	if len(all) == 0 {
		all = []int{0}
	}
	var out []calendarDay
	for _, o := range orders {
		for _, y := range all {
			d := calendarDay{y, number(o.month), number(o.day)}
			if told := numbers[o.day] == nil || d.day > 0; told && d.real() && !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// write puts the day other into the form of w, which means the day is.
func (f *dateFinder) write(w writtenDate, is, other calendarDay) string {
	var b strings.Builder
	last := 0
	for _, p := range w.parts {
		old := p.In(w.text)
		b.WriteString(w.text[last:p.Start])
		last = p.End
		switch n, _ := strconv.Atoi(old); {
		case p.name == 'y':
			b.WriteString(digitsLike(old, other.year))
		case p.name == 'M':
			b.WriteString(f.monthLike(old, other.month, w.lang))
		case p.name == 'o':
			b.WriteString(f.ordinalLike(old, other.day, w.lang))
		case p.name == 'd', p.name == 'a' && isDayFirst(w, is), p.name == 'b' && !isDayFirst(w, is):
			b.WriteString(digitsLike(old, other.day))
		case n > 0:
			b.WriteString(digitsLike(old, other.month))
		}
	}
	return b.String() + w.text[last:]
}

func isDayFirst(w writtenDate, is calendarDay) bool {
	i := slices.IndexFunc(w.parts, func(p datePart) bool { return p.name == 'a' })
	n, _ := strconv.Atoi(w.parts[i].In(w.text)) // two digits
	return n == is.day
}

// digitsLike writes n with a zero before it where old has one, or two digits of
// a year.
func digitsLike(old string, n int) string {
	switch {
	case len(old) == 4:
		return fmt.Sprintf("%04d", n)
	case n >= 1000:
		return fmt.Sprintf("%02d", n%100)
	case len(old) == 2:
		return fmt.Sprintf("%02d", n)
	}
	return strconv.Itoa(n)
}

// monthLike names a month in the language and letter case of another's name.
func (f *dateFinder) monthLike(old string, month int, lang string) string {
	word := strings.ToLower(old)
	for _, m := range f.months[lang] {
		if slices.Contains(m, word) {
			return cased(capital(m[month-1]), old)
		}
	}
	return old
}

// ordinalLike is what follows a day in place of old: "3rd" becomes "5th", and of
// French days only the first has "1er".
func (f *dateFinder) ordinalLike(old string, day int, lang string) string {
	mine := ""
	known := false
	for _, row := range f.ordinals[lang] {
		n, ordinal, _ := strings.Cut(row, " ")
		known = known || strings.EqualFold(ordinal, old)
		if n == strconv.Itoa(day) && mine == "" {
			mine = ordinal
		}
	}
	if !known {
		return old
	}
	return cased(mine, old)
}

// anotherDay is a day with as many digits as d, in another month. Who was a child
// at the time of now, which may be zero, is one of that year still: much depends
// on the age.
func anotherDay(d calendarDay, now time.Time, random *rand.Rand) calendarDay {
	other := d
	for range 100 {
		if other.month = 1 + random.IntN(9); d.month > 9 {
			other.month = 10 + random.IntN(3)
		}
		switch {
		case d.day > 9:
			other.day = 10 + random.IntN(19)
		case d.day > 0:
			other.day = 2 + random.IntN(8)
		}
		grown := d.year > 0 && !isChild(d, now)
		if grown {
			other.year = d.year - 5 + random.IntN(11)
		}
		if other.month != d.month && (other.day != d.day || d.day == 0) && (other.year != d.year || !grown) &&
			isChild(other, now) == isChild(d, now) && !other.after(now) {
			return other
		}
	}
	if !d.whole() {
		other.month = d.month%12 + 1
		return other
	}
	t := time.Date(d.year, time.Month(d.month), d.day-1-random.IntN(20), 0, 0, 0, 0, time.UTC) // of a newborn
	return calendarDay{t.Year(), int(t.Month()), t.Day()}
}

func isChild(d calendarDay, now time.Time) bool {
	return d.year > 0 && !now.IsZero() && d.year >= now.Year()-18
}

// after reports whether d is later than now; nothing is later than a time that
// is not known.
func (d calendarDay) after(now time.Time) bool {
	return d.year > 0 && !now.IsZero() && time.Date(d.year, time.Month(d.month), max(d.day, 1), 0, 0, 0, 0, time.UTC).After(now)
}
