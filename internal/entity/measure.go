package entity

import (
	"slices"
	"strings"
)

// measureBefore reads a currency that stands before the number at token i:
// "€ 50", "US$50", "kr. 50", "EUR 50". start is its first token.
func (sc *scanner) measureBefore(i int) (m *measure, start int) {
	j := i - 1
	if j < 0 || !sc.near(i) {
		return nil, 0
	}
	if sc.is(j, ".") && sc.touches(j) && sc.is(j-1, "kr") {
		j--
	}
	if sc.isTaken(j) {
		return nil, 0
	}
	w := sc.toks[j].lower
	if w == "%" && sc.touches(i) && !sc.touches(j) { // Turkish
		return &measure{kind: Percent, prefix: true}, j
	}
	codes, ok := currencyOf(w, sc.raw(j))
	if !ok || sc.toks[j].kind == tokWord && !isCodeBefore(w) {
		return nil, 0
	}
	if w == "$" && j > 0 && sc.touches(j) && sc.kindAt(j-1) == tokWord && !sc.isTaken(j-1) {
		if c := codeOf("dollar", sc.toks[j-1].lower); c != "" {
			return &measure{kind: Amount, codes: []string{c}, prefix: true}, j - 1
		}
	}
	return &measure{kind: Amount, codes: codes, prefix: true}, j
}

// isTaken reports whether token j is part of the entity found last.
func (sc *scanner) isTaken(j int) bool {
	return len(sc.found) > 0 && sc.found[len(sc.found)-1].last >= j
}

// isCodeBefore reports currency words that stand before the number as well as
// after it: codes and abbreviations, not names.
func isCodeBefore(w string) bool {
	return len(w) == 3 && w != "yen" || w == "kr" || w == "zł" || w == "euro"
}

// measureAfter reads the unit, currency or percent sign at token j, after at
// most gap blanks or a hyphen. end is 0 when there is none.
func (sc *scanner) measureAfter(j, gap int) (m *measure, end int) {
	if j >= len(sc.toks) || j == 0 {
		return nil, 0
	}
	if sc.is(j, "-") && sc.touches(j) && sc.touches(j+1) && sc.kindAt(j+1) == tokWord {
		j++
	}
	if blank := sc.s[sc.toks[j-1].end:sc.toks[j].start]; len(blank) > gap || strings.Contains(blank, "\n") {
		return nil, 0
	}
	w, known := sc.toks[j].lower, words()
	switch {
	case w == "%" || sc.isOneOf(known.percents, j):
		return &measure{kind: Percent}, j + 1
	case j+1 < len(sc.toks) && known.percentPairs[w].has(sc.toks[j+1].lower):
		return &measure{kind: Percent}, j + 2
	}
	if m, end = sc.moneyAt(j); end > 0 {
		return m, end
	}
	return sc.unitAt(j)
}

// moneyAt reads a currency at token j, with the country before it.
func (sc *scanner) moneyAt(j int) (*measure, int) {
	if sc.kindAt(j) == tokWord && j+1 < len(sc.toks) && sc.near(j+1) {
		if c := words().countries[sc.toks[j].lower]; c != "" {
			if _, ok := currencyOf(sc.toks[j+1].lower, sc.raw(j+1)); ok {
				return &measure{kind: Amount, codes: []string{c}}, j + 2
			}
		}
	}
	codes, ok := currencyOf(sc.toks[j].lower, sc.raw(j))
	if !ok {
		return nil, 0
	}
	if _, next := sc.nextNumber(j + 1); next && sc.kindAt(j) == tokMark && !sc.touches(j) {
		return nil, 0 // "3 €50": the sign belongs to what follows
	}
	m := &measure{kind: Amount, codes: codes}
	if u, isUnit := words().units[sc.toks[j].lower]; isUnit && u == "lb" {
		m.codes = append(slices.Clone(codes), "lb")
	}
	return m, j + 1
}

func (sc *scanner) nextNumber(j int) (int, bool) {
	return j, sc.touches(j) && sc.kindAt(j) == tokDigits
}

// unitAt reads a unit at token j, with the words that may stand before it and
// those that make a working day of a day.
func (sc *scanner) unitAt(j int) (*measure, int) {
	working, known := false, words()
	for range 2 {
		if j+1 >= len(sc.toks) || !sc.near(j+1) {
			break
		}
		w := sc.toks[j].lower
		if sc.kindAt(j) != tokWord || !known.modifiers.has(w) && !known.dayModifiers.has(w) {
			break
		}
		working = working || known.dayModifiers.has(w)
		j++
	}
	if sc.is(j, "°") {
		j++
		if !sc.is(j, "c") && !sc.is(j, "f") {
			return nil, 0
		}
		return &measure{kind: Number, unit: unit{name: "°" + strings.ToUpper(sc.toks[j].lower), times: 1}}, j + 1
	}
	if sc.kindAt(j) != tokWord {
		return nil, 0
	}
	w := sc.toks[j].lower
	if len(w) == 1 && (sc.is(j+1, "'") && sc.touches(j+1) || w != sc.raw(j) && !isCapitalUnit(w)) {
		return nil, 0 // French "d'" and "l'", seats "12L"
	}
	u, ok := unitOf(w, sc.lang)
	if !ok {
		return nil, 0
	}
	end := j + 1
	switch {
	case u.name == "km" && sc.is(end, "/") && sc.is(end+1, "h"):
		u, end = unit{name: "kmh", times: 1}, end+2
	case (u.name == "m" || u.name == "km" || u.name == "cm") && (sc.is(end, "²") || sc.is(end, "³")) && sc.touches(end):
		u, end = unit{name: u.name + sc.toks[end].lower, times: 1}, end+1
	case u.name == "d" && (working || sc.kindAt(end) == tokWord && known.dayModifiers.has(sc.toks[end].lower) && sc.near(end)):
		if !working {
			end++
		}
		u = unitNamed("workday")
	}
	return &measure{kind: kindOfUnit(u), unit: u}, end
}

// isCapitalUnit reports one-letter units that are written in capitals.
func isCapitalUnit(w string) bool { return w == "v" || w == "w" || w == "c" }

func kindOfUnit(u unit) Kind {
	if u.timey {
		return Duration
	}
	return Number
}

// linkKind says how two entities are joined.
type linkKind uint8

const (
	linkNone linkKind = iota
	linkRange
	linkList
)

// shareMeasures gives the numbers of a range or list the measure that only one
// of them has: "2–4 weeks", "€250 to 600", "55 x 40 x 23 cm", "3–5 May".
func (sc *scanner) shareMeasures() {
	for k := len(sc.found) - 2; k >= 0; k-- {
		a, b := &sc.found[k], &sc.found[k+1]
		link := sc.link(a, b)
		if link == linkNone || a.measure != nil || len(a.numbers) == 0 {
			continue
		}
		if b.loose {
			link = linkList
		}
		switch {
		case b.measure != nil && !b.measure.prefix:
			a.share(b.measure, link)
		case len(b.dates) > 0:
			a.shareDate(b.dates[0], link)
		case b.Kind == Time && link == linkRange:
			a.shareClock()
		}
	}
	for k := 0; k+1 < len(sc.found); k++ {
		a, b := &sc.found[k], &sc.found[k+1]
		if b.measure != nil || len(b.numbers) == 0 {
			continue
		}
		link := sc.link(a, b)
		if link == linkNone {
			continue
		}
		switch {
		case a.measure != nil && a.measure.prefix:
			b.share(a.measure, link)
		case len(a.dates) > 0 && link == linkRange && sc.kindAt(a.last) == tokDigits && len(sc.toks[a.last].lower) <= 2:
			b.shareDate(a.dates[0], linkList)
		}
	}
}

// share gives f the measure of its neighbour. In a range there is no other
// reading; in a list there may be.
func (f *foundEntity) share(m *measure, link linkKind) {
	values := m.readings(f.numbers)
	if len(values) == 0 {
		return
	}
	if link == linkList {
		values = append(values, f.numbers...)
		f.loose = true
	}
	f.Kind, f.Values, f.Value, f.measure = m.kind, values, values[0], m
}

func (f *foundEntity) shareDate(d dateParts, link linkKind) {
	day := atoiShort(f.numbers[0])
	reading := dateReading(d.year, d.month, day)
	if day < 1 || day > 31 || reading == "" {
		return
	}
	values := []string{reading}
	if link == linkList {
		values = append(values, f.numbers...)
		f.loose = true
	}
	f.Kind, f.Values, f.Value, f.dates = Date, values, reading, []dateParts{{d.year, d.month, day}}
}

func (f *foundEntity) shareClock() {
	hour := atoiShort(f.numbers[0])
	if hour < 0 || hour > 24 {
		return
	}
	f.Kind, f.Value = Time, clockReading(hour, 0)
	f.Values = append([]string{f.Value}, f.numbers...)
	if hour <= 12 {
		f.Values = append(f.Values, clockReading(hour%12+12, 0))
	}
}

// link reports how a and b are joined, by what stands between them.
func (sc *scanner) link(a, b *foundEntity) linkKind {
	if b.first-a.last > 4 || b.first <= a.last {
		return linkNone
	}
	known, kind := words(), linkNone
	for i := a.last + 1; i < b.first; i++ {
		w := sc.toks[i].lower
		switch k := known.links[w]; {
		case k == linkRange, k == linkList && kind == linkNone:
			kind = k
		case k == linkNone && w != "." && !known.articles.has(w):
			return linkNone
		}
	}
	return kind
}
