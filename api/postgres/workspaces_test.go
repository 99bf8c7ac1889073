package postgres_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/internal/pg/pgtest"
)

func TestWorkspacesAreFoundByNameAndID(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	id := s.Workspace(t)
	s.Workspace(t) // another one
	for _, asked := range []string{id, "workspace " + id} {
		w, name, err := postgres.FindWorkspace(t.Context(), s.OwnerURL, asked)
		if err != nil || string(w) != id || name != "workspace "+id {
			t.Errorf("%q: %s %q, %v", asked, w, name, err)
		}
	}
	for _, asked := range []string{"nobody", "workspace", uuid.NewString(), uuid.Nil.String(), ""} {
		if w, _, err := postgres.FindWorkspace(t.Context(), s.OwnerURL, asked); !errors.Is(err, postgres.ErrNoWorkspace) {
			t.Errorf("%q: %s, %v", asked, w, err)
		}
	}
}
