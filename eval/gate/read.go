package gate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
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

func (r *policyReader) badIf(is bool, line int, format string, args ...any) {
	if is {
		r.bad(line, format, args...)
	}
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
	r.read(document.Content[0], "the policy", "", reflect.ValueOf(&p).Elem())
	return p
}

// read fills a value by the names in its type's tags; entry names what a list
// holds.
func (r *policyReader) read(n *yaml.Node, what, entry string, into reflect.Value) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	given := n.Kind == yaml.ScalarNode && n.Tag != "!!null"
	must := func(ok bool, be string) { r.badIf(!ok, n.Line, "%s must be %s", what, be) }
	switch to := into.Addr().Interface().(type) {
	case *string:
		must(given, "a name")
		*to = n.Value
	case *bool:
		must(given && n.Decode(to) == nil, "true or false"+written(n))
	case *int:
		// YAML's own reader would cut a fraction off.
		v, ok := float(n)
		must(ok && v == math.Trunc(v) && math.Abs(v) <= 1<<31, "a whole number"+written(n))
		*to = int(v)
	case *float64:
		var ok bool
		*to, ok = float(n)
		must(ok, "a number"+written(n))
	case **float64:
		*to = new(float64)
		r.read(n, what, "", reflect.ValueOf(*to).Elem())
	case *MustPass:
		to.Line = n.Line
		r.read(n, what, "", reflect.ValueOf(&to.Tag).Elem())
	case *[]MustPass:
		if given { // a single one needs no list
			n = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}}
		}
		r.list(n, what, entry, into)
	default:
		if into.Kind() == reflect.Slice {
			r.list(n, what, entry, into)
			return
		}
		r.fields(n, what, into)
	}
}

func (r *policyReader) list(n *yaml.Node, what, entry string, into reflect.Value) {
	if n.Kind != yaml.SequenceNode && n.Tag != "!!null" { // "limits:" may have nothing under it
		r.bad(n.Line, "%s must be a list: begin each entry with \"- \"", what)
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(n.Content), len(n.Content)))
	for i, one := range n.Content {
		r.read(one, entry, "", into.Index(i))
	}
}

// fields fills a struct from a mapping.
func (r *policyReader) fields(n *yaml.Node, what string, into reflect.Value) {
	known, names := map[string]reflect.StructField{}, []string{}
	for _, f := range reflect.VisibleFields(into.Type()) {
		if name := f.Tag.Get("yaml"); name != "" {
			known[name], names = f, append(names, name)
		} else if !f.Anonymous {
			into.FieldByIndex(f.Index).SetInt(int64(n.Line)) // the field Line
		}
	}
	slices.Sort(names)
	if n.Kind != yaml.MappingNode {
		r.bad(n.Line, "%s must be fields with values, such as \"%s: …\"", what, names[0])
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		f, ok := known[key.Value]
		first, twice := seen[key.Value]
		switch {
		case !ok:
			r.bad(key.Line, "%q is unknown in %s%s", key.Value, what, say.Alike(key.Value, names))
		case twice:
			r.bad(key.Line, "%s stands on line %d already", key.Value, first)
		default:
			seen[key.Value] = key.Line
			value := into.FieldByIndex(f.Index)
			r.read(n.Content[i+1], key.Value, f.Tag.Get("entry"), value)
			if v, isShare := value.Interface().(*float64); isShare && f.Tag.Get("range") == "share" && !stat.IsShare(*v) {
				r.bad(n.Content[i+1].Line, "%s must be between 0 and 1, and it is %v", key.Value, *v)
			}
		}
	}
}

// float reads a number, quoted or not.
func float(n *yaml.Node) (v float64, ok bool) {
	bare := *n
	bare.Tag, bare.Style = "", 0
	ok = n.Kind == yaml.ScalarNode && n.Tag != "!!null" && bare.Decode(&v) == nil
	return v, ok
}

// written shows what stands there instead.
func written(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		return ""
	}
	return fmt.Sprintf(", and %q is none", say.Clip(n.Value, 40))
}
