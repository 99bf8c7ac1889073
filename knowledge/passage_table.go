package knowledge

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// Tables of HTML inside Markdown are read as Markdown's own: one block a row.
// To goldmark they are pieces of HTML that end at the next empty line, so they
// are taken out first, and come back where they stood.

// htmlTables finds the tables of HTML in a parsed body, in order; one that does
// not end, or has no row, is none.
func (w *blockWalker) htmlTables(doc ast.Node) []span {
	if !containsTag(w.body, "table") {
		return nil
	}
	var tables []span
	look := func(start, stop int) bool {
		for i := start; i < stop; i++ {
			if n := len(tables); n > 0 && i < tables[n-1].end {
				i = tables[n-1].end - 1
				continue
			}
			if w.body[i] != '<' || readTag(w.body[i:]).name != "table" {
				continue
			}
			end := tableEnd(w.body, i)
			if end < 0 {
				return false // what follows is most likely not closed either
			}
			if containsTag(w.body[i:end], "tr") {
				tables = append(tables, span{i, end})
			}
		}
		return true
	}
	ok := true
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.HTMLBlock:
			if n.HTMLBlockType < ast.HTMLBlockType6 {
				return ast.WalkContinue, nil
			}
			for i := 0; i < n.Lines().Len() && ok; i++ {
				ok = look(n.Lines().At(i).Start, n.Lines().At(i).Stop)
			}
		case *ast.CodeBlock: // see blockWalker.block: most often indented prose
			for i := 0; i < n.Lines().Len() && ok; i++ {
				ok = look(n.Lines().At(i).Start, n.Lines().At(i).Stop)
			}
		case *ast.RawHTML:
			for i := 0; i < n.Segments.Len() && ok; i++ {
				ok = look(n.Segments.At(i).Start, n.Segments.At(i).Stop)
			}
		}
		if !ok {
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return tables
}

// blankTables replaces tables by blanks that end a paragraph, byte for byte.
func blankTables(src []byte, tables []span) []byte {
	out := append([]byte(nil), src...)
	for _, t := range tables {
		for i := t.start; i < t.end; i++ {
			if out[i] != '\n' && i > t.start+1 && i < t.end-2 {
				out[i] = ' '
			} else {
				out[i] = '\n'
			}
		}
	}
	return out
}

// tag is what an angle bracket opens.
type tag struct {
	name    string // lower case; empty for none
	closing bool
	attrs   string
	size    int
}

// readTag reads the tag that s begins with.
func readTag(s string) tag {
	end := strings.IndexByte(s[:min(len(s), maxTagBytes)], '>')
	if end < 2 || s[0] != '<' {
		return tag{}
	}
	t := tag{size: end + 1}
	inner := s[1:end]
	if inner, t.closing = strings.CutPrefix(inner, "/"); inner == "" {
		return tag{}
	}
	stop := 0
	for stop < len(inner) && (isLetter(inner[stop]) || inner[stop] >= '0' && inner[stop] <= '9') {
		stop++
	}
	t.name, t.attrs = strings.ToLower(inner[:stop]), inner[stop:]
	return t
}

// maxTagBytes bounds how long a tag may be, so that text full of opening
// brackets is read in one pass.
const maxTagBytes = 2000

func containsTag(s, name string) bool {
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			return false
		}
		s = s[i+1:]
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			return true
		}
	}
}

// tableEnd returns where the table that begins at start ends; -1 when it does
// not.
func tableEnd(body string, start int) int {
	depth := 0
	for i := start; i < len(body); i++ {
		if body[i] != '<' {
			continue
		}
		t := readTag(body[i:])
		if t.name != "table" {
			continue
		}
		if !t.closing {
			depth++
		} else if depth--; depth == 0 {
			return i + t.size
		}
	}
	return -1
}

// htmlCell is a cell of a table of HTML; start and end bound its content.
type htmlCell struct {
	span
	heads            bool // <th>
	columns, rows    int
	repeated         bool // reaches down from a row above
	repeatedFromText string
}

type htmlRow struct {
	start int
	head  bool
	cells []htmlCell
}

// tablesBefore adds the blocks of tables that begin before the offset at.
func (w *blockWalker) tablesBefore(at int) {
	for len(w.tables) > 0 && w.tables[0].start < at {
		t := w.tables[0]
		w.tables = w.tables[1:]
		w.htmlTable(t)
	}
}

func (w *blockWalker) htmlTable(t span) {
	rows, caption := readTable(w.original, t)
	w.run++
	first := true
	add := func(b block) {
		if first { // it holds the opening tag
			b.start = t.start
		}
		first = false
		w.blocks = append(w.blocks, b)
	}
	if caption.end > caption.start {
		b := block{kind: blockParagraph}
		w.tagsOf(&b.plain, caption)
		add(b)
	}
	heads := headRows(w.original, rows)
	if heads > 0 {
		w.addHeadRows(add, rows[:heads])
	}
	var above []htmlCell
	for i, r := range rows[heads:] {
		cells := spread(r, above)
		above = cells
		b := block{kind: blockRow, start: r.start, group: i > 0 || heads > 0, run: w.run}
		plains := make([]plainText, len(cells))
		for k, c := range cells {
			plains[k] = w.cellText(c, r.start)
		}
		for k := range cells {
			cells[k].repeatedFromText = string(plains[k].buf)
		}
		b.setCells(plains)
		add(b)
	}
}

// addHeadRows adds one block for all rows of a table's head: a column's name is
// what its cells say from top to bottom.
func (w *blockWalker) addHeadRows(add func(block), rows []htmlRow) {
	b := block{kind: blockHeader, start: rows[0].start, run: w.run}
	var shown []plainText
	var above []htmlCell
	for _, r := range rows {
		cells := spread(r, above)
		above = cells
		for k := range cells {
			p := w.cellText(cells[k], r.start)
			cells[k].repeatedFromText = string(p.buf)
			name := collapse(p.String())
			for len(b.cells) <= k {
				b.cells = append(b.cells, "")
			}
			if !cells[k].repeated && name != "" {
				b.cells[k] = strings.TrimSpace(b.cells[k] + " " + name)
			}
			if !cells[k].repeated {
				shown = append(shown, p)
			}
		}
	}
	b.plain.cells(shown)
	add(b)
}

// cellText is what a cell says; what reaches down from a row above stands nowhere
// in this one.
func (w *blockWalker) cellText(c htmlCell, rowStart int) plainText {
	var p plainText
	if c.repeated {
		p.synthetic(c.repeatedFromText, rowStart, rowStart, false)
		return p
	}
	w.tagsOf(&p, c.span)
	return p
}

// tagsOf appends the text of a piece of HTML that was taken out of the body.
func (w *blockWalker) tagsOf(p *plainText, s span) {
	original := *w
	original.body = w.original
	original.tags(p, s.start, s.end)
}

// readTable reads the rows of a table, and where its caption stands. Tables
// inside cells are text of these.
func readTable(body string, t span) (rows []htmlRow, caption span) {
	var row *htmlRow
	var cell *htmlCell
	head, depth := false, 0
	closeCell := func(at int) {
		if cell != nil {
			cell.end = at
			row.cells = append(row.cells, *cell)
			cell = nil
		}
	}
	closeRow := func(at int) {
		closeCell(at)
		if row != nil && len(row.cells) > 0 {
			rows = append(rows, *row)
		}
		row = nil
	}
	for i := t.start; i < t.end; {
		if body[i] != '<' {
			i++
			continue
		}
		if strings.HasPrefix(body[i:], "<!--") {
			n, _ := tagLength(body[i:t.end])
			i += n
			continue
		}
		g := readTag(body[i:t.end])
		if g.name == "table" {
			if g.closing {
				depth--
			} else {
				depth++
			}
		}
		if depth == 1 {
			switch g.name {
			case "caption":
				if g.closing {
					caption.end = i
				} else {
					caption.start = i + g.size
				}
			case "thead":
				head = !g.closing
			case "tbody", "tfoot":
				head = false
			case "tr":
				closeRow(i)
				if !g.closing {
					row = &htmlRow{start: i, head: head}
				}
			case "td", "th":
				closeCell(i)
				if g.closing {
					break
				}
				if row == nil {
					row = &htmlRow{start: i, head: head}
				}
				cell = &htmlCell{
					span: span{start: i + g.size}, heads: g.name == "th",
					columns: attribute(g.attrs, "colspan"), rows: attribute(g.attrs, "rowspan"),
				}
			}
		}
		i += max(g.size, 1)
	}
	closeRow(t.end)
	return rows, caption
}

// What bounds tables: how many columns or rows a cell may reach over, and beyond
// how many columns it counts as one.
const (
	maxSpan    = 50
	maxColumns = 100
)

func attribute(attrs, name string) int {
	for from := 0; from < len(attrs); {
		i := strings.IndexByte(attrs[from:], '=')
		if i < 0 {
			return 1
		}
		key := strings.TrimSpace(attrs[from : from+i])
		rest := strings.TrimLeft(attrs[from+i+1:], " \t\n\"'")
		if len(key) >= len(name) && strings.EqualFold(key[len(key)-len(name):], name) {
			end := 0
			for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
				end++
			}
			n, err := strconv.Atoi(rest[:end])
			if err != nil {
				return 1
			}
			return min(max(n, 1), maxSpan)
		}
		from = len(attrs) - len(rest)
	}
	return 1
}

// headRows counts the rows that name the columns: those in a head, those of
// cells for heads alone, or a first row that is all bold.
func headRows(body string, rows []htmlRow) int {
	n := 0
	for n < len(rows) {
		r := rows[n]
		all := true
		for _, c := range r.cells {
			all = all && c.heads
		}
		if !r.head && !all {
			break
		}
		n++
	}
	if n > 0 || len(rows) < 2 {
		return n
	}
	said := false
	for _, c := range rows[0].cells {
		content := strings.TrimSpace(body[c.start:c.end])
		if content == "" {
			continue
		}
		first := readTag(content).name
		if first == "p" {
			content = strings.TrimSpace(content[readTag(content).size:])
			first = readTag(content).name
		}
		if first != "b" && first != "strong" {
			return 0
		}
		said = true
	}
	if said {
		return 1
	}
	return 0
}

// spread gives a row one cell for each column: a cell that reaches over several
// columns or rows says the same in each.
func spread(r htmlRow, above []htmlCell) []htmlCell {
	var out []htmlCell
	next := 0
	place := func() bool {
		k := len(out)
		if k < len(above) && above[k].rows > 1 {
			c := above[k]
			c.rows--
			c.repeated = true
			out = append(out, c)
			return true
		}
		return false
	}
	for next < len(r.cells) {
		if place() {
			continue
		}
		c := r.cells[next]
		next++
		for k := range c.columns {
			if k > 0 && len(out) >= maxColumns {
				break
			}
			out = append(out, c)
		}
	}
	for reaches := place(); reaches; reaches = place() {
		continue // all that reaches down at the end of the row
	}
	return out
}
