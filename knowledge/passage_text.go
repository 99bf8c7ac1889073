package knowledge

import "strings"

// Markdown is the passage with its context above it, so that it can be read by
// itself: a list with what leads it in, rows with their table's head.
func (p Passage) Markdown() string { return p.withContext().text }

// contextText is a passage below its context, and where each part of it stands
// in the body.
type contextText struct {
	text string
	from []int // where each part begins in text
	at   []int // and in the body
}

func (p Passage) withContext() contextText {
	if len(p.Context) == 0 && !containsTag(p.Text, "t") {
		return contextText{text: p.Text, from: []int{0}, at: []int{p.Start}}
	}
	var c contextText
	var b strings.Builder
	add := func(start int, s string) {
		c.from, c.at = append(c.from, b.Len()), append(c.at, start)
		b.WriteString(s)
	}
	inTable := false
	for _, part := range p.Context {
		add(part.Start, part.Text)
		b.WriteString("\n")
		if inTable = readTag(part.Text).name == "table"; !inTable && !isTableHead(part.Text) {
			b.WriteString("\n") // rows come below their head without an empty line
		}
	}
	// A piece of a table of HTML is made one again.
	switch readTag(p.Text).name {
	case "tr", "tbody":
		if !inTable {
			b.WriteString("<table>")
			inTable = true
		}
	case "":
		if inTable {
			b.WriteString("<tr><td>")
		}
	}
	add(p.Start, p.Text)
	c.text = b.String()
	if inTable || containsTag(p.Text, "table") && !strings.Contains(p.Text, "```") && !strings.Contains(p.Text, "~~~") {
		lower := strings.ToLower(c.text)
		if strings.LastIndex(lower, "<table") > strings.LastIndex(lower, "</table") {
			c.text += "</table>"
		}
	}
	return c
}

// isTableHead reports whether s ends in the line that makes a table's head.
func isTableHead(s string) bool {
	last := s[strings.LastIndexByte(s, '\n')+1:]
	return strings.Contains(last, "-") && strings.Trim(last, "|-:> \t") == ""
}

// body maps an offset in the text to the body; one between two parts to the end
// of the first.
func (c contextText) body(offset int) int {
	k := 0
	for k+1 < len(c.from) && c.from[k+1] <= offset {
		k++
	}
	return c.at[k] + offset - c.from[k]
}

// end maps where something ends, which may be where the next part begins.
func (c contextText) end(offset int) int {
	if offset == 0 {
		return c.at[0]
	}
	return c.body(offset-1) + 1
}

// EmbeddingTemplateVersion names the form of EmbeddingText as far as vectors of
// different forms can't be compared; what only changes passages is a matter of
// ChunkerVersion.
const EmbeddingTemplateVersion = 1

// EmbeddingText is what an embedding model is given for a passage: the
// article's title, the headings above the passage, its context and its text
// without marks or link targets, on lines of their own. A heading that the text
// opens with is not said twice. A row says the name of each column before what
// stands in it.
func EmbeddingText(title string, p Passage) string {
	return passageText(title, p, rowNamed)
}

// WordsText is what a passage is found by with words: EmbeddingText with the
// names of a table's columns once.
func WordsText(title string, p Passage) string {
	return passageText(title, p, rowPlain)
}

func passageText(title string, p Passage, rows rowStyle) string {
	lines := make([]string, 0, 3)
	if t := collapse(title); t != "" {
		lines = append(lines, t)
	}
	text := plainBlocks(p.Markdown(), false, rows)
	path := p.HeadingPath
	for n := len(path); n > 0; n-- {
		first, _, _ := strings.Cut(text, "\n")
		if first != path[n-1] {
			break
		}
		path = path[:n-1]
	}
	if len(path) > 0 {
		lines = append(lines, strings.Join(path, " > "))
	}
	if text != "" {
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

// rowStyle says how the rows of a table are written.
type rowStyle int

const (
	rowPlain rowStyle = iota // "Light: none; EUR 5"
	rowNamed                 // "Light: Bag: none; Seat: EUR 5"
)

// namedRow is a row with its columns' names; false where nothing is gained by
// that.
func namedRow(names, cells []string) (string, bool) {
	if len(names) == 0 || strings.Join(names, "") == "" {
		return "", false
	}
	var b strings.Builder
	for k, cell := range cells {
		if cell == "" {
			continue
		}
		if b.Len() > 0 {
			if k == 1 {
				b.WriteString(": ")
			} else {
				b.WriteString("; ")
			}
		}
		if k > 0 && k < len(names) && names[k] != "" {
			b.WriteString(names[k] + ": ")
		}
		b.WriteString(cell)
	}
	return b.String(), b.Len() > 0
}

// PlainText is a body without marks, for people and models to read: emphasis
// is dropped, links are followed by their targets in brackets, list items keep
// a dash or number, rows read "first: second; third", and blocks are divided by
// empty lines.
func PlainText(markdown string) string { return plainBlocks(markdown, true, rowPlain) }

// plainBlocks is PlainText, with or without the targets of links. Without them,
// what follows is for machines: the head of a table whose rows name their columns
// is left out.
func plainBlocks(markdown string, urls bool, rows rowStyle) string {
	var out strings.Builder
	var names []string
	run := 0
	blocks := parseBlocksWith(markdown, urls)
	for i, b := range blocks {
		lines := plainLines(b.plain.String())
		if rows == rowNamed {
			switch {
			case b.kind == blockHeader:
				names, run = b.cells, b.run
				if i+1 < len(blocks) && blocks[i+1].run == run && strings.Join(names, "") != "" {
					continue
				}
			case b.kind == blockRow && b.run == run:
				if line, ok := namedRow(names, b.cells); ok {
					lines = []string{line}
				}
			}
		}
		if len(lines) == 0 {
			continue
		}
		if out.Len() > 0 {
			out.WriteString("\n")
			if urls && b.rank() <= borderBlock {
				out.WriteString("\n")
			}
		}
		out.WriteString(b.marker)
		out.WriteString(strings.Join(lines, "\n"))
	}
	return out.String()
}

func plainLines(s string) []string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = collapse(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
