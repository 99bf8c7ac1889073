package eval

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/purser-desk/purser/knowledge"
)

// ticketFiles are the names under which a suite's tickets are looked for.
func ticketFiles() []string {
	return []string{TicketsFile, "tickets.yaml", "tickets.yml", "tickets.csv"}
}

// parseTickets reads tickets in the format that the file's name tells.
func parseTickets(raw []byte, origin string, p *problems) []Case {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	r := ticketReader{origin: origin, seen: map[string]int{}, problems: p}
	before := p.Count
	switch strings.ToLower(filepath.Ext(origin)) {
	case ".yaml", ".yml":
		r.yaml(raw)
	case ".csv":
		r.csv(raw)
	default:
		r.jsonLines(raw)
	}
	if len(r.cases) == 0 && p.Count == before {
		p.add(knowledge.ProblemEmpty, origin, 0, "holds no tickets; put at least one there")
	}
	return r.cases
}

// ticketReader gathers cases.
type ticketReader struct {
	origin   string
	seen     map[string]int // line by id
	problems *problems
	cases    []Case
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
			r.problems.add(knowledge.ProblemSyntax, r.origin, number, "is not a ticket: %s", jsonProblem(err))
			continue
		}
		r.add(c, number)
	}
}

func jsonProblem(err error) string {
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
		r.problems.add(knowledge.ProblemSyntax, r.origin, 0, "is broken YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
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
		r.problems.add(knowledge.ProblemSyntax, r.origin, list.Line, "must be a list of tickets, or a mapping with the list under \"tickets\"")
		return
	}
	for _, node := range list.Content {
		var c rawCase
		if err := node.Decode(&c); err != nil {
			r.problems.add(knowledge.ProblemSyntax, r.origin, node.Line, "is not a ticket: %s", yamlProblem(err))
			continue
		}
		r.add(c, node.Line)
	}
}

func yamlProblem(err error) string {
	var kind *yaml.TypeError
	if errors.As(err, &kind) && len(kind.Errors) > 0 {
		return kind.Errors[0]
	}
	return strings.TrimPrefix(err.Error(), "yaml: ")
}

// listSeparator parts several values in one field of a CSV file.
const listSeparator = "|"

// csv reads a table whose first row names the fields, parted by commas or
// semicolons. Lists are parted by a bar. A table holds single messages only.
func (r *ticketReader) csv(raw []byte) {
	reader := csv.NewReader(bytes.NewReader(raw))
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		reader.Comma = ';'
	}
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return
	}
	if err != nil {
		r.csvProblem(err)
		return
	}
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(header[i]))
	}
	if !slices.Contains(header, "id") || !slices.Contains(header, "text") {
		r.problems.add(knowledge.ProblemMissingField, r.origin, 1, "the first row must name the columns, id and text among them")
		return
	}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.csvProblem(err)
			if errors.Is(err, csv.ErrFieldCount) {
				continue
			}
			return
		}
		line, _ := reader.FieldPos(0)
		if c, ok := r.rowCase(header, row, line); ok {
			r.add(c, line)
		}
	}
}

func (r *ticketReader) csvProblem(err error) {
	line := 0
	var parse *csv.ParseError
	message := err.Error()
	if errors.As(err, &parse) {
		line, message = parse.Line, parse.Err.Error()
	}
	r.problems.add(knowledge.ProblemSyntax, r.origin, line, "is no row of the table: %s", message)
}

func (r *ticketReader) rowCase(header, row []string, line int) (rawCase, bool) {
	var c rawCase
	texts := map[string]*string{
		"id": &c.ID, "lang": &c.Lang, "subject": &c.Subject, "text": &c.Text, "author": &c.Author, "channel": &c.Channel,
		"visibility": &c.Visibility, "expect": &c.Expect, "reason": &c.Reason, "gold_reply": &c.GoldReply, "reply_lang": &c.ReplyLang,
	}
	lists := map[string]*oneOrMany{
		"labels": &c.Labels, "exclude_lang": &c.ExcludeLang, "exclude_ids": &c.ExcludeIDs, "gold_ids": &c.GoldIDs,
		"must_say": &c.MustSay, "must_not_say": &c.MustNotSay, "tags": &c.Tags,
	}
	for i, name := range header {
		value := row[i]
		if field, ok := texts[name]; ok {
			*field = value
		}
		if field, ok := lists[name]; ok && value != "" {
			*field = strings.Split(value, listSeparator)
		}
		if name == "max_chars" && strings.TrimSpace(value) != "" {
			n, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil {
				r.problems.add(knowledge.ProblemInvalidField, r.origin, line, "max_chars %q is no whole number", value)
				return c, false
			}
			c.MaxChars = n
		}
		if name == "weight" && strings.TrimSpace(value) != "" {
			weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				r.problems.add(knowledge.ProblemInvalidField, r.origin, line, "weight %q is no number", value)
				return c, false
			}
			c.Weight = &weight
		}
	}
	return c, true
}
