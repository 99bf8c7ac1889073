package support

import (
	"fmt"

	"github.com/purser-desk/purser/suggest"
)

// against measures in what a claim and the places that it is closest to disagree.
// Where one of several that are equally close agrees, nothing is held against it.
func (t *Task) against(c *reading, m *measured, peers []ranked) {
	f := m.features
	var first []float64
	for _, r := range peers {
		d := t.disagreement(c, r)
		if first == nil {
			first = d
		}
		for i := range d {
			first[i] = min(first[i], d[i])
		}
	}
	copy(f[atDeniedBeside:atOtherLanguage], first)
	said := peers[0].place.text
	for _, k := range []struct {
		at     int
		reason suggest.ClaimReason
		what   string
	}{
		{atDeniedBeside, suggest.ReasonNegation, "one of the two denies this"},
		{atOpposite, suggest.ReasonNegation, "the evidence says the opposite"},
		{atDenied, suggest.ReasonNegation, "one of the two denies this"},
		{atAll, suggest.ReasonStrength, "the evidence does not say this of all"},
		{atSomeDropped, suggest.ReasonStrength, "the evidence says this of some"},
		{atMust, suggest.ReasonStrength, "the evidence demands no such thing"},
		{atMayDropped, suggest.ReasonStrength, "the evidence only says that it may be so"},
		{atOnlyDropped, suggest.ReasonCondition, "the evidence says this under a condition"},
		{atOnlyAdded, suggest.ReasonCondition, "the evidence has no such condition"},
	} {
		if f[k.at] > 0 {
			m.doubt, m.detail = k.reason, fmt.Sprintf("%s: %s", k.what, said)
			return
		}
	}
}

// disagreement has the features from atDeniedBeside to atMayDropped.
func (t *Task) disagreement(c *reading, r ranked) []float64 {
	out := make([]float64, atOtherLanguage-atDeniedBeside)
	set := func(at int, v float64) { out[at-atDeniedBeside] = v }
	p := r.place
	conflict, agrees := signsDiffer(c, p.reading)
	if conflict {
		set(atOpposite, 1)
	}
	if (len(c.denials) > 0) != (len(p.denials) > 0) && !agrees {
		set(atDenied, 1)
		if p.lang == c.lang {
			set(atDeniedBeside, t.deniedShare(c, p))
		}
	}
	has := func(m map[string]int, v string) bool { _, ok := m[v]; return ok }
	is := func(at int, v bool) {
		if v {
			set(at, 1)
		}
	}
	is(atAll, has(c.quantifiers, "all") && !has(p.quantifiers, "all"))
	is(atSomeDropped, has(p.quantifiers, "some") && !has(c.quantifiers, "some"))
	is(atOnlyDropped, has(p.quantifiers, "only") && !has(c.quantifiers, "only"))
	is(atOnlyAdded, has(c.quantifiers, "only") && !has(p.quantifiers, "only"))
	is(atMust, has(c.strengths, "must") && !has(p.strengths, "must"))
	is(atMayDropped, has(p.strengths, "may") && !has(c.strengths, "may"))
	return out
}

// signsDiffer reports whether two texts stand on opposite sides of a pair such as
// "free" and "for a fee", and whether they stand on the same side of one.
func signsDiffer(a, b *reading) (conflict, agrees bool) {
	for _, x := range a.signs {
		same, other := false, false
		for _, y := range b.signs {
			if x.concept == y.concept {
				same = same || x.plus == y.plus
				other = other || x.plus != y.plus
			}
		}
		conflict = conflict || other && !same
		agrees = agrees || same && !other
	}
	return conflict, agrees
}

// deniedShare is how much of what stands beside a denial the other text has: a
// denial that turns its very words round weighs more than one elsewhere.
func (t *Task) deniedShare(c *reading, p *place) float64 {
	denying, other := c, p.reading
	if len(c.denials) == 0 {
		denying, other = p.reading, c
	}
	words, best := other.all(), 0.0
	for _, d := range denying.denials {
		near := denying.near(d, d)
		for l, v := range near {
			if v < besideDenial {
				delete(near, l)
			}
		}
		if len(near) > 0 {
			best = max(best, t.alike(near, words))
		}
	}
	return best
}

// besideDenial is the nearness of what a denial concerns: within some four words.
const besideDenial = .7
