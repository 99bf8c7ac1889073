package postgres_test

import (
	"testing"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/postgres"
)

// An edited suite is a workspace of its own; only what was edited is embedded.
func TestInheritSparesWhatIsTheSame(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	e := newFakeEmbedder()
	space, err := e.Space(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bags := doc("a", "en", "Bags", "One bag of 8 kg is free.")
	f.load(t, bags, doc("b", "en", "Pets", "Cats may fly."))
	f.embedAll(t, e)

	for _, c := range []struct {
		name, family, pets string
		texts              int // titles and passages
	}{
		{"of another family", "eval suite", "Cats may fly.", 4},
		{"of a part of the name", "work", "Cats may fly.", 4},
		{"of the family", "workspace", "Horses may not fly.", 1},
	} {
		next := *f
		next.workspace = knowledge.Workspace(f.Workspace(t))
		if err := postgres.Inherit(t.Context(), f.OwnerURL, next.workspace, c.family, space); err != nil {
			t.Fatal(err)
		}
		next.load(t, bags, doc("b", "en", "Pets", c.pets))
		before := e.embedded()
		next.embedAll(t, e)
		if n := e.embedded() - before; n != c.texts {
			t.Errorf("%s: %d texts were embedded, want %d", c.name, n, c.texts)
		}
		if err := postgres.Inherit(t.Context(), f.OwnerURL, next.workspace, c.family, space); err != nil {
			t.Errorf("%s, again: %v", c.name, err)
		}
	}
}
