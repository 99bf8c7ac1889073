package knowledge

import (
	"html"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
)

func itoa(n int) string { return strconv.Itoa(n) }

// collapse makes every run of blanks one space.
func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

// clipRunes cuts s to at most limit characters.
func clipRunes(s string, limit int) string {
	return strings.TrimRightFunc(s[:byteLimit(s, limit)], unicode.IsSpace)
}

type span struct{ start, end int }

// plainText is the text of a block without marks, which remembers where in the
// body every part of it stands.
type plainText struct {
	buf  []byte
	runs []run
}

// run is a part of a plain text that comes from one place of the body.
type run struct {
	plain       int // where it begins in the plain text
	src, srcEnd int // where it stands in the body; empty when it stands nowhere
	verbatim    bool
	inside      bool // within a link, emphasis or other pair of marks
}

func (p *plainText) String() string { return string(p.buf) }

func (p *plainText) verbatim(body string, start, end int, inside bool) {
	if start >= end {
		return
	}
	p.runs = append(p.runs, run{len(p.buf), start, end, true, inside})
	p.buf = append(p.buf, body[start:end]...)
}

func (p *plainText) synthetic(s string, start, end int, inside bool) {
	if s == "" {
		return
	}
	p.runs = append(p.runs, run{len(p.buf), start, end, false, inside})
	p.buf = append(p.buf, s...)
}

// srcEnd is where the last run ends in the body.
func (p *plainText) srcEnd() int {
	if len(p.runs) == 0 {
		return 0
	}
	return p.runs[len(p.runs)-1].srcEnd
}

// prose appends body[start:end] with escapes and character references resolved.
func (p *plainText) prose(body string, start, end int, inside bool) {
	from := start
	for i := start; i < end; {
		switch {
		case body[i] == '\\' && i+1 < end && isPunct(body[i+1]):
			p.verbatim(body, from, i, inside)
			from = i + 1
			i += 2
		case body[i] == '&':
			n, s := reference(body[i:end])
			if n == 0 {
				i++
				continue
			}
			p.verbatim(body, from, i, inside)
			p.synthetic(s, i, i+n, inside)
			i += n
			from = i
		default:
			i++
		}
	}
	p.verbatim(body, from, end, inside)
}

// maxReference is the length of the longest character reference of HTML.
const maxReference = 33

// reference resolves the character reference that s begins with, and returns
// its length; 0 when it begins with none.
func reference(s string) (int, string) {
	end := strings.IndexByte(s[:min(len(s), maxReference)], ';')
	if end < 2 {
		return 0, ""
	}
	resolved := html.UnescapeString(s[:end+1])
	if resolved == s[:end+1] || strings.ContainsRune(resolved, 0) {
		return 0, ""
	}
	return end + 1, resolved
}

func isPunct(c byte) bool {
	return c >= '!' && c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '`' || c >= '{' && c <= '~'
}

// lines appends whole lines of the body as they are, with soft line breaks.
func (p *plainText) lines(body string, spans []span) {
	var breaks lineBreaks
	var lines []span
	for _, s := range spans {
		at := s.start
		for line := range strings.Lines(body[s.start:s.end]) {
			trimmed := strings.TrimSpace(line)
			from := at + strings.Index(line, trimmed)
			lines = append(lines, span{from, from + len(trimmed)})
			at += len(line)
		}
	}
	breaks = measureLines(body, lines)
	for i, l := range lines {
		if i > 0 {
			sep := " "
			if breaks.deliberate(body, lines[i-1].end) {
				sep = "\n"
			}
			p.synthetic(sep, lines[i-1].end, lines[i-1].end, false)
		}
		p.verbatim(body, l.start, l.end, false)
	}
}

// cells appends the cells of a table's row: "first: second; third".
func (p *plainText) cells(cells []plainText) {
	shown := 0
	for _, c := range cells {
		if strings.TrimSpace(c.String()) == "" {
			continue
		}
		switch shown {
		case 0:
		case 1:
			p.synthetic(": ", p.srcEnd(), p.srcEnd(), false)
		default:
			p.synthetic("; ", p.srcEnd(), p.srcEnd(), false)
		}
		shown++
		for _, r := range c.runs {
			r.plain += len(p.buf)
			p.runs = append(p.runs, r)
		}
		p.buf = append(p.buf, c.buf...)
	}
}

// find returns the run that holds the plain offset at.
func (p *plainText) find(at int) run {
	i := sort.Search(len(p.runs), func(i int) bool { return p.runs[i].plain > at })
	return p.runs[max(i-1, 0)]
}

// sourceStart maps an offset where something begins to the body.
func (p *plainText) sourceStart(at int) int {
	r := p.find(at)
	if r.verbatim {
		return r.src + at - r.plain
	}
	return r.src
}

// sourceEnd maps an offset where something ends to the body.
func (p *plainText) sourceEnd(at int) int {
	r := p.find(at - 1)
	if r.verbatim {
		return r.src + at - r.plain
	}
	return r.srcEnd
}

// insideMark reports whether the character that begins at, or ends before, the
// plain offset at stands within a pair of marks.
func (p *plainText) insideMark(at int) bool { return p.find(min(at, max(len(p.buf)-1, 0))).inside }

// lineBreaks tells line breaks that a writer meant from those that an editor's
// wrapping made. A wrapped line is full: the first word of the next one would
// not have fitted.
type lineBreaks struct {
	widest int // characters in the widest line of the paragraph
	lines  []span
}

func (w *blockWalker) lineBreaks(n ast.Node) lineBreaks {
	if n.Type() != ast.TypeBlock || n.Lines() == nil || n.Lines().Len() < 2 {
		return lineBreaks{}
	}
	lines := make([]span, 0, n.Lines().Len())
	for i := range n.Lines().Len() {
		l := n.Lines().At(i)
		lines = append(lines, span{l.Start, l.Start + len(strings.TrimRight(w.body[l.Start:l.Stop], " \t\n"))})
	}
	return measureLines(w.body, lines)
}

func measureLines(body string, lines []span) lineBreaks {
	b := lineBreaks{lines: lines}
	for _, l := range lines {
		b.widest = max(b.widest, utf8.RuneCountInString(body[l.start:l.end]))
	}
	return b
}

// deliberate reports whether the line break behind the offset end was meant:
// there was ample room for the next word, and the next line begins as a
// sentence, an entry or a heading does.
func (b lineBreaks) deliberate(body string, end int) bool {
	i := sort.Search(len(b.lines), func(i int) bool { return b.lines[i].start > end })
	if i == 0 || i >= len(b.lines) {
		return false
	}
	line, next := body[b.lines[i-1].start:b.lines[i-1].end], body[b.lines[i].start:b.lines[i].end]
	if strings.HasPrefix(next, "•") || strings.HasPrefix(next, "‣") || strings.HasPrefix(next, "–") {
		return true // an entry of a list without Markdown's marks
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(next, "*_~`[(\"'“„«-· "))
	if unicode.IsLower(first) || strings.HasSuffix(line, ",") {
		return false
	}
	word, _, _ := strings.Cut(next, " ")
	const slack = 8 // characters by which careful writers leave a line short
	return utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word)+slack <= b.widest ||
		b.widest <= shortLine || endsInColon(line)
}

// shortLine is a width, in characters, to which nobody wraps text.
const shortLine = 40
