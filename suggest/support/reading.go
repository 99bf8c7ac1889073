package support

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// reading is a sentence, row or claim taken apart.
type reading struct {
	text, locale, lang string
	words              []word
	figures            []figure
	// denials are the words that deny.
	denials []int
	// stated are those denials that turn round what the sentence states: not those of
	// a limit, of a condition, of a word of a pair, or of a "don't worry" ahead.
	stated []int
	signs  []sign
	// quantifiers and strengths by value, with where they stand.
	quantifiers, strengths map[string]int
	// names are the terms that are written the same in every language: with
	// capitals inside a sentence, in quotation marks, or with digits.
	names []string
}

// sign is a word of a pair of opposites, turned round where it is denied.
type sign struct {
	concept string
	plus    bool
	denied  bool // by another word
	at, end int  // words
}

// figure is a number, date or address with what it is bound to.
type figure struct {
	entity.Entity
	first, last int // words
	dimension   string
	// limit is -1 for at most and 1 for at least; closed tells that "at least
	// 48 hours before" and "at most" mean the same there.
	limit int
	// rates are what it is for each of, by the names of the list.
	rates []string
	// relation is "before" or "after" of a length of time to an event.
	relation string
	// counted is the lexeme that a bare number counts.
	counted string
	// weak figures are small numbers in words, which often count what the draft
	// itself says.
	weak bool
	// factor is that of a multiple or fraction: "x2", "1/3".
	factor string
}

// reader reads texts.
type reader struct {
	analyzer *analysis.Analyzer
	lists    *phraseLists
	lexemes  map[listName]string
}

func (r *reader) lexeme(lang, w string) string {
	key := listName{lang, w}
	if l, ok := r.lexemes[key]; ok {
		return l
	}
	l := ""
	if all := r.analyzer.Lexemes(lang, w); len(all) > 0 {
		l = all[0]
	}
	r.lexemes[key] = l
	return l
}

// read takes one text apart.
func (r *reader) read(s, locale string) *reading {
	lang := text.BaseLanguage(locale)
	rd := &reading{text: s, locale: locale, lang: lang, words: splitWords(s, lang)}
	function := lexicon.Of(lang, "function-words")
	for i := range rd.words {
		if !function.Has(rd.words[i].lower) {
			rd.words[i].lexeme = r.lexeme(lang, rd.words[i].lower)
		}
	}
	for _, e := range entity.Find(s, locale) {
		rd.addFigure(e)
	}
	r.addFactors(rd)
	rd.denials = r.denialsOf(rd)
	for i := range rd.figures {
		r.bind(rd, &rd.figures[i])
	}
	rd.signs = r.signsOf(rd)
	r.stateDenials(rd)
	rd.quantifiers, rd.strengths = r.found(rd, "quantifiers"), r.found(rd, "strengths")
	rd.names = namesIn(rd)
	return rd
}

func (rd *reading) addFigure(e entity.Entity) {
	f := figure{Entity: e, first: -1, dimension: dimension(e)}
	for i := range rd.words {
		if w := &rd.words[i]; w.Start < e.End && w.End > e.Start {
			if f.first < 0 {
				f.first = i
			}
			f.last = i
			w.figure = len(rd.figures)
		}
	}
	if f.first < 0 {
		return
	}
	if f.dimension == "number" {
		digits := strings.ContainsFunc(e.Text, unicode.IsDigit)
		f.weak = !digits && len(e.Value) <= 2
		for i := f.last + 1; i < len(rd.words) && i <= f.last+2 && rd.words[i].clause == rd.words[f.last].clause; i++ {
			if l := rd.words[i].lexeme; len(l) > 1 && !text.IsDigit(l[0]) {
				f.counted = l
				break
			}
			if rd.words[i].lexeme != "" {
				break // "40 x 30 x 15"
			}
		}
	}
	rd.figures = append(rd.figures, f)
}

// addFactors adds multiples and fractions that are written in words.
func (r *reader) addFactors(rd *reading) {
	for _, list := range []string{"multiples", "soon"} {
		phrases := r.lists.of(rd.lang, list)
		for i := 0; i < len(rd.words) && len(phrases) > 0; i++ {
			ph, ok := phrases.at(rd.words, i)
			if !ok {
				continue
			}
			last := i + len(ph.words) - 1
			taken := rd.words[i].figure
			if taken >= 0 && rd.figures[taken].dimension == "duration" {
				continue // "half an hour"
			}
			f := figure{first: i, last: last, dimension: "factor", factor: ph.value}
			if list == "soon" {
				f.dimension = "soon"
			}
			f.Start, f.End = rd.words[i].Start, rd.words[last].End
			f.Text = rd.text[f.Start:f.End]
			f.Values, f.Value = []string{ph.value}, ph.value
			for k := i; k <= last; k++ {
				if rd.words[k].figure >= 0 {
					rd.figures[rd.words[k].figure].weak = true
				}
				rd.words[k].figure = len(rd.figures)
			}
			rd.figures = append(rd.figures, f)
			i = last
		}
	}
}

// denialsOf are the words that deny something; French "ne" is half of one, and
// the "no" that answers is none.
func (r *reader) denialsOf(rd *reading) []int {
	verb, other := lexicon.Of(rd.lang, "denies-verb"), lexicon.Of(rd.lang, "denies-other")
	if verb == nil {
		return nil
	}
	var out []int
	for i := range rd.words {
		w := rd.words[i].lower
		if !verb.Has(w) && !other.Has(w) {
			continue
		}
		if i == 0 && len(rd.words) > 1 && rd.words[1].clause != rd.words[0].clause {
			continue
		}
		if n := len(out); n > 0 && rd.words[out[n-1]].clause == rd.words[i].clause && i-out[n-1] <= 4 && elided(rd.lang) {
			continue // "ne … pas"
		}
		out = append(out, i)
	}
	return out
}

// stateDenials finds the denials that turn round what a sentence states.
func (r *reader) stateDenials(rd *reading) {
	limits, conditions := r.lists.of(rd.lang, "limits"), r.lists.of(rd.lang, "conditions")
	limiting := func(d int) bool {
		for i := max(0, d-1); i <= d+limitReach && i < len(rd.words); i++ {
			if ph, ok := limits.at(rd.words, i); ok && i+len(ph.words) > d && rd.nextFigure(i+len(ph.words)) {
				return true
			}
		}
		return false
	}
	paired := func(d int) bool {
		return slices.ContainsFunc(rd.signs, func(s sign) bool {
			return s.at <= d && d < s.end || s.denied && s.concept == "cost" && s.at-d <= signNear && d-s.at <= signNear
		})
	}
	for _, d := range rd.denials {
		ahead := rd.words[d].clause == 0 && d < shortAhead && slices.ContainsFunc(rd.words[:min(len(rd.words), shortAhead+1)], func(w word) bool { return w.clause > 0 })
		conditional := false
		for i := 0; i < d; i++ {
			if rd.words[i].clause == rd.words[d].clause {
				if _, ok := conditions.at(rd.words, i); ok {
					conditional = true
				}
			}
		}
		if !ahead && !conditional && !limiting(d) && !paired(d) {
			rd.stated = append(rd.stated, d)
		}
	}
}

const (
	limitReach = 4 // words between a denial and the limit that it turns round
	shortAhead = 4 // words of a "Pas d'inquiétude," ahead of a sentence
)

// deniedNear reports whether a denial stands within some words of the words from
// first to last, in the same part of the sentence.
func (rd *reading) deniedNear(first, last, before, after int) bool {
	for _, d := range rd.denials {
		if rd.words[d].clause != rd.words[first].clause || d >= first && d <= last {
			continue
		}
		if d < first && first-d <= before || d > last && d-last <= after {
			return true
		}
	}
	return false
}

const (
	limitBefore = 3 // words between a limit and its number
	limitAfter  = 2
	rateWithin  = 6 // words behind an amount in which its rate stands
	looseWithin = 2
	relatedNear = 3
)

// bind finds the limit, the rates and the relation of a figure.
func (r *reader) bind(rd *reading, f *figure) {
	switch f.dimension {
	case "soon", "factor", string(entity.URL), string(entity.Email), string(entity.Phone), string(entity.IBAN), string(entity.Card), string(entity.Code):
		return
	}
	f.limit = r.limitOf(rd, f)
	f.relation = r.relationOf(rd, f)
	if f.relation == "before" && f.dimension == "duration" {
		f.limit = 0 // "at least two days before" is "at the latest two days before"
	}
	f.rates = r.ratesOf(rd, f)
}

func (r *reader) limitOf(rd *reading, f *figure) int {
	list := r.lists.of(rd.lang, "limits")
	turned := func(ph phrase, i int) int {
		v := 1
		if ph.value == "max" {
			v = -1
		}
		if !r.holdsDenial(ph, rd.lang) && rd.deniedNear(i, i+len(ph.words)-1, 3, 0) {
			v = -v
		}
		return v
	}
	best := 0
	for i := max(0, f.first-limitBefore-3); i < f.first; i++ {
		ph, ok := list.at(rd.words, i)
		end := i + len(ph.words)
		if !ok || end > f.first || f.first-end > limitBefore || rd.words[i].clause != rd.words[f.first].clause || rd.between(end, f.first) {
			continue
		}
		best = turned(ph, i)
		i = end - 1
	}
	for i := f.last + 1; best == 0 && i <= f.last+limitAfter && i < len(rd.words); i++ {
		if ph, ok := list.at(rd.words, i); ok && !rd.nextFigure(i+len(ph.words)) && rd.words[i].clause <= rd.words[f.last].clause+1 {
			best = turned(ph, i)
		}
	}
	return best
}

// holdsDenial reports whether a phrase denies by itself, as "no more than" does.
func (r *reader) holdsDenial(ph phrase, lang string) bool {
	return slices.ContainsFunc(ph.words, func(w string) bool {
		return lexicon.Of(lang, "denies-verb").Has(w) || lexicon.Of(lang, "denies-other").Has(w)
	})
}

// gap is what stands between word i and the one before it.
func (rd *reading) gap(i int) string {
	if i <= 0 || rd.words[i].Start <= rd.words[i-1].End {
		return ""
	}
	return rd.text[rd.words[i-1].End:rd.words[i].Start]
}

// between reports whether a figure stands among the words from i up to end.
func (rd *reading) between(i, end int) bool {
	for ; i < end && i < len(rd.words); i++ {
		if rd.words[i].figure >= 0 {
			return true
		}
	}
	return false
}

// nextFigure reports whether a figure begins at word i or the one after it.
func (rd *reading) nextFigure(i int) bool { return rd.between(i, i+2) }

func (r *reader) relationOf(rd *reading, f *figure) string {
	if f.dimension != "duration" {
		return ""
	}
	list := r.lists.of(rd.lang, "relations")
	for i := f.last + 1; i <= f.last+relatedNear && i < len(rd.words) && rd.words[i].figure < 0 && rd.words[i].clause == rd.words[f.last].clause; i++ {
		if ph, ok := list.at(rd.words, i); ok {
			return ph.value
		}
	}
	for i := f.first - 1; i >= 0 && i >= f.first-2 && rd.words[i].figure < 0; i-- {
		if ph, ok := list.at(rd.words, i); ok && len(ph.words) == 1 && rd.words[i].clause == rd.words[f.first].clause {
			return ph.value
		}
	}
	return ""
}

// ratesOf are what an amount is for each of: "per person and direction", "a
// day", "täglich".
func (r *reader) ratesOf(rd *reading, f *figure) []string {
	var out []string
	end := f.last + 1
	for end < len(rd.words) && end <= f.last+rateWithin && rd.isFree(end) && rd.words[end].clause == rd.words[f.last].clause {
		end++
	}
	out = r.ratesIn(rd, f.last+1, end, f.last+1)
	if len(out) > 0 {
		return out
	}
	begin := f.first
	for begin > 0 && begin > f.first-rateWithin && rd.words[begin-1].figure < 0 && rd.words[begin-1].clause == rd.words[f.first].clause {
		begin--
	}
	return append(out, r.ratesIn(rd, begin, f.first, -looseWithin)...)
}

// isFree reports words of no figure but the "a night" of "EUR 18 a night".
func (rd *reading) isFree(i int) bool {
	k := rd.words[i].figure
	return k < 0 || rd.figures[k].dimension == "duration" && strings.HasPrefix(rd.figures[k].Value, "1 ") && !strings.ContainsFunc(rd.figures[k].Text, unicode.IsDigit)
}

// ratesIn finds the rates among the words from i up to end. Marks that are also
// ordinary words, such as "a", count within two words of near alone.
func (r *reader) ratesIn(rd *reading, i, end, near int) []string {
	marks, nouns, single := r.lists.of(rd.lang, "rate-marks"), r.lists.of(rd.lang, "rate-nouns"), r.lists.of(rd.lang, "rate-words")
	var out []string
	add := func(v string) {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	for i < end {
		if ph, ok := single.at(rd.words, i); ok && i+len(ph.words) <= end {
			add(ph.value)
			i += len(ph.words)
			continue
		}
		slash := strings.Contains(rd.gap(i), "/")
		ph, ok := marks.at(rd.words, i)
		strict := ok && ph.value == "strict" || slash
		next := i + len(ph.words)
		if slash && !ok {
			next = i
		}
		if !ok && !slash || !strict && (i-near < 0 || i-near > looseWithin) {
			i++
			continue
		}
		if k, found := nounAt(rd, nouns, next, end, strict); found != "" {
			add(found)
			for k+1 < end && lexicon.Of(rd.lang, "joins").Has(rd.words[k].lower) { // "and direction"
				after, another := nounAt(rd, nouns, k+1, end, true)
				if another == "" {
					break
				}
				add(another)
				k = after
			}
			i = k
			continue
		}
		if strict && next < end && rd.words[next].lexeme != "" {
			add("~" + rd.words[next].lexeme)
		}
		i++
	}
	return out
}

// nounAt is what an amount is for each of, at word i or behind adjectives.
func nounAt(rd *reading, nouns phraseList, i, end int, strict bool) (after int, noun string) {
	reach := 1
	if strict {
		reach = 3
	}
	for k := i; k < end && k < i+reach; k++ {
		if ph, ok := nouns.at(rd.words, k); ok {
			return k + len(ph.words), ph.value
		}
	}
	return i, ""
}

// signNear is how far from a word of a pair a denial turns it round.
const signNear = 4

func (r *reader) signsOf(rd *reading) []sign {
	list := r.lists.of(rd.lang, "opposites")
	var out []sign
	for i := 0; i < len(rd.words); i++ {
		ph, ok := list.at(rd.words, i)
		if !ok {
			continue
		}
		concept, plus := strings.CutSuffix(ph.value, "+")
		concept = strings.TrimSuffix(concept, "-")
		last := i + len(ph.words) - 1
		s := sign{concept: concept, plus: plus, at: i, end: last + 1}
		if !r.holdsDenial(ph, rd.lang) && rd.deniedNear(i, last, signNear, signNear) {
			s.plus, s.denied = !s.plus, true
		}
		out = append(out, s)
		i = last
	}
	return out
}

// phrasesIn are where the phrases of a list stand.
func (r *reader) phrasesIn(rd *reading, list phraseList) []int {
	var out []int
	for i := range rd.words {
		if _, ok := list.at(rd.words, i); ok {
			out = append(out, i)
		}
	}
	return out
}

// isRate reports whether what an amount is for each of stands at word i, so that
// the "every" before it speaks of no whole.
func (r *reader) isRate(rd *reading, i int) bool {
	if i >= len(rd.words) {
		return false
	}
	if rd.words[i].figure >= 0 {
		return true // "every 24 hours"
	}
	_, noun := r.lists.of(rd.lang, "rate-nouns").at(rd.words, i)
	_, single := r.lists.of(rd.lang, "rate-words").at(rd.words, i-1)
	return noun || single
}

func (r *reader) found(rd *reading, list string) map[string]int {
	phrases := r.lists.of(rd.lang, list)
	out := map[string]int{}
	for i := 0; i < len(rd.words); i++ {
		ph, ok := phrases.at(rd.words, i)
		if ok && ph.value == "" {
			i += len(ph.words) - 1 // "in all" speaks of no whole
			continue
		}
		_, had := out[ph.value]
		if !ok || had || ph.value == "all" && r.isRate(rd, i+len(ph.words)) || list == "strengths" && rd.deniedNear(i, i+len(ph.words)-1, 2, 2) {
			continue
		}
		out[ph.value] = i
	}
	return out
}

// namesIn are the terms of a text that no translation changes, in lower case:
// words with a capital that do not begin a sentence, or with digits or points
// inside. In German, where every noun has a capital, only those with more than
// one or with digits.
func namesIn(rd *reading) []string {
	var out []string
	for i := range rd.words {
		w := rd.words[i]
		raw := w.In(rd.text)
		capitals, digits := 0, 0
		for _, c := range raw {
			if unicode.IsUpper(c) {
				capitals++
			}
			if unicode.IsDigit(c) {
				digits++
			}
		}
		first, _ := utf8.DecodeRuneInString(raw)
		begins := i == 0 || rd.words[i-1].clause != w.clause && strings.ContainsAny(rd.gap(i), ".!?:|\n")
		switch {
		case w.figure >= 0 || len(raw) < 2:
		case digits > 0 && capitals+digits < len(raw), digits > 0 && capitals > 0, capitals > 1:
			out = append(out, w.lower)
		case capitals == 1 && unicode.IsUpper(first) && !begins && rd.lang != "de" && rd.lang != "lb":
			out = append(out, w.lower)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
