package pg

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

const versionTable = "purser_migrations"

// Migration is one step that was taken.
type Migration struct {
	Name string
}

// Migrate brings the database at url, which must be its owner's, to this
// binary's schema and gives serverRole the privileges that serving needs, no
// more. It may be run again at any time. The vector extension must be there.
func Migrate(ctx context.Context, url, serverRole string) ([]Migration, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, &ConfigError{Setting: "owner's database URL", Err: errors.New("it is not a PostgreSQL URL; expected postgres://USER:PASSWORD@HOST:PORT/DATABASE")}
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, Translate(err)
	}
	defer pool.Close()
	for _, require := range []func(context.Context, *pgxpool.Pool) error{requireExtension, requireOwner} {
		if err := require(ctx, pool); err != nil {
			return nil, err
		}
	}
	if err := requireRole(ctx, pool, serverRole); err != nil {
		return nil, err
	}
	unlock, err := lockMigrations(ctx, pool)
	if err != nil {
		return nil, Translate(err)
	}
	defer unlock()
	steps, err := migrateTables(ctx, pool)
	if err != nil {
		return steps, err
	}
	if err := migrateJobs(ctx, pool); err != nil {
		return steps, err
	}
	return steps, grant(ctx, pool, serverRole)
}

func requireExtension(ctx context.Context, pool *pgxpool.Pool) error {
	var there bool
	if err := pool.QueryRow(ctx, `SELECT to_regtype('halfvec') IS NOT NULL`).Scan(&there); err != nil {
		return Translate(err)
	}
	if !there {
		return errNoExtension
	}
	return nil
}

// requireOwner refuses a role whose grants would do nothing and whose tables
// nobody else could change.
func requireOwner(ctx context.Context, pool *pgxpool.Pool) error {
	var role string
	var may bool
	err := pool.QueryRow(ctx, `
		SELECT current_user, has_schema_privilege(current_schema()::text, 'CREATE') AND NOT EXISTS (
			SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = $1
				AND NOT pg_has_role(current_user, relowner, 'MEMBER'))`, versionTable).Scan(&role, &may)
	if err != nil {
		return Translate(err)
	}
	if !may {
		return &ConfigError{Setting: "owner's database URL", Err: fmt.Errorf("the role %s may not change the tables; name the role that owns them, or owns the database", role)}
	}
	return nil
}

// lockMigrations lets one process at a time migrate a schema.
func lockMigrations(ctx context.Context, pool *pgxpool.Pool) (unlock func(), err error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtextextended('purser migrate ' || current_schema(), 0))`); err != nil {
		conn.Release()
		return nil, err
	}
	return func() {
		// The lock ends with its session at the latest.
		_ = conn.Conn().Close(context.WithoutCancel(ctx))
		conn.Release()
	}, nil
}

func requireRole(ctx context.Context, pool *pgxpool.Pool, role string) error {
	var there bool
	if err := pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, role).Scan(&there); err != nil {
		return Translate(err)
	}
	if !there {
		return &ConfigError{Setting: "server role", Err: fmt.Errorf("the role %s does not exist; create it with: CREATE ROLE %s LOGIN PASSWORD '…'", role, pgx.Identifier{role}.Sanitize())}
	}
	return nil
}

func provider(pool *pgxpool.Pool) (*goose.Provider, func(), error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, err
	}
	db := stdlib.OpenDBFromPool(pool)
	store, err := database.NewStore(database.DialectPostgres, versionTable)
	if err != nil {
		return nil, nil, err
	}
	p, err := goose.NewProvider("", db, files, goose.WithStore(store), goose.WithDisableGlobalRegistry(true))
	return p, func() { _ = db.Close() }, err
}

func migrateTables(ctx context.Context, pool *pgxpool.Pool) ([]Migration, error) {
	p, done, err := provider(pool)
	if err != nil {
		return nil, err
	}
	defer done()
	have, want, err := versions(ctx, p)
	if err != nil {
		return nil, err
	}
	if have > want {
		return nil, newerSchema(have, want)
	}
	results, err := p.Up(ctx)
	var steps []Migration
	for _, r := range results {
		steps = append(steps, Migration{Name: r.Source.Path})
	}
	if err != nil {
		return steps, fmt.Errorf("migrate the database: %w", err)
	}
	return steps, nil
}

func versions(ctx context.Context, p *goose.Provider) (have, want int64, err error) {
	for _, s := range p.ListSources() {
		want = max(want, s.Version)
	}
	have, err = p.GetDBVersion(ctx)
	return have, want, Translate(err)
}

func newerSchema(have, want int64) error {
	return &ConfigError{Setting: "database", Err: fmt.Errorf("its schema (version %d) is newer than this binary (version %d); run the newer purser", have, want)}
}

// SchemaHash tells apart what different versions of Migrate make: SHA-256 over all
// that it runs and grants.
func SchemaHash() (string, error) {
	all := sha256.New()
	err := fs.WalkDir(migrations, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := migrations.ReadFile(path)
		_, _ = all.Write(raw) // a hash never fails
		return err
	})
	if err != nil {
		return "", err
	}
	jobs, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprint(all, jobs.AllVersions(), privileges, functions)
	return hex.EncodeToString(all.Sum(nil)), err
}

func migrateJobs(ctx context.Context, pool *pgxpool.Pool) error {
	m, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return err
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	return nil
}
