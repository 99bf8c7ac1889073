package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/knadh/koanf/maps"

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
	for _, name := range sortedKeys(first, second) {
		if first[name] != second[name] {
			out = append(out, ConfigurationChange{name, first[name], second[name]})
		}
	}
	return out
}

// flat gives each value of a JSON document, however deep, a name of its own; a
// list is one value.
func flat(v any) map[string]string {
	out := map[string]string{}
	raw, err := json.Marshal(v)
	if err != nil {
		return out
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // so that numbers are told as they were written
	var document map[string]any
	if d.Decode(&document) != nil {
		return out
	}
	values, _ := maps.Flatten(document, nil, ".")
	for name, value := range values {
		switch value := value.(type) {
		case nil, map[string]any: // nothing stands there
		case []any:
			list := make([]string, len(value))
			for i, v := range value {
				list[i] = fmt.Sprint(v)
			}
			if len(list) > 0 {
				out[name] = strings.Join(list, ", ")
			}
		default:
			out[name] = fmt.Sprint(value)
		}
	}
	return out
}
