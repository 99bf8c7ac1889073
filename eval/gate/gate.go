package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/suggest"
)

// Result is what a policy says of a run.
type Result struct {
	Met    bool    `json:"met"`
	Checks []Check `json:"checks"`
	// Run is the run that was held against the policy, Baseline what it was
	// compared with; nil when the policy compares nothing.
	Run      compare.RunInfo  `json:"run"`
	Baseline *compare.RunInfo `json:"baseline,omitempty"`
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
	groupRun      = "run"
	groupLimit    = "limit"
	groupNoWorse  = "no_worse"
	groupMustPass = "must_pass"
)

// Check holds a run against the policy. A partial run, or one in which more
// cases failed or were degraded than allowed, is never met; neither is a demand
// that no case counts for. baseline may be nil when the policy has no no_worse
// rules. It fails with *PolicyError for a tag or slice that no case of a whole
// run has, and with *compare.MismatchError for a baseline of another suite.
func (p Policy) Check(run eval.Report, baseline *eval.Report) (Result, error) {
	g := trial{policy: p, run: &run}
	g.whole()
	for _, l := range p.Limits {
		g.limit(l)
	}
	result := Result{Run: compare.InfoOf(&run)}
	if len(p.NoWorse) > 0 {
		if baseline == nil {
			return Result{}, &PolicyError{Problems: []string{"no_worse needs a baseline; promote an accepted run first, or name one"}}
		}
		c, err := compare.Runs(*baseline, run, 0)
		if err != nil {
			return Result{}, err
		}
		g.covered(&c)
		for _, n := range p.NoWorse {
			g.noWorse(n, &c)
		}
		result.Baseline = &c.A
	}
	for _, m := range p.MustPass {
		g.mustPass(m)
	}
	if len(g.problems) > 0 {
		return Result{}, &PolicyError{Problems: g.problems}
	}
	result.Met, result.Checks = true, g.checks
	for _, c := range g.checks {
		result.Met = result.Met && c.Met
	}
	return result, nil
}

// trial holds one run against one policy.
type trial struct {
	policyReader
	policy Policy
	run    *eval.Report
	checks []Check
}

func (g *trial) add(group, name string, met bool, cases []string, format string, args ...any) *Check {
	g.checks = append(g.checks, Check{Group: group, Name: name, Met: met, Cases: cases, Detail: fmt.Sprintf(format, args...)})
	return &g.checks[len(g.checks)-1]
}

// chosen are the notices of degraded that are a choice, not a fault.
func chosen() []suggest.NoticeCode { return []suggest.NoticeCode{suggest.DegradedNoModel} }

// whole holds the run itself against what makes its figures worth reading.
func (g *trial) whole() {
	g.add(groupRun, "the run is whole", !g.run.Partial, nil, "%s", g.run.Coverage())
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

// rate bounds the share of cases to which something happened.
func (g *trial) rate(what string, cases []string, n int, asked *float64, usual float64, detail string) {
	most := allowed(asked, usual)
	g.add(groupRun, fmt.Sprintf("at most %s of the cases %s", percent(most), what), float64(len(cases)) <= most*float64(n), cases, detail, len(cases), n)
}

// allowed is the share that a policy allows, or the usual one.
func allowed(asked *float64, usual float64) float64 {
	if asked != nil {
		return *asked
	}
	return usual
}

// percent writes a share without needless digits.
func percent(share float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", 100*share), "0"), ".") + "%"
}

// covered asks that the baseline holds what the run is compared on: else what
// was lost on the cases that it lacks would not be seen.
func (g *trial) covered(c *compare.Comparison) {
	paired := map[string]bool{}
	for _, id := range c.IDs() {
		paired[id] = true
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

// slicesOf are the groups that the run's cases are in, those that failed
// included.
func slicesOf(r *eval.Report) map[string]bool {
	out := map[string]bool{}
	for i := range r.Cases {
		for _, g := range r.Cases[i].Groups() {
			out[g.String()] = true
		}
	}
	return out
}

// known complains about a slice that no case of a whole run has.
func (g *trial) known(line int, slice string) bool {
	if slice == "" || g.run.Partial {
		return true
	}
	all := slicesOf(g.run)
	if all[slice] {
		return true
	}
	g.bad(line, "no case of the run is in slice %q%s", slice, say.Alike(slice, slices.Sorted(maps.Keys(all))))
	return false
}

// tagsOf are those that any case of the run has, sorted.
func tagsOf(r *eval.Report) []string {
	var out []string
	for i := range r.Cases {
		out = append(out, r.Cases[i].Tags...)
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(tag string) bool { return tag == "" })
}
