package entity

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/purser-desk/purser/internal/text"
)

// linkPattern is a Markdown link from its text's end on.
var linkPattern = regexp.MustCompile(`^\]\(\s*<?([^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+["'(][^)]*)?\s*\)`)

// maxLink is how many bytes a Markdown link's destination and title may have.
const maxLink = 2100

// addresses finds web and e-mail addresses. Spans may overlap; the caller
// keeps the first and longest.
func addresses(f *folded) []Entity {
	s := f.text
	out := appendEmails(nil, f)
	eachScheme(s, func(start, end int, slashed bool) {
		if slashed {
			out = appendURL(out, f, start, end)
			return
		}
		end = start + len(trimAddress(s[start:end]))
		out = append(out, f.entity(URL, start, end, strings.ToLower(s[start:end])))
	})
	for i := strings.Index(s, "]("); i >= 0; {
		if m := linkPattern.FindStringSubmatchIndex(s[i:min(len(s), i+maxLink)]); m != nil {
			out = appendLink(out, f, i+m[2], i+m[3])
		}
		next := strings.Index(s[i+2:], "](")
		if next < 0 {
			break
		}
		i += 2 + next
	}
	eachHost(s, func(start, end int) { out = appendBareHosts(out, f, start, end) })
	return out
}

func (f *folded) entity(kind Kind, start, end int, values ...string) Entity {
	p := f.span(start, end)
	return Entity{Span: p, Kind: kind, Value: values[0], Values: values, Text: p.In(f.orig)}
}

func appendEmails(out []Entity, f *folded) []Entity {
	s := f.text
	eachEmail(s, func(local text.Span, hostStart int) {
		name := strings.TrimLeft(local.In(s), ".'-%+")
		label := labelEnd(s, hostStart)
		host, end := validHost(s, hostStart, hostRunEnd(s, label))
		if host == "" || name == "" {
			return
		}
		out = append(out, f.entity(Email, local.End-len(name), end, strings.ToLower(name)+"@"+host))
	})
	return out
}

// dotForm says how a dot was written.
type dotForm uint8

const (
	dotPlain     dotForm = iota // "skerry.example"
	dotBracketed                // "skerry[.]example", "skerry (dot) example"
	dotSpelled                  // "skerry dot example"
	dotDoubtful                 // "skerry . example", "skerry punto example": may be prose
)

// hostLabel is one label of a host as it stands in the text, with how the dot
// before it was written.
type hostLabel struct {
	text string
	end  int
	dot  dotForm
}

func hostLabels(s string, start, end int) []hostLabel {
	var out []hostLabel
	l := hostLabel{}
	begin := start
	for i := start; i < end; {
		if s[i] == '.' {
			l.text, l.end = s[begin:i], i
			out = append(out, l)
			i++
			begin, l = i, hostLabel{}
			continue
		}
		if s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || strings.IndexByte("[({<", s[i]) >= 0 {
			m := s[i:min(end, i+hiddenDotLen(s, i))]
			if m == "" {
				break
			}
			l.text, l.end = s[begin:i], i
			out = append(out, l)
			i += len(m)
			begin, l = i, hostLabel{dot: formOfDot(m)}
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	l.text, l.end = s[begin:end], end
	return append(out, l)
}

func formOfDot(m string) dotForm {
	switch w := strings.ToLower(strings.TrimSpace(m)); {
	case strings.ContainsAny(m, "[({<"):
		return dotBracketed
	case w == "dot" || w == "d0t":
		return dotSpelled
	}
	return dotDoubtful
}

// validHost returns the longest host name that begins at start and ends in a
// public suffix, in canonical form, and where it ends; "" when there is none.
func validHost(s string, start, end int) (host string, stop int) {
	labels := hostLabels(s, start, hostEnd(s, start, end))
	for n := len(labels); n >= 2; n-- {
		last := labels[n-1]
		last.text = strings.TrimRight(last.text, "-_")
		if !isTopLevel(last, labels[:n]) {
			continue
		}
		parts := make([]string, n)
		for i, l := range labels[:n] {
			parts[i] = l.text
		}
		parts[n-1] = last.text
		return canonicalHost(strings.Join(parts, ".")), last.end - (len(labels[n-1].text) - len(last.text))
	}
	return "", 0
}

// hostEnd is where the host part of an address ends: at a port, path or query.
func hostEnd(s string, start, end int) int {
	if i := strings.IndexAny(s[start:end], ":/?#\\"); i >= 0 {
		return start + i
	}
	return end
}

// isTopLevel reports whether the last label can end a host name. Two-letter
// words that are also domains ("is", "no", "it") do not count where they look
// like the beginning of a sentence whose blank was forgotten, or where "dot"
// may be an ordinary word.
func isTopLevel(last hostLabel, labels []hostLabel) bool {
	t := strings.ToLower(last.text)
	if t == "" || text.IsDigit(t[0]) || labels[len(labels)-2].text == "" {
		return false
	}
	if isCode("top-reserved", t) {
		return last.dot != dotDoubtful || t == "example"
	}
	if a, err := idna.Punycode.ToASCII(t); err == nil {
		t = a
	}
	suffix, managed := publicsuffix.PublicSuffix("x." + t)
	if !managed && !strings.Contains(suffix, ".") {
		return false
	}
	switch {
	case last.dot == dotDoubtful:
		// A name with a hyphen or a digit is no word before an ordinary one.
		name := labels[len(labels)-2].text
		return isCode("top-popular", t) || len(t) == 2 && strings.ContainsAny(name, "-0123456789")
	case len(t) != 2:
		return true
	case last.dot == dotSpelled:
		return isCode("top-country", t)
	case last.dot == dotPlain:
		c := last.text[0]
		return c < 'A' || c > 'Z' || last.text[1] < 'a'
	}
	return true
}

// canonicalHost is the lower-case ASCII form of a host: letters of other
// scripts that look alike stay different.
func canonicalHost(h string) string {
	h = strings.Trim(strings.ToLower(h), ".")
	if u, err := url.PathUnescape(h); err == nil {
		h = strings.ToLower(u)
	}
	if a, err := idna.Lookup.ToASCII(h); err == nil {
		return a
	}
	if a, err := idna.Punycode.ToASCII(h); err == nil {
		return a
	}
	return h
}

// trimAddress cuts the punctuation of the sentence from the end of an address,
// but not a bracket that was opened inside it.
func trimAddress(s string) string {
	for s != "" {
		switch c := s[len(s)-1]; c {
		case '.', ',', ';', ':', '!', '?', '\'', '*', '_', '~', '|', '\\':
			s = s[:len(s)-1]
		case ')', ']', '}':
			if strings.Count(s, string(c)) <= strings.Count(s, string("([{"[strings.IndexByte(")]}", c)])) {
				return s
			}
			s = s[:len(s)-1]
		default:
			r, size := utf8.DecodeLastRuneInString(s)
			if r != '»' && r != '“' && r != '”' && r != '…' && r != '」' {
				return s
			}
			s = s[:len(s)-size]
		}
	}
	return s
}

// appendURL adds the address with a scheme at s[start:end].
func appendURL(out []Entity, f *folded, start, end int) []Entity {
	raw := f.text[start:end]
	if i := strings.Index(raw, "]("); i >= 0 { // a Markdown link whose text is an address
		raw = raw[:i]
	}
	raw = trimAddress(raw)
	v := canonicalURL(raw)
	if v == "" {
		return out
	}
	return append(out, f.entity(URL, start, start+len(raw), v))
}

// canonicalURL brings an address with or without a scheme into the form
// "host/path?query#fragment"; schemes other than the web's are kept.
func canonicalURL(raw string) string {
	raw = strings.ReplaceAll(strings.Map(dropBlanks, raw), `\`, "/")
	scheme, rest := "", raw
	if i := strings.Index(raw, "://"); i >= 0 {
		scheme, rest = strings.ToLower(raw[:i]), strings.TrimLeft(raw[i+3:], "/")
	}
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 { // what stands before it only misleads
		authority = authority[i+1:]
	}
	port := ""
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
		authority, port = authority[:i], authority[i:]
	}
	if port == ":80" || port == ":443" {
		port = ""
	}
	host := canonicalHost(joinHiddenDots(authority))
	if host == "" {
		return ""
	}
	host = strings.TrimPrefix(host, "www.")
	if strings.HasPrefix(tail, "/") {
		tail = strings.TrimRight(tail, "/")
	}
	if scheme == "" || codeOf("scheme", scheme) == "web" {
		return host + port + tail
	}
	return scheme + "://" + host + port + tail
}

func dropBlanks(r rune) rune {
	if r == ' ' || r == '\t' || r == '\n' {
		return -1
	}
	return r
}

// joinHiddenDots makes plain dots of those in brackets.
func joinHiddenDots(h string) string {
	if !strings.ContainsAny(h, "[({<") {
		return h
	}
	var b strings.Builder
	for i := 0; i < len(h); {
		if n := hiddenDotLen(h, i); n > 0 {
			b.WriteByte('.')
			i += n
			continue
		}
		b.WriteByte(h[i])
		i++
	}
	return b.String()
}

// appendLink adds where a Markdown link leads, whatever shape that has.
func appendLink(out []Entity, f *folded, start, end int) []Entity {
	raw := f.text[start:end]
	lower := strings.ToLower(raw)
	switch {
	case strings.HasPrefix(lower, "mailto:"), strings.HasPrefix(lower, "tel:"), strings.HasPrefix(raw, "#"):
		return out // the address, number or heading is an entity by itself, or none
	case strings.Contains(raw, "://"):
		return appendURL(out, f, start, end)
	case strings.HasPrefix(raw, "//"):
		return append(out, f.entity(URL, start, end, canonicalURL("http:"+raw)))
	}
	if host, stop := validHost(f.text, start, end); host != "" && stop <= hostEnd(f.text, start, end) {
		return append(out, f.entity(URL, start, end, canonicalURL(raw)))
	}
	return append(out, f.entity(URL, start, end, raw))
}

// appendBareHosts adds the hosts without a scheme in s[start:end], with the
// port, path and query that follow.
func appendBareHosts(out []Entity, f *folded, start, end int) []Entity {
	s := f.text
	if start > 0 && s[start-1] == '@' {
		return out
	}
	for start < end && (s[start] == '-' || s[start] == '_') {
		start++
	}
	host, stop := validHost(s, start, end)
	if host == "" {
		return appendIPAddress(out, f, start, end)
	}
	// Names of files look like hosts in small countries.
	if inPath := start > 0 && isPathSeparator(s, start); (inPath || strings.Contains(host, "_")) && !isCode("top-popular", host[strings.LastIndexByte(host, '.')+1:]) {
		return out
	}
	tail := ""
	if he := hostEnd(s, start, end); stop == he && he < end {
		tail = trimAddress(s[he:end])
		if tail == "/" || tail == "" || tail == ":" || tail == "?" || tail == "#" {
			tail = ""
		} else {
			stop = he + len(tail)
		}
	}
	v := canonicalURL(host + tail)
	if v == "" {
		return out
	}
	return append(out, f.entity(URL, start, stop, v))
}

// appendIPAddress adds an address of four numbers when a port or path shows
// that it is one.
func appendIPAddress(out []Entity, f *folded, start, end int) []Entity {
	he := hostEnd(f.text, start, end)
	host := f.text[start:he]
	tail := trimAddress(f.text[he:end])
	if a, err := netip.ParseAddr(host); err != nil || !a.Is4() || len(tail) < 2 {
		return out
	}
	return append(out, f.entity(URL, start, he+len(tail), host+strings.TrimRight(tail, "/")))
}

// isPathSeparator reports whether what starts at i is part of a file's path:
// after "/opt/" or "C:\", but not after the "//" of an address.
func isPathSeparator(s string, i int) bool {
	return s[i-1] == '\\' || s[i-1] == '/' && (i < 2 || s[i-2] != '/')
}
