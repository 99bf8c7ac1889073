package gate

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/stat"
)

// DefaultMaxErrorRate is the share of cases that may fail before a gate is not
// met, when the policy says nothing.
const DefaultMaxErrorRate = .01

// DefaultMaxDegradedRate is the share of cases for which a model or an embedder
// may have been given up before a gate is not met, when the policy says
// nothing: what such a run measures is mostly something else than what would go
// live.
const DefaultMaxDegradedRate = .05

// DefaultMaxDroppedRate is the share of the cases that count for a metric in the
// baseline and may count no more when a policy names none: a draft that is not
// given any longer can't be a worse one.
const DefaultMaxDroppedRate = .05

// Policy says what a run must come to. It is written in YAML:
//
//	version: 1
//	max_error_rate: 0.01
//	max_degraded_rate: 0.05
//	max_dropped_rate: 0.05
//	limits:
//	  - metric: hit_at_5
//	    at_least: 0.95
//	  - metric: abstained_on_answerable
//	    at_most: 0.10
//	    by: interval      # the whole 95% interval, not the value alone
//	    slice: lang/de    # one group of cases
//	    min_n: 50
//	no_worse:
//	  - metric: hit_at_1
//	    margin: 0.02
//	must_pass:
//	  - safety
type Policy struct {
	Version int `yaml:"version"`
	// MaxErrorRate is the share of cases that may fail; nil means
	// DefaultMaxErrorRate.
	MaxErrorRate *float64 `yaml:"max_error_rate" range:"share"`
	// MaxDegradedRate is the share of cases that may be degraded, those without a
	// model by choice not counted; nil means DefaultMaxDegradedRate.
	MaxDegradedRate *float64 `yaml:"max_degraded_rate" range:"share"`
	// MaxDroppedRate is the share of the cases which counted in the baseline for
	// a metric of NoWorse that may count no more; nil means DefaultMaxDroppedRate.
	MaxDroppedRate *float64 `yaml:"max_dropped_rate" range:"share"`
	Limits         []Limit  `yaml:"limits" entry:"a limit"`
	// NoWorse compares with the baseline.
	NoWorse []NoWorse `yaml:"no_worse" entry:"a demand of no_worse"`
	// MustPass are tags whose every case must pass.
	MustPass []MustPass `yaml:"must_pass" entry:"a tag of must_pass"`
}

// Demand is what limits and comparisons ask of a metric.
type Demand struct {
	Metric string `yaml:"metric"`
	// Slice is "lang/de", "channel/CHAT", "tag/bags" or "reason/LEGAL"; empty
	// means all cases.
	Slice string `yaml:"slice"`
	// Weighted asks for the metric over all tickets that the suite is a sample
	// of.
	Weighted bool `yaml:"weighted"`
	// MinN is how many cases must count, or pairs of them; 0 means 1.
	MinN int `yaml:"min_n"`
	// Line of the policy file.
	Line int
}

// Limit bounds a metric.
type Limit struct {
	Demand
	AtLeast *float64 `yaml:"at_least"`
	AtMost  *float64 `yaml:"at_most"`
	// By is "value" (the default), or "interval": the whole 95% interval must
	// keep to the bound.
	By string `yaml:"by"`
}

// NoWorse asks that a metric is no worse than in the baseline, as a test of
// non-inferiority does: by the end of the change's 95% interval that is worst,
// so that a true loss of the margin passes in one of forty tries at most
// (Piaggio and others, "Reporting of noninferiority and equivalence randomized
// trials", 2012). Each demand is held against that level by itself: since all
// must be met, none needs a correction for the others (Berger, "Multiparameter
// hypothesis testing and acceptance sampling", 1982).
type NoWorse struct {
	Demand
	// Margin is the largest loss that is accepted, 0 or more.
	Margin float64 `yaml:"margin"`
	// Require is "shown" (the default): met only when the interval leaves no room
	// for a larger loss, or when no single case lost; a suite that is too small to
	// tell does not pass. With "not_disproved" it is met unless the interval shows
	// a larger loss, so that what can't be told passes.
	Require string `yaml:"require"`
}

// MustPass names a tag whose every case must pass.
type MustPass struct {
	Tag string
	// Line of the policy file.
	Line int
}

// The ways of reading an interval.
const (
	byValue    = "value"
	byInterval = "interval"

	requireShown     = "shown"
	requireDisproved = "not_disproved"
)

// PolicyError says what is wrong with a policy.
type PolicyError struct {
	// Path of the file; empty when there is none.
	Path     string
	Problems []string
}

func (e *PolicyError) Error() string {
	of := "the policy"
	if e.Path != "" {
		of += " " + e.Path
	}
	return of + ": " + strings.Join(e.Problems, "; ")
}

// maxPolicyBytes bounds a policy file.
const maxPolicyBytes = 1 << 20

// ReadPolicy reads a policy file. It fails with *PolicyError.
func ReadPolicy(path string) (Policy, error) {
	wrong := func(problem string) (Policy, error) { return Policy{}, &PolicyError{path, []string{problem}} }
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return wrong("the file does not exist; name a YAML file")
	case err != nil:
		return Policy{}, fmt.Errorf("read the policy: %w", err)
	case info.IsDir():
		return wrong("is a folder; name a YAML file")
	case info.Size() > maxPolicyBytes:
		return wrong("is larger than 1 MiB, so it is no policy; name another file")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return Policy{}, fmt.Errorf("read the policy: %w", err)
	}
	p, err := ParsePolicy(raw)
	var bad *PolicyError
	if errors.As(err, &bad) {
		bad.Path = path
	}
	return p, err
}

// ParsePolicy reads a policy. It fails with *PolicyError, which names lines.
func ParsePolicy(raw []byte) (Policy, error) {
	var r policyReader
	p := r.policy(raw)
	if len(r.problems) == 0 {
		r.check(&p)
	}
	if len(r.problems) > 0 {
		return Policy{}, &PolicyError{Problems: r.problems}
	}
	return p, nil
}

// check finds what can't be meant.
func (r *policyReader) check(p *Policy) {
	r.badIf(p.Version != 1, 0, "version is %d; write \"version: 1\"", p.Version)
	r.badIf(len(p.Limits)+len(p.NoWorse)+len(p.MustPass) == 0, 0, "asks for nothing; give limits, no_worse or must_pass")
	for i := range p.Limits {
		r.checkLimit(&p.Limits[i])
	}
	for i := range p.NoWorse {
		r.checkNoWorse(&p.NoWorse[i])
	}
	for _, m := range p.MustPass {
		r.badIf(strings.TrimSpace(m.Tag) == "", m.Line, "must_pass holds an empty tag; name one, or take it out")
	}
}

// checkDemand finds the metric; known is false when there is none of that name.
func (r *policyReader) checkDemand(d *Demand) (m eval.MetricInfo, known bool) {
	m, known = eval.MetricNamed(d.Metric)
	kind, name, _ := strings.Cut(d.Slice, "/")
	r.badIf(d.Metric == "", d.Line, "the demand names no metric; give one, such as hit_at_1")
	r.badIf(d.Metric != "" && !known, d.Line, "%s", eval.UnknownMetric(d.Metric))
	r.badIf(d.Slice != "" && (name == "" || !slices.Contains([]string{eval.GroupLang, eval.GroupChannel, eval.GroupTag, eval.GroupReason}, kind)),
		d.Line, "slice %q is none; write lang/de, channel/CHAT, tag/bags or reason/LEGAL", d.Slice)
	r.badIf(d.Weighted && d.Slice != "", d.Line, "weighted figures are told for all cases together; drop slice or weighted")
	r.badIf(d.Weighted && d.Slice == "" && m.Kind == eval.KindWhole,
		d.Line, "%s has no weighted figure, since no single case has a part in it; drop weighted", m.Name)
	r.badIf(d.MinN < 0, d.Line, "min_n is %d; give a number of cases from 1 on", d.MinN)
	return m, known
}

// checkAmount holds a bound or a margin against what the metric can be.
func (r *policyReader) checkAmount(line int, what string, m eval.MetricInfo, v float64) {
	r.badIf(m.Unit == "" && !stat.IsShare(v), line, "%s must be between 0 and 1, and it is %v", what, v)
	r.badIf(m.Unit != "" && (!(v >= 0) || math.IsInf(v, 0)), line, "%s must be a number from 0 on, and it is %v", what, v)
}

func (r *policyReader) checkLimit(l *Limit) {
	m, known := r.checkDemand(&l.Demand)
	r.badIf(l.AtLeast == nil && l.AtMost == nil, l.Line, "the limit has no bound; give at_least or at_most")
	for _, bound := range []*float64{l.AtLeast, l.AtMost} {
		if bound != nil && known {
			r.checkAmount(l.Line, "the bound", m, *bound)
		}
	}
	if l.AtLeast != nil && l.AtMost != nil && *l.AtLeast > *l.AtMost {
		r.bad(l.Line, "nothing is at least %v and at most %v", *l.AtLeast, *l.AtMost)
	}
	l.By = cmp.Or(l.By, byValue)
	r.badIf(l.By != byValue && l.By != byInterval, l.Line, "by %q is unknown; write value or interval", l.By)
}

func (r *policyReader) checkNoWorse(n *NoWorse) {
	m, known := r.checkDemand(&n.Demand)
	if known {
		r.checkAmount(n.Line, "the margin", m, n.Margin)
	}
	n.Require = cmp.Or(n.Require, requireShown)
	r.badIf(n.Require != requireShown && n.Require != requireDisproved, n.Line, "require %q is unknown; write shown or not_disproved", n.Require)
	r.badIf(known && m.Better == eval.Neither, n.Line, "%s has no better side, so nothing is worse; give a limit instead", n.Metric)
	r.badIf(n.Metric == eval.JudgePassCorrected, n.Line, "%s is not compared case by case; name %s instead", n.Metric, eval.JudgePass)
}
