package support

import (
	"slices"
	"strings"
)

const (
	// sameSentence is the share of the words of two places that must be common for
	// them to say the same of other numbers, sameWords how many words they need.
	sameSentence = .85
	sameWords    = 2
)

// disagrees finds another place that says the same of another number; nil for none.
func (t *Task) disagrees(o occurrence) *place {
	words, f := o.place.all(), &o.place.figures[o.figure]
	if len(words) < sameWords {
		return nil
	}
	for _, p := range t.places {
		if p == o.place || p.heading || p.lang != o.place.lang || p.table > 0 && p.table == o.place.table {
			continue
		}
		differs := false
		for i := range p.figures {
			if t.matches(o.place.reading, f, p, i) {
				differs = false
				break
			}
			differs = differs || p.figures[i].dimension == f.dimension
		}
		if said := p.all(); differs && t.alike(words, said) >= sameSentence && t.alike(said, words) >= sameSentence {
			return p
		}
	}
	return nil
}

// factDiffers is the fact whose name the claim says and whose value is another
// number; empty for none.
func (t *Task) factDiffers(c *reading, f *figure) string {
	for _, o := range t.own {
		if o.fact == "" || len(o.figures) != 1 || o.figures[0].dimension != f.dimension || f.dimension == "number" {
			continue
		}
		names := strings.FieldsFunc(strings.ToLower(o.fact), func(r rune) bool { return r == '_' || r == ' ' || r == '-' })
		said := len(names) > 1
		for _, n := range names {
			said = said && slices.ContainsFunc(c.words, func(w word) bool { return w.lower == n })
		}
		if fact, ok := t.ownFigure(f); said && (!ok || fact != o.fact) {
			return o.fact + " " + o.text
		}
	}
	return ""
}
