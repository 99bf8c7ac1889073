package sample

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/purser-desk/purser/suggest"
)

// StratumOf names what became of an ask, which is what the sample is stratified
// by: "approved", "edited", "own" (a draft was there and the agent wrote without
// it), "discarded:WRONG", "ignored" (nobody decided on the draft), "abstained:" and
// "human:" with the reason for which there was no draft, "unaided" (a reply, and
// no suggestion), "unanswered" (neither).
func StratumOf(a suggest.Ask) string {
	switch {
	case a.SuggestionID == "" && a.Replied:
		return "unaided"
	case a.SuggestionID == "":
		return "unanswered"
	case a.Outcome == suggest.OutcomeNoDraft:
		return named("abstained", string(a.Reason))
	case a.Outcome == suggest.OutcomeHumanOnly:
		return named("human", string(a.Reason))
	}
	switch a.Decision {
	case suggest.DecisionApprove:
		return "approved"
	case suggest.DecisionEdit:
		return "edited"
	case suggest.DecisionOwn:
		return "own"
	case suggest.DecisionDiscard:
		return named("discarded", string(a.DiscardReason))
	}
	return "ignored"
}

func named(kind, reason string) string {
	if reason == "" {
		return kind
	}
	return kind + ":" + strings.ToUpper(reason)
}

// sampler keeps, of asks that come in any order, the n of each stratum that a
// hash with the seed puts first. Each ask's place in that order is as good as
// random, so any number of the first ones of a stratum is a simple random sample
// without replacement of it; and the same asks and seed give the same sample.
type sampler struct {
	n      int
	seed   uint64
	strata map[string]*stratum
}

type stratum struct {
	size int
	kept []ranked
}

type ranked struct {
	rank uint64
	ask  suggest.Ask
}

func newSampler(n int, seed uint64) *sampler {
	return &sampler{n: n, seed: seed, strata: map[string]*stratum{}}
}

func (s *sampler) add(a suggest.Ask) {
	name := StratumOf(a)
	t := s.strata[name]
	if t == nil {
		t = &stratum{}
		s.strata[name] = t
	}
	t.size++
	t.kept = append(t.kept, ranked{s.rank(a), a})
	if len(t.kept) >= 2*s.n+16 {
		t.trim(s.n)
	}
}

func (s *sampler) rank(a suggest.Ask) uint64 {
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], s.seed)
	sum := sha256.Sum256(append(seed[:], a.MessageID...))
	return binary.BigEndian.Uint64(sum[:8])
}

// trim keeps the first n, in order.
func (t *stratum) trim(n int) {
	slices.SortFunc(t.kept, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.ask.MessageID, b.ask.MessageID))
	})
	t.kept = t.kept[:min(n, len(t.kept))]
}

// population is how many asks were seen.
func (s *sampler) population() int {
	n := 0
	for _, t := range s.strata {
		n += t.size
	}
	return n
}

// draw takes n asks, or all when there are no more, at least floor of each
// stratum as far as n and the stratum allow. The rest goes to the strata by the
// square root of their sizes, a compromise between the best estimate for each
// stratum and the best one for all (Bankier, "Power allocations: determining
// sample sizes for subnational areas", 1988). Every stratum has at least one:
// what has none could not be weighted for.
func (s *sampler) draw(floor int) (map[string][]suggest.Ask, error) {
	names := slices.Sorted(maps.Keys(s.strata))
	if s.n < len(names) {
		return nil, &TooFewError{N: s.n, Strata: len(names)}
	}
	take := make(map[string]int, len(names))
	left := min(s.n, s.population())
	// By turns, so that a floor which n can't pay for is lowered for all alike.
	for turn := 0; turn < max(floor, 1); turn++ {
		for _, name := range names {
			if left > 0 && take[name] < min(turn+1, s.strata[name].size) {
				take[name]++
				left--
			}
		}
	}
	for ; left > 0; left-- {
		best, most := "", -1.0
		for _, name := range names {
			t := s.strata[name]
			if behind := math.Sqrt(float64(t.size)) / float64(take[name]+1); take[name] < t.size && behind > most {
				best, most = name, behind
			}
		}
		take[best]++
	}
	out := make(map[string][]suggest.Ask, len(names))
	for _, name := range names {
		t := s.strata[name]
		t.trim(take[name])
		for _, k := range t.kept {
			out[name] = append(out[name], k.ask)
		}
	}
	return out, nil
}

// TooFewError says that a sample can't hold all strata.
type TooFewError struct{ N, Strata int }

func (e *TooFewError) Error() string {
	return fmt.Sprintf("%d cases can't stand for the %d kinds of what happened to tickets in this time; ask for at least %d", e.N, e.Strata, e.Strata)
}
