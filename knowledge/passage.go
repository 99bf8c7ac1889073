package knowledge

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ChunkerVersion names the rules by which Cut divides a body, and by which
// EmbeddingText and WordsText write a passage. Passages made under another version
// are stale and are cut again: a change of these rules must raise it.
const ChunkerVersion = 2

// Sizes that Cut uses when CutOptions leaves them at zero, in characters.
const (
	DefaultPassageTarget = 1200
	DefaultPassageMax    = 2000
)

// minPassageMax is the smallest bound that still lets words stay whole.
const minPassageMax = 40

// Passage is a piece of a revision that can be found and cited by itself.
type Passage struct {
	// Ordinal is the passage's place in its revision, from 0.
	Ordinal int
	// HeadingPath holds the headings, outermost first and without marks, under
	// which all of the passage stands. A heading that the passage itself opens
	// with is part of the path; one that equals the article's title is not.
	HeadingPath []string
	// Start and End bound the passage in its revision's body: UTF-8 byte
	// offsets, End exclusive, never inside a character.
	Start, End int
	// Text is body[Start:End], marks included.
	Text string
	// Context is what stands further up and without which the text can't be
	// read, in order: the line that leads a list or table in, the item that a
	// nested list belongs to, a table's head. Empty where the passage itself
	// begins with it.
	Context []Part
	// SectionStart and SectionEnd bound the sections that the passage stands in,
	// headings included: byte offsets, cut at passages where a section is longer
	// than MaxSectionBytes.
	SectionStart, SectionEnd int
}

// Part is a piece of a revision's body: Text is body[Start:End].
type Part struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
}

// CutOptions sets the size of passages. The zero value is ready to use.
type CutOptions struct {
	// Target is the size, in characters, that passages are drawn to; 0 means
	// DefaultPassageTarget. It is lowered to Max when it is above it.
	Target int
	// Max is the size, in characters, that no passage exceeds; 0 means
	// DefaultPassageMax. The smallest is 40.
	Max int
	// Locale is the body's BCP 47 tag. It helps to find the borders of
	// sentences; empty is fine.
	Locale string
}

func (o CutOptions) withDefaults() CutOptions {
	if o.Max <= 0 {
		o.Max = DefaultPassageMax
	}
	o.Max = max(o.Max, minPassageMax)
	if o.Target <= 0 {
		o.Target = DefaultPassageTarget
	}
	o.Target = min(o.Target, o.Max)
	return o
}

// borderRank says how natural it is to cut before an atom; lower is better.
type borderRank int

const (
	borderHeading borderRank = iota
	borderBlock
	borderItem
	borderNested
	borderSentence
	borderWord
	borderRune
	borderRow // between the rows of a table that fits into one passage
)

// What a cut costs, by the border it is made at, and what else makes a passage
// worse. A passage's own cost is the square of its relative distance from the
// target, between 0 and 1, so these are shares of the worst possible size.
const (
	costHeadingInside    = 0.30 // a section begins in the middle of a passage
	costSubheadingInside = 0.15 // a part of the same section does
	costStrandedHeading  = 8    // a heading, or a table's head, is cut off from what it heads
	costStrandedLeadIn   = 0.60 // "You may bring:" is cut off from its list
)

func cutCost(r borderRank) float64 {
	switch r {
	case borderHeading:
		return 0
	case borderBlock:
		return 0.04
	case borderItem:
		return 0.75
	case borderNested:
		return 0.95
	case borderSentence:
		return 0.60
	case borderWord:
		return 2
	case borderRune:
		return 4
	case borderRow:
		return 3
	}
	return 0
}

// atom is the smallest piece that Cut moves about: never blank, never above
// the maximum. start and end are byte offsets without surrounding blanks.
type atom struct {
	start, end           int
	startChars, endChars int // the same offsets in characters
	rank                 borderRank
	level                int // of a heading, from 1; 0 for anything else
	leadIn, header       bool
	path                 []string
	section              int // the place of its section, from 0
	context              []span
	contextChars         int
}

// Cut divides a Markdown body into passages. Together they hold all of the body
// but the blanks between them, in order and without overlap; none is empty and
// none exceeds opts.Max characters.
//
// Cuts fall at headings first, then between blocks, then between list items, then
// between sentences; inside a sentence only when it is longer than the maximum. A
// table is cut between its rows when it is longer than that, and each piece carries
// its head as context, as the pieces of a list carry the line that leads it in;
// context counts as part of the passage's size, and may exceed the maximum beside
// text that can't be divided. Small sections are joined up to the target. The title
// only keeps a heading that repeats it out of the heading paths.
//
// Of all possible divisions Cut takes the one with the least total cost
// (dynamic programming over the borders, as in Knuth and Plass, "Breaking
// Paragraphs into Lines", 1981), so equal input gives equal passages.
func Cut(title, body string, opts CutOptions) []Passage {
	opts = opts.withDefaults()
	atoms := cutAtoms(title, body, opts)
	if len(atoms) == 0 {
		return nil
	}
	cuts := bestCuts(atoms, opts)
	passages := make([]Passage, 0, len(cuts))
	from := 0
	for _, to := range cuts {
		first, last := atoms[from], atoms[to-1]
		passages = append(passages, Passage{
			Ordinal:     len(passages),
			HeadingPath: commonPath(atoms[from:to]),
			Start:       first.start,
			End:         last.end,
			Text:        body[first.start:last.end],
			Context:     partsOf(body, first.context),
		})
		from = to
	}
	boundSections(passages, atoms, cuts)
	return passages
}

// bestCuts returns the exclusive ends of the cheapest division of atoms.
func bestCuts(atoms []atom, opts CutOptions) []int {
	n := len(atoms)
	best := make([]float64, n+1)
	prev := make([]int, n+1)
	for end := 1; end <= n; end++ {
		best[end] = math.Inf(1)
		inside := 0.0 // cost of the headings inside atoms[start:end]
		for start := end - 1; start >= 0; start-- {
			size := atoms[end-1].endChars - atoms[start].startChars
			if size > opts.Max && start < end-1 {
				break
			}
			size += atoms[start].contextChars
			if size > opts.Max && start < end-1 {
				if start > 0 {
					inside += insideCost(atoms[start-1], atoms[start])
				}
				continue
			}
			cost := best[start] + sizeCost(size, opts) + inside
			if start > 0 {
				cost += borderCost(atoms[start-1], atoms[start])
			}
			if cost < best[end] {
				best[end], prev[end] = cost, start
			}
			if start > 0 {
				inside += insideCost(atoms[start-1], atoms[start])
			}
		}
	}
	var cuts []int
	for end := n; end > 0; end = prev[end] {
		cuts = append(cuts, end)
	}
	for i, j := 0, len(cuts)-1; i < j; i, j = i+1, j-1 {
		cuts[i], cuts[j] = cuts[j], cuts[i]
	}
	return cuts
}

func sizeCost(size int, opts CutOptions) float64 {
	var off float64
	switch {
	case size <= opts.Target:
		off = float64(opts.Target-size) / float64(opts.Target)
	case opts.Max > opts.Target:
		off = float64(size-opts.Target) / float64(opts.Max-opts.Target)
	}
	return off * off
}

// borderCost is what a cut between two neighbours costs.
func borderCost(before, after atom) float64 {
	cost := cutCost(after.rank)
	if before.level > 0 || before.header {
		cost += costStrandedHeading
	}
	if before.leadIn {
		cost += costStrandedLeadIn
	}
	return cost
}

// insideCost is what it costs to keep two neighbours in one passage.
func insideCost(before, after atom) float64 {
	if after.level == 0 || before.level > 0 {
		return 0
	}
	if len(after.path) > len(before.path) {
		return costSubheadingInside
	}
	return costHeadingInside
}

func commonPath(atoms []atom) []string {
	common := atoms[0].path
	for _, a := range atoms[1:] {
		n := 0
		for n < len(common) && n < len(a.path) && common[n] == a.path[n] {
			n++
		}
		common = common[:n]
	}
	if len(common) == 0 {
		return nil
	}
	return append([]string(nil), common...)
}

// cutAtoms takes a body apart at every border where it may be cut.
func cutAtoms(title, body string, opts CutOptions) []atom {
	blocks := parseBlocks(body)
	contexts := findContexts(body, blocks, opts)
	b := atomBuilder{body: body, opts: opts}
	var stack []heading
	title = foldTitle(title)
	for i, blk := range blocks {
		end := len(body)
		if i+1 < len(blocks) {
			end = blocks[i+1].start
		}
		start := blk.start
		if i == 0 {
			start = 0
		}
		if blk.isSectionHeading() {
			for len(stack) > 0 && stack[len(stack)-1].level >= blk.level {
				stack = stack[:len(stack)-1]
			}
			stack = append(stack[:len(stack):len(stack)], heading{blk.level, clipRunes(collapse(blk.plain.String()), maxPathRunes)})
			b.path = pathOf(stack, title)
			if i > 0 {
				b.section++
			}
		}
		b.context = contexts[i]
		b.addBlock(blk, start, end)
	}
	return b.atoms
}

type heading struct {
	level int
	text  string
}

// maxPathRunes bounds one element of a heading path, in characters.
const maxPathRunes = 200

func pathOf(stack []heading, foldedTitle string) []string {
	var path []string
	for _, h := range stack {
		if h.text != "" && foldTitle(h.text) != foldedTitle {
			path = append(path, h.text)
		}
	}
	return path
}

func foldTitle(s string) string { return strings.ToLower(collapse(s)) }

// atomBuilder collects atoms and keeps count of characters on the way.
type atomBuilder struct {
	body  string
	opts  CutOptions
	path  []string
	atoms []atom
	// section and context of the block at hand.
	section int
	context blockContext

	bytes, chars int // how far characters have been counted
}

// minAtomChars keeps atoms below headings and blocks from being so small that
// the search for the best division gets slow.
const minAtomChars = 16

func (b *atomBuilder) addBlock(blk block, start, end int) {
	var borders []innerBorder
	if blk.kind != blockRow || utf8.RuneCountInString(b.body[start:end]) > b.opts.Max {
		borders = blk.innerBorders(b.body, b.opts.Locale)
	}
	rank, from := blk.rank(), start
	for _, in := range borders {
		if in.at <= from || in.at >= end || in.at-from < minAtomChars {
			continue
		}
		b.add(from, in.at, rank, 0)
		from, rank = in.at, in.rank
	}
	level := 0
	if blk.isSectionHeading() {
		level = blk.level
	}
	b.add(from, end, rank, level)
	if n := len(b.atoms); n > 0 {
		b.atoms[n-1].header = blk.kind == blockHeader
	}
}

// add appends body[start:end], trimmed, and divides it at words or, failing
// that, characters when it exceeds the maximum.
func (b *atomBuilder) add(start, end int, rank borderRank, level int) {
	raw := b.body[start:end]
	start += len(raw) - len(strings.TrimLeftFunc(raw, unicode.IsSpace))
	end -= len(raw) - len(strings.TrimRightFunc(raw, unicode.IsSpace))
	for start < end {
		piece := b.body[start:end]
		n, next := len(piece), borderWord
		if limit := byteLimit(piece, b.opts.Max); limit < len(piece) {
			n, next = breakBefore(piece, limit)
		}
		text := strings.TrimRightFunc(piece[:n], unicode.IsSpace)
		a := atom{
			start: start, end: start + len(text), rank: rank, level: level, path: b.path, section: b.section,
			context: b.context.spans, contextChars: b.context.chars,
		}
		a.startChars, a.endChars = b.count(a.start), b.count(a.end)
		a.leadIn = level == 0 && endsInColon(text)
		b.atoms = append(b.atoms, a)
		rest := strings.TrimLeftFunc(piece[n:], unicode.IsSpace)
		start, rank, level = end-len(rest), next, 0
	}
}

// count returns how many characters stand before the byte offset at, which
// never moves backwards.
func (b *atomBuilder) count(at int) int {
	b.chars += utf8.RuneCountInString(b.body[b.bytes:at])
	b.bytes = at
	return b.chars
}

// byteLimit returns the length in bytes of the first limit characters of s.
func byteLimit(s string, limit int) int {
	if len(s) <= limit {
		return len(s)
	}
	for i := range s {
		if limit == 0 {
			return i
		}
		limit--
	}
	return len(s)
}

// breakBefore finds where to break s at or before the byte offset limit: behind
// the last blank in its second half, else before the last character that is
// not a mark on the one before it.
func breakBefore(s string, limit int) (int, borderRank) {
	if i := strings.LastIndexFunc(s[:limit], unicode.IsSpace); i > limit/2 {
		_, size := utf8.DecodeRuneInString(s[i:])
		return i + size, borderWord
	}
	at := limit
	for back := 0; back < 16 && at > 0; back++ {
		r, _ := utf8.DecodeRuneInString(s[at:])
		prev, size := utf8.DecodeLastRuneInString(s[:at])
		if !unicode.IsMark(r) && r != zeroWidthJoiner && prev != zeroWidthJoiner {
			return at, borderRune
		}
		at -= size
	}
	return limit, borderRune
}

const zeroWidthJoiner = '\u200d'

func endsInColon(s string) bool {
	s = strings.TrimRight(s, "*_ \t\u00a0")
	return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "\uff1a")
}
