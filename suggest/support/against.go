package support

import (
	"fmt"
	"slices"

	"github.com/purser-desk/purser/suggest"
)

// against measures in what a claim and the places that it is closest to disagree.
// Where one of several that are equally close agrees, nothing is held against it.
func (t *Task) against(c *reading, m *measured, peers, near []ranked) {
	f := m.features
	var first []float64
	for _, r := range peers {
		d := t.disagreement(c, r, closeness(r, m.embedded))
		if first == nil {
			first = d
		}
		for i := range d {
			first[i] = min(first[i], d[i])
		}
	}
	copy(f[atClaimDenies:atOtherLanguage], first)
	f[atDeniedWord] = t.deniedWord(c)
	if t.siblingNamed(c, peers[0].place) {
		f[atSibling] = 1
	}
	strong, weak, agrees := opposed(c, near)
	f[atOpposite], f[atMayNot] = strong, weak
	if agrees {
		f[atClaimDenies], f[atPlaceDenies], f[atDeniedBeside] = 0, 0, 0
	}
	said := peers[0].place.text
	if sure := t.surely(c, f, peers[0].place); sure != "" {
		m.conflict, m.detail = sure, "the evidence says this of another case, under a condition, or not: "+said
		return
	}
	for _, k := range []struct {
		at     int
		reason suggest.ClaimReason
		what   string
	}{
		{atSibling, suggest.ReasonSubject, "the evidence says this of others"},
		{atOpposite, suggest.ReasonNegation, "the evidence says the opposite"},
		{atDeniedWord, suggest.ReasonNegation, "the evidence denies this of what the claim names"},
		{atMayNot, suggest.ReasonNegation, "the evidence says the opposite"},
		{atDeniedBeside, suggest.ReasonNegation, "one of the two denies this"},
		{atClaimDenies, suggest.ReasonNegation, "the evidence does not deny this"},
		{atPlaceDenies, suggest.ReasonNegation, "the evidence denies something of this"},
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

// closeness is how sure it is, 0 to 1, that a place speaks of what the claim does.
func closeness(r ranked, embedded bool) float64 {
	if !embedded {
		return r.covered
	}
	return max(0, min(1, (r.cosine-closeFrom)/(closeTo-closeFrom)))
}

// The cosines between which a place comes to speak of what a claim does.
const (
	closeFrom = .84
	closeTo   = .92
)

// disagreement has the features from atClaimDenies to atMayDropped.
func (t *Task) disagreement(c *reading, r ranked, close float64) []float64 {
	out := make([]float64, atOtherLanguage-atClaimDenies)
	set := func(at int, v float64) { out[at-atClaimDenies] = v }
	p := r.place
	switch denies := len(p.stated) > 0 || p.deniedAhead; {
	case (len(c.stated) > 0) == denies:
	case p.lang == c.lang && !p.deniedAhead:
		set(atDeniedBeside, t.deniedShare(c, p))
	case denies:
		set(atPlaceDenies, close/float64(1+p.words[len(p.words)-1].clause))
	default:
		set(atClaimDenies, close)
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

// common are pairs of words that stand in many sentences, so that one beside the
// other says little.
var common = []string{"allow", "need"}

// opposed reports whether a claim stands on the other side of a pair such as
// "free" and "for a fee" than all of the near places that have one of its words,
// for pairs that say much and for those that say little; agrees, whether it stands
// on the same side of one.
func opposed(c *reading, near []ranked) (strong, weak float64, agrees bool) {
	for _, x := range c.signs {
		same, other := false, false
		for _, r := range near {
			for _, y := range append(r.place.signsAhead[:len(r.place.signsAhead):len(r.place.signsAhead)], r.place.signs...) {
				if x.concept == y.concept {
					same = same || x.plus == y.plus
					other = other || x.plus != y.plus
				}
			}
		}
		isCommon := slices.Contains(common, x.concept)
		switch {
		case same && !isCommon:
			agrees = true
		case same || !other:
		case isCommon:
			weak = 1
		default:
			strong = 1
		}
	}
	return strong, weak, agrees && strong == 0
}

// deniedShare is how much of what stands beside a denial the other text has: a
// denial that turns its very words round weighs more than one elsewhere.
func (t *Task) deniedShare(c *reading, p *place) float64 {
	denying, other := c, p.reading
	if len(c.stated) == 0 {
		denying, other = p.reading, c
	}
	words, best := other.all(), 0.0
	for _, d := range denying.stated {
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

// deniedWord is the rarity, 0 to 1, of the rarest word of an affirming claim that
// the evidence has beside denials alone.
func (t *Task) deniedWord(c *reading) float64 {
	if len(c.denials) > 0 {
		return 0
	}
	best := 0.0
	for k, w := range c.words {
		if w.lexeme == "" || w.figure >= 0 || t.rarity(w.lexeme) <= best || slices.ContainsFunc(c.signs, func(s sign) bool { return k >= s.at && k < s.end }) {
			continue
		}
		denied, affirmed := false, false
		for _, p := range t.places {
			if p.lang != c.lang {
				continue
			}
			for i := range p.words {
				if p.words[i].lexeme == w.lexeme {
					if p.deniedNear(i, i, deniedWithin, deniedWithin) || p.deniedAhead {
						denied = true
					} else {
						affirmed = true
					}
				}
			}
		}
		if denied && !affirmed {
			best = t.rarity(w.lexeme)
		}
	}
	return best / t.rarest
}

// deniedWithin is how many words a denial is away from what it concerns.
const deniedWithin = 4

// siblingNamed reports whether a claim names one row of a table, such as a fare,
// where the place that it is closest to names others of its rows and not this one.
func (t *Task) siblingNamed(c *reading, p *place) bool {
	has := func(rd *reading, own []string) bool {
		return len(own) > 0 && slices.ContainsFunc(rd.words, func(w word) bool { return slices.Contains(own, w.lower) })
	}
	named, others := map[int]bool{}, map[int]bool{}
	for _, q := range t.places {
		if q.table == 0 || q.heading || len(q.key) == 0 || len(q.key) > maxKeyWords {
			continue
		}
		own := t.ownKey(q)
		inClaim, inPlace := has(c, own), has(p.reading, own)
		switch {
		case inClaim && inPlace:
			return false
		case inClaim:
			named[q.table] = true
		case inPlace:
			others[q.table] = true
		}
	}
	for table := range named {
		if others[table] {
			return true
		}
	}
	return false
}

// maxKeyWords is how long the name of a row is; longer cells are sentences.
const maxKeyWords = 2

// surely is what makes a claim false whatever its score: it names one row where the
// evidence speaks of others, or leaves out what its own row takes off, or allows what
// stands in a list of what may not be.
func (t *Task) surely(c *reading, f []float64, p *place) suggest.ClaimReason {
	switch {
	case f[atSibling] > 0:
		return suggest.ReasonSubject
	case p.deniedAhead && f[atMayNot] > 0:
		return suggest.ReasonNegation
	case p.table > 0 && f[atOnlyDropped] > 0 && len(c.figures) == 0 && t.mentions(c, p):
		return suggest.ReasonCondition
	case p.table > 0 && len(c.figures) == 0 && t.otherRow(c, []occurrence{{place: p}}) != nil:
		return suggest.ReasonSubject
	}
	return ""
}
