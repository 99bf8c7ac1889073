package answer

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

// Bounds of what is read from a model.
const (
	// maxSentenceBytes is how long a sentence may grow before it is cut off.
	maxSentenceBytes = 2000
	// maxMarkBytes is how long a mark of citation may be, brackets included.
	maxMarkBytes = 40
	// maxMarkRange is how many numbers "[2-4]" may stand for.
	maxMarkRange = 20
	maxNumber    = 999
)

// Reader turns what a model writes, piece by piece, into whole
// sentences with the numbers that they cite. How the stream is cut makes no
// difference to what comes out, and half a mark never does.
//
// A mark of citation is [1], [1][3], [1, 3], [1-3], [^1], [#1], 【1】 or
// 【1†source】, also with a word before the number, as in [evidence 1], before
// or behind the full stop. "(1)" is none, since lists are counted so. Marks of
// Markdown are dropped: emphasis, code, headings, rules; links become
// "text (address)". The marks of list items stay, as part of Break. Thoughts
// are dropped, as Thoughts does for a model that is Known.
//
// The work is in proportion to what is read, whatever it is.
type Reader struct {
	locale string
	emit   func(suggest.DraftSentence) error

	thoughts *Thoughts
	// pending is what came and was not yet cut into words. Of the word that it
	// begins with scanned bytes were looked at, and open is where a bracket stands
	// open in them, or -1.
	pending       []byte
	scanned, open int
	// clean is the sentence so far without marks, numbers what it cites.
	clean   []byte
	numbers []int
	// ended is true when clean ends where a sentence may.
	ended bool
	// breakBefore stands before the sentence that clean begins.
	breakBefore string
	// lineNumbers stand at the beginning of the line, before any word.
	lineNumbers []int
	lineStart   bool
	newlines    int
	any         bool
	tmp         []byte
	// looked counts the bytes that were looked at, repeats included.
	looked int
}

// NewReader reads text in locale and calls emit with each sentence. An
// error of emit ends the reading and is returned by Write and Close.
func NewReader(locale string, emit func(suggest.DraftSentence) error) *Reader {
	return &Reader{locale: locale, emit: emit, lineStart: true, open: -1, thoughts: NewThoughts(Known)}
}

// Write takes the next piece of the stream. It fails with ErrThoughts when that
// shows what was emitted to be thoughts.
func (r *Reader) Write(delta string) error {
	said, err := r.thoughts.Write(delta)
	if err != nil {
		return err
	}
	r.pending = append(r.pending, said...)
	return r.advance(false)
}

// Close ends the stream. When it ended as it should, what is left is the last
// sentence; when it was cut off, what is left is no whole sentence and dropped,
// unless a full stop ended it before the cut.
func (r *Reader) Close(whole bool) error {
	said, err := r.thoughts.Close(whole)
	if err != nil {
		return err
	}
	r.pending = append(r.pending, said...)
	if err := r.advance(whole); err != nil {
		return err
	}
	if !whole {
		if r.ended && r.wholeBefore(r.pending) {
			return r.flush()
		}
		return nil
	}
	return r.flush()
}

// wholeBefore reports whether the sentence so far is whole, given the beginning
// of the word behind it. A mark that was cut may belong to the sentence.
func (r *Reader) wholeBefore(cut []byte) bool {
	if len(cut) == 0 {
		return r.isBorder([]byte("X")) // an abbreviation ends nothing
	}
	first, _ := utf8.DecodeRune(cut)
	return first != utf8.RuneError && first != '[' && first != '【' && r.isBorder(cut)
}

// advance cuts pending into words and takes each. A word ends at a blank or a
// line's end, so what is taken depends on the text alone and not on its cuts.
func (r *Reader) advance(last bool) error {
	at := 0
	for at < len(r.pending) {
		if r.pending[at] == '\n' {
			if err := r.endLine(); err != nil {
				return err
			}
			at++
			continue
		}
		if isBlankByte(r.pending[at]) {
			at++
			continue
		}
		end, whole := r.wordEnd(r.pending[at:])
		if !whole && !last {
			break
		}
		r.scanned, r.open = 0, -1
		if err := r.take(r.pending[at : at+end]); err != nil {
			return err
		}
		at += end
	}
	if at > 0 {
		r.pending = r.pending[:copy(r.pending, r.pending[at:])]
	}
	return nil
}

// wordEnd is where the word that b begins with ends, of which a part may have
// been looked at before. An open mark of citation holds blanks together. whole is
// false when more could belong to it.
func (r *Reader) wordEnd(b []byte) (end int, whole bool) {
	for r.scanned < len(b) {
		i := r.scanned
		c, size := utf8.DecodeRune(b[i:])
		if c == utf8.RuneError && size == 1 && !utf8.FullRune(b[i:]) {
			return i, false
		}
		r.looked += size
		switch {
		case c == '[' || c == '【':
			r.open = i
		case c == ']' || c == '】':
			r.open = -1
		case c == '\n':
			return i, true
		case isBlankByte(b[i]):
			if r.open < 0 || !r.looksLikeMark(b[r.open:i]) {
				return i, true
			}
		}
		r.scanned += size
		if r.scanned >= maxSentenceBytes {
			return r.scanned, true
		}
	}
	return len(b), false
}

// looksLikeMark reports whether an open bracket may become a mark.
func (r *Reader) looksLikeMark(b []byte) bool {
	r.looked += min(len(b), maxMarkBytes)
	return looksLikeMark(b)
}

func isBlankByte(b byte) bool { return b == ' ' || b == '\t' || b == '\r' }

// take adds one word.
func (r *Reader) take(word []byte) error {
	if r.lineStart && r.lineMark(word) {
		return nil
	}
	plain, numbers := r.cutMarks(word)
	if len(plain) == 0 {
		if r.lineStart {
			r.lineNumbers = append(r.lineNumbers, numbers...)
		}
		r.cite(numbers)
		return nil
	}
	if r.ended && r.isBorder(plain) {
		if err := r.flush(); err != nil {
			return err
		}
		if r.breakBefore == "" {
			r.breakBefore = " "
		}
	}
	switch behind := closesBehindMark(word, plain); {
	case behind && r.ended && string(plain) == ".":
		plain = nil // the sentence ended before its mark
	case !behind && len(r.clean) > 0:
		r.clean = append(r.clean, ' ')
	}
	r.clean = append(r.clean, plain...)
	r.lineStart = false
	r.cite(numbers)
	r.ended = sentence.Ends(r.clean)
	if len(r.clean) >= maxSentenceBytes {
		return r.flush()
	}
	return nil
}

// closesBehindMark reports whether a word is a mark and then punctuation, as in
// "at the desk [1].": the blank before the mark goes with it.
func closesBehindMark(word, plain []byte) bool {
	first, _ := utf8.DecodeRune(word)
	if first != '[' && first != '【' || len(plain) == len(word) {
		return false
	}
	next, _ := utf8.DecodeRune(plain)
	return strings.ContainsRune(".,;:!?)…。，！？", next)
}

func (r *Reader) cite(numbers []int) {
	for _, n := range numbers {
		if !slices.Contains(r.numbers, n) {
			r.numbers = append(r.numbers, n)
		}
	}
}

// isBorder reports whether a sentence ends before word, as internal/sentence sees
// it. That goes by the last words, so no more is shown to it: a model can write
// thousands of dots that end nothing.
func (r *Reader) isBorder(word []byte) bool {
	before := lastWords(r.clean)
	word = word[:min(len(word), borderBytes)]
	r.tmp = append(append(append(r.tmp[:0], before...), ' '), word...)
	r.looked += len(r.tmp)
	spans := sentence.Split(string(r.tmp), r.locale)
	return len(spans) > 0 && spans[len(spans)-1].Start == len(before)+1
}

const (
	// borderBytes is how much of a sentence its end is told by, and addressBytes
	// how much of a word without blanks, such as an address.
	borderBytes  = 120
	addressBytes = 600
)

// lastWords is the end of a sentence from the beginning of a word.
func lastWords(b []byte) []byte {
	if len(b) <= borderBytes {
		return b
	}
	from := len(b) - borderBytes
	if i := bytes.IndexByte(b[from:], ' '); i >= 0 && from+i+1 < len(b) {
		return b[from+i+1:]
	}
	from = max(0, len(b)-addressBytes)
	for from < len(b) && !utf8.RuneStart(b[from]) {
		from++
	}
	return b[from:]
}

// lineMark takes the mark that a line begins with; false when word is none.
func (r *Reader) lineMark(word []byte) bool {
	s := string(word)
	switch {
	case strings.HasPrefix(s, "```"):
		r.lineStart = false
		return true
	case strings.Trim(s, "#") == "", strings.Trim(s, ">") == "":
		return true
	case strings.Trim(s, "-") == "" && len(s) >= 3, strings.Trim(s, "*_") == "" && len(s) >= 3, strings.Trim(s, "=") == "" && len(s) >= 3:
		return true
	case s == "-" || s == "*" || s == "•" || s == "–" || s == "+" || s == "·":
		r.breakBefore += "- "
		r.lineStart = false
		return true
	case isItemNumber(s):
		r.breakBefore += s[:len(s)-1] + ". "
		r.lineStart = false
		return true
	}
	return false
}

func isItemNumber(s string) bool {
	digits := strings.TrimRight(s, ".)")
	if len(digits) == 0 || len(digits) > 2 || len(s) != len(digits)+1 {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// endLine ends the sentence: none goes over a line's end.
func (r *Reader) endLine() error {
	if err := r.flush(); err != nil {
		return err
	}
	r.newlines++
	r.lineNumbers = nil
	if r.any {
		r.breakBefore = "\n"
		if r.newlines > 1 {
			r.breakBefore = "\n\n"
		}
	} else {
		r.breakBefore = ""
	}
	r.lineStart = true
	return nil
}

// flush emits the sentence that was gathered.
func (r *Reader) flush() error {
	r.ended = false
	numbers := r.numbers
	r.numbers = nil
	if len(numbers) == 0 {
		numbers = slices.Clone(r.lineNumbers)
	}
	r.looked += len(r.clean)
	plain := plainMarkdown(string(r.clean))
	r.clean = r.clean[:0]
	if text.IsBlank(plain) {
		return nil
	}
	s := suggest.DraftSentence{Break: r.breakBefore, Text: plain, Numbers: numbers}
	r.breakBefore = ""
	r.newlines = 0
	r.any = true
	return r.emit(s)
}
