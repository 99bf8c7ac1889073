package bench_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/purser-desk/purser/api"
	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/knowledge"
	embedopenai "github.com/purser-desk/purser/knowledge/openai"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/extractive"
	chatopenai "github.com/purser-desk/purser/suggest/openai"
	"github.com/purser-desk/purser/suggest/pipeline"
	suggestpostgres "github.com/purser-desk/purser/suggest/postgres"
)

var detector = sync.OnceValue(langid.NewDetector)

// server is a whole Purser on loopback, with knowledge and a model.
type server struct {
	schema    *pgtest.Schema
	workspace suggest.Workspace
	secret    string
	model     *model
	docs      []knowledge.Document
	space     string
	analyzer  *analysis.Analyzer
	search    *knowledge.Search
	tickets   *suggest.Tickets

	suggestions purserv1.SuggestionServiceClient
	admin       purserv1.AdminServiceClient
}

func newServer(t testing.TB) *server {
	t.Helper()
	ctx := t.Context()
	s := &server{schema: pgtest.New(t), model: newModel(t), docs: articles(), analyzer: analysis.NewAnalyzer()}
	var err error
	if s.workspace, s.secret, err = apipostgres.CreateWorkspace(ctx, s.schema.OwnerURL, "bench", time.Now()); err != nil {
		t.Fatal(err)
	}
	library := knowledgepostgres.New(s.schema.DB, nil)
	embedder, err := embedopenai.NewEmbedder(embedopenai.Options{
		BaseURL: s.model.url, QuestionModel: "question", PassageModel: "passage", Client: llm.NewClient(llm.Options{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.load(t, library, embedder)
	s.search = knowledge.NewSearch(knowledge.SearchOptions{Finder: library, Analyzer: s.analyzer, Embedder: embedder, Now: time.Now})
	drafter, err := chatopenai.New(chatopenai.Options{BaseURL: s.model.url, Model: "scripted", HTTPClient: llm.NewClient(llm.Options{})})
	if err != nil {
		t.Fatal(err)
	}
	pipeline, err := pipeline.New(pipeline.Deps{
		Searcher: s.search, Drafter: drafter, Extractive: extractive.New(s.analyzer), Detector: detector(), Analyzer: s.analyzer, Version: "bench",
	}, pipeline.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	store := suggestpostgres.New(s.schema.DB)
	s.tickets = suggest.NewTickets(store, detector(), time.Now)
	service := suggest.NewService(pipeline, store, suggest.ServiceOptions{})
	s.serve(t, api.Parts{
		Tickets: s.tickets, Suggester: service, Library: library, Searcher: knowledge.NewAsker(s.search, detector().Detect, time.Now),
		Importer: knowledge.NewImporter(library, library, s.analyzer, time.Now),
		Keys:     apipostgres.NewKeys(s.schema.DB), Requests: apipostgres.NewRequests(s.schema.DB, func(tx *pg.Tx) api.Stores {
			tickets, articles := suggestpostgres.New(tx), library.In(tx)
			return api.Stores{Tickets: tickets, Decisions: tickets, Plans: articles, Index: articles, Keys: apipostgres.NewKeys(tx)}
		}),
		Logger: slog.New(slog.DiscardHandler), Now: time.Now, Version: "bench",
	})
	return s
}

// load imports the articles and waits for their vectors.
func (s *server) load(t testing.TB, library *knowledgepostgres.Store, embedder *embedopenai.Embedder) {
	t.Helper()
	ctx := t.Context()
	importer := knowledge.NewImporter(library, library, s.analyzer, time.Now)
	w, actor := s.workspace, knowledge.Actor{ID: "ed"}
	plan, err := importer.Plan(ctx, w, knowledge.PlanRequest{Source: "bench", Actor: actor}, knowledge.Documents(s.docs))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = importer.Apply(ctx, w, plan.ID, knowledge.ApplyRequest{Actor: actor}); err != nil {
		t.Fatalf("apply: %v (%v)", err, plan.Problems)
	}
	space, err := embedder.Space(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.space = space.Name
	embedding := knowledge.NewEmbedding(library, embedder, knowledge.EmbeddingOptions{Batch: 64})
	if p, err := embedding.Work(ctx, w, knowledge.AllShares, time.Minute); err != nil || p.More || p.Failed > 0 {
		t.Fatalf("embed: %+v, %v", p, err)
	}
	// As the server's own upkeep would, before long; not the tables of other tests,
	// which may go meanwhile.
	var tables string
	if err := s.schema.Owner.QueryRow(ctx, `SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = current_schema()`).Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if _, err := s.schema.Owner.Exec(ctx, `VACUUM ANALYZE `+tables); err != nil {
		t.Fatal(err)
	}
}

func (s *server) serve(t testing.TB, parts api.Parts) {
	t.Helper()
	g, _, err := api.NewServer(parts)
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = g.Serve(l)
	}()
	conn, err := grpc.NewClient("passthrough:///"+l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		g.Stop()
		<-done
	})
	s.suggestions, s.admin = purserv1.NewSuggestionServiceClient(conn), purserv1.NewAdminServiceClient(conn)
}

func (s *server) withKey(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+s.secret)
}

// open stores the n-th ticket and lets the model know of it.
func (s *server) open(t testing.TB, n int) ticket {
	t.Helper()
	ctx := t.Context()
	made := newTicket(s.docs, n)
	stored, _, err := s.tickets.Upsert(ctx, s.workspace, suggest.TicketChange{
		ExternalID: "T-" + strconv.Itoa(n), Subject: made.subject, Channel: suggest.ChannelEmail,
		Customer: &suggest.Customer{DisplayName: "Ingrid Nilsen", Identities: []suggest.Identity{
			{Kind: suggest.IdentityEmail, Value: "ingrid.nilsen" + strconv.Itoa(n) + "@example.com"},
		}},
		Facts: []suggest.Fact{
			{Name: "booking", Kind: suggest.FactCode, Text: "K7QZ" + strconv.Itoa(n), Source: "bookings", MayMention: true},
			{Name: "level", Kind: suggest.FactText, Text: "silver", Source: "loyalty", MayMention: true},
			{Name: "departure", Kind: suggest.FactDate, Date: suggest.Date{Year: 2026, Month: 12, Day: 14}, Source: "bookings", MayMention: true},
			{Name: "lifetime value", Kind: suggest.FactAmount, Amount: suggest.Money{Units: 1834, Nanos: 500_000_000, Currency: "EUR"}, Source: "crm"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	made.id = stored.ID
	for i, body := range made.messages {
		m := suggest.Message{Author: suggest.AuthorCustomer, Text: body}
		if i == 1 {
			m.Author, m.Actor = suggest.AuthorAgent, suggest.Actor{ID: "kari"}
		}
		if _, _, err := s.tickets.Append(ctx, s.workspace, made.id, m); err != nil {
			t.Fatal(err)
		}
	}
	s.model.script(made)
	return made
}

// suggested is what a listener of SuggestReply saw, and when.
type suggested struct {
	first, whole time.Duration
	suggestion   *purserv1.Suggestion
}

// suggest asks for a draft as a desktop does, and reads the stream to its end.
func (s *server) suggest(t testing.TB, ticketID, requestID string) suggested {
	t.Helper()
	var seen suggested
	begin := time.Now()
	stream, err := s.suggestions.SuggestReply(s.withKey(t.Context()), &purserv1.SuggestReplyRequest{
		RequestId: requestID, Actor: &purserv1.Actor{Id: "kari", DisplayName: "Kari"}, TicketId: ticketID,
	})
	if err != nil {
		t.Fatal(err)
	}
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if seen.first == 0 {
			seen.first = time.Since(begin)
		}
		if g := event.GetSuggestion(); g != nil {
			seen.suggestion = g
		}
	}
	seen.whole = time.Since(begin)
	return seen
}

// whoAmI is the cheapest call there is.
func (s *server) whoAmI(t testing.TB) time.Duration {
	t.Helper()
	begin := time.Now()
	if _, err := s.admin.WhoAmI(s.withKey(t.Context()), &purserv1.WhoAmIRequest{}); err != nil {
		t.Fatal(err)
	}
	return time.Since(begin)
}
