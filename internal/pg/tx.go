package pg

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// Tx is an open transaction that sees one workspace alone. Whoever began it
// commits; what joins it through Tx, Batch or WriteBatch is done or undone with
// it.
type Tx struct {
	transaction
	workspace string
}

// transaction is pgx.Tx under another name, which leaves Tx to a method.
type transaction = pgx.Tx

var (
	_ Conn = (*DB)(nil)
	_ Conn = (*Tx)(nil)
)

// errOtherWorkspace is a mistake in the code that asks for it.
var errOtherWorkspace = errors.New("a transaction of one workspace can't reach into another")

// Tx runs fn in this same transaction.
func (t *Tx) Tx(_ context.Context, workspace string, fn func(tx *Tx) error) error {
	if workspace != t.workspace {
		return errOtherWorkspace
	}
	return Translate(fn(t))
}

// Batch sends the queued statements in one round trip of this transaction.
func (t *Tx) Batch(ctx context.Context, workspace string, queue func(b *pgx.Batch), read func(r pgx.BatchResults) error) error {
	if workspace != t.workspace {
		return errOtherWorkspace
	}
	batch := &pgx.Batch{}
	queue(batch)
	return Translate(results(t.SendBatch(ctx, batch), read))
}

// WriteBatch is Batch: an open transaction may write.
func (t *Tx) WriteBatch(ctx context.Context, workspace string, queue func(b *pgx.Batch), read func(r pgx.BatchResults) error) error {
	return t.Batch(ctx, workspace, queue, read)
}
