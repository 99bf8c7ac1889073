package entity

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
)

// word recognises what begins with the word at token i and returns the token
// after it.
func (sc *scanner) word(i int) int {
	if sc.touches(i+1) && sc.kindAt(i+1) == tokDigits {
		if _, ok := currencyOf(sc.toks[i].lower, sc.raw(i)); ok || sc.is(i, "x") {
			return i + 1
		}
	}
	if end := sc.code(i); end > i {
		return end
	}
	if end := sc.flight(i); end > i {
		return end
	}
	if !words().telling.has(sc.toks[i].lower) {
		return i + 1 // most words are
	}
	if end := sc.monthFirst(i); end > i {
		return end
	}
	if end := sc.weekday(i); end > i {
		return end
	}
	if end := sc.timeWord(i); end > i {
		return end
	}
	if end := sc.halfUnit(i); end > i {
		return end
	}
	return max(sc.spelled(i), i+1)
}

// code reads a token of letters and digits: "SK1234", "A320-200", "COVID-19".
func (sc *scanner) code(i int) int {
	if sc.kindAt(i) == tokDigits {
		if !sc.touches(i+1) || sc.kindAt(i+1) != tokWord || sc.endsQuantity(i+1) {
			return 0
		}
	} else if !sc.touches(i+1) || sc.kindAt(i+1) != tokDigits && !sc.isCapitalDash(i) {
		return 0
	}
	end, letters, digits := i, false, false
	for end < len(sc.toks) && (end == i || sc.touches(end)) {
		t := &sc.toks[end]
		switch {
		case t.kind == tokDigits:
			digits = true
		case t.kind == tokWord && !isAsian(t.lower):
			letters = true
		case (t.lower == "-" || t.lower == "_") && sc.touches(end+1) && sc.continuesCode(end+1):
		default:
			t = nil
		}
		if t == nil {
			break
		}
		end++
	}
	if !letters || !digits {
		return 0
	}
	value := codeValue(sc.s[sc.toks[i].start:sc.toks[end-1].end])
	if len(value) == 2 && sc.isDesignator(end) {
		value += sc.toks[end].lower
		end++
	}
	values := []string{value}
	if prefix := value[:min(2, len(value))]; isCode("act", prefix) && text.AllDigits(value[len(prefix):]) {
		values = []string{"EU" + value[len(prefix):]}
	}
	sc.add(Code, i, end, values)
	return end
}

func codeValue(raw string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == '_' {
			return -1
		}
		return r
	}, raw))
}

// isCapitalDash reports "COVID-19": a word in capitals, a dash and digits.
func (sc *scanner) isCapitalDash(i int) bool {
	return sc.is(i+1, "-") && sc.kindAt(i+2) == tokDigits && sc.touches(i+2) && utf8.RuneCountInString(sc.raw(i)) > 1 && sc.raw(i) == strings.ToUpper(sc.toks[i].lower)
}

func (sc *scanner) continuesCode(i int) bool {
	return sc.kindAt(i) == tokDigits || sc.kindAt(i) == tokWord && sc.raw(i) == strings.ToUpper(sc.toks[i].lower)
}

// endsQuantity reports whether the word at i, which touches digits, belongs to
// a quantity rather than to a code: "23kg", "10k", "1st", "55x40".
func (sc *scanner) endsQuantity(i int) bool {
	w := sc.toks[i].lower
	if w == "x" || w == "h" || isAsian(w) || words().magnitudes[w] > 0 && !sc.glued(i+1) {
		return true
	}
	if _, end := sc.measureAfter(i, 0); end > 0 {
		return !sc.glued(end)
	}
	if half, _ := sc.halfDay(i); half != 0 {
		return true
	}
	return words().ordinals.has(w) && sc.raw(i) == w && !sc.glued(i+1)
}

func isAsian(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return text.IsAsian(r)
}

// isDesignator reports whether the digits at i, after an airline's designator,
// are a flight number.
func (sc *scanner) isDesignator(i int) bool {
	if sc.kindAt(i) != tokDigits || sc.touches(i) || !sc.near(i) || len(sc.toks[i].lower) > 4 || sc.touches(i+1) && sc.kindAt(i+2) == tokDigits {
		return false
	}
	_, end := sc.measureAfter(i+1, 2)
	return end == 0
}

// flight reads "SK 1234" and "EC 261": two capitals and a number.
func (sc *scanner) flight(i int) int {
	raw := sc.raw(i)
	if len(raw) != 2 || raw != strings.ToUpper(raw) || !text.IsASCIIAlnum(raw) || isCode("no-airline", raw) || !sc.isDesignator(i+1) {
		return 0
	}
	if isCode("act", raw) {
		raw = "EU"
	}
	sc.add(Code, i, i+2, []string{raw + sc.toks[i+1].lower})
	return i + 2
}

// actPrefix looks for such an abbreviation among the tokens up to j, as in
// "(EC) No 261/2004".
func (sc *scanner) actPrefix(j int) string {
	for k := j; k >= 0 && k > j-5; k-- {
		if sc.kindAt(k) == tokWord && isCode("act", sc.raw(k)) {
			return "EU"
		}
	}
	return ""
}

// monthFirst reads "May 3, 2026", "May 2026" and a month alone.
func (sc *scanner) monthFirst(i int) int {
	month, alone := Month(sc.toks[i].lower, sc.raw(i), sc.lang)
	if month == 0 {
		return 0
	}
	j := i + 1
	if sc.is(j, ".") && sc.touches(j) {
		j++
	}
	if sc.kindAt(j) == tokDigits && sc.near(j) && sc.raw(i) != sc.toks[i].lower {
		if day := atoiShort(sc.toks[j].lower); len(sc.toks[j].lower) <= 2 && !sc.startsTime(j) {
			k := j + 1
			if sc.touches(k) && sc.kindAt(k) == tokWord && words().ordinals.has(sc.toks[k].lower) {
				k++
			}
			year, end := sc.yearAfter(k)
			if reading := dateReading(year, month, day); reading != "" && day > 0 {
				sc.add(Date, i, end, []string{reading}).dates = []dateParts{{year, month, day}}
				return end
			}
		}
	}
	if year, end := sc.yearAfter(i + 1); year > 0 {
		sc.add(Date, i, end, []string{dateReading(year, month, 0)})
		return end
	}
	if alone || sc.isInMonth(i) {
		sc.add(Date, i, i+1, []string{dateReading(0, month, 0)})
		return i + 1
	}
	return 0
}

// startsTime reports whether the digits at j begin a time of day.
func (sc *scanner) startsTime(j int) bool {
	return sc.touches(j+1) && (sc.is(j+1, ":") || sc.is(j+1, "h"))
}

// isInMonth reports whether a word that may be a month stands where only a
// month can: "in May", "until March".
func (sc *scanner) isInMonth(i int) bool {
	if len(sc.toks[i].lower) < 3 || i == 0 || sc.raw(i) == sc.toks[i].lower {
		return false
	}
	_, ok := words().inMonth[sc.lang][sc.toks[i-1].lower]
	return ok
}

func (sc *scanner) weekday(i int) int {
	if d := words().weekdays[sc.toks[i].lower]; d > 0 {
		sc.add(Date, i, i+1, []string{"wd:" + itoa(d)})
		return i + 1
	}
	if sc.is(i+1, "-") && sc.touches(i+1) && sc.touches(i+2) {
		if d := words().weekdays[sc.toks[i].lower+"-"+sc.toks[i+2].lower]; d > 0 {
			sc.add(Date, i, i+3, []string{"wd:" + itoa(d)})
			return i + 3
		}
	}
	return 0
}

// timeWord reads words that are a time of day or a length of time.
func (sc *scanner) timeWord(i int) int {
	values := words().times[sc.toks[i].lower]
	if len(values) == 0 {
		return 0
	}
	kind := Time
	if len(values) > 1 {
		kind = Duration
	}
	sc.add(kind, i, i+1, slices.Clone(values))
	return i + 1
}

// timeReadings are the readings of a time of day or a length of time.
func (v *vocabulary) timeReadings(s string) []string {
	n, name, ok := strings.Cut(s, " ")
	if !ok {
		return []string{s}
	}
	u := v.measures[name]
	return []string{s, times(n, u.times) + " " + u.base}
}

// halfUnit reads "half an hour", "eine halbe Stunde", "mezz'ora", "demi-heure".
func (sc *scanner) halfUnit(i int) int {
	if !words().halves.has(sc.toks[i].lower) {
		return 0
	}
	j := i + 1
	if sc.is(j, "a") || sc.is(j, "an") || (sc.is(j, "'") || sc.is(j, "-")) && sc.touches(j) {
		j++
	}
	if j >= len(sc.toks) || !sc.near(j) {
		return 0
	}
	if end := sc.halfBefore(i, j); end > 0 {
		return end
	}
	u, ok := unitOf(sc.toks[j].lower, sc.unitLang(j))
	if !ok || !u.timey && u.base == "" {
		return 0
	}
	m := measure{kind: kindOfUnit(u), unit: u}
	sc.add(m.kind, i, j+1, m.readings([]string{"0.5"}))
	return j + 1
}

// halfBefore reads "halb acht", half an hour before eight.
func (sc *scanner) halfBefore(i, j int) int {
	if !isHabit("half-before", sc.lang) {
		return 0
	}
	hour, end := atoiShort(sc.toks[j].lower), j+1
	if sc.kindAt(j) == tokWord {
		hour, end = sc.numberPhrase(words().numbers[sc.lang], j)
	} else if sc.kindAt(j) != tokDigits {
		return 0
	}
	if end == 0 || hour < 1 || hour > 12 {
		return 0
	}
	if _, after := sc.measureAfter(end, 2); after > 0 && !sc.isHourMark(end) {
		return 0
	}
	sc.add(Time, i, end, []string{clockReading(hour+11, 30), clockReading(hour+23, 30)})
	return end
}

// unitLang reads "ora" in "mezz'ora" whatever the text's language is.
func (sc *scanner) unitLang(j int) string {
	if sc.is(j-2, "mezz") {
		return "it"
	}
	return sc.lang
}

// spelled reads a number in words. "One" and articles count only before a
// unit or currency.
func (sc *scanner) spelled(i int) int {
	number, end, doubtful := sc.numberInWords(i)
	if end == 0 {
		return 0
	}
	if doubtful && !sc.isAndHalf(end) {
		m, after := sc.measureAfter(end, 2)
		if after == 0 || m.kind == Percent || m.unit.name == "s" || m.unit.name == "min" && number == "1" || m.kind == Number && len(sc.toks[after-1].lower) < 2 {
			return 0
		}
	}
	return sc.quantity(i, end, []string{number})
}

// numberInWords reads the number that begins with the word at i. end is 0 when
// none does; doubtful says that the word may be something else.
func (sc *scanner) numberInWords(i int) (number string, end int, doubtful bool) {
	if n := words().numbersAndHalf[sc.toks[i].lower]; n != "" {
		return n, i + 1, false
	}
	numbers := words().numbers[sc.lang]
	if numbers == nil {
		numbers = words().numbers["en"]
	}
	total, current, parts := 0, 0, 0
	for j := i; j < len(sc.toks); {
		v, next := sc.numberPhrase(numbers, j)
		if next == 0 && parts > 0 && current%100 == 0 && sc.is(j, numbers.and) {
			v, next = sc.numberPhrase(numbers, j+1)
		}
		if next == 0 {
			break
		}
		switch {
		case v >= 1000 && total < v*1000:
			total, current = total+max(current, 1)*v, 0
		case v == 100 && current < 10:
			current = max(current, 1) * 100
		case parts == 0 || current%100 == 0 && v < 1000 && (v < 100 || current == 0):
			current += v
		default:
			next = 0
		}
		if next == 0 {
			break
		}
		doubtful = parts == 0 && next == i+1 && numbers.doubtful.Has(sc.toks[i].lower)
		parts++
		end, j = next, next
	}
	if end == 0 || total+current == 0 {
		return "", 0, false
	}
	return itoa(total + current), end, doubtful
}

// numberPhrase matches the longest phrase of the number words at token j.
func (sc *scanner) numberPhrase(numbers *numberWords, j int) (value, end int) {
	var phrase string
	k := j
	for n := 0; n < numbers.longest && k < len(sc.toks); n++ {
		if n > 0 {
			if sc.is(k, "-") && sc.touches(k) && sc.touches(k+1) {
				k++
			}
			if k >= len(sc.toks) || !sc.near(k) && !sc.touches(k) {
				break
			}
			phrase += " "
		}
		if sc.kindAt(k) != tokWord {
			break
		}
		phrase += sc.toks[k].lower
		k++
		if v, ok := numbers.value[phrase]; ok {
			value, end = v, k
		}
	}
	return value, end
}
