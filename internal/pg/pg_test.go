package pg_test

import (
	"testing"

	"github.com/purser-desk/purser/internal/pg/pgtest"
)

func TestMigrate(t *testing.T) {
	s := pgtest.New(t)
	if err := s.DB.CheckServer(t.Context()); err != nil {
		t.Fatal(err)
	}
}
