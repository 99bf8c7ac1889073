package postgres

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
)

// Notifier is told that a workspace's knowledge changed, inside the transaction
// that changed it.
type Notifier interface {
	// Changed is called before the commit, with the transaction. Its error rolls
	// everything back.
	Changed(ctx context.Context, tx pgx.Tx, w knowledge.Workspace) error
}

// Store implements the storage that package knowledge asks for. It is safe for
// concurrent use.
type Store struct {
	db                         pg.Conn
	pool                       *pgxpool.Pool // for what sees no workspace
	notifier                   Notifier
	searchSQL, searchHidingSQL string
}

// New makes a Store. notifier may be nil.
func New(db *pg.DB, notifier Notifier) *Store {
	return &Store{
		db: db, pool: db.Pool(), notifier: notifier, searchHidingSQL: numbered(searchNamed, searchParameters),
		searchSQL: numbered(hidingNothing(searchNamed), strings.Replace(searchParameters, " hidden ", " ", 1)),
	}
}

// In is the store within a transaction that is open.
func (s *Store) In(tx *pg.Tx) *Store {
	in := *s
	in.db = tx
	return &in
}

// orZero reads a bound whose infinity was turned into NULL.
func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func hash32(b []byte) (h [32]byte) {
	copy(h[:], b)
	return h
}

// single reads the one row of a statement.
func single(err error, notFound error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return notFound
	}
	return err
}
