package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// TagGoldHidden marks the cases that TakeGoldAway makes.
const TagGoldHidden = "gold-hidden"

// TakeGoldAway adds, behind every case that expects an answer and names gold
// articles, a twin that asks the same while those articles are hidden from the
// search: a ticket that the knowledge does not answer, though it holds what is
// like it. So any suite tells how well silence is chosen, and a confidence can
// be fitted to it. Where another article answers too, which the suite does not
// name as gold, the twin is wrongly counted as unanswerable, so its figures are a
// lower bound. It returns how many twins there are.
func (s *Suite) TakeGoldAway() int {
	cases := make([]Case, 0, 2*len(s.Cases))
	taken := map[string]bool{}
	for i := range s.Cases {
		taken[s.Cases[i].ID] = true
	}
	for i := range s.Cases {
		c := s.Cases[i]
		cases = append(cases, c)
		if c.Expect != ExpectAnswer || len(c.GoldIDs) == 0 {
			continue
		}
		twin := c
		for twin.ID += " without gold"; taken[twin.ID]; {
			twin.ID += "'"
		}
		taken[twin.ID] = true
		twin.Expect, twin.Reason, twin.GoldReply = ExpectNone, "", ""
		twin.Weight = 0 // it is nobody's ticket
		twin.GoldIDs, twin.MustSay, twin.MustNotSay = nil, nil, nil
		twin.ExcludeIDs = append(slices.Clone(c.ExcludeIDs), c.GoldIDs...)
		twin.Tags = append(slices.Clone(c.Tags), TagGoldHidden)
		cases = append(cases, twin)
	}
	twins := len(cases) - len(s.Cases)
	s.Cases = cases
	if twins > 0 {
		sum := sha256.Sum256([]byte(s.Hash + " " + TagGoldHidden))
		s.Hash = hex.EncodeToString(sum[:])
	}
	return twins
}
