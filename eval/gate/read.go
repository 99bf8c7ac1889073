package gate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/internal/say"
)

// policyReader reads a policy node by node, so that every problem has its line.
type policyReader struct{ problems []string }

// bad notes a problem; line 0 means the whole.
func (r *policyReader) bad(line int, format string, args ...any) {
	problem := fmt.Sprintf(format, args...)
	if line > 0 {
		problem = fmt.Sprintf("line %d: %s", line, problem)
	}
	r.problems = append(r.problems, problem)
}

func (r *policyReader) policy(raw []byte) Policy {
	var p Policy
	d := yaml.NewDecoder(bytes.NewReader(raw))
	var document, second yaml.Node
	if err := d.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			r.bad(0, "is empty; give limits, no_worse or must_pass")
		} else {
			r.bad(0, "is no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		}
		return p
	}
	if err := d.Decode(&second); !errors.Is(err, io.EOF) {
		r.bad(0, "holds more than one document; keep what stands before the second \"---\"")
		return p
	}
	r.fields(resolved(document.Content[0]), "the policy", map[string]func(*yaml.Node){
		"version":           func(n *yaml.Node) { p.Version = r.whole(n, "version") },
		"max_error_rate":    func(n *yaml.Node) { p.MaxErrorRate = r.rate(n, "max_error_rate") },
		"max_degraded_rate": func(n *yaml.Node) { p.MaxDegradedRate = r.rate(n, "max_degraded_rate") },
		"max_dropped_rate":  func(n *yaml.Node) { p.MaxDroppedRate = r.rate(n, "max_dropped_rate") },
		"limits": func(n *yaml.Node) {
			r.list(n, "limits", func(n *yaml.Node) { p.Limits = append(p.Limits, r.limit(n)) })
		},
		"no_worse": func(n *yaml.Node) {
			r.list(n, "no_worse", func(n *yaml.Node) { p.NoWorse = append(p.NoWorse, r.noWorse(n)) })
		},
		"must_pass": func(n *yaml.Node) {
			tag := func(n *yaml.Node) { p.MustPass = append(p.MustPass, MustPass{r.text(n, "a tag of must_pass"), n.Line}) }
			if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
				tag(n)
				return
			}
			r.list(n, "must_pass", tag)
		},
	})
	return p
}

func (r *policyReader) limit(n *yaml.Node) Limit {
	l := Limit{Line: n.Line}
	r.fields(n, "a limit", map[string]func(*yaml.Node){
		"metric":   func(n *yaml.Node) { l.Metric = r.text(n, "metric") },
		"at_least": func(n *yaml.Node) { l.AtLeast = r.number(n, "at_least") },
		"at_most":  func(n *yaml.Node) { l.AtMost = r.number(n, "at_most") },
		"by":       func(n *yaml.Node) { l.By = r.text(n, "by") },
		"slice":    func(n *yaml.Node) { l.Slice = r.text(n, "slice") },
		"weighted": func(n *yaml.Node) { l.Weighted = r.yes(n, "weighted") },
		"min_n":    func(n *yaml.Node) { l.MinN = r.whole(n, "min_n") },
	})
	return l
}

func (r *policyReader) noWorse(n *yaml.Node) NoWorse {
	w := NoWorse{Line: n.Line}
	r.fields(n, "a demand of no_worse", map[string]func(*yaml.Node){
		"metric":   func(n *yaml.Node) { w.Metric = r.text(n, "metric") },
		"margin":   func(n *yaml.Node) { w.Margin = *r.number(n, "margin") },
		"require":  func(n *yaml.Node) { w.Require = r.text(n, "require") },
		"slice":    func(n *yaml.Node) { w.Slice = r.text(n, "slice") },
		"weighted": func(n *yaml.Node) { w.Weighted = r.yes(n, "weighted") },
		"min_n":    func(n *yaml.Node) { w.MinN = r.whole(n, "min_n") },
	})
	return w
}

// resolved is what an alias stands for.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// fields hands each value of a mapping to the function under its name.
func (r *policyReader) fields(n *yaml.Node, what string, known map[string]func(*yaml.Node)) {
	names := slices.Sorted(maps.Keys(known))
	if n.Kind != yaml.MappingNode {
		r.bad(n.Line, "%s must be fields with values, such as \"%s: …\"", what, names[0])
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolved(n.Content[i+1])
		read, ok := known[key.Value]
		first, twice := seen[key.Value]
		switch {
		case !ok:
			r.bad(key.Line, "%q is unknown in %s%s", key.Value, what, say.Alike(key.Value, names))
		case twice:
			r.bad(key.Line, "%s stands on line %d already", key.Value, first)
		default:
			seen[key.Value] = key.Line
			read(value)
		}
	}
}

func (r *policyReader) list(n *yaml.Node, name string, each func(*yaml.Node)) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return // "limits:" with nothing under it
	}
	if n.Kind != yaml.SequenceNode {
		r.bad(n.Line, "%s must be a list: begin each entry with \"- \"", name)
		return
	}
	for _, entry := range n.Content {
		each(resolved(entry))
	}
}

func (r *policyReader) text(n *yaml.Node, name string) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.bad(n.Line, "%s must be a name", name)
		return ""
	}
	return n.Value
}

// yes reads true or false.
func (r *policyReader) yes(n *yaml.Node, name string) (v bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Decode(&v) != nil {
		r.bad(n.Line, "%s must be true or false%s", name, written(n))
	}
	return v
}

// number reads a number, quoted or not.
func (r *policyReader) number(n *yaml.Node, name string) *float64 {
	v, ok := float(n)
	if !ok {
		r.bad(n.Line, "%s must be a number%s", name, written(n))
	}
	return &v
}

// whole reads a whole number. YAML's own reader would cut a fraction off.
func (r *policyReader) whole(n *yaml.Node, name string) int {
	v, ok := float(n)
	if !ok || v != math.Trunc(v) || math.Abs(v) > 1<<31 {
		r.bad(n.Line, "%s must be a whole number%s", name, written(n))
		return 0
	}
	return int(v)
}

func float(n *yaml.Node) (v float64, ok bool) {
	bare := *n
	bare.Tag, bare.Style = "", 0
	ok = n.Kind == yaml.ScalarNode && n.Tag != "!!null" && bare.Decode(&v) == nil
	return v, ok
}

func (r *policyReader) rate(n *yaml.Node, name string) *float64 {
	v := r.number(n, name)
	if !stat.IsShare(*v) {
		r.bad(n.Line, "%s must be between 0 and 1, and it is %v", name, *v)
	}
	return v
}

// written shows what stands there instead.
func written(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		return ""
	}
	return fmt.Sprintf(", and %q is none", say.Clip(n.Value, 40))
}
