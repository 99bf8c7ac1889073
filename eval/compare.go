package eval

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/suggest"
)

// Verdict is what a comparison says of one metric.
type Verdict string

// The verdicts. VerdictDifferent is for metrics that have no better side.
const (
	VerdictBetter    Verdict = "better"
	VerdictWorse     Verdict = "worse"
	VerdictCantTell  Verdict = "can't tell"
	VerdictDifferent Verdict = "different"
)

// DefaultEffect is the change of a share for which a comparison tells its
// power, when nothing else is asked.
const DefaultEffect = .05

// Comparison is what changed from run A to run B on the same cases. Its JSON
// holds no times, so that the same runs give the same bytes.
type Comparison struct {
	Format int     `json:"format"`
	A      RunInfo `json:"a"`
	B      RunInfo `json:"b"`
	// Identical is true when no case differs in anything but its times.
	Identical bool `json:"identical"`
	// Pairs is how many cases were compared.
	Pairs int `json:"pairs"`
	// Failed are the cases that failed in either run and stand in no figure;
	// Missing those that only one of them came to.
	Failed  []string `json:"failed"`
	Missing []string `json:"missing"`
	// Effect is the change for which Power is told.
	Effect  float64               `json:"effect"`
	Metrics map[string]Difference `json:"metrics"`
	// Slices hold the same for groups of cases, their p values corrected
	// together, for each metric and kind of group.
	Slices map[string]map[string]map[string]Difference `json:"slices"`
	// Changed are the cases that differ, those that got worst first.
	Changed []CaseChange `json:"changed"`
}

// RunInfo names one of the two runs.
type RunInfo struct {
	Suite   SuiteInfo `json:"suite"`
	Made    Made      `json:"made"`
	Partial bool      `json:"partial"`
	Errors  int       `json:"errors"`
	// Judge is the hash of the judge whose verdicts count; empty without one.
	Judge string `json:"judge,omitempty"`
}

// Difference is how one metric changed.
type Difference struct {
	// A and B are the metric on the pairs compared, Change is B less A.
	A      float64 `json:"a"`
	B      float64 `json:"b"`
	Change float64 `json:"change"`
	// Low and High are the 95% interval of the change.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// N is how many pairs count for the metric.
	N int `json:"n"`
	// Gained are the cases that only B met, Lost those that only A did; for
	// shares.
	Gained int `json:"gained"`
	Lost   int `json:"lost"`
	// P is two-sided; Corrected is what it is once the other slices are
	// reckoned with (the same without slices). The verdict goes by Corrected.
	P         float64 `json:"p"`
	Corrected float64 `json:"p_corrected"`
	Verdict   Verdict `json:"verdict"`
	// Smallest is the smallest change that these pairs would have shown four
	// times in five; null when none would.
	Smallest *float64 `json:"smallest_effect"`
	// Power is the probability of showing a change of the comparison's Effect;
	// for shares, null otherwise.
	Power *float64 `json:"power"`
}

// CaseChange is a case that differs.
type CaseChange struct {
	ID   string `json:"id"`
	Lang string `json:"lang"`
	// Severity adds up what the case's scores lost, less what they gained;
	// amounts, such as costs, are left out.
	Severity float64 `json:"severity"`
	// What names what differs: outcome, reason, ranked, text, confidence.
	What []string `json:"what"`
	// Scores that changed, [A, B]; null where the case does not count.
	Scores   map[string][2]*float64 `json:"scores"`
	Outcomes [2]suggest.Outcome     `json:"outcomes"`
	Reasons  [2]suggest.Reason      `json:"reasons"`
	Texts    [2]string              `json:"texts"`
	Ranked   [2][]string            `json:"ranked"`
	// Confidences of A and B.
	Confidences [2]float64 `json:"confidences"`
}

// MismatchError says why two runs can't be compared.
type MismatchError struct{ Differences []string }

func (e *MismatchError) Error() string {
	return "the two runs are not of the same suite, so they can't be compared: " + strings.Join(e.Differences, "; ")
}

// Compare compares two runs of the same cases; the knowledge, model, prompt and
// settings may differ. effect is the change of a share for which power is told;
// 0 means DefaultEffect. It fails with *MismatchError.
func Compare(a, b Report, effect float64) (Comparison, error) {
	if effect == 0 {
		effect = DefaultEffect
	}
	if err := checkSame(a, b); err != nil {
		return Comparison{}, err
	}
	c := Comparison{
		Format: Format, Effect: effect, A: a.info(), B: b.info(),
		Failed: []string{}, Missing: []string{}, Changed: []CaseChange{},
		Slices: map[string]map[string]map[string]Difference{},
	}
	if !sameJudge(a.Judge, b.Judge) {
		// Verdicts of different judges say nothing of a change in the drafts.
		a, b = withoutVerdicts(a), withoutVerdicts(b)
	}
	pairs := c.pair(a, b)
	c.Pairs = len(pairs)
	reckon := c.reckons()
	c.Metrics = differences(pairs, reckon, effect)
	for kind, groups := range groupPairs(pairs) {
		if len(groups) < 2 {
			continue
		}
		c.Slices[kind] = map[string]map[string]Difference{}
		for name, group := range groups {
			c.Slices[kind][name] = differences(group, reckon, effect)
		}
		correct(c.Slices[kind])
	}
	for _, p := range pairs {
		if change, ok := p.change(); ok {
			c.Changed = append(c.Changed, change)
		}
	}
	slices.SortStableFunc(c.Changed, func(x, y CaseChange) int {
		return cmp.Or(cmp.Compare(y.Severity, x.Severity), strings.Compare(x.ID, y.ID))
	})
	c.Identical = len(pairs) > 0 && len(c.Changed) == 0 && len(c.Missing) == 0 && sameFailures(a, b)
	return c, nil
}

// sameFailures reports whether the same cases failed in the same way.
func sameFailures(a, b Report) bool {
	second := b.byID()
	for i := range a.Cases {
		other, ok := second[a.Cases[i].ID]
		if ok && other.Error != a.Cases[i].Error {
			return false
		}
	}
	return true
}

func (r *Report) info() RunInfo {
	info := RunInfo{Suite: r.Suite, Made: r.Made, Partial: r.Partial, Errors: r.Errors}
	if r.Judge != nil && r.Judge.Counts {
		info.Judge = r.Judge.Hash
	}
	return info
}

// reckons picks the metrics that can be compared: costs in two currencies can't.
func (c *Comparison) reckons() []MetricInfo {
	a, b := c.A.Made.Prices, c.B.Made.Prices
	all := Metrics()
	if a != nil && b != nil && a.Currency != b.Currency {
		all = slices.DeleteFunc(all, func(m MetricInfo) bool { return m.Unit == unitMoney })
	}
	return all
}

// checkSame finds what tells the suites of two runs apart. Files that differ in
// form alone, and cases that a partial run did not come to, are no difference.
func checkSame(a, b Report) error {
	var e MismatchError
	if a.Suite.Hash == b.Suite.Hash && a.Suite.Hash != "" {
		return nil
	}
	first, second := a.byID(), b.byID()
	say := func(one, many string, ids []string) {
		if len(ids) > 0 {
			does := many
			if len(ids) == 1 {
				does = one
			}
			e.Differences = append(e.Differences, fmt.Sprintf("%s %s (%s)", counted(len(ids), "case"), does, shortList(ids)))
		}
	}
	var only, added, changed []string
	for _, id := range slices.Sorted(maps.Keys(first)) {
		other, both := second[id]
		switch {
		case !both && !b.Partial:
			only = append(only, id)
		case both && first[id].key() != other.key():
			changed = append(changed, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(second)) {
		if _, both := first[id]; !both && !a.Partial {
			added = append(added, id)
		}
	}
	say("is in the first run alone", "are in the first run alone", only)
	say("is in the second run alone", "are in the second run alone", added)
	say("asks or expects something else", "ask or expect something else", changed)
	if len(e.Differences) > 0 {
		return &e
	}
	return nil
}

func shortList(ids []string) string {
	if len(ids) > 3 {
		return strings.Join(ids[:3], ", ") + ", …"
	}
	return strings.Join(ids, ", ")
}

func (r *Report) byID() map[string]*CaseResult {
	out := make(map[string]*CaseResult, len(r.Cases))
	for i := range r.Cases {
		out[r.Cases[i].ID] = &r.Cases[i]
	}
	return out
}

// key tells what a case asks and expects.
func (r *CaseResult) key() string {
	raw, err := json.Marshal([]any{r.Question, r.Expect, r.Want, r.GoldIDs, r.GoldReply, r.Channel, r.Lang, r.ExcludeIDs})
	if err != nil {
		return r.ID
	}
	return string(raw)
}

// pairOf is the same case in both runs.
type pairOf struct{ a, b *CaseResult }

// pair joins the cases of both runs, in the order of the first.
func (c *Comparison) pair(a, b Report) []pairOf {
	second := b.byID()
	var pairs []pairOf
	for i := range a.Cases {
		first := &a.Cases[i]
		other, ok := second[first.ID]
		switch {
		case !ok:
			c.Missing = append(c.Missing, first.ID)
		case first.Error != "" || other.Error != "":
			c.Failed = append(c.Failed, first.ID)
		default:
			pairs = append(pairs, pairOf{first, other})
		}
		delete(second, first.ID)
	}
	for i := range b.Cases {
		if _, left := second[b.Cases[i].ID]; left {
			c.Missing = append(c.Missing, b.Cases[i].ID)
		}
	}
	return pairs
}

func groupPairs(pairs []pairOf) map[string]map[string][]pairOf {
	out := map[string]map[string][]pairOf{}
	for _, p := range pairs {
		for _, g := range p.a.groups() {
			if out[g.kind] == nil {
				out[g.kind] = map[string][]pairOf{}
			}
			out[g.kind][g.name] = append(out[g.kind][g.name], p)
		}
	}
	return out
}

// correct adjusts, for each metric, the p values of all groups together and
// judges again.
func correct(groups map[string]map[string]Difference) {
	names := slices.Sorted(maps.Keys(groups))
	for _, m := range Metrics() {
		var p []float64
		var measured []string
		for _, name := range names {
			if d, ok := groups[name][m.Name]; ok {
				p = append(p, d.P)
				measured = append(measured, name)
			}
		}
		for i, corrected := range stat.Holm(p) {
			d := groups[measured[i]][m.Name]
			d.Corrected = corrected
			d.Verdict = m.verdict(d)
			groups[measured[i]][m.Name] = d
		}
	}
}

// change tells what differs between the two, if anything does.
func (p pairOf) change() (CaseChange, bool) {
	a, b := p.a, p.b
	c := CaseChange{
		ID: a.ID, Lang: a.Lang, Scores: map[string][2]*float64{}, Outcomes: [2]suggest.Outcome{a.Outcome, b.Outcome},
		Reasons: [2]suggest.Reason{a.Reason, b.Reason}, Texts: [2]string{a.Text, b.Text},
		Ranked: [2][]string{a.Ranked, b.Ranked}, Confidences: [2]float64{a.Confidence, b.Confidence},
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
	for _, m := range Metrics() {
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

func pointer(v float64, there bool) *float64 {
	if !there {
		return nil
	}
	return &v
}
