package postgres_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/knowledge"
)

// corpus makes articles of about 400 words with the skewed frequencies of
// natural text, the same ones each time.
func corpus(n int) []knowledge.Document {
	random := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("ba ke li mo nu pra ste vor win zel tra dom fi gar hol")
	words := make([]string, 20_000)
	for i := range words {
		for range 2 + random.IntN(3) {
			words[i] += syllables[random.IntN(len(syllables))]
		}
	}
	common := rand.NewZipf(random, 1.1, 3, uint64(len(words)-1))
	sentence := func() string {
		var b strings.Builder
		for range 8 + random.IntN(12) {
			b.WriteString(words[common.Uint64()])
			b.WriteByte(' ')
		}
		return strings.TrimSpace(b.String()) + ". "
	}
	docs := make([]knowledge.Document, n)
	for i := range docs {
		var body strings.Builder
		for section := range 4 {
			fmt.Fprintf(&body, "## Part %d\n\n", section+1)
			for range 8 {
				body.WriteString(sentence())
			}
			body.WriteString("\n\n")
		}
		docs[i] = doc(fmt.Sprintf("article-%05d", i), "en", strings.TrimSuffix(sentence(), ". "), body.String())
	}
	return docs
}

// copied are the tables that an import fills.
var copied = []string{"articles", "revisions", "title_lexemes", "passages", "passage_lexemes", "lexeme_counts", "locale_totals", "knowledge_totals"}

// BenchmarkImportAgainstCopy compares an import of 1,000 articles, from
// documents in memory to the commit and without embedding, with the owner's
// plain COPY of the very rows that it stores. It prints COPY's time divided by
// the import's: 1 is as fast as COPY, .5 half as fast.
func BenchmarkImportAgainstCopy(b *testing.B) {
	f, target := newFixture(b), pgtest.New(b)
	docs := corpus(1000)
	var planning, applying, copying time.Duration
	for b.Loop() {
		f.workspace = knowledge.Workspace(f.Workspace(b))
		start := time.Now()
		plan := f.plan(b, knowledge.PlanRequest{}, docs...)
		planned := time.Now()
		if err := f.apply(b, plan); err != nil {
			b.Fatal(err)
		}
		applying += time.Since(planned)
		planning += planned.Sub(start)
		copying += copyRows(b, f, target)
	}
	b.ReportMetric(planning.Seconds()/float64(b.N)*1000, "ms-plan")
	b.ReportMetric(applying.Seconds()/float64(b.N)*1000, "ms-apply")
	b.ReportMetric(copying.Seconds()/float64(b.N)*1000, "ms-copy")
	b.ReportMetric(copying.Seconds()/applying.Seconds(), "copy/apply")
	b.ReportMetric(copying.Seconds()/(planning+applying).Seconds(), "copy/import")
}

// copyRows copies the rows of f's workspace into the tables of another schema,
// and returns how long that took once they were in memory.
func copyRows(b *testing.B, f *fixture, target *pgtest.Schema) time.Duration {
	b.Helper()
	ctx := b.Context()
	if _, err := target.Owner.Exec(ctx, `INSERT INTO workspaces (workspace_id, name, create_time) VALUES ($1, $2, now())`, string(f.workspace), string(f.workspace)); err != nil {
		b.Fatal(err)
	}
	buffers := make([]bytes.Buffer, len(copied))
	from, err := f.Owner.Acquire(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer from.Release()
	for i, table := range copied {
		sql := fmt.Sprintf(`COPY (SELECT * FROM %s WHERE workspace_id = '%s') TO STDOUT (FORMAT binary)`, table, f.workspace)
		if _, err := from.Conn().PgConn().CopyTo(ctx, &buffers[i], sql); err != nil {
			b.Fatal(err)
		}
	}
	to, err := target.Owner.Acquire(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer to.Release()
	start := time.Now()
	err = pgx.BeginFunc(ctx, to, func(tx pgx.Tx) error {
		for i, table := range copied {
			if _, err := tx.Conn().PgConn().CopyFrom(ctx, &buffers[i], `COPY `+table+` FROM STDIN (FORMAT binary)`); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// BenchmarkSearch times the store's side of a search, by words and vectors, in
// workspaces of several sizes.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprintf("articles=%d", n), func(b *testing.B) {
			f := newFixture(b)
			docs := corpus(n)
			f.load(b, docs...)
			e := newFakeEmbedder()
			e.dimensions = 384
			f.embedAll(b, e)
			s := f.search(e)
			var took time.Duration
			searches := 0
			for b.Loop() {
				r, err := s.Search(b.Context(), f.workspace, knowledge.Query{Text: docs[searches%n].Body[:300], Locale: "en", Limit: 10, Time: time.Now()})
				if err != nil || len(r.Hits) != 10 {
					b.Fatal(len(r.Hits), err)
				}
				took += r.Retrieve
				searches++
			}
			b.ReportMetric(took.Seconds()/float64(searches)*1000, "ms-retrieve")
		})
	}
}
