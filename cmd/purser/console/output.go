package console

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/purser-desk/purser/internal/say"
)

// Progress shows how far a long step is, to people alone.
func Progress(e *Env, total int, what string, quiet bool) *progressbar.ProgressBar {
	visible := !quiet && IsTerminal(e.Stderr)
	return progressbar.NewOptions(total, progressbar.OptionSetWriter(e.Stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionSetVisibility(visible), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
}

// Steps shows the progress of work that tells how much of how much is done.
func Steps(e *Env, total int, what string, quiet bool) (progress func(done, total int), finish func()) {
	bar := Progress(e, total, what, quiet)
	return func(done, total int) {
		bar.ChangeMax(total)
		_ = bar.Set(done)
	}, func() { _ = bar.Finish() }
}

// PrintValue prints a value as one line of JSON.
func PrintValue(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// IsTerminal reports whether a person looks at w.
func IsTerminal(w any) bool {
	if out, ok := w.(io.Writer); ok {
		w = Bare(out)
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Output is where a command prints. It remembers the first write that failed, so
// that no command ends as done whose result nobody got.
type Output struct {
	io.Writer

	mu     sync.Mutex
	failed error
}

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
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

// Lost is the error of an output that did not take everything.
func (o *Output) Lost() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed == nil {
		return nil
	}
	return fmt.Errorf("the output could not be written: %w", o.failed)
}

// Bare is what an output writes to, for a child that needs the terminal itself.
func Bare(w io.Writer) io.Writer {
	if o, ok := w.(*Output); ok {
		return o.Writer
	}
	return w
}

// Width is how many columns of w text should fill.
func Width(w io.Writer) int {
	if n := Columns(w); n > 20 {
		return min(n, 120)
	}
	return 100
}

// Columns is how many the terminal behind w shows; 0 when there is none.
func Columns(w io.Writer) int {
	if f, ok := Bare(w).(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			return n
		}
	}
	return 0
}

// PrintTable prints rows in columns under a header.
func PrintTable(w io.Writer, header []string, rows [][]string) {
	names := make([]any, len(header))
	for i, h := range header {
		names[i] = h
	}
	t := say.NewTable(names...)
	say.Fit(t, rows, 0)
	fmt.Fprintln(w, t.Render())
}

// Wrap breaks s into lines of at most columns, each behind indent.
func Wrap(s, indent string, columns int) string {
	var b strings.Builder
	for _, line := range strings.Split(s, "\n") {
		for _, l := range strings.Split(text.WrapSoft(line, max(columns-len(indent), 20)), "\n") {
			fmt.Fprintln(&b, strings.TrimRight(indent+l, " "))
		}
	}
	return b.String()
}

// Plain drops what could steer a terminal from text that others wrote.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, s)
}
