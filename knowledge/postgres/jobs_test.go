package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
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
	store     *postgres.Store
	importer  *knowledge.Importer
	jobs      *postgres.Jobs
	embedding *knowledge.Embedding
	recutting *knowledge.Recutting
	client    *river.Client[pgx.Tx]
	stop      func()
}

// prepare makes a process that does not work yet.
func prepare(t *testing.T, s *pgtest.Schema, e knowledge.Embedder, o knowledge.EmbeddingOptions) *process {
	t.Helper()
	p := &process{jobs: &postgres.Jobs{}}
	p.store = postgres.New(s.DB, p.jobs)
	p.embedding = knowledge.NewEmbedding(p.store, e, o)
	p.importer = knowledge.NewImporter(p.store, p.store, sharedAnalyzer(), time.Now)
	workers := river.NewWorkers()
	p.recutting = knowledge.NewRecutting(p.store, sharedAnalyzer(), p.embedding)
	p.jobs.Register(workers, p.store, p.embedding, p.recutting)
	var err error
	p.client, err = river.NewClient(riverpgxv5.New(s.DB.Pool()), &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}, postgres.EmbedQueue: {MaxWorkers: 2}},
		Workers: workers, Logger: slog.New(slog.DiscardHandler),
		JobTimeout: postgres.JobTimeout, RescueStuckJobsAfter: postgres.RescueAfter, ReindexerIndexNames: []string{},
		FetchPollInterval: 100 * time.Millisecond, FetchCooldown: 50 * time.Millisecond, TestOnly: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.jobs.Bind(p.client)
	return p
}

func (p *process) start(t *testing.T) {
	t.Helper()
	if err := p.client.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	p.stop = sync.OnceFunc(func() {
		done, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := p.client.StopAndCancel(done); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("stop: %v", err)
		}
	})
	t.Cleanup(p.stop)
}

func start(t *testing.T, s *pgtest.Schema, e knowledge.Embedder) *process {
	t.Helper()
	p := prepare(t, s, e, knowledge.EmbeddingOptions{})
	p.client.PeriodicJobs().AddMany(p.jobs.Periodic())
	p.start(t)
	return p
}

func eventually(t *testing.T, what string, check func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !check(); time.Sleep(50 * time.Millisecond) {
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
	rows, err := f.Owner.Query(t.Context(), `SELECT args::text FROM river_job WHERE kind LIKE 'knowledge%'`)
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

// many are documents of which every share has some.
func many(n int) []knowledge.Document {
	var docs []knowledge.Document
	for i := range n {
		docs = append(docs, doc(fmt.Sprintf("k%02d", i), "en", fmt.Sprintf("Title %d", i), fmt.Sprintf("Text %d.", i)))
	}
	return docs
}

func (f *fixture) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	if err := f.Owner.QueryRow(t.Context(), `SELECT count(*)::int FROM `+sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestJobCommitsWithTheImport(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := prepare(t, f.Schema, newFakeEmbedder(), knowledge.EmbeddingOptions{})
	f.importer = p.importer
	jobs := func() int { return f.count(t, `river_job WHERE kind = 'knowledge_imported'`) }
	f.loadOnly(t, doc("base", "en", "Base", "Text."))
	outdated := f.plan(t, knowledge.PlanRequest{KeepMissing: true}, doc("x", "en", "X", "Text."))
	f.loadOnly(t, doc("base", "en", "Base", "Other text."))
	if err := f.apply(t, outdated); !errors.Is(err, knowledge.ErrPlanOutdated) {
		t.Fatal(err)
	}
	if n := jobs(); n != 2 {
		t.Errorf("%d jobs of two imports and one that was refused", n)
	}
	p.start(t)
	eventually(t, "embedding", func() bool { return f.embedded(t) == 1 })
}

// One import after the other, each of which may come just when the last one's
// jobs end: nothing looks for what is left but those jobs.
func TestNoImportIsMissed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := prepare(t, f.Schema, newFakeEmbedder(), knowledge.EmbeddingOptions{})
	f.importer = p.importer
	p.start(t)
	for i := range 25 {
		f.loadOnly(t, doc("a", "en", "Bags", fmt.Sprintf("%d bags.", i)))
		eventually(t, fmt.Sprintf("embedding %d", i), func() bool { return f.embedded(t) == 1 && f.count(t, `missing_vectors`) == 0 })
		if n := f.count(t, `river_job WHERE kind = 'knowledge_embed' AND finalized_at IS NULL`); n > knowledge.Shares {
			t.Errorf("%d jobs at once", n)
		}
	}
}

// TestKilledWorkerIsOvertaken leaves what a process killed in the middle of its
// work leaves: a job that is running for good. Until it is given up nobody else
// works on its share.
func TestKilledWorkerIsOvertaken(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	e := newFakeEmbedder()
	p := prepare(t, f.Schema, e, knowledge.EmbeddingOptions{})
	f.load(t, many(40)...)
	if err := p.jobs.Embed(t.Context(), f.workspace); err != nil {
		t.Fatal(err)
	}
	var share, texts int
	err := f.Owner.QueryRow(t.Context(), `
		UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now(), attempted_by = '{killed}'
		WHERE kind = 'knowledge_embed' AND id = (SELECT min(id) FROM river_job WHERE kind = 'knowledge_embed')
		RETURNING (args->>'share')::int`).Scan(&share)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Owner.QueryRow(t.Context(), `
		SELECT count(*)::int FROM passages WHERE get_byte(uuid_send(article_id), 15) % $2 = $1`, share, knowledge.Shares).Scan(&texts); err != nil {
		t.Fatal(err)
	}
	if texts == 0 || texts == 40 {
		t.Fatalf("the killed worker's share has %d of 40 texts", texts)
	}
	began := time.Now()
	p.start(t)
	eventually(t, "embedding the other shares", func() bool { return f.embedded(t) == 40-texts })
	if err := p.jobs.Embed(t.Context(), f.workspace); err != nil {
		t.Fatal(err)
	}
	eventually(t, "taking the work over", func() bool { return f.embedded(t) == 40 })
	if took := time.Since(began); took > time.Minute || took < postgres.RescueAfter {
		t.Errorf("the work was taken over after %v", took)
	}
	if e.embedded() != 80 {
		t.Errorf("%d texts embedded, expected each of 80 once", e.embedded())
	}
	checkStatistics(t, f)
}

// A provider that takes too long for a batch is asked for one text at a time.
func TestSlowProviderGetsSingleTexts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	e := &slowEmbedder{fakeEmbedder: newFakeEmbedder()}
	p := prepare(t, f.Schema, e, knowledge.EmbeddingOptions{})
	f.load(t, doc("a", "en", "Bags", "One bag."))
	if err := p.jobs.Embed(t.Context(), f.workspace); err != nil {
		t.Fatal(err)
	}
	p.start(t)
	eventually(t, "embedding", func() bool { return f.embedded(t) == 1 })
}

// slowEmbedder never ends with two texts.
type slowEmbedder struct{ *fakeEmbedder }

func (s *slowEmbedder) Embed(ctx context.Context, kind knowledge.TextKind, texts []string) ([][]float32, error) {
	if len(texts) > 1 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.fakeEmbedder.Embed(ctx, kind, texts)
}

func TestServersShareTheWork(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, many(60)...)
	var both sync.WaitGroup // neither goes on before the other one has work
	both.Add(2)
	var servers [2]*fakeEmbedder
	for i := range servers {
		e := newFakeEmbedder()
		first := sync.OnceFunc(both.Done)
		e.fail = func([]string) error { first(); both.Wait(); return nil }
		servers[i] = e
		start(t, f.Schema, e)
	}
	eventually(t, "embedding", func() bool { return f.embedded(t) == 60 && f.count(t, `missing_vectors`) == 0 })
	if n := servers[0].embedded() + servers[1].embedded(); n != 120 {
		t.Errorf("%d texts embedded, expected each of 120 once", n)
	}
	checkStatistics(t, f)
}

// Who needs every vector waits for those that another process has in hand.
func TestCompleteWaitsForWhatOthersHaveInHand(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, many(20)...)
	slow, quick := newFakeEmbedder(), newFakeEmbedder()
	inHand, goOn := make(chan struct{}), make(chan struct{})
	first := sync.OnceFunc(func() { close(inHand) })
	slow.fail = func([]string) error { first(); <-goOn; return nil }
	release := sync.OnceFunc(func() { close(goOn) })
	other := start(t, f.Schema, slow)
	t.Cleanup(release)
	if err := other.jobs.Embed(t.Context(), f.workspace); err != nil {
		t.Fatal(err)
	}
	<-inHand
	p := prepare(t, f.Schema, quick, knowledge.EmbeddingOptions{})
	p.start(t)
	done := make(chan error, 1)
	var polls atomic.Int64
	go func() {
		givenUp, err := p.jobs.Complete(context.WithoutCancel(t.Context()), f.workspace, p.embedding, p.recutting, func() { polls.Add(1) })
		if err == nil && givenUp > 0 {
			err = fmt.Errorf("%d given up", givenUp)
		}
		done <- err
	}()
	// All that is free gets done, and then there is only waiting.
	idle := `river_job WHERE kind = 'knowledge_embed' AND state IN ('available', 'scheduled', 'retryable')`
	eventually(t, "what is free", func() bool { return polls.Load() > 3 && f.count(t, idle) == 0 })
	select {
	case err := <-done:
		t.Fatalf("ended while another process has texts in hand: %v", err)
	default:
	}
	release()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := slow.embedded() + quick.embedded(); n != 40 || f.embedded(t) != 20 {
		t.Errorf("%d texts embedded, expected each of 40 once", n)
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
	p := prepare(t, f.Schema, e, knowledge.EmbeddingOptions{MaxAttempts: 1})
	p.start(t)
	if givenUp, err := p.jobs.Complete(t.Context(), f.workspace, p.embedding, p.recutting, func() {}); err != nil || givenUp != 1 {
		t.Errorf("%d given up, %v", givenUp, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	f.load(t, doc("a", "en", "Bags", "Two bags."))
	if _, err := p.jobs.Complete(ended, f.workspace, p.embedding, p.recutting, func() {}); err == nil {
		t.Error("a call that ended goes on")
	}
}

func TestCompleteTellsWhatIsWrongWithTheProvider(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("a", "en", "Bags", "One bag."))
	e := newFakeEmbedder()
	e.fail = func([]string) error {
		return &knowledge.EmbedError{Reason: knowledge.EmbedUnauthorized, Permanent: true}
	}
	p := prepare(t, f.Schema, e, knowledge.EmbeddingOptions{})
	p.start(t)
	if _, err := p.jobs.Complete(t.Context(), f.workspace, p.embedding, p.recutting, func() {}); knowledge.EmbedReason(err) != knowledge.EmbedUnauthorized {
		t.Errorf("got %v", err)
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
