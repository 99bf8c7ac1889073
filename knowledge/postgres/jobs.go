package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
)

// How the jobs run. A job whose process was killed is given up after
// RescueAfter; River looks for such every half a minute and tries again within
// seconds, so that it is taken over within a minute.
const (
	// JobTimeout and RescueAfter belong into River's configuration.
	JobTimeout  = 15 * time.Second
	RescueAfter = 15 * time.Second
	// EmbedQueue is worked by processes that have an embedder.
	EmbedQueue = "embedding"

	embedBudget   = 3 * time.Second
	learnTimeout  = 5 * time.Minute
	retryAfter    = 2 * time.Second
	sweepInterval = 30 * time.Second
	sweepMost     = 1000
	waitAtLeast   = 2 * time.Second
	waitAtMost    = time.Minute
	// Complete looks every pollEvery whether all is done, and every askEvery
	// whether something is to be tried again.
	pollEvery = 200 * time.Millisecond
	askEvery  = 2 * time.Second
)

// importedArgs asks for what follows an import.
type importedArgs struct {
	Workspace string `json:"workspace"`
}

// Kind implements river.JobArgs.
func (importedArgs) Kind() string { return "knowledge_imported" }

// embedArgs asks to embed what waits in a share of a workspace. There is one
// such job at a time, so no text is embedded twice.
type embedArgs struct {
	Workspace string `json:"workspace" river:"unique"`
	Share     int    `json:"share" river:"unique"`
}

// Kind implements river.JobArgs.
func (embedArgs) Kind() string { return "knowledge_embed" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (embedArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: EmbedQueue, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()}}
}

// sweepArgs asks to look for workspaces whose texts wait while nobody works on
// them: after a change of the model, or when a text is to be tried again.
type sweepArgs struct{}

// Kind implements river.JobArgs.
func (sweepArgs) Kind() string { return "knowledge_sweep" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (sweepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: EmbedQueue, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()}}
}

// cutArgs asks to cut what an older version has cut of a workspace again. There is
// one such job at a time.
type cutArgs struct {
	Workspace string `json:"workspace" river:"unique"`
}

// Kind implements river.JobArgs.
func (cutArgs) Kind() string { return "knowledge_cut" }

// cutOptions choose the queue: where vectors are there, an embedder is needed. Such
// jobs take turns with those of imports, so that neither waits for all of the others.
func cutOptions(embedded bool) *river.InsertOpts {
	o := &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()}}
	if embedded {
		o.Queue = EmbedQueue
	}
	return o
}

// cutSweepArgs asks to look for workspaces that an older version has cut.
type cutSweepArgs struct{}

// Kind implements river.JobArgs.
func (cutSweepArgs) Kind() string { return "knowledge_cut_sweep" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (cutSweepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()}}
}

func unfinished() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}
}

// Jobs is what goes on behind imports: learning contacts, and embedding. It is
// the Notifier of a Store: make it, give it to New, Register it with the
// workers, and Bind it to their client.
type Jobs struct {
	// Logger is told what embedding comes to; nil tells nobody.
	Logger *slog.Logger

	client atomic.Pointer[river.Client[pgx.Tx]]
	// fault is what this process last found wrong with its provider.
	fault atomic.Pointer[knowledge.EmbedError]
	// told is the reason of the fault that was logged last, empty once texts were
	// embedded again.
	told atomic.Pointer[string]
}

// Bind tells which client takes jobs. Before that, imports fail.
func (j *Jobs) Bind(client *river.Client[pgx.Tx]) { j.client.Store(client) }

// Changed implements Notifier: the job commits with the import.
func (j *Jobs) Changed(ctx context.Context, tx pgx.Tx, w knowledge.Workspace) error {
	if _, err := j.client.Load().InsertTx(ctx, tx, importedArgs{string(w)}, nil); err != nil {
		return fmt.Errorf("queue what follows an import: %w", err)
	}
	return nil
}

// Register adds the workers. embedding may be nil where EmbedQueue is not worked.
func (j *Jobs) Register(workers *river.Workers, store *Store, embedding *knowledge.Embedding, recutting *knowledge.Recutting) {
	river.AddWorker(workers, &cutWorker{jobs: j, recutting: recutting})
	river.AddWorker(workers, &cutSweepWorker{jobs: j, store: store})
	river.AddWorker(workers, &importedWorker{jobs: j, store: store})
	river.AddWorker(workers, &embedWorker{jobs: j, store: store, embedding: embedding})
	river.AddWorker(workers, &sweepWorker{jobs: j, store: store, embedding: embedding})
}

// Periodic has servers look now and then for texts that nobody works on, and for
// articles that an older version has cut.
func (*Jobs) Periodic() []*river.PeriodicJob {
	every, at := river.PeriodicInterval(sweepInterval), &river.PeriodicJobOpts{RunOnStart: true}
	return []*river.PeriodicJob{
		river.NewPeriodicJob(every, func() (river.JobArgs, *river.InsertOpts) { return sweepArgs{}, nil }, at),
		river.NewPeriodicJob(every, func() (river.JobArgs, *river.InsertOpts) { return cutSweepArgs{}, nil }, at),
	}
}

// Complete has a workspace cut and embedded until no article and no text of it
// waits: also what another
// process has in hand, one that was killed included, and what is to be tried
// again. The client must have been started. It calls progress now and then,
// returns how many texts were given up, and fails with an *EmbedError when this
// process finds the provider at fault.
func (j *Jobs) Complete(ctx context.Context, w knowledge.Workspace, embedding *knowledge.Embedding, recutting *knowledge.Recutting, progress func()) (givenUp int, err error) {
	j.fault.Store(nil)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for asked := (time.Time{}); ; {
		toCut, err := recutting.Waiting(ctx, w)
		if err != nil {
			return 0, err
		}
		waiting, givenUp, err := embedding.Waiting(ctx, w)
		if err != nil || waiting+toCut == 0 {
			return givenUp, err
		}
		if fault := j.fault.Load(); fault != nil {
			return 0, fault
		}
		if time.Since(asked) >= askEvery {
			if err := j.askFor(ctx, w, waiting, toCut); err != nil {
				return 0, err
			}
			asked = time.Now()
		}
		progress()
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// askFor wants done what waits.
func (j *Jobs) askFor(ctx context.Context, w knowledge.Workspace, waiting, toCut int) error {
	if toCut > 0 {
		if err := j.cut(ctx, staleWorkspace{w, true}); err != nil {
			return err
		}
	}
	if waiting == 0 {
		return nil
	}
	return j.Embed(ctx, w)
}

// cut has workspaces cut again.
func (j *Jobs) cut(ctx context.Context, list ...staleWorkspace) error {
	jobs := make([]river.InsertManyParams, 0, len(list))
	for _, t := range list {
		jobs = append(jobs, river.InsertManyParams{Args: cutArgs{string(t.Workspace)}, InsertOpts: cutOptions(t.Embedded)})
	}
	if len(jobs) == 0 {
		return nil
	}
	_, err := j.client.Load().InsertMany(ctx, jobs)
	return pg.Translate(err)
}

// Embed has workspaces embedded, as their imports would.
func (j *Jobs) Embed(ctx context.Context, list ...knowledge.Workspace) error {
	var jobs []river.InsertManyParams
	for _, w := range list {
		for share := range knowledge.Shares {
			jobs = append(jobs, river.InsertManyParams{Args: embedArgs{string(w), share}})
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	_, err := j.client.Load().InsertMany(ctx, jobs)
	return pg.Translate(err)
}

// importedWorker does what follows an import.
type importedWorker struct {
	river.WorkerDefaults[importedArgs]
	jobs  *Jobs
	store *Store
}

// Timeout implements river.Worker: the first import may be large.
func (*importedWorker) Timeout(*river.Job[importedArgs]) time.Duration { return learnTimeout }

// Work implements river.Worker.
func (i *importedWorker) Work(ctx context.Context, job *river.Job[importedArgs]) error {
	w := knowledge.Workspace(job.Args.Workspace)
	if err := i.jobs.Embed(ctx, w); err != nil {
		return err
	}
	return i.store.LearnContacts(ctx, w)
}

type embedWorker struct {
	river.WorkerDefaults[embedArgs]
	jobs      *Jobs
	store     *Store
	embedding *knowledge.Embedding
}

// NextRetry implements river.Worker.
func (*embedWorker) NextRetry(*river.Job[embedArgs]) time.Time { return time.Now().Add(retryAfter) }

// Work implements river.Worker: some seconds of work, then a place at the end of
// the queue, so that no workspace holds up the others.
func (e *embedWorker) Work(ctx context.Context, job *river.Job[embedArgs]) error {
	w, share := knowledge.Workspace(job.Args.Workspace), knowledge.Share(job.Args.Share)
	embedding := e.embedding
	if job.Attempt > 1 { // a batch took too long, or what follows it failed
		embedding = embedding.OneByOne()
	}
	progress, err := embedding.Work(ctx, w, share, embedBudget)
	e.jobs.tell(ctx, progress, err)
	var provider *knowledge.EmbedError
	switch {
	case errors.As(err, &provider):
		e.jobs.fault.Store(provider)
		return river.JobSnooze(providerWait(provider))
	case err != nil && !errors.Is(ctx.Err(), context.Canceled):
		return err
	case err != nil || progress.More:
		return river.JobSnooze(0)
	}
	return e.finish(ctx, job, w, share)
}

// tell logs what is new: that the provider is at fault, that it works again, and
// texts that are given up.
func (j *Jobs) tell(ctx context.Context, p knowledge.Progress, err error) {
	if j.Logger == nil {
		return
	}
	if p.GivenUp > 0 {
		j.Logger.WarnContext(ctx, "the embedding endpoint refuses texts for good, which words alone will find", "texts", p.GivenUp, "reason", p.GivenUpReason)
	}
	var provider *knowledge.EmbedError
	reason := ""
	switch {
	case errors.As(err, &provider):
		reason = provider.Reason
	case p.Done == 0:
		return // tells nothing
	}
	before := j.told.Swap(&reason)
	switch {
	case reason != "" && (before == nil || *before != reason):
		j.Logger.WarnContext(ctx, "texts can't be embedded now, and are tried again", "error", err)
	case reason == "" && before != nil && *before != "":
		j.Logger.InfoContext(ctx, "texts are embedded again")
	}
}

// finish ends the job unless texts came meanwhile. While it looks, it holds the
// job's row: who wants another such job waits, and gets it if this one ends.
func (e *embedWorker) finish(ctx context.Context, job *river.Job[embedArgs], w knowledge.Workspace, share knowledge.Share) error {
	space, err := e.embedding.Space(ctx)
	if err != nil {
		return err
	}
	err = e.store.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		if _, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, pgx.Tx(tx), job); err != nil {
			return err
		}
		waits := false
		if err := tx.QueryRow(ctx, anyDueSQL, space.Name, share, knowledge.Shares).Scan(&waits); err != nil {
			return pg.Translate(err)
		}
		if waits {
			return errTextsCame
		}
		return nil
	})
	if errors.Is(err, errTextsCame) {
		return river.JobSnooze(0)
	}
	return err
}

var errTextsCame = errors.New("texts came meanwhile")

type sweepWorker struct {
	river.WorkerDefaults[sweepArgs]
	jobs      *Jobs
	store     *Store
	embedding *knowledge.Embedding
}

// Work implements river.Worker.
func (s *sweepWorker) Work(ctx context.Context, _ *river.Job[sweepArgs]) error {
	space, err := s.embedding.Space(ctx)
	var provider *knowledge.EmbedError
	if errors.As(err, &provider) {
		return river.JobSnooze(providerWait(provider))
	}
	if err != nil {
		return err
	}
	list, err := s.store.ToEmbed(ctx, space, sweepMost)
	if err != nil {
		return err
	}
	return s.jobs.Embed(ctx, list...)
}

type cutWorker struct {
	river.WorkerDefaults[cutArgs]
	jobs      *Jobs
	recutting *knowledge.Recutting
}

// NextRetry implements river.Worker.
func (*cutWorker) NextRetry(*river.Job[cutArgs]) time.Time { return time.Now().Add(retryAfter) }

// Work implements river.Worker: some seconds of work, then a place at the end of
// the queue.
func (c *cutWorker) Work(ctx context.Context, job *river.Job[cutArgs]) error {
	recutting := c.recutting
	if job.Attempt > 1 { // a batch took too long
		recutting = recutting.OneByOne()
	}
	more, err := recutting.Work(ctx, knowledge.Workspace(job.Args.Workspace), embedBudget)
	var provider *knowledge.EmbedError
	switch {
	case errors.As(err, &provider):
		c.jobs.fault.Store(provider)
		return river.JobSnooze(providerWait(provider))
	case err != nil && !errors.Is(ctx.Err(), context.Canceled):
		return err
	case err != nil || more:
		return river.JobSnooze(0)
	}
	return nil
}

type cutSweepWorker struct {
	river.WorkerDefaults[cutSweepArgs]
	jobs  *Jobs
	store *Store
}

// Work implements river.Worker.
func (s *cutSweepWorker) Work(ctx context.Context, _ *river.Job[cutSweepArgs]) error {
	list, err := s.store.toCut(ctx, knowledge.IndexVersion, sweepMost)
	if err != nil {
		return err
	}
	return s.jobs.cut(ctx, list...)
}

func providerWait(e *knowledge.EmbedError) time.Duration {
	if e.Permanent {
		return waitAtMost
	}
	return min(max(e.RetryAfter, waitAtLeast), waitAtMost)
}
