package eval

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

// Format is the version of the report's JSON.
const Format = 2

// Report is what a run came to. Its JSON is the same for the same answers, but
// for what stands under the name "timing".
type Report struct {
	Format        int           `json:"format"`
	Suite         SuiteInfo     `json:"suite"`
	Configuration Configuration `json:"configuration"`
	// Partial is true when the run does not hold every case of the suite: it was
	// ended early, or ran a part only.
	Partial bool `json:"partial"`
	// Part is what of the suite was to be run; nil means all of it.
	Part *suite.Part `json:"part,omitempty"`
	// Errors counts the cases that failed; they stand in no metric.
	Errors int `json:"errors"`
	// Degraded counts the cases for which a better path was given up, by why.
	Degraded map[suggest.NoticeCode]int `json:"degraded,omitempty"`
	// Profile says whether the confidence profile had a say; nil without one.
	Profile *ProfileUse       `json:"profile,omitempty"`
	Metrics map[string]Metric `json:"metrics"`
	// Weighted are the shares and means as they would be over all tickets that
	// the suite is a sample of; empty when its cases carry no weights.
	Weighted map[string]Metric `json:"weighted,omitempty"`
	Slices   Slices[Metric]    `json:"slices"`
	// Confusion counts outcomes by what was expected.
	Confusion map[suite.Expect]map[suggest.Outcome]int `json:"confusion"`
	// Reliability sets confidence against how often the ticket was answerable,
	// in groups of about the same size; empty when all or none were.
	Reliability []ReliabilityRow `json:"reliability"`
	// Judge is the judge whose verdicts the cases hold; nil without one.
	Judge *JudgeInfo `json:"judge,omitempty"`
	// Cases in the order of the suite.
	Cases []CaseResult `json:"cases"`
	// Usage is what models were asked for in all cases together.
	Usage  Usage  `json:"usage"`
	Timing Timing `json:"timing"`
}

// SuiteInfo names what was run.
type SuiteInfo struct {
	Name          string `json:"name"`
	Hash          string `json:"hash"`
	KnowledgeHash string `json:"knowledge_hash"`
	// Cases in the suite, also those that a partial run did not come to.
	Cases int `json:"cases"`
}

// ReliabilityRow is one group of a reliability table.
type ReliabilityRow struct {
	N int `json:"n"`
	// Confidence is the group's mean; Answerable the share that was, with its
	// 95% interval.
	Confidence float64 `json:"confidence"`
	Answerable float64 `json:"answerable"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
}

// Metric is one figure with its 95% interval. Its value is null in JSON when
// there was nothing to measure (n is 0), so that it can't be read as a zero.
type Metric struct {
	Value float64 `json:"value"`
	N     int     `json:"n"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// MarshalJSON writes value, n, low and high.
func (m Metric) MarshalJSON() ([]byte, error) {
	type plain Metric // without this method
	if m.N == 0 {
		return []byte(`{"value":null,"n":0,"low":null,"high":null}`), nil
	}
	return json.Marshal(plain(m))
}

func metricOf(e stat.Estimate) Metric {
	return Metric{Value: e.Value, N: e.N, Low: e.Low, High: e.High}
}

// CaseResult is what one case came to, with what was expected of it, so that a
// report can be read without its suite.
type CaseResult struct {
	ID      string          `json:"id"`
	Lang    string          `json:"lang"`
	Channel suggest.Channel `json:"channel"`
	Tags    []string        `json:"tags,omitempty"`
	// Weight is how many tickets the case stands for; 0 in a suite that is no
	// sample.
	Weight  float64        `json:"weight,omitempty"`
	Expect  suite.Expect   `json:"expect"`
	Want    suggest.Reason `json:"want_reason,omitempty"`
	GoldIDs []string       `json:"gold_ids"`
	// ExcludeIDs are the keys of articles that were hidden from the search.
	ExcludeIDs []string `json:"exclude_ids,omitempty"`
	GoldReply  string   `json:"gold_reply,omitempty"`
	Question   string   `json:"question"`
	// Ticket is what the desk knew besides the question; nil for nothing.
	Ticket *Ticket `json:"ticket,omitempty"`

	// Ranked are the keys of the articles that were found, best first, at most
	// ten, whatever the outcome.
	Ranked []string `json:"ranked"`
	// Outcome is empty when FieldText is unknown.
	Outcome suggest.Outcome `json:"outcome"`
	Reason  suggest.Reason  `json:"reason,omitempty"`
	// Confidence is 0 to 1, whatever the outcome; 0, and null in JSON, when it is
	// not known.
	Confidence float64 `json:"confidence"`
	// Profile names the one that gave the confidence, and PassedOver says why one
	// that was to give it did not; both are empty where there was none.
	Profile    string             `json:"profile,omitempty"`
	PassedOver suggest.PassedOver `json:"passed_over,omitempty"`
	// Text is the draft's; empty without one.
	Text     string                    `json:"text"`
	Claims   []suggest.DraftClaim      `json:"claims,omitempty"`
	LeftOut  []suggest.LeftOut         `json:"left_out,omitempty"`
	Requests []suggest.CustomerRequest `json:"requests,omitempty"`
	Evidence []EvidenceShown           `json:"evidence,omitempty"`
	Warnings []suggest.NoticeCode      `json:"warnings,omitempty"`
	Degraded []suggest.NoticeCode      `json:"degraded,omitempty"`
	Features map[string]float64        `json:"features,omitempty"`
	// Scores are the case's part in each metric that it counts for.
	Scores map[string]float64 `json:"scores"`
	// Verdict is a judge's, of the draft; nil where none was asked for.
	Verdict *Verdict `json:"judge,omitempty"`
	// Model that drafted, as the provider named it.
	Model            string `json:"model,omitempty"`
	PromptTokens     int    `json:"prompt_tokens,omitempty"`
	CompletionTokens int    `json:"completion_tokens,omitempty"`
	// PromptHash is the SHA-256 of the exact prompt, hex; empty without one.
	PromptHash string `json:"prompt_hash,omitempty"`
	// Hash tells apart cases that ask or expect something else.
	Hash string `json:"hash,omitempty"`
	// Unknown names the fields that another system's answer does not tell; the
	// case counts for no metric that needs them. Empty in Purser's own runs.
	Unknown []string `json:"unknown,omitempty"`
	// Error says why the case failed; everything measured is empty then.
	Error string `json:"error,omitempty"`
	// Timing is milliseconds by step; "total" is the whole pipeline.
	Timing map[string]float64 `json:"timing"`
}

// EvidenceShown is a piece of an article that was offered to the drafter, with
// what it can't be read without.
type EvidenceShown struct {
	Number int     `json:"number"`
	Key    string  `json:"key"`
	Locale string  `json:"locale"`
	Title  string  `json:"title"`
	Text   string  `json:"text"`
	Score  float64 `json:"score"`
}

// Timing is how long a run took.
type Timing struct {
	Start time.Time `json:"start"`
	// Seconds from first case to last.
	Seconds float64 `json:"seconds"`
	// Steps by name.
	Steps map[string]StepTime `json:"steps"`
}

// StepTime is how long one step took, over the cases that came to it, in
// milliseconds, with 95% intervals (see stat.QuantileOf). A bound is null where
// so few cases give none.
type StepTime struct {
	N       int      `json:"n"`
	P50MS   float64  `json:"p50_ms"`
	P50Low  *float64 `json:"p50_low"`
	P50High *float64 `json:"p50_high"`
	P95MS   float64  `json:"p95_ms"`
	P95Low  *float64 `json:"p95_low"`
	P95High *float64 `json:"p95_high"`
}

func stepTimes(results []*CaseResult) map[string]StepTime {
	all := map[string][]float64{}
	for i := range results {
		for step, ms := range results[i].Timing {
			all[step] = append(all[step], ms)
		}
	}
	out := make(map[string]StepTime, len(all))
	for step, list := range all {
		half, most := stat.QuantileOf(list, .5), stat.QuantileOf(list, .95)
		out[step] = StepTime{
			N: len(list), P50MS: half.Value, P50Low: stat.Finite(half.Low), P50High: stat.Finite(half.High),
			P95MS: most.Value, P95Low: stat.Finite(most.Low), P95High: stat.Finite(most.High),
		}
	}
	return out
}

// StepNames are the names of the timed steps, those of the pipeline in its order, then
// others by name, "total" last.
func (t Timing) StepNames() []string {
	order := []string{
		suggest.StepIntake, suggest.StepTriage, suggest.StepEmbed, suggest.StepRetrieve,
		suggest.StepDraft, suggest.StepCheck, suggest.StepRecord,
	}
	place := func(step string) int {
		if step == StepTotal {
			return len(order) + 1
		}
		if i := slices.Index(order, step); i >= 0 {
			return i
		}
		return len(order)
	}
	names := make([]string, 0, len(t.Steps))
	for step := range t.Steps {
		names = append(names, step)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a, b))
	})
	return names
}

// ByID are the cases by their ids.
func (r *Report) ByID() map[string]*CaseResult {
	out := make(map[string]*CaseResult, len(r.Cases))
	for i := range r.Cases {
		out[r.Cases[i].ID] = &r.Cases[i]
	}
	return out
}
