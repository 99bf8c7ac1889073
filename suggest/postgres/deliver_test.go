package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/postgres"
)

func (d *desk) deliver(r suggest.DeliveryReport) (suggest.Message, *suggest.Suggestion, error) {
	r.Actor, r.KeyID = ola, d.key
	return d.Deliver(d.ctx, d.w, r, uuid.NewString(), d.now())
}

func (d *desk) messages(ticket string) int {
	d.t.Helper()
	v := d.view(ticket)
	if v.Ticket.MessageCount != len(v.Messages) {
		d.t.Errorf("the ticket counts %d messages and holds %d", v.Ticket.MessageCount, len(v.Messages))
	}
	return len(v.Messages)
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.released("T")
	sent := d.clock.Add(time.Minute)
	message, got, err := d.deliver(suggest.DeliveryReport{
		TicketID: s.TicketID, SuggestionID: s.ID, Text: "What was\x00 sent", ExternalMessageID: "out-1",
		Channel: suggest.ChannelChat, Visibility: suggest.VisibilityPublic, Time: sent,
	})
	d.ok(err)
	wantMessage := suggest.Message{
		ID: message.ID, ExternalID: "out-1", Sequence: 2, Author: suggest.AuthorAgent, Actor: ola, Channel: suggest.ChannelChat,
		Visibility: suggest.VisibilityPublic, Locale: "en", Text: "What was sent", SentTime: sent, SuggestionID: s.ID,
	}
	if diff := cmp.Diff(wantMessage, message); diff != "" {
		t.Error(diff)
	}
	want := s
	want.State, want.Revision = suggest.StateDelivered, s.Revision+1
	want.Delivery = &suggest.Delivery{Time: sent, Actor: ola, MessageID: message.ID}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, d.suggestion(s.ID)); diff != "" {
		t.Errorf("read again:\n%s", diff)
	}
	if diff := cmp.Diff(wantMessage, d.view(s.TicketID).Messages[1]); diff != "" {
		t.Errorf("read again:\n%s", diff)
	}
	for name, report := range map[string]suggest.DeliveryReport{
		"the same suggestion":  {SuggestionID: s.ID},
		"the same external id": {Text: "Again", ExternalMessageID: "out-1"},
	} {
		report.TicketID = s.TicketID
		if _, _, err := d.deliver(report); !errors.Is(err, suggest.ErrAlreadyDelivered) {
			t.Errorf("%s: %v, want ErrAlreadyDelivered", name, err)
		}
	}
}

func TestDeliverFillsIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.upsert(suggest.TicketChange{ExternalID: "T", Channel: suggest.ChannelSocial}).ID
	d.append(ticket, suggest.Message{Author: suggest.AuthorCustomer, Text: "Bag?", Visibility: suggest.VisibilityPublic})
	s, err := d.decide(d.draft(ticket), suggest.DecisionEdit)
	d.ok(err)
	m, _, err := d.deliver(suggest.DeliveryReport{TicketID: ticket, SuggestionID: s.ID, Text: " \n"})
	d.ok(err)
	if m.Text != "We found your bag." || m.Channel != suggest.ChannelSocial || m.Visibility != suggest.VisibilityPublic || !m.SentTime.Equal(d.clock) {
		t.Errorf("%+v", m)
	}
}

func TestDeliverRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.released("released")
	other := d.ticket("other").ID
	inbound, _ := d.append(other, suggest.Message{ExternalID: "in-1", Author: suggest.AuthorCustomer, Text: "Hello"})
	open := d.draft(other)
	discarded, err := d.decide(d.draft(other), suggest.DecisionDiscard)
	d.ok(err)
	running := d.begin(other).Suggestion
	var field *suggest.FieldError
	for name, c := range map[string]struct {
		report suggest.DeliveryReport
		want   error
	}{
		"undecided":             {suggest.DeliveryReport{TicketID: other, SuggestionID: open.ID}, suggest.ErrNotReleased},
		"discarded":             {suggest.DeliveryReport{TicketID: other, SuggestionID: discarded.ID}, suggest.ErrNotReleased},
		"running":               {suggest.DeliveryReport{TicketID: other, SuggestionID: running.ID}, suggest.ErrNotReleased},
		"another ticket's":      {suggest.DeliveryReport{TicketID: other, SuggestionID: s.ID}, suggest.ErrOtherTicket},
		"no text":               {suggest.DeliveryReport{TicketID: other, Text: " \x00"}, suggest.ErrTextMissing},
		"a customer's external": {suggest.DeliveryReport{TicketID: other, Text: "x", ExternalMessageID: inbound.ExternalID}, nil},
	} {
		_, _, err := d.deliver(c.report)
		if c.want != nil && !errors.Is(err, c.want) || c.want == nil && !errors.As(err, &field) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if n := d.messages(other); n != 1 {
		t.Errorf("%d messages", n)
	}
}

// TestRecognised reports a delivery and hands the same reply over as a
// message, in either order: the ticket holds it once.
func TestRecognised(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const reply = "Your bag is on its way."
	for name, c := range map[string]struct {
		reported, appended string // external ids
		text               string
		apart              time.Duration
		author             suggest.Author
		once               bool
	}{
		"both name it":                  {"x", "x", "Changed on the way", time.Minute, suggest.AuthorAgent, true},
		"the message names it":          {"", "x", reply, time.Minute, suggest.AuthorAgent, true},
		"the report names it":           {"x", "", reply, time.Minute, suggest.AuthorAgent, true},
		"nobody names it":               {"", "", reply, time.Minute, suggest.AuthorAgent, true},
		"within two days":               {"", "x", reply, 48 * time.Hour, suggest.AuthorAgent, true},
		"later than two days":           {"", "x", reply, 48*time.Hour + time.Second, suggest.AuthorAgent, false},
		"they name it differently":      {"x", "y", reply, time.Minute, suggest.AuthorAgent, false},
		"another text":                  {"", "x", reply + " Yours", time.Minute, suggest.AuthorAgent, false},
		"the customer quotes it":        {"", "x", reply, time.Minute, suggest.AuthorCustomer, false},
		"a note quotes it, without ids": {"", "", reply, time.Minute, suggest.AuthorNote, false},
	} {
		for _, appendedFirst := range []bool{false, true} {
			if appendedFirst && c.author == suggest.AuthorCustomer {
				continue // then the approval is stale
			}
			t.Run(fmt.Sprint(name, ", message first: ", appendedFirst), func(t *testing.T) {
				ticket := d.ticket(t.Name()).ID
				d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
				s, err := d.decide(d.draft(ticket), suggest.DecisionApprove)
				d.ok(err)
				sent := d.clock
				var reported, appended suggest.Message
				var created bool
				report := func() {
					var delivered *suggest.Suggestion
					reported, delivered, err = d.deliver(suggest.DeliveryReport{TicketID: ticket, SuggestionID: s.ID, ExternalMessageID: c.reported, Time: sent})
					d.ok(err)
					if delivered.State != suggest.StateDelivered || delivered.Delivery.MessageID != reported.ID || reported.SuggestionID != s.ID {
						t.Errorf("delivered: %+v as %+v", delivered, reported)
					}
				}
				hand := func() {
					appended, created = d.append(ticket, suggest.Message{
						ExternalID: c.appended, Author: c.author, Actor: kari, Text: c.text, SentTime: sent.Add(c.apart),
					})
				}
				if appendedFirst {
					hand()
					report()
				} else {
					report()
					hand()
				}
				if same := appended.ID == reported.ID; same != c.once || !appendedFirst && created == c.once {
					t.Errorf("the same message: %v, made by the second call: %v; want once: %v", same, created, c.once)
				}
				want := 3
				if c.once {
					want = 2
				}
				if n := d.messages(ticket); n != want {
					t.Errorf("%d messages, want %d", n, want)
				}
				if !c.once {
					return
				}
				wantID := c.reported + c.appended
				if c.reported == c.appended {
					wantID = c.reported
				}
				if got := d.view(ticket).Messages[1]; got.ExternalID != wantID || got.SuggestionID != s.ID {
					t.Errorf("it is kept as %+v, want the external id %q", got, wantID)
				}
				// It was recognised; the same words once more are a new message.
				if _, again := d.append(ticket, suggest.Message{Author: c.author, Text: c.text, SentTime: sent}); !again {
					t.Error("recognised twice")
				}
			})
		}
	}
}

func TestDeliverWithoutSuggestion(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	own := func(ticket, externalID string) (suggest.Message, *suggest.Suggestion) {
		m, s, err := d.deliver(suggest.DeliveryReport{TicketID: ticket, Text: "In my own words.", ExternalMessageID: externalID})
		d.ok(err)
		return m, s
	}
	asks := func(name string) string {
		ticket := d.ticket(name).ID
		d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
		return ticket
	}
	t.Run("there is none", func(t *testing.T) {
		m, s := own(asks("none"), "")
		if s != nil || m.SuggestionID != "" || m.Sequence != 2 {
			t.Errorf("%+v of %+v", m, s)
		}
	})
	t.Run("the newest becomes own", func(t *testing.T) {
		ticket := asks("newest")
		older := d.draft(ticket)
		newest := d.draft(ticket)
		d.says(ticket, suggest.AuthorNote, "Calling Oslo")
		m, s := own(ticket, "")
		if s == nil || s.ID != newest.ID || m.SuggestionID != newest.ID || s.State != suggest.StateDelivered || s.Delivery.MessageID != m.ID {
			t.Fatalf("%+v of %+v", m, s)
		}
		want := suggest.Decision{Kind: suggest.DecisionOwn, Actor: ola, KeyID: d.key, Time: d.clock, FinalText: "In my own words."}
		if diff := cmp.Diff(&want, s.Decision); diff != "" {
			t.Error(diff)
		}
		if got := d.suggestion(older.ID); got.State != suggest.StateSuperseded || got.SupersededBy != suggest.SupersededByMessage {
			t.Errorf("the older one is %s by %q", got.State, got.SupersededBy)
		}
	})
	t.Run("handed over as a message before", func(t *testing.T) {
		ticket := asks("before")
		s := d.draft(ticket)
		d.append(ticket, suggest.Message{ExternalID: "out", Author: suggest.AuthorAgent, Text: "In my own words."})
		m, got := own(ticket, "out")
		if got == nil || got.ID != s.ID || got.SupersededBy != "" || m.SuggestionID != s.ID || d.messages(ticket) != 2 {
			t.Errorf("%+v of %+v", m, got)
		}
	})
	t.Run("a newer message came", func(t *testing.T) {
		ticket := asks("stale")
		d.draft(ticket)
		d.says(ticket, suggest.AuthorCustomer, "Never mind")
		if m, s := own(ticket, ""); s != nil || m.SuggestionID != "" {
			t.Errorf("%+v of %+v", m, s)
		}
	})
	t.Run("what it cites changed", func(t *testing.T) {
		ticket := asks("changed")
		cited := d.article(1)
		d.finish(d.begin(ticket).Suggestion, []suggest.Evidence{cited})
		d.change(cited, `revision = 2`)
		if _, s := own(ticket, ""); s == nil || s.SupersededBy != suggest.SupersededByKnowledge || s.Decision.Kind != suggest.DecisionOwn {
			t.Errorf("%+v", s)
		}
	})
	t.Run("it was decided", func(t *testing.T) {
		ticket := asks("decided")
		_, err := d.decide(d.draft(ticket), suggest.DecisionDiscard)
		d.ok(err)
		if _, s := own(ticket, ""); s != nil {
			t.Errorf("%+v", s)
		}
	})
	t.Run("it is still being made", func(t *testing.T) {
		ticket := asks("running")
		d.begin(ticket)
		if _, s := own(ticket, ""); s != nil {
			t.Errorf("%+v", s)
		}
	})
}

func TestOneOfManyDeliveries(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.released("T")
	now := d.now()
	errs := d.queued(s.TicketID, 20, func(store *postgres.Store, i int) error {
		if i%2 == 0 {
			_, _, err := store.AppendMessage(d.ctx, d.w, s.TicketID, suggest.Message{
				ID: uuid.NewString(), ExternalID: "out", Author: suggest.AuthorAgent, Text: s.Decision.FinalText,
			}, now)
			return err
		}
		_, _, err := store.Deliver(d.ctx, d.w, suggest.DeliveryReport{TicketID: s.TicketID, SuggestionID: s.ID, Actor: ola}, uuid.NewString(), now)
		return err
	})
	delivered := 0
	for i, err := range errs {
		switch {
		case i%2 == 0 && err != nil:
			t.Errorf("a message: %v", err)
		case i%2 == 1 && err == nil:
			delivered++
		case i%2 == 1 && !errors.Is(err, suggest.ErrAlreadyDelivered):
			t.Errorf("a report: %v", err)
		}
	}
	if n := d.messages(s.TicketID); n != 2 || delivered != 1 {
		t.Errorf("%d messages, want two; %d deliveries, want one", n, delivered)
	}
}
