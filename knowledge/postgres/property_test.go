package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/purser-desk/purser/knowledge"
)

// fakeEmbedder gives texts with the same words vectors near each other: each
// dimension counts the words that fall into it.
type fakeEmbedder struct {
	name       string
	dimensions int
	// fail, when set, may refuse a call.
	fail func(texts []string) error

	mu    sync.Mutex
	calls int
	texts []string
}

func (f *fakeEmbedder) Space(context.Context) (knowledge.Space, error) {
	return knowledge.Space{Name: f.name, Dimensions: f.dimensions}, nil
}

func (f *fakeEmbedder) Embed(ctx context.Context, kind knowledge.TextKind, texts []string) ([][]float32, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.calls++
	if kind == knowledge.PassageText {
		f.texts = append(f.texts, texts...)
	}
	f.mu.Unlock()
	if f.fail != nil {
		if err := f.fail(texts); err != nil {
			return nil, err
		}
	}
	var vectors [][]float32
	for _, t := range texts {
		v := make([]float32, f.dimensions)
		v[0] = 1
		for _, word := range strings.Fields(strings.ToLower(t)) {
			h := fnv.New32a()
			_, _ = h.Write([]byte(strings.Trim(word, ".,?!")))
			v[1+int(h.Sum32())%(f.dimensions-1)]++
		}
		vectors = append(vectors, v)
	}
	return vectors, nil
}

func (f *fakeEmbedder) embedded() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.texts)
}

func newFakeEmbedder() *fakeEmbedder { return &fakeEmbedder{name: "fake", dimensions: 64} }

func (f *fixture) embedAll(t testing.TB, e knowledge.Embedder) knowledge.Progress {
	t.Helper()
	p, err := knowledge.NewEmbedding(f.store, e, knowledge.EmbeddingOptions{Batch: 8}).Work(t.Context(), f.workspace, knowledge.AllShares, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAnySequenceOfImports compares the statistics with a recount, and the
// articles with a model, after each of a random sequence of imports by several
// sources, with embedding in between.
func TestAnySequenceOfImports(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	words := []string{"bag", "bags", "dog", "refund", "seat", "Gepäck", "koffer", "the", "23", "kg"}
	embedder := newFakeEmbedder()
	rapid.Check(t, func(r *rapid.T) {
		f.workspace = knowledge.Workspace(f.Workspace(t))
		model := map[string]string{} // key and locale → source
		for range rapid.IntRange(1, 5).Draw(r, "imports") {
			source := rapid.SampledFrom([]string{"one", "two"}).Draw(r, "source")
			keep := rapid.Bool().Draw(r, "keep")
			var docs []knowledge.Document
			for _, key := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 1, 5, rapid.ID[int]).Draw(r, "keys") {
				text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 60).Draw(r, "words"), " ")
				title := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 3).Draw(r, "title"), " ")
				docs = append(docs, doc(fmt.Sprintf("k%d", key), rapid.SampledFrom([]string{"en", "de"}).Draw(r, "locale"), title, text+"\n\n"+strings.Repeat(text+". ", 20)))
			}
			plan, err := f.importer.Plan(t.Context(), f.workspace, knowledge.PlanRequest{Source: source, KeepMissing: keep}, knowledge.Documents(docs))
			if err != nil {
				r.Fatal(err)
			}
			if _, err := f.importer.Apply(t.Context(), f.workspace, plan.ID, knowledge.ApplyRequest{AllowRemovals: true}); err != nil {
				r.Fatal(err)
			}
			if !keep {
				for name, owner := range model {
					if owner == source {
						delete(model, name)
					}
				}
			}
			for _, d := range docs {
				model[d.Key+" "+d.Locale] = source
			}
			if rapid.Bool().Draw(r, "embed") {
				f.embedAll(t, embedder)
			}
			checkStatistics(t, f)
			checkModel(r, t, f, model)
			if t.Failed() {
				r.FailNow()
			}
		}
	})
}

func checkModel(r *rapid.T, t testing.TB, f *fixture, model map[string]string) {
	state := f.state(t)
	if len(state) != len(model) {
		r.Fatalf("%d articles, expected %v", len(state), model)
	}
	for name, source := range model {
		if got, ok := state[name]; !ok || !strings.HasSuffix(got, " "+source) {
			r.Fatalf("%s is %q, expected source %s", name, got, source)
		}
	}
}

func TestEmbeddingIsNotDoneTwice(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	e := newFakeEmbedder()
	a, b := doc("a", "en", "Bags", "One bag."), doc("b", "en", "Dogs", "One dog.")
	applied := f.load(t, a, b)
	if applied.PassagesToEmbed != 0 {
		t.Errorf("without anyone to tell, %d wait", applied.PassagesToEmbed)
	}
	if p := f.embedAll(t, e); p.Done != 4 {
		t.Errorf("%+v", p)
	}
	// A change of labels alone, a removal and a return: the texts are known.
	a.Labels = []string{"x"}
	f.load(t, a)
	f.load(t, a, b)
	checkStatistics(t, f)
	if p := f.embedAll(t, e); p.Done != 0 || e.embedded() != 4 {
		t.Errorf("%+v, %d texts embedded", p, e.embedded())
	}
	status, err := f.store.Status(t.Context(), f.workspace)
	if err != nil || status != (knowledge.IndexStatus{Articles: 2, Passages: 2, Embedded: 2, Space: "fake"}) {
		t.Errorf("%+v %v", status, err)
	}
}

func TestOneBadTextDoesNotBlockTheRest(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{knowledge.EmbedRejected, knowledge.EmbedProviderError, knowledge.EmbedBadVector, knowledge.EmbedWrongCount, knowledge.EmbedNotJSON} {
		t.Run(reason, func(t *testing.T) {
			f := newFixture(t)
			e := newFakeEmbedder()
			e.fail = func(texts []string) error {
				if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, "poison") }) {
					return &knowledge.EmbedError{Reason: reason, Err: errors.New("no")}
				}
				return nil
			}
			f.load(t, doc("a", "en", "Bags", "One bag."), doc("b", "en", "Dogs", "One poison."), doc("c", "en", "Cats", "One cat."))
			embedding := knowledge.NewEmbedding(f.store, e, knowledge.EmbeddingOptions{Batch: 8, MaxAttempts: 3})
			later := func(wait string) {
				t.Helper()
				if _, err := f.Owner.Exec(t.Context(), `UPDATE missing_vectors SET retry_time = retry_time - $1::interval`, wait); err != nil {
					t.Fatal(err)
				}
			}
			work := func() knowledge.Progress {
				t.Helper()
				p, err := embedding.Work(t.Context(), f.workspace, knowledge.AllShares, time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				return p
			}
			if p := work(); p.Done != 5 || p.Failed != 1 {
				t.Errorf("first: %+v", p)
			}
			if p := work(); p != (knowledge.Progress{}) {
				t.Errorf("before its time: %+v", p)
			}
			for range 2 {
				later("1 minute")
				if p := work(); p.Failed != 1 {
					t.Errorf("again: %+v", p)
				}
			}
			later("1000 hours")
			if p := work(); p != (knowledge.Progress{}) {
				t.Errorf("after the last attempt: %+v", p)
			}
			var failure string
			var attempts int
			if err := f.Owner.QueryRow(t.Context(), `SELECT failure, attempts FROM missing_vectors`).Scan(&failure, &attempts); err != nil || failure != reason || attempts != 3 {
				t.Errorf("recorded %q after %d attempts, %v", failure, attempts, err)
			}
			checkStatistics(t, f)
		})
	}
}

func TestProviderDownBlamesNoText(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{knowledge.EmbedUnreachable, knowledge.EmbedUnauthorized, knowledge.EmbedModelNotFound, knowledge.EmbedRateLimited, knowledge.EmbedProviderError, knowledge.EmbedRejected} {
		t.Run(reason, func(t *testing.T) {
			f := newFixture(t)
			e := newFakeEmbedder()
			e.fail = func([]string) error { return &knowledge.EmbedError{Reason: reason, Err: errors.New("no")} }
			f.load(t, doc("a", "en", "Bags", "One bag."), doc("b", "en", "Dogs", "One dog."))
			_, err := knowledge.NewEmbedding(f.store, e, knowledge.EmbeddingOptions{}).Work(t.Context(), f.workspace, knowledge.AllShares, time.Minute)
			if knowledge.EmbedReason(err) != reason {
				t.Fatalf("got %v", err)
			}
			if e.calls > 6 {
				t.Errorf("asked %d times", e.calls)
			}
			e.fail = nil
			if p := f.embedAll(t, e); p.Done != 4 {
				t.Errorf("what was in hand does not wait any more: %+v", p)
			}
		})
	}
}

func TestImportWhileEmbedding(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("a", "en", "Bags", "One bag."), doc("b", "en", "Dogs", "One dog."))
	e := newFakeEmbedder()
	once := sync.OnceFunc(func() { f.load(t, doc("a", "en", "Bags", "Two bags now.")) })
	e.fail = func([]string) error { once(); return nil }
	f.embedAll(t, e)
	checkStatistics(t, f)
	status, err := f.store.Status(t.Context(), f.workspace)
	if err != nil || status.Embedded != 1 || status.Passages != 1 {
		t.Errorf("%+v %v", status, err)
	}
}

func TestChangeOfModel(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	old, next := newFakeEmbedder(), newFakeEmbedder()
	next.name, next.dimensions = "better", 32
	f.load(t, doc("a", "en", "Bags", "One bag."), doc("b", "en", "Dogs", "One dog."))
	f.embedAll(t, old)
	query := knowledge.Query{Text: "dog", Locale: "en", Limit: 5, Time: time.Now()}
	r, err := f.search(next).Search(t.Context(), f.workspace, query)
	if err != nil || !r.WordsOnly || r.Degraded != knowledge.DegradedNoVectors || len(r.Hits) == 0 {
		t.Errorf("before the new vectors: %+v %v", r, err)
	}
	if status, err := f.store.Status(t.Context(), f.workspace); err != nil || status.Space != "fake" {
		t.Errorf("%+v %v", status, err)
	}
	f.embedAll(t, next)
	r, err = f.search(next).Search(t.Context(), f.workspace, query)
	if err != nil || r.WordsOnly || r.Space != "better" || r.Hits[0].Key != "b" {
		t.Errorf("after: %+v %v", r, err)
	}
	if status, err := f.store.Status(t.Context(), f.workspace); err != nil || status.Space != "better" || status.Embedded != 2 {
		t.Errorf("%+v %v", status, err)
	}
	var spaces int
	if err := f.Owner.QueryRow(t.Context(), `SELECT count(*) FROM spaces`).Scan(&spaces); err != nil || spaces != 1 {
		t.Errorf("%d spaces are left, %v", spaces, err)
	}
	other := newFakeEmbedder()
	other.name, other.dimensions = "better", 16
	if _, err := knowledge.NewEmbedding(f.store, other, knowledge.EmbeddingOptions{}).Work(t.Context(), f.workspace, knowledge.AllShares, time.Second); err == nil {
		t.Error("a space of the same name with other dimensions was taken")
	}
}
