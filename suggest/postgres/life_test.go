package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/purser-desk/purser/suggest"
)

// TestLifeOfATicket goes the main way once: message, draft, approval, delivery.
func TestLifeOfATicket(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T-1")
	asked := d.says(ticket.ID, suggest.AuthorCustomer, "Where is my bag?")
	begun := d.begin(ticket.ID)
	if !begun.Mine || begun.Joined || begun.Suggestion.State != suggest.StateRunning || begun.Suggestion.MessageID != asked.ID {
		t.Fatalf("begun %+v", begun)
	}
	if diff := cmp.Diff([]suggest.Message{asked}, begun.Messages); diff != "" {
		t.Error(diff)
	}
	made := d.finish(begun.Suggestion, nil)
	if made.State != suggest.StateGenerated || made.Confidence != 0.83 {
		t.Errorf("finished: %+v", made)
	}
	approved, err := d.decide(made, suggest.DecisionApprove)
	d.ok(err)
	if approved.State != suggest.StateReleased || approved.Decision.FinalText != made.Draft.Text || approved.Revision != made.Revision+1 {
		t.Errorf("approved: %+v", approved)
	}
	message, delivered, err := d.Deliver(d.ctx, d.w, suggest.DeliveryReport{
		TicketID: ticket.ID, SuggestionID: made.ID, Actor: ola, KeyID: d.key,
	}, uuid.NewString(), d.now())
	d.ok(err)
	if message.Text != made.Draft.Text || message.SuggestionID != made.ID || message.Sequence != 2 || message.Author != suggest.AuthorAgent {
		t.Errorf("message: %+v", message)
	}
	if delivered == nil || delivered.State != suggest.StateDelivered || delivered.Delivery.MessageID != message.ID || delivered.Delivery.Actor != ola {
		t.Fatalf("delivered: %+v", delivered)
	}
	if diff := cmp.Diff(*delivered, d.suggestion(made.ID)); diff != "" {
		t.Error(diff)
	}
	items, err := d.Queue(d.ctx, d.w, suggest.QueueFilter{Limit: 10})
	d.ok(err)
	if len(items) != 1 || items[0].Preview != "Where is my bag?" || items[0].LatestSuggestionID != made.ID || items[0].Ticket.MessageCount != 2 {
		t.Errorf("queue: %+v", items)
	}
}
