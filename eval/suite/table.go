package suite

import (
	"errors"
	"io"

	"github.com/purser-desk/purser/knowledge"
)

// Table is a table as a spreadsheet saved it.
type Table struct {
	// Header is the first row as it stands there.
	Header []string
	Rows   []TableRow
	// Notes say how it was read where that can't be told for sure.
	Notes []knowledge.Problem
}

// TableRow has as many fields as the header.
type TableRow struct {
	Line   int
	Fields []string
}

// ReadTable reads a file of the name origin as tickets in a table are read: in
// UTF-8, UTF-16 or, when the name ends in .csv or .tsv, Windows-1252, and parted
// by commas, semicolons or tabs. columns are the names, in small letters, that
// its first row may hold; they tell the delimiter. Rows without anything in them
// are passed over. What is wrong goes to p.
func ReadTable(raw []byte, origin string, columns []string, p *Problems) Table {
	r := ticketReader{origin: origin, problems: p}
	raw, ok := r.decode(raw)
	if !ok {
		return Table{}
	}
	t := Table{Notes: r.notes}
	var names []string
	content, comma, skipped := delimiter(string(raw), columns)
	for rows := csvReader(content, comma); ; {
		row, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF):
			return t
		case err != nil && r.csvProblem(err, skipped):
			continue
		case err != nil:
			return t
		}
		line, _ := rows.FieldPos(0)
		line += skipped
		given := len(row)
		if row = trimRow(row); len(row) == 0 {
			continue
		}
		if t.Header == nil {
			t.Header = row
			for _, name := range row {
				names = append(names, columnName(name))
			}
			continue
		}
		if len(row) > len(t.Header) || given < len(t.Header) {
			p.Add(knowledge.ProblemSyntax, origin, line,
				"is no row of the table: it has %d fields and the first row %d; look for a missing delimiter, and put a field that holds one in double quotes", given, len(t.Header))
			continue
		}
		if repeats(names, row) {
			p.Add(knowledge.ProblemSyntax, origin, line, repeatsHeader)
			continue
		}
		for len(row) < len(t.Header) {
			row = append(row, "")
		}
		t.Rows = append(t.Rows, TableRow{line, row})
	}
}
