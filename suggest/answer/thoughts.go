package answer

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// ErrThoughts says that what was taken for an answer turned out to be thoughts,
// by the mark that ended them: what was given out must not be shown.
var ErrThoughts = errors.New("thoughts were taken for an answer")

// Habit is what is known of how a model thinks.
type Habit int

// The habits.
const (
	// Known models put a mark before their thoughts, if they think at all: what
	// they say is given out as it comes.
	Known Habit = iota
	// Seen is Known from a whole answer of the same model. Its first line is kept
	// until the next one begins, in case the model was changed.
	Seen
	// Unseen models may think without a mark before it, as those do whose server
	// has written it for them. What they say is given out once a greeting stands
	// on a line by itself, or the first sentence cites its evidence, neither of
	// which thoughts begin with; else when it is whole.
	Unseen
	// Unmarked models think at once and put a mark only behind their thoughts.
	Unmarked
)

// Thoughts takes what a model thinks out of what it writes, wherever it stands
// and however it is marked, and the marks of its chat format with it. How the
// stream is cut makes no difference to what is left.
type Thoughts struct {
	habit Habit
	// tail is what came and may be the beginning of a mark.
	tail []byte
	// closers end the thoughts that are being read; nil outside.
	closers []string
	// header is true between the marks of a channel or a role, whose name it is.
	header  bool
	name    []byte
	channel bool
	// held is what is not yet given out, hold whether more goes there; line is
	// where its first line ends, -1 while it does not.
	held []byte
	hold bool
	line int
	// started is true once anything but blanks was said, given once anything was
	// given out.
	started, given bool
	// objects is true where an object is what was asked for.
	objects bool
	// marked is true once a mark before thoughts was read, bare once one behind
	// them alone.
	marked, bare bool
	out          []byte
}

// NewThoughts expects a model of that habit.
func NewThoughts(h Habit) *Thoughts { return &Thoughts{habit: h, hold: h != Known, line: -1} }

// KeepObjects leaves an answer that is an object as it is: without, the text in
// it is taken for the answer.
func (t *Thoughts) KeepObjects() { t.objects = true }

// Write takes the next piece and returns what the model says, thoughts left out;
// it is good until the next call. It fails with ErrThoughts.
func (t *Thoughts) Write(delta string) ([]byte, error) {
	t.out = t.out[:0]
	t.tail = append(t.tail, delta...)
	err := t.advance(false)
	return t.out, err
}

// Close returns what is left once the model has ended; whole is true when it
// came to its end by itself. What may be thoughts that were cut off is dropped.
// It fails with ErrThoughts and ErrObject.
func (t *Thoughts) Close(whole bool) ([]byte, error) {
	t.out = t.out[:0]
	err := t.advance(true)
	if t.hold && err == nil && (whole || t.habit == Known || t.habit == Seen || t.marked) {
		err = t.releaseLast()
	}
	t.held, t.tail = nil, nil
	return t.out, err
}

// Thinking reports whether the model is in the middle of its thoughts.
func (t *Thoughts) Thinking() bool {
	return t.closers != nil || t.hold && t.habit == Unmarked && len(t.held) > 0
}

// Thought reports whether there were thoughts so far.
func (t *Thoughts) Thought() bool { return t.marked || t.bare }

// Habit is what a whole answer tells of its model.
func (t *Thoughts) Habit() Habit {
	if t.bare {
		return Unmarked
	}
	return Seen
}

// pairs are the marks before and behind thoughts, in lower case.
var pairs = []struct{ open, end string }{
	{"<think>", "</think>"},
	{"<thinking>", "</thinking>"},
	{"<thought>", "</thought>"},
	{"<thoughts>", "</thoughts>"},
	{"<reasoning>", "</reasoning>"},
	{"<reflection>", "</reflection>"},
	{"<analysis>", "</analysis>"},
	{"<scratchpad>", "</scratchpad>"},
	{"<seed:think>", "</seed:think>"},
	{"[think]", "[/think]"},
	{"◁think▷", "◁/think▷"},
	{"<|begin_of_thought|>", "<|end_of_thought|>"},
	{"<|start_thinking|>", "<|end_thinking|>"},
	{"<|thinking|>", "<|/thinking|>"},
}

// wrappers stand around what is said.
var wrappers = []string{"<answer>", "</answer>", "<response>", "</response>", "<reply>", "</reply>", "<final_answer>", "</final_answer>", "</s>"}

// bareChannel is how a channel's marks look where a server has dropped their
// brackets.
const bareChannel, bareFinal = "analysis", "assistantfinal"

// Bounds of marks.
const (
	// longestToken bounds "<|name|>", longestHeader what stands between two.
	longestToken  = 40
	longestHeader = 80
)

// advance reads marks and text as far as can be told.
func (t *Thoughts) advance(last bool) error {
	at := 0
	for at < len(t.tail) {
		rest := t.tail[at:]
		if !t.started && t.closers == nil && !t.header {
			n, more := t.bareChannel(rest, last)
			if more {
				break
			}
			if n > 0 {
				at += n
				continue
			}
		}
		skip := plainBytes(rest, t.closers)
		if skip > 0 {
			t.say(rest[:skip])
			at += skip
			continue
		}
		n, more, err := t.mark(rest, last)
		if err != nil {
			return err
		}
		if more {
			break
		}
		at += n
	}
	t.tail = t.tail[:copy(t.tail, t.tail[at:])]
	return nil
}

// bareChannel reads the beginning of an answer that may be a channel's name; n
// is 0 when it is none.
func (t *Thoughts) bareChannel(rest []byte, last bool) (n int, more bool) {
	if !strings.HasPrefix(bareChannel, string(rest[:min(len(rest), len(bareChannel))])) {
		return 0, false
	}
	if len(rest) <= len(bareChannel) {
		return 0, !last
	}
	if c := rest[len(bareChannel)]; c >= 'a' && c <= 'z' || c == ' ' {
		return 0, false
	}
	t.begin(bareFinal)
	return len(bareChannel), false
}

// plainBytes is how many bytes at the beginning of b can't be part of a mark.
func plainBytes(b []byte, closers []string) int {
	bare := len(closers) == 1 && closers[0] == bareFinal
	for i, c := range b {
		if i+1 < len(b) && !mayBegin(c, b[i+1]) && !bare {
			continue
		}
		if c == '<' || c == '[' || c == markLead || bare && c == bareFinal[0] {
			return i
		}
	}
	return len(b)
}

// mayBegin reports whether a mark may begin with two bytes.
func mayBegin(c, next byte) bool {
	switch c {
	case '<':
		return next != ' '
	case '[':
		return next == 't' || next == 'T' || next == '/'
	case markLead:
		return next == '\x97'
	}
	return false
}

// markLead is the first byte of "◁".
const markLead = '\xe2'

// mark reads a mark at the beginning of rest, or takes one character that is
// none; more is true when that can't be told yet.
func (t *Thoughts) mark(rest []byte, last bool) (n int, more bool, err error) {
	low := lower(rest[:min(len(rest), longestToken)])
	if t.closers != nil {
		return t.closing(rest, low, last)
	}
	if n, known, err := t.pairOrWrapper(low); known {
		return n, false, err
	}
	name, length, half := token(rest)
	if length > 0 {
		return length, false, t.token(name)
	}
	if (half || beginsMark(low)) && !last {
		return 0, true, nil
	}
	size := 1
	if rest[0] == markLead {
		_, size = utf8.DecodeRune(rest)
	}
	t.say(rest[:size])
	return size, false, nil
}

func (t *Thoughts) pairOrWrapper(low string) (n int, known bool, err error) {
	if len(low) < 4 {
		return 0, false, nil
	}
	for _, p := range pairs {
		switch {
		case strings.HasPrefix(low, p.open):
			t.begin(p.end)
			return len(p.open), true, nil
		case strings.HasPrefix(low, p.end):
			return len(p.end), true, t.strayEnd()
		}
	}
	for _, w := range wrappers {
		if strings.HasPrefix(low, w) {
			return len(w), true, nil
		}
	}
	return 0, false, nil
}

// beginsMark reports whether a mark may begin with all of s.
func beginsMark(s string) bool {
	for _, p := range pairs {
		if strings.HasPrefix(p.open, s) || strings.HasPrefix(p.end, s) {
			return true
		}
	}
	for _, w := range wrappers {
		if strings.HasPrefix(w, s) {
			return true
		}
	}
	return false
}

// lower is b with ASCII's capitals made small: no other letter stands in a mark.
func lower(b []byte) string {
	out := make([]byte, len(b))
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return string(out)
}

// closing looks for what ends the thoughts.
func (t *Thoughts) closing(rest []byte, low string, last bool) (n int, more bool, err error) {
	for _, c := range t.closers {
		if strings.HasPrefix(low, c) {
			t.end()
			if name, length, _ := token(rest); length > 0 {
				return length, false, t.token(name)
			}
			return len(c), false, nil
		}
		more = more || strings.HasPrefix(c, low)
	}
	if more && !last {
		return 0, true, nil
	}
	return 1, false, nil
}

// token reads "<|name|>", or the same with DeepSeek's bars; half is true when b
// ends in the middle of one.
func token(b []byte) (name string, length int, half bool) {
	s := string(b[:min(len(b), longestToken)])
	for _, bar := range []string{"|", "｜"} {
		open, end := "<"+bar, bar+">"
		if strings.HasPrefix(open, s) {
			return "", 0, true
		}
		inner, ok := strings.CutPrefix(s, open)
		if !ok {
			continue
		}
		if i := strings.Index(inner, end); i >= 0 && !strings.ContainsAny(inner[:i], " \n") {
			return strings.ToLower(inner[:i]), len(open) + i + len(end), false
		}
		return "", 0, len(b) < longestToken && !strings.ContainsAny(inner, " \n")
	}
	return "", 0, false
}

// token acts on a mark of the chat's format.
func (t *Thoughts) token(name string) error {
	switch {
	case name == "channel":
		t.header, t.channel, t.name = true, true, t.name[:0]
	case name == "start":
		t.header, t.channel, t.name = true, false, t.name[:0]
	case name == "message" && t.header:
		t.header = false
		if !t.channel {
			return nil
		}
		if !strings.HasPrefix(strings.TrimSpace(string(t.name)), "final") {
			t.begin("<|end|>", "<|start|>", "<|channel|>", "<|return|>", "<|call|>")
			return nil
		}
		if t.started {
			return t.strayEnd()
		}
	}
	return nil
}

// begin reads thoughts until one of closers.
func (t *Thoughts) begin(closers ...string) {
	if t.started && t.hold {
		// What came before them is no thoughts: their mark stands where it should.
		t.release()
	}
	t.closers, t.marked, t.hold = closers, true, false
}

// end goes on with what is said. Behind thoughts within thoughts that is still
// none of it, so the first line is waited for.
func (t *Thoughts) end() {
	t.closers = nil
	if !t.given {
		t.started, t.hold, t.line = false, true, -1
	}
}

// strayEnd ends thoughts that had no beginning.
func (t *Thoughts) strayEnd() error {
	t.bare = !t.marked
	if t.given {
		return ErrThoughts
	}
	t.held, t.started, t.hold = t.held[:0], false, false
	return nil
}
