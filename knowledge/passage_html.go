package knowledge

import (
	"strings"

	"github.com/yuin/goldmark/ast"
)

// html appends the text of an HTML block: its tags, comments, scripts and style
// sheets are left out.
func (w *blockWalker) html(p *plainText, n *ast.HTMLBlock) {
	if n.HTMLBlockType >= ast.HTMLBlockType2 && n.HTMLBlockType <= ast.HTMLBlockType5 {
		return // a comment, an instruction, a declaration
	}
	if n.HTMLBlockType == ast.HTMLBlockType1 && !strings.HasPrefix(strings.ToLower(strings.TrimSpace(w.body[n.Pos():])), "<pre") {
		return // a script, a style sheet, a text field
	}
	for i := range n.Lines().Len() {
		l := n.Lines().At(i)
		w.tags(p, l.Start, l.Stop)
	}
}

// tags appends body[start:end] without HTML tags. What stands in angle brackets
// but is not an element of HTML, such as "<your booking code>", is text.
func (w *blockWalker) tags(p *plainText, start, end int) {
	from := start
	for i := start; i < end; {
		if w.body[i] != '<' {
			i++
			continue
		}
		n, isBreak := tagLength(w.body[i:end])
		if n == 0 {
			i++
			continue
		}
		p.prose(w.body, from, i, false)
		if isBreak {
			p.synthetic("\n", i, i+n, false)
		}
		i += n
		from = i
	}
	p.prose(w.body, from, end, false)
}

// tagLength returns the length of the HTML tag or comment that s begins with
// and whether it ends a line; 0 when it begins with none.
func tagLength(s string) (int, bool) {
	if strings.HasPrefix(s, "<!--") {
		if end := strings.Index(s[4:], "-->"); end >= 0 {
			return 4 + end + 3, false
		}
		return len(s), false
	}
	end := strings.IndexByte(s, '>')
	if end < 0 {
		return 0, false
	}
	name := strings.TrimPrefix(s[1:end], "/")
	stop := 0
	for stop < len(name) && (isLetter(name[stop]) || name[stop] >= '0' && name[stop] <= '9') {
		stop++
	}
	rest := name[stop:]
	if stop == 0 || rest != "" && rest[0] != ' ' && rest[0] != '/' && rest[0] != '\t' && rest[0] != '\n' {
		return 0, false
	}
	// "<table number>" is no tag: attributes have values.
	if attrs := strings.TrimSpace(strings.TrimSuffix(rest, "/")); attrs != "" && !strings.Contains(attrs, "=") {
		return 0, false
	}
	known, isBreak := htmlElement(strings.ToLower(name[:stop]))
	if !known {
		return 0, false
	}
	return end + 1, isBreak
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// htmlElement reports whether name is an element that articles use and whether
// it begins or ends a line.
func htmlElement(name string) (known, isBreak bool) {
	switch name {
	case "br", "p", "div", "li", "ul", "ol", "tr", "table", "thead", "tbody", "tfoot", "hr", "dl", "dt", "dd",
		"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "section", "article", "aside", "header", "footer",
		"main", "nav", "details", "summary", "figure", "figcaption", "center", "caption", "form", "fieldset", "td", "th":
		return true, true
	case "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "col", "colgroup", "del", "dfn", "em", "font", "i",
		"iframe", "img", "input", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "source", "span", "strike",
		"strong", "sub", "sup", "time", "tt", "u", "var", "video", "wbr", "audio", "picture", "svg", "button":
		return true, false
	}
	return false, false
}
