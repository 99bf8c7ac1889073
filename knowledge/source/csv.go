package source

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/purser-desk/purser/knowledge"
)

// csv reads a table with a header row, as RFC 4180 has it and spreadsheets
// write it: with commas, semicolons or tabs.
func (r *reader) csv(ctx context.Context, origin, content string) error {
	content, comma, skipped := delimiter(origin, content)
	rows := newCSVReader(content, comma)
	header, err := rows.Read()
	if err != nil {
		r.csvError(origin, skipped, err)
		return nil
	}
	header = trimRow(header)
	headerLine, _ := rows.FieldPos(0)
	if !r.checkHeader(origin, headerLine+skipped, header) {
		return nil
	}
	found := 0
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			found++
			if !r.csvError(origin, skipped, err) {
				break
			}
			continue
		}
		if len(trimRow(row)) == 0 {
			continue
		}
		found++
		r.row(origin, skipped, rows, header, row)
		if r.full {
			return nil
		}
	}
	if found == 0 {
		r.problem(knowledge.ProblemEmpty, origin, headerLine+skipped, "This table has a header but no rows: add articles below it or remove the file.")
	}
	return nil
}

func newCSVReader(content string, comma rune) *csv.Reader {
	rows := csv.NewReader(strings.NewReader(content))
	rows.Comma = comma
	rows.FieldsPerRecord = -1 // rows are checked against the header, by line
	rows.ReuseRecord = true
	rows.TrimLeadingSpace = comma != '\t'
	return rows
}

// delimiter finds what divides the fields: what a first line "sep=;" says, or
// else what lets the header name most fields. skipped counts lines taken off.
func delimiter(origin, content string) (rest string, comma rune, skipped int) {
	if first, after, ok := strings.Cut(content, "\n"); ok {
		if sep, ok := strings.CutPrefix(strings.ToLower(strings.Trim(first, "\" ")), "sep="); ok && len(sep) == 1 && strings.ContainsRune(",;\t|", rune(sep[0])) {
			return after, rune(sep[0]), 1
		}
	}
	candidates := []rune{',', ';', '\t', '|'}
	if strings.HasSuffix(strings.ToLower(origin), ".tsv") {
		candidates = []rune{'\t', ';', ',', '|'}
	}
	best, comma := -1, candidates[0]
	for _, c := range candidates {
		header, err := newCSVReader(content, c).Read()
		if err != nil {
			continue
		}
		known := 0
		for _, name := range header {
			if _, _, ok := lookupField(name); ok {
				known++
			}
		}
		if score := known*1000 + min(len(header), 999); score > best {
			best, comma = score, c
		}
	}
	return content, comma, 0
}

// trimRow returns a copy of a row without the empty fields at its end that
// spreadsheets leave there.
func trimRow(row []string) []string {
	n := len(row)
	for n > 0 && strings.TrimSpace(row[n-1]) == "" {
		n--
	}
	return append([]string(nil), row[:n]...)
}

func (r *reader) checkHeader(origin string, line int, header []string) bool {
	var have [fieldCount]bool
	for _, name := range header {
		if f, _, ok := lookupField(name); ok {
			have[f] = true
		}
	}
	for _, need := range []field{fieldKey, fieldTitle, fieldBody} {
		if have[need] {
			continue
		}
		names := make([]string, 0, len(header))
		for _, name := range header[:min(len(header), 12)] {
			names = append(names, quote(name))
		}
		r.problem(knowledge.ProblemMissingField, origin, line,
			"No column is named %s; the first row has %s. Name the columns in the first row: key, title and body, and if wanted locale, labels, url, kind, valid_from, valid_until.",
			fieldNames(need)[0], strings.Join(names, ", "))
		return false
	}
	return true
}

func (r *reader) row(origin string, skipped int, rows *csv.Reader, header, row []string) {
	line, _ := rows.FieldPos(0)
	line += skipped
	if extra := trimRow(row); len(row) < len(header) || len(extra) > len(header) {
		r.problem(knowledge.ProblemSyntax, origin, line,
			"This row has %d fields and the header %d: look for a missing or stray delimiter, and put a field that has one in it in double quotes.", len(row), len(header))
		return
	}
	rec := record{origin: origin, line: line}
	_, rec.localeHint = fromPath(origin)
	for i, name := range header {
		at, _ := rows.FieldPos(i)
		if strings.TrimSpace(name) == "" {
			continue
		}
		r.set(&rec, name, value{text: row[i], line: at + skipped})
	}
	r.document(rec)
}

// csvError reports a row that can't be parsed, and whether those behind it can.
func (r *reader) csvError(origin string, skipped int, err error) bool {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		r.problem(knowledge.ProblemSyntax, origin, 0, "This table can't be read (%v): export it again as CSV in UTF-8.", err)
		return false
	}
	if errors.Is(parse.Err, csv.ErrBareQuote) {
		r.problem(knowledge.ProblemSyntax, origin, parse.Line+skipped,
			"There is a double quote inside a field that is not in quotes: put the whole field in double quotes and double the one inside it.")
		return true
	}
	r.problem(knowledge.ProblemSyntax, origin, parse.StartLine+skipped,
		"The quotes of the row that begins here don't match (seen at line %d), so the rest of the file was not read: close the field, and double every quote inside it.", parse.Line+skipped)
	return false
}
