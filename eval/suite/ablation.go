package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// TagGoldHidden marks the cases that AblateGold makes.
const TagGoldHidden = "gold-hidden"

// AblateGold adds, behind every case that expects an answer and names gold
// articles, a counterpart that asks the same while those articles are hidden from the
// search: a ticket that the knowledge does not answer, though it holds what is
// like it. So any suite tells how well abstention is chosen, and a confidence can
// be fitted to it. Where another article answers too, which the suite does not
// name as gold, the counterpart is wrongly counted as unanswerable, so its figures are a
// lower bound. It returns how many counterparts there are.
func (s *Suite) AblateGold() int {
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
		counterpart := c
		for counterpart.ID += " without gold"; taken[counterpart.ID]; {
			counterpart.ID += "'"
		}
		taken[counterpart.ID] = true
		counterpart.Expect, counterpart.Reason, counterpart.GoldReply = ExpectNone, "", ""
		counterpart.Weight = 0 // it is nobody's ticket
		counterpart.GoldIDs, counterpart.MustSay, counterpart.MustNotSay, counterpart.MustFind = nil, nil, nil, nil
		counterpart.ExcludeIDs = append(slices.Clone(c.ExcludeIDs), c.GoldIDs...)
		counterpart.Tags = append(slices.Clone(c.Tags), TagGoldHidden)
		cases = append(cases, counterpart)
	}
	counterparts := len(cases) - len(s.Cases)
	s.Cases = cases
	if counterparts > 0 {
		sum := sha256.Sum256([]byte(s.Hash + " " + TagGoldHidden))
		s.Hash = hex.EncodeToString(sum[:])
	}
	return counterparts
}
