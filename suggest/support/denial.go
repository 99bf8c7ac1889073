package support

import (
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/lexicon"
)

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
