package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/suggest"
)

// GateResult is what a policy says of a run.
type GateResult struct {
	Met    bool    `json:"met"`
	Checks []Check `json:"checks"`
}

// Check is one demand of a policy.
type Check struct {
	// Group is "run", "limit", "no_worse" or "must_pass".
	Group string `json:"group"`
	// Name tells the demand, such as "hit_at_5 at least 0.95".
	Name string `json:"name"`
	Met  bool   `json:"met"`
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
// cases failed than allowed, is never met. baseline may be nil when the policy
// has no no_worse rules. It fails with *PolicyError for a tag or slice that the
// run does not have, and with *MismatchError for a baseline of another suite.
func (p Policy) Check(run Report, baseline *Report) (GateResult, error) {
	var e PolicyError
	g := gate{policy: p, run: run}
	g.whole()
	for _, l := range p.Limits {
		g.limit(l, &e)
	}
	if len(p.NoWorse) > 0 {
		if baseline == nil {
			return GateResult{}, &PolicyError{[]string{"no_worse needs a baseline; promote an accepted run first, or name one"}}
		}
		c, err := Compare(*baseline, run, 0)
		if err != nil {
			return GateResult{}, err
		}
		for _, n := range p.NoWorse {
			g.noWorse(n, c, &e)
		}
	}
	for _, tag := range p.MustPass {
		g.mustPass(tag, &e)
	}
	if len(e.Problems) > 0 {
		return GateResult{}, &e
	}
	result := GateResult{Met: true, Checks: g.checks}
	for _, c := range g.checks {
		result.Met = result.Met && c.Met
	}
	return result, nil
}

type gate struct {
	policy Policy
	run    Report
	checks []Check
}

func (g *gate) add(group, name string, met bool, cases []string, format string, args ...any) {
	g.checks = append(g.checks, Check{Group: group, Name: name, Met: met, Cases: cases, Detail: fmt.Sprintf(format, args...)})
}

func (g *gate) whole() {
	g.add(CheckRun, "the run is whole", !g.run.Partial, nil, "%s", g.run.Coverage())
	most := DefaultMaxErrorRate
	if g.policy.MaxErrorRate != nil {
		most = *g.policy.MaxErrorRate
	}
	var failed []string
	for i := range g.run.Cases {
		if g.run.Cases[i].Error != "" {
			failed = append(failed, g.run.Cases[i].ID)
		}
	}
	share := 0.
	if n := len(g.run.Cases); n > 0 {
		share = float64(len(failed)) / float64(n)
	}
	g.add(CheckRun, fmt.Sprintf("at most %s of the cases failed", FormatNumber(most)), share <= most, failed,
		"%d of %s failed", len(failed), counted(len(g.run.Cases), "case"))
}

// Coverage tells how much of its suite a run holds.
func (r *Report) Coverage() string {
	s := fmt.Sprintf("%d of %s were run", len(r.Cases), counted(r.Suite.Cases, "case"))
	if r.Part != nil {
		s += ", as asked for: " + r.Part.String()
	}
	return s
}

// has reports whether any case is in the slice, also one that failed.
func (r *Report) has(slice string) bool {
	kind, name, _ := strings.Cut(slice, "/")
	for i := range r.Cases {
		if slices.Contains(r.Cases[i].groups(), group{kind, name}) {
			return true
		}
	}
	return false
}

// lacks tells of a slice or tag that no case has: a partial run may have it
// once it is whole, any other never will.
func (g *gate) lacks(group, name, what string, e *PolicyError) {
	if g.run.Partial {
		g.add(group, name, false, nil, "no case of this partial run %s", what)
		return
	}
	e.Problems = append(e.Problems, fmt.Sprintf("no case of the run %s", what))
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

func inSlice(slice string) string {
	if slice == "" {
		return ""
	}
	return " (" + slice + ")"
}

func (g *gate) limit(l Limit, e *PolicyError) {
	metrics, ok := g.run.metrics(l.Slice)
	if !ok && !g.run.has(l.Slice) {
		g.lacks(CheckLimit, l.Metric+inSlice(l.Slice), fmt.Sprintf("is in slice %q", l.Slice), e)
		return
	}
	m := metrics[l.Metric]
	low, high := m.Value, m.Value
	if l.By == byInterval {
		low, high = m.Low, m.High
	}
	demand := func(word string, bound float64, met bool) {
		name := fmt.Sprintf("%s%s %s %s", l.Metric, inSlice(l.Slice), word, FormatNumber(bound))
		if l.By == byInterval {
			name += " by its interval"
		}
		least := max(l.MinN, 1)
		if why := g.unjudged(l.Metric); why != "" {
			g.add(CheckLimit, name, false, nil, "%s", why)
			return
		}
		if m.N < least {
			g.add(CheckLimit, name, false, nil, "only %d of the cases count for it, and %d must", m.N, least)
			return
		}
		g.add(CheckLimit, name, met, nil, "it is %s, 95%% interval %s, of %s", FormatNumber(m.Value), interval(m), counted(m.N, "case"))
	}
	if l.AtLeast != nil {
		demand("at least", *l.AtLeast, low >= *l.AtLeast)
	}
	if l.AtMost != nil {
		demand("at most", *l.AtMost, high <= *l.AtMost)
	}
}

func (g *gate) noWorse(n NoWorse, c Comparison, e *PolicyError) {
	metrics := c.Metrics
	if n.Slice != "" {
		kind, name, _ := strings.Cut(n.Slice, "/")
		var ok bool
		if metrics, ok = c.Slices[kind][name]; !ok && !g.run.has(n.Slice) {
			g.lacks(CheckNoWorse, n.Metric+inSlice(n.Slice), fmt.Sprintf("is in slice %q", n.Slice), e)
			return
		}
	}
	name := fmt.Sprintf("%s%s no worse than the baseline by more than %s", n.Metric, inSlice(n.Slice), FormatNumber(n.Margin))
	d, ok := metrics[n.Metric]
	if why := g.unjudged(n.Metric); why != "" {
		g.add(CheckNoWorse, name, false, nil, "%s", why)
		return
	}
	if !ok && n.Metric == JudgePass {
		g.add(CheckNoWorse, name, false, nil, "the baseline was not judged by the same judge; judge it too")
		return
	}
	if !ok {
		g.add(CheckNoWorse, name, false, nil, "no case counts for it in both runs")
		return
	}
	// Worst and best are the ends of the interval, seen as gains.
	worst, best, lost := d.Low, d.High, d.Lost
	share := false
	for _, m := range Metrics() {
		if m.Name != n.Metric {
			continue
		}
		share = m.Kind == KindShare
		if m.Better == Lower {
			worst, best, lost = -d.High, -d.Low, d.Gained
		}
	}
	// An interval has a width also where no case got worse, but there is nothing
	// then that a change could be blamed for.
	met := worst >= -n.Margin || share && lost == 0
	if n.Require == requireDisproved {
		met = best >= -n.Margin
	}
	said := fmt.Sprintf("it went from %s to %s, 95%% interval of the change %s to %s, of %s",
		FormatNumber(d.A), FormatNumber(d.B), FormatSigned(d.Low), FormatSigned(d.High), counted(d.N, "case"))
	if !met && best >= -n.Margin {
		said += "; a loss beyond the margin is neither shown nor ruled out, so more cases are needed"
		if d.Smallest != nil {
			said += fmt.Sprintf(" (these show changes from %s on)", FormatNumber(*d.Smallest))
		}
	}
	g.add(CheckNoWorse, name, met, nil, "%s", said)
}

func (g *gate) mustPass(tag string, e *PolicyError) {
	n := 0
	var failed []string
	for i := range g.run.Cases {
		c := &g.run.Cases[i]
		for _, t := range c.Tags {
			if t != tag {
				continue
			}
			n++
			if why := c.Failing(); why != "" {
				failed = append(failed, c.ID)
			}
		}
	}
	if n == 0 {
		g.lacks(CheckMustPass, fmt.Sprintf("every case tagged %q passes", tag), fmt.Sprintf("has the tag %q%s", tag, alike(tag, g.run.tags())), e)
		return
	}
	g.add(CheckMustPass, fmt.Sprintf("every case tagged %q passes", tag), len(failed) == 0, failed, "%d of %d pass", n-len(failed), n)
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

// Failing says why the case does not pass; empty when it does. A case passes
// when it did not fail, its outcome is the expected one (a draft, none, or
// left to a person; and for the reason expected, if any), and a draft says all
// that it must, nothing that it must not, in the right language and length.
func (r *CaseResult) Failing() string {
	if r.Error != "" {
		return "it failed: " + r.Error
	}
	drafted, human := r.Outcome == suggest.OutcomeDraft, r.Outcome == suggest.OutcomeHumanOnly
	switch {
	case r.Expect == ExpectAnswer && !drafted:
		return "no draft was given"
	case r.Expect == ExpectNone && drafted:
		return "a draft was given, and silence was expected"
	case r.Expect == ExpectHuman && !human:
		return "it was not left to a person"
	case r.Want != "" && r.Reason != r.Want:
		return fmt.Sprintf("the reason is %q, not %q", r.Reason, r.Want)
	}
	for _, check := range []struct{ metric, why string }{
		{MustSayKept, "the draft does not say all that it must"},
		{MustNotSayKept, "the draft says what it must not"},
		{RightLanguage, "the draft is in another language"},
		{LengthKept, "the draft is too long"},
	} {
		if score, counts := r.Scores[check.metric]; counts && score < 1 {
			return check.why
		}
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
