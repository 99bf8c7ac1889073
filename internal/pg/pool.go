package pg

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	pgvector "github.com/pgvector/pgvector-go/pgx"
)

// setWorkspace makes the workspace visible to the policies until the end of
// the transaction it runs in.
const setWorkspace = `SELECT set_config('purser.workspace', $1, true)`

// Options of a pool. The zero value is good.
type Options struct {
	// MaxConns is the most connections kept; 0 means four for each core.
	MaxConns int
	// StatementTimeout bounds each statement; 0 means 30 seconds.
	StatementTimeout time.Duration
	// ApplicationName is what the server's views show; empty means "purser".
	ApplicationName string
}

// DB runs statements inside workspaces. It is safe for concurrent use.
type DB struct {
	pool *pgxpool.Pool
}

// Open makes a pool of connections to url and checks that one can be had. The
// database must hold the vector extension. Errors are *UnavailableError when
// the database can't be reached.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, &ConfigError{Setting: "database URL", Err: errors.New("it is not a PostgreSQL URL; expected postgres://USER:PASSWORD@HOST:PORT/DATABASE")}
	}
	config.MaxConns = int32(4 * runtime.NumCPU()) //nolint:gosec // a number of cores
	if o.MaxConns > 0 {
		config.MaxConns = int32(min(o.MaxConns, 10_000)) //nolint:gosec // bounded
	}
	if o.StatementTimeout == 0 {
		o.StatementTimeout = 30 * time.Second
	}
	if o.ApplicationName == "" {
		o.ApplicationName = "purser"
	}
	params := config.ConnConfig.RuntimeParams
	params["application_name"] = o.ApplicationName
	params["statement_timeout"] = strconv.FormatInt(o.StatementTimeout.Milliseconds(), 10)
	params["idle_in_transaction_session_timeout"] = "60000"
	params["jit"] = "off"
	params["timezone"] = "UTC"
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	config.MaxConnLifetimeJitter = 5 * time.Minute
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		return pgvector.RegisterTypes(ctx, conn)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, Translate(err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, Translate(err)
	}
	return &DB{pool: pool}, nil
}

// Close waits for connections in use and closes all.
func (d *DB) Close() { d.pool.Close() }

// Pool is for libraries that bring statements of their own, such as the job
// queue. Statements on tenant tables go through Tx or Batch.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Ping checks that a connection can be had and answers.
func (d *DB) Ping(ctx context.Context) error { return Translate(d.pool.Ping(ctx)) }

type txKey struct{}

type heldTx struct {
	workspace string
	tx        pgx.Tx
}

// Tx runs fn in a transaction that sees the workspace alone, and commits when
// fn returns nil. Where the context already carries a transaction of the same
// workspace, fn joins it: whoever began it commits. Pass fn's context on, so
// that stores called within take part.
//
// A transaction is never held across a call to a model. A COMMIT whose answer
// was lost is reported as ErrUnknownOutcome: read the row back.
func (d *DB) Tx(ctx context.Context, workspace string, fn func(ctx context.Context, tx pgx.Tx) error) error {
	if held, ok := ctx.Value(txKey{}).(heldTx); ok {
		if held.workspace != workspace {
			return fmt.Errorf("a transaction of one workspace can't reach into another")
		}
		return fn(ctx, held.tx)
	}
	tx, err := d.pool.Begin(ctx)
	if err != nil {
		return Translate(err)
	}
	defer func() {
		// After a commit this does nothing; the context may be gone by now.
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = tx.Rollback(cleanup)
	}()
	if _, err := tx.Exec(ctx, setWorkspace, workspace); err != nil {
		return Translate(err)
	}
	if err := fn(context.WithValue(ctx, txKey{}, heldTx{workspace, tx}), tx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return commitError(err)
	}
	return nil
}

// commitError tells a refused COMMIT, after which nothing happened, from one
// whose answer never came.
func commitError(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) || errors.Is(err, pgx.ErrTxCommitRollback) {
		return Translate(err)
	}
	return &UnknownOutcomeError{Err: err}
}

// Batch sends the queued statements in one round trip and one implicit
// transaction that sees the workspace alone, after setting it. read is called
// with the results, positioned at the caller's first statement; it must read
// all of them. Where the context carries a transaction, the batch joins it.
func (d *DB) Batch(ctx context.Context, workspace string, queue func(b *pgx.Batch), read func(r pgx.BatchResults) error) error {
	batch := &pgx.Batch{}
	batch.Queue(setWorkspace, workspace)
	queue(batch)
	var results pgx.BatchResults
	if held, ok := ctx.Value(txKey{}).(heldTx); ok {
		if held.workspace != workspace {
			return fmt.Errorf("a transaction of one workspace can't reach into another")
		}
		results = held.tx.SendBatch(ctx, batch)
	} else {
		results = d.pool.SendBatch(ctx, batch)
	}
	_, err := results.Exec()
	if err == nil {
		err = read(results)
	}
	if closing := results.Close(); err == nil {
		err = closing
	}
	return Translate(err)
}
