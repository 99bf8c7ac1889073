package pg

import (
	"context"
	"errors"
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

// setReading is setWorkspace for a transaction that the database lets write
// nothing.
const setReading = `SELECT set_config('purser.workspace', $1, true), set_config('transaction_read_only', 'on', true)`

// Options of a pool. The zero value is good.
type Options struct {
	// MaxConns is the most connections kept; 0 means four for each core.
	MaxConns int
	// StatementTimeout bounds each statement; 0 means 30 seconds.
	StatementTimeout time.Duration
	// ApplicationName is what the server's views show; empty means "purser".
	ApplicationName string
	// ReadOnly makes the database refuse every statement that would write.
	ReadOnly bool
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
		config.MaxConns = int32(min(o.MaxConns, 10_000))
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
	if o.ReadOnly {
		params["default_transaction_read_only"] = "on"
	}
	params["timezone"] = "UTC"
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	config.MaxConnLifetimeJitter = 5 * time.Minute
	config.AfterConnect = registerVectors
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

// registerVectors makes halfvec known to a connection.
func registerVectors(ctx context.Context, conn *pgx.Conn) error {
	var there bool
	if err := conn.QueryRow(ctx, `SELECT to_regtype('halfvec') IS NOT NULL`).Scan(&there); err != nil {
		return err
	}
	if !there {
		return errNoExtension
	}
	return pgvector.RegisterTypes(ctx, conn)
}

// Close waits for connections in use and closes all.
func (d *DB) Close() { d.pool.Close() }

// Pool is for libraries that bring statements of their own, such as the job
// queue. Statements on tenant tables go through Tx or Batch.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Ping checks that a connection can be had and answers.
func (d *DB) Ping(ctx context.Context) error { return Translate(d.pool.Ping(ctx)) }

// Conn runs statements inside workspaces: a DB, or a Tx that is open, so that a
// store on a Tx takes part in it.
type Conn interface {
	Tx(ctx context.Context, workspace string, fn func(tx *Tx) error) error
	Batch(ctx context.Context, workspace string, queue func(b *pgx.Batch), read func(r pgx.BatchResults) error) error
	WriteBatch(ctx context.Context, workspace string, queue func(b *pgx.Batch), read func(r pgx.BatchResults) error) error
}

// Tx runs fn in a transaction that sees the workspace alone, and commits when
// fn returns nil. What is to take part in it is handed the Tx.
//
// Errors of fn come back through Translate. A transaction is never held across
// a call to a model. A COMMIT whose answer was lost is an
// *UnknownOutcomeError: read the row back.
func (d *DB) Tx(ctx context.Context, workspace string, fn func(tx *Tx) error) error {
	tx, err := d.begin(ctx, workspace)
	if err != nil {
		return Translate(err)
	}
	defer func() {
		// After a commit this does nothing; the context may be gone by now.
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = tx.Rollback(cleanup)
	}()
	if err := fn(&Tx{transaction: tx, workspace: workspace}); err != nil {
		return Translate(err)
	}
	if err := tx.Commit(ctx); err != nil {
		return commitError(err)
	}
	return nil
}

// begin opens a transaction and sets its workspace in one round trip.
func (d *DB) begin(ctx context.Context, workspace string) (pgx.Tx, error) {
	batch := &pgx.Batch{}
	batch.BeginTx(pgx.TxOptions{})
	batch.Queue(setWorkspace, workspace)
	results := d.pool.SendBatch(ctx, batch)
	tx := results.Tx()
	err := results.Close()
	if err != nil && tx != nil {
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = tx.Rollback(cleanup)
	}
	return tx, err
}

// commitError tells a refused COMMIT, after which nothing happened, from one
// whose answer never came. A server that shuts down may have committed before
// it says so.
func commitError(err error) error {
	var refused *pgconn.PgError
	if errors.Is(err, pgx.ErrTxCommitRollback) || errors.As(err, &refused) && !goesAway(refused.Code) {
		return Translate(err)
	}
	return &UnknownOutcomeError{Err: err}
}

// Batch sends the queued statements in one round trip and one implicit
// transaction that sees the workspace alone, after setting it. read is called
// with the results, positioned at the caller's first statement. When it
// returns an error before it has read all of them, that does not undo what the
// statements did.
//
// Batch is for reading: the database refuses what writes, which goes through
// WriteBatch.
func (d *DB) Batch(ctx context.Context, workspace string, queue func(b *pgx.Batch), read func(r pgx.BatchResults) error) error {
	_, err := d.batch(ctx, setReading, workspace, queue, read)
	return Translate(err)
}

// WriteBatch is Batch for statements that write: where the connection was lost
// before the end, they may or may not be done, and the error is an
// *UnknownOutcomeError.
func (d *DB) WriteBatch(ctx context.Context, workspace string, queue func(b *pgx.Batch), read func(r pgx.BatchResults) error) error {
	sent, err := d.batch(ctx, setWorkspace, workspace, queue, read)
	translated := Translate(err)
	var lost *UnavailableError
	if sent && errors.As(translated, &lost) {
		return &UnknownOutcomeError{Err: err}
	}
	return translated
}

// batch reports whether the statements may have reached the server.
func (d *DB) batch(ctx context.Context, set, workspace string, queue func(b *pgx.Batch), read func(r pgx.BatchResults) error) (sent bool, err error) {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	batch := &pgx.Batch{}
	batch.Queue(set, workspace)
	queue(batch)
	return true, results(conn.SendBatch(ctx, batch), func(r pgx.BatchResults) error {
		if _, err := r.Exec(); err != nil {
			return err
		}
		return read(r)
	})
}

// results reads and closes.
func results(r pgx.BatchResults, read func(r pgx.BatchResults) error) error {
	err := read(r)
	if closing := r.Close(); err == nil {
		err = closing
	}
	return err
}
