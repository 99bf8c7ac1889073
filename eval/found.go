package eval

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/eval/overlap"
	"github.com/purser-desk/purser/eval/suite"
)

// scoreEvidence scores what was offered to the drafter, where there was a search.
func (r *CaseResult) scoreEvidence(c *suite.Case) {
	if len(r.Ranked) == 0 {
		return
	}
	var all strings.Builder
	gold := false
	for i := range r.Evidence {
		e := &r.Evidence[i]
		all.WriteString(e.Text)
		all.WriteString("\n\n")
		gold = gold || slices.Contains(c.GoldIDs, e.Key)
	}
	if len(r.Evidence) > 0 {
		r.Scores[EvidenceChars] = float64(utf8.RuneCountInString(all.String()))
	}
	if len(c.GoldIDs) > 0 {
		r.Scores[GoldInEvidence] = outcome(gold)
	}
	if len(c.MustFind) > 0 {
		folded := suite.Fold(all.String())
		r.Scores[MustFindKept] = outcome(!slices.ContainsFunc(c.MustFind, func(words string) bool { return !strings.Contains(folded, suite.Fold(words)) }))
	}
	if share, ok := pairShare(c.GoldReply, all.String()); ok {
		r.Scores[ReplyInEvidence] = share
	}
}

// pairShare is the share of the pairs of neighbouring words of a text that stand
// in another one; ok is false where the text has none.
func pairShare(words, in string) (share float64, ok bool) {
	tokens := overlap.Tokens(words)
	if len(tokens) < 2 {
		return 0, false
	}
	held := map[[2]string]bool{}
	there := overlap.Tokens(in)
	for i := 1; i < len(there); i++ {
		held[[2]string{there[i-1], there[i]}] = true
	}
	n := 0
	for i := 1; i < len(tokens); i++ {
		if held[[2]string{tokens[i-1], tokens[i]}] {
			n++
		}
	}
	return float64(n) / float64(len(tokens)-1), true
}
