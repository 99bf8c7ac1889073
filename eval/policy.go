package eval

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// DefaultMaxErrorRate is the share of cases that may fail before a gate is not
// met, when the policy says nothing.
const DefaultMaxErrorRate = .01

// Policy says what a run must come to. It is written in YAML:
//
//	version: 1
//	max_error_rate: 0.01
//	limits:
//	  - metric: hit_at_5
//	    at_least: 0.95
//	  - metric: silent_on_answerable
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
	MaxErrorRate *float64 `yaml:"max_error_rate"`
	Limits       []Limit  `yaml:"limits"`
	// NoWorse compares with the baseline.
	NoWorse []NoWorse `yaml:"no_worse"`
	// MustPass are tags whose every case must pass.
	MustPass []string `yaml:"must_pass"`
}

// Limit bounds a metric.
type Limit struct {
	Metric  string   `yaml:"metric"`
	AtLeast *float64 `yaml:"at_least"`
	AtMost  *float64 `yaml:"at_most"`
	// By is "value" (the default) or "interval".
	By string `yaml:"by"`
	// Slice is "lang/de", "channel/CHAT", "tag/bags" or "reason/LEGAL"; empty
	// means all cases.
	Slice string `yaml:"slice"`
	// MinN is how many cases must count; 0 means 1.
	MinN int `yaml:"min_n"`
}

// NoWorse asks that a metric is no worse than in the baseline.
type NoWorse struct {
	Metric string `yaml:"metric"`
	// Margin is the largest loss that is accepted, 0 or more.
	Margin float64 `yaml:"margin"`
	// Require is "shown" (the default): met only when the 95% interval of the
	// change leaves no room for a larger loss, so that a suite that is too small
	// to tell does not pass. With "not_disproved" it is met unless the interval
	// shows a larger loss, so that what can't be told passes.
	Require string `yaml:"require"`
	Slice   string `yaml:"slice"`
}

// The ways of reading an interval.
const (
	byValue    = "value"
	byInterval = "interval"

	requireShown     = "shown"
	requireDisproved = "not_disproved"
)

// PolicyError says what is wrong with a policy file.
type PolicyError struct{ Problems []string }

func (e *PolicyError) Error() string { return "the policy: " + strings.Join(e.Problems, "; ") }

// ReadPolicy reads a policy file. It fails with *PolicyError.
func ReadPolicy(path string) (Policy, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Policy{}, &PolicyError{[]string{path + " does not exist; name a YAML file"}}
	}
	if err != nil {
		return Policy{}, fmt.Errorf("read the policy: %w", err)
	}
	return ParsePolicy(raw)
}

// ParsePolicy reads a policy. It fails with *PolicyError.
func ParsePolicy(raw []byte) (Policy, error) {
	var p Policy
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&p); err != nil {
		if errors.Is(err, io.EOF) {
			return Policy{}, &PolicyError{[]string{"is empty; give limits, no_worse or must_pass"}}
		}
		return Policy{}, &PolicyError{[]string{strings.ReplaceAll(err.Error(), "yaml: ", "")}}
	}
	var e PolicyError
	bad := func(format string, args ...any) { e.Problems = append(e.Problems, fmt.Sprintf(format, args...)) }
	if p.Version != 1 {
		bad("version is %d; write \"version: 1\"", p.Version)
	}
	if p.MaxErrorRate != nil && !isShare(*p.MaxErrorRate) {
		bad("max_error_rate must be between 0 and 1")
	}
	if len(p.Limits)+len(p.NoWorse)+len(p.MustPass) == 0 {
		bad("asks for nothing; give limits, no_worse or must_pass")
	}
	for i := range p.Limits {
		p.Limits[i].check(fmt.Sprintf("limits[%d]", i), bad)
	}
	for i := range p.NoWorse {
		p.NoWorse[i].check(fmt.Sprintf("no_worse[%d]", i), bad)
	}
	if len(e.Problems) > 0 {
		return Policy{}, &e
	}
	return p, nil
}

func isShare(v float64) bool { return v >= 0 && v <= 1 }

// checkMetric reports whether the metric lies between 0 and 1.
func checkMetric(at, name string, bad func(string, ...any)) (share bool) {
	m, known := metricInfo(name)
	if known {
		return m.Unit == ""
	}
	all := Metrics()
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name
	}
	bad("%s: there is no metric %q; give one of %s", at, name, strings.Join(names, ", "))
	return false
}

func isAmount(v float64) bool { return v >= 0 && !math.IsInf(v, 0) }

func checkSlice(at, slice string, bad func(string, ...any)) {
	if slice == "" {
		return
	}
	kind, name, ok := strings.Cut(slice, "/")
	if !ok || name == "" || !slices.Contains([]string{groupLang, groupChannel, groupTag, groupReason}, kind) {
		bad("%s: slice %q is none; write lang/de, channel/CHAT, tag/bags or reason/LEGAL", at, slice)
	}
}

func (l *Limit) check(at string, bad func(string, ...any)) {
	share := checkMetric(at, l.Metric, bad)
	checkSlice(at, l.Slice, bad)
	if l.AtLeast == nil && l.AtMost == nil {
		bad("%s: give at_least or at_most", at)
	}
	for _, bound := range []*float64{l.AtLeast, l.AtMost} {
		switch {
		case bound == nil:
		case share && !isShare(*bound):
			bad("%s: the bound must be between 0 and 1", at)
		case !isAmount(*bound):
			bad("%s: the bound must be a number from 0 on", at)
		}
	}
	if l.By == "" {
		l.By = byValue
	}
	if l.By != byValue && l.By != byInterval {
		bad("%s: by %q is unknown; write value or interval", at, l.By)
	}
}

func (n *NoWorse) check(at string, bad func(string, ...any)) {
	share := checkMetric(at, n.Metric, bad)
	checkSlice(at, n.Slice, bad)
	switch {
	case share && !isShare(n.Margin):
		bad("%s: the margin must be between 0 and 1", at)
	case !isAmount(n.Margin):
		bad("%s: the margin must be a number from 0 on", at)
	}
	if n.Require == "" {
		n.Require = requireShown
	}
	if n.Require != requireShown && n.Require != requireDisproved {
		bad("%s: require %q is unknown; write shown or not_disproved", at, n.Require)
	}
	if n.Metric == JudgePassCorrected {
		bad("%s: %s is not compared case by case; name %s instead", at, n.Metric, JudgePass)
	}
	for _, m := range Metrics() {
		if m.Name == n.Metric && m.Better == Neither {
			bad("%s: %s has no better side, so nothing is worse; give a limit instead", at, n.Metric)
		}
	}
}
