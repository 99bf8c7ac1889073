package say

import (
	"io"

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

// WriteTable writes a table behind an empty line.
func WriteTable(w io.Writer, t table.Writer) error {
	_, err := io.WriteString(w, "\n"+t.Render()+"\n")
	return err
}
