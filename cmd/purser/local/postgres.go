package local

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	sigKill = syscall.SIGKILL
	sigTerm = syscall.SIGTERM

	superuser  = "postgres"
	ownerRole  = "purser_owner"
	serverRole = "purser_server"
	mainDB     = "purser"
	pgMajor    = "18"

	// Crash recovery after a kill can take a while; nothing else does.
	postgresStartBound = 2 * time.Minute
	connectBound       = 5 * time.Second
)

// Database holds the connection URLs of one database, one for each role. All
// are for pgx and lead through the private socket.
type Database struct {
	Name      string
	Superuser string // may do anything; for tests and extensions
	Owner     string // purser_owner: owns the database, for migrations
	Server    string // purser_server: neither owner, superuser nor BYPASSRLS, for serving
}

// A postgres is the private database server of one instance.
type postgres struct {
	bin       string // folder of the programs
	data      string // the cluster
	socket    string // folder of the socket
	logPath   string
	as        *identity
	throwaway bool
	lock      *os.File
	removed   []string // folders that go with it
	proc      *child
}

func (p *postgres) database(name string) Database {
	return Database{
		Name:      name,
		Superuser: p.url(name, superuser),
		Owner:     p.url(name, ownerRole),
		Server:    p.url(name, serverRole),
	}
}

// url names everything that the environment (PGPORT, PGSSLMODE, …) would fill in.
func (p *postgres) url(db, role string) string {
	q := url.Values{"host": {p.socket}, "port": {"5432"}, "user": {role}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", Path: "/" + db, RawQuery: strings.ReplaceAll(q.Encode(), "+", "%20")}
	return "postgres://" + u.EscapedPath() + "?" + u.RawQuery
}

// start brings the server up: makes the cluster if there is none, clears what
// a killed run left, starts, and makes roles, database and extension.
func (p *postgres) start(ctx context.Context, progress func(Step)) error {
	fresh, err := p.ensureCluster(ctx, progress)
	if err != nil {
		return err
	}
	if !fresh {
		if err := p.clearStale(ctx); err != nil {
			return err
		}
	}
	p.proc, err = startChild(ctx, launchOrder{
		name: "PostgreSQL", logPath: p.logPath, lock: p.lock,
		spec: childSpec{
			Args: p.args(), Env: childEnv(), Dir: p.data, As: p.as,
			Stop: p.stopSteps(), DeathSig: int(syscall.SIGQUIT), RemoveWhen: p.removed,
		},
	})
	if err != nil {
		return err
	}
	if err := p.prepare(ctx); err != nil {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopBound)
		defer cancel()
		return errors.Join(err, p.proc.stop(bounded))
	}
	return nil
}

// stopSteps: a fast shutdown first (sessions are cut, data is written out),
// then an immediate one (the next start recovers). Data that is thrown away
// needs no care.
func (p *postgres) stopSteps() []stopStep {
	if p.throwaway {
		return []stopStep{{syscall.SIGQUIT, 7 * time.Second}}
	}
	return []stopStep{{syscall.SIGINT, 10 * time.Second}, {syscall.SIGQUIT, 7 * time.Second}}
}

func (p *postgres) ensureCluster(ctx context.Context, progress func(Step)) (fresh bool, err error) {
	raw, err := os.ReadFile(filepath.Join(p.data, "PG_VERSION"))
	if err == nil {
		if v := strings.TrimSpace(string(raw)); v != pgMajor {
			return false, fmt.Errorf("the data in %s was written by PostgreSQL %s, this is %s; move the folder away to begin with empty data", p.data, v, pgMajor)
		}
		return false, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return false, fmt.Errorf("look at the data: %w", err)
	}
	progress(Step{Name: "make the database"})
	// Made in a folder beside it, so that half a cluster is never taken for one.
	half := p.data + ".new"
	if err := os.RemoveAll(half); err != nil {
		return false, fmt.Errorf("remove an interrupted cluster: %w", err)
	}
	if err := p.as.own(half); err != nil {
		return false, fmt.Errorf("make the data folder: %w", err)
	}
	args := []string{
		filepath.Join(p.bin, "initdb"), "-D", half, "-U", superuser,
		"--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
		"--auth-local=trust", "--auth-host=reject", "--no-instructions",
	}
	if p.throwaway {
		args = append(args, "--no-sync", "--no-data-checksums")
	}
	err = run(ctx, launchOrder{
		name: "initdb", logPath: p.logPath, lock: p.lock,
		spec: childSpec{Args: args, Env: childEnv(), Dir: half, As: p.as, DeathSig: int(sigKill)},
	})
	if err != nil {
		return false, err
	}
	if err := os.RemoveAll(p.data); err != nil {
		return false, fmt.Errorf("remove an empty data folder: %w", err)
	}
	if err := os.Rename(half, p.data); err != nil {
		return false, fmt.Errorf("put the cluster into place: %w", err)
	}
	return true, nil
}

// clearStale deals with the pid file of a run that did not end in order. This
// process holds the instance's lock, so whoever is in that file is either an
// orphan whose supervisor was killed, which is stopped, or no PostgreSQL of
// ours at all: the pid has been given to someone else, perhaps after a reboot.
func (p *postgres) clearStale(ctx context.Context) error {
	path := filepath.Join(p.data, "postmaster.pid")
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the data: %w", err)
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err == nil && pid > 1 && commandHas(ctx, pid, p.data) {
		if err := stopOrphan(ctx, pid, p.data); err != nil {
			return err
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove a stale pid file: %w", err)
	}
	return nil
}

func stopOrphan(ctx context.Context, pid int, data string) error {
	for _, step := range []stopStep{{syscall.SIGINT, 10 * time.Second}, {syscall.SIGQUIT, 7 * time.Second}, {sigKill, time.Second}} {
		_ = syscall.Kill(pid, step.Signal) // it may have gone by itself
		for end := time.Now().Add(step.Wait); time.Now().Before(end); {
			if !commandHas(ctx, pid, data) {
				return nil
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return fmt.Errorf("a PostgreSQL of an earlier run (process %d) does not stop; end it by hand: kill -9 %d", pid, pid)
}

func (p *postgres) args() []string {
	settings := []string{
		"listen_addresses=",
		"port=5432",
		"unix_socket_directories=" + strconv.Quote(p.socket),
		"unix_socket_permissions=0700",
		"logging_collector=off",
		"log_destination=stderr",
		"log_timezone=UTC",
		"timezone=UTC",
		// A log holds no customer's words: no statements, no row values.
		"log_min_error_statement=panic",
		"log_error_verbosity=terse",
		"log_min_messages=warning",
		"log_checkpoints=off",
		"shared_buffers=128MB",
		"maintenance_work_mem=128MB",
		"huge_pages=off",
		"random_page_cost=1.1",
		"jit=off",
		"wal_level=minimal",
		"max_wal_senders=0",
	}
	if p.throwaway {
		settings = append(settings,
			"fsync=off", "full_page_writes=off", "synchronous_commit=off",
			"dynamic_shared_memory_type=mmap", // files that go with the folder
			"max_connections=300", "max_locks_per_transaction=256", "max_wal_size=2GB",
		)
	} else {
		settings = append(settings, "max_connections=100")
	}
	args := []string{filepath.Join(p.bin, "postgres"), "-D", p.data}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	return args
}

// prepare waits until the server answers and makes sure of roles, database and
// extension.
func (p *postgres) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, postgresStartBound)
	defer cancel()
	conn, err := p.firstConnection(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	var ready bool
	err = conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1 and shobj_description(oid, 'pg_database') = 'ready')`, mainDB).Scan(&ready)
	if err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if ready {
		return nil
	}
	for _, role := range []string{ownerRole, serverRole} {
		_, err := conn.Exec(ctx, `do $$ begin
			create role `+role+` login nosuperuser nobypassrls nocreatedb nocreaterole;
			exception when duplicate_object then null; end $$`)
		if err != nil {
			return fmt.Errorf("make the role %s: %w", role, err)
		}
	}
	// In the template first: every database made later has it from the start.
	if err := p.addExtension(ctx, "template1"); err != nil {
		return err
	}
	var exists bool
	if err := conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, mainDB).Scan(&exists); err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if !exists {
		if _, err := conn.Exec(ctx, `create database `+mainDB+` owner `+ownerRole); err != nil {
			return fmt.Errorf("make the database: %w", err)
		}
	}
	if err := p.addExtension(ctx, mainDB); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `comment on database `+mainDB+` is 'ready'`); err != nil {
		return fmt.Errorf("mark the database: %w", err)
	}
	return nil
}

func (p *postgres) addExtension(ctx context.Context, db string) error {
	conn, err := pgx.Connect(ctx, p.url(db, superuser))
	if err != nil {
		return fmt.Errorf("connect to %s: %w", db, err)
	}
	defer closeConn(ctx, conn)
	if _, err := conn.Exec(ctx, `create extension if not exists vector`); err != nil {
		return fmt.Errorf("add the extension vector to %s: %w", db, err)
	}
	return nil
}

// firstConnection connects as soon as the server takes connections.
func (p *postgres) firstConnection(ctx context.Context) (*pgx.Conn, error) {
	err := errors.New("it has not said that it is ready")
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		if p.saysReady() {
			var conn *pgx.Conn
			if conn, err = pgx.Connect(ctx, p.url("postgres", superuser)); err == nil {
				return conn, nil
			}
		}
		select {
		case <-p.proc.done:
			return nil, p.proc.failure()
		case <-ctx.Done():
			return nil, fmt.Errorf("PostgreSQL does not take connections (log: %s): %w", p.logPath, errors.Join(ctx.Err(), err))
		case <-time.After(pause):
		}
	}
}

// saysReady looks for the server's word in its pid file, so that no connection
// is tried, refused and logged before.
func (p *postgres) saysReady() bool {
	raw, err := os.ReadFile(filepath.Join(p.data, "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := strings.Split(string(raw), "\n")
	return len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
}

// createDatabase makes one more database, owned by the owner role.
func (p *postgres) createDatabase(ctx context.Context, name string) (Database, error) {
	conn, err := pgx.Connect(ctx, p.url("postgres", superuser))
	if err != nil {
		return Database{}, fmt.Errorf("connect: %w", err)
	}
	defer closeConn(ctx, conn)
	if _, err := conn.Exec(ctx, `create database `+pgx.Identifier{name}.Sanitize()+` owner `+ownerRole); err != nil {
		return Database{}, fmt.Errorf("make the database %q: %w", name, err)
	}
	return p.database(name), nil
}

func closeConn(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectBound)
	defer cancel()
	_ = conn.Close(ctx) // nothing is lost with it
}

// childEnv is the little that the children need: nothing of the user's
// settings for PostgreSQL or Python may reach them.
func childEnv() []string {
	env := []string{
		"PATH=/usr/local/bin:/usr/bin:/bin",
		"LC_ALL=C",
		"TZ=UTC",
		// Waiting threads must sleep: spinning ones take the processors from
		// everyone else, and a first question 1.8 s instead of .03.
		"OMP_WAIT_POLICY=passive",
		"OMP_NUM_THREADS=" + strconv.Itoa(min(runtime.GOMAXPROCS(0), 8)),
	}
	for _, name := range []string{"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}
