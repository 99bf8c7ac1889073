package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/internal/say"
)

// name is the demand's, as checks are named: the metric and what it is over.
func (d *Demand) name() string {
	name := d.Metric
	if d.Slice != "" {
		name += " (" + d.Slice + ")"
	}
	if d.Weighted {
		name += " over all tickets"
	}
	return name
}

// cantTell says why the run can't be held against a demand; empty when it can.
func (g *trial) cantTell(d *Demand) string {
	switch {
	case d.Slice != "" && g.run.Partial && !slicesOf(g.run)[d.Slice]: // it may have some once it is whole
		return fmt.Sprintf("no case of this partial run is in slice %q", d.Slice)
	case d.Metric == eval.JudgePass || d.Metric == eval.JudgePassCorrected:
		if why := g.unjudged(); why != "" {
			return why
		}
	}
	if d.Weighted && g.run.Weighted == nil {
		return "no case carries a weight, so the suite is no sample of other tickets; drop weighted"
	}
	return ""
}

func (g *trial) limit(l Limit) {
	if !g.known(l.Line, l.Slice) {
		return
	}
	metrics := g.run.Metrics
	switch {
	case l.Weighted:
		metrics = g.run.Weighted
	case l.Slice != "":
		metrics = g.run.Slices.Named(l.Slice)
	}
	m := metrics[l.Metric]
	low, high, by := m.Value, m.Value, ""
	if l.By == byInterval {
		low, high, by = m.Low, m.High, " by its interval"
	}
	demand := func(word string, bound float64, met, canTell bool) {
		name := l.name() + " " + word + " " + eval.FormatNumber(bound) + by
		why := g.cantTell(&l.Demand)
		if least := max(l.MinN, 1); why == "" && m.N < least {
			why = fmt.Sprintf("only %d of the cases count for it, and %d must", m.N, least)
		}
		if why != "" {
			g.add(groupLimit, name, false, nil, "%s", why).CantTell = true
			return
		}
		c := g.add(groupLimit, name, met, nil, "it is %s, 95%% interval %s, of %s", eval.FormatNumber(m.Value), m.Interval(), say.Count(m.N, "case"))
		if c.CantTell = !met && !canTell; c.CantTell {
			c.Detail += "; the bound is within the interval, so more cases are needed to tell"
		}
	}
	if l.AtLeast != nil {
		demand("at least", *l.AtLeast, low >= *l.AtLeast, by == "" || high < *l.AtLeast)
	}
	if l.AtMost != nil {
		demand("at most", *l.AtMost, high <= *l.AtMost, by == "" || low > *l.AtMost)
	}
}

func (g *trial) noWorse(n NoWorse, c *compare.Comparison) {
	if !g.known(n.Line, n.Slice) {
		return
	}
	metrics := c.Metrics
	switch {
	case n.Weighted:
		metrics = c.Weighted
	case n.Slice != "":
		metrics = c.InSlice(n.Slice)
	}
	d := metrics[n.Metric]
	name := fmt.Sprintf("%s no worse than the baseline by more than %s", n.name(), eval.FormatNumber(n.Margin))
	least, why := max(n.MinN, 1), g.cantTell(&n.Demand)
	switch {
	case why != "":
	case d.N == 0 && n.Metric == eval.JudgePass:
		why = "the baseline was not judged by the same judge; judge it too"
	case d.N < least:
		why = fmt.Sprintf("only %d of the cases count for it in both runs, and %d must", d.N, least)
	default:
		why = g.dropped(&d)
	}
	if why != "" {
		g.add(groupNoWorse, name, false, nil, "%s", why).CantTell = true
		return
	}
	worst, best, none := ends(n, &d)
	met := worst >= -n.Margin || none
	canTell := met || best < -n.Margin
	said := fmt.Sprintf("it went from %s to %s, 95%% interval of the change %s to %s, of %s",
		eval.FormatNumber(d.A), eval.FormatNumber(d.B), eval.FormatChange(d.Low), eval.FormatChange(d.High), say.Count(d.N, "case"))
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
			said += fmt.Sprintf(" (these show changes from %s on)", eval.FormatNumber(*d.Smallest))
		}
	}
	g.add(groupNoWorse, name, met, nil, "%s", said).CantTell = !canTell
}

// dropped says that too many of the baseline's cases count no more for the change
// to be one of quality; empty when not.
func (g *trial) dropped(d *compare.Difference) string {
	most := allowed(g.policy.MaxDroppedRate, DefaultMaxDroppedRate)
	counted := d.N + d.OnlyA
	if float64(d.OnlyA) <= most*float64(counted) {
		return ""
	}
	return fmt.Sprintf("%d of the %s that counted for it in the baseline count no more, and at most %s may (max_dropped_rate): what became of them is in no figure of it",
		d.OnlyA, say.Count(counted, "case"), percent(most))
}

// ends are those of the change's interval, seen as gains. An interval has a width
// also where no case got worse (none), but there is nothing then that a change
// could be blamed for.
func ends(n NoWorse, d *compare.Difference) (worst, best float64, none bool) {
	m, _ := eval.MetricNamed(n.Metric)
	lost := d.Lost
	worst, best = d.Low, d.High
	if m.Better == eval.Lower {
		worst, best, lost = -d.High, -d.Low, d.Gained
	}
	return worst, best, m.Kind == eval.KindShare && !n.Weighted && lost == 0
}

func (g *trial) mustPass(m MustPass) {
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
		g.add(groupMustPass, name, len(failed) == 0, failed, "%d of %d pass", n-len(failed), n)
	case g.run.Partial:
		g.add(groupMustPass, name, false, nil, "no case of this partial run has the tag").CantTell = true
	default:
		g.bad(m.Line, "no case of the run has the tag %q%s", m.Tag, say.Alike(m.Tag, tagsOf(g.run)))
	}
}

// unjudged says why metrics made from a judge's verdicts can't be held to
// anything; it is empty when nothing is in the way.
func (g *trial) unjudged() string {
	j := g.run.Judge
	switch {
	case j == nil:
		return "no judge judged the run; \"purser eval judge run\" does"
	case !j.Counts:
		return "the judge's verdicts do not count: " + strings.Join(j.WhyNot, "; ")
	}
	most := allowed(g.policy.MaxErrorRate, DefaultMaxErrorRate)
	if all := j.Passed.N + j.Undecided + j.Failed; float64(j.Failed) > most*float64(all) {
		return fmt.Sprintf("the judge could not be asked about %d of %d drafts", j.Failed, all)
	}
	return ""
}
