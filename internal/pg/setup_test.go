package pg_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/pg/pgtest"
)

// wantConfigError checks that an error tells the operator what is wrong.
func wantConfigError(t *testing.T, err error, says string) {
	t.Helper()
	var config *pg.ConfigError
	if !errors.As(err, &config) {
		t.Fatalf("got %v (%T), want a *ConfigError", err, err)
	}
	if !strings.Contains(err.Error(), says) {
		t.Errorf("got %q, want it to say %q", err, says)
	}
}

func superuser(t *testing.T, s *pgtest.Schema) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), s.SuperuserURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// role makes a role with the given options, gone when the test ends, and
// returns a URL that connects as it.
func role(t *testing.T, s *pgtest.Schema, options string) (name, address string) {
	t.Helper()
	name = "purser_test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	pool := superuser(t, s)
	exec(t, pool, `CREATE ROLE `+name+` LOGIN PASSWORD 'test' `+options)
	exec(t, pool, `GRANT USAGE ON SCHEMA `+s.Name+` TO `+name)
	t.Cleanup(func() {
		ctx := context.Background() // the test's own has ended by now
		admin, err := pgxpool.New(ctx, s.SuperuserURL)
		if err != nil {
			t.Error(err)
			return
		}
		defer admin.Close()
		for _, statement := range []string{`DROP OWNED BY ` + name, `DROP ROLE ` + name} {
			if _, err := admin.Exec(ctx, statement); err != nil {
				t.Error(err)
			}
		}
	})
	return name, strings.NewReplacer(pgtest.ServerRole, name).Replace(s.ServerURL)
}

func TestCheckServer(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	if err := s.DB.CheckServer(t.Context()); err != nil {
		t.Fatalf("the server's role: %v", err)
	}
	bypassing, bypass := role(t, s, `BYPASSRLS`)
	_, almost := role(t, s, `IN ROLE `+bypassing)
	_, member := role(t, s, `IN ROLE `+pgtest.OwnerRole)
	for name, c := range map[string]struct{ address, says string }{
		"superuser":         {s.SuperuserURL, "is a superuser"},
		"owner":             {s.OwnerURL, "owns the tables"},
		"BYPASSRLS":         {bypass, "has BYPASSRLS"},
		"can bypass":        {almost, "may become a superuser or a role with BYPASSRLS"},
		"can become owner":  {member, "owns the tables"},
		"no tables as yet":  {pgtest.NewEmpty(t).ServerURL, `run "purser migrate"`},
		"no tables for him": {pgtest.NewEmpty(t).OwnerURL, `run "purser migrate"`},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := pg.Open(t.Context(), c.address, pg.Options{MaxConns: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			wantConfigError(t, db.CheckServer(t.Context()), c.says)
		})
	}
}

func TestTableWithoutWall(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	exec(t, s.Owner, `ALTER TABLE messages DISABLE ROW LEVEL SECURITY`)
	wantConfigError(t, s.DB.CheckServer(t.Context()), "the table messages has no row level security")
}

func TestSchemaVersion(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	exec(t, s.Owner, `INSERT INTO purser_migrations (version_id, is_applied) VALUES (99999, true)`)
	wantConfigError(t, s.DB.CheckServer(t.Context()), "(version 99999) is newer than this binary")
	steps, err := pg.Migrate(t.Context(), s.OwnerURL, pgtest.ServerRole)
	wantConfigError(t, err, "run the newer purser")
	if len(steps) > 0 {
		t.Errorf("took %v", steps)
	}
	exec(t, s.Owner, `DELETE FROM purser_migrations WHERE version_id IN (SELECT version_id FROM purser_migrations ORDER BY version_id DESC LIMIT 2)`)
	wantConfigError(t, s.DB.CheckServer(t.Context()), "is older than this binary")
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	t.Run("again", func(t *testing.T) {
		t.Parallel()
		s := pgtest.New(t)
		steps, err := pg.Migrate(t.Context(), s.OwnerURL, pgtest.ServerRole)
		if err != nil || len(steps) > 0 {
			t.Errorf("got %v, %v; want no steps", steps, err)
		}
	})
	t.Run("two at once", func(t *testing.T) {
		t.Parallel()
		s := pgtest.NewEmpty(t)
		var steps [2][]pg.Migration
		var errs [2]error
		var both sync.WaitGroup
		for i := range steps {
			both.Go(func() { steps[i], errs[i] = pg.Migrate(t.Context(), s.OwnerURL, pgtest.ServerRole) })
		}
		both.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		if n := len(steps[0]) + len(steps[1]); n < 3 || len(steps[0]) > 0 && len(steps[1]) > 0 {
			t.Errorf("steps %v; want one of them to take all", steps)
		}
	})
	t.Run("role missing", func(t *testing.T) {
		t.Parallel()
		s := pgtest.NewEmpty(t)
		_, err := pg.Migrate(t.Context(), s.OwnerURL, `no"such`)
		wantConfigError(t, err, `CREATE ROLE "no""such" LOGIN`)
		if got := names(t, superuser(t, s), `SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace`, s.Name); len(got) > 0 {
			t.Errorf("made %v although it failed", got)
		}
	})
	t.Run("not the owner", func(t *testing.T) {
		t.Parallel()
		s := pgtest.New(t)
		_, err := pg.Migrate(t.Context(), s.ServerURL, pgtest.ServerRole)
		wantConfigError(t, err, "owner")
	})
	t.Run("not a URL", func(t *testing.T) {
		t.Parallel()
		_, err := pg.Migrate(t.Context(), "mysql://", pgtest.ServerRole)
		wantConfigError(t, err, "expected postgres://")
	})
	t.Run("privileges reach a second role", func(t *testing.T) {
		t.Parallel()
		s := pgtest.New(t)
		name, address := role(t, s, ``)
		if _, err := pg.Migrate(t.Context(), s.OwnerURL, name); err != nil {
			t.Fatal(err)
		}
		db, err := pg.Open(t.Context(), address, pg.Options{MaxConns: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.CheckServer(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestWithoutExtension uses a database of its own, where nobody made the
// vector type.
func TestWithoutExtension(t *testing.T) {
	t.Parallel()
	s := pgtest.NewEmpty(t)
	pool := superuser(t, s)
	name := s.Name + "_bare"
	exec(t, pool, `CREATE DATABASE `+name+` TEMPLATE template0 OWNER `+pgtest.OwnerRole)
	t.Cleanup(func() {
		ctx := context.Background() // the test's own has ended by now
		admin, err := pgxpool.New(ctx, os.Getenv(pgtest.Environment))
		if err != nil {
			t.Error(err)
			return
		}
		defer admin.Close()
		if _, err := admin.Exec(ctx, fmt.Sprintf(`DROP DATABASE %s WITH (FORCE)`, name)); err != nil {
			t.Error(err)
		}
	})
	in := func(address string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		u.Path = "/" + name
		q := u.Query()
		q.Set("search_path", "public")
		u.RawQuery = pgtest.Encode(q)
		return u.String()
	}
	_, err := pg.Migrate(t.Context(), in(s.OwnerURL), pgtest.ServerRole)
	wantConfigError(t, err, `a superuser, or your provider's admin, must run "CREATE EXTENSION vector"`)
	_, err = pg.Open(t.Context(), in(s.ServerURL), pg.Options{})
	wantConfigError(t, err, `must run "CREATE EXTENSION vector"`)
}
