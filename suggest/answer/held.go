package answer

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// say takes what is neither a mark nor thoughts.
func (t *Thoughts) say(b []byte) {
	if t.closers != nil {
		return
	}
	if t.header {
		if t.name = append(t.name, b...); len(t.name) > longestHeader {
			t.header = false // no header after all
		}
		return
	}
	if !t.started {
		b = bytes.TrimLeft(b, " \t\r\n")
		if len(b) == 0 {
			return
		}
		t.started = true
		t.hold = t.hold || mayWrap(b[0])
	}
	if !t.hold {
		t.out = append(t.out, b...)
		t.given = true
		return
	}
	if t.line < 0 {
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			t.line = len(t.held) + i
		}
	}
	before := len(t.held)
	t.held = append(t.held, b...)
	if t.line >= 0 && t.firstLineTells() || t.habit == Unseen && before <= longestFirst && citesFirst(t.held[:min(len(t.held), longestFirst)]) {
		t.release()
	}
}

func (t *Thoughts) release() {
	t.out = append(t.out, t.held...)
	t.given = t.given || len(t.held) > 0
	t.held, t.hold = nil, false
}

// releaseLast gives out what is held at the end of an answer, taken out of the
// object that a model may have put it into.
func (t *Thoughts) releaseLast() error {
	if len(t.held) == 0 || t.objects || !mayWrap(t.held[0]) {
		t.release()
		return nil
	}
	inner, object := unfence(t.held)
	if !object {
		t.release()
		return nil
	}
	said, ok := longestText(inner)
	if !ok {
		return ErrObject
	}
	t.held = []byte(said)
	t.release()
	return nil
}

// longestFirst bounds the first sentence that is looked at, in bytes.
const longestFirst = 480

// citesFirst reports whether the first sentence of b ends with a mark of
// citation, before or behind its full stop, and another one has begun.
func citesFirst(b []byte) bool {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '[')
		if i < 0 {
			return false
		}
		i += at
		end := i + 1
		for end < len(b) && b[end] >= '0' && b[end] <= '9' {
			end++
		}
		if end == i+1 || end >= len(b) || b[end] != ']' {
			at = i + 1
			continue
		}
		said := bytes.TrimRight(b[:i], " ")
		stopped := len(said) > 0 && isStop(said[len(said)-1])
		if stopped {
			said = said[:len(said)-1]
		}
		rest := b[end+1:]
		if !stopped {
			if len(rest) == 0 || !isStop(rest[0]) {
				return false // in the middle of a sentence
			}
			rest = rest[1:]
		}
		return len(said) > 0 && !endsWithin(said) && len(rest) > 1 && rest[0] == ' '
	}
}

func isStop(c byte) bool { return c == '.' || c == '!' || c == '?' }

// endsWithin reports whether a sentence ends inside s.
func endsWithin(s []byte) bool {
	for i, c := range s {
		if c == '\n' || i+1 < len(s) && isStop(c) && (s[i+1] == ' ' || s[i+1] == '\n') {
			return true
		}
	}
	return bytes.ContainsAny(s, "。！？")
}

// longestGreeting is how many characters a greeting on a line of its own has.
const longestGreeting = 60

// firstLineTells reports whether the first line, which is there, and the
// beginning of the next tell that this is what the model says.
func (t *Thoughts) firstLineTells() bool {
	first := t.held[:t.line]
	switch {
	case t.habit == Unmarked && !t.marked, t.habit == Unseen && !t.marked && t.line > 8*longestGreeting:
		return false
	case len(bytes.TrimSpace(t.held[t.line:min(len(t.held), t.line+longestGreeting)])) == 0:
		return false
	case mayWrap(first[0]):
		_, object := unfence(t.held)
		return !object && (t.habit != Unseen || t.marked)
	case t.habit != Unseen || t.marked:
		return true
	}
	line := bytes.TrimSpace(first)
	last, _ := utf8.DecodeLastRune(line)
	return utf8.RuneCount(line) <= longestGreeting && strings.ContainsRune(",!，！、", last)
}
