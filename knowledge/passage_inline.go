package knowledge

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// inlines appends the text of n's inline children.
func (w *blockWalker) inlines(p *plainText, n ast.Node, inside bool) {
	breaks := w.lineBreaks(n)
	w.inlineChildren(p, n, inside, breaks)
}

func (w *blockWalker) inlineChildren(p *plainText, n ast.Node, inside bool, breaks lineBreaks) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			w.text(p, c, n.Kind() == ast.KindCodeSpan, inside, breaks)
		case *ast.String:
			p.synthetic(string(c.Value), p.srcEnd(), p.srcEnd(), inside)
		case *ast.AutoLink:
			label := c.Label(w.src)
			at := c.Pos() + 1
			if at > 0 && at+len(label) <= len(w.src) && bytes.Equal(w.src[at:at+len(label)], label) {
				p.verbatim(w.body, at, at+len(label), true)
			}
		case *ast.RawHTML:
			for i := range c.Segments.Len() {
				s := c.Segments.At(i)
				w.tags(p, s.Start, s.Stop)
			}
		case *ast.Link:
			w.link(p, c, breaks)
		case *extast.TaskCheckBox:
		default:
			w.inlineChildren(p, c, true, breaks)
		}
	}
}

func (w *blockWalker) text(p *plainText, n *ast.Text, code, inside bool, breaks lineBreaks) {
	start, stop := n.Segment.Start, n.Segment.Stop
	if code {
		p.verbatim(w.body, start, stop, true)
		return
	}
	p.prose(w.body, start, stop, inside)
	if !n.SoftLineBreak() && !n.HardLineBreak() {
		return
	}
	sep := " "
	if n.HardLineBreak() || breaks.deliberate(w.body, stop) {
		sep = "\n"
	}
	p.synthetic(sep, stop, stop, inside)
}

// link appends a link's text and, where customers could follow it and it is not
// the text itself, its target in brackets.
func (w *blockWalker) link(p *plainText, n *ast.Link, breaks lineBreaks) {
	from := len(p.buf)
	w.inlineChildren(p, n, true, breaks)
	target := string(n.Destination)
	shown := strings.TrimSpace(string(p.buf[from:]))
	bare := strings.TrimPrefix(strings.TrimPrefix(target, "mailto:"), "tel:")
	if !w.urls || !isShownTarget(target) || strings.EqualFold(shown, target) || strings.EqualFold(shown, bare) {
		return
	}
	at := p.srcEnd()
	if shown != "" {
		p.synthetic(" (", at, at, true)
	}
	// The target of a reference stands elsewhere; an inline one follows.
	if i := strings.Index(w.body[at:min(len(w.body), at+len(target)+64)], bare); i >= 0 {
		p.verbatim(w.body, at+i, at+i+len(bare), true)
		at += i + len(bare)
	} else {
		p.synthetic(bare, at, at, true)
	}
	if shown != "" {
		end := at
		if strings.HasPrefix(w.body[at:], ")") {
			end++
		}
		p.synthetic(")", at, end, true)
	}
}

func isShownTarget(target string) bool {
	for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
		if len(target) > len(scheme) && strings.EqualFold(target[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}
