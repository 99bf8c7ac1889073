package pg_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/pg/pgtest"
)

// withoutTenant names every table that belongs to no workspace. Their rows
// hold nothing of a customer's.
var withoutTenant = []string{
	"purser_migrations",
	"river_client", "river_client_queue", "river_job", "river_leader", "river_migration", "river_notification", "river_queue",
}

// definers names every function that runs as the tables' owner: each filters
// by the workspace itself, or gives ids and counts alone.
var definers = []string{
	"purser_forget_requests", "purser_passages_with", "purser_titles_with", "purser_workspaces_to_cut", "purser_workspaces_to_embed",
}

func names(t *testing.T, pool *pgxpool.Pool, query string, args ...any) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func tenantTables(t *testing.T, s *pgtest.Schema) []string {
	t.Helper()
	return slices.DeleteFunc(names(t, s.Owner, `
		SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p') ORDER BY 1`, s.Name),
		func(table string) bool { return slices.Contains(withoutTenant, table) })
}

func TestEveryTableStandsBehindTheWall(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	tables := tenantTables(t, s)
	if len(tables) < 20 {
		t.Fatalf("found only %d tables: %v", len(tables), tables)
	}
	guarded := names(t, s.Owner, `
		SELECT c.relname FROM pg_class c
		WHERE c.relnamespace = $1::regnamespace AND c.relrowsecurity
			AND 'workspace_id' = (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
				WHERE i.indrelid = c.oid AND i.indisprimary)
			AND 1 = (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*' AND p.polpermissive
				AND pg_get_expr(p.polqual, p.polrelid) ~ '^\(workspace_id = \( SELECT .*purser_workspace\(\)')
		ORDER BY 1`, s.Name)
	if diff := cmp.Diff(tables, guarded); diff != "" {
		t.Errorf("tables (-) whose key does not begin with workspace_id, or that have no row level security with one policy for all commands:\n%s", diff)
	}
	if got := names(t, s.Owner, `
		SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('v', 'm', 'f')`, s.Name); len(got) > 0 {
		t.Errorf("views and the like read as their owner, past the wall: %v", got)
	}
	got := names(t, s.Owner, `SELECT proname FROM pg_proc WHERE pronamespace = $1::regnamespace AND prosecdef ORDER BY 1`, s.Name)
	if diff := cmp.Diff(definers, got); diff != "" {
		t.Errorf("functions that run as the owner:\n%s", diff)
	}
	if got := names(t, s.Owner, `
		SELECT p.proname FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
		WHERE p.pronamespace = $1::regnamespace AND p.prosecdef AND a.grantee = 0`, s.Name); len(got) > 0 {
		t.Errorf("everybody may run %v", got)
	}
}

func TestTheServersRoleMayDoLittle(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	// TRUNCATE knows no policies; REFERENCES and TRIGGER look past them.
	got := names(t, s.Owner, `
		SELECT relname || ' ' || p FROM pg_class CROSS JOIN unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) p
		WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p') AND has_table_privilege($2, oid, p)`, s.Name, pgtest.ServerRole)
	if len(got) > 0 {
		t.Errorf("the server's role has %v", got)
	}
	// What is written once stays as it is.
	for _, table := range []string{"revisions", "decisions", "suggestion_citations", "workspaces", "confidence_profiles", "contact_lists", "contacts", "first_imports"} {
		for _, right := range []string{"UPDATE", "DELETE"} {
			var may bool
			if err := s.Owner.QueryRow(t.Context(), `SELECT has_any_column_privilege($1, $2::regclass, 'UPDATE') AND $3 = 'UPDATE'
				OR has_table_privilege($1, $2::regclass, $3)`, pgtest.ServerRole, table, right).Scan(&may); err != nil {
				t.Fatal(err)
			}
			if may {
				t.Errorf("the server's role may %s %s", right, table)
			}
		}
	}
}

// column is one column of a table, for rows that a test makes up.
type column struct{ name, kind string }

func columns(t *testing.T, s *pgtest.Schema, table string) []column {
	t.Helper()
	rows, err := s.Owner.Query(t.Context(), `
		SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
		WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`, table)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (column, error) {
		var c column
		return c, row.Scan(&c.name, &c.kind)
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// made is an INSERT of one made-up row of a workspace.
func made(t *testing.T, s *pgtest.Schema, table, workspace string) string {
	t.Helper()
	var cols, values []string
	for _, c := range columns(t, s, table) {
		value, ok := map[string]string{
			"uuid": "gen_random_uuid()", "text": "gen_random_uuid()::text", "integer": "7", "bigint": "7",
			"timestamp with time zone": "now()", "bytea": `'\x07'`, "boolean": "false", "jsonb": "'{}'", "json": "'{}'",
			"text[]": "'{}'", "tsvector": "'word'", "halfvec": "'[1,2]'", "double precision": "1", "real": "1",
		}[c.kind]
		if !ok {
			t.Fatalf("teach this test to make a value of type %s, for %s.%s", c.kind, table, c.name)
		}
		if c.name == "workspace_id" {
			value = "'" + workspace + "'"
		}
		cols, values = append(cols, c.name), append(values, value)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(cols, ", "), strings.Join(values, ", "))
}

// twoTenants fills every tenant table with one row for each of two workspaces.
// References and checks are dropped first, so that any row will do.
func twoTenants(t *testing.T, s *pgtest.Schema) (tables []string, ours, theirs string) {
	t.Helper()
	tables = tenantTables(t, s)
	for _, drop := range names(t, s.Owner, `
		SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
		WHERE connamespace = $1::regnamespace AND contype IN ('f', 'c') AND conrelid::regclass::text = ANY($2)`, s.Name, tables) {
		exec(t, s.Owner, drop)
	}
	ours, theirs = s.Workspace(t), s.Workspace(t)
	for _, table := range tables {
		if table == "workspaces" {
			continue
		}
		exec(t, s.Owner, made(t, s, table, ours))
		exec(t, s.Owner, made(t, s, table, theirs))
	}
	return tables, ours, theirs
}

func exec(t *testing.T, pool *pgxpool.Pool, statement string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestRowsOfOneTenant(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	tables, ours, theirs := twoTenants(t, s)
	// One connection, so that what a transaction leaves behind would show.
	db, err := pg.Open(t.Context(), s.ServerURL, pg.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	unset := func(when string) {
		for _, table := range tables {
			var n int
			if err := db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n != 0 {
				t.Errorf("%s, %s shows %d rows without a workspace", when, table, n)
			}
		}
	}
	unset("in a new session")
	for _, table := range tables {
		err := db.Tx(t.Context(), ours, func(tx *pg.Tx) error {
			var all, own int
			err := tx.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE workspace_id = $1) FROM `+table, ours).Scan(&all, &own)
			if all != 1 || own != 1 {
				t.Errorf("%s shows %d rows, %d of them ours; want ours alone", table, all, own)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var setting string
	if err := db.Pool().QueryRow(t.Context(), `SELECT current_setting('purser.workspace')`).Scan(&setting); err != nil || setting != "" {
		t.Fatalf("after a transaction the setting is %q, %v; this test needs it to be empty", setting, err)
	}
	unset("after a transaction")
	for _, table := range tables {
		t.Run(table, func(t *testing.T) { refusesTheirs(t, db, s, table, ours, theirs) })
	}
}

// refusesTheirs tries to change another tenant's rows in every way.
func refusesTheirs(t *testing.T, db *pg.DB, s *pgtest.Schema, table, ours, theirs string) {
	attempts := map[string]string{
		"insert into theirs": made(t, s, table, theirs),
		"move ours to them":  fmt.Sprintf(`UPDATE %s SET workspace_id = '%s' WHERE workspace_id = '%s'`, table, theirs, ours),
		"take theirs":        fmt.Sprintf(`UPDATE %s SET workspace_id = '%s' WHERE workspace_id = '%s'`, table, ours, theirs),
		"delete theirs":      fmt.Sprintf(`DELETE FROM %s WHERE workspace_id = '%s'`, table, theirs),
	}
	for name, statement := range attempts {
		err := db.Tx(t.Context(), ours, func(tx *pg.Tx) error {
			tag, err := tx.Exec(t.Context(), statement)
			if n := tag.RowsAffected(); err == nil && n > 0 {
				t.Errorf("%s: %d rows", name, n)
			}
			return err
		})
		var refused *pgconn.PgError
		if err != nil && (!errors.As(err, &refused) || refused.Code != "42501") {
			t.Errorf("%s: %v; want it refused by the policy or a missing privilege", name, err)
		}
	}
	var n int
	err := s.Owner.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` WHERE workspace_id = $1`, theirs).Scan(&n)
	if err != nil || n != 1 {
		t.Errorf("%d rows of theirs are left, %v", n, err)
	}
}

func TestDefinersSeeOneWorkspace(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	_, ours, _ := twoTenants(t, s)
	for _, f := range []string{`purser_passages_with('word', 10)`, `purser_titles_with('word', 10)`} {
		var without, within int
		if err := s.DB.Pool().QueryRow(t.Context(), `SELECT count(*) FROM `+f).Scan(&without); err != nil {
			t.Fatal(err)
		}
		err := s.DB.Batch(t.Context(), ours, func(b *pgx.Batch) { b.Queue(`SELECT count(*) FROM ` + f) },
			func(r pgx.BatchResults) error { return r.QueryRow().Scan(&within) })
		if err != nil {
			t.Fatal(err)
		}
		if without != 0 || within != 1 {
			t.Errorf("%s finds %d without a workspace and %d in ours; want 0 and 1", f, without, within)
		}
	}
}

// Of a key, the server may change when it was used last and that it is revoked;
// a role, a secret or a term that it could change would be a key of its choice.
func TestKeysAreOnlyUsedAndRevoked(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	w := s.Workspace(t)
	id := uuid.New()
	exec(t, s.Owner, `INSERT INTO api_keys (workspace_id, key_id, name, role, secret_hash, create_time) VALUES ($1, $2, 'k', 'AGENT', sha256('k'), now())`, w, id)
	update := func(column string) error {
		return s.DB.Tx(t.Context(), w, func(tx *pg.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE api_keys SET `+column+` = `+column+` WHERE key_id = $1`, id)
			return err
		})
	}
	check := func(t *testing.T) {
		t.Helper()
		for _, c := range columns(t, s, "api_keys") {
			err := update(c.name)
			if c.name == "revoke_time" || c.name == "last_use_time" {
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				continue
			}
			wantConfigError(t, err, "lacks a privilege")
		}
	}
	check(t)
	t.Run("also where an earlier version granted more", func(t *testing.T) {
		exec(t, s.Owner, `GRANT UPDATE ON api_keys TO `+pgtest.ServerRole)
		if _, err := pg.Migrate(t.Context(), s.OwnerURL, pgtest.ServerRole); err != nil {
			t.Fatal(err)
		}
		check(t)
	})
}
