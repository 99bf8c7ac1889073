package entity

import (
	"fmt"
	"strings"
)

// digits recognises what begins with the digits at token i: a mark of a list,
// a date, a time, a code or a quantity. It returns the token after it.
func (sc *scanner) digits(i int) int {
	for _, recognise := range digitRecognisers {
		if end := recognise(sc, i); end > i {
			return end
		}
	}
	n := numeralAt(sc.f, sc.toks[i].start, sc.lang)
	end := tokenAt(sc.toks, n.end)
	return sc.quantity(i, end, n.readings)
}

// digitRecognisers are tried in this order.
var digitRecognisers = [...]func(*scanner, int) int{
	(*scanner).listMark, (*scanner).numericDate, (*scanner).asianDate, (*scanner).asianHour, (*scanner).dayAndMonth,
	(*scanner).clock, (*scanner).dotted, (*scanner).slashed, (*scanner).code,
}

// listMark skips "1." or "2)" at the beginning of a line, also after a
// Markdown quote or heading mark.
func (sc *scanner) listMark(i int) int {
	if len(sc.toks[i].lower) > 3 || !sc.touches(i+1) || !sc.is(i+1, ".") && !sc.is(i+1, ")") {
		return 0
	}
	if i+2 < len(sc.toks) && sc.touches(i+2) || !sc.startsLine(i) {
		return 0
	}
	if i+2 < len(sc.toks) && sc.kindAt(i+2) == tokWord && sc.near(i+2) {
		if m, _ := Month(sc.toks[i+2].lower, sc.raw(i+2), sc.lang); m > 0 {
			return 0
		}
	}
	return i + 2
}

func (sc *scanner) startsLine(i int) bool {
	line := sc.s[strings.LastIndexByte(sc.s[:sc.toks[i].start], '\n')+1 : sc.toks[i].start]
	return len(line) < 16 && strings.Trim(line, " \t>#*_(") == ""
}

// numericDate reads "3.5.2026", "2026-05-03", "03/05/26" and, where points part
// days from months, "3.5.".
func (sc *scanner) numericDate(i int) int {
	if len(sc.toks[i].lower) > 4 || sc.touches(i) && i > 0 && isDateSeparator(sc.toks[i-1].lower) && sc.kindAt(i-2) == tokDigits && sc.touches(i-1) {
		return 0
	}
	sep, b := sc.dateSeparator(i)
	if b == 0 {
		return 0
	}
	sep2, c := sc.dateSeparator(b)
	if c == 0 || sep2 != sep {
		return sc.dottedDay(i, b, sep)
	}
	if s3, d := sc.dateSeparator(c); d != 0 && s3 == sep && sc.toks[d].start-sc.toks[c].end == 1 {
		return 0 // a version or a phone number
	}
	readings := numericDates(sc.toks[i].lower, sc.toks[b].lower, sc.toks[c].lower, sep, sc.locale)
	if len(readings) == 0 {
		return 0
	}
	fig := sc.add(Date, i, c+1, readings)
	var y, m, d int
	if _, err := fmt.Sscanf(readings[0], "%d-%d-%d", &y, &m, &d); err == nil {
		fig.dates = []dateParts{{y, m, d}}
	}
	if sc.is(c+1, "t") && sc.touches(c+1) && sc.touches(c+2) {
		return c + 2
	}
	return c + 1
}

func isDateSeparator(mark string) bool { return mark == "." || mark == "/" || mark == "-" }

// dateSeparator returns what parts the digits at i from further digits, and the
// token of these; 0 when nothing does. Points may be followed by a blank.
func (sc *scanner) dateSeparator(i int) (sep byte, next int) {
	if i+2 >= len(sc.toks) || !sc.touches(i+1) || sc.kindAt(i+2) != tokDigits {
		return 0, 0
	}
	switch m := sc.toks[i+1].lower; m {
	case "-", "/":
		if sc.touches(i + 2) {
			return m[0], i + 2
		}
	case ".":
		if sc.touches(i+2) || sc.near(i+2) && len(sc.toks[i].lower) <= 2 && sc.lang != "en" {
			return '.', i + 2
		}
	}
	return 0, 0
}

// dottedDay reads "3.5." as a day and month, or a decimal at the end of a
// sentence.
func (sc *scanner) dottedDay(a, b int, sep byte) int {
	if sep != '.' || !sc.touches(b) || !sc.is(b+1, ".") || !sc.touches(b+1) || !isHabit("pointed-day", sc.lang) {
		return 0
	}
	day := dateReading(0, atoiShort(sc.toks[b].lower), atoiShort(sc.toks[a].lower))
	if day == "" || len(sc.toks[b].lower) > 2 {
		return 0
	}
	sc.add(Date, a, b+1, []string{day, plainNumber(sc.toks[a].lower, sc.toks[b].lower)})
	return b + 2
}

// asianDate reads "2026年5月3日" and "5月3日".
func (sc *scanner) asianDate(i int) int {
	if !sc.touches(i+1) || sc.kindAt(i+1) != tokWord {
		return 0
	}
	year, m := 0, i
	if strings.HasPrefix(sc.toks[i+1].lower, "年") && sc.kindAt(i+2) == tokDigits && sc.touches(i+2) {
		year, m = atoiShort(sc.toks[i].lower), i+2
	}
	if m+1 >= len(sc.toks) || !strings.HasPrefix(sc.toks[m+1].lower, "月") {
		return 0
	}
	day, end := 0, m+2
	if sc.kindAt(m+2) == tokDigits && sc.touches(m+2) && m+3 < len(sc.toks) && (strings.HasPrefix(sc.toks[m+3].lower, "日") || strings.HasPrefix(sc.toks[m+3].lower, "号")) {
		day, end = atoiShort(sc.toks[m+2].lower), m+4
	}
	reading := dateReading(year, atoiShort(sc.toks[m].lower), day)
	if reading == "" {
		return 0
	}
	sc.add(Date, i, end, []string{reading})
	return end
}

// asianHour reads "14時" and "14時30分".
func (sc *scanner) asianHour(i int) int {
	w := ""
	if sc.touches(i + 1) {
		w = sc.toks[i+1].lower
	}
	hour := atoiShort(sc.toks[i].lower)
	if !strings.HasPrefix(w, "時") && !strings.HasPrefix(w, "点") || strings.HasPrefix(w, "時間") || hour < 0 || hour > 24 {
		return 0
	}
	minute, end := 0, i+2
	if len(w) == len("時") && sc.kindAt(i+2) == tokDigits && sc.touches(i+2) && i+3 < len(sc.toks) && strings.HasPrefix(sc.toks[i+3].lower, "分") {
		minute, end = atoiShort(sc.toks[i+2].lower), i+4
	}
	if minute < 0 || minute > 59 {
		return 0
	}
	sc.add(Time, i, end, []string{clockReading(hour, minute)})
	return end
}

// dayAndMonth reads "3 May 2026", "3rd of May", "3. Mai", "3 de mayo de 2026".
func (sc *scanner) dayAndMonth(i int) int {
	day := atoiShort(sc.toks[i].lower)
	if len(sc.toks[i].lower) > 2 || day < 1 || day > 31 {
		return 0
	}
	j := sc.afterOrdinal(i + 1)
	for range 2 {
		if j < len(sc.toks) && sc.near(j) && (sc.is(j, "'") || sc.is(j, ".") || sc.isOneOf(words().beforeMonth, j)) {
			j++
		}
	}
	if j >= len(sc.toks) || !sc.near(j) || sc.kindAt(j) != tokWord {
		return 0
	}
	month, _ := Month(sc.toks[j].lower, sc.raw(j), sc.lang)
	if month == 0 {
		return 0
	}
	year, end := sc.yearAfter(j + 1)
	if dateReading(year, month, day) == "" {
		return 0
	}
	fig := sc.add(Date, i, end, []string{dateReading(year, month, day)})
	fig.dates = []dateParts{{year, month, day}}
	return end
}

// afterOrdinal skips what marks an ordinal after digits: "3rd", "3.", "1er",
// "1:a", "3º".
func (sc *scanner) afterOrdinal(j int) int {
	if j >= len(sc.toks) || !sc.touches(j) {
		return j
	}
	switch w := sc.toks[j].lower; {
	case w == "." || w == "º" || w == "ª" || w == "°":
		return j + 1
	case sc.kindAt(j) == tokWord && words().ordinals.has(w):
		return j + 1
	case w == ":" && sc.touches(j+1) && (sc.is(j+1, "a") || sc.is(j+1, "e")):
		return j + 2
	}
	return j
}

// yearAfter reads a year that follows a month, and returns the token after the
// date. A two-digit year needs an apostrophe.
func (sc *scanner) yearAfter(j int) (year, end int) {
	k := j
	for range 2 {
		if k < len(sc.toks) && (sc.near(k) || sc.touches(k)) && (sc.is(k, ".") || sc.is(k, ",") || sc.isOneOf(words().beforeYear, k)) {
			k++
		}
	}
	if sc.is(k, "'") && sc.kindAt(k+1) == tokDigits && sc.touches(k+1) && len(sc.toks[k+1].lower) == 2 {
		return fullYear(sc.toks[k+1].lower), k + 2
	}
	if sc.kindAt(k) != tokDigits || !sc.near(k) || !isYear(sc.toks[k].lower) {
		return 0, j
	}
	// "3 May 2000 passengers" can't be told from a year; "3 May 2,000" can.
	if sc.touches(k+1) && sc.kindAt(k+2) == tokDigits && sc.touches(k+2) && (sc.is(k+1, ".") || sc.is(k+1, ",") || sc.is(k+1, ":")) {
		return 0, j
	}
	return atoiShort(sc.toks[k].lower), k + 1
}

// clock reads "14:30", "2:30 pm", "14.30 Uhr", "14h30", "2 pm" and "kl. 14".
func (sc *scanner) clock(i int) int {
	hour := atoiShort(sc.toks[i].lower)
	if len(sc.toks[i].lower) > 2 || hour < 0 || hour > 24 {
		return 0
	}
	minute, end, colon := sc.minutes(i)
	if end > 0 && !colon && !sc.isClock(i, end) { // "14.30" may be a decimal
		return 0
	}
	if end == 0 {
		return sc.fullHour(i, hour)
	}
	half, after := sc.halfDay(end)
	if half == 0 && sc.isHourMark(end) {
		after = end + 1
	}
	readings := clockReadings(hour, minute, half, sc.lang, len(sc.toks[i].lower) == 2 && hour < 10)
	if len(readings) == 0 {
		return 0
	}
	if sc.is(i+1, "h") {
		readings = append(readings, times(plus(itoa(hour*60), itoa(minute)), 60)+" s")
	}
	sc.add(Time, i, after, readings)
	return after
}

// minutes reads the minutes after an hour, and whether a colon or an "h" makes
// them unmistakable. end is 0 when there are none.
func (sc *scanner) minutes(i int) (minute, end int, sure bool) {
	if !sc.touches(i+1) || !sc.touches(i+2) || sc.kindAt(i+2) != tokDigits || len(sc.toks[i+2].lower) != 2 {
		return 0, 0, false
	}
	minute = atoiShort(sc.toks[i+2].lower)
	if minute > 59 {
		return 0, 0, false
	}
	end = i + 3
	switch sc.toks[i+1].lower {
	case ":":
		if sc.is(end, ":") && sc.touches(end) && sc.kindAt(end+1) == tokDigits && sc.touches(end+1) && len(sc.toks[end+1].lower) == 2 {
			end += 2 // seconds
		}
		return minute, end, true
	case "h":
		return minute, end, true
	case ".":
		if sc.is(end, ".") && sc.touches(end) && sc.kindAt(end+1) == tokDigits && sc.touches(end+1) {
			return 0, 0, false
		}
		return minute, end, false
	}
	return 0, 0, false
}

// isClock reports whether a word beside tokens i up to end says that they are
// a time of day.
func (sc *scanner) isClock(i, end int) bool {
	if half, _ := sc.halfDay(end); half != 0 || sc.isHourMark(end) {
		return true
	}
	return sc.isClockWord(i-1) || sc.is(i-1, ".") && sc.isClockWord(i-2)
}

func (sc *scanner) isClockWord(i int) bool {
	return sc.isOneOf(words().clocks, i)
}

// isHourMark reports words after a time of day: "Uhr", "uur", "h".
func (sc *scanner) isHourMark(i int) bool {
	return sc.near(i) && (sc.is(i, "h") || sc.isOneOf(words().hourMarks, i))
}

// halfDay reads "am" or "p.m." at token i: 1 for the morning, 2 for the
// afternoon, 0 when there is none; after is the token behind it.
func (sc *scanner) halfDay(i int) (half, after int) {
	if i >= len(sc.toks) || !sc.near(i) {
		return 0, i
	}
	half = map[string]int{"am": 1, "pm": 2, "a": 1, "p": 2}[sc.toks[i].lower]
	switch {
	case half == 0:
		return 0, i
	case len(sc.toks[i].lower) == 2:
		return half, i + 1
	case sc.is(i+1, ".") && sc.touches(i+1) && sc.is(i+2, "m") && sc.near(i+2):
		if sc.is(i+3, ".") && sc.touches(i+3) {
			return half, i + 4
		}
		return half, i + 3
	case sc.is(i+1, "m") && sc.near(i+1):
		return half, i + 2
	}
	return 0, i
}

// fullHour reads a time of day without minutes.
func (sc *scanner) fullHour(i, hour int) int {
	if half, after := sc.halfDay(i + 1); half != 0 && hour > 0 && hour <= 12 && (half == 1 && len(sc.toks[i+1].lower) == 2 || half == 2 || after > i+2) {
		sc.add(Time, i, after, clockReadings(hour, 0, half, sc.lang, false))
		return after
	}
	if sc.is(i+1, "o") && sc.near(i+1) && sc.is(i+2, "'") && sc.is(i+3, "clock") {
		sc.add(Time, i, i+4, clockReadings(hour, 0, 0, "en", false))
		return i + 4
	}
	if i+1 < len(sc.toks) && sc.near(i+1) {
		switch sc.toks[i+1].lower {
		case "uhr":
			fig := sc.add(Time, i, i+2, []string{clockReading(hour, 0)})
			fig.numbers, fig.measure = []string{itoa(hour)}, &measure{kind: Time}
			return i + 2
		case "h", "uur":
			return sc.hourOrHours(i, hour)
		}
	}
	if _, isUnit := sc.measureAfter(i+1, 2); isUnit == 0 && (sc.isClockWord(i-1) || sc.is(i-1, ".") && sc.isClockWord(i-2)) && !sc.touches(i+2) {
		sc.add(Time, i, i+1, []string{clockReading(hour, 0)})
		return i + 1
	}
	return 0
}

// hourOrHours reads "8 h", "8 h 30" and "8 uur", which may be times of day or
// lengths of time.
func (sc *scanner) hourOrHours(i, hour int) int {
	if sc.is(i+1, "h") && sc.kindAt(i+2) == tokDigits && sc.near(i+2) && !sc.touches(i+2) && len(sc.toks[i+2].lower) == 2 && atoiShort(sc.toks[i+2].lower) < 60 {
		minute := atoiShort(sc.toks[i+2].lower)
		sc.add(Time, i, i+3, []string{clockReading(hour, minute), itoa(hour*3600+minute*60) + " s"})
		return i + 3
	}
	length := []string{itoa(hour) + " h", itoa(hour*3600) + " s"}
	if hour == 24 || sc.lang == "de" || sc.lang == "en" || sc.lang == "pl" {
		sc.add(Duration, i, i+2, append(length, clockReading(hour, 0)))
	} else {
		sc.add(Time, i, i+2, append([]string{clockReading(hour, 0)}, length...))
	}
	return i + 2
}

func clockReading(hour, minute int) string { return fmt.Sprintf("%02d:%02d", hour%24, minute) }

// clockReadings are the times of day that an hour and minute may mean; without
// "am" or "pm", an English "2:30" may be either.
func clockReadings(hour, minute, half int, lang string, padded bool) []string {
	switch {
	case hour == 24 && minute > 0:
		return nil
	case half == 1:
		return []string{clockReading(hour%12, minute)}
	case half == 2:
		return []string{clockReading(hour%12+12, minute)}
	case lang == "en" && !padded && hour >= 1 && hour <= 12:
		return []string{clockReading(hour, minute), clockReading((hour+12)%24, minute)}
	}
	return []string{clockReading(hour, minute)}
}

// dotted reads versions: "4.1.1.2".
func (sc *scanner) dotted(i int) int {
	parts, grouped := 1, true
	end := i + 1
	for sc.is(end, ".") && sc.touches(end) && sc.kindAt(end+1) == tokDigits && sc.touches(end+1) {
		if len(sc.toks[end+1].lower) != 3 {
			grouped = false
		}
		parts++
		end += 2
	}
	if parts < 3 || grouped && len(sc.toks[i].lower) <= 3 {
		return 0
	}
	sc.add(Code, i, end, []string{sc.s[sc.toks[i].start:sc.toks[end-1].end]})
	return end
}

// slashed reads "261/2004", "24/7" and "1/2".
func (sc *scanner) slashed(i int) int {
	if !sc.is(i+1, "/") || !sc.touches(i+1) || sc.kindAt(i+2) != tokDigits || !sc.touches(i+2) {
		return 0
	}
	a, b := sc.toks[i].lower, sc.toks[i+2].lower
	if sc.is(i+3, "/") && sc.touches(i+3) && sc.kindAt(i+4) == tokDigits {
		return 0
	}
	if len(a) > 6 || len(b) > 6 {
		return 0
	}
	values := []string{a + "/" + b}
	if len(b) == 4 && isYear(b) && len(a) <= 2 {
		values = append(values, dateReading(atoiShort(b), atoiShort(a), 0))
	}
	if len(a) <= 2 && len(b) <= 2 {
		values = append(values, quotient(a, b))
		values = append(values, dayMonthReadings(a, b)...)
	}
	if prefix := sc.actPrefix(i - 1); prefix != "" {
		values = append(values, prefix+a)
	}
	if m, end := sc.measureAfter(i+3, 2); end > 0 && len(b) == 1 {
		if q := quotient(a, b); q != "" {
			fig := sc.add(m.kind, i, end, append(m.readings([]string{q}), values[0]))
			fig.measure = m
			return end
		}
	}
	sc.add(Code, i, i+3, values)
	return i + 3
}
