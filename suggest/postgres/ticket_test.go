package postgres_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/postgres"
)

// everything is a ticket with all that a desktop can say.
func everything() suggest.TicketChange {
	return suggest.TicketChange{
		ExternalID: "T-1", Subject: "Bag\x00 lost", Channel: suggest.ChannelSocial, Status: suggest.StatusPending,
		Customer: &suggest.Customer{DisplayName: "Kari \x00Nordmann", Identities: []suggest.Identity{
			{Kind: suggest.IdentityEmail, Value: " Kari@Example.COM"}, {Kind: suggest.IdentityHandle, Value: "mastodon:@kari"},
		}},
		Facts: []suggest.Fact{
			{Name: "booking_code", Kind: suggest.FactCode, Text: "X4\x00T9Q2", Source: "reservations", ReadTime: start.Add(777), MayMention: true},
			{Name: "paid", Kind: suggest.FactAmount, Amount: suggest.Money{Currency: "EUR", Units: -12, Nanos: -500000000}},
			{Name: "born", Kind: suggest.FactDate, Date: suggest.Date{Year: 1980, Month: 2, Day: 29}},
		},
		ContactReason: "baggage.delayed", Labels: []string{"gold", "oslo"}, Locale: "nb",
		DueTime: start.Add(time.Hour), EventTime: start.Add(48 * time.Hour),
	}
}

func TestUpsertKeepsEverything(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := uuid.NewString()
	got, created, err := d.UpsertTicket(d.ctx, d.w, everything(), id, start)
	d.ok(err)
	want := suggest.Ticket{
		ID: id, ExternalID: "T-1", Subject: "Bag lost", Channel: suggest.ChannelSocial, Status: suggest.StatusPending,
		Customer: suggest.Customer{DisplayName: "Kari Nordmann", Identities: []suggest.Identity{
			{Kind: suggest.IdentityEmail, Value: "Kari@Example.COM"}, {Kind: suggest.IdentityHandle, Value: "mastodon:@kari"},
		}},
		Facts: everything().Facts, ContactReason: "baggage.delayed", Labels: []string{"gold", "oslo"}, Locale: "nb",
		DueTime: start.Add(time.Hour), EventTime: start.Add(48 * time.Hour), CreateTime: start, UpdateTime: start,
	}
	want.Facts[0].Text = "X4T9Q2"
	want.Facts[0].ReadTime = start
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(suggest.Customer{}, "ID")); diff != "" || !created {
		t.Errorf("created %v:\n%s", created, diff)
	}
	if _, err := uuid.Parse(got.Customer.ID); err != nil {
		t.Errorf("customer id %q: %v", got.Customer.ID, err)
	}
	for _, ref := range []suggest.TicketRef{{ID: id}, {ExternalID: "T-1"}} {
		v, err := d.View(d.ctx, d.w, ref, 10)
		d.ok(err)
		if diff := cmp.Diff(got, v.Ticket); diff != "" {
			t.Error(diff)
		}
	}
}

func TestUpsertChanges(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for name, c := range map[string]struct {
		change suggest.TicketChange
		want   func(t *suggest.Ticket)
	}{
		"nothing given": {suggest.TicketChange{}, func(*suggest.Ticket) {}},
		"all given": {suggest.TicketChange{
			Subject: "s", Channel: suggest.ChannelChat, ContactReason: "r", Labels: []string{"l"}, Locale: "de",
			Facts: []suggest.Fact{{Name: "n", Kind: suggest.FactText, Text: "t", ReadTime: start}}, DueTime: start, EventTime: start.Add(1000),
		}, func(t *suggest.Ticket) {
			t.Subject, t.Channel, t.ContactReason, t.Labels, t.Locale = "s", suggest.ChannelChat, "r", []string{"l"}, "de"
			t.Facts = []suggest.Fact{{Name: "n", Kind: suggest.FactText, Text: "t", ReadTime: start}}
			t.DueTime, t.EventTime = start, start.Add(1000)
		}},
		"all emptied": {suggest.TicketChange{
			Clear: []string{"subject", "facts", "contact_reason", "labels", "locale", "due_time", "event_time"},
		}, func(t *suggest.Ticket) {
			t.Subject, t.Facts, t.ContactReason, t.Labels, t.Locale = "", nil, "", nil, ""
			t.DueTime, t.EventTime = time.Time{}, time.Time{}
		}},
		"given and emptied": {suggest.TicketChange{Subject: "s", Clear: []string{"subject"}}, func(t *suggest.Ticket) { t.Subject = "s" }},
		"resolved":          {suggest.TicketChange{Status: suggest.StatusResolved}, func(t *suggest.Ticket) { t.Status = suggest.StatusResolved }},
		"opened":            {suggest.TicketChange{Status: suggest.StatusOpen}, func(t *suggest.Ticket) { t.Status = suggest.StatusOpen }},
		"named": {suggest.TicketChange{Customer: &suggest.Customer{DisplayName: "Ola"}}, func(t *suggest.Ticket) {
			t.Customer.DisplayName = "Ola"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			before := everything()
			before.ExternalID = name
			before.Customer.Identities = []suggest.Identity{{Kind: suggest.IdentityEmail, Value: uuid.NewString() + "@example.com"}}
			want := d.upsert(before)
			c.want(&want)
			c.change.ExternalID = name
			now := d.now()
			got, created, err := d.UpsertTicket(d.ctx, d.w, c.change, uuid.NewString(), now)
			d.ok(err)
			want.UpdateTime = now
			if want.Status == suggest.StatusResolved {
				want.ResolveTime = now
			}
			if diff := cmp.Diff(want, got); diff != "" || created {
				t.Errorf("created %v:\n%s", created, diff)
			}
		})
	}
}

func TestUpsertStatus(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T")
	if ticket.Status != suggest.StatusOpen {
		t.Errorf("a new ticket is %s", ticket.Status)
	}
	status := func(s suggest.Status) suggest.Ticket {
		return d.upsert(suggest.TicketChange{ExternalID: "T", Status: s})
	}
	first := status(suggest.StatusResolved)
	if again := status(suggest.StatusResolved); !again.ResolveTime.Equal(first.ResolveTime) {
		t.Error("resolving twice moved the time of resolution")
	}
	d.says(ticket.ID, suggest.AuthorCustomer, "It is still lost.")
	if got := d.view(ticket.ID).Ticket.Status; got != suggest.StatusReopened {
		t.Errorf("after the customer wrote again: %s", got)
	}
	if got := status(suggest.StatusOpen).Status; got != suggest.StatusReopened {
		t.Errorf("a desktop that knows but OPEN made it %s", got)
	}
	if got := status(suggest.StatusResolved); !got.ResolveTime.After(first.ResolveTime) {
		t.Error("resolving again kept the first time")
	}
}

func TestUpsertRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, _, err := d.UpsertTicket(d.ctx, d.w, suggest.TicketChange{
		ExternalID: "T", Customer: &suggest.Customer{Identities: []suggest.Identity{{Kind: suggest.IdentityEmail, Value: "a@b.example"}}},
	}, uuid.NewString(), start)
	if !errors.Is(err, suggest.ErrChannelMissing) {
		t.Errorf("got %v, want ErrChannelMissing", err)
	}
	var n int
	d.ok(d.schema.Owner.QueryRow(d.ctx, `SELECT count(*) FROM customers`).Scan(&n))
	if n != 0 {
		t.Errorf("%d customers stayed behind", n)
	}
}

// TestOtherWorkspace: nothing of one workspace can be reached from another, and
// the answer is the one for what never was.
func TestOtherWorkspace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	theirs := deskIn(t, d.schema)
	ticket := theirs.ticket("T")
	theirs.says(ticket.ID, suggest.AuthorCustomer, "Hello")
	s := theirs.draft(ticket.ID)
	message := suggest.Message{ID: uuid.NewString(), Author: suggest.AuthorCustomer, Text: "x"}
	for _, id := range []string{ticket.ID, uuid.NewString(), "not an id", "", "urn:uuid:" + ticket.ID} {
		request := d.request(id)
		for name, try := range map[string]func() error{
			"View": func() error {
				_, err := d.View(d.ctx, d.w, suggest.TicketRef{ID: id, ExternalID: "T"}, 1)
				return err
			},
			"AppendMessage": func() error { _, _, err := d.AppendMessage(d.ctx, d.w, id, message, start); return err },
			"Claim":         func() error { _, err := d.Claim(d.ctx, d.w, id, kari, time.Hour); return err },
			"Release":       func() error { return d.Release(d.ctx, d.w, id, kari) },
			"Begin": func() error {
				_, err := d.Begin(d.ctx, d.w, request, uuid.NewString(), "o", 0, start)
				return err
			},
			"Deliver": func() error {
				_, _, err := d.Deliver(d.ctx, d.w, suggest.DeliveryReport{TicketID: id, Text: "x"}, uuid.NewString(), start)
				return err
			},
		} {
			if err := try(); !errors.Is(err, suggest.ErrTicketNotFound) {
				t.Errorf("%s of %q: %v, want ErrTicketNotFound", name, id, err)
			}
		}
	}
	own := d.ticket("own")
	for _, id := range []string{s.ID, uuid.NewString(), "not an id"} {
		for name, try := range map[string]func() error{
			"Suggestion": func() error { _, err := d.Suggestion(d.ctx, d.w, id); return err },
			"Record":     func() error { _, err := d.Record(d.ctx, d.w, id); return err },
			"Decide": func() error {
				_, err := d.decide(suggest.Suggestion{ID: id, Revision: s.Revision}, suggest.DecisionApprove)
				return err
			},
			"Deliver": func() error {
				_, _, err := d.Deliver(d.ctx, d.w, suggest.DeliveryReport{TicketID: own.ID, SuggestionID: id, Text: "x"}, uuid.NewString(), start)
				return err
			},
		} {
			if err := try(); !errors.Is(err, suggest.ErrSuggestionNotFound) {
				t.Errorf("%s of %q: %v, want ErrSuggestionNotFound", name, id, err)
			}
		}
	}
	for name, f := range map[string]suggest.SuggestionFilter{"all": {Limit: 9}, "of their ticket": {Limit: 9, TicketID: ticket.ID}, "of no ticket": {Limit: 9, TicketID: "x"}} {
		if got, err := d.Suggestions(d.ctx, d.w, f); err != nil || len(got) > 0 {
			t.Errorf("Suggestions, %s: %v, %v", name, got, err)
		}
	}
	items, err := d.Queue(d.ctx, d.w, suggest.QueueFilter{Limit: 9})
	d.ok(err)
	if len(items) != 1 || items[0].Ticket.ID != own.ID {
		t.Errorf("queue: %v", items)
	}
	if err := d.Renew(d.ctx, d.w, s.ID, "server", time.Minute); !errors.Is(err, suggest.ErrLeaseLost) {
		t.Errorf("Renew: %v", err)
	}
	if got := theirs.suggestion(s.ID); !cmp.Equal(got, s) {
		t.Error("their suggestion changed")
	}
}

func TestView(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	customer := &suggest.Customer{Identities: []suggest.Identity{{Kind: suggest.IdentityEmail, Value: "kari@example.com"}}}
	ticket := d.upsert(suggest.TicketChange{ExternalID: "T", Channel: suggest.ChannelEmail, Customer: customer})
	var wantMessages []suggest.Message
	for _, text := range []string{"one", "two", "three", "four"} {
		wantMessages = append(wantMessages, d.says(ticket.ID, suggest.AuthorCustomer, text))
	}
	var want []string
	for i := range 55 {
		other := d.upsert(suggest.TicketChange{
			ExternalID: "O" + string(rune('A'+i)), Channel: suggest.ChannelChat, Customer: customer,
			Facts: []suggest.Fact{{Name: "n", Kind: suggest.FactText, Text: "theirs alone"}},
		})
		want = append(want, other.ID)
	}
	slices.Reverse(want)
	d.draft(ticket.ID)
	latest := d.draft(ticket.ID)
	v, err := d.View(d.ctx, d.w, suggest.TicketRef{ID: ticket.ID}, 3)
	d.ok(err)
	if diff := cmp.Diff(wantMessages[1:], v.Messages); diff != "" {
		t.Errorf("messages:\n%s", diff)
	}
	var got []string
	for _, c := range v.Contacts {
		got = append(got, c.ID)
		if len(c.Facts) > 0 {
			t.Error("a contact carries another ticket's facts")
		}
	}
	if diff := cmp.Diff(want[:50], got); diff != "" {
		t.Errorf("contacts:\n%s", diff)
	}
	if v.LatestSuggestionID != latest.ID {
		t.Errorf("latest suggestion %s, want %s", v.LatestSuggestionID, latest.ID)
	}
	if alone := d.view(d.ticket("nobody's").ID); len(alone.Contacts) > 0 || alone.LatestSuggestionID != "" {
		t.Errorf("a ticket of nobody: %+v", alone)
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	claim := func(a suggest.Actor, lasts time.Duration) (suggest.Claim, error) {
		c, err := d.Claim(d.ctx, d.w, ticket, a, lasts)
		if err == nil && c.Actor != a {
			t.Errorf("claimed as %+v", c)
		}
		return c, err
	}
	mine, err := claim(kari, time.Minute)
	d.ok(err)
	if left := time.Until(mine.Expire); left <= 0 || left > time.Minute+time.Second { // one machine, one clock
		t.Errorf("a claim of a minute ends in %s", left)
	}
	d.passes(50 * time.Second)
	var taken *suggest.ClaimedError
	if _, err := claim(ola, time.Hour); !errors.As(err, &taken) || taken.By != kari || !taken.Until.Equal(mine.Expire.Add(-50*time.Second)) {
		t.Errorf("a second agent got %v", err)
	}
	_, err = claim(kari, 2*time.Minute)
	d.ok(err)
	d.passes(time.Minute)
	if _, err := claim(ola, time.Hour); !errors.As(err, &taken) {
		t.Errorf("after renewing, a second agent got %v", err)
	}
	d.ok(d.Release(d.ctx, d.w, ticket, ola))
	if c := d.view(ticket).Ticket.Claim; c == nil || c.Actor != kari {
		t.Errorf("another's release left %+v", c)
	}
	d.passes(time.Minute)
	if c := d.view(ticket).Ticket.Claim; c != nil {
		t.Errorf("a claim that ran out still shows: %+v", c)
	}
	_, err = claim(ola, time.Hour)
	d.ok(err)
	d.ok(d.Release(d.ctx, d.w, ticket, ola))
	if c := d.view(ticket).Ticket.Claim; c != nil {
		t.Errorf("released, but %+v", c)
	}
}

func TestOneOfManyClaims(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	errs := d.queued(ticket, 20, func(store *postgres.Store, i int) error {
		_, err := store.Claim(d.ctx, d.w, ticket, suggest.Actor{ID: string(rune('a' + i))}, time.Hour)
		return err
	})
	won := 0
	holder := d.view(ticket).Ticket.Claim
	for i, err := range errs {
		var taken *suggest.ClaimedError
		switch {
		case err == nil:
			won++
		case !errors.As(err, &taken) || taken.By != holder.Actor:
			t.Errorf("agent %d got %v, want *ClaimedError by %s", i, err, holder.Actor.ID)
		}
	}
	if won != 1 {
		t.Errorf("%d of 20 got the ticket", won)
	}
}
