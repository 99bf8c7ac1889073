package api_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// passes makes a column's times older, as if time had passed.
func (s *server) passes(t *testing.T, d time.Duration, table, column string) {
	t.Helper()
	if _, err := s.schema.Owner.Exec(t.Context(), `UPDATE `+table+` SET `+column+` = `+column+` - $1::interval`, d); err != nil {
		t.Fatal(err)
	}
}

// Servers whose clocks differ agree on who holds what, since the database's
// clock alone counts.
func TestServersWhoseClocksDiffer(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer, Between: 10 * time.Millisecond})
	fast := &clock{ahead: 30 * 24 * time.Hour}
	ahead := start(t, startOptions{model: d.model, beside: d.s, clock: fast}).as(t, d.admin)
	ticket := d.ticket(t, "T-1", bagQuestion)
	t.Run("a suggestion that is being made", func(t *testing.T) {
		r := asks(t, ticket)
		first := d.open(t, r)
		first.until(t, "text")
		second := ahead.open(t, r)
		second.until(t, "started")
		first.rest(t)
		second.rest(t)
		equal(t, second.suggestion.GetSuggestionId(), first.suggestion.GetSuggestionId())
		equal(t, len(d.model.Requests()), 1)
	})
	t.Run("a claim", func(t *testing.T) {
		claim := &purserv1.ClaimTicketRequest{RequestId: id(t), Actor: kari, TicketId: ticket, Duration: durationpb.New(time.Minute)}
		if _, err := d.tickets.ClaimTicket(t.Context(), claim); err != nil {
			t.Fatal(err)
		}
		_, err := ahead.tickets.ClaimTicket(t.Context(), &purserv1.ClaimTicketRequest{RequestId: id(t), Actor: ola, TicketId: ticket})
		wantReason(t, err, codes.Aborted, "CLAIMED_BY_OTHER")
		view, err := ahead.tickets.GetTicket(t.Context(), &purserv1.GetTicketRequest{Id: &purserv1.GetTicketRequest_TicketId{TicketId: ticket}})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, view.GetTicket().GetClaim().GetActor().GetId(), "kari")
		queue, err := ahead.tickets.ListQueue(t.Context(), &purserv1.ListQueueRequest{UnclaimedOrBy: "ola"})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, len(queue.GetItems()), 0)
	})
	t.Run("a request id", func(t *testing.T) {
		m := message(ticket, "Where is my bag?")
		if _, err := d.tickets.AppendMessage(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		m.Text = "Where is my other bag?"
		_, err := ahead.tickets.AppendMessage(t.Context(), m)
		wantReason(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
	})
}
