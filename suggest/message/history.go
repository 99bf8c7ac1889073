package message

import (
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/text"
)

// reader takes one message apart.
type reader struct {
	voc    *vocabulary
	locale string
	fields []Field
}

// maxLevels is how deep forwarded messages are read.
const maxLevels = 6

// region is a run of lines at one level of quotation.
type region struct{ start, end, base int }

func (g region) empty() bool { return g.start >= g.end }

// read gives each line its kind and returns what is said. Lines at depth base are
// the message's own.
func (r *reader) read(lines []line, base, level int) string {
	older, forwarded := r.history(lines, base)
	form := r.form(lines)
	r.closing(lines)
	said := joined(lines, func(l *line) bool { return l.kind == Said }, textOf)
	source := forwarded
	switch {
	case level >= maxLevels:
		return said
	case !forwarded.empty():
		if !text.IsBlank(said) && !r.passesOn(said, lines[forwarded.start:forwarded.end], true) {
			return said
		}
	case !older.empty() && (text.IsBlank(said) && !form || r.passesOn(said, nil, false)):
		source = older
	default:
		return said
	}
	part := lines[source.start:source.end]
	for i := range part {
		part[i].kind = ""
	}
	inner := r.read(part, source.base, level+1)
	for i := range part {
		if part[i].kind == Said {
			part[i].kind = Forwarded
		}
	}
	return strings.TrimSpace(said + "\n\n" + inner)
}

// Bounds of a text that only passes another one on, in words.
const (
	passesOnBare    = 4
	passesOnPointer = 40
)

// passesOn reports whether said only points to the message below it. declared
// tells that a program says that it was forwarded: then whatever asks nothing
// itself may pass on what does.
func (r *reader) passesOn(said string, below []line, declared bool) bool {
	words := wordsOf(said)
	if len(words) > passesOnPointer {
		return false
	}
	asks := strings.ContainsAny(said, "?？")
	switch {
	case r.voc.marks.has(words, "pointer"), !declared && r.voc.marks.has(words, "answered"):
		return true
	case !declared, asks:
		return false
	}
	return len(words) <= passesOnBare || slices.ContainsFunc(below, func(l line) bool { return strings.ContainsAny(l.text, "?？") })
}

// history tells history from the message's own lines. older is what a reply
// stands above, the newest of it first; forwarded is what a program says that was
// forwarded.
func (r *reader) history(lines []line, base int) (older, forwarded region) {
	quoted := func(start, end, base int, declared bool) {
		g := region{start, end, base}
		if declared && forwarded.empty() {
			forwarded = g
		} else if older.empty() {
			older = g
		}
		for i := start; i < end; i++ {
			lines[i].kind = Quoted
		}
	}
	lone := r.loneMark(lines, base)
	for i := 0; i < len(lines); {
		l := &lines[i]
		if i == lone {
			if c := l.text[0]; c >= '0' && c <= '9' {
				l.text = "> " + l.text // more than
			}
			l.kind = Said
			i++
			continue
		}
		if l.depth > base {
			end := i
			for end < len(lines) && (lines[end].depth > base || deeperFollows(lines[end:], base)) {
				end = max(end+1, len(lines)-len(skipBlank(lines[end:])))
			}
			start, depth, declared := i, leastDepth(lines[i:end]), false
			if n, d := r.frameAt(lines[i:end]); n > 0 && d {
				mark(lines[i:i+n], Frame)
				start, declared = i+n, true
			}
			quoted(start, end, depth, declared)
			i = end
			continue
		}
		if n := r.attribution(lines[i:]); n > 0 {
			unrule(lines[:i])
			mark(lines[i:i+n], Frame)
			if i += n; i < len(lines) && !deeperFollows(lines[i:], base) {
				quoted(i, len(lines), base, false)
				return older, forwarded
			}
			continue
		}
		if n, declared := r.frameAt(lines[i:]); n > 0 {
			unrule(lines[:i])
			mark(lines[i:i+n], Frame)
			i += n
			if deeperFollows(lines[i:], base) {
				if declared {
					end := i
					for end < len(lines) && (lines[end].depth > base || lines[end].blank()) {
						end++
					}
					quoted(i, end, leastDepth(lines[i:end]), true)
					i = end
				}
				continue
			}
			quoted(i, len(lines), base, declared)
			return older, forwarded
		}
		l.kind = Said
		i++
	}
	return older, forwarded
}

// unrule takes the ruled line above history with it.
func unrule(lines []line) {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].blank() {
			continue
		}
		if inner, n, _ := unruled(lines[i].text); inner == "" && n >= 3 {
			lines[i].kind = Frame
		}
		return
	}
}

func mark(lines []line, k Kind) {
	for i := range lines {
		lines[i].kind = k
	}
}

// loneMark is the one line with a mark of quotation in a message that quotes
// nothing else and says of nothing that somebody wrote it: "> 8 kg" or a thing of a
// list. It is -1 when there is none.
func (r *reader) loneMark(lines []line, base int) int {
	n, at := 0, -1
	for i := range lines {
		if lines[i].depth > base {
			n, at = n+1, i
		}
		if n > 1 {
			return -1
		}
	}
	if n != 1 || lines[at].blank() {
		return -1
	}
	for i := range at {
		if r.attribution(lines[i:at+1]) > 0 {
			return -1
		}
	}
	return at
}

// deeperFollows reports whether the next line that is not empty is quoted deeper
// than base.
func deeperFollows(lines []line, base int) bool {
	for i := range lines {
		if !lines[i].blank() {
			return lines[i].depth > base
		}
	}
	return false
}

func leastDepth(lines []line) int {
	least := -1
	for i := range lines {
		if d := lines[i].depth; !lines[i].blank() && (least < 0 || d < least) {
			least = d
		}
	}
	return max(least, 0)
}
