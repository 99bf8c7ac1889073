package knowledge

import (
	"bytes"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/internal/text"
)

// blockKind tells the smallest blocks of a body apart.
type blockKind int

const (
	blockParagraph blockKind = iota
	blockHeading
	blockItem // a paragraph that opens an item of a list
	blockCode
	blockHeader // the first row of a table
	blockRow
	blockHTML
	blockOther // has no text: a rule, a link definition
)

// block is a leaf of a body's structure. It reaches from start to where the
// next one starts.
type block struct {
	kind   blockKind
	level  int    // of a heading, from 1
	start  int    // byte offset of the line that the block begins on
	depth  int    // containers around it: lists, items, quotes
	group  bool   // continues the list or table that the block before it is in
	marker string // of a list item, as PlainText shows it: "- ", "3. "
	plain  plainText
	cells  []string // of a table's row, without marks
	run    int      // names the outermost list, or the table, that it is part of; 0 for none
	item   int      // of what is inside an item: the place of the block that opens it, plus one
	keep   bool     // a row of a table that fits into one passage
}

func (b block) isSectionHeading() bool { return b.kind == blockHeading && b.depth == 0 }

func (b block) rank() borderRank {
	switch {
	case b.isSectionHeading():
		return borderHeading
	case !b.group:
		return borderBlock
	case b.kind == blockRow && b.keep:
		return borderRow
	case b.kind == blockRow, b.kind == blockItem && b.depth <= 2:
		return borderItem
	default:
		return borderNested
	}
}

// innerBorder is a place inside a block where it may be cut.
type innerBorder struct {
	at   int
	rank borderRank
}

// innerBorders finds the borders of sentences in running text and of lines in
// code, as offsets into the body.
func (b block) innerBorders(body, locale string) []innerBorder {
	switch b.kind {
	case blockHeading, blockHeader, blockOther:
		return nil
	case blockCode, blockHTML:
		return b.lineBorders(body)
	case blockParagraph, blockItem, blockRow:
	}
	return b.sentenceBorders(body, locale)
}

func (b block) sentenceBorders(body, locale string) []innerBorder {
	var borders []innerBorder
	plain := b.plain.String()
	spans := sentence.Split(plain, locale)
	for i := 1; i < len(spans); i++ {
		prev, next := b.plain.sourceEnd(spans[i-1].End), b.plain.sourceStart(spans[i].Start)
		if prev >= next {
			continue
		}
		// Marks that close behind a sentence stay with it, those that open
		// before the next one go with that: the blank between them decides.
		at := next
		if j := strings.IndexFunc(body[prev:next], unicode.IsSpace); j >= 0 {
			at = prev + j
		}
		rank := borderSentence
		if b.plain.insideMark(spans[i-1].End) && b.plain.insideMark(spans[i].Start) {
			rank = borderWord
		}
		borders = append(borders, innerBorder{at, rank})
	}
	return borders
}

func (b block) lineBorders(body string) []innerBorder {
	var borders []innerBorder
	for _, r := range b.plain.runs {
		if r.verbatim && strings.HasSuffix(body[r.src:r.srcEnd], "\n") {
			borders = append(borders, innerBorder{r.srcEnd, borderNested})
		}
	}
	return borders
}

// markdownParser is made when first needed and shared: it keeps nothing of what
// it parses.
var markdownParser = sync.OnceValue(newMarkdownParser)

// newMarkdownParser makes a parser for GitHub's tables, strike-through and task
// lists beside CommonMark.
func newMarkdownParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(parser.NewHTMLBlockParser(), 900),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(append(parser.DefaultInlineParsers(),
			util.Prioritized(extension.NewStrikethroughParser(), 500),
			util.Prioritized(extension.NewTaskCheckBoxParser(), 0))...),
		parser.WithParagraphTransformers(append(parser.DefaultParagraphTransformers(),
			util.Prioritized(extension.NewTableParagraphTransformer(), 200))...),
		parser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)),
	)
}

// What a body may hold for it to be read as Markdown. Beyond these, which no
// article written by a person comes near, the parser's time and memory grow
// with the square of the input, so the body is read as plain paragraphs.
const (
	maxContainersOnLine = 64
	maxMarksInParagraph = 2000
	maxTableCells       = 200_000
)

func isReadableMarkdown(body string) bool {
	marks, pipes, lines := 0, 0, 0
	for line := range strings.Lines(body) {
		containers, prefix := 0, true
		linePipes := 0
		for i := 0; i < len(line); i++ {
			switch c := line[i]; c {
			case '>', '-', '+', '*', '.', ')':
				if prefix {
					containers++
				}
				if c == '*' {
					marks++
				}
			case ' ', '\t', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			case '|':
				prefix = false
				linePipes++
			case '_', '~', '[', '!', '`', '<':
				prefix = false
				marks++
			default:
				prefix = false
			}
		}
		if strings.TrimSpace(line) == "" {
			marks, pipes, lines = 0, 0, 0
			continue
		}
		lines++
		pipes = max(pipes, linePipes)
		if marks > maxMarksInParagraph || pipes*lines > maxTableCells ||
			containers > maxContainersOnLine && strings.Trim(line, "-*_ \t\n") != "" {
			return false
		}
	}
	return true
}

// parseBlocks takes a body apart into leaf blocks, in order, with strictly
// increasing starts.
func parseBlocks(body string) []block { return parseBlocksWith(body, true) }

// parseBlocksWith is parseBlocks, with or without the targets of links.
func parseBlocksWith(body string, urls bool) []block {
	if text.IsBlank(body) {
		return nil
	}
	w := blockWalker{body: body, original: body, src: []byte(body), urls: urls}
	if !isReadableMarkdown(body) {
		w.plainParagraphs()
		return w.blocks
	}
	doc := markdownParser().Parse(gmtext.NewReader(w.src))
	if w.tables = w.htmlTables(doc); len(w.tables) > 0 {
		w.src = blankTables(w.src, w.tables)
		w.body = string(w.src)
		doc = markdownParser().Parse(gmtext.NewReader(w.src))
	}
	w.children(doc, 0, "")
	w.tablesBefore(len(body))
	if len(w.blocks) == 0 {
		w.add(block{kind: blockOther}) // marks that mark nothing, such as ">"
	}
	return w.blocks
}

// blockWalker collects the leaf blocks of a parsed body.
type blockWalker struct {
	body     string // with blanks for tables of HTML
	original string
	src      []byte
	urls     bool // show the targets of links
	blocks   []block
	tables   []span // tables of HTML that are still to come
	run      int    // the last run's name
	inRun    int    // the run that the walk is in; 0 outside
	item     int    // the place, plus one, of the block that opens the item that the walk is in
}

// plainParagraphs reads the body as paragraphs between empty lines.
func (w *blockWalker) plainParagraphs() {
	from, at := -1, 0
	flush := func(end int) {
		if from >= 0 {
			b := block{start: from}
			b.plain.lines(w.body, []span{{from, end}})
			w.add(b)
		}
		from = -1
	}
	for line := range strings.Lines(w.body) {
		switch {
		case strings.TrimSpace(line) == "":
			flush(at)
		case from < 0:
			from = at
		}
		at += len(line)
	}
	flush(at)
}

// add appends a block unless it would begin where the one before it does.
func (w *blockWalker) add(b block) {
	w.tablesBefore(b.start)
	if n := len(w.blocks); n > 0 && b.start <= w.blocks[n-1].start {
		return
	}
	if b.run == 0 {
		b.run = w.inRun
	}
	b.item = w.item
	w.blocks = append(w.blocks, b)
}

// enter begins a run, unless the walk is in one, and returns what ends it.
func (w *blockWalker) enter() (leave func()) {
	before := w.inRun
	if before == 0 {
		w.run++
		w.inRun = w.run
	}
	return func() { w.inRun = before }
}

// lineStart returns where the line that holds the offset pos begins.
func (w *blockWalker) lineStart(pos int) int {
	pos = min(max(pos, 0), len(w.src))
	return bytes.LastIndexByte(w.src[:pos], '\n') + 1
}

func (w *blockWalker) children(n ast.Node, depth int, marker string) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.block(c, depth, marker)
		marker = ""
	}
}

func (w *blockWalker) block(n ast.Node, depth int, marker string) {
	b := block{start: w.lineStart(n.Pos()), depth: depth, group: depth > 0 && n.PreviousSibling() != nil}
	switch n := n.(type) {
	case *ast.List:
		w.list(n, depth)
		return
	case *ast.Blockquote:
		w.children(n, depth+1, marker)
		return
	case *extast.Table:
		w.table(n, depth)
		return
	case *ast.Heading:
		b.kind, b.level = blockHeading, n.Level
		if !w.isHeading(n) {
			b.kind = blockParagraph
		}
		w.inlines(&b.plain, n, false)
	case *ast.Paragraph, *ast.TextBlock:
		if marker == "" && w.bareRows(n, depth) {
			return
		}
		if marker != "" {
			b.kind, b.marker = blockItem, marker
			b.group = w.continuesList(n)
		}
		w.inlines(&b.plain, n, false)
	case *ast.CodeBlock:
		// Text indented by four blanks: editors paste indented prose far more
		// often than they mean code by it.
		var lines []span
		for i := range n.Lines().Len() {
			l := n.Lines().At(i)
			lines = append(lines, span{l.Start, l.Stop})
		}
		b.plain.lines(w.body, lines)
	case *ast.FencedCodeBlock:
		b.kind = blockCode
		for i := range n.Lines().Len() {
			l := n.Lines().At(i)
			b.plain.verbatim(w.body, l.Start, l.Stop, false)
		}
	case *ast.HTMLBlock:
		b.kind = blockHTML
		w.html(&b.plain, n)
	default:
		b.kind = blockOther
	}
	w.add(b)
}

func (w *blockWalker) list(n *ast.List, depth int) {
	number, outer := n.Start, w.item
	defer w.enter()()
	defer func() { w.item = outer }()
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		marker := "- "
		if n.IsOrdered() {
			marker = itoa(number) + string(n.Marker) + " "
			number++
		}
		if item.FirstChild() == nil {
			w.add(block{kind: blockOther, start: w.lineStart(item.Pos()), depth: depth + 2, group: true})
			continue
		}
		w.item = outer
		w.itemChildren(item, depth+2, marker)
	}
}

// itemChildren walks what is in an item: all but its first block are inside it.
func (w *blockWalker) itemChildren(item ast.Node, depth int, marker string) {
	for c := item.FirstChild(); c != nil; c = c.NextSibling() {
		before := len(w.blocks)
		w.block(c, depth, marker)
		if marker != "" && len(w.blocks) > before {
			w.item = before + 1
		}
		marker = ""
	}
}

// continuesList reports whether an item's first paragraph stands in any but the
// first item of a list that is not itself in one.
func (w *blockWalker) continuesList(n ast.Node) bool {
	item := n.Parent()
	if item == nil || item.Parent() == nil {
		return false
	}
	list := item.Parent()
	return item.PreviousSibling() != nil || list.Parent() != nil && list.Parent().Kind() != ast.KindDocument
}

func (w *blockWalker) table(n *extast.Table, depth int) {
	w.run++
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		b := block{kind: blockRow, start: w.lineStart(row.Pos()), depth: depth, group: true, run: w.run}
		if row.Kind() == extast.KindTableHeader {
			b.kind, b.group = blockHeader, depth > 0
		}
		var cells []plainText
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			var p plainText
			w.inlines(&p, cell, false)
			cells = append(cells, p)
		}
		b.setCells(cells)
		w.add(b)
	}
}

func (b *block) setCells(cells []plainText) {
	b.plain.cells(cells)
	for _, c := range cells {
		b.cells = append(b.cells, collapse(c.String()))
	}
}

// bareRows reads a paragraph as the rows of a table when all its lines are
// framed by bars: the rest of a table that was cut off from its head.
func (w *blockWalker) bareRows(n ast.Node, depth int) bool {
	lines := n.Lines()
	if lines == nil || lines.Len() == 0 {
		return false
	}
	for i := range lines.Len() {
		l := lines.At(i)
		s := strings.TrimSpace(w.body[l.Start:l.Stop])
		if len(s) < 3 || s[0] != '|' || s[len(s)-1] != '|' {
			return false
		}
	}
	w.run++
	for i := range lines.Len() {
		l := lines.At(i)
		b := block{kind: blockRow, start: w.lineStart(l.Start), depth: depth, group: i > 0, run: w.run}
		b.setCells(bareCells(w.body, l.Start, l.Stop))
		w.add(b)
	}
	return true
}

func bareCells(body string, start, stop int) []plainText {
	var cells []plainText
	from := -1
	for i := start; i < stop; i++ {
		if body[i] != '|' || i > start && body[i-1] == '\\' {
			continue
		}
		if from >= 0 {
			var p plainText
			s := body[from:i]
			lead := len(s) - len(strings.TrimLeft(s, " \t"))
			p.prose(body, from+lead, from+len(strings.TrimRight(s, " \t")), false)
			cells = append(cells, p)
		}
		from = i + 1
	}
	return cells
}

// maxHeadingChars bounds what is taken for a heading, in characters.
const maxHeadingChars = 300

// isHeading refuses what only looks like a heading: a paragraph of several
// lines, or a long one, above a line of dashes, or above a single dash.
func (w *blockWalker) isHeading(n *ast.Heading) bool {
	lines := n.Lines()
	if lines.Len() == 0 {
		return false
	}
	if utf8.RuneCountInString(w.body[lines.At(0).Start:lines.At(lines.Len()-1).Stop]) > maxHeadingChars {
		return false
	}
	last := lines.At(lines.Len() - 1)
	first := strings.TrimLeft(w.body[w.lineStart(lines.At(0).Start):lines.At(0).Start], " \t>")
	if strings.HasPrefix(first, "#") || strings.Contains(first, "#") {
		return true
	}
	if lines.Len() > 1 {
		return false
	}
	underline, _, _ := strings.Cut(strings.TrimLeft(w.body[last.Stop:], "\n"), "\n")
	return len(strings.Trim(underline, " \t>")) >= 3
}
