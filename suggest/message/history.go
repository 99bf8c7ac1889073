package message

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// reader takes one message apart.
type reader struct {
	voc    *vocabulary
	locale string
	fields []Field
}

// maxLevels is how deep forwarded messages are read.
const maxLevels = 6

// region is a run of lines at one level of quotation.
type region struct{ start, end, base int }

func (g region) empty() bool { return g.start >= g.end }

// read gives each line its kind and returns what is said. Lines at depth base are
// the message's own.
func (r *reader) read(lines []line, base, level int) string {
	older, forwarded := r.history(lines, base)
	form := r.form(lines)
	r.closing(lines)
	said := joined(lines, func(l *line) bool { return l.kind == Said }, textOf)
	source := forwarded
	switch {
	case level >= maxLevels:
		return said
	case !forwarded.empty():
		if !text.IsBlank(said) && !r.passesOn(said, true) {
			return said
		}
	case !older.empty() && (text.IsBlank(said) && !form || r.passesOn(said, false)):
		source = older
	default:
		return said
	}
	part := lines[source.start:source.end]
	for i := range part {
		part[i].kind = ""
	}
	inner := r.read(part, source.base, level+1)
	for i := range part {
		if part[i].kind == Said {
			part[i].kind = Forwarded
		}
	}
	return strings.TrimSpace(said + "\n\n" + inner)
}

// Bounds of a text that only passes another one on, in words.
const (
	passesOnBare    = 4
	passesOnPointer = 40
)

// passesOn reports whether said only points to the message below it. declared
// tells that a program says that it was forwarded.
func (r *reader) passesOn(said string, declared bool) bool {
	words := wordsOf(said)
	points := r.voc.marks.has(words, "pointer") || !declared && r.voc.marks.has(words, "answered")
	if len(words) > passesOnPointer {
		return false
	}
	return points || declared && len(words) <= passesOnBare && !strings.ContainsAny(said, "?？")
}

// history tells history from the message's own lines. older is what a reply
// stands above, the newest of it first; forwarded is what a program says that was
// forwarded.
func (r *reader) history(lines []line, base int) (older, forwarded region) {
	quoted := func(start, end, base int, declared bool) {
		g := region{start, end, base}
		if declared && forwarded.empty() {
			forwarded = g
		} else if older.empty() {
			older = g
		}
		for i := start; i < end; i++ {
			lines[i].kind = Quoted
		}
	}
	lone := r.loneMark(lines, base)
	for i := 0; i < len(lines); {
		l := &lines[i]
		if i == lone {
			if c := l.text[0]; c >= '0' && c <= '9' {
				l.text = "> " + l.text // more than
			}
			l.kind = Said
			i++
			continue
		}
		if l.depth > base {
			end := i
			for end < len(lines) && (lines[end].depth > base || deeperFollows(lines[end:], base)) {
				end = max(end+1, len(lines)-len(skipBlank(lines[end:])))
			}
			start, depth, declared := i, leastDepth(lines[i:end]), false
			if n, d := r.frameAt(lines[i:end]); n > 0 && d {
				mark(lines[i:i+n], Frame)
				start, declared = i+n, true
			}
			quoted(start, end, depth, declared)
			i = end
			continue
		}
		if n := r.attribution(lines[i:]); n > 0 {
			unrule(lines[:i])
			mark(lines[i:i+n], Frame)
			if i += n; i < len(lines) && !deeperFollows(lines[i:], base) {
				quoted(i, len(lines), base, false)
				return older, forwarded
			}
			continue
		}
		if n, declared := r.frameAt(lines[i:]); n > 0 {
			unrule(lines[:i])
			mark(lines[i:i+n], Frame)
			i += n
			if deeperFollows(lines[i:], base) {
				if declared {
					end := i
					for end < len(lines) && (lines[end].depth > base || lines[end].blank()) {
						end++
					}
					quoted(i, end, leastDepth(lines[i:end]), true)
					i = end
				}
				continue
			}
			quoted(i, len(lines), base, declared)
			return older, forwarded
		}
		l.kind = Said
		i++
	}
	return older, forwarded
}

// unrule takes the ruled line above history with it.
func unrule(lines []line) {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].blank() {
			continue
		}
		if inner, n, _ := unruled(lines[i].text); inner == "" && n >= 3 {
			lines[i].kind = Frame
		}
		return
	}
}

func mark(lines []line, k Kind) {
	for i := range lines {
		lines[i].kind = k
	}
}

// loneMark is the one line with a mark of quotation in a message that quotes
// nothing else and says of nothing that somebody wrote it: "> 8 kg" or a thing of a
// list. It is -1 when there is none.
func (r *reader) loneMark(lines []line, base int) int {
	n, at := 0, -1
	for i := range lines {
		if lines[i].depth > base {
			n, at = n+1, i
		}
		if n > 1 {
			return -1
		}
	}
	if n != 1 || lines[at].blank() {
		return -1
	}
	for i := range at {
		if r.attribution(lines[i:at+1]) > 0 {
			return -1
		}
	}
	return at
}

// deeperFollows reports whether the next line that is not empty is quoted deeper
// than base.
func deeperFollows(lines []line, base int) bool {
	for i := range lines {
		if !lines[i].blank() {
			return lines[i].depth > base
		}
	}
	return false
}

func leastDepth(lines []line) int {
	least := -1
	for i := range lines {
		if d := lines[i].depth; !lines[i].blank() && (least < 0 || d < least) {
			least = d
		}
	}
	return max(least, 0)
}

var (
	clockTime = regexp.MustCompile(`\b\d{1,2}[:.]\d{2}(:\d{2})?\b`)
	someYear  = regexp.MustCompile(`\b(19|20)\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d{4}年`)
)

// hasAddress reports whether s holds an e-mail address, or what looks like one.
func hasAddress(s string) bool {
	for {
		at := strings.IndexByte(s, '@')
		if at < 0 {
			return false
		}
		if at > 0 && at+1 < len(s) && !strings.ContainsRune(" \t<>@(", rune(s[at-1])) && !strings.ContainsRune(" \t<>@)", rune(s[at+1])) {
			return true
		}
		s = s[at+1:]
	}
}

// maxAttribution is how long "On Monday, somebody wrote:" may be, in bytes and
// lines.
const (
	maxAttribution      = 400
	maxAttributionLines = 4
)

// attribution is how many lines "On Monday, somebody wrote:" takes, which
// programs wrap; 0 when lines do not begin with one.
func (r *reader) attribution(lines []line) int {
	first := lines[0].text
	if first == "" || len(first) > maxAttribution || !mayAttribute(first) && !r.isWroteLine(first) {
		return 0
	}
	joined := ""
	for n := 1; n <= maxAttributionLines && n <= len(lines); n++ {
		l := &lines[n-1]
		switch {
		case l.blank():
			return 0
		case l.depth == lines[0].depth:
			joined += " " + l.text
		case l.depth == lines[0].depth+1 && strings.Count(joined, "<") > strings.Count(joined, ">") && len(l.text) < 40:
			// A wrapped address: its bracket looks like a mark of quotation.
			joined += "> " + l.text
		default:
			return 0
		}
		if len(joined) > maxAttribution {
			return 0
		}
		if !r.isAttribution(strings.TrimSpace(joined), lines[n:], lines[0].depth) {
			continue
		}
		if n > 1 && r.begins(lines[1:n]) {
			return 0
		}
		return n
	}
	return 0
}

// mayAttribute reports whether a line may be the first of an attribution that is
// wrapped: it holds a date, or an address.
func mayAttribute(s string) bool {
	return strings.ContainsAny(s, "<@") || someYear.MatchString(s) || clockTime.MatchString(s)
}

func (r *reader) isWroteLine(s string) bool {
	if len(s) > maxAttribution || !endsInColon(s) {
		return false
	}
	verb, _ := r.verb(s)
	return verb
}

// begins reports whether an attribution begins behind the first of its lines.
func (r *reader) begins(lines []line) bool {
	s := ""
	for i := range lines {
		s += " " + lines[i].text
	}
	if !someYear.MatchString(lines[0].text) {
		return false
	}
	w := wordsOf(s)
	atVerb := false
	r.voc.wrote.find(w, func(_ *phrase, at int) { atVerb = atVerb || at == 0 })
	return !atVerb && r.isAttribution(strings.TrimSpace(s), nil, 0)
}

func endsInColon(s string) bool { return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：") }

// verb reports whether s says that somebody wrote, and in which language.
func (r *reader) verb(s string) (ok bool, lang string) {
	r.voc.wrote.find(wordsOf(s), func(ph *phrase, _ int) { ok, lang = true, ph.lang })
	if ok {
		return ok, lang
	}
	bare := strings.TrimRight(s, ":： ")
	for _, v := range r.voc.wroteJoined {
		if strings.HasSuffix(bare, v) {
			return true, ""
		}
	}
	return false, ""
}

func (r *reader) isAttribution(s string, rest []line, base int) bool {
	colon := endsInColon(s)
	if inner, left, right := unruled(s); left >= 3 && right >= 3 {
		s, colon = inner, true
	}
	if !colon && !strings.HasSuffix(s, ">") {
		return false
	}
	verb, lang := r.verb(s)
	year, clock, addr := someYear.MatchString(s), clockTime.MatchString(s), hasAddress(s)
	deeper := deeperFollows(rest, base)
	switch {
	case verb && colon && deeper:
		return true
	case verb && (year || clock) && addr:
		return colon || deeper
	case verb && colon && year && clock:
		// Without an address a sentence of the customer's may look alike.
		return !r.speaks(s, lang)
	}
	return (colon || deeper) && year && addr && (clock || deeper)
}

// speaks reports whether s names who speaks or is spoken to, in lang.
func (r *reader) speaks(s, lang string) bool {
	l := lexicon.Of(lang, listPronouns)
	for _, w := range wordsOf(s) {
		if l.Has(w) {
			return true
		}
	}
	return false
}

// frameAt is how many lines a separator and a copied header take, and whether
// they say that the message was forwarded; 0 when lines begin with neither.
func (r *reader) frameAt(lines []line) (n int, forwarded bool) {
	n = 0
	for n < len(lines) && n < 3 && lines[n].blank() && lines[0].depth > 0 {
		n++
	}
	if n >= len(lines) || lines[n].depth != lines[0].depth && !lines[0].blank() {
		return 0, false
	}
	l := &lines[n]
	if l.blank() {
		return 0, false
	}
	if l.header {
		if k := r.header(lines[n:], true); k > 0 {
			return n + k, false
		}
	}
	inner, left, right := unruled(l.text)
	ruled := left >= 2
	switch {
	case ruled && inner != "" || r.isBeginning(l.text):
		w := wordsOf(inner)
		fwd := r.marked(w, "forwarded")
		if !fwd && !r.marked(w, "original") && !(left >= 3 && right >= 3 && r.header(skipBlank(lines[n+1:]), true) > 0) {
			break
		}
		n++
		if k := r.header(skipBlank(lines[n:]), true); k > 0 {
			n += len(lines[n:]) - len(skipBlank(lines[n:])) + k
		}
		return n, fwd
	case ruled && left >= 5:
		rest := skipBlank(lines[n+1:])
		if k := r.header(rest, true); k > 0 {
			return len(lines) - len(rest) + k, false
		}
	}
	if k := r.header(lines[n:], false); k > 0 {
		return n + k, false
	}
	return 0, false
}

// marked reports whether the words of a separator hold a mark of this kind.
func (r *reader) marked(w []string, value string) bool {
	return r.voc.marks.has(w, value)
}

// maxBeginning is how long a line that announces a forwarded message may be, in
// words.
const maxBeginning = 8

func (r *reader) isBeginning(s string) bool {
	if !endsInColon(s) || len(s) > 100 {
		return false
	}
	w := wordsOf(s)
	return len(w) <= maxBeginning && r.marked(w, "forwarded")
}

// unruled is s without the rules at both ends, and how long these are.
func unruled(s string) (inner string, left, right int) {
	isRule := func(c rune) bool { return strings.ContainsRune("-_*=—–‐‑‒―#~", c) }
	inner = strings.TrimLeftFunc(s, isRule)
	left = len([]rune(s)) - len([]rune(inner))
	trimmed := strings.TrimRightFunc(inner, isRule)
	right = len([]rune(inner)) - len([]rune(trimmed))
	return strings.TrimSpace(trimmed), left, right
}

func skipBlank(lines []line) []line {
	for i := range lines {
		if !lines[i].blank() {
			return lines[i:]
		}
	}
	return nil
}

// maxHeaderLines is how many lines a copied header takes with those between.
const maxHeaderLines = 16

// header is how many lines a copied mail header takes; 0 when lines begin with
// none. after tells that something above it announces one.
func (r *reader) header(lines []line, after bool) int {
	roles := map[string]bool{}
	mail, clock, labels, n := false, false, 0, 0
	last := ""
	for i := 0; i < len(lines) && i < maxHeaderLines; i++ {
		l := &lines[i]
		if l.depth != lines[0].depth && !l.blank() {
			break
		}
		if l.blank() {
			// Some programs put an empty line between two labels.
			if i == 0 || i+1 < len(lines) && lines[i+1].blank() {
				break
			}
			continue
		}
		label, value, ok := labelled(l.text)
		role, known := r.voc.headers[strings.ToLower(label)]
		switch {
		case ok && known:
			if value == "" && i+1 < len(lines) {
				value = lines[i+1].text
			}
		case ok && after && len(strings.Fields(label)) <= 3 && i == n:
			role = "?"
		case i > 0 && i == n && (last == "to" || last == "copy" || last == "from") && (hasAddress(l.text) || strings.Contains(l.text, ";")), i > 0 && i == n && endsInColon(lines[i-1].text):
			n = i + 1
			mail = mail || hasAddress(l.text)
			continue
		default:
			return r.isHeader(roles, labels, mail, clock, after, n)
		}
		if role == "from" && roles["from"] {
			break
		}
		roles[role] = true
		last = role
		labels++
		mail = mail || hasAddress(value)
		clock = clock || clockTime.MatchString(value)
		n = i + 1
	}
	return r.isHeader(roles, labels, mail, clock, after, n)
}

func (r *reader) isHeader(roles map[string]bool, labels int, mail, clock, after bool, n int) int {
	others := 0
	for _, role := range [...]string{"sent", "to", "subject"} {
		if roles[role] {
			others++
		}
	}
	switch {
	case roles["from"] && others >= 2 && (mail || roles["subject"] && roles["sent"]):
	case after && roles["from"] && others >= 1:
	case after && others >= 2:
	case after && labels >= 3 && mail && clock:
	default:
		return 0
	}
	return n
}

// maxLabel is how long a label may be, in bytes.
const maxLabel = 80

// labelled takes "Label: value" apart.
func labelled(s string) (label, value string, ok bool) {
	head := s[:min(len(s), maxLabel)]
	at := strings.IndexFunc(head, func(c rune) bool { return c == ':' || c == '：' })
	if at <= 0 {
		return "", "", false
	}
	label = strings.Trim(s[:at], " *_\t")
	value = strings.TrimLeftFunc(s[at:], func(c rune) bool { return c == ':' || c == '：' })
	if len(s[at:])-len(value) > len("：") || strings.HasPrefix(value, "//") {
		return "", "", false
	}
	value = strings.Trim(value, " *\t")
	if label == "" || strings.ContainsFunc(label, func(c rune) bool { return unicode.IsControl(c) }) {
		return "", "", false
	}
	return label, value, true
}
