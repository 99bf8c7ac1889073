package suite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
)

// ticketFiles are the names under which a suite's tickets are looked for.
func ticketFiles() []string {
	return []string{TicketsFile, "tickets.yaml", "tickets.yml", "tickets.csv"}
}

// parseTickets reads tickets in the format that the file's name tells.
func parseTickets(raw []byte, origin string, p *Problems) (cases []Case, notes []knowledge.Problem) {
	r := ticketReader{origin: origin, seen: map[string]int{}, problems: p, unread: map[string]*unreadField{}}
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
	notes  []knowledge.Problem
	unread map[string]*unreadField
	fields map[string]bool
}

func (r *ticketReader) add(raw rawCase, line int) {
	if c, ok := makeCase(raw, r.origin, line, r.seen, r.problems); ok {
		r.cases = append(r.cases, c)
	}
}

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
		var fields map[string]json.RawMessage
		if json.Unmarshal(line, &fields) == nil {
			for name := range fields {
				r.reads(name, number)
			}
		}
		r.add(c, number)
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
		return fmt.Sprintf("field %q can't be a %s", kind.Field, kind.Value)
	default:
		return "each line must hold one JSON object with the fields of a ticket"
	}
}

// yaml reads a list of tickets, or a mapping that holds it as "tickets".
func (r *ticketReader) yaml(raw []byte) {
	var document yaml.Node
	if err := yaml.Unmarshal(raw, &document); err != nil {
		r.problems.Add(knowledge.ProblemSyntax, r.origin, 0, "is broken YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	if len(document.Content) == 0 {
		return
	}
	list := document.Content[0]
	if list.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(list.Content); i += 2 {
			if list.Content[i].Value == "tickets" {
				list = list.Content[i+1]
				break
			}
		}
	}
	if list.Kind != yaml.SequenceNode {
		r.problems.Add(knowledge.ProblemSyntax, r.origin, list.Line, "must be a list of tickets, or a mapping with the list under \"tickets\"")
		return
	}
	for _, node := range list.Content {
		var c rawCase
		if err := node.Decode(&c); err != nil {
			r.problems.Add(knowledge.ProblemSyntax, r.origin, node.Line, "is not a ticket: %s", say.YAMLProblem(err))
			continue
		}
		for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
			r.reads(node.Content[i].Value, node.Content[i].Line)
		}
		r.add(c, node.Line)
	}
}
