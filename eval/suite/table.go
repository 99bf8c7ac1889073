package suite

import "github.com/purser-desk/purser/knowledge"

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
	r.rows(raw, columns, func(row []string, _ int) []string {
		t.Header = row
		names := make([]string, len(row))
		for i, name := range row {
			names[i] = columnName(name)
		}
		return names
	}, func(row []string, line int) {
		t.Rows = append(t.Rows, TableRow{line, append(row, make([]string, len(t.Header)-len(row))...)})
	})
	return t
}
