package suite

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/purser-desk/purser/knowledge"
)

// jsonLines reads one JSON object a line; blank lines are passed over.
func (r *ticketReader) jsonLines(raw []byte) {
	number := 0
	for line := range bytes.Lines(raw) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var c rawCase
		if err := json.Unmarshal(line, &c); err != nil {
			r.problems.Add(knowledge.ProblemSyntax, r.origin, number, "is not a ticket: %s", JSONProblem(err))
			continue
		}
		keys := jsonKeys{r, json.NewDecoder(bytes.NewReader(line)), number, ""}
		if keys.value(r.fields, ""); keys.repeated != "" {
			r.problems.Add(knowledge.ProblemDuplicateKey, r.origin, number, "is not a ticket that can be told: it gives %q twice; keep one", keys.repeated)
			continue
		}
		r.add(c, number)
	}
}

// jsonKeys looks the keys of a line's objects through, for those that nothing
// reads and those that stand twice: a decoder passes over both.
type jsonKeys struct {
	*ticketReader
	tokens *json.Decoder
	line   int
	// repeated is a key that stands twice.
	repeated string
}

// value looks through the next value, of which the fields named are read. The
// line was decoded before, so it is whole and errors can't be.
func (k *jsonKeys) value(read fieldTree, path string) {
	token, err := k.tokens.Token()
	if err != nil {
		return
	}
	switch token {
	case json.Delim('['):
		for k.tokens.More() {
			k.value(read, path)
		}
	case json.Delim('{'):
		k.object(read, path)
	default:
		return
	}
	_, _ = k.tokens.Token() // what closes it
}

func (k *jsonKeys) object(read fieldTree, path string) {
	seen := map[string]bool{}
	for k.tokens.More() {
		token, err := k.tokens.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return
		}
		name := strings.ToLower(key) // as the decoder takes it
		if seen[name] {
			k.repeated = path + key
		}
		seen[name] = true
		under, known := read[name]
		if known {
			k.value(under, path+name+".")
			continue
		}
		k.reads(path, key, read, k.line)
		var passed json.RawMessage
		if k.tokens.Decode(&passed) != nil {
			return
		}
	}
}
