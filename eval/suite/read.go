package suite

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/purser-desk/purser/knowledge"
)

// ticketFiles are the names under which a suite's tickets are looked for.
func ticketFiles() []string {
	return []string{TicketsFile, "tickets.yaml", "tickets.yml", "tickets.csv", "tickets.tsv"}
}

// parseTickets reads tickets in the format that the file's name tells.
func parseTickets(raw []byte, origin string, p *Problems) (cases []Case, notes []knowledge.Problem) {
	r := ticketReader{
		origin: origin, seen: map[string]int{}, problems: p,
		unread: map[string]*unreadField{}, fields: fieldsOf(reflect.TypeFor[rawCase]()),
	}
	before := p.found.Count
	raw, ok := r.decode(raw)
	if !ok {
		return nil, nil
	}
	switch strings.ToLower(filepath.Ext(origin)) {
	case ".yaml", ".yml":
		r.yaml(raw)
	case ".csv", ".tsv":
		r.csv(raw)
	default:
		r.jsonLines(raw)
	}
	if len(r.cases) == 0 && p.found.Count == before {
		p.Add(knowledge.ProblemEmpty, origin, 0, "holds no tickets; put at least one there")
	}
	r.noteUnread()
	return r.cases, r.notes
}

// ticketReader gathers cases.
type ticketReader struct {
	origin   string
	seen     map[string]int // line by id
	problems *Problems
	cases    []Case
	// notes are what is no error; unread are the fields that nothing reads.
	notes    []knowledge.Problem
	unread   map[string]*unreadField
	fields   fieldTree // of a ticket
	decimals decimals
	// open is the conversation whose rows are being read, which began on openLine.
	open     *rawCase
	openLine int
}

func (r *ticketReader) add(raw rawCase, line int) {
	if c, ok := makeCase(raw, r.origin, line, r.seen, r.problems); ok {
		r.cases = append(r.cases, c)
	}
}

// JSONProblem says in an editor's words what is wrong with a line of JSON.
func JSONProblem(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("broken JSON at byte %d; each line must hold one whole object", syntax.Offset)
	case errors.As(err, &kind) && kind.Field != "":
		into, hint := kind.Type, ""
		if into.Kind() == reflect.Slice {
			into = into.Elem()
		}
		switch {
		case into.Kind() == reflect.String:
			if hint = "; give a text in double quotes"; kind.Value == "number" {
				hint = "; put it in double quotes"
			}
		case into.Kind() == reflect.Int:
			hint = "; give a whole number"
		case into.Kind() == reflect.Float64 && kind.Value == "string":
			hint = "; write it without quotes"
		case into.Kind() == reflect.Struct:
			hint = "; give objects with names and values"
		}
		value, number := strings.CutPrefix(kind.Value, "number ")
		if !number {
			value = map[string]string{"string": "a text", "number": "a number", "array": "a list", "object": "an object", "bool": "true or false"}[kind.Value]
		}
		return fmt.Sprintf("field %q can't be %s%s", kind.Field, value, hint)
	default:
		return "each line must hold one JSON object with the fields of a ticket"
	}
}
