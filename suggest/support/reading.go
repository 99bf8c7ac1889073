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
