// Package wiring joins the parts for a database and providers. It decides
// nothing: what parts do is theirs.
package wiring

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/purser-desk/purser/api"
	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
	embedopenai "github.com/purser-desk/purser/knowledge/openai"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
	"github.com/purser-desk/purser/suggest/extractive"
	"github.com/purser-desk/purser/suggest/guard"
	"github.com/purser-desk/purser/suggest/house"
	"github.com/purser-desk/purser/suggest/kind"
	chatopenai "github.com/purser-desk/purser/suggest/openai"
	"github.com/purser-desk/purser/suggest/pipeline"
	suggestpostgres "github.com/purser-desk/purser/suggest/postgres"
)

// App is everything that serves, joined.
type App struct {
	Parts    api.Parts
	service  *suggest.Service
	Pipeline *pipeline.Pipeline
	Searcher knowledge.Searcher
	Importer *knowledge.Importer
	Store    *knowledgepostgres.Store
	// Embedding is nil when no embedder is set up.
	Embedding *knowledge.Embedding
	// Recutting cuts again what an older version has cut.
	Recutting *knowledge.Recutting
	jobs      *jobs
	Detector  *langid.Detector
	// embedder is nil when none is set up.
	embedder *embedopenai.Embedder
	// DrafterName is empty when no model is configured.
	DrafterName string
}

// Variant is what a command joins otherwise than a server does.
type Variant struct {
	// KeepQuestions has the vectors of questions kept in the database, which pays
	// where the same ones are asked again in another process.
	KeepQuestions bool
	// EmbedTimeout is how long a question's vector is waited for; 0 means as long
	// as an agent would.
	EmbedTimeout time.Duration
	// Drafter takes the place of the configured model's drafter, which it is
	// given; that is nil when none is configured.
	Drafter func(configured pipeline.Drafter) pipeline.Drafter
	// Settings take the place of those that the server's would be; nil leaves
	// them.
	Settings *pipeline.Settings
	// Profiles take the place of those that the workspaces have.
	Profiles pipeline.Profiles
	// Today is the time that models are told; nil means now.
	Today func() time.Time
}

// Assemble joins the parts for a database and providers.
func Assemble(s *settings.Settings, db *pg.DB, logger *slog.Logger, v Variant) (*App, error) {
	detector := langid.NewDetector()
	// The tables for figures take a moment; the first message need not wait for
	// them.
	go entity.Warm()
	analyzer := analysis.NewAnalyzer()
	behind := &knowledgepostgres.Jobs{Logger: logger}
	a := &App{Detector: detector}
	a.Store = knowledgepostgres.New(db, behind)
	embedder, err := newEmbedder(s, logger)
	if err != nil {
		return nil, err
	}
	search := knowledge.SearchOptions{
		Finder: a.Store, Analyzer: analyzer, Now: time.Now,
		Language: func(q string) string { return detector.Detect(q).Locale },
	}
	search.EmbedTimeout = v.EmbedTimeout
	if v.KeepQuestions {
		search.Cache = a.Store
	}
	if embedder != nil {
		search.Embedder, a.embedder = embedder, embedder
		a.Embedding = knowledge.NewEmbedding(a.Store, embedder, knowledge.EmbeddingOptions{Batch: s.EmbeddingBatch})
	}
	a.Recutting = knowledge.NewRecutting(a.Store, analyzer, a.Embedding)
	a.Searcher = knowledge.NewSearch(search)
	a.Importer = knowledge.NewImporter(a.Store, a.Store, analyzer, time.Now)
	drafter, err := newDrafter(s, logger)
	if err != nil {
		return nil, err
	}
	deps := pipeline.Deps{
		Searcher: a.Searcher, Extractive: extractive.New(analyzer), Detector: detector, Analyzer: analyzer, Logger: logger, Version: Version(),
		Today: v.Today,
	}
	deps.Contacts = guard.NewContactCache(a.Store, time.Now)
	deps.Kinds = kind.New(sentenceEmbedder(embedder))
	if embedder != nil {
		deps.Sentences = asQuestions{embedder}
	}
	if drafter != nil {
		deps.Drafter, a.DrafterName = drafter, s.ChatModel
	}
	if v.Drafter != nil {
		deps.Drafter = v.Drafter(deps.Drafter)
	}
	tickets := suggestpostgres.New(db)
	deps.House = house.NewCache(tickets, time.Now, logger)
	if deps.Profiles = v.Profiles; v.Profiles == nil {
		standard, err := confidence.Default()
		if err != nil {
			return nil, err
		}
		deps.Profiles = confidence.NewCache(tickets, standard, time.Now, logger)
	}
	tuning := pipeline.Settings{
		TimeLimit: s.DraftLimit,
		// A slow model of one's own is waited for in proportion.
		FirstWordsLimit: s.DraftLimit * 3 / 5,
		ThinkingLimit:   cmp.Or(s.ThinkingLimit, -1),
	}
	tuning.VectorLimit = v.EmbedTimeout
	if v.Settings != nil {
		tuning = *v.Settings
	}
	if a.Pipeline, err = pipeline.New(deps, tuning); err != nil {
		return nil, err
	}
	a.service = suggest.NewService(a.Pipeline, tickets, suggest.ServiceOptions{Logger: logger})
	requests := apipostgres.NewRequests(db, func(tx *pg.Tx) api.Stores {
		tickets, articles := suggestpostgres.New(tx), a.Store.In(tx)
		return api.Stores{Tickets: tickets, Decisions: tickets, Plans: articles, Index: articles, Keys: apipostgres.NewKeys(tx), Settings: tickets}
	})
	a.Parts = api.Parts{
		Tickets:   suggest.NewTickets(tickets, detector, time.Now),
		Suggester: a.service,
		Library:   a.Store,
		Searcher:  knowledge.NewAsker(a.Searcher, detector.Detect, time.Now),
		Importer:  a.Importer,
		Keys:      apipostgres.NewKeys(db),
		Settings:  tickets,
		Requests:  requests,
		Logger:    logger,
		Now:       time.Now,
		Version:   Version(),
	}
	a.jobs, err = newJobs(db, a, behind, requests, logger)
	return a, err
}

// asQuestions embeds what is compared with each other, all of it alike.
type asQuestions struct{ knowledge.Embedder }

// Embed implements support.Embedder.
func (q asQuestions) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	return q.Embedder.Embed(ctx, knowledge.QuestionText, texts)
}

// sentenceEmbedder embeds the sentences of drafts; nil without an embedder.
func sentenceEmbedder(e *embedopenai.Embedder) kind.Embedder {
	if e == nil {
		return nil
	}
	return kind.Passages(e)
}

func newEmbedder(s *settings.Settings, logger *slog.Logger) (*embedopenai.Embedder, error) {
	if s.EmbeddingURL == "" {
		return nil, nil //nolint:nilnil // no embedder is a way to run
	}
	e, err := embedopenai.NewEmbedder(EmbeddingOptions(s, logger))
	if err != nil {
		return nil, console.Usagef("EMBEDDING_BASE_URL: %w", err)
	}
	return e, nil
}

// EmbeddingOptions are those of the model that embeds.
func EmbeddingOptions(s *settings.Settings, logger *slog.Logger) embedopenai.Options {
	return embedopenai.Options{
		BaseURL: s.EmbeddingURL, Key: s.EmbeddingKey,
		QuestionModel: s.QuestionModel, PassageModel: s.PassageModel,
		QuestionPrefix: s.QuestionPrefix, PassagePrefix: s.PassagePrefix,
		Dimensions: s.EmbeddingDimensions,
		Client:     llm.NewClient(llm.Options{}),
		Logger:     logger,
	}
}

func newDrafter(s *settings.Settings, logger *slog.Logger) (*chatopenai.Drafter, error) {
	if s.ChatModel == "" {
		return nil, nil //nolint:nilnil // no model is a way to run
	}
	d, err := chatopenai.New(ChatOptions(s, logger))
	if err != nil {
		return nil, console.Usagef("OPENAI_BASE_URL: %w", err)
	}
	return d, nil
}

// draftTokens is how long an answer may be.
const draftTokens = 800

// ChatOptions are those of the model that drafts.
func ChatOptions(s *settings.Settings, logger *slog.Logger) chatopenai.Options {
	return chatopenai.Options{
		BaseURL: s.ChatURL, Key: s.ChatKey, Model: s.ChatModel, MaxTokens: draftTokens, HTTPClient: llm.NewClient(llm.Options{}), Logger: logger,
	}
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

// QuietLogger is NewLogger for warnings and errors alone.
func QuietLogger(e *console.Env, s *settings.Settings) *slog.Logger {
	return slog.New(quiet{NewLogger(e, s).Handler()})
}

// NewLogger logs to standard error as the settings say.
func NewLogger(e *console.Env, s *settings.Settings) *slog.Logger {
	var level slog.Level
	// The setting was checked against the same words.
	_ = level.UnmarshalText([]byte(s.LogLevel))
	o := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(e.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(e.Stderr, o))
}
