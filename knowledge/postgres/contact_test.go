package postgres_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/postgres"
)

func (f *fixture) trusts(t *testing.T, s string) bool {
	t.Helper()
	list, err := f.store.TrustedContacts(t.Context(), f.workspace)
	if err != nil || list == nil {
		t.Fatalf("list %v, %v", list, err)
	}
	return list.Trusts(entity.Find(s, "en")[0])
}

// TestLaterImportsBringNoTrust is what a poisoned article meets.
func TestLaterImportsBringNoTrust(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	if list, err := f.store.TrustedContacts(t.Context(), f.workspace); err != nil || list != nil {
		t.Fatalf("before the first import: %v, %v", list, err)
	}
	good := doc("bags", "en", "Bags", "See https://skerry.example/bags or call +44 1632 960110.")
	f.load(t, good)
	poison := doc("refund", "en", "Refunds", "Pay at https://refund-desk.example/pay, at https://help.skerry.example/pay.")
	plan := f.plan(t, knowledge.PlanRequest{KeepMissing: true}, poison)
	if plan.ProblemCount != 1 || plan.Blocked || plan.Problems[0].Kind != knowledge.ProblemNewContact || plan.Problems[0].Severity != knowledge.SeverityWarning ||
		!strings.Contains(plan.Problems[0].Message, "refund-desk.example,") || strings.Contains(plan.Problems[0].Message, "skerry.example") {
		t.Errorf("problems %+v", plan.Problems)
	}
	f.load(t, good, poison)
	if !f.trusts(t, "https://skerry.example/other") || !f.trusts(t, "+44 1632 960110") || f.trusts(t, "https://refund-desk.example/pay") {
		t.Error("the list is not what the first import named")
	}
}

// Contacts are learned behind the import. Until then nothing is trusted, and what
// is imported meanwhile gains nothing.
func TestContactsAreLearnedSoon(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := prepare(t, f.Schema, newFakeEmbedder(), knowledge.EmbeddingOptions{})
	f.importer = p.importer
	good := doc("bags", "en", "Bags", "See https://skerry.example/bags.")
	f.loadOnly(t, good)
	if f.trusts(t, "https://skerry.example/bags") {
		t.Error("the import's transaction learned")
	}
	poison := doc("refund", "en", "Refunds", "Pay at https://refund-desk.example/pay.")
	if plan := f.plan(t, knowledge.PlanRequest{KeepMissing: true}, good); plan.ProblemCount != 0 {
		t.Errorf("problems before anything was learned: %+v", plan.Problems)
	}
	f.loadOnly(t, good, poison)
	p.start(t)
	eventually(t, "learning", func() bool { return f.trusts(t, "https://skerry.example/bags") })
	if f.trusts(t, "https://refund-desk.example/pay") {
		t.Error("a later import is trusted")
	}
}

// TestContactsOfWhatWasThereAreTrusted is a workspace whose articles are older
// than its list.
func TestContactsOfWhatWasThereAreTrusted(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t, doc("bags", "en", "Bags", "See https://skerry.example/bags."))
	for _, sql := range []string{`DELETE FROM contacts`, `DELETE FROM contact_lists`, `DELETE FROM first_imports`} {
		if _, err := f.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	next := []knowledge.Document{doc("bags", "en", "Bags", "See https://skerry.example/bags."), doc("pay", "en", "Pay", "See https://new.example/pay.")}
	if plan := f.plan(t, knowledge.PlanRequest{}, next...); plan.ProblemCount != 1 {
		t.Errorf("problems %+v", plan.Problems)
	}
	f.load(t, next...)
	if !f.trusts(t, "https://skerry.example") || f.trusts(t, "https://new.example") {
		t.Error("the list is not what the articles held")
	}
}

func TestOperatorsChangeTheList(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	desk, err := postgres.OpenContacts(t.Context(), f.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(desk.Close)
	partner := knowledge.Contact{Kind: knowledge.ContactDomain, Value: "partner.example"}
	now := time.Now().UTC()
	if _, err := desk.Allow(t.Context(), f.workspace, partner, "ola", now); !errors.Is(err, postgres.ErrNoContacts) {
		t.Errorf("allow before any import: %v", err)
	}
	if _, err := desk.List(t.Context(), f.workspace); !errors.Is(err, postgres.ErrNoContacts) {
		t.Errorf("list before any import: %v", err)
	}
	f.load(t, doc("bags", "en", "Bags", "See https://skerry.example/bags."))
	for _, want := range []bool{true, false} {
		if added, err := desk.Allow(t.Context(), f.workspace, partner, "ola", now); err != nil || added != want {
			t.Errorf("allow: %v, %v", added, err)
		}
	}
	list, err := desk.List(t.Context(), f.workspace)
	if err != nil || len(list) != 2 || list[0].Value != "partner.example" || list[0].AddedBy != "ola" || list[1].AddedBy != "" {
		t.Errorf("list %+v, %v", list, err)
	}
	if other := knowledge.Workspace(f.Workspace(t)); other != f.workspace {
		if list, err := f.store.TrustedContacts(t.Context(), other); err != nil || list != nil {
			t.Errorf("another workspace: %v, %v", list, err)
		}
	}
	for _, want := range []bool{true, false} {
		if removed, err := desk.Remove(t.Context(), f.workspace, partner); err != nil || removed != want {
			t.Errorf("remove: %v, %v", removed, err)
		}
	}
	articles := 0
	if err := desk.EachArticle(t.Context(), f.workspace, func(knowledge.Document) { articles++ }); err != nil || articles != 1 {
		t.Errorf("%d articles, %v", articles, err)
	}
}
