package message

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
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
	r.trailing(group, above)
	zone := r.zone(group, above)
	if zone < 0 {
		r.nameBlock(group, above)
		return
	}
	r.signature(group[zone:])
}

// maxSaidBelow is how many lines may be said below a closing: where there are
// more, it was none.
const maxSaidBelow = 6

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

// isSignOff reports whether a line is a closing, alone or with a name behind it.
func (r *reader) isSignOff(s string) bool {
	if len(s) > maxSignOff || strings.ContainsAny(s, "?？:") {
		return false
	}
	w := wordsOf(s)
	if r.voc.signOffs[strings.Join(w, " ")] {
		return true
	}
	original := strings.FieldsFunc(s, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) && c != '\'' && c != '’' })
	for names := 1; names <= maxSignOffNames && names < len(w) && len(original) == len(w); names++ {
		if c, _ := utf8.DecodeRuneInString(original[len(w)-names]); !unicode.IsUpper(c) {
			return false
		}
		if k := len(w) - names; (k > 1 || len(w[0]) > 2) && r.voc.signOffs[strings.Join(w[:k], " ")] {
			return true
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

// Bounds of a line that is said, in words.
const (
	proseWords      = 4
	proseLower      = 2
	proseJoinedRune = 12
	// proseLong is how long a line is that is said whatever it says, in bytes.
	proseLong = 400
)

// isProse reports whether a line below a closing reads as said by a person and
// not as a name, a title or a contact.
func (r *reader) isProse(s string) bool {
	s = withoutLinks(s)
	switch {
	case len(s) > proseLong:
		return true
	case strings.ContainsAny(s, "?？"), r.isListed(s):
		return true
	case r.isTitle(s):
		return false
	}
	if hasAddress(s) && len(strings.Fields(s)) <= proseWords {
		return false
	}
	if label, _, ok := labelled(s); ok {
		switch r.voc.labels[key(label)] {
		case labelBooking, labelFlight, labelDate, labelMessage, labelSubject:
			return true
		}
	}
	n, lower, joined := 0, 0, 0
	for _, w := range strings.Fields(s) {
		w = strings.TrimFunc(w, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) })
		c, size := utf8.DecodeRuneInString(w)
		if w == "" {
			continue
		}
		n++
		if unicode.IsLower(c) && size < len(w) && r.voc.titles[strings.ToLower(w)] == nil {
			lower++
		}
		if unicode.IsLetter(c) && !unicode.IsUpper(c) && !unicode.IsLower(c) {
			joined += utf8.RuneCountInString(w)
		}
	}
	if joined >= proseJoinedRune {
		return true
	}
	if n < proseWords {
		return false
	}
	some, _ := r.pronouns(wordsOf(s))
	return lower >= proseLower || lower > 0 && (some || endsSentence(s))
}

var listMark = regexp.MustCompile(`^\s*(\d{1,2}[.)]|[-*•·–])\s+\S`)

// isListed reports whether a line is one of a list of things, and no telephone
// number or street.
func (r *reader) isListed(s string) bool {
	return listMark.MatchString(s) && len(strings.Fields(s)) > 2
}

// isTitle reports whether a line is a profession, a department or the name of a
// house: all its words are known titles, those that join them, or names.
func (r *reader) isTitle(s string) bool {
	if strings.ContainsAny(s, "?？!:") || strings.HasSuffix(s, ".") && r.voc.titles[lastWord(s)] == nil {
		return false
	}
	shouts := s == strings.ToUpper(s)
	var langs []string
	fields := strings.FieldsFunc(s, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) })
	if len(fields) > 10 {
		return false
	}
	for _, w := range fields {
		c, _ := utf8.DecodeRuneInString(w)
		switch {
		case r.voc.titles[strings.ToLower(w)] != nil:
			langs = append(langs, r.voc.titles[strings.ToLower(w)]...)
		case r.voc.titleJoins[strings.ToLower(w)]:
		case shouts && len(fields) > 1, unicode.IsLower(c):
			return false
		}
	}
	return len(langs) > 0 && !slices.ContainsFunc(langs, func(lang string) bool { return r.speaks(s, lang) })
}

func lastWord(s string) string {
	w := wordsOf(s)
	if len(w) == 0 {
		return ""
	}
	return w[len(w)-1]
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

// maxNameWords is how long a name may be.
const maxNameWords = 5

func isName(s string) bool {
	fields := strings.Fields(s)
	if len(fields) < 2 || len(fields) > maxNameWords || strings.ContainsAny(s, "?!:0123456789") || endsSentence(s) || s == strings.ToUpper(s) {
		return false
	}
	for _, w := range fields {
		if c, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(c) && utf8.RuneCountInString(w) > 3 {
			return false
		}
	}
	return true
}
