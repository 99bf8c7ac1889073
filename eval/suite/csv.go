package suite

import (
	"encoding/csv"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
)

// listSeparator parts several values in one field of a CSV file.
const listSeparator = "|"

// csv reads a table whose first row names the fields, as RFC 4180 has it and
// spreadsheets write it: parted by commas, semicolons or tabs. Lists are parted
// by a bar. Rows that follow one another with the same id, or with none, each
// with its author, are one conversation: the last of them is to be answered,
// and the other fields may stand in any of them.
func (r *ticketReader) csv(raw []byte) {
	var header []string
	r.rows(raw, ticketFields(), func(row []string, line int) []string {
		header = r.header(row, line)
		return header
	}, func(row []string, line int) {
		if c, ok := r.rowCase(header, row, line); ok {
			r.row(c, line)
		}
	})
	r.closeRow()
	if doubt := r.decimals.doubt(); doubt != nil {
		r.problems.Add(knowledge.ProblemInvalidField, r.origin, r.decimals.point, "weight %v", doubt)
	}
}

// rows reads a table: header makes the columns' names of its first row, nil where
// that will not do, and each is given the rows below. Rows without anything in
// them are passed over; columns tell the delimiter.
func (r *ticketReader) rows(raw []byte, columns []string, header func(row []string, line int) []string, each func(row []string, line int)) {
	var names []string
	content, comma, skipped := delimiter(string(raw), columns)
	for rows := csvReader(content, comma); ; {
		row, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			if r.csvProblem(err, skipped) && names != nil {
				continue
			}
			return
		}
		line, _ := rows.FieldPos(0)
		line += skipped
		given := len(row)
		if row = trimRow(row); len(row) == 0 {
			continue
		}
		switch {
		case names == nil:
			if names = header(row, line); names == nil {
				return
			}
		case len(row) > len(names) || given < len(names):
			r.problems.Add(knowledge.ProblemSyntax, r.origin, line,
				"is no row of the table: it has %d fields and the first row %d; look for a missing delimiter, and put a field that holds one in double quotes", given, len(names))
		case repeats(names, row):
			r.problems.Add(knowledge.ProblemSyntax, r.origin, line, "repeats the first row; take it out, and look whether two tables were put one behind the other")
		default:
			each(row, line)
		}
	}
}

func csvReader(content string, comma rune) *csv.Reader {
	rows := csv.NewReader(strings.NewReader(content))
	rows.Comma = comma
	rows.FieldsPerRecord = -1 // rows are checked against the header
	return rows
}

// delimiter finds what parts the fields: what a first line "sep=;" says, or else
// what lets the first row name most of the fields, and where it names none has
// it hold most. skipped counts lines taken off.
func delimiter(content string, fields []string) (rest string, comma rune, skipped int) {
	const all = ",;\t"
	if first, after, ok := strings.Cut(content, "\n"); ok {
		sep, ok := strings.CutPrefix(strings.ToLower(strings.TrimLeft(first, "\"")), "sep=")
		if ok && sep != "" && strings.Contains(all, sep[:1]) {
			return after, rune(sep[0]), 1
		}
	}
	best, most, comma := -1, 0, ','
	for _, c := range all {
		header, err := csvReader(content, c).Read()
		if err != nil {
			continue
		}
		known := 0
		for _, name := range header {
			if slices.Contains(fields, columnName(name)) {
				known++
			}
		}
		if known > best || known == 0 && best == 0 && len(header) > most {
			best, most, comma = known, len(header), c
		}
	}
	return content, comma, 0
}

func columnName(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// trimRow takes off the empty fields at the end that spreadsheets leave there.
func trimRow(row []string) []string {
	for len(row) > 0 && strings.TrimSpace(row[len(row)-1]) == "" {
		row = row[:len(row)-1]
	}
	return row
}

// header reads the names of the columns; nil when they will not do.
func (r *ticketReader) header(row []string, line int) []string {
	var header []string
	for _, name := range trimRow(row) {
		name = columnName(name)
		if name != "" && slices.Contains(header, name) {
			r.problems.Add(knowledge.ProblemDuplicateKey, r.origin, line, "two columns are named %q; keep one", name)
			return nil
		}
		header = append(header, name)
	}
	if !slices.Contains(header, "id") || !slices.Contains(header, "text") {
		r.problems.Add(knowledge.ProblemMissingField, r.origin, line, "the first row must name the columns, id and text among them; it has %s", say.Clip(strings.Join(header, ", "), 100))
		return nil
	}
	columns := tableColumns()
	for _, name := range header {
		if slices.Contains(columns, name) {
			continue
		}
		if slices.Contains(ticketFields(), name) {
			r.note(ProblemUnread, line, "the column %q is not read: a table has no place for it; use JSON lines or YAML", name)
			continue
		}
		r.passOverField(name, line)
	}
	return header
}

// repeats reports whether a row names the columns once more: where it holds
// something, that is the column's name, and more than one column's.
func repeats(header, row []string) bool {
	names := 0
	for i, value := range row {
		if value = columnName(value); value == "" {
			continue
		}
		if value != header[i] {
			return false
		}
		names++
	}
	return names > 1
}

// csvProblem tells of a row that can't be read, and reports whether those behind
// it can.
func (r *ticketReader) csvProblem(err error, skipped int) bool {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		r.problems.Add(knowledge.ProblemSyntax, r.origin, 0, "is no table that can be read: %v", err)
		return false
	}
	if errors.Is(parse.Err, csv.ErrBareQuote) {
		r.problems.Add(knowledge.ProblemSyntax, r.origin, parse.Line+skipped,
			"is no row of the table: a double quote stands in a field without quotes; put the field in double quotes and double the one inside")
		return true
	}
	r.problems.Add(knowledge.ProblemSyntax, r.origin, parse.StartLine+skipped,
		"is no row of the table: its quotes don't match (seen on line %d), so the rest of the file was not read", parse.Line+skipped)
	return false
}

// tableColumns are the columns that a table may have, each in the place of the
// ticket's field that it fills: texts, lists of them and numbers. It is "" in the
// place of what a table has no place for.
func tableColumns() []string {
	t := reflect.TypeFor[rawCase]()
	columns := make([]string, t.NumField())
	for i := range columns {
		switch reflect.Zero(t.Field(i).Type).Interface().(type) {
		case string, OneOrMany, int, *float64:
			columns[i] = t.Field(i).Tag.Get("json")
		}
	}
	return columns
}

func (r *ticketReader) rowCase(header, row []string, line int) (rawCase, bool) {
	var c rawCase
	columns := tableColumns()
	for i, value := range row {
		name, blank := header[i], strings.TrimSpace(value) == ""
		if name == "" && !blank {
			r.passOver("column "+strconv.Itoa(i+1)+", which the first row does not name,", line, "")
		}
		place := slices.Index(columns, name)
		if name == "" || place < 0 {
			continue
		}
		var err error
		switch to := reflect.ValueOf(&c).Elem().Field(place).Addr().Interface().(type) {
		case *string:
			*to = value
		case *OneOrMany:
			if !blank {
				*to = strings.Split(value, listSeparator)
			}
		case *int:
			if !blank {
				*to, err = tableWhole(value)
			}
		case **float64:
			if !blank {
				*to = new(float64)
				**to, err = tableNumber(value)
				r.decimals.see(value, line)
			}
		}
		if err != nil {
			r.problems.Add(knowledge.ProblemInvalidField, r.origin, line, "%s %v", name, err)
			return c, false
		}
	}
	return c, true
}

// row joins the rows of a conversation.
func (r *ticketReader) row(c rawCase, line int) {
	goesOn := r.open != nil && r.open.Author != "" && c.Author != "" && (strings.TrimSpace(c.ID) == "" || c.ID == r.open.ID)
	if !goesOn {
		r.closeRow()
		r.open, r.openLine = &c, line
		return
	}
	c.ID = r.open.ID
	r.open.Messages = append(r.open.Messages, rawMessage{Author: r.open.Author, Text: r.open.Text})
	r.open.Author, r.open.Text = c.Author, c.Text
	if what := r.open.merge(&c); what != "" {
		r.problems.Add(knowledge.ProblemInvalidField, r.origin, line, "another %s than in the conversation's rows before; give it once", what)
	}
}

func (r *ticketReader) closeRow() {
	if r.open != nil {
		r.add(*r.open, r.openLine)
	}
	r.open = nil
}

// merge takes what a later row of the conversation says; it names a field of
// which the rows say different things.
func (c *rawCase) merge(later *rawCase) (conflict string) {
	for i, name := range tableColumns() {
		switch to, v := reflect.ValueOf(c).Elem().Field(i), reflect.ValueOf(later).Elem().Field(i); {
		case name == "" || v.IsZero() || reflect.DeepEqual(v.Interface(), to.Interface()):
		case to.IsZero():
			to.Set(v)
		default:
			conflict = name
		}
	}
	return conflict
}
