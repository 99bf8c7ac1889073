package pipeline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/pii"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/message"
)

// Redacting returns a function that puts placeholders in place of personal data: what
// is known from the ticket, what looks like a contact, a card or an account, and
// the names, days of birth and streets that texts tell. What stands in public, as
// articles do, tells nobody. The same value gets the same placeholder in every
// text that goes through it. The locale, BCP 47 or empty, is the texts'.
func Redacting(t suggest.Ticket, locale string, texts, public []string) func(string) string {
	var read pii.Public
	for _, p := range public {
		read.Add(p, locale)
	}
	return redactorOf(t, pii.Told{Locale: locale, Texts: texts, Public: &read}).Redact
}

func redactorOf(t suggest.Ticket, told pii.Told) *pii.Redactor {
	told.Texts = append(told.Texts, t.Subject)
	for _, f := range t.Facts {
		if (f.Kind == suggest.FactDate || f.Kind == suggest.FactText) && pii.IsBirthField(f.Name) {
			told.Births = append(told.Births, suggest.FactValue(f))
		}
	}
	told.Names = append(told.Names, t.Customer.DisplayName)
	return pii.NewRedactor(told.Locale, append(known(t), pii.Survey(told).Untold()...))
}

// redactor is what hides personal data in the prompt of a question. What the
// evidence says and the house's name tell nobody.
func (p *Pipeline) redactor(in suggest.Input, a asked, evidence []suggest.Evidence) *pii.Redactor {
	var public pii.Public
	public.Add(a.brand.Company, a.locale)
	for _, e := range evidence {
		public.Add(e.Title+"\n"+strings.Join(e.HeadingPath, "\n")+"\n"+e.Text, e.Locale)
	}
	told := pii.Told{Locale: a.locale, Time: a.message.SentTime, Public: &public}
	for _, m := range in.Messages {
		told.Texts = append(told.Texts, message.Plain(m.Text))
	}
	return redactorOf(in.Ticket, told)
}

// known are the values that no model may see: the customer's name and addresses, and
// what identifies a booking, a document or a day of birth. What a writer reasons with
// (amounts, dates, fares, distances) it sees as it is.
func known(t suggest.Ticket) []pii.Known {
	out := make([]pii.Known, 0, len(t.Facts)+len(t.Customer.Identities)+1)
	if t.Customer.DisplayName != "" {
		out = append(out, pii.Known{Kind: pii.KindName, Value: t.Customer.DisplayName})
		for _, part := range nameParts(t.Customer.DisplayName) {
			out = append(out, pii.Known{Kind: pii.KindName, Value: part})
		}
	}
	for _, id := range t.Customer.Identities {
		out = append(out, pii.Known{Kind: PersonalKind(id.Kind), Value: id.Value})
		if _, handle, ok := strings.Cut(id.Value, ":"); ok && id.Kind == suggest.IdentityHandle {
			out = append(out, pii.Known{Kind: pii.KindHandle, Value: handle})
		}
	}
	for _, f := range t.Facts {
		if v := suggest.FactValue(f); v != "" && identifies(f) {
			out = append(out, pii.Known{Kind: pii.KindFact, Name: f.Name, Value: v})
		}
	}
	return out
}

// identifies reports whether a fact tells who somebody is, or names one thing of
// theirs.
func identifies(f suggest.Fact) bool {
	switch f.Kind {
	case suggest.FactCode:
		return true
	case suggest.FactDate:
		return pii.IsBirthField(f.Name)
	case suggest.FactText:
		if pii.IsBirthField(f.Name) {
			return true
		}
		found := entity.Find(f.Text, "")
		return len(found) == 1 && found[0].Span == text.Span{End: len(f.Text)} && (found[0].Kind == entity.Code || found[0].IsContact() || found[0].Kind == entity.Card)
	case suggest.FactAmount:
	}
	return false
}

// Bounds of a name.
const (
	nameWords = 6
	nameRunes = 60
)

// nameParts are the words of a name that are hidden each for itself. People write
// anything into that field, and the words of what is no name would take half the
// evidence away: of what can't be greeted, only the first words that begin like
// names count.
func nameParts(name string) []string {
	parts := strings.Fields(name)
	switch {
	case len(parts) < 2:
		return nil
	case greetable(name):
		return parts
	}
	var out []string
	for _, part := range parts[:min(len(parts), nameWords)] {
		part = strings.Trim(part, "()[]{}<>\"',;:.!?/|*_#")
		if first, _ := utf8.DecodeRuneInString(part); unicode.IsUpper(first) && !strings.ContainsFunc(part, unicode.IsDigit) {
			out = append(out, part)
		}
	}
	return out
}

// greetable reports whether a customer can be greeted by what the desktop has as
// the name: people write anything into that field, and a greeting is in our
// words.
func greetable(name string) bool {
	return len(strings.Fields(name)) <= nameWords && utf8.RuneCountInString(name) <= nameRunes &&
		!strings.ContainsFunc(name, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" .'’-", r)
		})
}

// PersonalKind is what an identity is to what finds personal data.
func PersonalKind(k suggest.IdentityKind) pii.Kind {
	switch k {
	case suggest.IdentityEmail:
		return pii.KindEmail
	case suggest.IdentityPhone:
		return pii.KindPhone
	case suggest.IdentityHandle:
		return pii.KindHandle
	case suggest.IdentityCustomerNumber:
	}
	return pii.KindCode
}
