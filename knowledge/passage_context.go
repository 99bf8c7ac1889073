package knowledge

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLeadChars is how long, in characters, what leads a list or table in may be.
const maxLeadChars = 160

// blockContext is what must be repeated above a block where a passage begins with it.
type blockContext struct {
	spans []span
	chars int
}

// contextFinder finds the context of each block.
type contextFinder struct {
	body   string
	blocks []block
	opts   CutOptions
	leads  map[int]span // by run
	heads  map[int]span
}

// findContexts works out the context of each block, and marks the rows of tables
// that fit into one passage.
func findContexts(body string, blocks []block, opts CutOptions) []blockContext {
	f := contextFinder{body: body, blocks: blocks, opts: opts, leads: map[int]span{}, heads: map[int]span{}}
	out := make([]blockContext, len(blocks))
	for i := 0; i < len(blocks); i++ {
		run := blocks[i].run
		if run == 0 {
			continue
		}
		if _, seen := f.leads[run]; !seen {
			f.begin(i)
		}
		out[i] = f.context(i)
	}
	return out
}

// span is where a block stands, without blanks around it.
func (f *contextFinder) span(i int) span {
	end := len(f.body)
	if i+1 < len(f.blocks) {
		end = f.blocks[i+1].start
	}
	return trimSpan(f.body, span{f.blocks[i].start, end})
}

func trimSpan(body string, s span) span {
	raw := body[s.start:s.end]
	s.start += len(raw) - len(strings.TrimLeftFunc(raw, unicode.IsSpace))
	s.end = max(s.start, s.end-(len(raw)-len(strings.TrimRightFunc(raw, unicode.IsSpace))))
	return s
}

// begin looks at the first block of a list or table.
func (f *contextFinder) begin(i int) {
	first := f.blocks[i]
	table := first.kind == blockHeader || first.kind == blockRow
	f.leads[first.run] = f.lead(i, table)
	if !table {
		return
	}
	last := i
	for last+1 < len(f.blocks) && f.blocks[last+1].run == first.run {
		last++
	}
	if first.kind == blockHeader {
		f.heads[first.run] = f.span(i)
	}
	if utf8.RuneCountInString(f.body[f.span(i).start:f.span(last).end]) <= f.opts.Max {
		for k := i; k <= last; k++ {
			f.blocks[k].keep = true
		}
	}
}

// lead is what leads the list or table in whose first block is i; empty when
// nothing does. A list is led in by a colon.
func (f *contextFinder) lead(i int, table bool) span {
	if i == 0 {
		return span{}
	}
	before := f.blocks[i-1]
	if before.kind != blockParagraph && before.kind != blockItem || before.run != 0 && !table {
		return span{}
	}
	s := f.span(i - 1)
	colon := endsInColon(f.body[s.start:s.end])
	if !colon && !table {
		return span{}
	}
	if f.short(s) {
		return s
	}
	if borders := before.sentenceBorders(f.body, f.opts.Locale); colon && len(borders) > 0 {
		if s := trimSpan(f.body, span{borders[len(borders)-1].at, s.end}); f.short(s) {
			return s
		}
	}
	return span{}
}

func (f *contextFinder) short(s span) bool {
	return s.end > s.start && utf8.RuneCountInString(f.body[s.start:s.end]) <= maxLeadChars
}

// context of a block of a list or table: what leads in, the items that it is in,
// the table's head. What would take more than half of a passage is left out.
func (f *contextFinder) context(i int) blockContext {
	b := f.blocks[i]
	var c blockContext
	limit := f.opts.Max / 2
	add := func(s span) {
		if n := utf8.RuneCountInString(f.body[s.start:s.end]); n > 0 && c.chars+n <= limit {
			c.spans = append(c.spans, s)
			c.chars += n
		}
	}
	// What is nearest matters most.
	head, headed := f.heads[b.run]
	if headed && b.kind != blockHeader {
		add(head)
	}
	for k := b.item; k > 0 && len(c.spans) < maxContext; k = f.blocks[k-1].item {
		if s := f.span(k - 1); f.short(s) && (b.kind != blockItem || endsInColon(f.body[s.start:s.end])) {
			add(s)
		}
	}
	if lead := f.leads[b.run]; len(c.spans) == 0 || c.spans[len(c.spans)-1] != lead {
		add(lead)
	}
	for l, r := 0, len(c.spans)-1; l < r; l, r = l+1, r-1 {
		c.spans[l], c.spans[r] = c.spans[r], c.spans[l]
	}
	return c
}

// maxContext bounds how many items above a nested one are repeated.
const maxContext = 4

func partsOf(body string, spans []span) []Part {
	var parts []Part
	for _, s := range spans {
		parts = append(parts, Part{Start: s.start, End: s.end, Text: body[s.start:s.end]})
	}
	return parts
}

// MaxSectionBytes is how much of a long section a passage is shown with.
const MaxSectionBytes = 6000

// boundSections tells passages where the sections begin and end that they stand
// in.
func boundSections(passages []Passage, atoms []atom, cuts []int) {
	type bounds struct{ start, end int }
	var sections []bounds
	for _, a := range atoms {
		if a.section >= len(sections) || len(sections) == 0 {
			for len(sections) <= a.section {
				sections = append(sections, bounds{a.start, a.end})
			}
		}
		sections[a.section].end = a.end
	}
	from := 0
	for i := range passages {
		p := &passages[i]
		p.SectionStart, p.SectionEnd = sections[atoms[from].section].start, sections[atoms[cuts[i]-1].section].end
		from = cuts[i]
	}
	for i := range passages {
		clipSection(passages, i)
	}
}

// clipSection cuts a section that is too long at the passages around one, as
// many as there is room for.
func clipSection(passages []Passage, i int) {
	p := &passages[i]
	if p.SectionEnd-p.SectionStart <= MaxSectionBytes {
		return
	}
	first, last := i, i
	start, end := p.Start, p.End
	for grown := true; grown; {
		grown = false
		if last+1 < len(passages) && passages[last+1].End <= p.SectionEnd && passages[last+1].End-start <= MaxSectionBytes {
			last++
			end, grown = passages[last].End, true
		}
		if first > 0 && passages[first-1].Start >= p.SectionStart && end-passages[first-1].Start <= MaxSectionBytes {
			first--
			start, grown = passages[first].Start, true
		}
	}
	p.SectionStart, p.SectionEnd = start, end
}
