package text

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// The patterns run on folded text. A dot may be hidden: "skerry dot example",
// "skerry[.]example", "skerry (punkt) example".
const (
	patLabel     = `[\p{L}\p{M}\p{N}_\-]+`
	patDotWord   = `(?:dot|d0t|punkt|punto|point|ponto|kropka|punt|piste)`
	patHiddenDot = `(?:\s{0,3}[\[({<]\s?(?:\.|` + patDotWord + `)\s?[\])}>]\s{0,3}|[ \t]{1,3}` + patDotWord + `[ \t]{1,3}|[ \t]{1,3}\.[ \t]{0,3})`
	patHost      = patLabel + `(?:(?:\.|` + patHiddenDot + `)` + patLabel + `)+`
	patTail      = `(?::\d{1,5}\b)?(?:[/?#\\][^\s<>"\x60]*)?`
	patHiddenAt  = `\s{0,3}[\[({<]\s?(?:at|@|ät|arroba|chiocciola|małpa|alfakrøll|snabel-a)\s?[\])}>]\s{0,3}|[ \t]{0,2}@[ \t]{0,2}`
)

// patterns are the compiled expressions for web and e-mail addresses.
type patterns struct{ email, scheme, script, host, link *regexp.Regexp }

var addressPatterns = patterns{
	email:  regexp.MustCompile(`(?i)[\p{L}\p{M}\p{N}._%+\-']+(?:` + patHiddenAt + `)` + patHost),
	scheme: regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.\-]{1,15}\s?:\s?[/\\]{2,3}[^\s<>"\x60]+`),
	script: regexp.MustCompile(`(?i)\b(?:javascript|vbscript|data:[a-z]+/|intent|sms):[^\s<>"\x60]+`),
	host:   regexp.MustCompile(`(?i)` + patHost + patTail),
	link:   regexp.MustCompile(`\]\(\s*<?([^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+["'(][^)]*)?\s*\)`),
}

// addresses finds web and e-mail addresses. Spans may overlap; the caller
// keeps the first and longest.
func addresses(f *folded) []Figure {
	s := f.text
	var out []Figure
	if strings.Contains(s, "@") || strings.ContainsAny(s, "[({<") {
		out = appendEmails(out, f)
	}
	if strings.Contains(s, "/") || strings.Contains(s, `\`) || strings.Contains(s, ":") {
		for _, m := range addressPatterns.scheme.FindAllStringIndex(s, -1) {
			out = appendURL(out, f, m[0], m[1])
		}
		for _, m := range addressPatterns.script.FindAllStringIndex(s, -1) {
			end := m[0] + len(trimAddress(s[m[0]:m[1]]))
			out = append(out, f.figure(FigureURL, m[0], end, strings.ToLower(s[m[0]:end])))
		}
	}
	if strings.Contains(s, "](") {
		for _, m := range addressPatterns.link.FindAllStringSubmatchIndex(s, -1) {
			out = appendLink(out, f, m[2], m[3])
		}
	}
	if mayHoldHost(s) {
		for _, m := range addressPatterns.host.FindAllStringIndex(s, -1) {
			out = appendBareHosts(out, f, m[0], m[1])
		}
	}
	return out
}

// mayHoldHost reports whether the pattern of hosts has anything to look for, so
// that prose whose dots end sentences or stand in decimals need not be searched
// by it: a dot inside a word, behind a blank or an opening bracket, or one that
// is spelled out.
func mayHoldHost(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '.' || i == 0 {
			continue
		}
		switch s[i-1] {
		case ' ', '\t', '\n', '\v', '\f', '\r', '[', '(', '{', '<':
			return true
		}
		if i+1 == len(s) || !isLabelByte(s[i+1]) {
			continue
		}
		end := decimalEnd(s, i)
		if end < 0 {
			return true
		}
		i = end - 1
	}
	return hasDotWord(s)
}

func isLabelByte(c byte) bool {
	return isAlnum(c) || c == '_' || c == '-' || c >= utf8.RuneSelf
}

// decimalEnd is where the number ends whose one dot is at i; -1 when what stands
// there is no plain number.
func decimalEnd(s string, i int) int {
	start, end := i, i+1
	for start > 0 && isDigit(s[start-1]) {
		start--
	}
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	switch {
	case start == i || end == i+1,
		start > 0 && (isLabelByte(s[start-1]) || s[start-1] == '.' || s[start-1] == '@'),
		end < len(s) && (isLabelByte(s[end]) || strings.IndexByte("@:/?#\\", s[end]) >= 0),
		end+1 < len(s) && s[end] == '.' && isLabelByte(s[end+1]):
		return -1
	}
	return end
}

func hasDotWord(s string) bool {
	lower := strings.ToLower(s)
	for _, w := range []string{"dot", "d0t", "punkt", "punto", "point", "ponto", "kropka", "punt", "piste"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

func (f *folded) figure(kind FigureKind, start, end int, values ...string) Figure {
	p := f.span(start, end)
	return Figure{Span: p, Kind: kind, Value: values[0], Values: values, Text: p.In(f.orig)}
}

func appendEmails(out []Figure, f *folded) []Figure {
	for _, m := range addressPatterns.email.FindAllStringIndex(f.text, -1) {
		at := addressAt(f.text[m[0]:m[1]])
		if at.Len() == 0 {
			continue
		}
		local := strings.TrimLeft(f.text[m[0]:m[0]+at.Start], ".'-%+")
		start := m[0] + at.Start - len(local)
		host, end := validHost(f.text, m[0]+at.End, m[1])
		if host == "" || local == "" {
			continue
		}
		out = append(out, f.figure(FigureEmail, start, end, strings.ToLower(local)+"@"+host))
	}
	return out
}

var addressAtPattern = regexp.MustCompile(`(?i)` + patHiddenAt)

// addressAt is where the "@" of an address stands, in whatever dress.
func addressAt(s string) Span {
	m := addressAtPattern.FindStringIndex(s)
	if m == nil {
		return Span{}
	}
	return Span{m[0], m[1]}
}

var hiddenDotPattern = regexp.MustCompile(`(?i)^` + patHiddenDot)

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
			m := hiddenDotPattern.FindString(s[i:end])
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
	if t == "" || isDigit(t[0]) || labels[len(labels)-2].text == "" {
		return false
	}
	switch t {
	case "example", "test", "invalid", "localhost", "local", "internal", "onion", "lan", "home", "corp", "i2p", "eth":
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
		return isPopularTop("." + t)
	case len(t) != 2:
		return true
	case last.dot == dotSpelled:
		return isBusyCountry(t)
	case last.dot == dotPlain:
		c := last.text[0]
		return c < 'A' || c > 'Z' || last.text[1] < 'a'
	}
	return true
}

// isPopularTop reports whether a host ends in a domain that no one takes for a
// word or a file's ending.
func isPopularTop(host string) bool {
	switch host[strings.LastIndexByte(host, '.')+1:] {
	case "com", "net", "org", "info", "biz", "example", "io", "eu", "top", "xyz", "online", "site", "shop", "club", "vip", "app", "dev", "link", "click":
		return true
	}
	return false
}

// isBusyCountry names the two-letter domains that are no words in the
// languages that spell their dots.
func isBusyCountry(t string) bool {
	switch t {
	case "uk", "nl", "pl", "fr", "ru", "cn", "ch", "cz", "dk", "fi", "gr", "hu", "ie", "jp", "kr", "mx", "ro", "sk", "tr", "tv", "ua", "us", "cc", "io", "co", "ai", "eu", "gg", "ly":
		return true
	}
	return false
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
			if strings.Count(s, string(c)) <= strings.Count(s, string(opening(c))) {
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

func opening(c byte) byte {
	switch c {
	case ')':
		return '('
	case ']':
		return '['
	}
	return '{'
}

// appendURL adds the address with a scheme at s[start:end].
func appendURL(out []Figure, f *folded, start, end int) []Figure {
	raw := f.text[start:end]
	if i := strings.Index(raw, "]("); i >= 0 { // a Markdown link whose text is an address
		raw = raw[:i]
	}
	raw = trimAddress(raw)
	v := canonicalURL(raw)
	if v == "" {
		return out
	}
	return append(out, f.figure(FigureURL, start, start+len(raw), v))
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
	switch scheme {
	case "", "http", "https", "hxxp", "hxxps", "htxp", "htxps", "hxtp":
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

var anyHiddenDot = regexp.MustCompile(`(?i)[\[({<](?:\.|` + patDotWord + `)[\])}>]`)

func joinHiddenDots(h string) string {
	if !strings.ContainsAny(h, "[({<") {
		return h
	}
	return anyHiddenDot.ReplaceAllString(h, ".")
}

// appendLink adds where a Markdown link leads, whatever shape that has.
func appendLink(out []Figure, f *folded, start, end int) []Figure {
	raw := f.text[start:end]
	lower := strings.ToLower(raw)
	switch {
	case strings.HasPrefix(lower, "mailto:"), strings.HasPrefix(lower, "tel:"), strings.HasPrefix(raw, "#"):
		return out // the address, number or heading is a figure by itself, or none
	case strings.Contains(raw, "://"):
		return appendURL(out, f, start, end)
	case strings.HasPrefix(raw, "//"):
		return append(out, f.figure(FigureURL, start, end, canonicalURL("http:"+raw)))
	}
	if host, stop := validHost(f.text, start, end); host != "" && stop <= hostEnd(f.text, start, end) {
		return append(out, f.figure(FigureURL, start, end, canonicalURL(raw)))
	}
	return append(out, f.figure(FigureURL, start, end, raw))
}

// appendBareHosts adds the hosts without a scheme in s[start:end], with the
// port, path and query that follow.
func appendBareHosts(out []Figure, f *folded, start, end int) []Figure {
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
	if inPath := start > 0 && isPathSeparator(s, start); (inPath || strings.Contains(host, "_")) && !isPopularTop(host) {
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
	return append(out, f.figure(FigureURL, start, stop, v))
}

// appendIPAddress adds an address of four numbers when a port or path shows
// that it is one.
func appendIPAddress(out []Figure, f *folded, start, end int) []Figure {
	he := hostEnd(f.text, start, end)
	host := f.text[start:he]
	tail := trimAddress(f.text[he:end])
	if a, err := netip.ParseAddr(host); err != nil || !a.Is4() || len(tail) < 2 {
		return out
	}
	return append(out, f.figure(FigureURL, start, he+len(tail), host+strings.TrimRight(tail, "/")))
}

// isPathSeparator reports whether what starts at i is part of a file's path:
// after "/opt/" or "C:\", but not after the "//" of an address.
func isPathSeparator(s string, i int) bool {
	c := s[i-1]
	if c == '\\' {
		return true
	}
	return c == '/' && (i < 2 || s[i-2] != '/')
}
