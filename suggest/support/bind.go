package support

import (
	"slices"
	"strconv"
	"strings"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/suggest"
)

// occurrence is a figure of the evidence that a figure of a claim is held against.
type occurrence struct {
	place  *place
	figure int
	// alike is how much that what stands around both has in common, 0 to 1.
	alike float64
	// cosine is that of the claim and the place; words tells that they are of one
	// language.
	cosine float64
	words  bool
	// sharp is alike by the nearest words alone.
	sharp float64
	// why is what differs though the number is the same.
	why suggest.ClaimReason
}

// matches reports whether o says the number, date or address that f says.
func (t *Task) matches(c *reading, f *figure, p *place, i int) bool {
	o := &p.figures[i]
	if f.dimension == "factor" || f.dimension == "soon" || o.dimension == "factor" || o.dimension == "soon" {
		n, multiple := strings.CutPrefix(f.factor, "x")
		return f.factor != "" && f.factor == o.factor || multiple && o.Value == n || f.factor == "1/2" && slices.Contains(o.Values, "50%") || o.factor == "1/2" && slices.Contains(f.Values, "50%")
	}
	if f.dimension == "number" && o.Kind == entity.Time {
		return isFullHour(f.Value, o.Values)
	}
	if f.dimension == "duration" && o.Kind == entity.Time {
		n, ok := strings.CutSuffix(f.Value, " h") // Dutch "acht uur"
		return ok && isFullHour(n, o.Values)
	}
	if isWeekday(f.Value) && t.everyDay(f, p) {
		return true
	}
	if isAge(o) && sameNumber(o, f) {
		return true
	}
	if f.dimension == "number" && o.dimension != "number" && f.counted != "" && c.lang == p.lang && o.dimension != string(entity.Code) {
		return false // "3 vouchers" is not "3 days"
	}
	if entity.Supported(f.Entity, []entity.Entity{o.Entity}) {
		return true
	}
	return o.dimension == "number" && (isAge(f) && sameNumber(f, o) || t.unitStandsBeside(c, f, p, i))
}

// isAge reports lengths of time that are often written without their unit, as in
// "children under 2".
func isAge(f *figure) bool { return strings.HasSuffix(f.Value, " yr") }

// sameNumber reports whether two figures have the same number, the second one
// without a unit.
func sameNumber(f, o *figure) bool {
	return slices.ContainsFunc(quantities(f.Entity), func(a quantity) bool {
		return slices.ContainsFunc(quantities(o.Entity), func(b quantity) bool { return a.n == b.n && b.unit == "" })
	})
}

// quoted finds the place that has an address, code or number of a contact word for
// word.
func (t *Task) quoted(f *figure) *place {
	switch f.Kind {
	case entity.URL, entity.Email, entity.Phone, entity.Code, entity.IBAN, entity.Card:
	default:
		return nil
	}
	want := strings.ToLower(f.Text)
	for _, p := range t.places {
		if strings.Contains(strings.ToLower(p.text), want) || t.context.Sources[p.source].URL != "" && strings.Contains(strings.ToLower(t.context.Sources[p.source].URL), want) {
			return p
		}
	}
	return nil
}

func isWeekend(v string) bool { return v == "wd:6" || v == "wd:7" }

func isWeekday(v string) bool { return strings.HasPrefix(v, "wd:") }

// everyDay reports whether a place speaks of all days, or of weekends where the
// weekday is one.
func (t *Task) everyDay(f *figure, p *place) bool {
	if isWeekend(f.Value) {
		if list := t.reader.lists.of(p.lang, "weekends"); len(t.reader.phrasesIn(p.reading, list)) > 0 {
			return true
		}
	}
	for i := range p.figures {
		if slices.Contains(p.figures[i].rates, "day") {
			return true
		}
	}
	return false
}

// isFullHour reports whether a bare number, as in "from 6 to 23", is an hour of
// the day on either clock.
func isFullHour(n string, times []string) bool {
	h, err := strconv.Atoi(n)
	return err == nil && h <= 24 && slices.ContainsFunc(times, func(v string) bool {
		hour, full := strings.CutSuffix(v, ":00")
		k, err := strconv.Atoi(hour)
		return full && err == nil && (k == h || k == h+12)
	})
}

// refuses reports whether a text denies or forbids anything: "heavier than 8 kg is
// not allowed" and "at most 8 kg" are the same limit.
func (rd *reading) refuses() bool {
	return len(rd.denials) > 0 || slices.ContainsFunc(rd.signs, func(s sign) bool { return s.concept == "allow" && !s.plus })
}

// unitStandsBeside reports whether the evidence has the number alone, and its unit
// in the header or beside it.
func (t *Task) unitStandsBeside(c *reading, f *figure, p *place, i int) bool {
	if c.lang != p.lang {
		return false
	}
	if !sameNumber(f, &p.figures[i]) {
		return false
	}
	near := p.nearFigure(i)
	for k := f.first; k <= f.last; k++ {
		if l := c.words[k].lexeme; l != "" && near[l] > 0 && strings.Trim(l, "0123456789") != "" {
			return true
		}
	}
	return false
}

// differs is what a figure of the claim and one of the evidence with the same
// number disagree in.
func (t *Task) differs(c *reading, f *figure, p *place, i int) suggest.ClaimReason {
	o := &p.figures[i]
	if t.otherRate(c, f, p, i) {
		return suggest.ReasonUnit
	}
	if f.relation != "" && o.relation != "" && f.relation != o.relation {
		return suggest.ReasonCondition
	}
	if f.limit*o.limit < 0 && c.refuses() == p.refuses() && len(t.reader.phrasesIn(p.reading, t.reader.lists.of(p.lang, "beyond"))) == 0 {
		return suggest.ReasonNumber
	}
	return ""
}

// otherRate reports whether the claim gives an amount for each of something else
// than the evidence.
func (t *Task) otherRate(c *reading, f *figure, p *place, i int) bool {
	if len(f.rates) == 0 || f.dimension == "duration" && !slices.ContainsFunc(f.rates, isTime) {
		return false
	}
	own := p.ratesOf(i)
	var all []string
	for k := range p.figures {
		all = append(all, p.figures[k].rates...)
	}
	for _, r := range f.rates {
		if slices.Contains(own, r) {
			continue
		}
		if strings.HasPrefix(r, "~") {
			if c.lang != p.lang || t.says(p, r[1:]) {
				continue
			}
			if len(own) > 0 && !slices.ContainsFunc(own, isTime) {
				return true
			}
			continue
		}
		switch {
		case len(own) > 0:
			return !slices.ContainsFunc(f.rates, func(x string) bool { return slices.Contains(own, x) }) || isTime(r)
		case isTime(r) && !slices.Contains(all, r) && f.dimension == "money" && !t.compoundOf(p, r):
			return true
		}
	}
	return false
}

// compoundOf reports whether a place has the noun of a rate within a longer word,
// as "Tageslimit" has "Tag".
func (t *Task) compoundOf(p *place, rate string) bool {
	for noun, phrases := range t.reader.lists.of(p.lang, "rate-nouns") {
		if len(noun) < 3 || phrases[len(phrases)-1].value != rate {
			continue
		}
		for _, w := range p.words {
			if strings.HasPrefix(w.lower, noun) {
				return true
			}
		}
	}
	return false
}

func (t *Task) says(p *place, lexeme string) bool {
	return p.around[lexeme] > 0 || slices.ContainsFunc(p.words, func(w word) bool { return w.lexeme == lexeme })
}

// rank orders occurrences by how close they are to the claim.
func (o occurrence) rank() float64 { return o.alike + cosineWeight*o.cosine }

// guessAlike is how alike the surroundings of a figure must be that is the claim's
// only by a guess.
const guessAlike = .25

// citedFirst is what a place that the draft cites has ahead of others.
const citedFirst = .03

// occurrences are the figures of the evidence with the number of f, best first,
// and the one of the same dimension with another number whose surroundings are
// most alike.
func (t *Task) occurrences(c *reading, f *figure, cited []int, vector []float32) (same []occurrence, other occurrence) {
	near := c.near(f.first, f.last)
	sharp := c.nearBy(f.first, f.last, sharpWords)
	sharply := func(p *place, i int) float64 {
		if p.lang != c.lang {
			return 0
		}
		return t.alike(sharp, p.nearBy(p.figures[i].first, p.figures[i].last, sharpWords))
	}
	for _, p := range t.places {
		for i := range p.figures {
			o := &p.figures[i]
			if t.matches(c, f, p, i) {
				oc := occurrence{p, i, t.alike(near, p.nearFigure(i)), cosine(vector, p.vector), p.lang == c.lang, sharply(p, i), t.differs(c, f, p, i)}
				if oc.words && oc.alike < guessAlike && (strings.HasPrefix(f.factor, "x") && o.factor == "" || isWeekday(f.Value) && !isWeekday(o.Value) && !isWeekend(f.Value)) {
					continue // "tenfold" is not "10 characters"
				}
				if slices.Contains(cited, p.source) {
					oc.alike += citedFirst
				}
				same = append(same, oc)
				continue
			}
			if !t.competes(c, f, p, o) || len(cited) > 0 && !slices.Contains(cited, p.source) {
				continue
			}
			oc := occurrence{place: p, figure: i, alike: t.alike(near, p.nearFigure(i)), cosine: cosine(vector, p.vector), words: p.lang == c.lang, sharp: sharply(p, i)}
			if other.place == nil || oc.rank() > other.rank() || oc.place == other.place && oc.sharp > other.sharp {
				other = oc
			}
		}
	}
	slices.SortStableFunc(same, func(a, b occurrence) int {
		switch {
		case (a.why == "") != (b.why == ""):
			if a.why == "" {
				return -1
			}
			return 1
		case a.rank() > b.rank():
			return -1
		case a.rank() < b.rank():
			return 1
		}
		return 0
	})
	return same, other
}

// competes reports whether a figure of the evidence could stand where the claim
// has another one.
func (t *Task) competes(c *reading, f *figure, p *place, o *figure) bool {
	if f.dimension != o.dimension || c.lang != p.lang && p.vector == nil {
		return false
	}
	if f.dimension == "number" {
		return c.lang == p.lang && f.counted != "" && f.counted == o.counted
	}
	return f.dimension == "money" || f.dimension == "duration" || f.dimension == "%" || f.dimension == "weight" || f.dimension == "length" || f.dimension == "data"
}

// mentions reports whether a claim names a row: at least half of the words of its
// first cell that no other row of the table has there.
func (t *Task) mentions(c *reading, p *place) bool {
	own, said := t.ownKey(p), 0
	for _, k := range own {
		lexeme := t.reader.lexeme(p.lang, k)
		if slices.ContainsFunc(c.words, func(w word) bool {
			return w.figure < 0 && (w.lower == k || c.lang == p.lang && (lexeme != "" && w.lexeme == lexeme || len(k) >= minCompound && strings.HasPrefix(w.lower, k)))
		}) {
			said++
		}
	}
	return said > 0 && 2*said >= len(own)
}

// minCompound is the length, in bytes, from which a word's beginning names a row:
// "Kreditkarte" that of "Kredit- oder Debitkarte".
const minCompound = 5

// ownKey are the words of a row's first cell that no other row of its table has
// there.
func (t *Task) ownKey(p *place) []string {
	var out []string
	for _, k := range p.key {
		if t.reader.lexeme(p.lang, k) == "" {
			continue
		}
		if !slices.ContainsFunc(t.places, func(q *place) bool { return q != p && q.table == p.table && slices.Contains(q.key, k) }) {
			out = append(out, k)
		}
	}
	return out
}

// otherRow is the row that a claim names where its figure is that of another row
// of the same table; nil where it is not so.
func (t *Task) otherRow(c *reading, same []occurrence) *place {
	if len(same) == 0 || same[0].place.table == 0 {
		return nil
	}
	var row *place
	for _, q := range t.places {
		if q.table != same[0].place.table || q.heading || !t.mentions(c, q) {
			continue
		}
		if row != nil || slices.ContainsFunc(same, func(o occurrence) bool { return o.place == q }) {
			return nil
		}
		row = q
	}
	return row
}
