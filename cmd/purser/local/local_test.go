package local_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/purser-desk/purser/cmd/purser/local"
)

func TestMain(m *testing.M) {
	if handled, code := local.SuperviseIfAsked(os.Args); handled {
		os.Exit(code)
	}
	if os.Getenv(parentEnv) != "" {
		os.Exit(beParent())
	}
	os.Exit(m.Run())
}

// sharedHome is where the runtime is installed: once for all tests and runs.
func sharedHome(t *testing.T) string {
	t.Helper()
	home, err := local.DefaultHome(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	return home
}

// freshHome makes a home of its own that shares nothing but the installed
// packages. It is not below the test's temporary folder, whose parents the
// children of a test run by root may not be able to enter.
func freshHome(t *testing.T, name string) string {
	t.Helper()
	installed := filepath.Join(sharedHome(t), "runtime")
	if _, err := os.Stat(installed); err != nil {
		r := start(t, local.Options{Throwaway: true, Embedding: true, Instance: "install"})
		if err := r.WaitEmbedding(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	base, err := os.MkdirTemp(roomyFolder(), "purser-test-") //nolint:usetesting // see above: t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(base); err != nil {
			t.Error(err)
		}
	})
	home := filepath.Join(base, name)
	for _, dir := range []string{base, home} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(installed, filepath.Join(home, "runtime")); err != nil {
		t.Fatal(err)
	}
	return home
}

// roomyFolder is one in memory if there is one with room for some clusters: a
// busy disk takes ten seconds to write a new one out.
func roomyFolder() string {
	var fs syscall.Statfs_t
	if syscall.Statfs("/dev/shm", &fs) == nil && fs.Bavail*uint64(fs.Bsize) > 1<<30 {
		return "/dev/shm"
	}
	return "/tmp"
}

func start(t *testing.T, o local.Options) *local.Runtime {
	t.Helper()
	o.Progress = local.TextProgress(t.Output(), false)
	r, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, r) })
	return r
}

func stop(t *testing.T, r *local.Runtime) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := r.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	var v T
	if err := conn.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func exec(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestRolesAndExtension(t *testing.T) {
	// Settings of the user's that must not leak into the URLs.
	t.Setenv("PGPORT", "1")
	t.Setenv("PGUSER", "someone")
	r := start(t, local.Options{Home: freshHome(t, "home"), Throwaway: true})
	extra, err := r.CreateDatabase(t.Context(), "an \"odd\" name")
	if err != nil {
		t.Fatal(err)
	}
	const weak = `select not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or
		exists (select from pg_database where datname = current_database() and datdba = pg_roles.oid))
		from pg_roles where rolname = current_user`
	for _, db := range []local.Database{r.Database(), extra} {
		t.Run(db.Name, func(t *testing.T) {
			for want, url := range map[string]string{"postgres": db.Superuser, "purser_owner": db.Owner, "purser_server": db.Server} {
				if got := query[string](t, url, "select current_user"); got != want {
					t.Errorf("user is %s, want %s", got, want)
				}
				if got := query[string](t, url, "select current_database()"); got != db.Name {
					t.Errorf("database is %s, want %s", got, db.Name)
				}
			}
			if !query[bool](t, db.Server, weak) {
				t.Error("the server's role may do more than it should")
			}
			exec(t, db.Owner, "create table t (v halfvec(3)); grant select on t to purser_server")
			query[int](t, db.Server, "select count(*) from t")
			if got := query[string](t, db.Superuser, "show listen_addresses"); got != "" {
				t.Errorf("it listens on %q", got)
			}
			if got := query[string](t, db.Superuser, "select lower('ÉÖ')"); got != "éö" {
				t.Errorf("lower gives %q", got)
			}
		})
	}
	if _, err := r.CreateDatabase(t.Context(), extra.Name); err == nil {
		t.Error("the same database can be made twice")
	}
}

func TestDataSurvive(t *testing.T) {
	home := freshHome(t, "a home with spaces")
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	o := local.Options{Home: home, Instance: "kept"}
	r := start(t, o)
	exec(t, r.Database().Owner, "create table t as select 42 as v")
	stop(t, r)
	r = start(t, o)
	if got := query[int](t, r.Database().Owner, "select v from t"); got != 42 {
		t.Errorf("v is %d", got)
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	stop(t, r)
	<-r.Done()
	if err := r.Err(); err != nil {
		t.Errorf("after Stop: %v", err)
	}
}

func TestHomesWithOddPaths(t *testing.T) {
	for name, home := range map[string]string{
		"too long for a socket": strings.Repeat("long", 30),
		"comma, quote, percent": `a,b'c"d%20é`,
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, local.Options{Home: freshHome(t, home), Instance: "odd", Throwaway: true, Embedding: true})
			if got := query[int](t, r.Database().Server, "select 1"); got != 1 {
				t.Error("no answer")
			}
			if err := r.WaitEmbedding(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSecondStartNamesTheFirst(t *testing.T) {
	home := freshHome(t, "home")
	first := start(t, local.Options{Home: home, Instance: "one"})
	if err := first.SetNote("gRPC 127.0.0.1:7443"); err != nil {
		t.Fatal(err)
	}
	_, err := local.Start(t.Context(), local.Options{Home: home, Instance: "one"})
	var inUse *local.InUseError
	if !errors.As(err, &inUse) {
		t.Fatalf("error is %v", err)
	}
	if inUse.PID != os.Getpid() || inUse.Note != "gRPC 127.0.0.1:7443" || inUse.Instance != "one" {
		t.Errorf("it says %+v", inUse)
	}
	other := start(t, local.Options{Home: home, Instance: "two", Throwaway: true})
	if other.Database().Server == first.Database().Server {
		t.Error("two instances share a database")
	}
	stop(t, first)
	start(t, local.Options{Home: home, Instance: "one"})
}

func TestThrowawayLeavesNothing(t *testing.T) {
	home := freshHome(t, "home")
	o := local.Options{Home: home, Instance: "gone", Throwaway: true}
	a, b := start(t, o), start(t, o) // never in use
	if a.Dir() == b.Dir() {
		t.Error("two throwaway instances share a folder")
	}
	stop(t, a)
	if _, err := os.Stat(a.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder is still there: %v", err)
	}
	if got := query[int](t, b.Database().Server, "select 1"); got != 1 {
		t.Error("the other one has gone too")
	}
}

func TestStartRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		o    local.Options
		want string
	}{
		"an instance name with a slash": {local.Options{Home: t.TempDir(), Instance: "../x"}, "instance name"},
		"a home that is a file":         {local.Options{Home: file}, "PURSER_HOME"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := local.Start(t.Context(), tc.o)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want one about %q", err, tc.want)
			}
		})
	}
}

func TestDataOfAnotherVersion(t *testing.T) {
	home := freshHome(t, "home")
	dir := filepath.Join(home, "data", "old", "pg")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("16\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := local.Start(t.Context(), local.Options{Home: home, Instance: "old"})
	if err == nil || !strings.Contains(err.Error(), "written by PostgreSQL 16") {
		t.Errorf("error is %v", err)
	}
}

func TestRootWithClosedHome(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root's children run as another user")
	}
	base := t.TempDir()
	home := filepath.Join(base, "closed", "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(base, "closed"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := local.Start(t.Context(), local.Options{Home: home})
	if err == nil || !strings.Contains(err.Error(), "can't enter") || !strings.Contains(err.Error(), "PURSER_HOME") {
		t.Errorf("error is %v", err)
	}
}

func TestInstanceFor(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	link := filepath.Join(b, "link")
	if err := os.Symlink(a, link); err != nil {
		t.Fatal(err)
	}
	name := func(dir string) string {
		n, err := local.InstanceFor(dir)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if name(a) == name(b) {
		t.Error("two folders have one instance")
	}
	if name(a) != name(link) || name(a) != name(a+"/.") {
		t.Error("one folder has two instances")
	}
	for _, dir := range []string{"/", "/Ünï çødé", "/.hidden", "/a b"} {
		if n := name(dir); strings.Trim(n, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" || n[0] == '.' || n[0] == '-' {
			t.Errorf("%s gives %q", dir, n)
		}
	}
}
