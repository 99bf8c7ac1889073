package compare

import "github.com/purser-desk/purser/eval"

// sameJudge reports whether verdicts of both runs can be compared.
func sameJudge(a, b *eval.JudgeInfo) bool {
	return a != nil && b != nil && a.Counts && b.Counts && a.Hash == b.Hash
}

// withoutVerdicts is a copy of the run in which no judge's verdict counts.
func withoutVerdicts(r eval.Report) eval.Report {
	cases := make([]eval.CaseResult, len(r.Cases))
	for i := range r.Cases {
		cases[i] = r.Cases[i]
		cases[i].Verdict = nil
		if _, judged := cases[i].Scores[eval.JudgePass]; !judged {
			continue
		}
		scores := make(map[string]float64, len(cases[i].Scores))
		for name, v := range cases[i].Scores {
			if name != eval.JudgePass {
				scores[name] = v
			}
		}
		cases[i].Scores = scores
	}
	r.Cases = cases
	return r
}
