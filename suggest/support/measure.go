package support

import (
	"context"
	"math"
	"slices"

	"github.com/purser-desk/purser/suggest"
)

// measured is what tells whether a claim is said, beside its figures.
type measured struct {
	// covered is the share of the claim's words, by rarity, that the best place
	// has, section with those near it, source all of the best source, and back the
	// share of the best place that the claim has.
	covered, section, source, back float64
	// clause is covered of the part of the claim that is covered least.
	clause float64
	// names is the share of its names that the evidence has.
	names float64
	own   float64
	// same tells that the evidence is in the claim's language.
	same bool
	// cosine is that of the claim and the best place, ahead how far it is above the
	// other places, and least that of the part of the claim that is least like any.
	cosine, ahead, least float64
	embedded             bool
	length               int
	best                 []*place
	conflict             suggest.ClaimReason
	detail               string
}

// leastScore is the score below which a claim counts as not said.
const leastScore = .1

func (m *measured) score() float64 {
	x := 4*m.covered + 3*m.source - 1
	if m.embedded {
		x += 2 * m.ahead
	}
	if !m.same {
		return .5
	}
	return 1 / (1 + math.Exp(-x))
}

// all are the words of a text, each once.
func (rd *reading) all() map[string]float64 {
	out := map[string]float64{}
	for _, w := range rd.words {
		if w.figure < 0 {
			raise(out, w.lexeme, 1)
		}
	}
	return out
}

func (t *Task) measure(_ context.Context, c *reading, cited []int) measured {
	m := measured{length: len(c.words)}
	words := c.all()
	var best *place
	for _, p := range t.places {
		if p.lang != c.lang {
			continue
		}
		m.same = true
		said := p.all()
		for l, v := range p.around {
			raise(said, l, v)
		}
		v := t.alike(words, said)
		if slices.Contains(cited, p.source) {
			v += citedFirst
		}
		if v > m.covered && !p.heading {
			m.covered, best = v, p
			m.back = t.alike(p.all(), words)
		}
	}
	if best != nil {
		m.best = []*place{best}
		all := map[string]float64{}
		for _, p := range t.places {
			if p.source == best.source {
				for _, w := range p.words {
					raise(all, w.lexeme, 1)
				}
			}
		}
		m.source = t.alike(words, all)
	}
	for _, o := range t.own {
		m.own = max(m.own, t.alike(words, o.all()))
	}
	return m
}
