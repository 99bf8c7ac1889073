package evalcmd

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/disk"
)

// result is what a command measured.
type result interface {
	JSON() ([]byte, error)
	WriteTable(w io.Writer, columns int) error
}

// printResult shows a result as a table; file is where its JSON goes: "" nowhere,
// "-" to standard output in place of the table. The table is shown also when
// the file can't be written.
func printResult(e *console.Env, r result, file string) error {
	if file == "-" {
		return writeResult(e, r, file)
	}
	return errors.Join(printPlain(e.Stdout, func(w io.Writer) error { return r.WriteTable(w, console.Columns(e.Stdout)) }), writeResult(e, r, file))
}

// writeResult writes a result's JSON to a file, or "-", if there is one.
func writeResult(e *console.Env, r interface{ JSON() ([]byte, error) }, file string) error {
	if file == "" {
		return nil
	}
	raw, err := r.JSON()
	switch {
	case err != nil:
		return err
	case file == "-":
		_, err = e.Stdout.Write(raw)
		return err
	}
	return disk.Write(file, raw)
}

// printPlain prints what write writes, without what could steer a terminal.
func printPlain(w io.Writer, write func(io.Writer) error) error {
	var b strings.Builder
	if err := write(&b); err != nil {
		return err
	}
	_, err := io.WriteString(w, console.Plain(b.String()))
	return err
}

// keepInputs refuses outputs that would overwrite what was read, or one
// another. Outputs may be "" or "-".
func keepInputs(inputs []string, outputs ...string) error {
	taken := append([]string{}, inputs...)
	for _, out := range outputs {
		if out == "" || out == "-" {
			continue
		}
		for _, t := range taken {
			if t != "" && (filepath.Clean(t) == filepath.Clean(out) || console.SameFile(t, out)) {
				return console.Usagef("%s would be overwritten; write to another file", out)
			}
		}
		taken = append(taken, out)
	}
	return nil
}

// keepOthers refuses an output in place of a regular file that does not begin as
// what is written does: it is something else, and somebody may need it.
func keepOthers(out, begins string) error {
	if out == "" {
		return nil
	}
	if info, err := os.Stat(out); err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return nil
	}
	f, err := os.Open(out)
	if err != nil {
		return console.Usagef("%s is there and can't be read; write to another file", out)
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, len(begins))
	if n, _ := io.ReadFull(f, head); !strings.EqualFold(string(head[:n]), begins) {
		return console.Usagef("%s holds something else and would be overwritten; write to another file", out)
	}
	return nil
}

// What the files that evaluation writes for others begin with.
const (
	beginsPage  = "<!doctype html"
	beginsJUnit = "<?xml"
)

// keepSuite refuses an output that would overwrite a suite's tickets or
// articles; the suite is a folder, or a file of tickets.
func keepSuite(dir, out string) error {
	if dir == "" || out == "" || out == "-" {
		return nil
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return keepInputs([]string{dir}, out)
	}
	if !suite.Holds(dir, out) {
		return nil
	}
	return console.Usagef("%s is the suite's own and would be overwritten; write to another file", out)
}
