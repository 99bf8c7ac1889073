package message

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/lexicon"
)

// closing tells signatures, footers and disclaimers at the end of what is said.
// Below a closing each line is judged for itself, since people go on writing
// there: what reads as said stays said.
func (r *reader) closing(lines []line) {
	start, end := lastSaid(lines)
	if start >= end {
		return
	}
	group := lines[start:end]
	above := start > 0 && hasSaid(lines[:start])
	r.banner(group)
	r.trailing(group, above)
	zone := r.zone(group, above)
	if zone < 0 {
		r.nameBlock(group, above)
		return
	}
	if below := group[zone:]; below[0].sign || isDelimiter(below[0].text) || r.namesIn(below) <= maxSignatureLines {
		r.signature(below)
	}
}

// maxSignatureLines is how many lines may stand below a closing, what is said and
// footers aside: more are a receipt or a list.
const maxSignatureLines = 14

func (r *reader) namesIn(lines []line) int {
	n := 0
	for i := range lines {
		if l := &lines[i]; l.kind == Said && !l.blank() && !r.isProse(l.text) {
			n++
		}
	}
	return n
}

// maxSaidBelow is how many lines may be said below a closing: where there are
// more, it was none.
const maxSaidBelow = 6

// banner marks the warning about senders from outside that mail servers put above
// a message.
func (r *reader) banner(group []line) {
	ps := paragraphs(group)
	if len(ps) < 2 {
		return
	}
	p := group[ps[0].start:ps[0].end]
	for i := range p {
		if len(p[i].text) < maxBanner && r.voc.footers.has(wordsOf(p[i].text), "banner") {
			for k := range p {
				p[k].kind, p[k].footer = Boilerplate, true
			}
			return
		}
	}
}

// maxBanner is how long a line of such a warning may be, in bytes.
const maxBanner = 400

// lastSaid is the last run of lines that are said.
func lastSaid(lines []line) (start, end int) {
	end = len(lines)
	for end > 0 && (lines[end-1].kind != Said || lines[end-1].blank()) {
		end--
	}
	start = end
	for start > 0 && lines[start-1].kind == Said {
		start--
	}
	return start, end
}

func hasSaid(lines []line) bool {
	for i := range lines {
		if lines[i].kind == Said && !lines[i].blank() {
			return true
		}
	}
	return false
}

// paragraph is a run of lines without an empty one.
type paragraph struct{ start, end int }

func paragraphs(lines []line) []paragraph {
	var out []paragraph
	for i := 0; i < len(lines); {
		if lines[i].blank() {
			i++
			continue
		}
		j := i
		for j < len(lines) && !lines[j].blank() {
			j++
		}
		out = append(out, paragraph{i, j})
		i = j
	}
	return out
}

// trailing marks footers, disclaimers and lines about the device from the end
// upwards, as far as there is nothing else.
func (r *reader) trailing(group []line, above bool) {
	ps := paragraphs(group)
	for k := len(ps) - 1; k >= 0; k-- {
		p := group[ps[k].start:ps[k].end]
		if k == 0 && !above {
			// Something must be left; a device's line may stand right below it.
			p = p[1:]
		}
		at := r.footer(p, false)
		for i := range p {
			switch {
			case at >= 0 && i >= at:
				p[i].kind, p[i].footer = Boilerplate, true
			case r.isDevice(p[i].text):
				p[i].kind = Signature
			}
		}
		for i := range p {
			if p[i].kind == Said && !isRule(p[i].text) {
				return
			}
		}
	}
}

func isRule(s string) bool {
	inner, n, _ := unruled(s)
	return inner == "" && n >= 2
}

// maxDeviceWords is how long "Sent from my telephone" may be, an address aside.
const maxDeviceWords = 8

var link = regexp.MustCompile(`(?i)<?\b(https?://|www\.)\S+`)

func withoutLinks(s string) string {
	if !strings.Contains(s, "://") && !strings.Contains(s, "www.") {
		return s
	}
	return link.ReplaceAllString(s, "")
}

// isDevice reports whether a line says from where the message was sent.
func (r *reader) isDevice(s string) bool {
	if len(s) > 300 || strings.ContainsAny(s, "?？") {
		return false
	}
	w := wordsOf(withoutLinks(s))
	if len(w) == 0 || len(w) > maxDeviceWords {
		return false
	}
	for i := range r.voc.marks[w[0]] {
		if ph := &r.voc.marks[w[0]][i]; ph.value == "device" && startsWith(w, ph.words) {
			return true
		}
	}
	return false
}

// footer is the first line of a paragraph that is known to be said of a company
// or to be a disclaimer; -1 when none is. below tells that it stands below a
// closing, where hints suffice.
func (r *reader) footer(p []line, below bool) int {
	var w []string
	var at []int
	asks := false
	for i := range p {
		lw := wordsOf(p[i].text)
		w = append(w, lw...)
		for range lw {
			at = append(at, i)
		}
		asks = asks || strings.ContainsAny(p[i].text, "?？")
	}
	certain, hints, first, lang := 0, map[string]bool{}, len(p), ""
	r.voc.footers.find(w, func(ph *phrase, word int) {
		if ph.value == "banner" {
			return
		}
		if ph.value == "certain" {
			certain++
			lang = ph.lang
		} else {
			hints[ph.words[0]] = true
			if lang == "" {
				lang = ph.lang
			}
		}
		first = min(first, at[word])
	})
	switch {
	case certain == 0 && (!below || len(hints) < 2):
		return -1
	case asks && certain < 2:
		return -1
	case certain < 3 && speaksForOne(w, lang):
		return -1
	}
	// A disclaimer that is wrapped begins above the words that it is known by.
	for first > 0 && utf8.RuneCountInString(p[first-1].text) >= 50 && !endsSentence(p[first-1].text) {
		first--
	}
	return first
}

func speaksForOne(words []string, lang string) bool {
	l := lexicon.Of(lang, listPronouns)
	for _, w := range words {
		if v, ok := l.Value(w); ok && v != "" {
			return true
		}
	}
	return false
}

func endsSentence(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, `"”'»)`))
	return strings.ContainsRune(".!?…。！？", r)
}

// zone is where the closing begins; -1 when there is none.
func (r *reader) zone(group []line, above bool) int {
	first := len(group)
	for said := 0; first > 0 && said <= maxSaidBelow; first-- {
		if l := &group[first-1]; l.kind == Said && !l.blank() && r.isProse(l.text) {
			said++
		}
	}
	if first > 0 {
		above = above || hasSaid(group[:first])
	}
	for i := first; i < len(group); i++ {
		l := &group[i]
		if l.kind != Said || l.blank() {
			continue
		}
		if !above {
			above = true
			if !l.sign {
				continue
			}
		}
		switch {
		case l.sign:
			return i
		case isDelimiter(l.text):
			return i
		case r.isSignOff(l.text) && !r.goesOn(group[i+1:]):
			return i
		case r.thanks(l.text, group[i+1:]):
			return i + 1
		}
	}
	return -1
}

func isDelimiter(s string) bool {
	switch strings.TrimSpace(s) {
	case "--", "—", "__", "---", "–":
		return true
	}
	return false
}

// goesOn reports whether the text goes on below a closing, as behind "Thank you."
// in front of the matter itself.
func (r *reader) goesOn(lines []line) bool {
	for i := range lines {
		if l := &lines[i]; !l.blank() && l.kind == Said {
			return r.isProse(l.text) && !r.isPostscript(l.text)
		}
	}
	return false
}

// Bounds of a closing: its line in bytes, and the names behind it in words.
const (
	maxSignOff      = 80
	maxSignOffNames = 3
)

// isSignOff reports whether a line is a closing: one or several of those that are
// known, with what joins them, alone or with a name behind.
func (r *reader) isSignOff(s string) bool {
	if len(s) > maxSignOff || strings.ContainsAny(s, "?？:") {
		return false
	}
	w := wordsOf(s)
	i, known := 0, false
	for i < len(w) {
		n := min(len(w)-i, r.voc.longestSignOff)
		for n > 0 && !r.voc.signOffs[strings.Join(w[i:i+n], " ")] {
			n--
		}
		switch {
		case n > 0 && (i+n == len(w) || n > 1 || len(w[i]) > 2):
			known = true
			i += n
			continue
		case known && r.voc.titleJoins[w[i]]:
			i++
			continue
		}
		break
	}
	return known && len(w)-i <= maxSignOffNames && areNames(s, len(w)-i, len(w))
}

// maxThanksWords is how long a closing may be that is a sentence: "Thanks for your
// help!"
const maxThanksWords = 9

// thanks reports whether a line is a closing that is a sentence, which a name
// follows.
func (r *reader) thanks(s string, below []line) bool {
	w := wordsOf(s)
	if len(w) == 0 || len(w) > maxThanksWords || len(below) == 0 || strings.ContainsAny(s, "?？:") {
		return false
	}
	known := false
	for n := min(len(w), r.voc.longestSignOff); n > 0 && !known; n-- {
		known = r.voc.signOffs[strings.Join(w[:n], " ")]
	}
	if !known {
		return false
	}
	for i := range below {
		if !below[i].blank() {
			s := below[i].text
			n := len(wordsOf(s))
			return n <= maxNameWords && areNames(s, n, n) && !endsSentence(s) && !strings.ContainsAny(s, ":0123456789")
		}
	}
	return false
}

func (r *reader) isPostscript(s string) bool {
	w := wordsOf(s)
	if len(w) == 0 {
		return false
	}
	for i := range r.voc.marks[w[0]] {
		if ph := &r.voc.marks[w[0]][i]; ph.value == "postscript" && startsWith(w, ph.words) {
			return len(w) > len(ph.words) || endsInColon(s)
		}
	}
	return false
}

// signature judges what stands from a closing on. The first line is the closing.
func (r *reader) signature(zone []line) {
	ps := paragraphs(zone)
	for _, q := range ps {
		p := zone[q.start:q.end]
		foot := r.footer(p, true)
		goes := false
		for i := range p {
			l := &p[i]
			if l.kind != Said {
				continue
			}
			first := q.start == ps[0].start && i == 0 && !l.sign
			switch {
			case foot >= 0 && i >= foot:
				l.kind, l.footer = Boilerplate, true
			case first, isRule(l.text):
				l.kind = Signature
			case goes, r.isPostscript(l.text), r.isProse(l.text) && !r.isSignOff(l.text):
				goes = !endsSentence(l.text)
			default:
				l.kind = Signature
				l.footer = r.isTitle(l.text)
			}
		}
	}
}

// nameBlock marks a last paragraph that is a name with titles or contacts below,
// without a closing above.
func (r *reader) nameBlock(group []line, above bool) {
	ps := paragraphs(group)
	for len(ps) > 0 && group[ps[len(ps)-1].start].kind != Said {
		ps = ps[:len(ps)-1]
	}
	if len(ps) < 2 && (!above || len(ps) < 1) {
		return
	}
	q := ps[len(ps)-1]
	p := group[q.start:q.end]
	if len(p) < 2 || !isName(p[0].text) {
		return
	}
	known := false
	for i := range p[1:] {
		l := &p[1+i]
		if r.isProse(l.text) {
			return
		}
		known = known || r.isTitle(l.text) || hasAddress(l.text)
	}
	if !known {
		return
	}
	for i := range p {
		if p[i].kind == Said {
			p[i].kind = Signature
			p[i].footer = i > 0 && r.isTitle(p[i].text)
		}
	}
}
