package support

import (
	"context"
	"slices"
	"strings"

	"github.com/purser-desk/purser/suggest"
)

// Judge tells how a sentence stands to what is known. cited are the numbers of
// the sources that it names; those that were not offered are passed over. It
// never fails: where the embedder does, words decide alone.
func (t *Task) Judge(ctx context.Context, sentence string, cited []int) Finding {
	c := t.reader.read(cut(sentence, maxClaim), t.context.Locale)
	indexes := t.indexes(cited)
	if len(t.places) == 0 && len(t.own) == 0 {
		return Finding{Standing: suggest.StandingUnverified, Reason: suggest.ReasonNoSource, Detail: "nothing was offered that could say so"}
	}
	m := t.measure(ctx, c, indexes)
	figures := t.checkFigures(c, indexes, m.vector)
	out := Finding{Facts: figures.facts, Score: m.score()}
	switch {
	case figures.against != "" && figures.contradicted:
		out.Standing, out.Reason, out.Detail = suggest.StandingContradicted, figures.against, figures.detail
	case figures.against != "":
		out.Standing, out.Reason, out.Detail = suggest.StandingUnverified, figures.against, figures.detail
	case m.conflict != "":
		out.Standing, out.Reason, out.Detail = suggest.StandingContradicted, m.conflict, m.detail
	case isOwn(&figures, &m):
		out.Standing = suggest.StandingCustomersOwn
	case m.turned():
		out.Standing, out.Reason, out.Detail = suggest.StandingContradicted, m.doubt, m.detail
	case out.Score < m.least() && !m.quotes():
		out.Standing, out.Reason, out.Detail = suggest.StandingUnverified, suggest.ReasonNoSource, "nothing that was offered says so"
		if m.doubt != "" {
			out.Standing, out.Reason, out.Detail = suggest.StandingContradicted, m.doubt, m.detail
		}
	case !m.embedded && !m.told(&figures):
		out.Standing, out.Reason, out.Detail = suggest.StandingUnverified, suggest.ReasonNoSource, "nothing that was offered says so"
	case figures.derived > 0:
		out.Standing, out.Calculation = suggest.StandingDerived, strings.Join(figures.calculations, "; ")
	default:
		out.Standing = suggest.StandingSupported
	}
	out.Places = t.placesOf(figures.places, m.best)
	return out
}

// maxPlacesTold is how many places a finding names.
const maxPlacesTold = 3

func (t *Task) placesOf(lists ...[]*place) []Place {
	var out []Place
	for _, list := range lists {
		for _, p := range list {
			q := Place{t.context.Sources[p.source].Number, p.start, p.end}
			if len(out) < maxPlacesTold && !slices.Contains(out, q) && q.End > q.Start {
				out = append(out, q)
			}
		}
	}
	return out
}

// indexes are the places in Sources of the numbers that exist.
func (t *Task) indexes(cited []int) []int {
	var out []int
	for _, n := range cited {
		for i := range t.context.Sources {
			if t.context.Sources[i].Number == n && !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	return out
}

// isOwn reports whether a claim repeats what the customer wrote or a fact says,
// and nothing else.
func isOwn(f *checked, m *measured) bool {
	return f.evidence == 0 && f.derived == 0 && m.own > ownShare && m.own > m.covered
}

// ownShare of a claim's words must stand in what the customer wrote for it to be
// theirs.
const ownShare = .6

// wordsTold is the share of a claim's words that the place closest to it must have,
// where no vectors tell what is meant: what shares nothing with the evidence is not
// shown as supported by it. At .2, "go run ./suggest/support/fit" without an embedder
// marks 9 instead of 1 of 149 true claims in other words, 4 of 86 true sentences of the
// trials, and 22 instead of none of 30 demands for secrets.
const wordsTold = .2

// told reports whether words of the same language or figures tie a claim to the
// evidence at all.
func (m *measured) told(f *checked) bool {
	return f.evidence > 0 || f.derived > 0 || m.same && m.covered >= wordsTold
}

// turned reports whether a claim repeats what the evidence says, word for word but
// for a denial beside its words or the opposite of one.
func (m *measured) turned() bool {
	return m.features[atQuoted] == 1 && (m.features[atDeniedBeside] > wordForWord || m.features[atOpposite] > 0 || m.features[atMayNot] > 0)
}

// wordForWord is the share of words that makes a repetition.
const wordForWord = .95
