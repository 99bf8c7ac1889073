package knowledge

import "strings"

// TidyMarkdown is Markdown without HTML blocks, for models to read: tables of HTML
// become tables of Markdown, other blocks their text, comments and scripts nothing.
// What is Markdown already stays as it is.
func TidyMarkdown(markdown string) string {
	if !strings.Contains(markdown, "<") {
		return markdown
	}
	blocks := parseBlocks(markdown)
	var out strings.Builder
	for i, b := range blocks {
		start, end := b.start, len(markdown)
		if i == 0 {
			start = 0
		}
		if i+1 < len(blocks) {
			end = blocks[i+1].start
		}
		raw := markdown[start:end]
		opens := strings.HasPrefix(strings.TrimSpace(raw), "<")
		switch {
		case b.kind == blockHTML, opens && b.kind == blockParagraph && readTag(strings.TrimSpace(raw)).name == "table":
			if text := strings.Join(plainLines(b.plain.String()), "\n"); text != "" {
				out.WriteString(text + "\n\n")
			}
		case opens && (b.kind == blockRow || b.kind == blockHeader):
			first := i == 0 || blocks[i-1].run != b.run
			last := i+1 == len(blocks) || blocks[i+1].run != b.run
			writeRow(&out, b, first)
			if last {
				out.WriteString("\n")
			}
		default:
			out.WriteString(raw)
		}
	}
	return strings.TrimSpace(out.String())
}

// writeRow writes a row of a table; a first one that is no head gets an empty one.
func writeRow(out *strings.Builder, b block, first bool) {
	rule := strings.Repeat("---|", len(b.cells))
	if first && b.kind == blockRow {
		out.WriteString("|" + strings.Repeat(" |", len(b.cells)) + "\n|" + rule + "\n")
	}
	out.WriteString("|")
	for _, c := range b.cells {
		out.WriteString(" " + strings.ReplaceAll(c, "|", "\\|") + " |")
	}
	out.WriteString("\n")
	if b.kind == blockHeader {
		out.WriteString("|" + rule + "\n")
	}
}
