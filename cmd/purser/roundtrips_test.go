package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// What a suggestion may ask of the database: the key, the ticket and the search
// before the model, the record after it, with one to spare.
const (
	tripsBefore = 3
	tripsAfter  = 2
)

// TestSuggestionTakesFewRoundTrips counts them on the wire, with all parts joined
// as "serve" joins them, but for the background work.
func TestSuggestionTakesFewRoundTrips(t *testing.T) {
	t.Parallel()
	schema := pgtest.New(t)
	proxy := pgtest.NewProxy(t, schema.ServerURL)
	var before atomic.Int64
	m := openaitest.New(func(openaitest.Request) openaitest.Script {
		before.Store(int64(proxy.RoundTrips()))
		return openaitest.Script{Text: bagAnswer}
	})
	t.Cleanup(m.Close)
	s, err := settings.Load("", environment("EMBEDDING_BASE_URL", m.BaseURL(), "OPENAI_BASE_URL", m.BaseURL(), "OPENAI_MODEL", "scripted"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := pg.Open(t.Context(), proxy.URL, pg.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	a, err := wiring.Assemble(s, db, slog.New(slog.DiscardHandler), wiring.Variant{})
	if err != nil {
		t.Fatal(err)
	}
	w, key, err := apipostgres.CreateWorkspace(t.Context(), schema.OwnerURL, "Skerry Air", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	importBags(t, a, w)
	desktop := connectTo(t, a, key)

	several := fmt.Sprintf("%s My flight was late. Who pays the hotel? And can my dog come into the cabin?", bagQuestion)
	for round := range 4 { // the first prepares statements and notes the key's use
		question := fmt.Sprintf("%s My flight was number %d.", bagQuestion, 400+round)
		if round == 3 {
			question = several // several requests take no more
		}
		ticket := bagTicket(t, a, w, round, question)
		proxy.RoundTrips()
		drafted := suggestOn(t, desktop, ticket)
		if drafted.GetOutcome() != purserv1.Outcome_OUTCOME_DRAFT || drafted.GetProvenance().GetDrafter() != "openai" || drafted.GetProvenance().GetSpace() == "" {
			t.Fatalf("no draft of the model from vectors: %v", drafted)
		}
		if after := proxy.RoundTrips(); round >= 2 && (before.Load() > tripsBefore || after > tripsAfter) {
			t.Errorf("%d round trips before the model and %d after it, want at most %d and %d", before.Load(), after, tripsBefore, tripsAfter)
		}
	}
}

// importBags puts one article and its vectors in.
func importBags(t *testing.T, a *wiring.App, w knowledge.Workspace) {
	t.Helper()
	plan, err := a.Importer.Plan(t.Context(), w, knowledge.PlanRequest{Source: "help", Actor: knowledge.Actor{ID: "ed"}}, knowledge.Documents([]knowledge.Document{
		{Key: "baggage.delayed", Locale: "en", Title: "Delayed and missing bags", Body: bagText},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Importer.Apply(t.Context(), w, plan.ID, knowledge.ApplyRequest{Actor: knowledge.Actor{ID: "ed"}}); err != nil {
		t.Fatal(err)
	}
	if p, err := a.Embedding.Work(t.Context(), w, knowledge.AllShares, time.Minute); err != nil || p.Done == 0 || p.Failed > 0 {
		t.Fatalf("embed: %+v, %v", p, err)
	}
}

// bagTicket asks a question on a ticket of its own.
func bagTicket(t *testing.T, a *wiring.App, w suggest.Workspace, n int, question string) string {
	t.Helper()
	ticket, _, err := a.Parts.Tickets.Upsert(t.Context(), w, suggest.TicketChange{ExternalID: fmt.Sprintf("T-%d", n), Channel: suggest.ChannelEmail})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Parts.Tickets.Append(t.Context(), w, ticket.ID, suggest.Message{
		Author: suggest.AuthorCustomer, Text: question,
	}); err != nil {
		t.Fatal(err)
	}
	return ticket.ID
}

// connectTo serves a on loopback and connects with a key.
func connectTo(t *testing.T, a *wiring.App, key string) *client {
	t.Helper()
	g, _, err := a.NewServer()
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- g.Serve(l) }()
	t.Cleanup(func() {
		g.Stop()
		<-ended
	})
	flags := clientFlags{Address: l.Addr().String(), Actor: "kari"}
	c, err := flags.connect(&console.Env{Getenv: environment("PURSER_KEY", key)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c
}

func suggestOn(t *testing.T, c *client, ticketID string) *purserv1.Suggestion {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	stream, err := c.suggestions.SuggestReply(ctx, &purserv1.SuggestReplyRequest{RequestId: ticketID, Actor: c.actor, TicketId: ticketID})
	if err != nil {
		t.Fatal(err)
	}
	var last *purserv1.Suggestion
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return last
		}
		if err != nil {
			t.Fatal(err)
		}
		last = event.GetSuggestion()
	}
}
