package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/purser-desk/purser/knowledge"
)

// jsonl reads one article from every line.
func (r *reader) jsonl(ctx context.Context, origin, content string) error {
	if first := strings.TrimLeft(content, " \t\n"); isWholeJSON(first) {
		r.problem(knowledge.ProblemSyntax, origin, 1+strings.Count(content[:len(content)-len(first)], "\n"),
			"This is one JSON value over many lines: write each article as one object on a line of its own (jq -c '.[]' makes them of an array, jq -c . of objects).")
		return nil
	}
	_, locale := fromPath(origin)
	n := 0
	for line := range strings.Lines(content) {
		if n++; n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		r.line(record{origin: origin, line: n, localeHint: locale}, line)
		if r.full {
			return nil
		}
	}
	return nil
}

// isWholeJSON reports whether s begins with an array, or with an object whose
// first line is not all of it.
func isWholeJSON(s string) bool {
	first, _, more := strings.Cut(s, "\n")
	first = strings.TrimSpace(first)
	return strings.HasPrefix(first, "[") || first == "{" && more
}

func (r *reader) line(rec record, line string) {
	before := r.result.Errors
	if err := r.object(&rec, line); err != nil {
		r.problem(knowledge.ProblemSyntax, rec.origin, rec.line, "This line is not one whole JSON object (%v): write the article as {\"key\": …, \"title\": …, \"body\": …} on one line.", err)
	}
	if r.result.Errors == before {
		r.document(rec)
	}
}

// object reads the fields of a JSON object into rec.
func (r *reader) object(rec *record, line string) error {
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	switch open, err := dec.Token(); {
	case err != nil:
		return jsonError(err)
	case open != json.Delim('{'):
		return errors.New("it does not begin with {")
	}
	seen := map[string]bool{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return jsonError(err)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return jsonError(err)
		}
		key, ok := name.(string)
		if !ok {
			return errors.New("a name is not a string")
		}
		if seen[key] {
			return fmt.Errorf("the field %s stands in it twice", quote(key))
		}
		seen[key] = true
		r.member(rec, key, raw)
	}
	if _, err := dec.Token(); err != nil {
		return jsonError(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the object")
	}
	return nil
}

// jsonError words the errors of the decoder for an editor.
func jsonError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	return err
}

func (r *reader) member(rec *record, name string, raw json.RawMessage) {
	n := r.lookup(name)
	f := n.field
	if !n.known {
		r.unknown.add(strings.TrimSpace(name), rec.origin, rec.line)
		return
	}
	var v any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		r.problem(knowledge.ProblemSyntax, rec.origin, rec.line, "The field %s can't be read (%v).", quote(name), err)
		return
	}
	val := value{line: rec.line}
	ok := true
	switch v := v.(type) {
	case nil:
		return
	case string:
		val.text = v
	case json.Number:
		val.text, ok = v.String(), f == fieldKey
	case bool:
		val.text, ok = fmt.Sprint(v), f == fieldDraft
	case []any:
		val.list, ok = stringsOf(v)
		ok = ok && f == fieldLabels
	default:
		ok = false
	}
	if !ok {
		want := "a string"
		if f == fieldLabels {
			want = "a list of strings"
		}
		r.problem(knowledge.ProblemInvalidField, rec.origin, rec.line, "The field %s is not %s: write it as one.", quote(name), want)
		return
	}
	r.set(rec, name, val)
}

func stringsOf(list []any) ([]string, bool) {
	out := make([]string, 0, len(list))
	for _, item := range list {
		s, ok := item.(string)
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}
