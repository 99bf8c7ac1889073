package pg_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/pg/pgtest"
)

// notOfTenants are the tables without a tenant: what the migrations remember of
// themselves, and the job queue, whose arguments carry ids alone.
var notOfTenants = []string{"purser_migrations", "river_job", "river_leader", "river_migration", "river_queue", "river_notification"}

type table struct {
	Name     string
	FirstKey string
	Secured  bool
	Forced   bool
	Policies int
	Others   int
}

func tables(t *testing.T, s *pgtest.Schema) []table {
	t.Helper()
	rows, err := s.Owner.Query(t.Context(), `
		SELECT c.relname AS name, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
		       coalesce((SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
		                 WHERE i.indrelid = c.oid AND i.indisprimary), '') AS first_key,
		       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*'
		        AND pg_get_expr(p.polqual, c.oid) LIKE '(workspace_id = %purser_workspace()%')::int AS policies,
		       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid)::int AS others
		FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname`)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[table])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestEveryTableHasATenant(t *testing.T) {
	s := pgtest.New(t)
	list := tables(t, s)
	if len(list) < 20 {
		t.Fatalf("only %d tables", len(list))
	}
	for _, c := range list {
		if slices.Contains(notOfTenants, c.Name) || strings.HasPrefix(c.Name, "river_client") {
			continue
		}
		if c.FirstKey != "workspace_id" {
			t.Errorf("%s: its primary key starts with %q, not workspace_id", c.Name, c.FirstKey)
		}
		if !c.Secured {
			t.Errorf("%s: row level security is off", c.Name)
		}
		if c.Forced {
			t.Errorf("%s: row level security binds the owner, too, whose functions must see past it", c.Name)
		}
		if c.Policies != 1 || c.Others != 1 {
			t.Errorf("%s: %d policies, %d of them compare the workspace; expected one that does", c.Name, c.Others, c.Policies)
		}
	}
}

// TestFunctionsOfTheOwner looks at every function that runs as the tables'
// owner: it must be named here, and not be open to everyone.
func TestFunctionsOfTheOwner(t *testing.T) {
	s := pgtest.New(t)
	rows, err := s.Owner.Query(t.Context(), `
		SELECT p.proname || CASE WHEN has_function_privilege('public', p.oid, 'EXECUTE') THEN ' (open to all)' ELSE '' END
		       || CASE WHEN p.proconfig IS NULL THEN ' (search path not set)' ELSE '' END
		FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.prosecdef ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	expected := []string{"purser_forget_requests", "purser_passages_with", "purser_titles_with", "purser_workspaces_to_embed"}
	if !slices.Equal(got, expected) {
		t.Errorf("got %q, expected %q", got, expected)
	}
}

// TestUnsetWorkspaceSeesNothing asks every tenant table as the server's role:
// before any workspace was set, after a transaction that set one has ended, and
// as another workspace.
func TestUnsetWorkspaceSeesNothing(t *testing.T) {
	s := pgtest.New(t)
	mine, other := s.Workspace(t), s.Workspace(t)
	conn, err := pgx.Connect(t.Context(), s.ServerURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	count := func(sql string) int {
		t.Helper()
		var n int
		if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return n
	}
	seen := `SELECT count(*)::int FROM workspaces`
	if n := count(seen); n != 0 {
		t.Errorf("a fresh session sees %d workspaces", n)
	}
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT set_config('purser.workspace', $1, true)`, mine); err != nil {
		t.Fatal(err)
	}
	if n := count(seen); n != 1 {
		t.Errorf("a workspace sees %d workspaces", n)
	}
	if n := count(`SELECT count(*)::int FROM workspaces WHERE workspace_id = '` + other + `'`); n != 0 {
		t.Error("a workspace sees another one")
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range tables(t, s) {
		if !slices.Contains(notOfTenants, c.Name) {
			if n := count(`SELECT count(*)::int FROM ` + c.Name); n != 0 {
				t.Errorf("after the transaction, %s shows %d rows", c.Name, n)
			}
		}
	}
}

// TestPoolForgetsTheWorkspace checks that the one connection of a pool does not
// carry a workspace from one use to the next.
func TestPoolForgetsTheWorkspace(t *testing.T) {
	s := pgtest.New(t)
	w := s.Workspace(t)
	db, err := pg.Open(t.Context(), s.ServerURL, pg.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	read := func(r pgx.BatchResults) error {
		var n int
		err := r.QueryRow().Scan(&n)
		if n != 1 {
			t.Errorf("a batch sees %d workspaces", n)
		}
		return err
	}
	err = db.Batch(t.Context(), w, func(b *pgx.Batch) { b.Queue(`SELECT count(*)::int FROM workspaces`) }, read)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.Pool().QueryRow(t.Context(), `SELECT count(*)::int FROM workspaces`).Scan(&n); err != nil || n != 0 {
		t.Errorf("the connection still sees %d workspaces, %v", n, err)
	}
}
