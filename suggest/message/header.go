package message

import (
	"strings"
	"unicode"
)

// frameAt is how many lines a separator and a copied header take, and whether
// they say that the message was forwarded; 0 when lines begin with neither.
func (r *reader) frameAt(lines []line) (n int, forwarded bool) {
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
		known := fwd || r.marked(w, "original") || r.marked(w, "above")
		if known = known || left >= 3 && right >= 3 && r.header(skipBlank(lines[n+1:]), true) > 0; !known {
			break
		}
		n++
		if k := r.header(skipBlank(lines[n:]), true); k > 0 {
			n += len(lines[n:]) - len(skipBlank(lines[n:])) + k
		}
		return n, fwd
	case len(l.text) < maxAboveLine && r.marked(wordsOf(l.text), "above"):
		return n + 1, false
	case ruled && left >= 5:
		rest := skipBlank(lines[n+1:])
		if k := r.header(rest, true); k > 0 {
			return len(lines) - len(rest) + k, false
		}
	}
	if k := r.header(lines[n:], false); k > 0 {
		return n + k, false
	}
	if r.isFlatHeader(l.text) {
		return n + 1, false
	}
	return 0, false
}

// maxAboveLine is how long a line may be that asks to reply above it, in bytes.
const maxAboveLine = 200

// maxFlatHeader is how much of a line is looked at for a header on one line.
const maxFlatHeader = 500

// isFlatHeader reports whether a line is a copied header whose lines were joined,
// as where somebody took the tags out of HTML: "From: a Sent: b To: c Subject: d".
func (r *reader) isFlatHeader(s string) bool {
	label, _, ok := labelled(s)
	if !ok || r.voc.headers[strings.ToLower(label)] != "from" {
		return false
	}
	s = s[:min(len(s), maxFlatHeader)]
	roles := map[string]bool{}
	for i, c := range s {
		if c != ':' {
			continue
		}
		words := strings.Fields(s[max(0, i-maxLabel):i])
		if len(words) == 0 {
			continue
		}
		roles[r.voc.headers[strings.ToLower(strings.Trim(words[len(words)-1], "*"))]] = true
	}
	return roles["from"] && roles["sent"] && roles["to"] && roles["subject"]
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
	if label == "" || strings.ContainsFunc(label, unicode.IsControl) {
		return "", "", false
	}
	return label, value, true
}
