package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/postgres"
)

// TestLocksInOneOrder does everything to a few tickets of a few customers from
// many sides. Nobody may meet a deadlock or a constraint; only what the rules
// refuse may be refused.
func TestLocksInOneOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const tickets, customers = 4, 5
	var ids []string
	for i := range tickets {
		ids = append(ids, d.ticket(fmt.Sprint("T", i)).ID)
		d.says(ids[i], suggest.AuthorCustomer, "Hello")
	}
	var mu sync.Mutex
	made := []suggest.Suggestion{d.draft(ids[0])}
	remember := func(s suggest.Suggestion) {
		mu.Lock()
		defer mu.Unlock()
		made = append(made, s)
	}
	some := func(r *rand.Rand) suggest.Suggestion {
		mu.Lock()
		defer mu.Unlock()
		return made[max(0, len(made)-1-r.IntN(3))]
	}
	now := d.now()
	steps := []func(r *rand.Rand) error{
		func(r *rand.Rand) error {
			authors := []suggest.Author{suggest.AuthorCustomer, suggest.AuthorAgent, suggest.AuthorNote}
			_, _, err := d.AppendMessage(d.ctx, d.w, ids[r.IntN(tickets)], suggest.Message{
				ID: uuid.NewString(), ExternalID: fmt.Sprint("m", r.IntN(30)), Author: authors[r.IntN(3)], Text: "Hello",
			}, now)
			return err
		},
		func(r *rand.Rand) error {
			var identities []suggest.Identity
			for range 1 + r.IntN(2) {
				identities = append(identities, suggest.Identity{Kind: email, Value: fmt.Sprintf("k%d@example.com", r.IntN(customers))})
			}
			_, _, err := d.UpsertTicket(d.ctx, d.w, suggest.TicketChange{
				ExternalID: fmt.Sprint("T", r.IntN(tickets)), Channel: suggest.ChannelChat,
				Customer: &suggest.Customer{DisplayName: fmt.Sprint("K", r.IntN(9)), Identities: identities},
			}, uuid.NewString(), now)
			return err
		},
		func(r *rand.Rand) error {
			request := suggest.Request{KeyID: d.key, RequestID: fmt.Sprint(r.IntN(40)), TicketID: ids[0]}
			owner := uuid.NewString()
			b, err := d.Begin(d.ctx, d.w, request, uuid.NewString(), owner, time.Duration(r.IntN(2))*time.Second, now)
			if err != nil || !b.Mine {
				return err
			}
			b.Suggestion.Outcome, b.Suggestion.Draft, b.Suggestion.FinishTime = suggest.OutcomeDraft, &suggest.Draft{Text: "Hello"}, now
			s, err := d.Finish(d.ctx, d.w, owner, b.Suggestion, suggest.Record{})
			if err == nil {
				remember(s)
			}
			return err
		},
		func(r *rand.Rand) error {
			s := some(r)
			_, err := d.Decide(d.ctx, d.w, suggest.DecideRequest{SuggestionID: s.ID, Revision: s.Revision, Decision: suggest.Decision{
				Kind: suggest.DecisionApprove, Actor: kari, Time: now, AcceptedStale: r.IntN(2) == 0,
			}}, nil)
			return err
		},
		func(r *rand.Rand) error {
			s := some(r)
			report := suggest.DeliveryReport{TicketID: s.TicketID, SuggestionID: s.ID, Text: "Hello"}
			if r.IntN(2) == 0 {
				report.SuggestionID, report.ExternalMessageID = "", fmt.Sprint("m", r.IntN(30))
			}
			_, _, err := d.Deliver(d.ctx, d.w, report, uuid.NewString(), now)
			return err
		},
		func(r *rand.Rand) error {
			_, err := d.Claim(d.ctx, d.w, ids[r.IntN(tickets)], suggest.Actor{ID: fmt.Sprint(r.IntN(3))}, time.Hour)
			return err
		},
	}
	errs := together(12, func(i int) error {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		for range 25 {
			if err := steps[r.IntN(len(steps))](r); !refusable(err) {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		for i, m := range d.view(id).Messages {
			if m.Sequence != i+1 {
				t.Errorf("message %d has the sequence %d", i+1, m.Sequence)
			}
		}
		d.messages(id)
	}
}

// TestBeginDoesNotWait: whoever writes to a ticket holds up no suggestion.
func TestBeginDoesNotWait(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	d.says(ticket, suggest.AuthorCustomer, "Hello")
	err := d.schema.DB.Tx(d.ctx, string(d.w), func(tx *pg.Tx) error {
		m := suggest.Message{ID: uuid.NewString(), Author: suggest.AuthorNote, Text: "Not committed as yet"}
		if _, _, err := postgres.New(tx).AppendMessage(d.ctx, d.w, ticket, m, d.now()); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(d.ctx, 5*time.Second)
		defer cancel()
		b, err := d.Begin(ctx, d.w, d.request(ticket), uuid.NewString(), "server", time.Minute, d.clock)
		if len(b.Messages) != 1 {
			t.Errorf("%d messages", len(b.Messages))
		}
		return err
	})
	d.ok(err)
}

// refusable tells what the rules may refuse from what must not happen.
func refusable(err error) bool {
	var decided *suggest.DecidedError
	var claimed *suggest.ClaimedError
	var field *suggest.FieldError
	for _, known := range []error{
		nil, suggest.ErrStale, suggest.ErrRevision, suggest.ErrNotReleased, suggest.ErrAlreadyDelivered, suggest.ErrLeaseLost,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return errors.As(err, &decided) || errors.As(err, &claimed) || errors.As(err, &field)
}
