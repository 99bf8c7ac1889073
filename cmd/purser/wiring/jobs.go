package wiring

import (
	"context"
	"errors"
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

// jobs runs what goes on behind calls: learning contacts, embedding, and
// forgetting old request ids.
type jobs struct {
	client    *river.Client[pgx.Tx]
	knowledge *knowledgepostgres.Jobs
}

type forgetArgs struct{}

// Kind implements river.JobArgs.
func (forgetArgs) Kind() string { return "forget_requests" }

func newJobs(db *pg.DB, a *App, behind *knowledgepostgres.Jobs, requests *apipostgres.Requests, logger *slog.Logger) (*jobs, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[forgetArgs]) error {
		_, err := requests.Forget(ctx)
		return err
	}))
	behind.Register(workers, a.Store, a.Embedding, a.Recutting)
	queues := map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}}
	if a.Embedding != nil {
		// One batch at a time, so that questions find the provider free.
		queues[knowledgepostgres.EmbedQueue] = river.QueueConfig{MaxWorkers: 1}
	}
	client, err := river.NewClient(riverpgxv5.New(db.Pool()), &river.Config{
		Queues:  queues,
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
	behind.Bind(client)
	return &jobs{client: client, knowledge: behind}, nil
}

// sweep has workspaces looked for whose texts wait while nobody works on them.
func (j *jobs) sweep() { j.client.PeriodicJobs().AddMany(j.knowledge.Periodic()) }

// Start works until Stop.
func (j *jobs) Start(ctx context.Context) error { return j.client.Start(ctx) }

// Stop lets jobs finish for as long as ctx allows, then cancels them: each
// gives back what it has not done.
func (j *jobs) Stop(ctx context.Context) error { return j.client.StopAndCancel(ctx) }

// stopLimit bounds how long a command waits for the batches in hand.
const stopLimit = 10 * time.Second

// Embed has a workspace embedded, and cut again where an older version has cut it, and returns how many texts were given up. It
// calls progress now and then. Other workspaces are looked for by servers alone.
func (a *App) Embed(ctx context.Context, w knowledge.Workspace, progress func()) (givenUp int, err error) {
	toCut, err := a.Recutting.Waiting(ctx, w)
	if err != nil {
		return 0, err
	}
	waiting, givenUp, err := a.Embedding.Waiting(ctx, w)
	if err != nil || waiting+toCut == 0 {
		return givenUp, err
	}
	if err := a.jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return 0, err
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		defer cancel()
		err = errors.Join(err, a.jobs.Stop(stopping))
	}()
	return a.jobs.knowledge.Complete(ctx, w, a.Embedding, a.Recutting, progress)
}
