package message

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/lexicon"
)

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
	if first == "" || !mayAttribute(first[:min(len(first), maxAttribution)]) && !r.isWroteLine(first) {
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
			if n == 1 && r.isFlatAttribution(first) {
				return 1
			}
			return 0
		}
		if !r.isAttribution(strings.TrimSpace(joined), lines[n:], lines[0].depth) {
			if n == 1 && r.isFlatAttribution(first) {
				return 1
			}
			continue
		}
		if n > 1 && r.begins(lines[1:n]) {
			return 0
		}
		return n
	}
	return 0
}

// isFlatAttribution reports whether a line begins with an attribution and goes on
// with what was written, as where somebody took the tags out of HTML.
func (r *reader) isFlatAttribution(s string) bool {
	head := s[:min(len(s), maxAttribution)]
	at := strings.Index(head, ": ")
	for at >= 0 {
		if verb, _ := r.verb(head[max(0, at-24) : at+1]); verb {
			lead := head[:at+1]
			return hasAddress(lead) && someYear.MatchString(lead) && clockTime.MatchString(lead)
		}
		next := strings.Index(head[at+1:], ": ")
		if next < 0 {
			return false
		}
		at += 1 + next
	}
	return false
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
		return !r.speaks(s, lang) && !tells(rest)
	}
	return (colon || deeper) && year && addr && (clock || deeper)
}

// tells reports whether what comes next stands in quotation marks, as where a
// customer tells what somebody wrote.
func tells(rest []line) bool {
	for i := range rest {
		if !rest[i].blank() {
			c, _ := utf8.DecodeRuneInString(strings.TrimSpace(rest[i].text))
			return strings.ContainsRune("\"“”„«»‚‘'「『", c)
		}
	}
	return false
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
