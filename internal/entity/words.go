package entity

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/purser-desk/purser/internal/lexicon"
)

// vocabulary are the words that entities are made of. Those of all languages are
// joined, as letters in one language quote dates and amounts in another and must
// be found to state the same. What is an ordinary word elsewhere is in lists of
// its own ("units-own"), which are asked in texts of their language alone.
type vocabulary struct {
	months        map[string]monthName
	ownMonths     map[string]map[string]monthName
	capitalMonths map[string]map[string]string // count with a capital only
	inMonth       map[string]map[string]string // after them, only a month can stand
	weekdays      map[string]int
	times         map[string][]string

	units        map[string]string
	ownUnits     map[string]map[string]string
	noUnits      map[string]map[string]string
	unitStems    map[string]map[string]string // by their first two bytes
	counters     []string                     // longer ones first
	dayModifiers set                          // make a day a working day
	modifiers    set                          // change nothing between a number and its unit
	percents     set
	percentPairs map[string]set // by the first of the two words
	currencies   map[string][]string
	// currencyCodes count as they stand, in capitals.
	currencyCodes map[string][]string
	measures      map[string]unit   // by name
	countries     map[string]string // currencies by adjectives before a shared name

	numbers        map[string]*numberWords
	numbersAndHalf map[string]string
	halves         set
	digits         set
	magnitudes     map[string]int // powers of ten

	clocks, hourMarks                 set // beside a time of day
	ordinals, beforeMonth, beforeYear set // around a day of a month
	links                             map[string]linkKind
	articles, beforeCounted           set

	telling   set // with which an entity may begin
	phones    set
	reachBy   set
	dots, ats []string
	extension []string

	punctuation map[rune]byte
	han         map[rune]int // Chinese digits and powers of ten
}

// words reads the lists once.
var words = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{
		capitalMonths: byLanguage("months-capital", asIs), inMonth: byLanguage("in-month", asIs),
		weekdays: numbered(joined("weekdays")), times: map[string][]string{},

		units: joined("units"), ownUnits: byLanguage("units-own", asIs), noUnits: byLanguage("no-units", asIs),
		unitStems: map[string]map[string]string{}, counters: longestFirst(joined("counters")),
		dayModifiers: joinedSet("day-modifiers"), modifiers: joinedSet("plain-modifiers"),
		percents: joinedSet("percent"), percentPairs: map[string]set{},
		currencies: maps.Clone(table("sign")), currencyCodes: map[string][]string{}, measures: map[string]unit{}, countries: joined("currency-countries"),

		numbers: map[string]*numberWords{}, numbersAndHalf: joined("numbers-and-half"),
		halves: joinedSet("half"), digits: joinedSet("digits"), magnitudes: numbered(joined("magnitudes")),

		clocks: joinedSet("clock"), hourMarks: joinedSet("hour-marks"),
		ordinals: joinedSet("ordinal-endings"), beforeMonth: joinedSet("before-month"), beforeYear: joinedSet("before-year"),
		links: map[string]linkKind{}, articles: joinedSet("articles"), beforeCounted: joinedSet("before-counted"),

		phones: joinedSet("phone"), reachBy: joinedSet("reach-by"),
		dots: longestFirst(joined("dot")), ats: longestFirst(joined("at")), extension: longestFirst(joined("extension")),

		punctuation: signs("punctuation", func(v string) byte { return v[0] }), han: signs("han", number),
	}
	v.readMonths()
	for name, c := range table("unit") {
		v.measures[name] = unit{name, c[0], number(c[1]), len(c) > 2}
	}
	for symbol := range table("symbol") {
		v.units[symbol] = cmp.Or(codeOf("symbol", symbol), symbol)
	}
	for mark := range table("link") {
		v.links[mark] = linkList
		if codeOf("link", mark) == "range" {
			v.links[mark] = linkRange
		}
	}
	for letters, unit := range joined("unit-stems") {
		put(v.unitStems, letters[:2], letters, unit)
	}
	for pair := range joined("percent-pairs") {
		per, cent, _ := strings.Cut(pair, " ")
		put(v.percentPairs, per, cent, struct{}{})
	}
	for word, codes := range joined("currencies") {
		v.currencies[word] = strings.Fields(codes)
	}
	for code, shared := range table("currency") {
		v.currencyCodes[code] = append([]string{code}, shared...)
		if small := strings.ToLower(code); isCode("small-currency", small) {
			v.currencies[small] = v.currencyCodes[code]
		}
	}
	for _, lang := range lexicon.Languages("numbers") {
		v.numbers[lang] = newNumberWords(lang)
	}
	for word, reading := range joined("times") {
		v.times[word] = v.timeReadings(reading)
	}
	for word := range joined("and-or") {
		v.links[word] = linkList
	}
	for word := range joined("to") {
		v.links[word] = linkRange
	}
	v.telling = v.tellingWords()
	return v
})

type set map[string]struct{}

func (s set) has(word string) bool {
	_, ok := s[word]
	return ok
}

func (v *vocabulary) readMonths() {
	v.months, v.ownMonths = map[string]monthName{}, map[string]map[string]monthName{}
	for _, lang := range lexicon.Languages("months") {
		for word, n := range lexicon.Of(lang, "months").All() {
			m := v.months[word]
			m.month, m.languages = number(n), append(m.languages, lang)
			v.months[word] = m
		}
	}
	for word, n := range joined("months-short") {
		if _, ok := v.months[word]; !ok {
			v.months[word] = monthName{month: number(n)}
		}
	}
	for word := range joined("months-doubtful") {
		if m, ok := v.months[word]; ok {
			m.doubtful = true
			v.months[word] = m
		}
	}
	for _, list := range []string{"months-own", "months-short-own"} {
		for lang, words := range byLanguage(list, func(n string) monthName { return monthName{month: number(n)} }) {
			if v.ownMonths[lang] == nil {
				v.ownMonths[lang] = map[string]monthName{}
			}
			maps.Copy(v.ownMonths[lang], words)
		}
	}
}

// tellingWords are all words with which an entity may begin, in any language.
func (v *vocabulary) tellingWords() set {
	telling := set{}
	add := func(phrase string) {
		first, _, _ := strings.Cut(phrase, " ")
		telling[first] = struct{}{}
	}
	for w := range v.months {
		add(w)
	}
	for _, own := range v.ownMonths {
		for w := range own {
			add(w)
		}
	}
	for w := range v.weekdays {
		first, _, _ := strings.Cut(w, "-")
		add(first)
	}
	for _, n := range v.numbers {
		for phrase := range n.value {
			add(phrase)
		}
	}
	for w := range v.times {
		add(w)
	}
	for w := range v.halves {
		add(w)
	}
	for w := range v.numbersAndHalf {
		add(w)
	}
	return telling
}

// joined are the lists of this name of all languages in one. Of two languages
// that map a word to different things, the first by name decides.
func joined(list string) map[string]string {
	m := map[string]string{}
	for _, lang := range lexicon.Languages(list) {
		for word, value := range lexicon.Of(lang, list).All() {
			if _, ok := m[word]; !ok {
				m[word] = value
			}
		}
	}
	return m
}

func joinedSet(list string) set {
	s := set{}
	for word := range joined(list) {
		s[word] = struct{}{}
	}
	return s
}

// byLanguage is a list of each language that has it.
func byLanguage[V any](list string, read func(value string) V) map[string]map[string]V {
	m := map[string]map[string]V{}
	for _, lang := range lexicon.Languages(list) {
		m[lang] = map[string]V{}
		for word, value := range lexicon.Of(lang, list).All() {
			m[lang][word] = read(value)
		}
	}
	return m
}

// entries is one list as a map.
func entries(lang, list string) map[string]string { return maps.Collect(lexicon.Of(lang, list).All()) }

// put sets a value of a map in a map.
func put[M ~map[string]V, V any](in map[string]M, outer, inner string, value V) {
	if in[outer] == nil {
		in[outer] = M{}
	}
	in[outer][inner] = value
}

// longestFirst are the words of m with longer ones before those that they begin
// with.
func longestFirst(m map[string]string) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
}

func numbered(m map[string]string) map[string]int {
	out := make(map[string]int, len(m))
	for word, n := range m {
		out[word] = number(n)
	}
	return out
}

// number reads a value of a list. That all are numbers is tested.
func number(value string) int {
	n, _ := strconv.Atoi(value)
	return n
}

func asIs(value string) string { return value }
