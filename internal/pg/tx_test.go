package pg_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/pg/pgtest"
)

const insertCustomer = `INSERT INTO customers (workspace_id, customer_id, display_name, create_time) VALUES ($1, $2, 'Kari', now())`

func customers(t *testing.T, s *pgtest.Schema) int {
	t.Helper()
	var n int
	if err := s.Owner.QueryRow(t.Context(), `SELECT count(*) FROM customers`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func throughProxy(t *testing.T, s *pgtest.Schema) (*pgtest.Proxy, *pg.DB) {
	t.Helper()
	proxy := pgtest.NewProxy(t, s.ServerURL)
	db, err := pg.Open(t.Context(), proxy.URL, pg.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return proxy, db
}

func TestTx(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	w := s.Workspace(t)
	add := func(tx *pg.Tx) error {
		_, err := tx.Exec(t.Context(), insertCustomer, w, uuid.New())
		return err
	}
	failed := errors.New("failed")
	t.Run("commits", func(t *testing.T) {
		if err := s.DB.Tx(t.Context(), w, add); err != nil || customers(t, s) != 1 {
			t.Errorf("%v, %d customers", err, customers(t, s))
		}
	})
	t.Run("rolls back", func(t *testing.T) {
		err := s.DB.Tx(t.Context(), w, func(tx *pg.Tx) error {
			return errors.Join(add(tx), failed)
		})
		if !errors.Is(err, failed) || customers(t, s) != 1 {
			t.Errorf("%v, %d customers", err, customers(t, s))
		}
	})
	t.Run("is joined by what is handed it", func(t *testing.T) {
		err := s.DB.Tx(t.Context(), w, func(tx *pg.Tx) error {
			inner := tx.Tx(t.Context(), w, add)
			var seen int
			reading := tx.Batch(t.Context(), w, func(b *pgx.Batch) { b.Queue(`SELECT count(*) FROM customers`) },
				func(r pgx.BatchResults) error { return r.QueryRow().Scan(&seen) })
			if seen != 2 {
				t.Errorf("a batch within sees %d customers", seen)
			}
			return errors.Join(inner, reading, failed)
		})
		if !errors.Is(err, failed) || customers(t, s) != 1 {
			t.Errorf("%v, %d customers; want the inner one undone with the outer", err, customers(t, s))
		}
	})
	t.Run("stays in its workspace", func(t *testing.T) {
		other := s.Workspace(t)
		err := s.DB.Tx(t.Context(), w, func(tx *pg.Tx) error {
			nothing := func(*pgx.Batch) {}
			if tx.Batch(t.Context(), other, nothing, func(pgx.BatchResults) error { return nil }) == nil ||
				tx.WriteBatch(t.Context(), other, nothing, func(pgx.BatchResults) error { return nil }) == nil {
				t.Error("a batch reached another workspace")
			}
			return tx.Tx(t.Context(), other, func(_ *pg.Tx) error { return nil })
		})
		if err == nil || !strings.Contains(err.Error(), "another") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("says when it could not commit", func(t *testing.T) {
		err := s.DB.Tx(t.Context(), w, func(tx *pg.Tx) error {
			_, _ = tx.Exec(t.Context(), `SELECT 1 / 0`)
			return nil
		})
		var unknown *pg.UnknownOutcomeError
		if err == nil || errors.As(err, &unknown) {
			t.Errorf("got %v, want that it was rolled back", err)
		}
	})
	t.Run("gives its connection back", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		err := s.DB.Tx(ctx, w, func(_ *pg.Tx) error { cancel(); return failed })
		if !errors.Is(err, failed) {
			t.Error(err)
		}
		if n := s.DB.Pool().Stat().AcquiredConns(); n != 0 {
			t.Errorf("%d connections are still out", n)
		}
	})
}

// TestLostCommit cuts the connection around COMMIT: either way the caller can
// only know that it does not know.
func TestLostCommit(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	w := s.Workspace(t)
	for name, c := range map[string]struct {
		cut   func(p *pgtest.Proxy)
		added int
	}{
		"before the server read it": {func(p *pgtest.Proxy) { p.CutBefore("commit\x00") }, 0},
		"after the server did it":   {func(p *pgtest.Proxy) { p.CutAfter("commit\x00") }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			proxy, db := throughProxy(t, s)
			before := customers(t, s)
			err := db.Tx(t.Context(), w, func(tx *pg.Tx) error {
				_, err := tx.Exec(t.Context(), insertCustomer, w, uuid.New())
				c.cut(proxy)
				return err
			})
			var unknown *pg.UnknownOutcomeError
			if !errors.As(err, &unknown) {
				t.Fatalf("got %v (%T), want *UnknownOutcomeError", err, err)
			}
			if added := customers(t, s) - before; added != c.added {
				t.Fatalf("%d rows were added, want %d for this test to mean anything", added, c.added)
			}
			if err := db.Ping(t.Context()); err != nil {
				t.Errorf("the pool did not recover: %v", err)
			}
		})
	}
}

func TestServerEndsWhileInATransaction(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	w := s.Workspace(t)
	admin := superuser(t, s)
	end := func(tx *pg.Tx) {
		var pid int
		if err := tx.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			t.Fatal(err)
		}
		var gone bool
		if err := admin.QueryRow(t.Context(), `SELECT pg_terminate_backend($1, 5000)`, pid).Scan(&gone); err != nil || !gone {
			t.Fatalf("%v, %v", gone, err)
		}
	}
	t.Run("before a statement", func(t *testing.T) {
		err := s.DB.Tx(t.Context(), w, func(tx *pg.Tx) error {
			end(tx)
			_, err := tx.Exec(t.Context(), insertCustomer, w, uuid.New())
			return err
		})
		var unavailable *pg.UnavailableError
		if !errors.As(err, &unavailable) {
			t.Errorf("got %v (%T), want *UnavailableError", err, err)
		}
	})
	t.Run("before COMMIT", func(t *testing.T) {
		err := s.DB.Tx(t.Context(), w, func(tx *pg.Tx) error {
			end(tx)
			return nil
		})
		var unknown *pg.UnknownOutcomeError
		if !errors.As(err, &unknown) {
			t.Errorf("got %v (%T), want *UnknownOutcomeError", err, err)
		}
	})
}

// What is for reading writes nothing, whatever is sent.
func TestBatchReadsOnly(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	w := s.Workspace(t)
	queue := func(b *pgx.Batch) { b.Queue(insertCustomer, w, uuid.New()) }
	read := func(r pgx.BatchResults) error { _, err := r.Exec(); return err }
	if err := s.DB.Batch(t.Context(), w, queue, read); err == nil || customers(t, s) != 0 {
		t.Errorf("%v, %d customers", err, customers(t, s))
	}
	if err := s.DB.WriteBatch(t.Context(), w, queue, read); err != nil || customers(t, s) != 1 {
		t.Errorf("a write after it: %v, %d customers", err, customers(t, s))
	}
}

func TestLostBatch(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	w := s.Workspace(t)
	proxy, db := throughProxy(t, s)
	write := func(name string) error {
		return db.WriteBatch(t.Context(), w, func(b *pgx.Batch) {
			b.Queue(`INSERT INTO customers (workspace_id, customer_id, display_name, create_time) VALUES ($1, $2, $3, now())`, w, uuid.New(), name)
		}, func(r pgx.BatchResults) error { _, err := r.Exec(); return err })
	}
	if err := write("warm"); err != nil {
		t.Fatal(err)
	}
	proxy.CutAfter("lost in writing")
	var unknown *pg.UnknownOutcomeError
	if err := write("lost in writing"); !errors.As(err, &unknown) {
		t.Errorf("a write: got %v (%T), want *UnknownOutcomeError", err, err)
	}
	if n := customers(t, s); n != 2 {
		t.Errorf("%d customers; want the write to have happened", n)
	}
	read := func(what string) error {
		return db.Batch(t.Context(), w, func(b *pgx.Batch) { b.Queue(`SELECT $1::text`, what) },
			func(r pgx.BatchResults) error { return r.QueryRow().Scan(&what) })
	}
	if err := read("warm"); err != nil {
		t.Fatal(err)
	}
	proxy.CutAfter("lost in reading")
	var unavailable *pg.UnavailableError
	if err := read("lost in reading"); !errors.As(err, &unavailable) || errors.As(err, &unknown) {
		t.Errorf("a read: got %v (%T), want *UnavailableError", err, err)
	}
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	w := s.Workspace(t)
	proxy, db := throughProxy(t, s)
	batch := func() error {
		var n int
		return db.Batch(t.Context(), w, func(b *pgx.Batch) { b.Queue(`SELECT count(*) FROM customers WHERE customer_id = $1`, uuid.Nil) },
			func(r pgx.BatchResults) error { return r.QueryRow().Scan(&n) })
	}
	tx := func() error { return db.Tx(t.Context(), w, func(_ *pg.Tx) error { return nil }) }
	for name, c := range map[string]struct {
		do   func() error
		want int
	}{"a batch": {batch, 1}, "an empty transaction": {tx, 2}} {
		for range 2 { // the first prepares its statements
			proxy.RoundTrips()
			if err := c.do(); err != nil {
				t.Fatal(err)
			}
		}
		if got := proxy.RoundTrips(); got != c.want {
			t.Errorf("%s takes %d round trips, want %d", name, got, c.want)
		}
	}
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	w := s.Workspace(t)
	run := func(statement string, args ...any) error {
		return s.DB.Tx(t.Context(), w, func(tx *pg.Tx) error {
			_, err := tx.Exec(t.Context(), statement, args...)
			return err
		})
	}
	id := uuid.New()
	if err := run(insertCustomer, w, id); err != nil {
		t.Fatal(err)
	}
	insertTicket := `INSERT INTO tickets (workspace_id, ticket_id, external_id, subject, channel, status, customer_id, facts, contact_reason, labels, locale, create_time, update_time)
		VALUES ($1, $2, 'T', '', 'EMAIL', $3, $4, '{}', '', '{}', '', now(), now())`
	for name, c := range map[string]struct {
		err    error
		name   string
		unique bool
	}{
		"duplicate key":     {run(insertCustomer, w, id), "customers_pkey", true},
		"missing reference": {run(insertTicket, w, uuid.New(), "OPEN", uuid.New()), "tickets_workspace_id_customer_id_fkey", false},
		"failed check":      {run(insertTicket, w, uuid.New(), "LOST", nil), "tickets_status_check", false},
	} {
		var refused *pg.ConstraintError
		if !errors.As(c.err, &refused) || refused.Name != c.name || refused.Unique != c.unique {
			t.Errorf("%s: got %v, want *ConstraintError of %s", name, c.err, c.name)
		}
	}
	wantConfigError(t, run(`SELECT * FROM no_such_table`), `run "purser migrate"`)
	wantConfigError(t, run(`DELETE FROM tickets`), "lacks a privilege")
	if err := pg.Translate(nil); err != nil {
		t.Error(err)
	}
	if err := pg.Translate(pgx.ErrNoRows); !errors.Is(err, pg.ErrNoRows) {
		t.Error(err)
	}
	once := run(insertCustomer, w, id)
	if twice := pg.Translate(once); twice != once { //nolint:errorlint // the very same error is what is asked
		t.Errorf("translating twice: %v", twice)
	}
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	w := s.Workspace(t)
	db, err := pg.Open(t.Context(), s.ServerURL, pg.Options{MaxConns: 1, StatementTimeout: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	sleep := func(ctx context.Context, db *pg.DB) error {
		return db.Tx(ctx, w, func(tx *pg.Tx) error {
			_, err := tx.Exec(ctx, `SELECT pg_sleep(5)`)
			return err
		})
	}
	if err := sleep(t.Context(), db); !errors.Is(err, pg.ErrTimeout) {
		t.Errorf("the statement's limit: got %v, want ErrTimeout", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := sleep(ctx, s.DB); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, pg.ErrTimeout) {
		t.Errorf("the caller's deadline: got %v, want DeadlineExceeded", err)
	}
}

// Two transactions that lock the same two rows in turn can't both go on.
func TestConflict(t *testing.T) {
	t.Parallel()
	s := pgtest.New(t)
	a, b := s.Workspace(t), s.Workspace(t)
	var held, done sync.WaitGroup
	held.Add(2)
	errs := make([]error, 2)
	for i, order := range [][2]string{{a, b}, {b, a}} {
		done.Go(func() {
			errs[i] = pg.Translate(pgx.BeginFunc(t.Context(), s.Owner, func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE workspaces SET name = name WHERE workspace_id = $1`, order[0])
				held.Done()
				held.Wait()
				if err == nil {
					_, err = tx.Exec(t.Context(), `UPDATE workspaces SET name = name WHERE workspace_id = $1`, order[1])
				}
				return err
			}))
		})
	}
	done.Wait()
	if errs[0] == nil {
		errs[0], errs[1] = errs[1], errs[0]
	}
	if !errors.Is(errs[0], pg.ErrConflict) || errs[1] != nil {
		t.Errorf("got %v and %v, want one conflict", errs[0], errs[1])
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	s := pgtest.NewEmpty(t)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "postgres://u@" + l.Addr().String() + "/d?sslmode=disable"
	_ = l.Close()
	_, err = pg.Open(t.Context(), closed, pg.Options{})
	var unavailable *pg.UnavailableError
	if !errors.As(err, &unavailable) {
		t.Errorf("nobody listens: got %v (%T), want *UnavailableError", err, err)
	}
	_, err = pg.Open(t.Context(), "no url", pg.Options{})
	wantConfigError(t, err, "expected postgres://")
	_, err = pg.Open(t.Context(), strings.Replace(s.ServerURL, pgtest.ServerRole, "purser_test_nobody", 1), pg.Options{})
	wantConfigError(t, err, "refuses this user or password")
	_, err = pg.Open(t.Context(), strings.Replace(s.ServerURL, "search_path", "dbname=no_such_database&search_path", 1), pg.Options{})
	wantConfigError(t, err, "this database does not exist")
}
