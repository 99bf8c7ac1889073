// Package pgtest gives each test a fresh, migrated database in a real PostgreSQL.
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

// Schema is one test's own schema, in a database that no other test sees or that
// others have schemas of theirs in.
type Schema struct {
	// Name of the schema, alike in all databases that New makes.
	Name string
	// OwnerURL connects as the tables' owner, ServerURL as the server's role,
	// SuperuserURL as who can do anything; all with the search path set.
	OwnerURL, ServerURL, SuperuserURL string
	// DB is a pool as the server's role.
	DB *pg.DB
	// Owner is a pool as the tables' owner.
	Owner *pgxpool.Pool
}

// New makes a database with a migrated schema, gone when the test ends.
func New(t testing.TB) *Schema {
	t.Helper()
	super := environment(t)
	ctx := t.Context()
	admin, err := pgx.Connect(ctx, super)
	if err != nil {
		t.Fatalf("connect to the test database: %v", err)
	}
	defer func() { _ = admin.Close(context.Background()) }()
	name := fresh()
	err = prepareTemplate(ctx, admin, super)
	if err == nil {
		// Copied files take a third of the time of what goes through the log.
		_, err = admin.Exec(ctx, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy`, name, template))
	}
	if err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() { drop(t, super, `DATABASE `+name+` WITH (FORCE)`) })
	s, err := schemaOf(super, name, templateSchema)
	if err != nil {
		t.Fatal(err)
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
	super, name := environment(t), fresh()
	admin, err := pgx.Connect(t.Context(), super)
	if err != nil {
		t.Fatalf("connect to the test database: %v", err)
	}
	defer func() { _ = admin.Close(context.Background()) }()
	if err := makeSchema(t.Context(), admin, name); err != nil {
		t.Fatalf("make a schema: %v", err)
	}
	t.Cleanup(func() { drop(t, super, `SCHEMA `+name+` CASCADE`) })
	s, err := schemaOf(super, "", name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func environment(t testing.TB) string {
	t.Helper()
	super := os.Getenv(Environment)
	if super == "" {
		t.Fatalf("%s is not set: run \"make test\", or set it to a superuser's URL of a PostgreSQL with pgvector", Environment)
	}
	return super
}

func fresh() string { return "test_" + strings.ReplaceAll(uuid.NewString(), "-", "") }

// makeSchema makes a schema that the owner's role owns, and the roles.
func makeSchema(ctx context.Context, admin *pgx.Conn, name string) error {
	// One at a time: two tests that create a role at once would collide.
	_, err := admin.Exec(ctx, fmt.Sprintf(`
		BEGIN;
		SELECT pg_advisory_xact_lock(7311);
		DO $$ BEGIN
			IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%[1]s') THEN
				CREATE ROLE %[1]s LOGIN PASSWORD 'test'; CREATE ROLE %[2]s LOGIN PASSWORD 'test';
			END IF;
		END $$;
		COMMIT;
		CREATE SCHEMA %[3]s AUTHORIZATION %[1]s;`, OwnerRole, ServerRole, name))
	return err
}

func schemaOf(super, database, name string) (*Schema, error) {
	s := &Schema{Name: name}
	var err error
	for role, url := range map[string]*string{OwnerRole: &s.OwnerURL, ServerRole: &s.ServerURL, "": &s.SuperuserURL} {
		if *url, err = as(super, role, database, name); err != nil {
			return nil, err
		}
	}
	return s, nil
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

func drop(t testing.TB, super, what string) {
	ctx := context.Background() // the test's own has ended by now
	admin, err := pgx.Connect(ctx, super)
	if err != nil {
		t.Errorf("connect to drop the %s: %v", what, err)
		return
	}
	defer func() { _ = admin.Close(ctx) }()
	if _, err := admin.Exec(ctx, `DROP `+what); err != nil {
		t.Errorf("drop the %s: %v", what, err)
	}
}

// Encode is what may stand behind the question mark of a database's URL: a blank
// is not "+", which pgx takes literally.
func Encode(q url.Values) string { return strings.ReplaceAll(q.Encode(), "+", "%20") }

// as is a superuser's URL for another role, or "" for the same, in another
// database, or "" for the same.
func as(super, role, database, schema string) (string, error) {
	u, err := url.Parse(super)
	if err != nil {
		return "", fmt.Errorf("%s: %w", Environment, err)
	}
	q := u.Query()
	if database != "" {
		u.Path = "/" + database
		q.Del("dbname")
	}
	if role != "" {
		if u.Host == "" {
			q.Set("user", role)
			q.Set("password", "test")
		} else {
			u.User = url.UserPassword(role, "test")
		}
	}
	q.Set("search_path", schema+",public")
	u.RawQuery = Encode(q)
	if u.Host == "" && role != "" {
		u.User = nil
	}
	return u.String(), nil
}
