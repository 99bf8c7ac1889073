package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/postgres"
)

func (f *fixture) plan(t testing.TB, req knowledge.PlanRequest, docs ...knowledge.Document) knowledge.Plan {
	t.Helper()
	if req.Source == "" {
		req.Source = "test"
	}
	plan, err := f.importer.Plan(t.Context(), f.workspace, req, knowledge.Documents(docs))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func (f *fixture) apply(t testing.TB, p knowledge.Plan) error {
	t.Helper()
	_, err := f.importer.Apply(t.Context(), f.workspace, p.ID, knowledge.ApplyRequest{Actor: knowledge.Actor{ID: "ed", Name: "Ed"}})
	return err
}

// state is what a workspace knows, by article.
func (f *fixture) state(t testing.TB) map[string]string {
	t.Helper()
	list, err := f.store.Articles(t.Context(), f.workspace, knowledge.ArticleFilter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]string{}
	for _, a := range list {
		state[a.Key+" "+a.Locale] = fmt.Sprintf("%s r%d %s", a.Title, a.Revision, a.Source)
	}
	return state
}

func TestImportLife(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	bag, pets := doc("bag", "EN_us", "Baggage", "One bag of 23 kg."), doc("pets", "en", "Pets", "Dogs may fly.")
	f.load(t, bag, pets, doc("seats", "en", "Seats", "Choose a seat."), doc("wifi", "en", "Wi-fi", "It is free."), doc("lounge", "en", "Lounge", "Open from six."))
	bag.Body, bag.Labels = "Two bags of 23 kg.", []string{"Gold", "cabin"}
	pets.URL = "https://air.example/pets"
	plan := f.plan(t, knowledge.PlanRequest{}, bag, pets, doc("seats", "en", "Seats", "Choose a seat."), doc("wifi", "en", "Wi-fi", "It is free."), doc("visa", "en", "Visas", "Ask the consulate."))
	counts := []int{plan.Added, plan.Changed, plan.Removed, plan.Unchanged, plan.Existing, plan.ProblemCount}
	if diff := cmp.Diff([]int{1, 2, 1, 2, 5, 1}, counts); diff != "" || plan.Blocked || plan.Problems[0].Kind != knowledge.ProblemNewContact {
		t.Fatal(diff, plan)
	}
	changes, err := f.importer.Changes(t.Context(), f.workspace, plan.ID, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	expected := []knowledge.Change{
		{Kind: knowledge.ChangeRemoved, Key: "lounge", Locale: "en", Title: "Lounge", PassagesBefore: 1},
		{Kind: knowledge.ChangeChanged, Key: "bag", Locale: "en-US", Title: "Baggage", Fields: []string{"body", "labels"}, PassagesBefore: 1, PassagesAfter: 1},
		{Kind: knowledge.ChangeChanged, Key: "pets", Locale: "en", Title: "Pets", Fields: []string{"url"}, PassagesBefore: 1, PassagesAfter: 1},
		{Kind: knowledge.ChangeAdded, Key: "visa", Locale: "en", Title: "Visas", PassagesAfter: 1},
	}
	if diff := cmp.Diff(expected, changes, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	second, err := f.importer.Changes(t.Context(), f.workspace, plan.ID, 1, 2)
	if err != nil || len(second) != 2 || second[0].Key != "bag" {
		t.Errorf("the second page: %v %v", second, err)
	}
	if err := f.apply(t, plan); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{
		"bag en-US": "Baggage r2 test", "pets en": "Pets r2 test", "seats en": "Seats r1 test", "wifi en": "Wi-fi r1 test", "visa en": "Visas r1 test",
	}, f.state(t)); diff != "" {
		t.Error(diff)
	}
	if err := f.apply(t, plan); !errors.Is(err, knowledge.ErrPlanApplied) {
		t.Errorf("applied twice: %v", err)
	}

	old, err := f.store.Article(t.Context(), f.workspace, "bag", "en-US", 1)
	if err != nil || old.Body != "One bag of 23 kg." || old.Current || len(old.Labels) != 0 {
		t.Errorf("the first revision: %+v %v", old, err)
	}
	current, err := f.store.Article(t.Context(), f.workspace, "bag", "en-US", 0)
	if err != nil || current.Body != "Two bags of 23 kg." || !current.Current || current.Actor.Name != "Ed" || !cmp.Equal(current.Labels, []string{"cabin", "gold"}) {
		t.Errorf("the current revision: %+v %v", current, err)
	}
	gone, err := f.store.Article(t.Context(), f.workspace, "lounge", "en", 1)
	if err != nil || gone.Current {
		t.Errorf("a removed article's revision: %+v %v", gone, err)
	}
	for _, missing := range []struct {
		key      string
		revision int
	}{{"lounge", 0}, {"bag", 0}, {"bag", 3}, {"none", 0}} {
		if _, err := f.store.Article(t.Context(), f.workspace, missing.key, "en", missing.revision); !errors.Is(err, knowledge.ErrArticleNotFound) {
			t.Errorf("%v: %v", missing, err)
		}
	}

	// What was removed comes back as a further revision.
	f.load(t, doc("lounge", "en", "Lounges", "Open from five."))
	back, err := f.store.Article(t.Context(), f.workspace, "lounge", "en", 0)
	if err != nil || back.Revision != 2 || !back.Current {
		t.Errorf("the article that came back: %+v %v", back, err)
	}
}

func TestRemovalGuard(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var docs []knowledge.Document
	for i := range 10 {
		docs = append(docs, doc(fmt.Sprintf("a%d", i), "en", "Title", "Text."))
	}
	f.load(t, docs...)
	exactly := f.plan(t, knowledge.PlanRequest{}, docs[:8]...)
	if exactly.Removed != 2 || exactly.NeedsAllowRemovals() {
		t.Errorf("a fifth is allowed: %+v", exactly)
	}
	more := f.plan(t, knowledge.PlanRequest{}, docs[:7]...)
	var refused *knowledge.RemovalsError
	if err := f.apply(t, more); !errors.As(err, &refused) || *refused != (knowledge.RemovalsError{Removed: 3, Existing: 10}) {
		t.Errorf("got %v", err)
	}
	if len(f.state(t)) != 10 {
		t.Error("a refused import changed something")
	}
	kept := f.plan(t, knowledge.PlanRequest{KeepMissing: true}, docs[:1]...)
	if kept.Removed != 0 {
		t.Errorf("keep missing: %+v", kept)
	}
	all := f.plan(t, knowledge.PlanRequest{})
	if all.Removed != 10 || all.Blocked || !all.NeedsAllowRemovals() {
		t.Errorf("an import of nothing: %+v", all)
	}
	if _, err := f.importer.Apply(t.Context(), f.workspace, all.ID, knowledge.ApplyRequest{AllowRemovals: true}); err != nil {
		t.Fatal(err)
	}
	if len(f.state(t)) != 0 {
		t.Error("allowed removals did not happen")
	}
	if nothing := f.plan(t, knowledge.PlanRequest{}); !nothing.Blocked || nothing.Problems[0].Kind != knowledge.ProblemEmpty {
		t.Errorf("nothing on nothing: %+v", nothing)
	}
}

func TestSourcesShareAWorkspace(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("a", "en", "A", "Text."), doc("b", "en", "B", "Text."))
	plan := f.plan(t, knowledge.PlanRequest{Source: "other"}, doc("b", "en", "B", "Text."), doc("b", "de", "B", "Text."))
	if plan.Added != 1 || plan.Changed != 1 || plan.Removed != 0 || plan.Existing != 0 || plan.Blocked {
		t.Fatalf("%+v", plan)
	}
	if len(plan.Problems) != 1 || plan.Problems[0].Kind != knowledge.ProblemTakesOver || plan.Problems[0].Severity != knowledge.SeverityWarning {
		t.Errorf("problems: %v", plan.Problems)
	}
	if err := f.apply(t, plan); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a en": "A r1 test", "b en": "B r2 other", "b de": "B r1 other"}, f.state(t)); diff != "" {
		t.Error(diff)
	}
}

func TestPlanGuards(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.plan(t, knowledge.PlanRequest{}, doc("a", "en", "A", "Text."))
	second := f.plan(t, knowledge.PlanRequest{}, doc("b", "en", "B", "Text."))
	if err := f.apply(t, first); err != nil {
		t.Fatal(err)
	}
	if err := f.apply(t, second); !errors.Is(err, knowledge.ErrPlanOutdated) {
		t.Errorf("a plan from before: %v", err)
	}
	for _, id := range []string{"0192b2a4-0000-7000-8000-000000000000", "nonsense", ""} {
		if err := f.apply(t, knowledge.Plan{ID: id}); !errors.Is(err, knowledge.ErrPlanNotFound) {
			t.Errorf("plan %q: %v", id, err)
		}
	}
	later := knowledge.NewImporter(f.store, f.store, f.analyzer, func() time.Time { return time.Now().Add(25 * time.Hour) })
	fresh := f.plan(t, knowledge.PlanRequest{KeepMissing: true}, doc("c", "en", "C", "Text."))
	if _, err := later.Apply(t.Context(), f.workspace, fresh.ID, knowledge.ApplyRequest{}); !errors.Is(err, knowledge.ErrPlanExpired) {
		t.Errorf("a plan of yesterday: %v", err)
	}
	stranger := knowledge.Workspace(f.Workspace(t))
	if _, err := f.importer.Apply(t.Context(), stranger, fresh.ID, knowledge.ApplyRequest{}); !errors.Is(err, knowledge.ErrPlanNotFound) {
		t.Errorf("another workspace's plan: %v", err)
	}
	blocked := f.plan(t, knowledge.PlanRequest{KeepMissing: true}, doc("d", "en", "", "Text."), doc("e", "en", "E", "Text."))
	var refused *knowledge.BlockedError
	if err := f.apply(t, blocked); !errors.As(err, &refused) || refused.Count != 1 {
		t.Errorf("a blocked plan: %v", err)
	}
	if diff := cmp.Diff(map[string]string{"a en": "A r1 test"}, f.state(t)); diff != "" {
		t.Error(diff)
	}
}

func TestConcurrentApplies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("base", "en", "Base", "Text of all."))
	var plans []knowledge.Plan
	for i := range 8 {
		plans = append(plans, f.plan(t, knowledge.PlanRequest{KeepMissing: true}, doc(fmt.Sprintf("k%d", i), "en", "Title", "Text of all.")))
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	won, outdated := 0, 0
	for i := range 16 {
		group.Go(func() {
			err := f.apply(t, plans[i%8])
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case errors.Is(err, knowledge.ErrPlanOutdated), errors.Is(err, knowledge.ErrPlanApplied):
				outdated++
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if won != 1 || outdated != 15 {
		t.Errorf("%d won, %d came too late", won, outdated)
	}
	checkStatistics(t, f)
}

// failing is a Notifier that ends the import just before its commit.
type failing struct{ err error }

func (n failing) Changed(context.Context, pgx.Tx, knowledge.Workspace) error { return n.err }

func TestNothingIsAppliedInHalf(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("a", "en", "A", "Text one."), doc("b", "en", "B", "Text two."))
	before := f.state(t)
	plan := f.plan(t, knowledge.PlanRequest{KeepMissing: true}, doc("a", "en", "A", "Changed."), doc("c", "en", "C", "New."))
	killed := postgres.New(f.DB, failing{errors.New("the power went")})
	importer := knowledge.NewImporter(killed, killed, f.analyzer, time.Now)
	if _, err := importer.Apply(t.Context(), f.workspace, plan.ID, knowledge.ApplyRequest{}); err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(before, f.state(t)); diff != "" {
		t.Error(diff)
	}
	checkStatistics(t, f)
	if err := f.apply(t, plan); err != nil {
		t.Errorf("the plan can't be applied after: %v", err)
	}
}

func TestLargeImportIsChunked(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var docs []knowledge.Document
	for i := range 4100 {
		docs = append(docs, doc(fmt.Sprintf("k%05d", i), "en", fmt.Sprintf("Title %d", i), fmt.Sprintf("Text number %d.", i)))
	}
	f.load(t, docs...)
	status, err := f.store.Status(t.Context(), f.workspace)
	if err != nil || status.Articles != 4100 || status.Passages != 4100 {
		t.Errorf("%+v %v", status, err)
	}
	var page []knowledge.Article
	filter := knowledge.ArticleFilter{Limit: 500}
	total := 0
	for {
		page, err = f.store.Articles(t.Context(), f.workspace, filter)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		total += len(page)
		filter.AfterKey, filter.AfterLocale = page[len(page)-1].Key, page[len(page)-1].Locale
	}
	if total != 4100 {
		t.Errorf("paged through %d articles", total)
	}
	checkStatistics(t, f)
}

func TestImportKeepsTextToTheByte(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	body := "# Kop\n\nEén «Straße» with 'quotes', \\backslashes\\ and \"more\".\n\n" + strings.Repeat("Длинный текст о багаже. ", 200) + "\n\n- 日本語\n- emoji 👩‍👩‍👧"
	d := doc("über/ключ", "de", "Größe & <b>Maß</b> 'O''Brien'", body)
	d.ValidFrom, d.ValidUntil = time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	d.Labels, d.URL = []string{"c", "ä b"}, "https://air.example/a?b=c"
	f.load(t, d)
	a, err := f.store.Article(t.Context(), f.workspace, d.Key, d.Locale, 0)
	if err != nil {
		t.Fatal(err)
	}
	if a.Body != text.Clean(body) || a.Title != d.Title || a.URL != d.URL || !a.ValidFrom.Equal(d.ValidFrom) || !a.ValidUntil.Equal(d.ValidUntil) || !cmp.Equal(a.Labels, d.Labels) {
		a.Body = ""
		t.Errorf("%+v", a)
	}
	r, err := f.search(nil).Search(t.Context(), f.workspace, knowledge.Query{Text: "Straße", Locale: "de", Limit: 5, PassagesPerArticle: 50, Time: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil || len(r.Hits) != 1 {
		t.Fatal(r, err)
	}
	for _, p := range r.Hits[0].Passages {
		if a.Body[p.Start:p.End] != p.Text {
			t.Errorf("passage %s is not what stands at its place", p.ID)
		}
	}
	if again := f.plan(t, knowledge.PlanRequest{}, d); again.Unchanged != 1 {
		t.Errorf("the same document again: %+v", again)
	}
}

// checkStatistics compares what ranking knows of the whole with what a count of
// everything gives.
func checkStatistics(t testing.TB, f *fixture) {
	t.Helper()
	for name, sql := range map[string]string{
		"lexeme counts": `
			WITH counted AS (
			    SELECT l.workspace_id, 'B' AS field, x.lexeme, a.locale, count(DISTINCT l.article_id)::int AS count
			    FROM passage_lexemes l JOIN articles a USING (workspace_id, article_id), unnest(tsvector_to_array(l.lexemes)) x (lexeme) GROUP BY 1, 3, 4
			    UNION ALL
			    SELECT l.workspace_id, 'T', x.lexeme, a.locale, count(*)::int
			    FROM title_lexemes l JOIN articles a USING (workspace_id, article_id), unnest(tsvector_to_array(l.lexemes)) x (lexeme) GROUP BY 1, 3, 4
			), kept AS (SELECT workspace_id, field, lexeme, locale, count FROM lexeme_counts)
			(SELECT * FROM counted EXCEPT SELECT * FROM kept) UNION ALL (SELECT * FROM kept EXCEPT SELECT * FROM counted)`,
		"totals of locales": `
			WITH counted AS (
			    SELECT t.workspace_id, a.locale, count(*)::int AS articles, coalesce(sum(p.passages), 0)::int AS passages,
			           coalesce(sum(p.lexemes), 0)::bigint AS body, sum(t.length)::bigint AS title
			    FROM title_lexemes t JOIN articles a USING (workspace_id, article_id)
			    LEFT JOIN (SELECT workspace_id, article_id, count(*) AS passages, sum(length) AS lexemes FROM passage_lexemes GROUP BY 1, 2) p USING (workspace_id, article_id)
			    GROUP BY 1, 2
			), kept AS (SELECT workspace_id, locale, articles, passages, passage_lexemes, title_lexemes FROM locale_totals)
			(SELECT * FROM counted EXCEPT SELECT * FROM kept) UNION ALL (SELECT * FROM kept EXCEPT SELECT * FROM counted)`,
		"totals": `
			SELECT * FROM knowledge_totals t
			WHERE articles <> (SELECT count(*) FROM articles a WHERE a.workspace_id = t.workspace_id AND a.remove_time IS NULL)
			   OR passages <> (SELECT count(*) FROM passages p WHERE p.workspace_id = t.workspace_id)`,
		"passages": `
			SELECT a.article_id FROM articles a LEFT JOIN passages p USING (workspace_id, article_id) LEFT JOIN passage_lexemes l USING (workspace_id, article_id, ordinal)
			GROUP BY a.workspace_id, a.article_id, a.passages, a.revision, a.remove_time
			HAVING a.passages <> count(p.ordinal) OR count(p.ordinal) <> count(l.ordinal) OR max(p.revision) <> a.revision OR (a.remove_time IS NOT NULL AND count(p.ordinal) > 0)`,
		"texts with both or neither vector and place in the queue": `
			SELECT s.space_id, x.article_id, x.ordinal
			FROM spaces s JOIN (SELECT workspace_id, article_id, ordinal FROM passages UNION ALL SELECT workspace_id, article_id, -1 FROM title_lexemes) x USING (workspace_id)
			LEFT JOIN missing_vectors q USING (workspace_id, space_id, article_id, ordinal)
			LEFT JOIN (SELECT workspace_id, space_id, article_id, ordinal FROM passage_vectors
			           UNION ALL SELECT workspace_id, space_id, article_id, -1 FROM title_vectors) v USING (workspace_id, space_id, article_id, ordinal)
			WHERE (q.article_id IS NULL) = (v.article_id IS NULL)`,
		"vectors of texts that are gone": `
			SELECT article_id, ordinal FROM passage_vectors v WHERE NOT EXISTS (SELECT FROM passages p WHERE (p.workspace_id, p.article_id, p.ordinal) = (v.workspace_id, v.article_id, v.ordinal))
			UNION ALL SELECT article_id, -1 FROM title_vectors v WHERE NOT EXISTS (SELECT FROM title_lexemes p WHERE (p.workspace_id, p.article_id) = (v.workspace_id, v.article_id))`,
	} {
		rows, err := f.Owner.Query(t.Context(), sql)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		wrong, err := pgx.CollectRows(rows, pgx.RowToMap)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, w := range wrong {
			if i < 5 {
				t.Errorf("%s: %v", name, w)
			}
		}
	}
}

func TestLargestDocuments(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var docs []knowledge.Document
	for i := range 5 {
		docs = append(docs, doc(fmt.Sprintf("k%d", i), "en", fmt.Sprintf("Part %d", i), strings.TrimSpace(strings.Repeat("The same words about bags again. ", 30_000))))
	}
	f.load(t, docs...)
	for i := range docs {
		a, err := f.store.Article(t.Context(), f.workspace, docs[i].Key, "en", 0)
		if err != nil || a.Body != docs[i].Body || a.Title != docs[i].Title {
			t.Fatalf("%s came back with %d bytes, %v", docs[i].Key, len(a.Body), err)
		}
	}
	docs[3].Body = "Short now."
	plan := f.plan(t, knowledge.PlanRequest{}, docs...)
	if plan.Changed != 1 || plan.Unchanged != 4 {
		t.Errorf("%+v", plan)
	}
	if err := f.apply(t, plan); err != nil {
		t.Fatal(err)
	}
	checkStatistics(t, f)
}
