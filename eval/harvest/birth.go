package harvest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

// birthFinder finds days of birth by the words around them, in ten languages.
type birthFinder struct {
	dates  *dateFinder
	kin    *kinFinder
	word   *regexp.Regexp
	party  *regexp.Regexp
	travel *regexp.Regexp
	link   *regexp.Regexp
	law    *regexp.Regexp // before the day of a law
	// name is a name that something before a date may be the whole line of.
	name, line *regexp.Regexp
}

func newBirthFinder(kinFinder *kinFinder) *birthFinder {
	const (
		born = `born|(?:date|place and date) of (?:my |his |her |their )?births?|dates of birth|birth[ _-]?dates?|births?|d\.?[ \t]?o\.?[ \t]?b\.?s?|` +
			`geb\.?|geboren\p{L}*|geb(?:urts)?[.-]{0,2}dat(?:um|en|a|ums)?\.?|` +
			`geboorte(?:datum|data|dag)|geb\.?[ \t]?dat\.?|` +
			`fød(?:t|d)|født den|fødsels(?:dato\p{L}*|dag\p{L}*)|f[øo]dt|f\.|född[ae]?|fött|födelse(?:datum\p{L}*|dag\p{L}*|data)|fodelsedatum|` +
			`née?s?|né\(e\)s?|nee? le|naissances?|naquit|` +
			`nacid[oa]s?|naci[oó]|nací|nacieron|(?:fecha[ \t]+de[ \t]+)?(?:nacimientos?|nac\.)|f(?:ec)?\.?[ \t]?(?:de[ \t])?nac\.?|` +
			`nascid[oa]s?|nasceu|nasci|nasceram|nascimentos?|nasc\.?|` +
			`nat[oa]|nati|nate il|nascit[ae]|nacque|` +
			`ur\.|urodz(?:on[yaei]|eni|ił|iła|iłam|iłem|ili|iły|enia|eniu)|urodzin`
		// A party may be on the day of a journey.
		party = `birthdays?|geburtstag\p{L}*|verjaardag|bursdag\p{L}*|fødselsdag\p{L}*|födelsedag\p{L}*|anniversaire|cumpleaños|aniversário|compleanno|urodziny`
		// travel are beginnings of words between a word for birth and a date that
		// is of something else.
		travel = `fly|flie|flight|flew|flug|flyr|fløy|flög|vol(?:s|o|ons|are|amo|iamo)?$|vuel|vol[aoe]|vlieg|vlucht|lot(?:u|em|y)?$|leci|voo|voa|book|gebuch|buch|reserv|réserv|prenot|rezerw|boek|bestil|bestäl|` +
			`travel|trip|reis|res[ao]r?$|viaj|viag|voyag|podró|depart|abflug|abreis|ankunft|arriv|ankom|vertrek|avrei|avres|avgang|avgång|salid|partid|partenz|wylot|ticket|bill|since|seit$|depuis|desde|dal$|sinds|siden|sedan$|until|live|wohn|paid|refund`
		link = `and|und|y|e|et|en|og|och|i|oraz|or|oder|resp|bzw|the|der|die|on|am|le|el|il|op|den|dnia|r`
	)
	bordered := func(words string) *regexp.Regexp {
		r := regexp.MustCompile(`(?i)` + words)
		r.Longest()
		return r
	}
	return &birthFinder{
		dates: newDateFinder(), kin: kinFinder, word: bordered(born + `|` + party), party: bordered(`^(?:` + party + `)$`),
		travel: regexp.MustCompile(`(?i)^(?:` + travel + `)`), link: regexp.MustCompile(`(?i)^(?:` + link + `|` + kin() + `|\d)$`),
		law: regexp.MustCompile(`(?i)(?:regulation|directive|convention|verordnung|richtlinie|übereinkommen|abkommen|gesetz|règlement|loi|reglamento|convenio|ley|regolamento|` +
			`convenzione|legge|verordening|verdrag|forordning|förordning|konvensjon|konvention|rozporządzeni\p{L}*|konwencj\p{L}*|regulamento|convenção|lei)[ \t][^.!?\n]{0,40}$|\d/(?:19|20)\d\d[^!?\n]{0,15}$`),
		name: regexp.MustCompile(wholeName + `[ \t]*[,(:*–-]*[ \t]*$`),
		line: regexp.MustCompile(`^[^\p{L}\d]*\r?\n[ \t]*(?:\d{1,2}[.):])?[ \t*•-]*` + wholeName + `[ \t]*[,(:*–-]*[ \t]*$`),
	}
}

// find returns the days of birth among the dates in s. names are words of names
// that are known. A date after now, when that is not zero, is none; one of old is
// one, unless an article says it.
func (f *birthFinder) find(s, locale string, now time.Time, names map[string]bool, public *Public) (births, others []writtenDate) {
	dates := f.dates.find(s, locale)
	told := make([]bool, len(dates))
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
	for i, d := range dates {
		told[i] = told[i] || isOfOld(d, now) && !public.says(d.text) && !f.law.MatchString(s[:d.Start])
	}
	joined := func(i, j int) bool { return f.joins(s[dates[i].End:dates[j].Start], names) }
	for i := 1; i < len(dates); i++ {
		told[i] = told[i] || told[i-1] && joined(i-1, i)
	}
	for i := len(dates) - 2; i >= 0; i-- {
		told[i] = told[i] || told[i+1] && joined(i, i+1)
	}
	for i, d := range dates {
		if told[i] && !slices.ContainsFunc(d.readings, func(r calendarDay) bool { return !r.after(now) }) {
			told[i] = false
		}
		if told[i] {
			births = append(births, d)
		} else {
			others = append(others, d)
		}
	}
	return births, others
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

func (f *birthFinder) words(s string) []text.Span {
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
func (f *birthFinder) reaches(word, gap string) bool {
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
func (f *birthFinder) goesOn(gap string) bool {
	gap = strings.TrimLeft(gap, " \t")
	first := anyWord.FindString(gap)
	joining := []string{"and", "und", "y", "e", "et", "en", "og", "och", "i", "oraz"}
	return strings.HasPrefix(gap, ",") || first != "" && strings.HasPrefix(gap, first) && slices.Contains(joining, strings.ToLower(first))
}

// follows reports whether a word for birth behind gap is of the date before it,
// as in "3.4.1980 in Oslo geboren".
func (f *birthFinder) follows(gap string) bool {
	words := anyWord.FindAllString(gap, -1)
	return len(words) <= 4 && !strings.ContainsAny(gap, ",:;!?\n0123456789") && !sentenceEnd.MatchString(gap) && !f.goesOn(gap) &&
		!slices.ContainsFunc(words, f.travel.MatchString)
}

// joins reports whether gap only joins two dates, as " and " does, or ", Oskar ".
func (f *birthFinder) joins(gap string, names map[string]bool) bool {
	if f.line.MatchString(gap) {
		return true
	}
	return len(gap) < 60 && !strings.ContainsAny(gap, "!?\n") && !slices.ContainsFunc(anyWord.FindAllString(gap, -1), func(w string) bool {
		return !f.link.MatchString(w) && !names[strings.ToLower(w)]
	})
}

// births are the days of birth of one ticket.
type births struct {
	finder  *birthFinder
	locale  string
	now     time.Time
	days    []*birthDay
	written map[string]writtenBirth // by squeezed text
	names   []string                // that stand before a day
}

// writtenBirth is a day of birth as it is written.
type writtenBirth struct {
	text string
	day  *birthDay
}

// birthDay is one day, however it is written.
type birthDay struct {
	readings []calendarDay // those in which all ways to write it agree
	standIn  calendarDay
}

// ofTicket finds the days of birth in facts and texts.
func (f *birthFinder) ofTicket(h *suggest.AskHistory, locale string, texts, names []string, public *Public) *births {
	b := &births{finder: f, locale: locale, now: h.Time, written: map[string]writtenBirth{}}
	words := map[string]bool{}
	for _, n := range names {
		for _, w := range strings.Fields(strings.ToLower(n)) {
			words[w] = true
		}
	}
	for _, fact := range h.Ticket.Facts {
		if birthFact.MatchString(fact.Name) {
			if d, ok := f.dates.whole(suggest.FactValue(fact), locale); ok {
				b.add(d)
			}
		}
		if fact.Text != "" {
			texts = append(slices.Clip(texts), fact.Name+": "+fact.Text)
		}
	}
	var others []writtenDate
	for _, t := range texts {
		found, rest := f.find(t, locale, b.now, words, public)
		for _, d := range found {
			b.add(d)
			if m := f.name.FindStringSubmatch(t[:d.Start]); m != nil {
				b.names = append(b.names, f.kin.trimmed(m[1], func(w string) bool { return f.kin.noun.MatchString(w) || public.says(w) })...)
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
	return b
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

// standIn is another day in the form of value; ok is false when value is no day
// of birth.
func (b *births) standIn(value string, s *standIns) (string, bool) {
	day := b.written[squeezed(value)].day
	w, ok := b.finder.dates.whole(value, b.locale)
	if day == nil || !ok {
		return "", false
	}
	is := day.likeliest(b.now)
	if day.standIn == (calendarDay{}) {
		day.standIn = anotherDay(is, b.now, s.chance(KindDate, is.String()))
	}
	return b.finder.dates.write(w, is, day.standIn, b.locale), true
}
