package entity

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/purser-desk/purser/internal/text"
)

// Kind says what an entity is.
type Kind string

// The kinds of entity. Measures such as "23 kg" are numbers with a unit.
const (
	Number   Kind = "number"
	Amount   Kind = "amount"
	Percent  Kind = "percent"
	Date     Kind = "date"
	Time     Kind = "time"
	Duration Kind = "duration"
	URL      Kind = "url"
	Email    Kind = "email"
	Phone    Kind = "phone"
	IBAN     Kind = "iban"
	Card     Kind = "card"
	Code     Kind = "code"
)

// Entity is one checkable fact that a text states.
type Entity struct {
	text.Span
	Kind Kind
	// Value is the likeliest reading in normal form, such as "1250 EUR", "23 kg",
	// "50%", "2026-05-03", "14:30", "14 d", "+4722334455" or "skerry.example/bags".
	// A date without a year is "--05-03", a month "2026-05", a weekday "wd:1"
	// (Monday) to "wd:7".
	Value string
	// Values are all plausible readings, Value among them: "1.250" may be
	// 1250 or 1.25. They are for comparing, not for showing.
	Values []string
	// Text is the entity as it stands in the text.
	Text string
}

// Find finds every entity in s: numbers in digits of any script or in words,
// with their units, amounts of money, percentages, dates, times, lengths of
// time, codes, web and e-mail addresses (also disguised ones), phone numbers,
// IBANs and card numbers. Spans are in order and do not overlap. The numbers of
// a numbered list are not entities, nor are placeholders such as "[PHONE_1]".
//
// locale, a BCP 47 tag or "", decides which words are numbers, which phone
// numbers are national and which reading of an ambiguous form comes first; it
// does not decide which readings there are.
func Find(s, locale string) []Entity {
	f := foldText(s)
	fixed := append(addresses(f), accounts(f)...)
	fixed = inOrder(append(fixed, phones(f, locale, false)...))
	sc := &scanner{f: f, s: f.text, toks: tokenize(f.text), locale: locale, lang: text.BaseLanguage(locale)}
	sc.scan(fixed)
	sc.shareMeasures()
	out := make([]Entity, 0, len(sc.found))
	for i := range sc.found {
		out = append(out, sc.found[i].Entity)
	}
	return out
}

// Supported reports whether some entity of in says what f says, or more: one
// of f's plausible readings is one of the other's, or leaves out a part of it.
// "23" is supported by "23 kg", "3 May" and "Sunday" by "3 May 2026",
// "skerry.example" by "skerry.example/bags"; not the other way round.
func Supported(f Entity, in []Entity) bool {
	for i := range in {
		for _, a := range f.Values {
			for _, b := range in[i].Values {
				if a == b || isPartOf(a, b, f.Kind, in[i].Kind) {
					return true
				}
			}
		}
	}
	return false
}

// isPartOf reports whether the reading a leaves out a part of b.
func isPartOf(a, b string, kindA, kindB Kind) bool {
	switch {
	case isCounted(kindA):
		return !strings.Contains(a, " ") && isNumberOf(a, b, kindB)
	case kindA != kindB:
		return false
	case kindA == Date:
		return isPartOfDate(a, b)
	case kindA == URL:
		return strings.HasPrefix(b, a) && len(b) > len(a) && strings.IndexByte("/?#", b[len(a)]) >= 0
	case kindA == Phone:
		return isNationalPart(a, b)
	}
	return false
}

// isCounted reports kinds whose reading is a number with or without what it
// counts.
func isCounted(k Kind) bool {
	return k == Number || k == Amount || k == Duration
}

// isNumberOf reports whether the bare number a is the one in the reading b.
func isNumberOf(a, b string, kindB Kind) bool {
	switch {
	case isCounted(kindB):
		return strings.HasPrefix(b, a) && len(b) > len(a) && b[len(a)] == ' '
	case kindB == Date:
		return len(a) == 4 && strings.HasPrefix(b, a+"-")
	case kindB == Code:
		return len(a) > 1 && strings.HasSuffix(b, a) && strings.Trim(b[:len(b)-len(a)], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	}
	return false
}

func isPartOfDate(a, b string) bool {
	if strings.HasPrefix(b, "--") || strings.HasPrefix(b, "wd") {
		return strings.HasPrefix(a, "--") && strings.HasPrefix(b, a)
	}
	if day, ok := strings.CutPrefix(a, "wd:"); ok {
		t, err := time.Parse(time.DateOnly, b)
		return err == nil && itoa((int(t.Weekday())+6)%7+1) == day
	}
	if rest, ok := strings.CutPrefix(a, "--"); ok {
		return len(b) > 5 && (b[5:] == rest || strings.HasPrefix(b[5:], rest+"-"))
	}
	return strings.HasPrefix(b, a+"-")
}

// isNationalPart reports whether a is a phone number without a country's code,
// and b the same with one.
func isNationalPart(a, b string) bool {
	national, ok := strings.CutPrefix(a, "~")
	return ok && len(national) >= 5 && strings.HasPrefix(b, "+") && strings.HasSuffix(b, national)
}

// Host is the host that a web or e-mail address leads to, in lower case and
// punycode. It is "" for other entities and for links within a site ("/bags");
// of a link that leads to no host ("javascript:…") it is what a browser would
// take for one.
func (f Entity) Host() string {
	if f.Kind == Email {
		return f.Value[strings.LastIndexByte(f.Value, '@')+1:]
	}
	if f.Kind == URL {
		v := f.Value
		if i := strings.Index(v, "://"); i >= 0 {
			v = v[i+3:]
		}
		if i := strings.IndexAny(v, "/?#"); i >= 0 {
			v = v[:i]
		}
		if i := strings.LastIndexByte(v, ':'); i >= 0 {
			v = v[:i]
		}
		return v
	}
	return ""
}

// Warm builds the tables that Find needs, so that its first call is as fast
// as the next.
func Warm() {
	words()
	latinOf()
}

// measure is what follows or precedes a number and says what it counts.
type measure struct {
	kind  Kind
	codes []string // of an amount
	unit  unit     // of a number or duration
	// prefix tells that it stands before the number.
	prefix bool
}

// readings puts numbers and a measure into normal form.
func (m *measure) readings(numbers []string) []string {
	var out []string
	for _, n := range numbers {
		out = append(out, m.readingsOf(n)...)
	}
	return out
}

func (m *measure) readingsOf(n string) []string {
	if m.kind == Amount {
		out := make([]string, 0, len(m.codes))
		for _, c := range m.codes {
			out = append(out, n+" "+c)
		}
		return out
	}
	if m.kind == Percent {
		return []string{n + "%"}
	}
	if m.kind == Time {
		if h := atoiShort(n); h >= 0 && h <= 24 {
			return []string{clockReading(h, 0)}
		}
		return nil
	}
	out := []string{n + " " + m.unit.name}
	if m.unit.base != "" && m.unit.base != m.unit.name {
		out = append(out, times(n, m.unit.times)+" "+m.unit.base)
	}
	return out
}

// foundEntity is an entity with what is needed to share its measure with its
// neighbours.
type foundEntity struct {
	Entity
	first, last int // tokens
	numbers     []string
	measure     *measure
	loose       bool        // the measure may not be its own
	dates       []dateParts // of a date in words, for "3–5 May"
}

type dateParts struct{ year, month, day int }

type scanner struct {
	f      *folded
	s      string
	toks   []token
	locale string
	lang   string
	found  []foundEntity
}

// scan goes through the tokens once. fixed are the entities found before, which
// hide what lies under them.
func (sc *scanner) scan(fixed []Entity) {
	next := 0
	for i := 0; i < len(sc.toks); {
		start := sc.f.span(sc.toks[i].start, sc.toks[i].end).Start
		for next < len(fixed) && fixed[next].End <= start {
			sc.addFixed(fixed[next], i)
			next++
		}
		if next < len(fixed) && start >= fixed[next].Start {
			sc.addFixed(fixed[next], i)
			end := fixed[next].End
			next++
			for i < len(sc.toks) && sc.f.span(sc.toks[i].start, sc.toks[i].end).Start < end {
				i++
			}
			sc.found[len(sc.found)-1].last = max(i-1, sc.found[len(sc.found)-1].last)
			continue
		}
		i = sc.atUntil(i, fixed[next:])
	}
	for ; next < len(fixed); next++ {
		sc.addFixed(fixed[next], len(sc.toks))
	}
}

// atUntil is at for token i, which sees no further than the next address or
// account of fixed: what leads somewhere must not hide as the unit of a number
// before it, as in "70 GB29 NWBK…" or "50 eur@example.com".
func (sc *scanner) atUntil(i int, fixed []Entity) int {
	if len(fixed) == 0 || fixed[0].Kind == Phone {
		return sc.at(i)
	}
	all := sc.toks
	defer func() { sc.toks = all }()
	sc.toks = all[:i+1+sort.Search(len(all)-i-1, func(k int) bool {
		t := all[i+1+k]
		return sc.f.span(t.start, t.end).Start >= fixed[0].Start
	})]
	return sc.at(i)
}

func (sc *scanner) addFixed(f Entity, tok int) {
	if len(sc.found) > 0 && sc.found[len(sc.found)-1].End > f.Start {
		return
	}
	sc.found = append(sc.found, foundEntity{Entity: f, first: tok, last: tok})
}

// at recognises what begins at token i and returns the token after it.
func (sc *scanner) at(i int) int {
	t := &sc.toks[i]
	if t.kind == tokDigits {
		return sc.digits(i)
	}
	if t.kind == tokWord {
		return sc.word(i)
	}
	if t.lower == "[" {
		if end := sc.placeholderEnd(i); end > 0 {
			return end
		}
	}
	if len(t.lower) > 1 { // most marks are ASCII, and a fraction is not
		if v := codeOf("fraction", t.lower); v != "" {
			return sc.quantity(i, i+1, []string{v})
		}
	}
	return i + 1
}

// placeholderEnd returns the token after a placeholder "[NAME_1]" at i; 0 when
// there is none.
func (sc *scanner) placeholderEnd(i int) int {
	letters := false
	for j := i + 1; j < len(sc.toks) && j < i+12 && sc.touches(j); j++ {
		switch t := sc.toks[j]; {
		case t.lower == "]":
			k := j - 1
			if sc.toks[k].kind == tokWord && len(sc.toks[k].lower) == 1 {
				k-- // the letter of "[NAME_1B]"
			}
			if letters && k-1 > i && sc.toks[k].kind == tokDigits && sc.toks[k-1].lower == "_" {
				return j + 1
			}
			return 0
		case t.kind == tokWord:
			if sc.raw(j) != strings.ToUpper(t.lower) {
				return 0
			}
			letters = true
		case t.kind == tokMark && t.lower != "_":
			return 0
		}
	}
	return 0
}

// touches reports whether token i follows the one before without a blank.
func (sc *scanner) touches(i int) bool {
	return i > 0 && i < len(sc.toks) && sc.toks[i].start == sc.toks[i-1].end
}

// glued reports whether letters or digits follow token i-1 without a blank, so
// that both are one word to a reader.
func (sc *scanner) glued(i int) bool {
	return sc.touches(i) && sc.toks[i].kind != tokMark && !isAsian(sc.toks[i].lower)
}

// near reports whether token i follows the one before on the same line, after
// at most two blanks.
func (sc *scanner) near(i int) bool {
	if i <= 0 || i >= len(sc.toks) {
		return false
	}
	gap := sc.s[sc.toks[i-1].end:sc.toks[i].start]
	return len(gap) <= 2 && !strings.Contains(gap, "\n")
}

func (sc *scanner) raw(i int) string { return sc.s[sc.toks[i].start:sc.toks[i].end] }

// is reports whether token i exists and is mark or word w, in lower case.
func (sc *scanner) is(i int, w string) bool {
	return i >= 0 && i < len(sc.toks) && sc.toks[i].lower == w
}

// isOneOf reports whether token i exists and is a word of a set.
func (sc *scanner) isOneOf(words set, i int) bool {
	return sc.kindAt(i) == tokWord && words.has(sc.toks[i].lower)
}

func (sc *scanner) kindAt(i int) tokenKind {
	if i < 0 || i >= len(sc.toks) {
		return tokMark
	}
	return sc.toks[i].kind
}

// add records an entity made of the tokens first up to end.
func (sc *scanner) add(kind Kind, first, end int, values []string) *foundEntity {
	values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
	fig := sc.f.entity(kind, sc.toks[first].start, sc.toks[end-1].end, values...)
	sc.found = append(sc.found, foundEntity{Entity: fig, first: first, last: end - 1})
	return &sc.found[len(sc.found)-1]
}
