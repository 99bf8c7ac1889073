// Package pgtest gives each test a fresh, migrated schema in a real PostgreSQL.
// It never skips: a test without its database fails and says how to start one.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/purser-desk/purser/internal/pg"
)

// Environment is the variable that names a superuser's URL of a database with
// the vector extension, which "make test" sets.
const Environment = "PURSER_TEST_DATABASE_URL"

// The roles that tests share: one owns the schemas, one serves.
const (
	OwnerRole  = "purser_test_owner"
	ServerRole = "purser_test_server"
)

// Schema is one test's own schema.
type Schema struct {
	// Name of the schema.
	Name string
	// OwnerURL connects as the tables' owner, ServerURL as the server's role,
	// SuperuserURL as who can do anything; all with the search path set.
	OwnerURL, ServerURL, SuperuserURL string
	// DB is a pool as the server's role.
	DB *pg.DB
	// Owner is a pool as the tables' owner.
	Owner *pgxpool.Pool
}

// New makes a migrated schema, gone when the test ends.
func New(t testing.TB) *Schema {
	t.Helper()
	s := NewEmpty(t)
	ctx := t.Context()
	if _, err := pg.Migrate(ctx, s.OwnerURL, ServerRole); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	db, err := pg.Open(ctx, s.ServerURL, pg.Options{MaxConns: 12})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(db.Close)
	owner, err := pgxpool.New(ctx, s.OwnerURL)
	if err != nil {
		t.Fatalf("open as owner: %v", err)
	}
	t.Cleanup(owner.Close)
	s.DB, s.Owner = db, owner
	return s
}

// NewEmpty makes a schema without tables or pools.
func NewEmpty(t testing.TB) *Schema {
	t.Helper()
	super := os.Getenv(Environment)
	if super == "" {
		t.Fatalf("%s is not set: run \"make test\", or set it to a superuser's URL of a PostgreSQL with pgvector", Environment)
	}
	name := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	admin, err := pgx.Connect(t.Context(), super)
	if err != nil {
		t.Fatalf("connect to the test database: %v", err)
	}
	defer func() { _ = admin.Close(context.Background()) }()
	// One at a time: two tests that create a role at once would collide.
	_, err = admin.Exec(t.Context(), fmt.Sprintf(`
		BEGIN;
		SELECT pg_advisory_xact_lock(7311);
		DO $$ BEGIN
			IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%[1]s') THEN
				CREATE ROLE %[1]s LOGIN PASSWORD 'test'; CREATE ROLE %[2]s LOGIN PASSWORD 'test';
			END IF;
		END $$;
		COMMIT;
		CREATE SCHEMA %[3]s AUTHORIZATION %[1]s;`, OwnerRole, ServerRole, name))
	if err != nil {
		t.Fatalf("make a schema: %v", err)
	}
	t.Cleanup(func() { drop(t, super, name) })
	return &Schema{
		Name:         name,
		OwnerURL:     as(t, super, OwnerRole, name),
		ServerURL:    as(t, super, ServerRole, name),
		SuperuserURL: as(t, super, "", name),
	}
}

// Workspace adds a workspace and returns its id.
func (s *Schema) Workspace(t testing.TB) string {
	t.Helper()
	id := uuid.NewString()
	_, err := s.Owner.Exec(t.Context(), `INSERT INTO workspaces (workspace_id, name, create_time) VALUES ($1, $2, now())`, id, "workspace "+id)
	if err != nil {
		t.Fatalf("make a workspace: %v", err)
	}
	return id
}

func drop(t testing.TB, super, name string) {
	ctx := context.Background() // the test's own has ended by now
	admin, err := pgx.Connect(ctx, super)
	if err != nil {
		t.Errorf("connect to drop the schema: %v", err)
		return
	}
	defer func() { _ = admin.Close(ctx) }()
	if _, err := admin.Exec(ctx, `DROP SCHEMA `+name+` CASCADE`); err != nil {
		t.Errorf("drop the schema: %v", err)
	}
}

// Encode is what may stand behind the question mark of a database's URL: a blank
// is not "+", which pgx takes literally.
func Encode(q url.Values) string { return strings.ReplaceAll(q.Encode(), "+", "%20") }

func as(t testing.TB, super, role, schema string) string {
	t.Helper()
	u, err := url.Parse(super)
	if err != nil {
		t.Fatalf("%s: %v", Environment, err)
	}
	q := u.Query()
	if role != "" {
		if u.Host == "" {
			q.Set("user", role)
			q.Set("password", "test")
		}
		u.User = url.UserPassword(role, "test")
	}
	q.Set("search_path", schema+",public")
	u.RawQuery = Encode(q)
	if u.Host == "" && role != "" {
		u.User = nil
	}
	return u.String()
}
