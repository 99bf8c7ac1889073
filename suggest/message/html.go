package message

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/purser-desk/purser/internal/text"
)

var (
	htmlStart = regexp.MustCompile(`(?i)^\s*<(!doctype|html|head|body|div|p|br|table|blockquote|span|meta|font|style|b|strong|ul|ol|h[1-6])\b[^>]*>`)
	htmlBlock = regexp.MustCompile(`(?i)</?(div|p|br|table|td|blockquote|ul|li|body|html)\b[^>]*>`)
	htmlEnd   = regexp.MustCompile(`(?i)</?(div|p|br|table|body|html|span|blockquote|font|ul|ol|pre)\b[^>]*>\s*$`)
)

// isHTML reports whether a message is HTML, and not text that shows some.
func isHTML(s string) bool {
	if !strings.Contains(s, "<") || !strings.Contains(s, ">") {
		return false
	}
	blocks := len(htmlBlock.FindAllStringIndex(s, 3))
	switch {
	case htmlStart.MatchString(s):
		return blocks > 0 || htmlEnd.MatchString(s)
	case blocks >= 2 && htmlEnd.MatchString(s):
		return true
	}
	return strings.Count(strings.ToLower(s), "<br") >= 2
}

// element is an open element, with what it means for the text in it.
type element struct {
	tag atom.Atom
	// quote and sign tell that it began a level of quotation, or a signature.
	quote, sign, hidden, pre bool
}

// writer makes lines of HTML.
type writer struct {
	lines []line
	// b is the line that is being written; due tells that a blank comes next.
	b    strings.Builder
	due  bool
	open []element
	// quotes, signs, hides and pres count the open elements of these kinds.
	quotes, signs, hides, pres int
	// header tells that the next line begins a copied header.
	header bool
	// cell counts the cells of a table's row; -1 outside of tables.
	cell int
}

// htmlLines are the lines of an HTML message as a reader sees them. Levels of
// quotation are those of block quotes and of the containers that mail programs
// put around history. It takes time linear in the length of s.
func htmlLines(s string) []line {
	w := writer{cell: -1}
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			w.newline()
			return w.lines
		case html.TextToken:
			if w.hides == 0 {
				w.text(html.UnescapeString(string(z.Raw())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			t := z.Token()
			if strings.ContainsAny(t.Data, "@") || strings.Contains(t.Data, "://") {
				// An address between brackets that nobody escaped.
				if w.hides == 0 {
					w.text(raw)
				}
				continue
			}
			w.start(&t)
		case html.EndTagToken:
			t := z.Token()
			w.end(t.DataAtom)
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// maxHTMLLines bounds what is made of one message.
const maxHTMLLines = 200_000

func (w *writer) newline() {
	s := strings.TrimRight(w.b.String(), " ")
	if s == "" && w.b.Len() == 0 && (len(w.lines) == 0 || w.lines[len(w.lines)-1].blank()) {
		w.due = false
		return
	}
	w.put(s)
}

func (w *writer) put(s string) {
	w.b.Reset()
	w.due = false
	if len(w.lines) >= maxHTMLLines {
		return
	}
	rest, depth := unquoted(s)
	depth += w.quotes
	// What stands in HTML as a number of a character comes to light only here.
	l := line{text: text.Clean(rest), depth: depth, sign: w.signs > 0, header: w.header && s != ""}
	l.raw = strings.Repeat("> ", min(depth, maxDepth)) + l.text
	if l.text == "" {
		l.raw = ""
	}
	w.header = w.header && s == ""
	w.lines = append(w.lines, l)
}

// breakLine ends the line, if one was begun.
func (w *writer) breakLine() {
	if w.b.Len() > 0 {
		w.put(strings.TrimRight(w.b.String(), " "))
	}
	w.due = false
}

// gap leaves an empty line.
func (w *writer) gap() {
	w.breakLine()
	if n := len(w.lines); n > 0 && !w.lines[n-1].blank() {
		w.put("")
	}
}

func (w *writer) text(s string) {
	for _, c := range s {
		if c == '\n' && w.pres > 0 {
			w.put(strings.TrimRight(w.b.String(), " "))
			continue
		}
		// A no-break blank keeps an empty line, and is a blank.
		if c == '\u00a0' || c == '\u202f' || c == '\u2007' {
			if w.due {
				w.due = false
				w.b.WriteByte(' ')
			}
			w.b.WriteByte(' ')
			continue
		}
		if unicode.IsSpace(c) {
			w.due = w.b.Len() > 0 || w.pres > 0
			continue
		}
		if c == '\u200b' || c == '\ufeff' {
			continue
		}
		if w.due {
			w.due = false
			w.b.WriteByte(' ')
		}
		w.b.WriteRune(c)
	}
}

func (w *writer) start(t *html.Token) {
	tag := t.DataAtom
	switch tag {
	case atom.Br:
		if w.b.Len() == 0 {
			w.put("")
		} else {
			w.breakLine()
		}
		return
	case atom.Hr:
		w.breakLine()
		return
	case atom.Img, atom.Meta, atom.Link, atom.Input, atom.Col, atom.Wbr, atom.Base, atom.Area, atom.Source:
		return
	case atom.P, atom.Li, atom.Td, atom.Th, atom.Tr, atom.Dt, atom.Dd, atom.Option:
		w.closeOpen(tag)
	default:
	}
	if t.Type == html.SelfClosingTagToken && tag != atom.Div && tag != atom.P {
		return
	}
	w.before(tag)
	e := element{tag: tag}
	e.hidden = tag == atom.Style || tag == atom.Script || tag == atom.Head || tag == atom.Title || tag == atom.Template || tag == atom.Noscript
	e.pre = tag == atom.Pre || tag == atom.Textarea
	e.quote = tag == atom.Blockquote
	for _, a := range t.Attr {
		w.attribute(&e, a.Key, strings.ToLower(a.Val))
	}
	w.open = append(w.open, e)
	w.count(&e, 1)
}

// before ends the line in front of a block, and puts the cells of a row of a form
// together as "Label: value".
func (w *writer) before(tag atom.Atom) {
	switch tag {
	case atom.P, atom.Ul, atom.Ol, atom.Table, atom.Blockquote, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		if w.cell > 0 && w.b.Len() > 0 && w.isLabel() {
			return
		}
		w.breakLine()
	case atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Pre, atom.Dl, atom.Dt, atom.Dd, atom.Center, atom.Form, atom.Address, atom.Body:
		if w.cell > 0 && w.b.Len() > 0 && w.isLabel() {
			return
		}
		w.breakLine()
	case atom.Tr:
		w.breakLine()
		w.cell = 0
	case atom.Li:
		w.breakLine()
		w.b.WriteString("- ")
	case atom.Td, atom.Th:
		w.cell++
		w.between()
	default:
	}
}

// maxCellLabel is how long the first cell of a row may be and still be a label,
// in bytes.
const maxCellLabel = 60

// between separates two cells: a short first one is the label of the second.
func (w *writer) between() {
	s := strings.TrimSpace(w.b.String())
	if s == "" {
		return
	}
	w.b.Reset()
	w.due = false
	w.b.WriteString(s)
	if w.cell == 2 && len(s) <= maxCellLabel && !endsInColon(s) && !endsSentence(s) {
		w.b.WriteByte(':')
	}
	w.b.WriteByte(' ')
}

// isLabel reports whether the line so far is the label of the next cell.
func (w *writer) isLabel() bool { return endsInColon(strings.TrimSpace(w.b.String())) }

// attribute reads what an attribute tells of an element. The names are those that
// mail programs give their containers; some put "x_" before those of others.
func (w *writer) attribute(e *element, name, value string) {
	switch name {
	case "class", "id", "name":
	case "style":
		squeezed := strings.ReplaceAll(value, " ", "")
		e.hidden = e.hidden || strings.Contains(squeezed, "display:none") || strings.Contains(squeezed, "mso-hide:all")
		e.pre = e.pre || strings.Contains(squeezed, "white-space:pre")
		if strings.Contains(squeezed, "border-top:solid#") && strings.Contains(squeezed, "border:none") {
			w.breakLine()
			w.header = true
		}
		return
	case "hidden":
		e.hidden = true
		return
	default:
		return
	}
	for n := range strings.FieldsSeq(value) {
		n = strings.TrimPrefix(n, "x_")
		switch {
		case n == "divrplyfwdmsg" || n == "appendonsend" || n == "mail-editor-reference-message-container" || n == "olk_src_body_section":
			w.breakLine()
			w.header = true
		case n == "yahoo_quoted" || n == "quote" && name == "name" || n == "zmail_extra" || n == "front-blockquote":
			e.quote = true
		case n == "gmail_signature" || n == "moz-signature" || n == "signature" || n == "ms-outlook-mobile-signature" ||
			n == "protonmail_signature_block" || n == "composer_signature" || n == "applemailsignature" || n == "gmail_signature_prefix":
			e.sign = true
		}
	}
}

func (w *writer) count(e *element, by int) {
	if e.quote {
		w.breakLine()
		w.quotes += by
	}
	if e.sign {
		w.breakLine()
		w.signs += by
	}
	if e.hidden {
		w.hides += by
	}
	if e.pre {
		w.pres += by
	}
}

// maxOpen is how far an end tag looks for its start tag.
const maxOpen = 200

func (w *writer) end(tag atom.Atom) {
	if tag == atom.P {
		w.gapAfterParagraph()
	}
	for i := len(w.open) - 1; i >= 0 && i >= len(w.open)-maxOpen; i-- {
		if w.open[i].tag != tag {
			continue
		}
		w.after(tag)
		for j := len(w.open) - 1; j >= i; j-- {
			w.count(&w.open[j], -1)
		}
		w.open = w.open[:i]
		return
	}
}

func (w *writer) gapAfterParagraph() {
	if w.cell <= 0 {
		w.gap()
	}
}

func (w *writer) after(tag atom.Atom) {
	switch tag {
	case atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Pre, atom.Dl, atom.Dt, atom.Dd, atom.Center,
		atom.Form, atom.Address, atom.Body, atom.Li, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.P:
		if w.cell == 1 {
			return
		}
		w.breakLine()
	case atom.Blockquote, atom.Ul, atom.Ol:
		w.breakLine()
	case atom.Tr:
		w.breakLine()
		w.cell = 0
	case atom.Table:
		w.breakLine()
		w.cell = -1
	default:
	}
}

// closeOpen ends an element of a kind whose end tag may be left out.
func (w *writer) closeOpen(tag atom.Atom) {
	for i := len(w.open) - 1; i >= 0 && i >= len(w.open)-4; i-- {
		switch t := w.open[i].tag; {
		case t == tag || tag == atom.Tr && (t == atom.Td || t == atom.Th) || (tag == atom.Td || tag == atom.Th) && (t == atom.Td || t == atom.Th):
			for j := len(w.open) - 1; j >= i; j-- {
				w.count(&w.open[j], -1)
			}
			w.open = w.open[:i]
			return
		case t == atom.Div || t == atom.Table || t == atom.Blockquote || t == atom.Ul || t == atom.Ol:
			return
		}
	}
}
