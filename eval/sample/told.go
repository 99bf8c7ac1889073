package sample

import (
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/pii"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// pseudonyms are those of an ask's ticket.
func (r *run) pseudonyms(h *suggest.AskHistory, locale string) *pii.Pseudonyms {
	told := pii.Told{Locale: locale, Time: h.Time, Names: people(h, &r.Public.text), Texts: ticketTexts(h), Public: &r.Public.text}
	for _, c := range []suggest.Customer{h.Ticket.Customer, h.Before} {
		for _, id := range c.Identities {
			told.Values = append(told.Values, pii.Known{Kind: pipeline.PersonalKind(id.Kind), Value: id.Value})
			if _, handle, ok := strings.Cut(id.Value, ":"); ok && id.Kind == suggest.IdentityHandle {
				told.Values = append(told.Values, pii.Known{Kind: pii.KindHandle, Value: handle})
			}
		}
	}
	for _, f := range h.Ticket.Facts {
		tellFact(&told, f)
	}
	return pii.Survey(told).Pseudonymise(r.Key, h.TicketID)
}

// tellFact tells what a fact says, unless an article says it, too. Amounts,
// measures and dates stay, also those that are text: replies are about them, and
// alone they tell nobody; dates of birth do.
func tellFact(told *pii.Told, f suggest.Fact) {
	field := pii.FieldOf(f.Name)
	value := suggest.FactValue(f)
	if field.Birth {
		told.Births = append(told.Births, value)
	}
	if f.Text != "" {
		told.Fields = append(told.Fields, f.Name+": "+f.Text)
	}
	switch {
	case f.Kind != suggest.FactText && f.Kind != suggest.FactCode, field.Birth:
	case pii.IsPlain(f.Text, told.Locale), field.Flight && pii.IsFlight(f.Text):
	case !field.Personal && !field.Name && told.Public.Says(f.Text):
	default:
		told.Values = append(told.Values, pii.Known{Kind: pii.KindFact, Value: f.Text})
	}
}

func ticketTexts(h *suggest.AskHistory) []string {
	texts := []string{h.Ticket.Subject}
	for _, m := range h.Messages {
		texts = append(texts, m.Text)
	}
	return append(texts, sent(h))
}

// people are the names that the desk knows: of the customer, and of all who
// wrote or decided. A login counts where no name is told, unless it is a word of
// the articles.
func people(h *suggest.AskHistory, public *pii.Public) []string {
	names := []string{h.Ticket.Customer.DisplayName, h.Before.DisplayName}
	for _, f := range h.Ticket.Facts {
		if f.Kind == suggest.FactText && pii.FieldOf(f.Name).Name && !strings.ContainsAny(f.Text, "0123456789") {
			names = append(names, f.Text)
		}
	}
	actors := []suggest.Actor{}
	for _, m := range slices.Concat(h.Messages, h.Replies) {
		actors = append(actors, m.Actor)
	}
	if s := h.Suggestion; s != nil {
		actors = append(actors, s.Actor)
		if s.Decision != nil {
			actors = append(actors, s.Decision.Actor)
		}
		if s.Delivery != nil {
			actors = append(actors, s.Delivery.Actor)
		}
	}
	for _, a := range actors {
		if a.Name != "" {
			names = append(names, a.Name)
		} else if !public.Says(a.ID) {
			names = append(names, a.ID)
		}
	}
	return names
}
