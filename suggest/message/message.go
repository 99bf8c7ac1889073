package message

import (
	"strings"

	"github.com/purser-desk/purser/internal/text"
)

// Kind is what a part of a message is.
type Kind string

// The kinds of part.
const (
	// Said is what the customer says now.
	Said Kind = "SAID"
	// Forwarded is said by somebody else and is what is asked, since the customer
	// only passes it on.
	Forwarded Kind = "FORWARDED"
	// Quoted is history: what was written before.
	Quoted Kind = "QUOTED"
	// Frame is what a program wrote around history: who wrote when.
	Frame Kind = "FRAME"
	// Signature is a closing with what stands below it: names, titles, contacts,
	// and where the message was sent from.
	Signature Kind = "SIGNATURE"
	// Boilerplate is company details, disclaimers, and what a form says about
	// itself.
	Boilerplate Kind = "BOILERPLATE"
	// FormField is a field of a form that is not the question.
	FormField Kind = "FORM_FIELD"
)

// Part is a piece of a message, lines of one kind in a row.
type Part struct {
	Kind Kind
	// Text has no marks of quotation.
	Text string
}

// FieldKind is what a field of a form holds.
type FieldKind string

// The kinds of field that mean something; what a form says of consent and of
// itself is no field.
const (
	FieldName    FieldKind = "NAME"
	FieldEmail   FieldKind = "EMAIL"
	FieldPhone   FieldKind = "PHONE"
	FieldBooking FieldKind = "BOOKING"
	FieldFlight  FieldKind = "FLIGHT"
	FieldDate    FieldKind = "DATE"
	FieldSubject FieldKind = "SUBJECT"
	FieldOther   FieldKind = "OTHER"
)

// Field is a field that the customer filled in.
type Field struct {
	Label, Value string
	Kind         FieldKind
}

// Message is a message taken apart.
type Message struct {
	// Text is what the customer says now, in order, with the answers that stand
	// between quoted lines; where they only pass on what another one asks, that
	// too. It is never blank unless the message is.
	Text string
	// Parts are the whole message in order.
	Parts []Part
	// Fields of a form, in order, also where they are part of Text.
	Fields []Field

	lines []line
	// plain is the message as it was read, HTML turned into text.
	plain string
}

// Read takes a message apart. body is plain text or HTML; locale is the
// customer's language, BCP 47, empty when not known.
func Read(body, locale string) Message {
	lines, plain := linesOf(body)
	r := reader{voc: words(), locale: locale}
	m := Message{lines: lines, plain: plain}
	m.Text = r.read(lines, 0, 0)
	if text.IsBlank(m.Text) {
		// Nothing but frames and signatures: that is what was said.
		for i := range lines {
			if lines[i].kind != Quoted || lines[i].depth == 0 {
				lines[i].kind = Said
			}
		}
		m.Text = plain
	}
	m.Fields = r.fields
	m.Parts = partsOf(lines)
	return m
}

// Plain is a message as a person reads it: clean text, made of HTML where it is
// that.
func Plain(body string) string {
	_, plain := linesOf(body)
	return plain
}

func linesOf(body string) ([]line, string) {
	body = text.Clean(body)
	if !isHTML(body) {
		return plainLines(body), body
	}
	lines := htmlLines(body)
	return lines, joined(lines, func(*line) bool { return true }, rawOf)
}

// Of are the parts of one kind, in order.
func (m *Message) Of(k Kind) string {
	var out []string
	for _, p := range m.Parts {
		if p.Kind == k {
			out = append(out, p.Text)
		}
	}
	return strings.Join(out, "\n\n")
}

// WithoutFooters is the whole message, history included, without what is known
// to be said of companies and not by people: company details, disclaimers, the
// titles below a name, and what a form says of consent and of itself. It is the
// whole message where nothing of the customer would be left.
func (m *Message) WithoutFooters() string {
	any := false
	for i := range m.lines {
		any = any || m.lines[i].footer
	}
	if !any {
		return m.plain
	}
	out := joined(m.lines, func(l *line) bool { return !l.footer }, rawOf)
	if text.IsBlank(out) {
		return m.plain
	}
	return out
}

// InContext is Text as a reader needs it: below what the fields of a form say of
// the matter, and with the quoted lines before an answer that stands between them,
// each marked "> ".
func (m *Message) InContext() string {
	last := -1
	for i, p := range m.Parts {
		if p.Kind == Said {
			last = i
		}
	}
	var out []string
	for i, p := range m.Parts {
		switch {
		case p.Kind == Quoted && i < last:
			out = append(out, "> "+strings.ReplaceAll(lastLines(p.Text, contextLines), "\n", "\n> "))
		case p.Kind == Said && i <= last:
			out = append(out, p.Text)
		}
	}
	between := strings.Join(out, "\n")
	if !strings.Contains(between, "> ") {
		between = m.Text
	} else if f := m.Of(Forwarded); f != "" {
		between += "\n\n" + f
	}
	var about []string
	for _, f := range m.Fields {
		if (f.Kind == FieldSubject || f.Kind == FieldOther) && !strings.Contains(m.Text, f.Value) {
			about = append(about, f.Label+": "+f.Value)
		}
	}
	if len(about) == 0 {
		return between
	}
	return strings.Join(about, "\n") + "\n\n" + between
}

// contextLines is how many quoted lines stand before an answer in InContext.
const contextLines = 6

func lastLines(s string, n int) string {
	at := len(s)
	for range n {
		i := strings.LastIndexByte(s[:at], '\n')
		if i < 0 {
			return s
		}
		at = i
	}
	return s[at+1:]
}

// line is a line of a message.
type line struct {
	// raw is the line as it was written, text what it says without marks of
	// quotation and with ordinary blanks.
	raw, text string
	// depth is how many levels of quotation it stands in.
	depth int
	// header and sign are what HTML says: a copied header begins here, and this
	// is part of a signature.
	header, sign bool
	kind         Kind
	// footer says that the line is known words of a company or a form, which
	// nobody says.
	footer bool
}

func (l *line) blank() bool { return l.text == "" }

// joined are the kept lines, without empty ones at both ends and never two of
// them in a row.
func joined(lines []line, keep func(*line) bool, of func(*line) string) string {
	var b strings.Builder
	gap := false
	for i := range lines {
		l := &lines[i]
		if !keep(l) {
			continue
		}
		s := of(l)
		if s == "" {
			gap = b.Len() > 0
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		if gap {
			b.WriteByte('\n')
			gap = false
		}
		b.WriteString(s)
	}
	return b.String()
}

func textOf(l *line) string { return l.text }
func rawOf(l *line) string  { return l.raw }

func partsOf(lines []line) []Part {
	var parts []Part
	for i := 0; i < len(lines); {
		j, kind := i, lines[i].kind
		for j < len(lines) && (lines[j].kind == kind || lines[j].blank() && lines[j].kind != FormField) {
			j++
		}
		if s := joined(lines[i:j], func(*line) bool { return true }, textOf); s != "" {
			parts = append(parts, Part{kind, s})
		}
		i = j
	}
	return parts
}
