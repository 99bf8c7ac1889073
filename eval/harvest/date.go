package harvest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

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
// form. It knows the months of eleven languages.
type dateFinder struct {
	patterns []*regexp.Regexp
	months   []monthList
}

// monthList are twelve names in one language, full or short.
type monthList struct {
	lang  string
	names []string
}

func monthLists() []monthList {
	var out []monthList
	add := func(lang, names string) {
		list := strings.Fields(names)
		out = append(out, monthList{lang, list})
		if plain := strings.Fields(withoutMarks(names)); !slices.Equal(plain, list) {
			out = append(out, monthList{lang, plain})
		}
	}
	add("en", "january february march april may june july august september october november december")
	add("en", "jan feb mar apr may jun jul aug sep oct nov dec")
	add("en", "jan feb mar apr may jun jul aug sept oct nov dec")
	add("de", "januar februar märz april mai juni juli august september oktober november dezember")
	add("de", "jänner feber maerz april mai juni juli august september oktober november dezember")
	add("de", "jan feb mär apr mai jun jul aug sep okt nov dez")
	add("de", "jan feb mrz apr mai jun jul aug sept okt nov dez")
	add("es", "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
	add("es", "ene feb mar abr may jun jul ago sep oct nov dic")
	add("fr", "janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
	add("fr", "janv févr mars avr mai juin juil août sept oct nov déc")
	add("it", "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre")
	add("it", "gen feb mar apr mag giu lug ago set ott nov dic")
	add("nl", "januari februari maart april mei juni juli augustus september oktober november december")
	add("nl", "jan feb mrt apr mei jun jul aug sep okt nov dec")
	add("no", "januar februar mars april mai juni juli august september oktober november desember")
	add("no", "jan feb mar apr mai jun jul aug sep okt nov des")
	add("da", "januar februar marts april maj juni juli august september oktober november december")
	add("pl", "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia")
	add("pl", "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień")
	add("pl", "sty lut mar kwi maj cze lip sie wrz paź lis gru")
	add("pt", "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro")
	add("pt", "jan fev mar abr mai jun jul ago set out nov dez")
	add("sv", "januari februari mars april maj juni juli augusti september oktober november december")
	add("sv", "jan feb mar apr maj jun jul aug sep okt nov dec")
	return out
}

func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

func newDateFinder() *dateFinder {
	f := &dateFinder{months: monthLists()}
	var names []string
	for _, l := range f.months {
		names = append(names, l.names...)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	const ordinal = `(?P<o>st|nd|rd|th|ère|er|re|º|ª|°|\.º|:e|:a|ste|de|e)?`
	month := `(?P<M>` + strings.Join(slices.Compact(names), "|") + `)\.?`
	for _, p := range []string{
		`(?P<y>\d{4})(?:[ \t]?[./-][ \t]?|[ \t])(?P<m>\d{1,2})(?:[ \t]?[./-][ \t]?|[ \t])(?P<d>\d{1,2})`,
		`(?P<a>\d{1,2})[ \t]?[./-][ \t]?(?P<b>\d{1,2})[ \t]?[./-][ \t]?(?P<y>\d{4}|\d{2})`,
		`(?P<a>\d{1,2})[ \t](?P<b>\d{1,2})[ \t](?P<y>\d{4})`,
		`(?P<d>\d{1,2})` + ordinal + `[ \t.-]*(?:(?:of|de|di|del)[ \t]+|d['’])?` + month + `(?:[ \t,./-]*(?:(?:del?|of)[ \t]+)?(?P<y>\d{4}|\d{2}))?`,
		month + `[ \t]+(?:the[ \t]+)?(?P<d>\d{1,2})` + ordinal + `(?:[ \t]*,?[ \t]+(?P<y>\d{4}))?`,
		month + `[ \t]+(?:(?:del?|of)[ \t]+)?(?P<y>\d{4})`,
		`(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})`,
		`(?P<a>\d{2})(?P<b>\d{2})(?P<y>(?:19|20)\d{2})`,
		`(?P<a>\d{2})(?P<b>\d{2})(?P<y>\d{2})`,
		`(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})`,
	} {
		f.patterns = append(f.patterns, regexp.MustCompile(`(?i)`+p))
	}
	return f
}

// find returns the dates in s in order; of two that overlap, the longer one.
// locale says whether the month comes first where both are possible.
func (f *dateFinder) find(s, locale string) []writtenDate {
	if !strings.ContainsAny(s, "0123456789") {
		return nil // every date has a number in it
	}
	var found []writtenDate
	for _, p := range f.patterns {
		for from := 0; from < len(s); {
			m := p.FindStringSubmatchIndex(s[from:])
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
func (f *dateFinder) written(s string, p *regexp.Regexp, m []int, locale string) (w writtenDate, ok bool) {
	w = writtenDate{Span: text.Span{Start: m[0], End: m[1]}}
	numbers := map[byte][]int{}
	for i, name := range p.SubexpNames() {
		if name == "" || m[2*i] < 0 || m[2*i] == m[2*i+1] {
			continue
		}
		part := datePart{text.Span{Start: m[2*i], End: m[2*i+1]}, name[0]}
		word := part.In(s)
		switch part.name {
		case 'M':
			numbers['m'] = []int{f.monthOf(word)}
		case 'o':
		case 'y':
			numbers['y'] = years(word)
			if len(word) == 2 && isClock(s[part.End:]) {
				// "3 April 14:30" ends before the time.
				w.End = m[2*i-1]
				delete(numbers, 'y')
				continue
			}
		default:
			if part.End == w.End && isClock(s[part.End:]) {
				return w, false
			}
			n, _ := strconv.Atoi(word) // two digits
			numbers[part.name] = []int{n}
		}
		part.Start, part.End = part.Start-m[0], part.End-m[0]
		w.parts = append(w.parts, part)
	}
	if polishYear.MatchString(s[w.End:]) {
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

func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// polishYear is the word for year, which may stand right behind one.
var polishYear = regexp.MustCompile(`^r(?:\P{L}|$)`)

var clockRest = regexp.MustCompile(`^(?:[:.]\d|[ \t]*(?i:h|uhr|am|pm|kl)\b)`)

func isClock(s string) bool { return clockRest.MatchString(s) }

func (f *dateFinder) monthOf(word string) int {
	word = strings.ToLower(word)
	for _, l := range f.months {
		if i := slices.Index(l.names, word); i >= 0 {
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
func (f *dateFinder) write(w writtenDate, is, other calendarDay, locale string) string {
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
			b.WriteString(f.monthLike(old, other.month, locale))
		case p.name == 'o':
			b.WriteString(ordinalLike(old, other.day))
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

// monthLike names a month in the language and letter case of another's name; a
// name that is none of the ticket's language tells its own.
func (f *dateFinder) monthLike(old string, month int, locale string) string {
	word := strings.ToLower(old)
	found := ""
	for _, l := range f.months {
		if slices.Contains(l.names, word) && (found == "" || l.lang == text.BaseLanguage(locale)) {
			if found = l.names[month-1]; l.lang == text.BaseLanguage(locale) {
				break
			}
		}
	}
	first, _ := utf8.DecodeRuneInString(old)
	switch {
	case old == strings.ToUpper(old):
		return strings.ToUpper(found)
	case unicode.IsUpper(first):
		return capitalised(found)
	}
	return found
}

func capitalised(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// ordinalLike is what follows a day: "3rd" becomes "5th", and only the first has
// "1er".
func ordinalLike(old string, day int) string {
	switch strings.ToLower(old) {
	case "er", "re", "ère":
		return ""
	case "st", "nd", "rd", "th":
		ends := map[int]string{1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
		return cased(cmp.Or(ends[day], "th"), old)
	}
	return old
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
