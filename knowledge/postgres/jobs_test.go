package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/postgres"
)

// process is a server's background work: what a restart makes anew.
type process struct {
	store    *postgres.Store
	importer *knowledge.Importer
	stop     func()
}

func start(t *testing.T, s *pgtest.Schema, e knowledge.Embedder) *process {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	jobs := postgres.NewEmbedJobs()
	store := postgres.New(s.DB, jobs)
	embedding := knowledge.NewEmbedding(store, e, knowledge.EmbeddingOptions{})
	workers := river.NewWorkers()
	jobs.Register(workers, embedding)
	client, err := river.NewClient(riverpgxv5.New(s.DB.Pool()), &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}}, Workers: workers, Logger: quiet,
		JobTimeout: postgres.JobTimeout, RescueStuckJobsAfter: postgres.RescueAfter, ReindexerIndexNames: []string{},
		FetchPollInterval: 100 * time.Millisecond, FetchCooldown: 50 * time.Millisecond, TestOnly: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := client.Start(ctx); err != nil {
		t.Fatal(err)
	}
	swept := make(chan struct{})
	go func() { defer close(swept); jobs.Start(ctx, client, store, embedding, quiet) }()
	var stopped atomic.Bool
	p := &process{store: store, importer: knowledge.NewImporter(store, store, sharedAnalyzer(), time.Now)}
	p.stop = func() {
		if stopped.Swap(true) {
			return
		}
		cancel()
		<-swept
		done, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := client.StopAndCancel(done); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("stop: %v", err)
		}
	}
	t.Cleanup(p.stop)
	return p
}

func eventually(t *testing.T, what string, check func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !check(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not happen", what)
		}
	}
}

func (f *fixture) embedded(t *testing.T) int {
	t.Helper()
	status, err := f.store.Status(t.Context(), f.workspace)
	if err != nil {
		t.Fatal(err)
	}
	return status.Embedded
}

func TestImportIsEmbeddedInTheBackground(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := start(t, f.Schema, newFakeEmbedder())
	f.importer = p.importer
	applied := f.load(t, doc("a", "en", "Bags", "One bag."), doc("b", "en", "Dogs", "One dog."))
	if applied.PassagesToEmbed != 2 {
		t.Errorf("%d passages wait", applied.PassagesToEmbed)
	}
	eventually(t, "embedding", func() bool { return f.embedded(t) == 2 })
	checkStatistics(t, f)
	f.load(t, doc("a", "en", "Bags", "Two bags."), doc("b", "en", "Dogs", "One dog."))
	eventually(t, "embedding what changed", func() bool { return f.embedded(t) == 2 })

	// The queue is told ids alone.
	rows, err := f.Owner.Query(t.Context(), `SELECT args::text FROM river_job WHERE kind = 'knowledge_embed'`)
	if err != nil {
		t.Fatal(err)
	}
	args, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(args) == 0 {
		t.Fatal(args, err)
	}
	for _, a := range args {
		if len(a) > 120 {
			t.Errorf("arguments hold more than ids: %s", a)
		}
	}
}

func TestJobCommitsWithTheImport(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	e := newFakeEmbedder()
	e.fail = func([]string) error {
		return &knowledge.EmbedError{Reason: knowledge.EmbedUnreachable, Err: errors.New("down")}
	}
	p := start(t, f.Schema, e)
	f.importer = p.importer
	jobs := func() (n int) {
		if err := f.Owner.QueryRow(t.Context(), `SELECT count(*)::int FROM river_job WHERE kind = 'knowledge_embed'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	f.load(t, doc("base", "en", "Base", "Text."))
	// Until the client is bound the import leaves no job; the sweep does.
	eventually(t, "a job", func() bool { return jobs() > 0 })
	before := jobs()
	outdated := f.plan(t, knowledge.PlanRequest{KeepMissing: true}, doc("x", "en", "X", "Text."))
	f.load(t, doc("base", "en", "Base", "Other text."))
	if err := f.apply(t, outdated); !errors.Is(err, knowledge.ErrPlanOutdated) {
		t.Fatal(err)
	}
	if n := jobs(); n != before {
		t.Errorf("%d jobs, then %d: one a workspace and process is enough", before, n)
	}
}

// TestKilledProcessIsTakenUp leaves what a process killed in the middle of its
// work leaves: a job that is running for good, and texts that are leased.
func TestKilledProcessIsTakenUp(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("a", "en", "Bags", "One bag."), doc("b", "en", "Dogs", "One dog."))
	number, err := f.store.OpenSpace(t.Context(), f.workspace, knowledge.Space{Name: "fake", Dimensions: 64})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if leased, err := f.store.Lease(t.Context(), f.workspace, number, 10, now, now.Add(3*time.Second)); err != nil || len(leased) != 4 {
		t.Fatal(leased, err)
	}
	_, err = f.Owner.Exec(t.Context(), `
		INSERT INTO river_job (args, attempt, attempted_at, attempted_by, created_at, kind, max_attempts, priority, queue, scheduled_at, state)
		VALUES (jsonb_build_object('workspace', $1::text, 'runner', 'killed'), 1, now(), '{killed}', now(), 'knowledge_embed', 25, 1, 'default', now(), 'running')`, string(f.workspace))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	start(t, f.Schema, newFakeEmbedder())
	eventually(t, "taking the work up", func() bool { return f.embedded(t) == 2 })
	if took := time.Since(began); took > 20*time.Second || took < 2*time.Second {
		t.Errorf("the work was taken up after %v, whose lease was three seconds", took)
	}
	checkStatistics(t, f)
}

// Who needs every vector waits for those that another worker has in hand, and for
// the leases of one that was killed.
func TestCompleteWaitsForWhatOthersHaveLeased(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("a", "en", "Bags", "One bag."), doc("b", "en", "Dogs", "One dog."))
	number, err := f.store.OpenSpace(t.Context(), f.workspace, knowledge.Space{Name: "fake", Dimensions: 64})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if leased, err := f.store.Lease(t.Context(), f.workspace, number, 2, now, now.Add(time.Second)); err != nil || len(leased) != 2 {
		t.Fatal(leased, err)
	}
	embedding := knowledge.NewEmbedding(f.store, newFakeEmbedder(), knowledge.EmbeddingOptions{})
	if givenUp, err := embedding.Complete(t.Context(), f.workspace, func() {}); err != nil || givenUp != 0 {
		t.Errorf("%d given up, %v", givenUp, err)
	}
	if waiting, givenUp, err := f.store.Waiting(t.Context(), f.workspace, number); err != nil || waiting+givenUp != 0 || f.embedded(t) != 2 {
		t.Errorf("%d wait, %d given up, %d embedded: %v", waiting, givenUp, f.embedded(t), err)
	}
	checkStatistics(t, f)
}

func TestCompleteTellsWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("a", "en", "Bags", "One bag."), doc("b", "en", "Dogs", "One poison dog."))
	e := newFakeEmbedder()
	e.fail = func(texts []string) error {
		if strings.Contains(strings.Join(texts, " "), "poison") {
			return &knowledge.EmbedError{Reason: knowledge.EmbedRejected}
		}
		return nil
	}
	embedding := knowledge.NewEmbedding(f.store, e, knowledge.EmbeddingOptions{MaxAttempts: 1})
	if givenUp, err := embedding.Complete(t.Context(), f.workspace, func() {}); err != nil || givenUp != 1 {
		t.Errorf("%d given up, %v", givenUp, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := embedding.Complete(ended, f.workspace, func() {}); err == nil {
		t.Error("a call that ended goes on")
	}
}

func TestProviderComesBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var down atomic.Bool
	down.Store(true)
	e := newFakeEmbedder()
	e.fail = func([]string) error {
		if down.Load() {
			return &knowledge.EmbedError{Reason: knowledge.EmbedUnreachable, Err: errors.New("down")}
		}
		return nil
	}
	p := start(t, f.Schema, e)
	f.importer = p.importer
	f.load(t, doc("a", "en", "Bags", "One bag."))
	eventually(t, "a first try", func() bool { e.mu.Lock(); defer e.mu.Unlock(); return e.calls > 0 })
	down.Store(false)
	eventually(t, "embedding", func() bool { return f.embedded(t) == 1 })
}
