package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/postgres"
)

func TestAppendKeepsEverything(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T")
	now := d.now()
	m := suggest.Message{
		ID: uuid.NewString(), ExternalID: "ext\x00ernal", Author: suggest.AuthorNote, Actor: kari, Channel: suggest.ChannelPhone,
		Visibility: suggest.VisibilityPublic, Locale: "nb", Text: "Caller\x00 wants \xff news", SentTime: start.Add(-time.Hour + 1),
		Attachments: []suggest.Attachment{{Name: "a\x00.pdf", MediaType: "application/pdf", Size: 1 << 40}},
	}
	got, created, err := d.AppendMessage(d.ctx, d.w, ticket.ID, m, now)
	d.ok(err)
	want := m
	want.Sequence, want.ExternalID, want.Text, want.SentTime = 1, "external", "Caller wants \uFFFD news", start.Add(-time.Hour)
	want.Attachments = []suggest.Attachment{{Name: "a.pdf", MediaType: "application/pdf", Size: 1 << 40}}
	if diff := cmp.Diff(want, got); diff != "" || !created {
		t.Errorf("created %v:\n%s", created, diff)
	}
	v := d.view(ticket.ID)
	if diff := cmp.Diff([]suggest.Message{want}, v.Messages); diff != "" {
		t.Error(diff)
	}
	if !v.Ticket.UpdateTime.Equal(now) || v.Ticket.MessageCount != 1 {
		t.Errorf("ticket %+v", v.Ticket)
	}
}

func TestAppendFillsIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for channel, visibility := range map[suggest.Channel]suggest.Visibility{
		suggest.ChannelEmail: suggest.VisibilityPrivate, suggest.ChannelReview: suggest.VisibilityPublic,
	} {
		ticket := d.upsert(suggest.TicketChange{ExternalID: string(channel), Channel: channel})
		m := d.says(ticket.ID, suggest.AuthorCustomer, "Hello")
		if m.Channel != channel || m.Visibility != visibility || !m.SentTime.Equal(d.clock) {
			t.Errorf("%s: %+v", channel, m)
		}
	}
}

func TestCustomerWrites(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, c := range []struct {
		before suggest.Status
		author suggest.Author
		after  suggest.Status
	}{
		{suggest.StatusOpen, suggest.AuthorCustomer, suggest.StatusOpen},
		{suggest.StatusPending, suggest.AuthorCustomer, suggest.StatusOpen},
		{suggest.StatusResolved, suggest.AuthorCustomer, suggest.StatusReopened},
		{suggest.StatusResolved, suggest.AuthorAgent, suggest.StatusResolved},
		{suggest.StatusResolved, suggest.AuthorNote, suggest.StatusResolved},
		{suggest.StatusPending, suggest.AuthorAgent, suggest.StatusPending},
	} {
		name := fmt.Sprint(c.before, " ", c.author)
		ticket := d.upsert(suggest.TicketChange{ExternalID: name, Channel: suggest.ChannelEmail, Status: c.before})
		d.says(ticket.ID, c.author, "Hello")
		if got := d.view(ticket.ID).Ticket.Status; got != c.after {
			t.Errorf("%s writes: %s, want %s", name, got, c.after)
		}
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T")
	line := func() suggest.QueueItem {
		items, err := d.Queue(d.ctx, d.w, suggest.QueueFilter{Limit: 1})
		d.ok(err)
		return items[0]
	}
	d.says(ticket.ID, suggest.AuthorNote, "A note")
	d.says(ticket.ID, suggest.AuthorAgent, "An answer")
	if l := line(); l.Preview != "" || !l.LastCustomerTime.IsZero() {
		t.Errorf("before the customer wrote: %+v", l)
	}
	family := "👩‍👩‍👧‍👦"
	d.append(ticket.ID, suggest.Message{Author: suggest.AuthorCustomer, Text: strings.Repeat(family, 40), SentTime: start})
	l := line()
	if n := utf8.RuneCountInString(l.Preview); n > 200 || n < 150 || strings.ReplaceAll(l.Preview, family, "") != "" {
		t.Errorf("preview of %d characters: %s", n, l.Preview)
	}
	if !l.LastCustomerTime.Equal(start) {
		t.Error(l.LastCustomerTime)
	}
	d.append(ticket.ID, suggest.Message{Author: suggest.AuthorCustomer, Text: "handed over late", SentTime: start.Add(-time.Minute)})
	if l := line(); !strings.HasPrefix(l.Preview, family) || !l.LastCustomerTime.Equal(start) {
		t.Errorf("an older message took the preview: %+v", l)
	}
	d.append(ticket.ID, suggest.Message{Author: suggest.AuthorCustomer, Text: "news", SentTime: start.Add(time.Minute)})
	d.says(ticket.ID, suggest.AuthorAgent, "An answer")
	if l := line(); l.Preview != "news" || !l.LastCustomerTime.Equal(start.Add(time.Minute)) {
		t.Errorf("%+v", l)
	}
}

func TestSameMessageTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket, other := d.ticket("T"), d.ticket("other")
	first, _ := d.append(ticket.ID, suggest.Message{ExternalID: "m1", Author: suggest.AuthorCustomer, Text: "Hello"})
	again, created := d.append(ticket.ID, suggest.Message{ExternalID: "m1", Author: suggest.AuthorCustomer, Text: "Hello, edited"})
	if diff := cmp.Diff(first, again); diff != "" || created {
		t.Errorf("the same external id: created %v\n%s", created, diff)
	}
	again, created = d.append(ticket.ID, suggest.Message{ID: first.ID, Author: suggest.AuthorCustomer, Text: "Hello"})
	if diff := cmp.Diff(first, again); diff != "" || created {
		t.Errorf("the same id: created %v\n%s", created, diff)
	}
	if _, created := d.append(other.ID, suggest.Message{ExternalID: "m1", Author: suggest.AuthorCustomer, Text: "Hello"}); !created {
		t.Error("an external id counts beyond its ticket")
	}
	for range 2 {
		if _, created := d.append(ticket.ID, suggest.Message{Author: suggest.AuthorAgent, Text: "Hello"}); !created {
			t.Error("the same words without an id are not two messages")
		}
	}
	if n := d.view(ticket.ID).Ticket.MessageCount; n != 3 {
		t.Errorf("%d messages", n)
	}
}

// TestSequencesHaveNoGaps appends from many sides, some of them the same
// message.
func TestSequencesHaveNoGaps(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	now := d.now()
	created := make([]bool, 30)
	errs := d.queued(ticket, 30, func(store *postgres.Store, i int) (err error) {
		m := suggest.Message{ID: uuid.NewString(), ExternalID: fmt.Sprint("m", i%20), Author: suggest.AuthorCustomer, Text: "Hello"}
		_, created[i], err = store.AppendMessage(d.ctx, d.w, ticket, m, now)
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	var want, got []int
	for i := range 20 {
		want = append(want, i+1)
	}
	v := d.view(ticket)
	for _, m := range v.Messages {
		got = append(got, m.Sequence)
	}
	if !slices.Equal(got, want) || v.Ticket.MessageCount != 20 {
		t.Errorf("sequences %v, count %d", got, v.Ticket.MessageCount)
	}
	n := 0
	for _, c := range created {
		if c {
			n++
		}
	}
	if n != 20 {
		t.Errorf("%d of 30 say that they made a message, want 20", n)
	}
}
