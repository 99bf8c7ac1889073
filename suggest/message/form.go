package message

import (
	"regexp"
	"strings"
	"unicode"
)

// What a label says that its field holds, as the list of labels has it.
const (
	labelMessage   = "message"
	labelName      = "name"
	labelEmail     = "email"
	labelPhone     = "phone"
	labelBooking   = "booking"
	labelFlight    = "flight"
	labelDate      = "date"
	labelSubject   = "subject"
	labelConsent   = "consent"
	labelTechnical = "technical"
	labelOther     = "other"
)

// style is how a form writes the label of a field.
type style uint8

const (
	styleColon style = iota // "Label: value"
	styleRuled              // "--- Label ---", the value below
	styleStar               // "*Label*", the value below
	styleBare               // "Label", the value below
	styles
)

// entry is a field of a form as it stands in the lines.
type entry struct {
	style        style
	label, value string
	// kind is a value of the list of labels; empty when the label is not known.
	kind string
	// lines are those of the label and the value.
	first int
	body  []int
}

// form tells the fields of a contact form from the question. It reports whether
// the message is one.
func (r *reader) form(lines []line) bool {
	labels := r.labelsIn(lines)
	if len(labels) < 2 {
		return false
	}
	used, ok := r.isForm(lines, labels)
	if !ok {
		r.ownFields(labels)
		return false
	}
	entries := r.fill(lines, labels, used)
	said := false
	for _, e := range entries {
		said = r.settle(lines, e) || said
	}
	for i := range lines {
		said = said || lines[i].kind == Said && !lines[i].blank() && !isRule(lines[i].text)
	}
	if !said {
		sayShort(lines, entries)
	}
	return true
}

// labelsIn are the lines that may be the label of a field, by number of line.
func (r *reader) labelsIn(lines []line) map[int]*entry {
	out := map[int]*entry{}
	for i := range lines {
		if lines[i].kind != Said || lines[i].blank() {
			continue
		}
		if e := r.labelAt(lines[i].text); e != nil && (e.kind != "" || !r.isFormLine(lines[i].text)) {
			e.first = i
			out[i] = e
		}
	}
	return out
}

// Bounds of a label, in words.
const (
	maxLabelWords = 14
	maxBareWords  = 6
)

func (r *reader) labelAt(s string) *entry {
	if len(s) > 4*maxLabel {
		if label, value, ok := labelled(s); ok {
			return &entry{style: styleColon, label: label, value: value, kind: r.labelKind(label)}
		}
		return nil
	}
	if inner, left, right := unruled(s); inner != "" && left > 0 && right > 0 && len(strings.Fields(inner)) <= maxLabelWords {
		e := &entry{label: inner, kind: r.labelKind(inner)}
		switch {
		case left >= 2 && right >= 2:
			e.style = styleRuled
			return e
		case strings.HasPrefix(s, "*") && strings.HasSuffix(s, "*"):
			e.style = styleStar
			return e
		}
	}
	if label, value, ok := labelled(s); ok && len(strings.Fields(label)) <= maxLabelWords {
		return &entry{style: styleColon, label: label, value: value, kind: r.labelKind(label)}
	}
	if kind, ok := r.voc.labels[key(s)]; ok && len(strings.Fields(s)) <= maxBareWords && !strings.HasSuffix(s, ".") {
		return &entry{style: styleBare, label: strings.TrimSpace(s), kind: kind}
	}
	return nil
}

// labelKind is what a label says that its field holds. A longer one is known by
// its beginning, where that speaks of consent.
func (r *reader) labelKind(label string) string {
	if i := strings.IndexByte(label, '('); i > 0 {
		label = label[:i]
	}
	w := wordsOf(label)
	if kind, ok := r.voc.labels[strings.Join(w, " ")]; ok {
		return kind
	}
	for n := min(len(w)-1, 6); n > 0; n-- {
		if r.voc.labels[strings.Join(w[:n], " ")] == labelConsent {
			return labelConsent
		}
	}
	return ""
}

// isForm reports whether the labels are those of a form, and which styles of
// label it uses.
func (r *reader) isForm(lines []line, labels map[int]*entry) (used [styles]bool, ok bool) {
	var count [styles]int
	var known [styles]map[string]bool
	for s := range known {
		known[s] = map[string]bool{}
	}
	mail, around := false, 0
	for _, e := range labels {
		count[e.style]++
		if e.kind != "" && e.kind != labelOther {
			known[e.style][e.kind] = true
		}
		mail = mail || e.kind == labelEmail && hasAddress(e.value)
		if e.kind == labelConsent || e.kind == labelTechnical {
			around++
		}
	}
	colon := known[styleColon]
	opened := r.saysForm(lines)
	// Without the person or a consent, labels may be what
	// a customer writes of a machine: "Browser: …", "Description: …".
	person := colon[labelName] || colon[labelEmail] || colon[labelPhone]
	used[styleColon] = len(colon) >= 2 && (opened || colon[labelMessage] && (person || colon[labelConsent]) || mail && len(colon) >= 3 && around > 0)
	used[styleRuled] = count[styleRuled] >= 2 && len(known[styleRuled]) > 0
	used[styleStar] = count[styleStar] >= 2 && (len(known[styleStar]) > 0 || opened)
	bare := known[styleBare]
	used[styleBare] = len(bare) >= 3 && (bare[labelMessage] || bare[labelEmail])
	ok = used[styleColon] || used[styleRuled] || used[styleStar] || used[styleBare]
	if ok && len(colon) > 0 && (colon[labelMessage] || around > 0 || opened) {
		used[styleColon] = true
	}
	return used, ok
}

// formEdge is how many lines at each end may say that the message is a form's.
const formEdge = 4

func (r *reader) saysForm(lines []line) bool {
	n := 0
	for i := range lines {
		if lines[i].blank() || lines[i].kind != Said {
			continue
		}
		if n++; n > formEdge {
			break
		}
		if r.isFormLine(lines[i].text) {
			return true
		}
	}
	n = 0
	for i := len(lines) - 1; i >= 0 && n < formEdge; i-- {
		if lines[i].blank() || lines[i].kind != Said {
			continue
		}
		if n++; r.isFormLine(lines[i].text) {
			return true
		}
	}
	return false
}

// maxFormLine is how long a line may be that a form says about itself, in words.
const maxFormLine = 24

func (r *reader) isFormLine(s string) bool {
	if len(s) > 4*maxLabel {
		return false
	}
	w := wordsOf(withoutLinks(s))
	return len(w) <= maxFormLine && !strings.ContainsAny(s, "?？") && r.voc.marks.has(w, "form")
}

// fill gives each line to the field that it belongs to.
func (r *reader) fill(lines []line, labels map[int]*entry, used [styles]bool) []*entry {
	var entries []*entry
	var current *entry
	for i := range lines {
		l := &lines[i]
		if l.kind != Said {
			continue
		}
		e := labels[i]
		if e != nil && (!used[e.style] || !r.opens(e, current)) {
			e = nil
		}
		switch {
		case e != nil:
			current = e
			entries = append(entries, e)
			l.kind = FormField
			if e.style == styleColon && e.kind == labelMessage && e.value != "" {
				l.kind, l.text = Said, e.value
			}
		case l.blank():
			if current != nil && current.style == styleColon && current.value != "" && current.kind != labelMessage {
				current = nil
			}
		case isRule(l.text):
			current = nil
		case current == nil:
			if r.isFormLine(l.text) {
				l.kind, l.footer = Boilerplate, true
			}
		case current.kind == labelMessage:
			current.body = append(current.body, i)
		case current.style == styleColon && current.value != "" && current.kind != labelConsent && current.kind != labelTechnical:
			current = nil
		default:
			current.body = append(current.body, i)
			l.kind = FormField
		}
	}
	return entries
}

// opens reports whether a label begins a field, and is not a line of the question
// that looks like one.
func (r *reader) opens(e, current *entry) bool {
	if current == nil || current.kind != labelMessage || e.style != styleColon && e.style != styleBare {
		return true
	}
	return e.kind != "" && (e.style == styleColon || e.kind == labelConsent || e.kind == labelTechnical)
}

// tellsWords is from how many words on a value says something.
const tellsWords = 4

var bookingCode = regexp.MustCompile(`^[A-Z0-9]{5,8}$`)

// settle takes a field of a form into the message's fields, and reports whether
// something of it is said.
func (r *reader) settle(lines []line, e *entry) bool {
	if e.kind == labelMessage {
		return e.value != "" || len(e.body) > 0
	}
	value := e.value
	for _, i := range e.body {
		value = strings.TrimSpace(value + " " + lines[i].text)
	}
	if e.kind == labelConsent || e.kind == labelTechnical {
		lines[e.first].footer = true
		for _, i := range e.body {
			lines[i].footer = true
		}
		return false
	}
	if value == "" || e.kind == labelOther {
		return false
	}
	field := Field{Label: e.label, Value: value, Kind: fieldKind(e.kind, value)}
	r.fields = append(r.fields, field)
	if field.Kind != FieldOther && field.Kind != FieldSubject || len(strings.Fields(value)) < tellsWords {
		return false
	}
	// What is told in a field that no list knows is said as much as the rest.
	for _, i := range e.body {
		lines[i].kind = Said
	}
	if e.value != "" {
		lines[e.first].kind = Said
	}
	return true
}

func fieldKind(kind, value string) FieldKind {
	switch kind {
	case labelName:
		return FieldName
	case labelEmail:
		return FieldEmail
	case labelPhone:
		return FieldPhone
	case labelBooking:
		return FieldBooking
	case labelFlight:
		return FieldFlight
	case labelDate:
		return FieldDate
	case labelSubject:
		return FieldSubject
	}
	switch {
	case hasAddress(value) && !strings.ContainsAny(value, " <>"):
		return FieldEmail
	case bookingCode.MatchString(value) && strings.ContainsFunc(value, unicode.IsDigit) && strings.ContainsFunc(value, unicode.IsUpper):
		return FieldBooking
	}
	return FieldOther
}

// sayShort makes the shortest of what a form without a question tells the
// question: its subject, else its fields that no list knows.
func sayShort(lines []line, entries []*entry) {
	for _, want := range [...]string{labelSubject, ""} {
		said := false
		for _, e := range entries {
			if e.kind != want || e.value == "" && len(e.body) == 0 {
				continue
			}
			said = true
			for _, i := range e.body {
				lines[i].kind = Said
			}
			if e.value != "" {
				lines[e.first].kind, lines[e.first].text = Said, e.value
			}
		}
		if said {
			return
		}
	}
}

// ownFields takes what a customer wrote in the manner of a form, "Booking:
// K7QX2M", into the fields. It stays part of the text.
func (r *reader) ownFields(labels map[int]*entry) {
	last := -1
	for i := range labels {
		last = max(last, i)
	}
	for i := 0; i <= last; i++ {
		e := labels[i]
		if e == nil || e.style != styleColon || e.value == "" {
			continue
		}
		switch e.kind {
		case labelBooking, labelFlight:
			if len(strings.Fields(e.value)) < tellsWords {
				r.fields = append(r.fields, Field{Label: e.label, Value: e.value, Kind: fieldKind(e.kind, e.value)})
			}
		}
	}
}
