package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

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
	if out, ok := w.(io.Writer); ok {
		w = bare(out)
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// output is where a command prints. It remembers the first write that failed, so
// that no command ends as done whose result nobody got.
type output struct {
	io.Writer

	mu     sync.Mutex
	failed error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.failed == nil {
			o.failed = err
		}
	}
	return n, err
}

// lost is the error of an output that did not take everything.
func (o *output) lost() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed == nil {
		return nil
	}
	return fmt.Errorf("the output could not be written: %w", o.failed)
}

// bare is what an output writes to, for a child that needs the terminal itself.
func bare(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return o.Writer
	}
	return w
}

// width is how many columns w shows.
func width(w io.Writer) int {
	if f, ok := bare(w).(*os.File); ok {
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
