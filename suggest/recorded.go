package suggest

import (
	"encoding/json"
	"fmt"
	"time"
)

// recordedTicket is the ticket as it was, without what stands elsewhere in the
// record.
type recordedTicket struct {
	ID            string   `json:"id,omitempty"`
	ExternalID    string   `json:"external_id,omitempty"`
	Subject       string   `json:"subject,omitempty"`
	Channel       Channel  `json:"channel,omitempty"`
	Customer      Customer `json:"customer,omitzero"`
	ContactReason string   `json:"contact_reason,omitempty"`
	Labels        []string `json:"labels,omitempty"`
	Locale        string   `json:"locale,omitempty"`
	Brand         string   `json:"brand,omitempty"`
	// Requested is the language that the caller asked for, Excluded those that
	// were left out of the search.
	Requested string   `json:"requested_locale,omitempty"`
	Excluded  []string `json:"excluded_locales,omitempty"`
	// ExcludedKeys are those of articles that were left out.
	ExcludedKeys []string `json:"excluded_keys,omitempty"`
	// LimitMS is the time limit that the caller gave, in milliseconds.
	LimitMS int64 `json:"limit_ms,omitempty"`
	// Guidance is the agent's hint.
	Guidance string `json:"guidance,omitempty"`
}

// Recorded is what a record keeps of the ticket and of what the caller asked for;
// see Record.Ticket.
func (in Input) Recorded() json.RawMessage {
	ticket, err := json.Marshal(recordedTicket{
		ID: in.Ticket.ID, ExternalID: in.Ticket.ExternalID, Subject: in.Ticket.Subject, Channel: in.Ticket.Channel,
		Customer: in.Ticket.Customer, ContactReason: in.Ticket.ContactReason, Labels: in.Ticket.Labels,
		Locale: in.Ticket.Locale, Brand: in.Ticket.Brand, Guidance: in.Guidance, Requested: in.Locale, Excluded: in.ExcludeLocales, ExcludedKeys: in.ExcludeKeys, LimitMS: in.Limit.Milliseconds(),
	})
	if err != nil {
		return nil
	}
	return ticket
}

// Input is what the suggestion was made from, as far as the record says: its
// ticket, messages and facts, and what the caller asked for. It fails when the
// record holds no ticket, as that of a suggestion which is still being made.
func (r Record) Input() (Input, error) {
	if len(r.Ticket) == 0 {
		return Input{}, ErrNoRecord
	}
	var t recordedTicket
	if err := json.Unmarshal(r.Ticket, &t); err != nil {
		return Input{}, fmt.Errorf("read the ticket in the record: %w", err)
	}
	return Input{
		Ticket: Ticket{
			ID: t.ID, ExternalID: t.ExternalID, Subject: t.Subject, Channel: t.Channel, Status: StatusOpen, Customer: t.Customer,
			Facts: r.Facts, ContactReason: t.ContactReason, Labels: t.Labels, Locale: t.Locale, Brand: t.Brand, MessageCount: len(r.Messages),
		},
		Messages: r.Messages, Locale: t.Requested, ExcludeLocales: t.Excluded, ExcludeKeys: t.ExcludedKeys, Guidance: t.Guidance,
		Limit: time.Duration(t.LimitMS) * time.Millisecond,
	}, nil
}
