package eval

import (
	"fmt"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

// Ticket is what stood around a question.
type Ticket struct {
	Subject string `json:"subject,omitempty"`
	// Earlier messages, oldest first.
	Earlier  []Said           `json:"earlier,omitempty"`
	Facts    []suggest.Fact   `json:"facts,omitempty"`
	Customer suggest.Customer `json:"customer,omitzero"`
}

// Said is one message.
type Said struct {
	Author suggest.Author `json:"author"`
	Text   string         `json:"text"`
}

// Asked is the question with the conversation and the facts around it, for who
// is to rate the reply.
func (r *CaseResult) Asked() string {
	if r.Ticket == nil {
		return r.Question
	}
	var parts []string
	if r.Ticket.Subject != "" {
		parts = append(parts, "Subject: "+r.Ticket.Subject)
	}
	for _, m := range r.Ticket.Earlier {
		parts = append(parts, fmt.Sprintf("%s: %s", m.Author, m.Text))
	}
	question := r.Question
	if len(r.Ticket.Earlier) > 0 {
		question = fmt.Sprintf("%s: %s", suggest.AuthorCustomer, question)
	}
	parts = append(parts, question)
	facts := make([]string, len(r.Ticket.Facts))
	for i, f := range r.Ticket.Facts {
		facts[i] = fmt.Sprintf("(%s: %s)", f.Name, suggest.FactValue(f))
	}
	if len(facts) > 0 {
		parts = append(parts, strings.Join(facts, "\n"))
	}
	return strings.Join(parts, "\n\n")
}

func ticketOf(c *suite.Case) *Ticket {
	t := Ticket{Subject: c.Subject, Facts: c.Facts, Customer: c.Customer}
	for _, m := range c.Messages[:max(0, len(c.Messages)-1)] {
		t.Earlier = append(t.Earlier, Said(m))
	}
	if t.Subject == "" && len(t.Earlier)+len(t.Facts) == 0 && len(t.Customer.Identities) == 0 && t.Customer.DisplayName == "" {
		return nil
	}
	return &t
}
