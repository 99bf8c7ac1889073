package compare

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/suggest"
)

// Verdict is what a comparison says of one metric.
type Verdict string

// The verdicts. Different is for metrics that have no better side.
const (
	Better    Verdict = "better"
	Worse     Verdict = "worse"
	CantTell  Verdict = "can't tell"
	Different Verdict = "different"
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
	// Identical is true when at least one case was compared and none differs in
	// anything but its times, those that failed included.
	Identical bool `json:"identical"`
	// Configuration lists what made the answers otherwise: knowledge, models, settings.
	Configuration []ConfigurationChange `json:"configuration"`
	// Focus is what the comparison was narrowed down to; nil for everything.
	Focus *Focus `json:"focus,omitempty"`
	// Pairs is how many cases were compared.
	Pairs int `json:"pairs"`
	// Failed are the cases that failed in either run and stand in no figure;
	// Missing those that only one of them came to.
	Failed  []string `json:"failed"`
	Missing []string `json:"missing"`
	// Effect is the change for which Power is told.
	Effect float64 `json:"effect"`
	// Summary names the metrics by verdict.
	Summary map[Verdict][]string  `json:"summary"`
	Metrics map[string]Difference `json:"metrics"`
	// Weighted are the shares and means as they would be over all tickets that
	// the suite is a sample of; empty when its cases carry no weights.
	Weighted map[string]Difference `json:"weighted,omitempty"`
	// Slices hold the same for groups of cases, by kind and name. For each
	// metric the p values of all groups of all kinds are corrected together, by
	// Holm's method, so that any of them is wrongly called different with at most
	// the level's probability. A group that holds every case is none.
	Slices eval.Slices[Difference] `json:"slices"`
	// Changed are the cases that differ, worst first: those that began to fail,
	// a draft that does harm before one that is missing; then by Severity; those
	// that ceased to fail last.
	Changed []CaseChange `json:"changed"`

	// pairs are the cases that were compared; whole are the groups of all of them.
	pairs []pairOf
	whole []string
}

// RunInfo names one of the two runs.
type RunInfo struct {
	Suite         eval.SuiteInfo     `json:"suite"`
	Configuration eval.Configuration `json:"configuration"`
	Partial       bool               `json:"partial"`
	Errors        int                `json:"errors"`
	// Degraded counts the cases for which a better path was given up, by why.
	Degraded map[suggest.NoticeCode]int `json:"degraded,omitempty"`
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
	// N is how many pairs count for the metric. With 0 all figures are null in
	// JSON and the verdict is that nothing can be told.
	N int `json:"n"`
	// OnlyA and OnlyB are the pairs of which only one run counts, such as a reply
	// of A's to a case to which B abstained. They stand in no figure.
	OnlyA int `json:"only_a"`
	OnlyB int `json:"only_b"`
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
	// times in five; null when none would, or when it can't be told.
	Smallest *float64 `json:"smallest_effect"`
	// Power is the probability of showing a change of the comparison's Effect;
	// null where it can't be told.
	Power *float64 `json:"power"`
}

// MarshalJSON writes null for every figure when no pair counts.
func (d Difference) MarshalJSON() ([]byte, error) {
	type plain Difference // without this method
	if d.N > 0 {
		return json.Marshal(plain(d))
	}
	return json.Marshal(struct {
		plain
		A         *float64 `json:"a"`
		B         *float64 `json:"b"`
		Change    *float64 `json:"change"`
		Low       *float64 `json:"low"`
		High      *float64 `json:"high"`
		P         *float64 `json:"p"`
		Corrected *float64 `json:"p_corrected"`
	}{plain: plain(d)})
}

// JSON is the comparison as it stands in a file.
func (c *Comparison) JSON() ([]byte, error) {
	raw, err := disk.JSON(c)
	if err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return raw, nil
}

// Runs compares two runs of the same cases; the knowledge, model, prompt and
// settings may differ. effect is the change of a share for which power is told;
// 0 means DefaultEffect. It fails with *MismatchError.
func Runs(first, second eval.Report, effect float64) (Comparison, error) {
	a, b := &first, &second
	if effect == 0 {
		effect = DefaultEffect
	}
	if err := checkSame(a, b); err != nil {
		return Comparison{}, err
	}
	c := Comparison{
		Format: eval.Format, Effect: effect, A: InfoOf(a), B: InfoOf(b), Configuration: configurationChanges(a, b),
		Failed: []string{}, Missing: []string{}, Changed: []CaseChange{},
	}
	if !sameJudge(a.Judge, b.Judge) {
		// Verdicts of different judges say nothing of a change in the drafts.
		first, second = withoutVerdicts(first), withoutVerdicts(second)
	}
	pairs, sameFailures := c.pair(a, b)
	c.pairs, c.Pairs = pairs, len(pairs)
	reckon := c.reckons()
	c.Metrics = differences(pairs, reckon, effect, false)
	c.Weighted = weightedDifferences(pairs, reckon)
	c.Slices = sliceDifferences(pairs, reckon, effect)
	c.summarise()
	for g, group := range groupPairs(pairs) {
		if len(group) == len(pairs) {
			c.whole = append(c.whole, g.String())
		}
	}
	slices.Sort(c.whole)
	all := eval.Metrics()
	for _, p := range pairs {
		if change, ok := p.change(all); ok {
			c.Changed = append(c.Changed, change)
		}
	}
	sortChanges(c.Changed)
	c.Identical = len(pairs) > 0 && len(c.Changed)+len(c.Missing) == 0 && sameFailures
	return c, nil
}

// InfoOf names a run.
func InfoOf(r *eval.Report) RunInfo {
	info := RunInfo{Suite: r.Suite, Configuration: r.Configuration, Partial: r.Partial, Errors: r.Errors, Degraded: r.Degraded}
	if r.Judge != nil && r.Judge.Counts {
		info.Judge = r.Judge.Hash
	}
	return info
}

// IDs are the cases that were compared, in the order of the first run.
func (c *Comparison) IDs() []string {
	ids := make([]string, len(c.pairs))
	for i, p := range c.pairs {
		ids[i] = p.a.ID
	}
	return ids
}

// InSlice compares the metrics in a group of cases, such as "lang/de", also in
// one that holds every case. P values are corrected for no other group.
func (c *Comparison) InSlice(slice string) map[string]Difference {
	kind, name, _ := strings.Cut(slice, "/")
	return differences(groupPairs(c.pairs)[eval.Group{Kind: kind, Name: name}], c.reckons(), c.Effect, false)
}

// reckons picks the metrics that can be compared: costs in two currencies can't.
func (c *Comparison) reckons() []eval.MetricInfo {
	a, b := c.A.Configuration.Prices, c.B.Configuration.Prices
	all := eval.Metrics()
	if a != nil && b != nil && a.Currency != b.Currency {
		all = slices.DeleteFunc(all, func(m eval.MetricInfo) bool { return m.Unit == eval.UnitMoney })
	}
	return all
}

func (c *Comparison) summarise() {
	c.Summary = map[Verdict][]string{}
	for _, v := range []Verdict{Better, Worse, Different, CantTell} {
		c.Summary[v] = []string{}
	}
	for _, m := range eval.Metrics() {
		if d, ok := c.Metrics[m.Name]; ok {
			c.Summary[d.Verdict] = append(c.Summary[d.Verdict], m.Name)
		}
	}
}

// pairOf is the same case in both runs.
type pairOf struct{ a, b *eval.CaseResult }

// pair joins the cases of both runs, in the order of the first. same is false
// when a case failed in one run alone, or in another way.
func (c *Comparison) pair(a, b *eval.Report) (pairs []pairOf, same bool) {
	second := b.ByID()
	same = true
	for i := range a.Cases {
		first := &a.Cases[i]
		other, ok := second[first.ID]
		switch {
		case !ok:
			c.Missing = append(c.Missing, first.ID)
		case first.Error != "" || other.Error != "":
			c.Failed = append(c.Failed, first.ID)
			same = same && first.Error == other.Error
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
	return pairs, same
}

func groupPairs(pairs []pairOf) map[eval.Group][]pairOf {
	return eval.Grouped(pairs, func(p pairOf) []eval.Group { return p.a.Groups() })
}

// sliceDifferences compares within every group that is not everything.
func sliceDifferences(pairs []pairOf, of []eval.MetricInfo, effect float64) eval.Slices[Difference] {
	out := eval.Slices[Difference]{}
	for g, group := range groupPairs(pairs) {
		if len(group) < len(pairs) {
			out.Put(g, differences(group, of, effect, false))
		}
	}
	correct(out)
	return out
}

// correct adjusts, for each metric, the p values of all groups together and
// decides again.
func correct(groups eval.Slices[Difference]) {
	for _, m := range eval.Metrics() {
		var p []float64
		var measured []map[string]Difference
		for _, group := range groups.All() {
			if d, ok := group[m.Name]; ok && d.N > 0 {
				p = append(p, d.P)
				measured = append(measured, group)
			}
		}
		for i, corrected := range stat.Holm(p) {
			d := measured[i][m.Name]
			d.Corrected = corrected
			d.Verdict = verdict(m, d)
			measured[i][m.Name] = d
		}
	}
}
