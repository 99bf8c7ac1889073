package compare

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/purser-desk/purser/eval"
)

// ConfigurationChange is something that made the two runs' answers and differs: the
// knowledge, a model, a prompt, a setting.
type ConfigurationChange struct {
	// What names it, such as "models" or "settings.draft_floor".
	What string `json:"what"`
	// A and B are its values as text; empty where the run has none.
	A string `json:"a"`
	B string `json:"b"`
}

// configurationChanges lists all that tells the makings of two runs apart: first the
// knowledge, then every field of Configuration, however deep, by name. Where answers are
// kept makes no answer.
func configurationChanges(a, b *eval.Report) []ConfigurationChange {
	out := []ConfigurationChange{}
	if a.Suite.KnowledgeHash != b.Suite.KnowledgeHash {
		out = append(out, ConfigurationChange{"knowledge", shortHash(a.Suite.KnowledgeHash), shortHash(b.Suite.KnowledgeHash)})
	}
	first, second := flat(a.Configuration.WithoutPlace()), flat(b.Configuration.WithoutPlace())
	names := map[string]bool{}
	maps.Copy(names, present(first))
	maps.Copy(names, present(second))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if first[name] != second[name] {
			out = append(out, ConfigurationChange{name, first[name], second[name]})
		}
	}
	return out
}

func present(m map[string]string) map[string]bool {
	out := make(map[string]bool, len(m))
	for name := range m {
		out[name] = true
	}
	return out
}

// flat gives each value of a JSON document, however deep, a name of its own;
// lists of plain values are one value.
func flat(v any) map[string]string {
	out := map[string]string{}
	raw, err := json.Marshal(v)
	if err != nil {
		return out
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // so that numbers are told as they were written
	var document any
	if d.Decode(&document) == nil {
		flatten(out, "", document)
	}
	return out
}

func flatten(out map[string]string, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			flatten(out, strings.TrimPrefix(name+"."+key, "."), inner)
		}
	case []any:
		var plain []string
		for i, inner := range v {
			switch inner.(type) {
			case map[string]any, []any:
				flatten(out, name+"."+strconv.Itoa(i+1), inner)
			default:
				plain = append(plain, scalar(inner))
			}
		}
		if len(plain) > 0 {
			out[name] = strings.Join(plain, ", ")
		}
	case nil:
	default:
		out[name] = scalar(v)
	}
}

func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	default:
		return ""
	}
}
