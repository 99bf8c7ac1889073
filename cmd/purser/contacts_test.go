package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/knowledge"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
	"github.com/purser-desk/purser/suggest"
)

func TestContactsCommands(t *testing.T) {
	t.Parallel()
	schema := pgtest.New(t)
	id := uuid.NewString()
	if err := apipostgres.EnsureWorkspace(t.Context(), schema.OwnerURL, suggest.Workspace(id), "Skerry Air", time.Now()); err != nil {
		t.Fatal(err)
	}
	do := func(code int, want string, args ...string) {
		t.Helper()
		got, stdout, stderr := purser(t, environment("DATABASE_OWNER_URL", schema.OwnerURL, "PURSER_ACTOR", "ola"), "", append([]string{"contacts"}, args...)...)
		if got != code || !strings.Contains(stdout+stderr, want) {
			t.Errorf("%v: exit %d: %s%s", args, got, stdout, stderr)
		}
	}
	do(exitFailed, "has no list yet", "list", "Skerry Air")
	do(exitFailed, "has no list yet", "allow", "Skerry Air", "partner.example")
	do(exitFailed, "has no list yet", "learn", "Skerry Air")
	store := knowledgepostgres.New(schema.DB, nil)
	importer := knowledge.NewImporter(store, store, analysis.NewAnalyzer(), time.Now)
	bags := knowledge.Document{Key: "bags", Locale: "en", Title: "Bags", Body: "See https://skerry.example/bags."}
	for _, docs := range [][]knowledge.Document{{bags}, {bags, {Key: "pay", Locale: "en", Title: "Pay", Body: "Pay at https://new.example/pay."}}} {
		plan, err := importer.Plan(t.Context(), knowledge.Workspace(id), knowledge.PlanRequest{Source: "s", Actor: knowledge.Actor{ID: "ed"}}, knowledge.Documents(docs))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := importer.Apply(t.Context(), knowledge.Workspace(id), plan.ID, knowledge.ApplyRequest{Actor: knowledge.Actor{ID: "ed"}}); err != nil {
			t.Fatal(err)
		}
		if err := store.LearnContacts(t.Context(), knowledge.Workspace(id)); err != nil {
			t.Fatal(err)
		}
	}
	do(exitDone, "skerry.example", "list", "Skerry Air")
	do(exitDone, "new.example", "learn", id)
	do(exitDone, "nothing that is not on the list", "learn", id, "--least", "2")
	do(exitUsage, "give 1 or more", "learn", id, "--least", "0")
	do(exitDone, "All of them are allowed now", "learn", "Skerry Air", "--allow")
	do(exitDone, "phone +441632960000: allowed", "allow", "Skerry Air", "+44 1632 960000")
	do(exitDone, "was allowed before", "allow", "Skerry Air", "new.example")
	do(exitDone, `"result":"removed"`, "remove", "Skerry Air", "new.example", "--json")
	do(exitFailed, "is not on the list", "remove", "Skerry Air", "new.example")
	do(exitUsage, "is no domain", "allow", "Skerry Air", "hello")
	do(exitFailed, "there is no workspace", "list", "Nobody")
	if code, _, stderr := purser(t, noEnvironment, "", "contacts", "list", "x"); code != exitUsage || !strings.Contains(stderr, "DATABASE_OWNER_URL is not set") {
		t.Errorf("without a database: exit %d: %s", code, stderr)
	}
}
