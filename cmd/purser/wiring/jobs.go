package wiring

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
)

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

func newJobs(db *pg.DB, a *App, embed *knowledgepostgres.EmbedJobs, requests *apipostgres.Requests, logger *slog.Logger) (*jobs, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[forgetArgs]) error {
		_, err := requests.Forget(ctx)
		return err
	}))
	if a.Embedding != nil {
		embed.Register(workers, a.Embedding)
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
	return &jobs{client: client, embed: embed, store: a.Store, embedding: a.Embedding, logger: logger}, nil
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
