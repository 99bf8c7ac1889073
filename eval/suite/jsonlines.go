package suite

import (
	"bytes"
	"encoding/json"
	"reflect"
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
		keys := KeysOf[rawCase](line)
		for _, path := range keys.Unread {
			r.passOverField(path, number)
		}
		if keys.Repeated != "" {
			r.problems.Add(knowledge.ProblemDuplicateKey, r.origin, number, "is not a ticket that can be told: it gives %q twice; keep one", keys.Repeated)
			continue
		}
		r.add(c, number)
	}
}

// LineKeys are the keys of a line of JSON that was decoded into a T, as far as the
// decoder passed over them: it says neither what nothing reads, nor what stands
// twice, nor what is null.
type LineKeys struct {
	// Unread are those that nothing reads, with those above them, each with a dot.
	Unread []string
	// Repeated is one that stands twice; empty for none.
	Repeated string
	// Null are those of the line itself that hold null, in small letters.
	Null map[string]bool

	tokens *json.Decoder
}

// KeysOf looks the keys of a line through.
func KeysOf[T any](line []byte) LineKeys {
	k := LineKeys{Null: map[string]bool{}, tokens: json.NewDecoder(bytes.NewReader(line))}
	k.value(fieldsOf(reflect.TypeFor[T]()), "")
	return k
}

// value looks through the next value, of which the fields named are read. The
// line was decoded before, so it is whole and errors can't be.
func (k *LineKeys) value(read fieldTree, path string) {
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
		if token == nil && path != "" {
			k.Null[strings.TrimSuffix(path, ".")] = true
		}
		return
	}
	_, _ = k.tokens.Token() // what closes it
}

func (k *LineKeys) object(read fieldTree, path string) {
	seen := map[string]bool{}
	for k.tokens.More() {
		token, err := k.tokens.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return
		}
		name := strings.ToLower(key) // as the decoder takes it
		if seen[name] {
			k.Repeated = path + key
		}
		seen[name] = true
		under, known := read[name]
		if known {
			k.value(under, path+name+".")
			continue
		}
		k.Unread = append(k.Unread, path+key)
		var passed json.RawMessage
		if k.tokens.Decode(&passed) != nil {
			return
		}
	}
}
