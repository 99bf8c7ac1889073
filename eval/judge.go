package eval

import (
	"fmt"
	"strings"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/suggest"
)

// Votes and verdicts of a judge.
const (
	JudgedPass = "pass"
	JudgedFail = "fail"
	// JudgedNonsense is a vote that was no verdict.
	JudgedNonsense = "nonsense"
	// JudgedNone is the verdict where neither side has the majority of all votes.
	JudgedNone = "none"
	// JudgedError is the verdict of a case for which the judge could not be asked.
	JudgedError = "error"
)

// Verdict is what a judge says of one draft.
type Verdict struct {
	// Result is JudgedPass, JudgedFail, JudgedNone or JudgedError.
	Result string `json:"verdict"`
	// Votes are those of the single runs: JudgedPass, JudgedFail or JudgedNonsense.
	Votes []string `json:"votes,omitempty"`
	// Reasons are what the runs said, one for each vote.
	Reasons []string `json:"reasons,omitempty"`
	// Error says why the judge could not be asked.
	Error string `json:"error,omitempty"`
}

// JudgeInfo says who judged a run's drafts, how far the verdicts can be
// trusted, and what they came to.
type JudgeInfo struct {
	// Hash tells judges apart: model, rubric, wording, number of runs and
	// temperature.
	Hash  string `json:"hash"`
	Model string `json:"model"`
	// Served are the models that the endpoint said it answered with, sorted.
	Served      []string `json:"served,omitempty"`
	RubricHash  string   `json:"rubric_hash"`
	Times       int      `json:"times"`
	Temperature float64  `json:"temperature"`
	// Counts is true when the verdicts count: the same judge was calibrated
	// against people and agrees with them. WhyNot says what is missing otherwise.
	Counts bool     `json:"counts"`
	WhyNot []string `json:"why_not,omitempty"`
	// Agreement with people; nil when the judge was not calibrated.
	Agreement *JudgeAgreement `json:"agreement,omitempty"`
	// Passed is the share of the verdicts that pass; Corrected what people would
	// pass, given how the judge errs. They stand among the metrics only when
	// Counts.
	Passed    Metric `json:"passed"`
	Corrected Metric `json:"corrected"`
	// Undecided are drafts without a majority, Failed those that the judge could
	// not be asked about; both stand in no figure.
	Undecided int `json:"undecided"`
	Failed    int `json:"failed"`
	// Nonsense is how many votes were no verdict.
	Nonsense         int `json:"nonsense_votes"`
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
}

// JudgeAgreement is how a judge agrees with people, measured on replies that
// people rated.
type JudgeAgreement struct {
	// Kappa is Cohen's κ of judge and people's majority.
	Kappa stat.Estimate `json:"kappa"`
	// TruePositive is the share of what people pass that the judge passes,
	// TrueNegative that of what people fail that it fails.
	TruePositive stat.Estimate `json:"true_positive_rate"`
	TrueNegative stat.Estimate `json:"true_negative_rate"`
	// Single is κ of one person and the others' majority, Among Fleiss's κ of
	// people among themselves: the ceiling for a judge. N is 0 when each reply
	// has one rating.
	Single stat.Estimate `json:"single_rater_kappa"`
	Among  stat.Estimate `json:"raters_kappa"`
	// SinglePositive and SingleNegative are the rates that one person reaches with
	// the others.
	SinglePositive stat.Estimate `json:"single_rater_true_positive_rate"`
	SingleNegative stat.Estimate `json:"single_rater_true_negative_rate"`
	// Steady is the share of replies on which all runs of the judge agree.
	Steady stat.Estimate `json:"self_agreement"`
	// Nonsense is the share of the judge's answers that were no verdict.
	Nonsense stat.Estimate `json:"nonsense"`
	// Undecided are replies without a majority of votes, Failed those that the
	// judge could not be asked about; they stand in no figure.
	Undecided int `json:"undecided"`
	Failed    int `json:"failed"`
}

// Judgeable reports whether the case has a draft to judge, and what it draws on:
// without that nothing can be said to follow from it.
func (r *CaseResult) Judgeable() bool {
	return r.Knows(FieldEvidence) && r.Error == "" && r.Outcome == suggest.OutcomeDraft && strings.TrimSpace(r.Text) != ""
}

// Drafts is how many cases can be judged.
func (r *Report) Drafts() int {
	n := 0
	for i := range r.Cases {
		if r.Cases[i].Judgeable() {
			n++
		}
	}
	return n
}

// measure sets the judge's figures from the cases, and the cases' scores where
// its verdicts count.
func (j *JudgeInfo) measure(cases []CaseResult) {
	passed, decided := 0, 0
	j.Undecided, j.Failed, j.Nonsense = 0, 0, 0
	for i := range cases {
		c := &cases[i]
		delete(c.Scores, JudgePass)
		if c.Verdict == nil || c.Error != "" {
			continue
		}
		for _, v := range c.Verdict.Votes {
			if v == JudgedNonsense {
				j.Nonsense++
			}
		}
		switch c.Verdict.Result {
		case JudgedPass, JudgedFail:
			pass := c.Verdict.Result == JudgedPass
			decided++
			if pass {
				passed++
			}
			if j.Counts && c.Scores != nil {
				c.Scores[JudgePass] = outcome(pass)
			}
		case JudgedError:
			j.Failed++
		default:
			j.Undecided++
		}
	}
	share := stat.Share(passed, decided)
	j.Passed, j.Corrected = metricOf(share), Metric{}
	if j.Agreement != nil {
		j.Corrected = metricOf(stat.Prevalence(share, j.Agreement.TruePositive, j.Agreement.TrueNegative))
	}
}

// forgetVerdicts drops what a judge said whom the run no longer names, such as
// that of a run which this one went on with.
func forgetVerdicts(cases []CaseResult) {
	for i := range cases {
		cases[i].Verdict = nil
		delete(cases[i].Scores, JudgePass)
	}
}

// Sentence says in a line who judged, whether it counts and what came of it.
func (j *JudgeInfo) Sentence() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Judge %s (%.12s, asked %d× at temperature %g): ", j.Model, j.Hash, j.Times, j.Temperature)
	if j.Counts {
		b.WriteString("its verdicts count. ")
	} else {
		fmt.Fprintf(&b, "its verdicts do NOT count: %s. ", strings.Join(j.WhyNot, "; "))
	}
	if a := j.Agreement; a != nil {
		fmt.Fprintf(&b, "Against people on %d replies: κ %s, true positive rate %s, true negative rate %s. ",
			a.Kappa.N, estimate(a.Kappa), estimate(a.TruePositive), estimate(a.TrueNegative))
	}
	if j.Passed.N > 0 {
		fmt.Fprintf(&b, "It passed %s of %d drafts", FormatNumber(j.Passed.Value), j.Passed.N)
		if j.Counts && j.Corrected.N > 0 {
			fmt.Fprintf(&b, "; people would pass about %s (%s)", FormatNumber(j.Corrected.Value), j.Corrected.Interval())
		}
		b.WriteString(".")
	} else {
		b.WriteString("It judged no draft.")
	}
	if j.Undecided > 0 {
		fmt.Fprintf(&b, " %d without a majority.", j.Undecided)
	}
	if j.Failed > 0 {
		fmt.Fprintf(&b, " %d could not be judged.", j.Failed)
	}
	return b.String()
}

func estimate(e stat.Estimate) string {
	if e.N == 0 {
		return "not known"
	}
	return fmt.Sprintf("%.2f (%.2f – %.2f)", e.Value, e.Low, e.High)
}
