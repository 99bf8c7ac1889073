package compare

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

// CaseChange is a case that differs.
type CaseChange struct {
	ID       string          `json:"id"`
	Lang     string          `json:"lang"`
	Channel  suggest.Channel `json:"channel"`
	Tags     []string        `json:"tags,omitempty"`
	Expect   suite.Expect    `json:"expect"`
	GoldIDs  []string        `json:"gold_ids"`
	Question string          `json:"question"`
	// Severity adds up what the case's scores lost, less what they gained;
	// amounts, such as costs, are left out.
	Severity float64 `json:"severity"`
	// Failing says why the case does not pass, in A and in B, by what both tell;
	// empty when it does.
	Failing [2]string `json:"failing"`
	// What names what differs: outcome, reason, ranked, text, confidence,
	// citations, evidence, notices, judge, features, cost.
	What []string `json:"what"`
	// Scores that changed, [A, B]; null where the case does not count.
	Scores   map[string][2]*float64 `json:"scores"`
	Outcomes [2]suggest.Outcome     `json:"outcomes"`
	Reasons  [2]suggest.Reason      `json:"reasons"`
	Texts    [2]string              `json:"texts"`
	Ranked   [2][]string            `json:"ranked"`
	// Confidences of A and B; null where it is not known.
	Confidences [2]*float64 `json:"confidences"`

	// turn is how much worse failing became: −2 to 2.
	turn int
	// of is the case in A.
	of *eval.CaseResult
	// groups are the slices that it is in.
	groups []eval.Group
	// unranked is true where nothing tells what was found.
	unranked [2]bool
}

// change tells what differs between the two, if anything does; all are the
// metrics.
func (p pairOf) change(all []eval.MetricInfo) (CaseChange, bool) {
	a, b := p.a, p.b
	c := CaseChange{
		ID: a.ID, Lang: a.Lang, Channel: a.Channel, Tags: a.Tags, Expect: a.Expect, GoldIDs: append([]string{}, a.GoldIDs...), Question: a.Question, of: a,
		Scores: map[string][2]*float64{}, Outcomes: [2]suggest.Outcome{a.Outcome, b.Outcome},
		Reasons: [2]suggest.Reason{a.Reason, b.Reason}, Texts: [2]string{a.Text, b.Text},
		Ranked: [2][]string{a.Ranked, b.Ranked}, Confidences: [2]*float64{pointer(a.Confidence, a.KnowsConfidence()), pointer(b.Confidence, b.KnowsConfidence())},
		Failing:  [2]string{a.FailingBeside(b), b.FailingBeside(a)},
		unranked: [2]bool{!a.Knows(eval.FieldRanked), !b.Knows(eval.FieldRanked)}, groups: a.Groups(), What: []string{},
	}
	if a.Knows(eval.FieldText) && b.Knows(eval.FieldText) {
		c.turn = harm(b, c.Failing[1]) - harm(a, c.Failing[0])
	}
	differs := func(what string, is bool) {
		if is {
			c.What = append(c.What, what)
		}
	}
	differs("outcome", a.Outcome != b.Outcome)
	differs("reason", a.Reason != b.Reason)
	differs("ranked", !slices.Equal(a.Ranked, b.Ranked))
	differs("text", a.Text != b.Text)
	differs("confidence", a.Confidence != b.Confidence)
	differs("citations", !same(a.Claims, b.Claims))
	differs("evidence", !same(a.Evidence, b.Evidence))
	differs("notices", !same(a.Warnings, b.Warnings) || !same(a.Degraded, b.Degraded))
	differs("judge", !reflect.DeepEqual(a.Verdict, b.Verdict))
	differs("features", len(a.Features)+len(b.Features) > 0 && !reflect.DeepEqual(a.Features, b.Features))
	differs("cost", a.Model != b.Model || a.PromptHash != b.PromptHash || a.PromptTokens != b.PromptTokens || a.CompletionTokens != b.CompletionTokens)
	for i := range all {
		m := &all[i]
		x, inA := a.Scores[m.Name]
		y, inB := b.Scores[m.Name]
		if inA == inB && x == y {
			continue
		}
		c.Scores[m.Name] = [2]*float64{pointer(x, inA), pointer(y, inB)}
		if inA && inB && m.Unit == "" {
			c.Severity -= float64(m.Better) * (y - x)
		}
	}
	c.Severity = math.Round(c.Severity*1e9) / 1e9 // sums in another order tie
	return c, len(c.What) > 0 || len(c.Scores) > 0
}

// same compares lists, one that is empty and none alike.
func same[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

func pointer(v float64, there bool) *float64 {
	if !there {
		return nil
	}
	return &v
}

// harm grades how a case fails: 0 not at all, 1 by what is missing, 2 by a
// draft that should not be there or says what is wrong.
func harm(r *eval.CaseResult, failing string) int {
	switch {
	case failing == "":
		return 0
	case r.Error == "" && r.Outcome == suggest.OutcomeDraft:
		return 2
	default:
		return 1
	}
}

func sortChanges(changes []CaseChange) {
	slices.SortStableFunc(changes, func(x, y CaseChange) int {
		return cmp.Or(cmp.Compare(y.turn, x.turn), cmp.Compare(y.Severity, x.Severity), strings.Compare(x.ID, y.ID))
	})
}
