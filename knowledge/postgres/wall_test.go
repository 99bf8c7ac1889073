package postgres_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/purser-desk/purser/knowledge"
)

var tables = []string{
	"articles", "revisions", "passages", "passage_lexemes", "title_lexemes", "lexeme_counts", "locale_totals", "knowledge_totals",
	"spaces", "passage_vectors", "title_vectors", "vector_cache", "missing_vectors", "import_plans", "import_changes",
	"contact_lists", "contacts", "first_imports",
}

// server is a connection as the server's role.
func (f *fixture) server(t *testing.T, w knowledge.Workspace) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), f.ServerURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	if _, err := conn.Exec(t.Context(), `SELECT set_config('purser.workspace', $1, false)`, string(w)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func sqlState(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// full is a fixture whose workspace has rows in every table.
func full(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t)
	f.load(t, doc("a", "en", "Bags", "One bag, see skerry.example."))
	f.embedAll(t, newFakeEmbedder())
	f.load(t, doc("a", "en", "Bags", "One bag, see skerry.example."), doc("b", "en", "Dogs", "One dog."))
	return f
}

func TestOtherWorkspacesSeeNothing(t *testing.T) {
	t.Parallel()
	f := full(t)
	stranger := knowledge.Workspace(f.Workspace(t))
	mine, theirs, nobody := f.server(t, f.workspace), f.server(t, stranger), f.server(t, "")
	for _, table := range tables {
		count := func(c *pgx.Conn) (n int) {
			if err := c.QueryRow(t.Context(), `SELECT count(*)::int FROM `+table).Scan(&n); err != nil {
				t.Fatalf("%s: %v", table, err)
			}
			return n
		}
		if count(mine) == 0 {
			t.Errorf("%s is empty: this test shows nothing of it", table)
		}
		if n, m := count(theirs), count(nobody); n+m > 0 {
			t.Errorf("%s shows %d rows to another workspace and %d to none", table, n, m)
		}
	}
	for _, sql := range []string{
		`SELECT count(*)::int FROM purser_passages_with('bag | dog', 100)`, `SELECT count(*)::int FROM purser_titles_with('bag | dog', 100)`,
	} {
		for name, expected := range map[*pgx.Conn]bool{mine: true, theirs: false, nobody: false} {
			var n int
			if err := name.QueryRow(t.Context(), sql).Scan(&n); err != nil || (n > 0) != expected {
				t.Errorf("%s: %d rows, %v; expected any: %v", sql, n, err, expected)
			}
		}
	}
	r, err := f.search(newFakeEmbedder()).Search(t.Context(), stranger, knowledge.Query{Text: "one bag", Locale: "en", Limit: 5, Time: time.Now()})
	if err != nil || len(r.Hits) != 0 || r.Confidence != 0 {
		t.Errorf("a search from another workspace: %+v %v", r, err)
	}
}

func TestWritingIntoAnotherWorkspaceIsRefused(t *testing.T) {
	t.Parallel()
	f := full(t)
	stranger := f.Workspace(t)
	conn := f.server(t, knowledge.Workspace(stranger))
	_, err := conn.Exec(t.Context(), `INSERT INTO lexeme_counts (workspace_id, field, lexeme, locale, count) VALUES ($1, 'B', 'x', 'en', 1)`, string(f.workspace))
	if sqlState(err) != "42501" {
		t.Errorf("an insert for another workspace: %v", err)
	}
	tag, err := conn.Exec(t.Context(), `UPDATE articles SET key = 'stolen'`)
	if err != nil || tag.RowsAffected() != 0 {
		t.Errorf("an update reached %d rows, %v", tag.RowsAffected(), err)
	}
	tag, err = conn.Exec(t.Context(), `DELETE FROM passage_lexemes`)
	if err != nil || tag.RowsAffected() != 0 {
		t.Errorf("a delete reached %d rows, %v", tag.RowsAffected(), err)
	}
}

// TestCopyIsRefused pins the reason why rows come by unnest.
func TestCopyIsRefused(t *testing.T) {
	t.Parallel()
	f := full(t)
	conn := f.server(t, f.workspace)
	_, err := conn.CopyFrom(t.Context(), pgx.Identifier{"lexeme_counts"}, []string{"workspace_id", "field", "lexeme", "locale", "count"},
		pgx.CopyFromRows([][]any{{string(f.workspace), "B", "x", "en", 1}}))
	if sqlState(err) != "0A000" {
		t.Errorf("COPY under row level security: %v", err)
	}
}

func TestRevisionsCannotBeChanged(t *testing.T) {
	t.Parallel()
	f := full(t)
	conn := f.server(t, f.workspace)
	for _, sql := range []string{`UPDATE revisions SET title = 'x'`, `DELETE FROM revisions`} {
		if _, err := conn.Exec(t.Context(), sql); sqlState(err) != "42501" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// crowd fills a workspace with articles of ten passages each and the statistics
// that go with them, quicker than an import would. The lexeme needl stands in one
// of 2,500 passages, common in all.
func crowd(t testing.TB, f *fixture, articles int) {
	t.Helper()
	_, err := f.Owner.Exec(t.Context(), fmt.Sprintf(`
		INSERT INTO articles (workspace_id, article_id, key, locale, source, revision, labels, passages, index_version)
		SELECT '%[1]s', gen_random_uuid(), 'crowd-' || g, 'en', 'crowd', 1, '{}', 10, 1 FROM generate_series(1, %[2]d) g;
		INSERT INTO revisions (workspace_id, article_id, revision, title, body, body_hash, labels, url, valid_from, valid_until, source, actor, plan_id, create_time)
		SELECT workspace_id, article_id, 1, key, 'Text.', '', '{}', '', '-infinity', 'infinity', 'crowd', '{}', gen_random_uuid(), now() FROM articles WHERE source = 'crowd';
		INSERT INTO passages (workspace_id, article_id, ordinal, revision, heading_path, start_offset, end_offset, text_hash, text)
		SELECT workspace_id, article_id, o, 1, '{}', 0, 5, '', 'Text.' FROM articles, generate_series(0, 9) o WHERE source = 'crowd';
		INSERT INTO title_lexemes (workspace_id, article_id, length, text_hash, lexemes)
		SELECT workspace_id, article_id, 1, '', ('common:1 t' || row_number() OVER ())::tsvector FROM articles WHERE source = 'crowd';
		INSERT INTO passage_lexemes (workspace_id, article_id, ordinal, length, lexemes)
		SELECT workspace_id, article_id, ordinal, 60,
		       ('common:1C often' || n %% 7 || ':1 ' || (SELECT string_agg('w' || (n * 31 + i * i * 17) %% 5003, ' ') FROM generate_series(1, 12) i)
		        || CASE WHEN n %% 2500 = 0 THEN ' needl:1B' ELSE '' END)::tsvector
		FROM (SELECT *, row_number() OVER (ORDER BY article_id, ordinal) AS n FROM passages p JOIN articles USING (workspace_id, article_id) WHERE source = 'crowd') p;
		INSERT INTO lexeme_counts (workspace_id, field, lexeme, locale, count)
		SELECT '%[1]s', 'B', lexeme, 'en', count(DISTINCT article_id) FROM passage_lexemes, unnest(tsvector_to_array(lexemes)) lexeme WHERE workspace_id = '%[1]s' GROUP BY lexeme
		ON CONFLICT (workspace_id, field, lexeme, locale) DO UPDATE SET count = excluded.count;
		INSERT INTO lexeme_counts (workspace_id, field, lexeme, locale, count)
		SELECT '%[1]s', 'T', lexeme, 'en', count(*) FROM title_lexemes, unnest(tsvector_to_array(lexemes)) lexeme WHERE workspace_id = '%[1]s' GROUP BY lexeme
		ON CONFLICT (workspace_id, field, lexeme, locale) DO UPDATE SET count = excluded.count;
		INSERT INTO locale_totals (workspace_id, locale, articles, passages, passage_lexemes, title_lexemes)
		SELECT '%[1]s', 'en', %[2]d, 10 * %[2]d, 140 * %[2]d, %[2]d
		ON CONFLICT (workspace_id, locale) DO UPDATE SET articles = locale_totals.articles + excluded.articles, passages = locale_totals.passages + excluded.passages,
		       passage_lexemes = locale_totals.passage_lexemes + excluded.passage_lexemes, title_lexemes = locale_totals.title_lexemes + excluded.title_lexemes;
		INSERT INTO knowledge_totals (workspace_id, version, articles, passages) VALUES ('%[1]s', 1, %[2]d, 10 * %[2]d)
		ON CONFLICT (workspace_id) DO UPDATE SET articles = knowledge_totals.articles + excluded.articles, passages = knowledge_totals.passages + excluded.passages;
		ANALYZE articles; ANALYZE passages; ANALYZE passage_lexemes; ANALYZE title_lexemes; ANALYZE lexeme_counts; ANALYZE revisions;`, f.workspace, articles))
	if err != nil {
		t.Fatal(err)
	}
}

// explained is the part of a plan that the tests look at.
type explained struct {
	Plan struct {
		Node    string `json:"Node Type"`
		Hit     int    `json:"Shared Hit Blocks"`
		Read    int    `json:"Shared Read Blocks"`
		Removed int    `json:"Rows Removed by Filter"`
	}
}

func TestWordsFindTheirIndexUnderPolicies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("special", "en", "The needle", "Where the needle is."))
	crowd(t, f, 2500)

	// As the owner: the plan of the function's own body uses the index.
	var body string
	if err := f.Owner.QueryRow(t.Context(), `SELECT prosrc FROM pg_proc WHERE proname = 'purser_passages_with' AND pronamespace = current_schema()::regnamespace`).Scan(&body); err != nil {
		t.Fatal(err)
	}
	owner, err := f.Owner.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Release()
	if _, err := owner.Exec(t.Context(), `SELECT set_config('purser.workspace', $1, false)`, string(f.workspace)); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		if _, err := owner.Exec(t.Context(), `SELECT set_config('plan_cache_mode', $1, false)`, mode); err != nil {
			t.Fatal(err)
		}
		prepared := strings.NewReplacer("@@ query", "@@ $1", "LIMIT maximum", "LIMIT $2").Replace(body)
		if _, err := owner.Exec(t.Context(), `PREPARE `+mode+` (tsquery, int) AS `+prepared); err != nil {
			t.Fatal(err)
		}
		rows, err := owner.Query(t.Context(), `EXPLAIN EXECUTE `+mode+` ('needle', 2000)`, pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || !strings.Contains(strings.Join(lines, "\n"), "Bitmap Index Scan on passage_lexemes_words") {
			t.Errorf("%s: the index is not used: %v\n%s", mode, err, strings.Join(lines, "\n"))
		}
	}

	// As the server's role, which sees a function scan alone: the pages touched.
	conn := f.server(t, f.workspace)
	buffers := func(sql string) int {
		t.Helper()
		// Twice, since the first time reads the catalogue, too.
		var raw []byte
		for range 2 {
			if err := conn.QueryRow(t.Context(), `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) `+sql).Scan(&raw); err != nil {
				t.Fatal(err)
			}
		}
		var plans []explained
		if err := json.Unmarshal(raw, &plans); err != nil {
			t.Fatal(err)
		}
		return plans[0].Plan.Hit + plans[0].Plan.Read
	}
	direct := buffers(`SELECT article_id FROM passage_lexemes WHERE lexemes @@ 'needle'`)
	through := buffers(`SELECT article_id FROM purser_passages_with('needle', 2000)`)
	if through*20 > direct {
		t.Errorf("through the function %d pages are touched, without it %d", through, direct)
	}
}

func TestLargeWorkspaceIsSearchedByIndex(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("special", "en", "The needle", "Where the needle is."), doc("other", "en", "Hay", "Common hay."))
	crowd(t, f, 2500)
	query := knowledge.Query{Text: "common needle", Locale: "en", Limit: 5, Time: time.Now()}
	found := map[string][]string{}
	for name, exhaustive := range map[string]int{"by index": 5000, "by scan": 1_000_000} {
		fusion := knowledge.DefaultFusion()
		fusion.Exhaustive = exhaustive
		s := knowledge.NewSearch(knowledge.SearchOptions{Finder: f.store, Analyzer: f.analyzer, Now: time.Now, Fusion: fusion})
		r, err := s.Search(t.Context(), f.workspace, query)
		if err != nil || len(r.Hits) != 5 || r.Hits[0].Key != "special" {
			t.Fatalf("%s: %v %v", name, keys(r), err)
		}
		t.Logf("%s: %v", name, r.Retrieve)
		found[name] = keys(r)
		for range 10 { // also with the generic plan that comes after a few
			again, err := s.Search(t.Context(), f.workspace, query)
			if err != nil || fmt.Sprint(keys(again)) != fmt.Sprint(keys(r)) {
				t.Fatalf("%s: %v, then %v %v", name, keys(r), keys(again), err)
			}
		}
	}
	if fmt.Sprint(found["by index"]) != fmt.Sprint(found["by scan"]) {
		t.Errorf("the index finds other articles than the scan: %v", found)
	}
}

// TestSearchNeedsNoStatistics searches right after a first import, before the
// planner knows anything of the tables: a plan that joins row by row what it
// takes for a handful would be a hundred times slower.
func TestSearchNeedsNoStatistics(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	docs := corpus(500)
	f.load(t, docs...)
	e := newFakeEmbedder()
	f.embedAll(t, e)
	best := func(exhaustive int) time.Duration {
		fusion := knowledge.DefaultFusion()
		fusion.Exhaustive = exhaustive
		s := knowledge.NewSearch(knowledge.SearchOptions{Finder: f.store, Analyzer: f.analyzer, Embedder: e, Now: time.Now, Fusion: fusion})
		fastest := time.Hour
		for range 8 {
			r, err := s.Search(t.Context(), f.workspace, knowledge.Query{Text: docs[5].Body[:200], Locale: "en", Limit: 10, Time: time.Now()})
			if err != nil || len(r.Hits) != 10 {
				t.Fatal(keys(r), err)
			}
			fastest = min(fastest, r.Retrieve)
		}
		return fastest
	}
	ways := map[string]int{"by scan": 1_000_000, "by index": 1}
	unknown := map[string]time.Duration{}
	for name, exhaustive := range ways {
		unknown[name] = best(exhaustive)
	}
	if _, err := f.Owner.Exec(t.Context(), `ANALYZE articles; ANALYZE passages; ANALYZE passage_lexemes; ANALYZE title_lexemes; ANALYZE lexeme_counts; ANALYZE passage_vectors; ANALYZE title_vectors`); err != nil {
		t.Fatal(err)
	}
	for name, exhaustive := range ways {
		known := best(exhaustive)
		t.Logf("%s: %v without statistics, %v with", name, unknown[name], known)
		if unknown[name] > 8*known+20*time.Millisecond {
			t.Errorf("%s: %v without statistics, %v with", name, unknown[name], known)
		}
	}
}
