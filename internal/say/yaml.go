package say

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// YAMLProblem says in an editor's words what the reader of YAML says in a
// programmer's: the first of its complaints.
func YAMLProblem(err error) string {
	problem := strings.TrimPrefix(err.Error(), "yaml: ")
	var kind *yaml.TypeError
	if errors.As(err, &kind) && len(kind.Errors) > 0 {
		problem = kind.Errors[0]
	}
	where, what, found := strings.Cut(problem, ": ")
	if !found {
		where, what = "", problem
	} else {
		where += ": "
	}
	if field, _, ok := strings.Cut(strings.TrimPrefix(what, "field "), " not found in type "); ok {
		return fmt.Sprintf("%sthere is no field %q", where, field)
	}
	value, ok := strings.CutPrefix(what, "cannot unmarshal ")
	if !ok {
		return problem
	}
	value, into, _ := strings.Cut(value, " into ")
	return where + yamlValue(value) + " stands where " + yamlKind(into) + " belongs"
}

// yamlValue names a value by the tag before it, such as "!!str `x`".
func yamlValue(value string) string {
	tag, shown, _ := strings.Cut(value, " ")
	name := map[string]string{
		"!!seq": "a list", "!!map": "a mapping", "!!str": "a text", "!!bool": "true or false", "!!int": "a number", "!!float": "a number",
		"!!null": "nothing", "!!timestamp": "a date",
	}[tag]
	if name == "" {
		name = "another value"
	}
	if shown = strings.Trim(shown, "`"); shown != "" {
		name += fmt.Sprintf(" (%q)", shown)
	}
	return name
}

// yamlKind names what a Go type is read from.
func yamlKind(of string) string {
	switch {
	case strings.HasPrefix(of, "[]"):
		return "a list"
	case of == "string":
		return "a text"
	case of == "bool":
		return "true or false"
	case strings.HasPrefix(of, "int"), strings.HasPrefix(of, "float"), strings.HasPrefix(of, "uint"):
		return "a number"
	}
	return "a mapping"
}
