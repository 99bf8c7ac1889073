package knowledge

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	gmtext "github.com/yuin/goldmark/text"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/text"
)

// prose tells which entities of a document's text are contacts there: links,
// e-mail addresses, phone numbers and accounts, and domains without a scheme that
// stand in running prose. Code, relative links, includes and names of files hold
// what looks like a domain and is none: account.save, message.im, get-docker.sh.
type prose struct {
	text, language string
	// code are spans and blocks of code, and what is for a program besides.
	code []text.Span
	// blocks are those of them that hold numbers that nobody calls.
	blocks []text.Span
}

// notProse finds what is for a program without being Markdown's code: tags of
// HTML, comments, templates, and lines that include another file.
var notProse = regexp.MustCompile(`(?s)<!--.*?-->|<(?:code|pre|kbd|samp|tt|script|style)\b[^>]*>.*?</|</?[a-zA-Z][\w-]*(?:\s[^<>]*)?/?>|` +
	`\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|\[\[[^\[\]\n]*\]\]|` +
	`(?m:^[ \t]*(?:\.\. |[!@#])?(?:include|import|literalinclude|embed|snippet)\b[^\n]*$|^[ \t]*(?:-+8<-+|<<<)[^\n]*$)`)

func newProse(s, locale string) *prose {
	p := &prose{text: s, language: strings.ToLower(strings.SplitN(locale, "-", 2)[0])}
	if strings.ContainsAny(s, "`~\t") || strings.Contains(s, "    ") {
		p.addCode(s)
	}
	for _, m := range notProse.FindAllStringIndex(s, -1) {
		p.code = append(p.code, text.Span{Start: m[0], End: m[1]})
	}
	return p
}

// addCode finds the spans and blocks of code.
func (p *prose) addCode(s string) {
	if !isReadableMarkdown(s) {
		return
	}
	root := markdownParser().Parse(gmtext.NewReader([]byte(s)))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindCodeSpan:
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					p.code = append(p.code, text.Span{Start: t.Segment.Start, End: t.Segment.Stop})
				}
			}
		case ast.KindCodeBlock, ast.KindFencedCodeBlock:
			for i := range n.Lines().Len() {
				l := n.Lines().At(i)
				p.blocks = append(p.blocks, text.Span{Start: l.Start, End: l.Stop})
			}
		}
		return ast.WalkContinue, nil
	})
	p.code = append(p.code, p.blocks...)
}

// isContact reports whether an entity that leads somewhere is meant to.
func (p *prose) isContact(e entity.Entity) bool {
	switch {
	case e.Kind == entity.Phone:
		return !within(p.blocks, e.Span)
	case e.Kind == entity.Email:
		// "git@host:path" is an account of a program.
		return !within(p.code, e.Span) || e.End >= len(p.text) || p.text[e.End] != ':'
	case e.Kind != entity.URL:
		return true
	case isPrivate(e.Host()):
		return false
	case strings.Contains(e.Text, "://"), strings.HasPrefix(strings.ToLower(e.Text), "www."), strings.HasPrefix(e.Text, "//"):
		return true
	}
	// In disguise, with blanks around a dot, only a stranger writes; or ".NET".
	plain := !strings.ContainsAny(e.Text, " \t\n")
	return plain && !within(p.code, e.Span) && !p.isPath(e) && !p.isFileName(e) && !isNumeric(e.Host())
}

func within(spans []text.Span, s text.Span) bool {
	return slices.ContainsFunc(spans, func(o text.Span) bool { return o.Start <= s.Start && s.End <= o.End })
}

// destination is what stands before where a Markdown link or a definition of one
// leads.
var destination = regexp.MustCompile(`\]\(\s*<?$|(?m:^ {0,3}\[[^\]\n]+\]:[ \t]*<?$)`)

// isPath reports whether what looks like a domain is a relative link, a piece of a
// file's path or a call.
func (p *prose) isPath(e entity.Entity) bool {
	before := p.text[max(0, e.Start-200):e.Start]
	if destination.MatchString(before) {
		return true
	}
	if n := len(before); n > 0 && strings.IndexByte(`/\$#=%`, before[n-1]) >= 0 {
		return true
	}
	after := p.text[e.End:]
	return strings.HasPrefix(after, "()") || strings.HasPrefix(after, `\`)
}

// fileEndings are endings of files that are countries' or other domains, too,
// with the languages in which the domain is the likelier one.
var fileEndings = map[string]string{
	"md": "ro", "mm": "my", "mov": "", "pm": "", "ps": "ar", "py": "gn", "rs": "sr hr bs", "sh": "", "so": "so", "tf": "", "zip": "",
}

// isFileName reports whether what looks like a domain ends as files do.
func (p *prose) isFileName(e entity.Entity) bool {
	host := e.Host()
	languages, is := fileEndings[host[strings.LastIndexByte(host, '.')+1:]]
	return is && !slices.Contains(strings.Fields(languages), p.language)
}

// isNumeric knows addresses of the Internet's protocol, which without a scheme
// are ranges, versions or examples.
func isNumeric(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// isPrivate knows addresses that lead nowhere from outside.
func isPrivate(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && (a.IsPrivate() || a.IsLoopback() || a.IsUnspecified() || a.IsLinkLocalUnicast())
}
