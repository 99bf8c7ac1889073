package say

import (
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// NewTable begins a table of columns without lines between them.
func NewTable(header ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.AppendHeader(header)
	return t
}

// leastText is the narrowest column in which words can be read.
const leastText = 30

// Fit gives a table its rows so that it is no wider than so many columns, by
// wrapping its last one, or by leaving it out where too little is left for it;
// columns of 0 are any number. It reports whether it left the last one out.
func Fit(t table.Writer, rows [][]string, columns int) (without bool) {
	const gap, margin = 2, 1
	used, widest := margin, []int{}
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widest) {
				widest = append(widest, 0)
			}
			widest[i] = max(widest[i], text.StringWidthWithoutEscSequences(cell))
		}
	}
	for _, w := range widest[:max(0, len(widest)-1)] {
		used += w + gap
	}
	without = columns > 0 && columns-used < leastText
	for _, row := range rows {
		if without {
			row = row[:len(row)-1]
		}
		cells := make(table.Row, len(row))
		for i, cell := range row {
			cells[i] = cell
		}
		t.AppendRow(cells)
	}
	if columns > 0 && !without {
		t.SetColumnConfigs([]table.ColumnConfig{{Number: len(widest), WidthMax: columns - used, WidthMaxEnforcer: text.WrapSoft}})
	}
	return without
}
