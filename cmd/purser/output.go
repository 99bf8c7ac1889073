package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// printJSON prints one message as a line of JSON, fields named as in the
// contract.
func printJSON(w io.Writer, m proto.Message) error {
	v, err := jsonValue(m)
	if err != nil {
		return err
	}
	return printValue(w, v)
}

// jsonValue is a message as plain JSON values: protojson varies its blanks on
// purpose, and scripts want the same bytes.
func jsonValue(m proto.Message) (any, error) {
	b, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, err
	}
	return v, nil
}

func printValue(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// isTerminal reports whether a person looks at w.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width is how many columns w shows.
func width(w any) int {
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 20 {
			return min(columns, 120)
		}
	}
	return 100
}

// printTable prints rows in columns under a header.
func printTable(w io.Writer, header []string, rows [][]string) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Format.Header = text.FormatDefault
	cells := func(in []string) table.Row {
		row := make(table.Row, len(in))
		for i, c := range in {
			row[i] = c
		}
		return row
	}
	t.AppendHeader(cells(header))
	for _, r := range rows {
		t.AppendRow(cells(r))
	}
	t.Render()
}

// wrap breaks s into lines of at most columns, each behind indent.
func wrap(s, indent string, columns int) string {
	var b strings.Builder
	for _, line := range strings.Split(s, "\n") {
		for _, l := range strings.Split(text.WrapSoft(line, max(columns-len(indent), 20)), "\n") {
			fmt.Fprintln(&b, strings.TrimRight(indent+l, " "))
		}
	}
	return b.String()
}

// plain drops what could steer a terminal from text that others wrote.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, s)
}
