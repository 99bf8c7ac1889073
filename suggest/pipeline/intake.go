package pipeline

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/house"
	"github.com/purser-desk/purser/suggest/message"
	"github.com/purser-desk/purser/suggest/request"
)

// Detector tells languages apart; *langid.Detector is one.
type Detector interface {
	// Detect guesses a language; an empty guess means that the text says too
	// little.
	Detect(s string) langid.Guess
	// IsLanguage reports whether s is written in locale, and whether that is
	// sure.
	IsLanguage(s, locale string) (ok, sure bool)
}

// asked is what intake makes of a ticket: what the customer wants to know.
type asked struct {
	// message is the one being answered.
	message suggest.Message
	// full is all that was written, for triage: of it only what companies and
	// forms say of themselves is left out. question is what the customer says.
	full, question string
	// shown is the question as a model reads it: with the quoted lines before an
	// answer that stands between them.
	shown string
	// quoted is the history below the question, which a desktop may know nothing
	// else of.
	quoted string
	// fields are what a form said beside the message, facts those of them that tell
	// something of the matter.
	fields []suggest.MessageField
	facts  []suggest.Fact
	// search is the text to search for, bounded, subject included; instructions are
	// what was left out of it since it tells the drafter what to do.
	search       string
	instructions []string
	// parts may be requests of their own. followUp is the text to search for where
	// reference says that the message goes on with what was said before.
	parts     []request.Part
	followUp  string
	reference request.Reference
	// run are the messages that are answered together, in order.
	run []suggest.Message
	// locale of the question, BCP 47; empty when not known. draftLocale is
	// never empty.
	locale, draftLocale string
	public              bool
	// house is how the workspace wants its replies, brand the one that answers.
	house    *house.Settings
	brand    house.Brand
	fromNote bool
}

// maxQuestionRunes bounds how much of a run of messages is searched and shown.
const maxQuestionRunes = 20_000

// intake finds what is being answered. It fails with ErrNothingToAnswer when
// the ticket holds no message of the customer and no note.
func (p *Pipeline) intake(in suggest.Input) (asked, error) {
	at := suggest.AnsweredIndex(in.Messages, in.MessageID)
	if at < 0 {
		return asked{}, suggest.ErrNothingToAnswer
	}
	m := in.Messages[at]
	a := asked{
		message:  m,
		public:   m.Visibility == suggest.VisibilityPublic,
		fromNote: m.Author == suggest.AuthorNote,
	}
	var full, question, shown []string
	run := runOf(in.Messages, at)
	for _, i := range run {
		a.run = append(a.run, in.Messages[i])
		read := message.Read(in.Messages[i].Text, firstOf(in.Ticket.Locale, in.Messages[i].Locale))
		full = append(full, read.WithoutFooters())
		question = append(question, read.Text)
		shown = append(shown, read.InContext())
		if shown[len(shown)-1] == read.Text {
			a.quoted = firstOf(read.Of(message.Quoted), a.quoted)
		}
		a.facts = append(a.facts, fieldFacts(read.Fields, in.Messages[i])...)
		for _, f := range read.Fields {
			a.fields = append(a.fields, suggest.MessageField{Name: fieldName(f.Kind), Label: f.Label, Value: f.Value})
		}
	}
	a.full = strings.Join(full, "\n\n")
	a.question = newest(strings.Join(question, "\n\n"), maxQuestionRunes)
	a.shown = newest(strings.Join(shown, "\n\n"), maxQuestionRunes)
	subject := message.Subject(in.Ticket.Subject)
	a.locale = p.questionLocale(in, m, subject, a.question)
	a.draftLocale = firstOf(in.Locale, a.locale, p.settings.DefaultLocale)
	p.understand(&a, in.Messages[:run[0]], subject)
	return a, nil
}

// understand tells what to search for: the question without what instructs the
// drafter, its requests, and what it refers to. before are the messages before it.
func (p *Pipeline) understand(a *asked, before []suggest.Message, subject string) {
	question, instructions := p.triage.WithoutInstructions(a.question, a.locale)
	if text.IsBlank(question) {
		question = a.question // nothing else was written
	}
	a.instructions = instructions
	a.search = text.Truncate(joinQuestion(subject, question), p.settings.QuestionChars)
	if a.fromNote {
		return
	}
	a.parts = request.Split(question, a.locale)
	a.followUp, a.reference = request.FollowUp(turnsOf(before, a.public), question, a.locale)
	if a.reference != request.Apart {
		// The subject is that of the first message.
		a.search = text.Truncate(question, p.settings.QuestionChars)
	}
	a.followUp = text.Truncate(joinQuestion(subject, a.followUp), p.settings.QuestionChars)
}

// maxTurns is how many messages before the question are looked at.
const maxTurns = 6

// turnsOf are the last messages of a conversation, as they were read; of what is
// answered in public only what is public.
func turnsOf(before []suggest.Message, public bool) []request.Turn {
	var out []request.Turn
	for _, m := range before[max(0, len(before)-maxTurns):] {
		if m.Author == suggest.AuthorNote || public && m.Visibility != suggest.VisibilityPublic {
			continue
		}
		read := message.Read(m.Text, m.Locale)
		out = append(out, request.Turn{Customer: m.Author == suggest.AuthorCustomer, Text: read.Text})
	}
	return out
}

// maxFieldRunes is how long the value of a form's field may be and still be a
// value, in code points.
const maxFieldRunes = 24

// fieldName is the contract's name of what a field is.
func fieldName(k message.FieldKind) string {
	switch k {
	case message.FieldBooking:
		return "booking_code"
	case message.FieldFlight:
		return "flight"
	case message.FieldDate:
		return "date"
	case message.FieldName:
		return "name"
	case message.FieldEmail:
		return "email"
	case message.FieldPhone:
		return "phone"
	case message.FieldSubject, message.FieldOther:
	}
	return "other"
}

// fieldFacts are the facts that the fields of a form tell: what names a booking
// or a journey. Contacts are none, since a fact gives the right to state it.
func fieldFacts(fields []message.Field, m suggest.Message) []suggest.Fact {
	var out []suggest.Fact
	for _, f := range fields {
		name := ""
		switch f.Kind {
		case message.FieldBooking:
			name = "booking_code"
		case message.FieldFlight:
			name = "flight"
		case message.FieldDate:
			name = "travel_date"
		case message.FieldName, message.FieldEmail, message.FieldPhone, message.FieldSubject, message.FieldOther:
		}
		if name == "" || utf8.RuneCountInString(f.Value) > maxFieldRunes || !strings.ContainsFunc(f.Value, unicode.IsNumber) || strings.ContainsAny(f.Value, "@<>\n") {
			continue
		}
		out = append(out, suggest.Fact{Name: name, Kind: factKind(f.Kind), Text: f.Value, Source: "message", ReadTime: m.SentTime, MayMention: true})
	}
	return out
}

// factKind tells what must be repeated letter by letter from text.
func factKind(k message.FieldKind) suggest.FactKind {
	if k == message.FieldBooking {
		return suggest.FactCode
	}
	return suggest.FactText
}

// withFacts adds facts to those of a ticket, which count where both say the same.
func withFacts(known, more []suggest.Fact) []suggest.Fact {
	out := slices.Clip(known)
	for _, f := range more {
		if !slices.ContainsFunc(out, func(k suggest.Fact) bool { return strings.EqualFold(suggest.FactValue(k), suggest.FactValue(f)) }) {
			out = append(out, f)
		}
	}
	return out
}

// runOf is the indices, in order, of the messages that ask one question
// together: those of the same author in a row up to at. Notes between two
// messages of the customer part nothing.
func runOf(messages []suggest.Message, at int) []int {
	run := []int{at}
	for i := at - 1; i >= 0; i-- {
		switch messages[i].Author {
		case messages[at].Author:
			run = append(run, i)
		case suggest.AuthorNote:
			continue
		case suggest.AuthorCustomer, suggest.AuthorAgent:
			slices.Reverse(run)
			return run
		}
	}
	slices.Reverse(run)
	return run
}

// fewWords is how many words a text has at most whose recognised language gives way
// to that of the customer's earlier messages: a guess by a word or two.
const fewWords = 3

// questionLocale is the language of the question: as the desktop states it for
// the ticket, for the message, or as it is recognised; for what says too little,
// that in which the customer wrote before. It is empty where none of these tells:
// then what is found does.
func (p *Pipeline) questionLocale(in suggest.Input, m suggest.Message, subject, question string) string {
	if in.Ticket.Locale != "" {
		return in.Ticket.Locale
	}
	if m.Locale != "" {
		return m.Locale
	}
	recognised := ""
	if p.detector != nil {
		for _, s := range []string{question, joinQuestion(subject, question)} {
			if recognised = p.detector.Detect(text.Truncate(s, 600)).Locale; recognised != "" {
				break
			}
		}
	}
	if recognised != "" && len(strings.Fields(question)) > fewWords {
		return recognised
	}
	for _, o := range slices.Backward(in.Messages) {
		if o.Author != suggest.AuthorCustomer || o.ID == m.ID && o.Text == m.Text {
			continue
		}
		if o.Locale != "" {
			return o.Locale
		}
		if p.detector != nil {
			if g := p.detector.Detect(text.Truncate(message.Read(o.Text, "").Text, 600)); g.Locale != "" {
				return g.Locale
			}
		}
	}
	return recognised
}

func joinQuestion(subject, question string) string {
	if subject == "" || strings.Contains(question, subject) {
		return question
	}
	return strings.TrimSpace(subject + "\n" + question)
}

// newest keeps the last characters of s, from a line's beginning where there is
// one: of a long run the newest message counts.
func newest(s string, runes int) string {
	if len(s) <= runes {
		return s
	}
	r := []rune(s)
	if len(r) <= runes {
		return s
	}
	s = string(r[len(r)-runes:])
	if i := strings.IndexByte(s, '\n'); i >= 0 && i < len(s)/4 {
		s = s[i+1:]
	}
	return s
}

func firstOf(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}
