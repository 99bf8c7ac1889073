package support

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/suggest"
)

// checked is what the figures of a claim came to.
type checked struct {
	// against is what speaks against the claim; empty for nothing.
	against suggest.ClaimReason
	// contradicted tells that the evidence has something else, not only nothing.
	contradicted bool
	detail       string
	places       []*place
	calculations []string
	facts        []string
	// evidence, own and derived count the figures by where they are from.
	evidence, own, derived int
}

// Margins by which another figure's surroundings must be more like the claim's
// than those of the figure that it names.
const (
	otherAhead    = .2
	otherAlike    = .45
	otherForWrong = .3
	// otherCloser is by how much the cosine must be higher where words can't be
	// compared; otherTogether what words and cosine must come to together.
	otherCloser   = .01
	cosineWeight  = 8
	otherTogether = .35
	otherLeast    = .05
	sharpAhead    = .1
	// differsAhead is by how much the surroundings of a figure that differs must be
	// more like the claim's than those of one that does not.
	differsAhead = .2
)

// checkFigures looks for each figure of a claim.
func (t *Task) checkFigures(c *reading, cited []int, vector []float32) checked {
	var out checked
	for i := range c.figures {
		f := &c.figures[i]
		if t.countsNothing(c, f) {
			continue
		}
		t.checkFigure(c, f, cited, vector, &out)
	}
	return out
}

// countsNothing reports figures that claim nothing by themselves: "one", and small
// numbers in words that count what nothing in the evidence counts.
func (t *Task) countsNothing(c *reading, f *figure) bool {
	if isOne(c, f) || isWeekday(f.Value) && c.refuses() {
		return true
	}
	if f.dimension != "number" || !f.weak {
		return false
	}
	if f.Value == "1" || f.counted == "" {
		return true
	}
	for _, p := range t.places {
		for i := range p.figures {
			if o := &p.figures[i]; p.lang == c.lang && o.dimension == "number" && o.counted == f.counted {
				return false
			}
			if p.table > 0 && p.lang == c.lang && p.columns[i] >= 0 && p.columns[i] < len(p.header) && p.figures[i].dimension == "number" &&
				slices.ContainsFunc(p.header[p.columns[i]].words, func(w word) bool { return w.lexeme == f.counted }) {
				return false
			}
		}
	}
	return true
}

// isOne reports the "a night" of "EUR 18 a night", which is a rate.
func isOne(c *reading, f *figure) bool {
	return f.dimension == "duration" && strings.HasPrefix(f.Value, "1 ") && !strings.ContainsFunc(f.Text, unicode.IsDigit) &&
		f.first > 0 && c.words[f.first-1].figure >= 0
}

func (t *Task) checkFigure(c *reading, f *figure, cited []int, vector []float32, out *checked) {
	same, other := t.occurrences(c, f, cited, vector)
	fact, isOwn := t.ownFigure(f)
	if len(same) == 0 || same[0].why != "" && isOwn {
		switch {
		case isOwn:
			out.own++
			if fact != "" && !slices.Contains(out.facts, fact) {
				out.facts = append(out.facts, fact)
			}
			t.compare(c, f, out)
			return
		case f.dimension == "soon" && t.isSoon(c, f), f.factor == "now" && len(same) == 0 && t.hasLanguage(c.lang) && t.bestTime(c, f) < otherForWrong:
			return
		}
		if p := t.quoted(f); p != nil {
			out.evidence++
			out.places = append(out.places, p)
			return
		}
		if len(same) == 0 {
			if k, ok := t.derive(c, f, cited); ok {
				out.derived++
				out.calculations = append(out.calculations, k.text)
				if k.place != nil {
					out.places = append(out.places, k.place)
				}
				return
			}
			t.missing(f, other, out)
			return
		}
	}
	best := same[0]
	for _, o := range same {
		if o.why != "" && o.words && o.rank() > best.rank()+differsAhead {
			best = o
		}
	}
	if f.factor == "now" && best.place.lang == c.lang && best.alike < t.bestTime(c, f) {
		t.missing(f, occurrence{}, out)
		return
	}
	switch row := t.otherRow(c, same); {
	case best.why != "" && !t.isCompared(c, f):
		out.contradict(best.why, t.tellDiffers(f, best), best.place)
	case row != nil:
		out.contradict(suggest.ReasonSubject, fmt.Sprintf("%q is said of another row; of this one: %s", f.Text, row.text), row, best.place)
	case isOthers(best, other):
		out.contradict(suggest.ReasonSubject, fmt.Sprintf("%q is said of something else; here it says: %s", f.Text, other.place.text), other.place)
	case t.disagrees(best) != nil:
		with := t.disagrees(best)
		out.contradict(suggest.ReasonConflict, fmt.Sprintf("the evidence contradicts itself: %s / %s", best.place.text, with.text), best.place, with)
	case t.factDiffers(c, f) != "":
		out.contradict(suggest.ReasonConflict, "a fact says otherwise: "+t.factDiffers(c, f), best.place)
	default:
		out.evidence++
		if !slices.Contains(out.places, best.place) {
			out.places = append(out.places, best.place)
		}
	}
}

// isOthers reports whether a claim speaks of what another figure stands for: its
// surroundings are more like the claim's than those of the figure that it names,
// by words and by meaning.
func isOthers(best, other occurrence) bool {
	switch {
	case other.place == nil:
		return false
	case other.place == best.place:
		return other.words && other.sharp > best.sharp+sharpAhead
	case other.cosine == 0 && best.cosine == 0:
		return other.alike > otherAlike && other.alike > best.alike+otherAhead
	case !other.words:
		return other.cosine > best.cosine+otherCloser
	}
	ahead := other.alike - best.alike
	return ahead > otherLeast && ahead+cosineWeight*(other.cosine-best.cosine) > otherTogether
}

func (c *checked) contradict(why suggest.ClaimReason, detail string, places ...*place) {
	if c.against == "" || !c.contradicted {
		c.against, c.contradicted, c.detail = why, true, detail
		c.places = append(slices.Clone(places), c.places...)
	}
}

// hasLanguage reports whether any evidence is in a language.
func (t *Task) hasLanguage(lang string) bool {
	return slices.ContainsFunc(t.places, func(p *place) bool { return p.lang == lang })
}

// bestTime is how much what stands around a claim's "at once" is like what stands
// around a length of time of the evidence, which it would replace.
func (t *Task) bestTime(c *reading, f *figure) float64 {
	near, best := c.near(f.first, f.last), 0.0
	for _, p := range t.places {
		for i := range p.figures {
			if p.lang == c.lang && p.figures[i].dimension == "duration" {
				best = max(best, t.alike(near, p.nearFigure(i)))
			}
		}
	}
	return best
}

// missing is a figure that nobody names.
func (t *Task) missing(f *figure, other occurrence, out *checked) {
	why := suggest.ReasonNumber
	switch {
	case f.dimension == "soon":
		why = suggest.ReasonCondition
	case f.dimension == string(entity.URL), f.dimension == string(entity.Email), f.dimension == string(entity.Phone), f.dimension == string(entity.Code):
		why = suggest.ReasonNoSource
	}
	if other.place != nil && other.alike > otherForWrong {
		out.contradict(why, fmt.Sprintf("nothing says %q; the evidence says: %s", f.Text, other.place.text), other.place)
		return
	}
	if out.against == "" {
		out.against, out.detail = why, fmt.Sprintf("nothing that was offered says %q", f.Text)
	}
}

func (t *Task) tellDiffers(f *figure, o occurrence) string {
	what := map[suggest.ClaimReason]string{suggest.ReasonUnit: "for each of something else", suggest.ReasonNumber: "the other limit", suggest.ReasonCondition: "on the other side of the event"}[o.why]
	return fmt.Sprintf("the evidence says %q as %s: %s", f.Text, what, o.place.text)
}

// ownFigure finds a figure in what the customer wrote and in the facts.
func (t *Task) ownFigure(f *figure) (fact string, ok bool) {
	for _, o := range t.own {
		for i := range o.figures {
			g := &o.figures[i]
			if f.factor != "" && f.factor == g.factor || f.factor == "" && g.factor == "" && (entity.Supported(f.Entity, []entity.Entity{g.Entity}) || sameNumber(f, g)) {
				return o.fact, true
			}
		}
		if o.fact != "" && strings.Contains(plain(o.text), plain(f.Text)) {
			return o.fact, true
		}
	}
	return "", false
}

// plain is the letters and digits of s in lower case.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// isSoon reports whether a "today" or "at once" speaks of a day that the claim
// names by its date, or that the customer spoke of.
func (t *Task) isSoon(c *reading, f *figure) bool {
	if t.context.Now.IsZero() {
		return false
	}
	days := map[string]int{"today": 0, "tomorrow": 1}
	n, ok := days[f.factor]
	if !ok {
		return false
	}
	day := t.context.Now.AddDate(0, 0, n)
	for i := range c.figures {
		for _, v := range c.figures[i].Values {
			if d, ok := t.date(v); ok && sameDay(d, day) {
				return true
			}
		}
	}
	return false
}

// isCompared reports whether a figure of the evidence is compared with another
// one of the claim, as in "26 kg is above the limit of 23 kg", so that the word of
// a limit compares and limits nothing.
func (t *Task) isCompared(c *reading, f *figure) bool {
	for i := range c.figures {
		g := &c.figures[i]
		if g.Start != f.Start && g.dimension == f.dimension && f.dimension != "number" && f.dimension != "duration" {
			if _, own := t.ownFigure(g); own {
				return true
			}
		}
	}
	return false
}

// compare checks a comparison of the customer's own figure with another one of the
// claim: "6 kg is below the limit of 8 kg".
func (t *Task) compare(c *reading, f *figure, out *checked) {
	for i := range c.figures {
		g := &c.figures[i]
		if g.dimension != f.dimension || g.first <= f.last || g.limit == 0 || c.words[f.last].clause != c.words[g.first].clause || len(quantities(f.Entity)) == 0 || len(quantities(g.Entity)) == 0 {
			continue
		}
		a, b := quantities(f.Entity)[0], quantities(g.Entity)[0]
		if x, ok := a.common(); ok {
			if y, ok := b.common(); ok {
				a, b = x, y
			}
		}
		if a.unit != b.unit {
			continue
		}
		relation, holds := "≤", a.n <= b.n
		if g.limit > 0 {
			relation, holds = "≥", a.n >= b.n
		}
		if !holds {
			out.contradict(suggest.ReasonNumber, fmt.Sprintf("%s is not %s %s", f.Text, relation, g.Text))
			return
		}
		out.derived++
		out.calculations = append(out.calculations, fmt.Sprintf("%s %s %s", a, relation, b))
		return
	}
}
