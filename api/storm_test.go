package api_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// Many agents and the desktop work on the same few tickets and customers while
// editors import: all calls end in an answer or in a refusal that says why, no
// call blocks another for good, and what must happen once happened once.
func TestAStormOnAFewTickets(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	identities := make([]*purserv1.CustomerIdentity, 6)
	for i := range identities {
		identities[i] = &purserv1.CustomerIdentity{Kind: purserv1.IdentityKind_IDENTITY_KIND_EMAIL, Value: fmt.Sprintf("c%d@example.org", i)}
	}
	tickets := make([]string, 4)
	for i := range tickets {
		tickets[i] = d.ticket(t, fmt.Sprintf("T-%d", i), bagQuestion)
	}
	var mu sync.Mutex
	decided := map[string]int{}
	delivered := map[string]int{}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(worker), 7)) //nolint:gosec // a seed, so that a failure comes again
			for range 25 {
				what, g, err := d.anything(t, r, tickets, identities)
				mu.Lock()
				if err == nil && g != nil {
					if what == "decide" {
						decided[g.GetSuggestionId()]++
					} else {
						delivered[g.GetSuggestionId()]++
					}
				}
				mu.Unlock()
				switch status.Code(err) {
				case codes.OK, codes.InvalidArgument, codes.NotFound, codes.FailedPrecondition, codes.Aborted, codes.AlreadyExists:
				default:
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
	wg.Wait()
	for _, counts := range []map[string]int{decided, delivered} {
		for id, n := range counts {
			if n != 1 {
				t.Errorf("%s was decided or delivered %d times", id, n)
			}
		}
	}
	if len(decided) == 0 || len(delivered) == 0 {
		t.Errorf("the storm was a calm: %d decided, %d delivered", len(decided), len(delivered))
	}
}

// anything does one thing, chosen by r.
func (d *desk) anything(t *testing.T, r *rand.Rand, tickets []string, identities []*purserv1.CustomerIdentity) (string, *purserv1.Suggestion, error) {
	i := r.IntN(len(tickets))
	ticket := tickets[i]
	actor := &purserv1.Actor{Id: fmt.Sprintf("agent-%d", r.IntN(5))}
	switch r.IntN(8) {
	case 0:
		a, b := r.IntN(len(identities)), r.IntN(len(identities))
		_, err := d.tickets.UpsertTicket(t.Context(), &purserv1.UpsertTicketRequest{
			RequestId: uuid.NewString(), Actor: actor, ExternalId: fmt.Sprintf("T-%d", i),
			Customer: &purserv1.Customer{DisplayName: "C", Identities: []*purserv1.CustomerIdentity{identities[a], identities[b]}},
		})
		return "upsert", nil, err
	case 1:
		_, err := d.tickets.AppendMessage(t.Context(), message(ticket, fmt.Sprintf("And another thing, number %d.", r.IntN(1000))))
		return "append", nil, err
	case 2:
		_, err := d.tickets.ClaimTicket(t.Context(), &purserv1.ClaimTicketRequest{RequestId: uuid.NewString(), Actor: actor, TicketId: ticket, Duration: durationpb.New(1e10)})
		return "claim", nil, err
	case 3:
		doc := bagArticle()
		doc.Body += fmt.Sprintf(" Number %d.", r.IntN(1000))
		plan, err := d.plan(t, &purserv1.PlanImportHeader{RequestId: uuid.NewString(), Actor: actor, Source: "help"}, doc)
		if err != nil {
			return "plan", nil, err
		}
		_, err = d.apply(t, plan)
		return "apply", nil, err
	case 4:
		_, err := d.suggest(t.Context(), &purserv1.SuggestReplyRequest{RequestId: uuid.NewString(), Actor: actor, TicketId: ticket})
		return "suggest", nil, err
	case 5, 6:
		list, err := d.suggestions.ListSuggestions(t.Context(), &purserv1.ListSuggestionsRequest{TicketId: ticket, PageSize: 3})
		if err != nil || len(list.GetSuggestions()) == 0 {
			return "list", nil, err
		}
		g := list.GetSuggestions()[r.IntN(len(list.GetSuggestions()))]
		_, err = d.decide(t, g, func(r *purserv1.DecideSuggestionRequest) { approve(r); r.Actor, r.AcceptStale = actor, true })
		return "decide", g, err
	default:
		list, err := d.suggestions.ListSuggestions(t.Context(), &purserv1.ListSuggestionsRequest{TicketId: ticket, PageSize: 1, States: []purserv1.SuggestionState{purserv1.SuggestionState_SUGGESTION_STATE_RELEASED}})
		if err != nil || len(list.GetSuggestions()) == 0 {
			return "list", nil, err
		}
		g := list.GetSuggestions()[0]
		_, err = d.report(t, func(r *purserv1.ReportDeliveryRequest) {
			r.TicketId, r.SuggestionId, r.Actor = ticket, g.GetSuggestionId(), actor
		})
		return "deliver", g, err
	}
}
