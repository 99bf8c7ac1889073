package local_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/cmd/purser/local"
)

func TestMain(m *testing.M) {
	if handled, code := local.SuperviseIfAsked(os.Args); handled {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func start(t *testing.T, o local.Options) *local.Runtime {
	t.Helper()
	o.Progress = local.TextProgress(t.Output(), false)
	r, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestStartGivesDatabaseAndEmbedding(t *testing.T) {
	began := time.Now()
	r := start(t, local.Options{Throwaway: true, Embedding: true, Instance: "test-start"})
	t.Log("PostgreSQL after", time.Since(began))
	conn, err := pgx.Connect(t.Context(), r.Database().Server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var version string
	if err := conn.QueryRow(t.Context(), "select extversion from pg_extension where extname='vector'").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if err := r.WaitEmbedding(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Log("embedding after", time.Since(began), version)
}
