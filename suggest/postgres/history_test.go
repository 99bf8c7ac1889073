package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/purser-desk/purser/suggest"
)

// asks are all asks of the desk, by the ticket's external id and the place of
// the message.
func (d *desk) asks(from, to time.Time) map[string]suggest.Ask {
	d.t.Helper()
	out := map[string]suggest.Ask{}
	d.ok(d.Asks(d.ctx, d.w, from, to, func(a suggest.Ask) error {
		v, err := d.View(d.ctx, d.w, suggest.TicketRef{ID: a.TicketID}, 1)
		out[fmt.Sprintf("%s/%d", v.Ticket.ExternalID, a.Sequence)] = a
		return err
	}))
	return out
}

func TestAsks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	customer, agent, note := suggest.AuthorCustomer, suggest.AuthorAgent, suggest.AuthorNote
	says := func(id string, authors ...suggest.Author) suggest.Ticket {
		ticket := d.ticket(id)
		for i, a := range authors {
			d.says(ticket.ID, a, fmt.Sprintf("%s %d", id, i+1))
		}
		return ticket
	}
	says("run", customer, note, customer, agent, customer)
	says("notes", note, note)
	says("agent first", agent, customer)
	says("silence")

	approved := says("approved", customer)
	_, err := d.decide(d.draft(approved.ID), suggest.DecisionApprove)
	d.ok(err)
	d.says(approved.ID, agent, "sent")

	twice := says("twice", customer) // thrown away, then a second one approved
	_, err = d.decide(d.draft(twice.ID), suggest.DecisionDiscard)
	d.ok(err)
	_, err = d.decide(d.draft(twice.ID), suggest.DecisionApprove)
	d.ok(err)

	early := says("early", customer) // drafted before the customer wrote on, and left
	d.draft(early.ID)
	d.says(early.ID, customer, "one thing more")

	abandoned := says("abandoned", customer)
	begun := d.begin(abandoned.ID)
	d.ok(d.Abandon(d.ctx, d.w, begun.Suggestion.ID, "server"))

	says("resolved", customer)
	d.upsert(suggest.TicketChange{ExternalID: "resolved", Status: suggest.StatusResolved})

	late := d.ticket("late")
	d.append(late.ID, suggest.Message{Author: customer, Text: "late", SentTime: d.clock.Add(12 * time.Hour)})
	// Taken in now, written long ago.
	old := d.ticket("old")
	d.append(old.ID, suggest.Message{Author: customer, Text: "old", SentTime: start.Add(-48 * time.Hour)})

	other := deskIn(t, d.schema) // another workspace, of which nothing may be seen
	other.says(other.ticket("other").ID, customer, "hello")

	got := d.asks(start, d.clock.Add(time.Hour))
	for name, c := range map[string]struct {
		replied, resolved, suggested bool
		decision                     suggest.DecisionKind
	}{
		"run/3":         {replied: true},
		"run/5":         {},
		"notes/2":       {},
		"agent first/2": {},
		"approved/1":    {replied: true, suggested: true, decision: suggest.DecisionApprove},
		"twice/1":       {suggested: true, decision: suggest.DecisionApprove},
		"early/2":       {},
		"abandoned/1":   {},
		"resolved/1":    {resolved: true},
	} {
		a, ok := got[name]
		if !ok || a.Replied != c.replied || a.Resolved != c.resolved || (a.SuggestionID != "") != c.suggested || a.Decision != c.decision {
			t.Errorf("%s: %+v", name, a)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("more asks: %+v", got)
	}
	if len(d.asks(start, start)) > 0 || len(d.asks(d.clock.Add(11*time.Hour), time.Time{})) != 1 || len(d.asks(start.Add(-72*time.Hour), start)) != 1 {
		t.Error("the window is not kept")
	}
	stop := errors.New("enough")
	if err := d.Asks(d.ctx, d.w, start, time.Time{}, func(suggest.Ask) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped with %v", err)
	}

	a := d.asks(start, time.Time{})["run/3"]
	h, err := d.AskHistory(d.ctx, d.w, a)
	d.ok(err)
	if len(h.Messages) != 3 || h.Messages[2].Text != "run 3" || len(h.Replies) != 1 || h.Replies[0].Text != "run 4" || h.Suggestion != nil || h.Ticket.Subject != "Lost bag" {
		t.Errorf("%+v", h)
	}
	if _, err := other.AskHistory(d.ctx, other.w, a); !errors.Is(err, suggest.ErrTicketNotFound) {
		t.Errorf("another workspace reads it: %v", err)
	}
}

// What a suggestion was made from counts, not what its ticket became.
func TestAskHistoryIsAsRecorded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.upsert(suggest.TicketChange{
		ExternalID: "T-1", Channel: suggest.ChannelChat, Subject: "Before", Customer: &suggest.Customer{DisplayName: "Anna Before"},
		Facts: []suggest.Fact{{Name: "fare", Kind: suggest.FactText, Text: "Light"}},
	})
	d.says(ticket.ID, suggest.AuthorCustomer, "Hello?")
	begun := d.begin(ticket.ID)
	s := begun.Suggestion
	s.Outcome = suggest.OutcomeNoDraft
	record := suggest.Record{Messages: begun.Messages, Facts: begun.Ticket.Facts, Ticket: []byte(`{"subject":"Before","channel":"CHAT","customer":{"display_name":"Anna Before"}}`)}
	_, err := d.Finish(d.ctx, d.w, "server", s, record)
	d.ok(err)
	d.upsert(suggest.TicketChange{ExternalID: "T-1", Subject: "After", Customer: &suggest.Customer{DisplayName: "Anna After"}, Facts: []suggest.Fact{{Name: "fare", Kind: suggest.FactText, Text: "Plus"}}})
	for _, a := range d.asks(start, time.Time{}) {
		h, err := d.AskHistory(d.ctx, d.w, a)
		d.ok(err)
		if h.Ticket.Subject != "Before" || h.Ticket.Facts[0].Text != "Light" || h.Before.DisplayName != "Anna Before" || h.Ticket.Customer.DisplayName != "Anna After" {
			t.Errorf("%+v", h)
		}
	}
}
