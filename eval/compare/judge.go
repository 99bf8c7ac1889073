package compare

import (
	"maps"
	"slices"

	"github.com/purser-desk/purser/eval"
)

// sameJudge reports whether verdicts of both runs can be compared.
func sameJudge(a, b *eval.JudgeInfo) bool {
	return a != nil && b != nil && a.Counts && b.Counts && a.Hash == b.Hash
}

// withoutVerdicts is a copy of the run in which no judge's verdict counts.
func withoutVerdicts(r eval.Report) eval.Report {
	r.Cases = slices.Clone(r.Cases)
	for i := range r.Cases {
		c := &r.Cases[i]
		c.Verdict = nil
		if _, judged := c.Scores[eval.JudgePass]; judged {
			c.Scores = maps.Clone(c.Scores)
			delete(c.Scores, eval.JudgePass)
		}
	}
	return r
}
