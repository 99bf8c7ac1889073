package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/purser-desk/purser/api"
	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/knowledge"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/extractive"
	"github.com/purser-desk/purser/suggest/kind"
	"github.com/purser-desk/purser/suggest/openai"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
	"github.com/purser-desk/purser/suggest/pipeline"
	suggestpostgres "github.com/purser-desk/purser/suggest/postgres"
)

// server is a whole gRPC server on loopback, on a schema of its own.
type server struct {
	schema  *pgtest.Schema
	address string
	clock   *clock
	store   *suggestpostgres.Store
	service *suggest.Service
	log     *logbook
}

// logbook keeps what the server logs, at every level.
type logbook struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// clock can be moved, so that what takes days can be tested.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// detector is made once: its language models are large.
var detector = sync.OnceValue(langid.NewDetector)

// analyzer, too: its dictionaries take a moment.
var analyzer = sync.OnceValue(analysis.NewAnalyzer)

type startOptions struct {
	// model drafts; without one drafts are extractive.
	model *openaitest.Server
	// settings of the pipeline; floors are off where none is set, since the
	// tests' knowledge is tiny.
	settings pipeline.Settings
	// beside shares the schema and the clock of another server.
	beside *server
	// clock of the server's own.
	clock *clock
	// database opens a pool of the server's own with these options.
	database *pg.Options
}

func start(t *testing.T, o startOptions) *server {
	t.Helper()
	s := &server{clock: &clock{}, log: &logbook{}}
	if o.beside != nil {
		s.schema, s.clock = o.beside.schema, o.beside.clock
	} else {
		s.schema = pgtest.New(t)
	}
	if o.clock != nil {
		s.clock = o.clock
	}
	schema := s.schema
	if o.database != nil {
		db, err := pg.Open(t.Context(), schema.ServerURL, *o.database)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(db.Close)
		schema = &pgtest.Schema{DB: db}
	}
	s.store = suggestpostgres.New(schema.DB)
	library := knowledgepostgres.New(schema.DB, nil)
	analyzer := analyzer()
	search := knowledge.NewSearch(knowledge.SearchOptions{Finder: library, Analyzer: analyzer, Now: s.clock.now})
	parts := api.Parts{
		Tickets:  suggest.NewTickets(s.store, detector(), s.clock.now),
		Library:  library,
		Searcher: knowledge.NewAsker(search, detector().Detect, s.clock.now),
		Importer: knowledge.NewImporter(library, library, analyzer, s.clock.now),
		Keys:     apipostgres.NewKeys(schema.DB),
		Settings: s.store,
		Requests: apipostgres.NewRequests(schema.DB, func(tx *pg.Tx) api.Stores {
			tickets, articles := suggestpostgres.New(tx), library.In(tx)
			return api.Stores{Tickets: tickets, Decisions: tickets, Plans: articles, Index: articles, Keys: apipostgres.NewKeys(tx), Settings: tickets}
		}),
		Logger:  slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:     s.clock.now,
		Version: "test",
	}
	s.service = suggester(t, s, o, search, parts.Logger)
	parts.Suggester = s.service
	g, h, err := api.NewServer(parts)
	if err != nil {
		t.Fatal(err)
	}
	h.SetServingStatus("", healthv1.HealthCheckResponse_SERVING)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = g.Serve(l)
	}()
	t.Cleanup(func() {
		g.Stop()
		<-done
		if err := s.service.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	s.address = l.Addr().String()
	return s
}

// suggester is the real service with its real pipeline, on a scripted model.
func suggester(t *testing.T, s *server, o startOptions, search knowledge.Searcher, logger *slog.Logger) *suggest.Service {
	t.Helper()
	analyzer := analyzer()
	deps := pipeline.Deps{
		Kinds:    kind.New(nil),
		Searcher: search, Extractive: extractive.New(analyzer), Detector: detector(), Analyzer: analyzer, Logger: logger, Version: "test",
	}
	if o.model != nil {
		client := llm.NewClient(llm.Options{Backoff: time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}})
		drafter, err := openai.New(openai.Options{BaseURL: o.model.BaseURL(), Key: "provider-secret", Model: "scripted", HTTPClient: client})
		if err != nil {
			t.Fatal(err)
		}
		deps.Drafter = drafter
	}
	if o.settings.KnowledgeFloor == 0 {
		o.settings.KnowledgeFloor, o.settings.DraftFloor = -1, -1
	}
	pipeline, err := pipeline.New(deps, o.settings)
	if err != nil {
		t.Fatal(err)
	}
	return suggest.NewService(pipeline, s.store, suggest.ServiceOptions{Clock: s.clock.now, Logger: logger})
}

// workspace makes a workspace and returns its admin key.
func (s *server) workspace(t *testing.T, name string) string {
	t.Helper()
	_, secret, err := apipostgres.CreateWorkspace(t.Context(), s.schema.OwnerURL, name, s.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// caller is a client with one key.
type caller struct {
	tickets     purserv1.TicketServiceClient
	suggestions purserv1.SuggestionServiceClient
	knowledge   purserv1.KnowledgeServiceClient
	admin       purserv1.AdminServiceClient
	conn        *grpc.ClientConn
}

func (s *server) as(t *testing.T, key string) *caller {
	t.Helper()
	with := func(ctx context.Context) context.Context {
		if key == "" {
			return ctx
		}
		return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
	}
	conn, err := grpc.NewClient("passthrough:///"+s.address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			return invoke(with(ctx), method, req, reply, cc, opts...)
		}),
		grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			return open(with(ctx), desc, cc, method, opts...)
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &caller{
		tickets: purserv1.NewTicketServiceClient(conn), suggestions: purserv1.NewSuggestionServiceClient(conn),
		knowledge: purserv1.NewKnowledgeServiceClient(conn), admin: purserv1.NewAdminServiceClient(conn), conn: conn,
	}
}

// keyOf makes a key of a role.
func (s *server) keyOf(t *testing.T, admin string, role purserv1.KeyRole) string {
	t.Helper()
	answer, err := s.as(t, admin).admin.CreateKey(t.Context(), &purserv1.CreateKeyRequest{RequestId: id(t), Actor: kari, Name: role.String(), Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return answer.GetSecret()
}

var (
	kari = &purserv1.Actor{Id: "kari", DisplayName: "Kari"}
	ola  = &purserv1.Actor{Id: "ola"}
)

// wantReason checks code and stable reason of a refusal, and that it says
// something.
func wantReason(t *testing.T, err error, code codes.Code, reason string) *status.Status {
	t.Helper()
	st, ok := status.FromError(err)
	if !ok || st.Code() != code {
		t.Fatalf("got %v, want %s %s", err, code, reason)
	}
	got := ""
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			got = info.GetReason()
		}
	}
	if got != reason {
		t.Fatalf("reason %q (%v), want %q", got, st.Message(), reason)
	}
	if len(st.Message()) < 10 {
		t.Errorf("the message %q tells nothing", st.Message())
	}
	return st
}

func equal(t *testing.T, got, want any, opts ...cmp.Option) {
	t.Helper()
	if d := cmp.Diff(want, got, opts...); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func forceCodec() grpc.CallOption { return grpc.ForceCodec(rawCodec{}) }
