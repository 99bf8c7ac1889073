package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/purser-desk/purser/knowledge"
)

// age makes the fixture's articles such as an older version has cut: one passage
// each, without context, section and columns.
func (f *fixture) age(t testing.TB, e knowledge.Embedder) {
	t.Helper()
	for _, sql := range []string{
		`UPDATE articles SET index_version = 1, passages = 1`,
		`DELETE FROM passages WHERE ordinal > 0`, `DELETE FROM passage_lexemes WHERE ordinal > 0`,
		`UPDATE passages p SET text = r.body, start_offset = 0, end_offset = octet_length(r.body), heading_path = '{old}', context = '[]',
		        section_start = 0, section_end = 0, text_hash = sha256(convert_to('old ' || p.article_id, 'UTF8'))
		 FROM revisions r WHERE r.article_id = p.article_id AND r.revision = p.revision`,
		`UPDATE locale_totals l SET (passages, passage_lexemes) = (SELECT count(*), coalesce(sum(length), 0) FROM passage_lexemes x JOIN articles a USING (article_id) WHERE a.locale = l.locale)`,
		`UPDATE knowledge_totals k SET passages = (SELECT sum(passages) FROM locale_totals)`,
		`DELETE FROM lexeme_counts WHERE field = 'B'`,
		`INSERT INTO lexeme_counts SELECT a.workspace_id, 'B', x.lexeme, a.locale, count(DISTINCT a.article_id)
		 FROM passage_lexemes l JOIN articles a USING (workspace_id, article_id), unnest(tsvector_to_array(l.lexemes)) x (lexeme) GROUP BY 1, 3, 4`,
		`DELETE FROM passage_vectors`, `DELETE FROM vector_cache`, `DELETE FROM missing_vectors`,
		`INSERT INTO missing_vectors (workspace_id, space_id, article_id, ordinal, text_hash)
		 SELECT p.workspace_id, s.space_id, p.article_id, p.ordinal, p.text_hash FROM passages p JOIN spaces s USING (workspace_id)`,
	} {
		if _, err := f.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	if e != nil {
		f.embedAll(t, e)
	}
	checkStatistics(t, f)
}

func (f *fixture) status(t testing.TB) knowledge.IndexStatus {
	t.Helper()
	s, err := f.store.Status(t.Context(), f.workspace)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func aged(t *testing.T, e *fakeEmbedder) *fixture {
	t.Helper()
	f := newFixture(t)
	f.load(t, doc("distances", "en", "Distances", longTable(120)), doc("bags", "en", "Bags", "## Fees\n\nOne bag of 8 kg is free."))
	f.embedAll(t, e)
	f.age(t, e)
	return f
}

// TestOldArticlesAreCutAgainBehindSearches stops the work in the middle, asks
// meanwhile, and goes on.
func TestOldArticlesAreCutAgainBehindSearches(t *testing.T) {
	t.Parallel()
	e := newFakeEmbedder()
	f := aged(t, e)
	if s := f.status(t); s.ToCut != 2 || s.Passages != 2 || s.Embedded != 2 {
		t.Fatalf("%+v", s)
	}
	before := e.embedded()
	down := &knowledge.EmbedError{Reason: knowledge.EmbedUnreachable}
	e.fail = func([]string) error {
		if e.embedded() > before+5 {
			return down
		}
		return nil
	}
	embedding := knowledge.NewEmbedding(f.store, e, knowledge.EmbeddingOptions{})
	recutting := knowledge.NewRecutting(f.store, f.analyzer, embedding)
	_, err := recutting.Work(t.Context(), f.workspace, time.Minute)
	var provider *knowledge.EmbedError
	if !errors.As(err, &provider) {
		t.Fatalf("without its provider: %v", err)
	}
	s := f.status(t)
	if s.ToCut == 0 || s.Embedded != s.Passages {
		t.Errorf("in the middle: %+v", s)
	}
	r := ask(t, f.search(nil), f.workspace, knowledge.Query{Text: "town97"})
	if len(r.Hits) != 1 || !slices.Contains(r.Hits[0].Passages[0].HeadingPath, "old") {
		t.Errorf("in the middle: %+v", r.Hits)
	}

	e.fail = nil
	if more, err := recutting.Work(t.Context(), f.workspace, time.Minute); err != nil || more {
		t.Fatal(more, err)
	}
	if s := f.status(t); s.ToCut != 0 || s.Embedded != s.Passages || s.Passages < 5 {
		t.Errorf("at the end: %+v", s)
	}
	checkStatistics(t, f)
	seen := map[string]int{}
	for _, text := range e.texts[before:] {
		if seen[text]++; seen[text] > 2 { // the batch that failed was asked for twice
			t.Errorf("%q was embedded %d times", text, seen[text])
		}
	}
	r = ask(t, f.search(nil), f.workspace, knowledge.Query{Text: "town97", Sections: 1})
	if p := r.Hits[0].Passages[0]; len(p.Context) == 0 || p.SectionEnd == 0 || slices.Contains(p.HeadingPath, "old") {
		t.Errorf("at the end: %+v", p)
	}
	if n := f.count(t, `missing_vectors`); n != 0 {
		t.Errorf("%d texts wait", n)
	}
}

// TestWhatAnImportChangedIsNotCutAgain imports between reading and replacing.
func TestWhatAnImportChangedIsNotCutAgain(t *testing.T) {
	t.Parallel()
	e := newFakeEmbedder()
	f := aged(t, e)
	imported := false
	e.fail = func(texts []string) error {
		if !imported && strings.Contains(strings.Join(texts, " "), "Airport") {
			imported = true
			f.load(t, doc("distances", "en", "Distances", "Ask us."))
		}
		return nil
	}
	recutting := knowledge.NewRecutting(f.store, f.analyzer, knowledge.NewEmbedding(f.store, e, knowledge.EmbeddingOptions{}))
	if more, err := recutting.Work(t.Context(), f.workspace, time.Minute); err != nil || more || !imported {
		t.Fatal(more, err, imported)
	}
	a, err := f.store.Article(t.Context(), f.workspace, "distances", "en", 0)
	if err != nil || a.Body != "Ask us." || a.Revision != 2 || f.count(t, `passages WHERE article_id = $1`, a.ID) != 1 {
		t.Errorf("%+v %v", a, err)
	}
	if s := f.status(t); s.ToCut != 0 {
		t.Errorf("%+v", s)
	}
	checkStatistics(t, f)
}

// TestServersCutAgain has a server's jobs find and do it, one text of which the
// provider refuses.
func TestServersCutAgain(t *testing.T) {
	t.Parallel()
	e := newFakeEmbedder()
	f := aged(t, e)
	e.fail = func(texts []string) error {
		if strings.Contains(strings.Join(texts, " "), "town97:") {
			return &knowledge.EmbedError{Reason: knowledge.EmbedRejected}
		}
		return nil
	}
	p := start(t, f.Schema, e)
	eventually(t, "cutting again", func() bool { return f.status(t).ToCut == 0 })
	p.stop()
	if s := f.status(t); s.Embedded < s.Passages-1 || s.Passages < 5 {
		t.Errorf("%+v", s)
	}
	if n := f.count(t, `missing_vectors`); n != 1 {
		t.Errorf("%d texts wait, want the one that was refused", n)
	}
	checkStatistics(t, f)
}

// TestWithoutVectorsNobodyWaits cuts again where search is by words alone.
func TestWithoutVectorsNobodyWaits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("distances", "en", "Distances", longTable(120)))
	f.age(t, nil)
	p := prepare(t, f.Schema, newFakeEmbedder(), knowledge.EmbeddingOptions{})
	p.client.PeriodicJobs().AddMany(p.jobs.Periodic()[1:])
	p.start(t)
	eventually(t, "cutting again", func() bool { return f.status(t).ToCut == 0 })
}
