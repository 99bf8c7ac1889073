package pii

import (
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
)

// birthRules find days of birth by the words around them, in one language.
type birthRules struct {
	word   pattern
	party  *regexp.Regexp // may be on the day of a journey
	travel *regexp.Regexp // between a word for birth and a date that is of something else
	link   *regexp.Regexp
	and    *regexp.Regexp
	law    *regexp.Regexp // before the day of a law
}

func newBirthRules(lang string) *birthRules {
	list := func(names ...string) string { return `(?i:` + anyOf(lang, names...) + `)` }
	word := newPattern(list("born", "birthdays"), words(lang, "born"), words(lang, "birthdays"))
	word.Longest()
	return &birthRules{
		word: word, party: regexp.MustCompile(`^` + list("birthdays") + `$`),
		travel: regexp.MustCompile(`^` + list("journeys") + `$`), and: regexp.MustCompile(`^` + list("and") + `$`),
		link: regexp.MustCompile(`^(?:` + list("and", "birth-links", "kin") + `|\d)$`),
		law:  regexp.MustCompile(list("laws") + `[ \t][^.!?\n]{0,40}$|\d/(?:19|20)\d\d[^!?\n]{0,15}$`),
	}
}

var (
	// nameBefore is a name that something before a date may be, lineOfName the same
	// as a whole line.
	nameBefore = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(wholeName() + `[ \t]*[,(:*–-]*[ \t]*$`) })
	lineOfName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[^\p{L}\d]*\r?\n[ \t]*(?:\d{1,2}[.):])?[ \t*•-]*` + wholeName() + `[ \t]*[,(:*–-]*[ \t]*$`)
	})
)

// findBirths returns the days of birth among the dates in s. names are words of names
// that are known. A date after now, when that is not zero, is none; one of old is
// one, unless anyone can read it.
func (r *rules) findBirths(s, locale string, now time.Time, names map[string]bool, public *Public) (births, others []writtenDate) {
	dates := r.dates.find(s, locale)
	if len(dates) == 0 {
		return nil, nil
	}
	told := make([]bool, len(dates))
	in := wordSet(s)
	for _, f := range r.births {
		if !f.word.mayMatch(in) {
			continue
		}
		f.mark(s, dates, told, now)
	}
	for i, d := range dates {
		told[i] = told[i] || isOfOld(d, now) && !public.Says(d.text) &&
			!slices.ContainsFunc(r.births, func(f *birthRules) bool { return f.law.MatchString(s[:d.Start]) })
	}
	joined := func(i, j int) bool {
		gap := s[dates[i].End:dates[j].Start]
		return lineOfName().MatchString(gap) || slices.ContainsFunc(r.births, func(f *birthRules) bool { return f.joins(gap, names) })
	}
	for i := 1; i < len(dates); i++ {
		told[i] = told[i] || told[i-1] && joined(i-1, i)
	}
	for i := len(dates) - 2; i >= 0; i-- {
		told[i] = told[i] || told[i+1] && joined(i, i+1)
	}
	for i, d := range dates {
		if told[i] && slices.ContainsFunc(d.readings, func(r calendarDay) bool { return !r.after(now) }) {
			births = append(births, d)
		} else {
			others = append(others, d)
		}
	}
	return births, others
}

// mark tells which dates a word for birth tells.
func (f *birthRules) mark(s string, dates []writtenDate, told []bool, now time.Time) {
	for _, w := range f.words(s) {
		next, found := slices.BinarySearchFunc(dates, w.End, func(d writtenDate, at int) int { return d.Start - at })
		party := f.party.MatchString(w.In(s))
		behind := next < len(dates) && f.reaches(w.In(s), s[w.End:dates[next].Start]) && (!party || isLongAgo(dates[next], now))
		if behind {
			told[next] = true
		}
		before := next - 1
		if found && before >= 0 && dates[before].End > w.Start {
			before--
		}
		// A date before the word is its own when none follows, or only "and …".
		if before >= 0 && !party && (!behind || f.goesOn(s[w.End:dates[next].Start])) && f.follows(s[dates[before].End:max(w.Start, dates[before].End)]) {
			told[before] = true
		}
	}
}

// isLongAgo reports whether a day with a year is not of the year of now or the
// one before.
func isLongAgo(d writtenDate, now time.Time) bool {
	return slices.ContainsFunc(d.readings, func(r calendarDay) bool {
		return r.year > 0 && (now.IsZero() || r.year < now.Year()-1) && !r.after(now)
	})
}

// oldYears is how many years ago a day is that people would hardly write about if
// nobody was born on it.
const oldYears = 16

func isOfOld(d writtenDate, now time.Time) bool {
	return !now.IsZero() && !slices.ContainsFunc(d.readings, func(r calendarDay) bool { return !r.whole() || r.year > now.Year()-oldYears })
}

func (f *birthRules) words(s string) []text.Span {
	var out []text.Span
	for _, m := range f.word.FindAllStringIndex(s, -1) {
		before, _ := utf8.DecodeLastRuneInString(s[:m[0]])
		after, _ := utf8.DecodeRuneInString(s[m[1]:])
		last, _ := utf8.DecodeLastRuneInString(s[:m[1]])
		if !isWordRune(before) && (!unicode.IsLetter(after) || last == '.') {
			out = append(out, text.Span{Start: m[0], End: m[1]})
		}
	}
	return out
}

var (
	labelEnd    = regexp.MustCompile(`^[ \t:.*|)\]–—-]*\r?\n[ \t>*|]*`)
	sentenceEnd = regexp.MustCompile(`[!?;\n]|\.[ \t]+\p{Lu}`)
	anyWord     = regexp.MustCompile(`[\p{L}\p{M}]+|\d+`)
)

// maxBetween is how many words may part a word for birth and its date, as in
// "born in Oslo on the".
const maxBetween = 5

// reaches reports whether a word for birth reaches the date behind gap, which
// may stand on the next line when nothing else does on its own.
func (f *birthRules) reaches(word, gap string) bool {
	if len(word) == 2 && strings.TrimSpace(gap) != "" { // "f." is short for many things
		return false
	}
	if label := labelEnd.FindString(gap); label != "" {
		gap = gap[len(label):]
	}
	words := anyWord.FindAllString(gap, -1)
	return len(words) <= maxBetween && !sentenceEnd.MatchString(gap) && !slices.ContainsFunc(words, func(w string) bool {
		return f.travel.MatchString(w) || len(w) > 1 && w[0] >= '0' && w[0] <= '9'
	})
}

// goesOn reports whether gap leads to something else.
func (f *birthRules) goesOn(gap string) bool {
	gap = strings.TrimLeft(gap, " \t")
	first := anyWord.FindString(gap)
	return strings.HasPrefix(gap, ",") || first != "" && strings.HasPrefix(gap, first) && f.and.MatchString(first)
}

// follows reports whether a word for birth behind gap is of the date before it,
// as in "3.4.1980 in Oslo geboren".
func (f *birthRules) follows(gap string) bool {
	words := anyWord.FindAllString(gap, -1)
	return len(words) <= 4 && !strings.ContainsAny(gap, ",:;!?\n0123456789") && !sentenceEnd.MatchString(gap) && !f.goesOn(gap) &&
		!slices.ContainsFunc(words, f.travel.MatchString)
}

// joins reports whether gap only joins two dates, as " and " does, or ", Oskar ".
func (f *birthRules) joins(gap string, names map[string]bool) bool {
	return len(gap) < 60 && !strings.ContainsAny(gap, "!?\n") && !slices.ContainsFunc(anyWord.FindAllString(gap, -1), func(w string) bool {
		return !f.link.MatchString(w) && !names[strings.ToLower(w)]
	})
}

// births are the days of birth of one ticket.
type births struct {
	dates   *dateFinder
	locale  string
	now     time.Time
	days    []*birthDay
	written map[string]writtenBirth // by squeezed text
}

// writtenBirth is a day of birth as it is written.
type writtenBirth struct {
	text string
	day  *birthDay
}

// birthDay is one day, however it is written.
type birthDay struct {
	readings  []calendarDay // those in which all ways to write it agree
	pseudonym calendarDay
}

// birthsOf finds the days of birth in what is told of a ticket, and the names that
// stand before them.
func (r *rules) birthsOf(t *Told, names []string) (b *births, before []string) {
	b = &births{dates: r.dates, locale: t.Locale, now: t.Time, written: map[string]writtenBirth{}}
	words := map[string]bool{}
	for _, n := range names {
		for _, w := range strings.Fields(strings.ToLower(n)) {
			words[w] = true
		}
	}
	for _, value := range t.Births {
		if d, ok := r.dates.whole(value, t.Locale); ok {
			b.add(d)
		}
	}
	var others []writtenDate
	for _, s := range slices.Concat(t.Texts, t.Fields) {
		found, rest := r.findBirths(s, t.Locale, t.Time, words, t.Public)
		for _, d := range found {
			b.add(d)
			if m := nameBefore().FindStringSubmatch(s[:d.Start]); m != nil {
				for _, f := range r.names {
					before = append(before, f.kin.trimmed(m[1], func(w string) bool { return f.kin.isNoun(w) || t.Public.Says(w) })...)
				}
			}
		}
		others = append(others, rest...)
	}
	b.drop(others)
	for _, d := range others {
		if same := b.dayOf(d); same != nil {
			b.written[squeezed(d.text)] = writtenBirth{d.text, same}
		}
	}
	return b, before
}

func (b *births) add(d writtenDate) {
	same := func(a calendarDay) bool { return slices.ContainsFunc(d.readings, a.agrees) }
	for _, day := range b.days {
		if slices.ContainsFunc(day.readings, same) {
			var agreed []calendarDay
			for _, r := range d.readings {
				for _, o := range day.readings {
					if r.agrees(o) {
						agreed = append(agreed, calendarDay{max(r.year, o.year), max(r.month, o.month), max(r.day, o.day)})
					}
				}
			}
			day.readings = agreed
			b.written[squeezed(d.text)] = writtenBirth{d.text, day}
			return
		}
	}
	b.days = append(b.days, &birthDay{readings: slices.Clone(d.readings)})
	b.written[squeezed(d.text)] = writtenBirth{d.text, b.days[len(b.days)-1]}
}

// drop forgets days without a year that stand in other dates, such as of a
// flight: those would go with them.
func (b *births) drop(others []writtenDate) {
	for s, w := range b.written {
		if w.day.readings[0].whole() && len(s) > 6 {
			continue
		}
		if slices.ContainsFunc(others, func(o writtenDate) bool { return strings.Contains(squeezed(o.text), s) && b.dayOf(o) == nil }) {
			delete(b.written, s)
		}
	}
}

// knows reports whether value is a day of birth.
func (b *births) knows(value string) bool { return b.written[squeezed(value)].day != nil }

// texts are the days as they are written.
func (b *births) texts() []string {
	var out []string
	for _, s := range slices.Sorted(maps.Keys(b.written)) {
		out = append(out, b.written[s].text)
	}
	return out
}

// dayOf is the day that a date with a year means, or nil.
func (b *births) dayOf(d writtenDate) *birthDay {
	for _, day := range b.days {
		for _, r := range day.readings {
			if r.whole() && slices.Contains(d.readings, r) {
				return day
			}
		}
	}
	return nil
}

// likeliest is the day that is meant: of two centuries, the later that is not to
// come.
func (d *birthDay) likeliest(now time.Time) calendarDay {
	best := d.readings[0]
	for _, r := range d.readings {
		if r.day == best.day && r.month == best.month && !r.after(now) && (r.year > best.year && r.year < 2030 || best.after(now)) {
			best = r
		}
	}
	return best
}

// pseudonym is another day in the form of value; ok is false when value is no day
// of birth. random gives chance that belongs to a day.
func (b *births) pseudonym(value string, random func(day string) *rand.Rand) (string, bool) {
	day := b.written[squeezed(value)].day
	w, ok := b.dates.whole(value, b.locale)
	if day == nil || !ok {
		return "", false
	}
	is := day.likeliest(b.now)
	if day.pseudonym == (calendarDay{}) {
		day.pseudonym = anotherDay(is, b.now, random(is.String()))
	}
	return b.dates.write(w, is, day.pseudonym), true
}

// isWhole reports whether value is a day of birth with its year.
func (b *births) isWhole(value string) bool {
	w, ok := b.dates.whole(value, b.locale)
	return ok && w.readings[0].whole()
}
