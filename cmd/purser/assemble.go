package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"

	"github.com/purser-desk/purser/api"
	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	embedopenai "github.com/purser-desk/purser/knowledge/openai"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/extractive"
	chatopenai "github.com/purser-desk/purser/suggest/openai"
	suggestpostgres "github.com/purser-desk/purser/suggest/postgres"
)

// app is everything that serves, joined.
type app struct {
	parts    api.Parts
	service  *suggest.Service
	pipeline *suggest.Pipeline
	searcher knowledge.Searcher
	importer *knowledge.Importer
	store    *knowledgepostgres.Store
	// embedding is nil when no embedder is set up.
	embedding *knowledge.Embedding
	jobs      *jobs
	detector  *text.Detector
	// drafterName is empty when no model is configured.
	drafterName string
}

// variant is what a command joins otherwise than a server does.
type variant struct {
	// keepQuestions has the vectors of questions kept in the database, which pays
	// where the same ones are asked again in another process.
	keepQuestions bool
	// embedTimeout is how long a question's vector is waited for; 0 means as long
	// as an agent would.
	embedTimeout time.Duration
	// drafter takes the place of the configured model's drafter, which it is
	// given; that is nil when none is configured.
	drafter func(configured suggest.Drafter) suggest.Drafter
	// settings take the place of those that the server's would be; nil leaves
	// them.
	settings *suggest.Settings
	// profiles take the place of those that the workspaces have.
	profiles suggest.Profiles
}

// assemble joins the parts for a database and providers.
func assemble(s *settings, db *pg.DB, logger *slog.Logger, v variant) (*app, error) {
	detector := text.NewDetector()
	// Its models, and the tables for figures, take a moment; the first message need
	// not wait for them.
	go func() {
		detector.Warm()
		text.Warm()
	}()
	analyzer := text.NewAnalyzer()
	embedJobs := knowledgepostgres.NewEmbedJobs()
	a := &app{detector: detector}
	a.store = knowledgepostgres.New(db, embedJobs)
	embedder := newEmbedder(s)
	search := knowledge.SearchOptions{
		Finder: a.store, Analyzer: analyzer, Now: time.Now,
		Language: func(q string) string { return detector.Detect(q).Locale },
	}
	search.EmbedTimeout = v.embedTimeout
	if v.keepQuestions {
		search.Cache = a.store
	}
	if embedder != nil {
		search.Embedder = embedder
		a.embedding = knowledge.NewEmbedding(a.store, embedder, knowledge.EmbeddingOptions{Batch: s.embeddingBatch})
	}
	a.searcher = knowledge.NewSearch(search)
	a.importer = knowledge.NewImporter(a.store, a.store, analyzer, time.Now)
	drafter, err := newDrafter(s)
	if err != nil {
		return nil, err
	}
	deps := suggest.Deps{
		Searcher: a.searcher, Extractive: extractive.New(analyzer), Detector: detector, Analyzer: analyzer, Logger: logger, Version: version(),
	}
	deps.Contacts = suggest.NewContactCache(a.store, time.Now)
	if drafter != nil {
		deps.Drafter, a.drafterName = drafter, s.chatModel
	}
	if v.drafter != nil {
		deps.Drafter = v.drafter(deps.Drafter)
	}
	tickets := suggestpostgres.New(db)
	if deps.Profiles = v.profiles; v.profiles == nil {
		standard, err := suggest.DefaultProfile()
		if err != nil {
			return nil, err
		}
		deps.Profiles = suggest.NewProfileCache(tickets, standard, time.Now, logger)
	}
	tuning := suggest.Settings{
		TimeLimit: s.draftLimit,
		// A slow model of one's own is waited for in proportion.
		FirstWordsLimit: s.draftLimit * 3 / 5,
	}
	if v.settings != nil {
		tuning = *v.settings
	}
	if a.pipeline, err = suggest.New(deps, tuning); err != nil {
		return nil, err
	}
	a.service = suggest.NewService(a.pipeline, tickets, suggest.ServiceOptions{Logger: logger})
	requests := apipostgres.NewRequests(db, time.Now)
	a.parts = api.Parts{
		Tickets:   suggest.NewTickets(tickets, detector, time.Now),
		Suggester: a.service,
		Library:   a.store,
		Searcher:  knowledge.NewAsker(a.searcher, detector.Detect, time.Now),
		Importer:  a.importer,
		Keys:      apipostgres.NewKeys(db),
		Requests:  requests,
		Logger:    logger,
		Now:       time.Now,
		Version:   version(),
	}
	a.jobs, err = newJobs(db, a, embedJobs, requests, logger)
	return a, err
}

func (a *app) newServer(options ...grpc.ServerOption) (*grpc.Server, *health.Server, error) {
	return api.NewServer(a.parts, options...)
}

func newEmbedder(s *settings) *embedopenai.Embedder {
	if s.embeddingURL == "" {
		return nil
	}
	return embedopenai.NewEmbedder(embedopenai.Options{
		BaseURL: s.embeddingURL, Key: s.embeddingKey,
		QuestionModel: s.questionModel, PassageModel: s.passageModel,
		QuestionPrefix: s.questionPrefix, PassagePrefix: s.passagePrefix,
		Dimensions: s.embeddingDimensions,
		Client:     llm.NewClient(llm.Options{}),
	})
}

func newDrafter(s *settings) (*chatopenai.Drafter, error) {
	if s.chatModel == "" {
		return nil, nil //nolint:nilnil // no model is a way to run
	}
	return chatopenai.New(chatOptions(s))
}

// draftTokens is how long an answer may be.
const draftTokens = 800

// chatOptions are those of the model that drafts.
func chatOptions(s *settings) chatopenai.Options {
	return chatopenai.Options{
		BaseURL: s.chatURL, Key: s.chatKey, Model: s.chatModel, MaxTokens: draftTokens, HTTPClient: llm.NewClient(llm.Options{}),
	}
}

// jobs runs what goes on behind calls: embedding, and forgetting old request
// ids.
type jobs struct {
	client    *river.Client[pgx.Tx]
	embed     *knowledgepostgres.EmbedJobs
	store     *knowledgepostgres.Store
	embedding *knowledge.Embedding
	logger    *slog.Logger
	stop      context.CancelFunc
	swept     chan struct{}
}

type forgetArgs struct{}

// Kind implements river.JobArgs.
func (forgetArgs) Kind() string { return "forget_requests" }

func newJobs(db *pg.DB, a *app, embed *knowledgepostgres.EmbedJobs, requests *apipostgres.Requests, logger *slog.Logger) (*jobs, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[forgetArgs]) error {
		_, err := requests.Forget(ctx)
		return err
	}))
	if a.embedding != nil {
		embed.Register(workers, a.embedding)
	}
	client, err := river.NewClient(riverpgxv5.New(db.Pool()), &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}},
		Workers: workers,
		// River tells every few seconds how it does; only troubles matter here.
		Logger: slog.New(quiet{logger.Handler()}),
		// A killed process's job is taken up again soon; the default is an hour.
		JobTimeout:           knowledgepostgres.JobTimeout,
		RescueStuckJobsAfter: knowledgepostgres.RescueAfter,
		// The server's role has no MAINTAIN privilege on the queue's tables.
		ReindexerIndexNames: []string{},
		PeriodicJobs: []*river.PeriodicJob{
			river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return forgetArgs{}, nil }, nil),
		},
	})
	if err != nil {
		return nil, err
	}
	return &jobs{client: client, embed: embed, store: a.store, embedding: a.embedding, logger: logger}, nil
}

// Start works until Stop.
func (j *jobs) Start(ctx context.Context) error {
	ctx, j.stop = context.WithCancel(ctx)
	j.swept = make(chan struct{})
	if err := j.client.Start(ctx); err != nil {
		j.stop()
		return err
	}
	go func() {
		defer close(j.swept)
		if j.embedding != nil {
			j.embed.Start(ctx, j.client, j.store, j.embedding, j.logger)
		}
	}()
	return nil
}

// Stop lets jobs finish for as long as ctx allows, then cancels them: each
// gives back what it has not done.
func (j *jobs) Stop(ctx context.Context) error {
	defer func() {
		j.stop()
		<-j.swept
	}()
	return j.client.StopAndCancel(ctx)
}

// quiet lets warnings and errors through alone.
type quiet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// WithAttrs implements slog.Handler.
func (q quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(a)} }

// WithGroup implements slog.Handler.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
