package eval

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/suggest"
)

// GateResult is what a policy says of a run.
type GateResult struct {
	Met    bool    `json:"met"`
	Checks []Check `json:"checks"`
	// Run is the run that was held against the policy, Baseline what it was
	// compared with; nil when the policy compares nothing.
	Run      RunInfo  `json:"run"`
	Baseline *RunInfo `json:"baseline,omitempty"`
}

// Check is one demand of a policy.
type Check struct {
	// Group is "run", "limit", "no_worse" or "must_pass".
	Group string `json:"group"`
	// Name tells the demand, such as "hit_at_5 at least 0.95".
	Name string `json:"name"`
	Met  bool   `json:"met"`
	// CantTell is true when the demand is not met, or met all the same because
	// the policy allows that, since the cases are too few to tell.
	CantTell bool `json:"cant_tell,omitempty"`
	// Detail is a sentence: what was found.
	Detail string `json:"detail"`
	// Cases are those to blame, where single ones are.
	Cases []string `json:"cases,omitempty"`
}

// Groups of checks.
const (
	CheckRun      = "run"
	CheckLimit    = "limit"
	CheckNoWorse  = "no_worse"
	CheckMustPass = "must_pass"
)

// Check holds a run against the policy. A partial run, or one in which more
// cases failed or were degraded than allowed, is never met; neither is a demand
// that no case counts for. baseline may be nil when the policy has no no_worse
// rules. It fails with *PolicyError for a tag or slice that no case of a whole
// run has, and with *MismatchError for a baseline of another suite.
func (p Policy) Check(run Report, baseline *Report) (GateResult, error) {
	g := gate{policy: p, run: &run}
	g.whole()
	for _, l := range p.Limits {
		g.limit(l)
	}
	result := GateResult{Run: run.info()}
	if len(p.NoWorse) > 0 {
		if baseline == nil {
			return GateResult{}, &PolicyError{Problems: []string{"no_worse needs a baseline; promote an accepted run first, or name one"}}
		}
		c, pairs, err := compare(baseline, &run, 0)
		if err != nil {
			return GateResult{}, err
		}
		g.covered(pairs)
		for _, n := range p.NoWorse {
			g.noWorse(n, c, pairs)
		}
		result.Baseline = &c.A
	}
	for _, m := range p.MustPass {
		g.mustPass(m)
	}
	if len(g.problems) > 0 {
		return GateResult{}, &PolicyError{Problems: g.problems}
	}
	result.Met, result.Checks = true, g.checks
	for _, c := range g.checks {
		result.Met = result.Met && c.Met
	}
	return result, nil
}

type gate struct {
	policyReader
	policy Policy
	run    *Report
	checks []Check
}

func (g *gate) add(group, name string, met bool, cases []string, format string, args ...any) *Check {
	g.checks = append(g.checks, Check{Group: group, Name: name, Met: met, Cases: cases, Detail: fmt.Sprintf(format, args...)})
	return &g.checks[len(g.checks)-1]
}

// chosen are the notices of degraded that are a choice, not a fault.
func chosen() []suggest.NoticeCode { return []suggest.NoticeCode{suggest.DegradedNoModel} }

// whole holds the run itself against what makes its figures worth reading.
func (g *gate) whole() {
	g.add(CheckRun, "the run is whole", !g.run.Partial, nil, "%s", g.run.Coverage())
	var failed, degraded []string
	for i := range g.run.Cases {
		c := &g.run.Cases[i]
		switch {
		case c.Error != "":
			failed = append(failed, c.ID)
		case slices.ContainsFunc(c.Degraded, func(n suggest.NoticeCode) bool { return !slices.Contains(chosen(), n) }):
			degraded = append(degraded, c.ID)
		}
	}
	n := len(g.run.Cases)
	g.rate("failed", failed, n, g.policy.MaxErrorRate, DefaultMaxErrorRate, "%d of %d cases failed")
	g.rate("were degraded", degraded, n-len(failed), g.policy.MaxDegradedRate, DefaultMaxDegradedRate, "a model or embedder was given up in %d of %d cases")
}

// Coverage tells how much of its suite a run holds.
func (r *Report) Coverage() string {
	s := fmt.Sprintf("%d of %s were run", len(r.Cases), say.Count(r.Suite.Cases, "case"))
	if r.Part != nil {
		s += ", as asked for: " + r.Part.String()
	}
	return s
}

// rate bounds the share of cases to which something happened.
func (g *gate) rate(what string, cases []string, n int, asked *float64, usual float64, detail string) {
	most := usual
	if asked != nil {
		most = *asked
	}
	g.add(CheckRun, fmt.Sprintf("at most %s of the cases %s", percent(most), what), float64(len(cases)) <= most*float64(n), cases, detail, len(cases), n)
}

// percent writes a share without needless digits.
func percent(share float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", 100*share), "0"), ".") + "%"
}

// covered asks that the baseline holds what the run is compared on: else what
// was lost on the cases that it lacks would not be seen.
func (g *gate) covered(pairs []pairOf) {
	paired := make(map[string]bool, len(pairs))
	for _, p := range pairs {
		paired[p.b.ID] = true
	}
	var alone []string
	good := 0
	for i := range g.run.Cases {
		c := &g.run.Cases[i]
		if c.Error != "" {
			continue
		}
		good++
		if !paired[c.ID] {
			alone = append(alone, c.ID)
		}
	}
	g.rate("are not in the baseline, or failed there", alone, good, g.policy.MaxErrorRate, DefaultMaxErrorRate, "%d of %d cases have nothing to be compared with")
}

// metrics finds those of a slice.
func (r *Report) metrics(slice string) (map[string]Metric, bool) {
	if slice == "" {
		return r.Metrics, true
	}
	kind, name, _ := strings.Cut(slice, "/")
	groups := map[string]map[string]map[string]Metric{
		groupLang: r.Slices.Lang, groupChannel: r.Slices.Channel, groupTag: r.Slices.Tag, groupReason: r.Slices.Reason,
	}
	metrics, ok := groups[kind][name]
	return metrics, ok
}

// slicesOfCases are the groups that the run's cases are in, those that failed
// included.
func (r *Report) slicesOfCases() map[string]bool {
	out := map[string]bool{}
	for i := range r.Cases {
		for _, g := range r.Cases[i].groups() {
			out[g.kind+"/"+g.name] = true
		}
	}
	return out
}

// known complains about a slice that no case of a whole run has.
func (g *gate) known(line int, slice string) bool {
	if slice == "" || g.run.Partial {
		return true
	}
	all := g.run.slicesOfCases()
	if all[slice] {
		return true
	}
	g.bad(line, "no case of the run is in slice %q%s", slice, say.Alike(slice, slices.Sorted(maps.Keys(all))))
	return false
}

// lacks tells of a slice that no case of a partial run is in: it may have some
// once it is whole.
func (g *gate) lacks(slice string) string {
	if slice == "" || !g.run.Partial || g.run.slicesOfCases()[slice] {
		return ""
	}
	return fmt.Sprintf("no case of this partial run is in slice %q", slice)
}

func inSlice(slice string) string {
	if slice == "" {
		return ""
	}
	return " (" + slice + ")"
}

func overAll(weighted bool) string {
	if weighted {
		return " over all tickets"
	}
	return ""
}

func (g *gate) limit(l Limit) {
	if !g.known(l.Line, l.Slice) {
		return
	}
	metrics, _ := g.run.metrics(l.Slice)
	if l.Weighted {
		metrics = g.run.Weighted
	}
	m := metrics[l.Metric]
	low, high := m.Value, m.Value
	if l.By == byInterval {
		low, high = m.Low, m.High
	}
	demand := func(word string, bound float64, met, canTell bool) {
		name := fmt.Sprintf("%s%s %s %s", l.Metric, inSlice(l.Slice)+overAll(l.Weighted), word, FormatNumber(bound))
		if l.By == byInterval {
			name += " by its interval"
		}
		if why := cmp.Or(g.lacks(l.Slice), g.unjudged(l.Metric), g.unweighted(l.Weighted)); why != "" {
			g.add(CheckLimit, name, false, nil, "%s", why).CantTell = true
			return
		}
		if least := max(l.MinN, 1); m.N < least {
			g.add(CheckLimit, name, false, nil, "only %d of the cases count for it, and %d must", m.N, least).CantTell = true
			return
		}
		c := g.add(CheckLimit, name, met, nil, "it is %s, 95%% interval %s, of %s", FormatNumber(m.Value), interval(m), say.Count(m.N, "case"))
		if !met && !canTell {
			c.CantTell = true
			c.Detail += "; the bound is within the interval, so more cases are needed to tell"
		}
	}
	byValue := l.By != byInterval
	if l.AtLeast != nil {
		demand("at least", *l.AtLeast, low >= *l.AtLeast, byValue || high < *l.AtLeast)
	}
	if l.AtMost != nil {
		demand("at most", *l.AtMost, high <= *l.AtMost, byValue || low > *l.AtMost)
	}
}

func (g *gate) noWorse(n NoWorse, c Comparison, pairs []pairOf) {
	if !g.known(n.Line, n.Slice) {
		return
	}
	d := c.Metrics[n.Metric]
	if n.Weighted {
		d = c.Weighted[n.Metric]
	}
	if n.Slice != "" {
		kind, name, _ := strings.Cut(n.Slice, "/")
		d = differences(groupPairs(pairs)[kind][name], c.reckons(), c.Effect)[n.Metric]
	}
	name := fmt.Sprintf("%s%s no worse than the baseline by more than %s", n.Metric, inSlice(n.Slice)+overAll(n.Weighted), FormatNumber(n.Margin))
	least, why := max(n.MinN, 1), cmp.Or(g.lacks(n.Slice), g.unjudged(n.Metric), g.unweighted(n.Weighted))
	switch {
	case why != "":
	case d.N == 0 && n.Metric == JudgePass:
		why = "the baseline was not judged by the same judge; judge it too"
	case d.N < least:
		why = fmt.Sprintf("only %d of the cases count for it in both runs, and %d must", d.N, least)
	}
	if why != "" {
		g.add(CheckNoWorse, name, false, nil, "%s", why).CantTell = true
		return
	}
	// Worst and best are the ends of the interval, seen as gains.
	worst, best, lost := d.Low, d.High, d.Lost
	share := false
	for _, m := range Metrics() {
		if m.Name != n.Metric {
			continue
		}
		share = m.Kind == KindShare && !n.Weighted
		if m.Better == Lower {
			worst, best, lost = -d.High, -d.Low, d.Gained
		}
	}
	// An interval has a width also where no case got worse, but there is nothing
	// then that a change could be blamed for.
	none := share && lost == 0
	met := worst >= -n.Margin || none
	canTell := met || best < -n.Margin
	said := fmt.Sprintf("it went from %s to %s, 95%% interval of the change %s to %s, of %s",
		FormatNumber(d.A), FormatNumber(d.B), signed(d.Low), signed(d.High), say.Count(d.N, "case"))
	switch {
	case none && worst < -n.Margin:
		said += "; no case got worse"
	case !canTell:
		said += "; a loss beyond the margin is neither shown nor ruled out"
		if n.Require == requireDisproved {
			met = true
			said += ", which the policy lets pass (not_disproved)"
		} else {
			said += ", so more cases are needed"
		}
		if d.Smallest != nil {
			said += fmt.Sprintf(" (these show changes from %s on)", FormatNumber(*d.Smallest))
		}
	}
	g.add(CheckNoWorse, name, met, nil, "%s", said).CantTell = !canTell
}

func (g *gate) mustPass(m MustPass) {
	n := 0
	var failed []string
	for i := range g.run.Cases {
		c := &g.run.Cases[i]
		if !slices.Contains(c.Tags, m.Tag) {
			continue
		}
		n++
		if c.Failing() != "" {
			failed = append(failed, c.ID)
		}
	}
	name := fmt.Sprintf("every case tagged %q passes", m.Tag)
	switch {
	case n > 0:
		g.add(CheckMustPass, name, len(failed) == 0, failed, "%d of %d pass", n-len(failed), n)
	case g.run.Partial:
		g.add(CheckMustPass, name, false, nil, "no case of this partial run has the tag").CantTell = true
	default:
		g.bad(m.Line, "no case of the run has the tag %q%s", m.Tag, say.Alike(m.Tag, g.run.tags()))
	}
}

// tags are those that any case of the run has, sorted.
func (r *Report) tags() []string {
	var out []string
	for i := range r.Cases {
		for _, tag := range r.Cases[i].Tags {
			out = insert(out, tag)
		}
	}
	return out
}

// unweighted says why there are no figures over all tickets; it is empty when
// there are, or when nobody asked.
func (g *gate) unweighted(asked bool) string {
	if asked && g.run.Weighted == nil {
		return "no case carries a weight, so the suite is no sample of other tickets; drop weighted"
	}
	return ""
}

// unjudged says why a metric made from a judge's verdicts can't be held to
// anything; it is empty for other metrics and when nothing is in the way.
func (g *gate) unjudged(metric string) string {
	if metric != JudgePass && metric != JudgePassCorrected {
		return ""
	}
	j := g.run.Judge
	switch {
	case j == nil:
		return "no judge judged the run; \"purser eval judge run\" does"
	case !j.Counts:
		return "the judge's verdicts do not count: " + strings.Join(j.WhyNot, "; ")
	}
	most := DefaultMaxErrorRate
	if g.policy.MaxErrorRate != nil {
		most = *g.policy.MaxErrorRate
	}
	if all := j.Passed.N + j.Undecided + j.Failed; float64(j.Failed) > most*float64(all) {
		return fmt.Sprintf("the judge could not be asked about %d of %d drafts", j.Failed, all)
	}
	return ""
}

// Failing says why the case does not pass; empty when it does. A case passes
// when it did not fail, its outcome is the expected one (a draft, none, or
// left to a person; and for the reason expected, if any), and a draft says all
// that it must, nothing that it must not, in the right language and length, and
// cites a gold article where there is one and the run holds what drafts cite.
func (r *CaseResult) Failing() string {
	if r.Error != "" {
		return "it failed: " + r.Error
	}
	drafted, human := r.Outcome == suggest.OutcomeDraft, r.Outcome == suggest.OutcomeHumanOnly
	switch {
	case r.Expect == suite.ExpectAnswer && !drafted:
		return "no draft was given"
	case r.Expect == suite.ExpectNone && drafted:
		return "a draft was given, and silence was expected"
	case r.Expect == suite.ExpectHuman && drafted:
		return "a draft was given, and a person was to write"
	case r.Expect == suite.ExpectHuman && !human:
		return "it was not left to a person"
	case r.Want != "" && r.Reason != r.Want:
		return fmt.Sprintf("the reason is %q, not %q", r.Reason, r.Want)
	}
	for _, check := range []struct{ metric, why string }{
		{MustNotSayKept, "the draft says what it must not"},
		{MustSayKept, "the draft does not say all that it must"},
		{RightLanguage, "the draft is in another language"},
		{LengthKept, "the draft is too long"},
		{CitationRecall, "the draft cites none of the gold articles"},
	} {
		if score, counts := r.Scores[check.metric]; counts && score < 1 {
			return check.why
		}
	}
	return ""
}
