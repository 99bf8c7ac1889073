package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/purser-desk/purser/knowledge"
)

// How the jobs run.
const (
	// JobTimeout is what River's configuration must allow a job at least, and
	// RescueAfter when it should give a job up whose process has died.
	JobTimeout  = time.Minute
	RescueAfter = 2 * time.Minute

	jobBudget     = 30 * time.Second
	sweepInterval = 10 * time.Second
	soonInterval  = time.Second
	soonSweeps    = 3
	sweepMost     = 1000
	waitAtLeast   = 2 * time.Second
	waitAtMost    = time.Minute
)

// EmbedArgs asks to embed what waits in a workspace. Runner is the process that
// asked: one job a workspace and process, so that a job whose process has died
// holds no other one up.
type EmbedArgs struct {
	Workspace string `json:"workspace" river:"unique"`
	Runner    string `json:"runner" river:"unique"`
}

// Kind implements river.JobArgs.
func (EmbedArgs) Kind() string { return "knowledge_embed" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (EmbedArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}}}
}

// EmbedJobs embeds in the background. It is the Notifier of a Store: make it,
// give it to New, Register it with the workers, Start it with their client.
type EmbedJobs struct {
	runner  string
	client  atomic.Pointer[river.Client[pgx.Tx]]
	changed chan struct{}
}

// NewEmbedJobs makes one.
func NewEmbedJobs() *EmbedJobs {
	return &EmbedJobs{runner: uuid.NewString(), changed: make(chan struct{}, 1)}
}

// Changed implements Notifier: the job commits with the import. Before Start it
// does nothing; the sweep finds the workspace.
func (j *EmbedJobs) Changed(ctx context.Context, tx pgx.Tx, w knowledge.Workspace) error {
	client := j.client.Load()
	if client == nil {
		return nil
	}
	_, err := client.InsertTx(ctx, tx, EmbedArgs{Workspace: string(w), Runner: j.runner}, nil)
	if err != nil {
		return fmt.Errorf("queue the embedding: %w", err)
	}
	select {
	case j.changed <- struct{}{}:
	default:
	}
	return nil
}

// Register adds the worker.
func (j *EmbedJobs) Register(workers *river.Workers, embedding *knowledge.Embedding) {
	river.AddWorker(workers, &embedWorker{embedding: embedding})
}

// Start looks for workspaces whose texts wait, at once and again every ten
// seconds, until ctx ends: what a killed process left is taken up within the
// lease of its last batch. After a change it looks sooner, since a job that was
// just about to end when the change came keeps another one from being queued.
func (j *EmbedJobs) Start(ctx context.Context, client *river.Client[pgx.Tx], store *Store, embedding *knowledge.Embedding, log *slog.Logger) {
	j.client.Store(client)
	tick := time.NewTicker(sweepInterval)
	defer tick.Stop()
	told := "" // what keeps failing is told once
	for soon := 0; ; {
		failure := ""
		if err := j.sweep(ctx, client, store, embedding); err != nil && ctx.Err() == nil {
			if failure = err.Error(); failure != told {
				log.WarnContext(ctx, "could not look for texts to embed", "error", err)
			}
		}
		told = failure
		select {
		case <-ctx.Done():
			return
		case <-j.changed:
			soon = soonSweeps
			tick.Reset(soonInterval)
			continue
		case <-tick.C:
		}
		if soon--; soon == 0 {
			tick.Reset(sweepInterval)
		}
	}
}

func (j *EmbedJobs) sweep(ctx context.Context, client *river.Client[pgx.Tx], store *Store, embedding *knowledge.Embedding) error {
	space, err := embedding.Space(ctx)
	if err != nil {
		return err
	}
	list, err := store.ToEmbed(ctx, space, sweepMost)
	if err != nil || len(list) == 0 {
		return err
	}
	jobs := make([]river.InsertManyParams, len(list))
	for i, w := range list {
		jobs[i].Args = EmbedArgs{Workspace: string(w), Runner: j.runner}
	}
	_, err = client.InsertMany(ctx, jobs)
	return err
}

type embedWorker struct {
	river.WorkerDefaults[EmbedArgs]
	embedding *knowledge.Embedding
}

// Timeout implements river.Worker.
func (*embedWorker) Timeout(*river.Job[EmbedArgs]) time.Duration { return JobTimeout }

// Work implements river.Worker: half a minute of work, then a place at the end
// of the queue, so that no workspace holds up the others.
func (e *embedWorker) Work(ctx context.Context, job *river.Job[EmbedArgs]) error {
	progress, err := e.embedding.Work(ctx, knowledge.Workspace(job.Args.Workspace), jobBudget)
	var provider *knowledge.EmbedError
	switch {
	case errors.As(err, &provider):
		return river.JobSnooze(min(max(provider.RetryAfter, providerWait(provider)), waitAtMost))
	case err != nil && ctx.Err() != nil:
		return river.JobSnooze(0)
	case err != nil:
		return err
	case progress.More:
		return river.JobSnooze(0)
	}
	return nil
}

func providerWait(e *knowledge.EmbedError) time.Duration {
	if e.Permanent {
		return waitAtMost
	}
	return waitAtLeast
}
