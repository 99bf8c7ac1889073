package postgres_test

import (
	"sync"
	"testing"
	"time"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/postgres"
)

// sharedAnalyzer takes a moment to make.
var sharedAnalyzer = sync.OnceValue(analysis.NewAnalyzer)

// fixture is a schema with one workspace and all that works on it.
type fixture struct {
	*pgtest.Schema
	workspace knowledge.Workspace
	store     *postgres.Store
	importer  *knowledge.Importer
	analyzer  *analysis.Analyzer
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	s := pgtest.New(t)
	f := &fixture{Schema: s, workspace: knowledge.Workspace(s.Workspace(t)), store: postgres.New(s.DB, nil), analyzer: sharedAnalyzer()}
	f.importer = knowledge.NewImporter(f.store, f.store, f.analyzer, time.Now)
	return f
}

func (f *fixture) search(embedder knowledge.Embedder) *knowledge.Search {
	return knowledge.NewSearch(knowledge.SearchOptions{Finder: f.store, Analyzer: f.analyzer, Embedder: embedder, Now: time.Now})
}

// load imports documents as all that source "test" has, and learns what a first
// import names as its job would.
func (f *fixture) load(t testing.TB, docs ...knowledge.Document) knowledge.Applied {
	t.Helper()
	applied := f.loadOnly(t, docs...)
	if err := f.store.LearnContacts(t.Context(), f.workspace); err != nil {
		t.Fatal(err)
	}
	return applied
}

func (f *fixture) loadOnly(t testing.TB, docs ...knowledge.Document) knowledge.Applied {
	t.Helper()
	plan, err := f.importer.Plan(t.Context(), f.workspace, knowledge.PlanRequest{Source: "test", Actor: knowledge.Actor{ID: "ed"}}, knowledge.Documents(docs))
	if err != nil {
		t.Fatal(err)
	}
	applied, err := f.importer.Apply(t.Context(), f.workspace, plan.ID, knowledge.ApplyRequest{Actor: knowledge.Actor{ID: "ed"}, AllowRemovals: true})
	if err != nil {
		t.Fatalf("apply: %v (%v)", err, plan.Problems)
	}
	return applied
}

func doc(key, locale, title, body string) knowledge.Document {
	return knowledge.Document{Key: key, Locale: locale, Title: title, Body: body}
}

func keys(r knowledge.Results) []string {
	var list []string
	for _, h := range r.Hits {
		list = append(list, h.Key)
	}
	return list
}
