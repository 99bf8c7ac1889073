package source

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/purser-desk/purser/internal/text"
)

// tally counts things of one kind that would be tedious to list one by one,
// and remembers where each name was met first.
type tally struct{ entries map[string]*tallied }

type tallied struct {
	name, origin string
	line, count  int
}

func (t *tally) add(name, origin string, line int) {
	if t.entries == nil {
		t.entries = map[string]*tallied{}
	}
	e := t.entries[name]
	if e == nil {
		e = &tallied{name: name, origin: origin, line: line}
		t.entries[name] = e
	}
	e.count++
}

// sorted returns the entries by the place they were first met at.
func (t *tally) sorted() []*tallied {
	out := make([]*tallied, 0, len(t.entries))
	for _, e := range t.entries {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.origin != b.origin {
			return a.origin < b.origin
		}
		if a.line != b.line {
			return a.line < b.line
		}
		return a.name < b.name
	})
	return out
}

// times says how many of a thing there are, this being the first.
func times(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss, this is the first", n, thing)
}

// maxQuoted bounds a value that a message repeats, in characters.
const maxQuoted = 60

// quote shows a value of the source in a message.
func quote(s string) string {
	if short := text.Truncate(s, maxQuoted); short != s {
		s = short + "…"
	}
	return strconv.Quote(s)
}

// hasBlank reports whether s has a blank or control character in it.
func hasBlank(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// size shows a number of bytes as people say it.
func size(n int64) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 1<<20:
		return fmt.Sprintf("%.3g MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.3g KiB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%d bytes", n)
	}
}
