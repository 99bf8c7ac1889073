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
		keys := jsonKeys{tokens: json.NewDecoder(bytes.NewReader(line)), unread: func(path, name string, read fieldTree) { r.reads(path, name, read, number) }}
		if keys.value(r.fields, ""); keys.repeated != "" {
			r.problems.Add(knowledge.ProblemDuplicateKey, r.origin, number, "is not a ticket that can be told: it gives %q twice; keep one", keys.repeated)
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
}

// KeysOf looks the keys of a line through.
func KeysOf[T any](line []byte) LineKeys {
	k := LineKeys{Null: map[string]bool{}}
	keys := jsonKeys{
		tokens: json.NewDecoder(bytes.NewReader(line)), null: k.Null,
		unread: func(path, name string, _ fieldTree) { k.Unread = append(k.Unread, path+name) },
	}
	keys.value(fieldsOf(reflect.TypeFor[T]()), "")
	k.Repeated = keys.repeated
	return k
}

// jsonKeys looks the keys of a line's objects through.
type jsonKeys struct {
	tokens *json.Decoder
	unread func(path, name string, read fieldTree)
	// null gathers the keys that hold null; nil for nobody's.
	null     map[string]bool
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
		if token == nil && k.null != nil && path != "" {
			k.null[strings.TrimSuffix(path, ".")] = true
		}
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
		k.unread(path, key, read)
		var passed json.RawMessage
		if k.tokens.Decode(&passed) != nil {
			return
		}
	}
}
