package postgres

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/api"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
)

// RequestLifetime is how long an answer is kept for its request id.
const RequestLifetime = 7 * 24 * time.Hour

// Requests implements api.RequestStore.
type Requests struct {
	db     *pg.DB
	stores func(tx *pg.Tx) api.Stores
}

// NewRequests keeps request ids in db, by whose clock they grow old. stores are
// what mutations write to within a transaction.
func NewRequests(db *pg.DB, stores func(tx *pg.Tx) api.Stores) *Requests {
	return &Requests{db: db, stores: stores}
}

// Once runs do in a transaction that also stores its answer.
func (s *Requests) Once(ctx context.Context, w suggest.Workspace, k api.RequestKey, do func(in api.Stores) ([]byte, error)) ([]byte, error) {
	var answer []byte
	err := s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		stored, found, err := s.claim(ctx, tx, w, k)
		if err != nil || found {
			answer = stored
			return err
		}
		if answer, err = do(s.stores(tx)); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE requests SET response = $5
			WHERE workspace_id = $1 AND key_id = $2 AND method = $3 AND request_id = $4`,
			string(w), k.KeyID, k.Method, k.RequestID, answer)
		return pg.Translate(err)
	})
	var unknown *pg.UnknownOutcomeError
	if errors.As(err, &unknown) {
		return s.readBack(ctx, w, k, err)
	}
	return answer, err
}

// claim inserts the request, waiting for another call that is inserting the
// same one; found is true when an answer is there already.
func (s *Requests) claim(ctx context.Context, tx pgx.Tx, w suggest.Workspace, k api.RequestKey) (answer []byte, found bool, err error) {
	tag, err := tx.Exec(ctx, `INSERT INTO requests AS r (workspace_id, key_id, method, request_id, payload_hash, create_time)
		VALUES ($1, $2, $3, $4, $5, now())
		ON CONFLICT (workspace_id, key_id, method, request_id)
		DO UPDATE SET payload_hash = excluded.payload_hash, create_time = excluded.create_time, response = NULL
		WHERE r.create_time < now() - $6::interval`,
		string(w), k.KeyID, k.Method, k.RequestID, k.PayloadHash, RequestLifetime)
	if err != nil {
		return nil, false, pg.Translate(err)
	}
	if tag.RowsAffected() == 1 {
		return nil, false, nil
	}
	answer, err = stored(tx.QueryRow(ctx, selectRequest, string(w), k.KeyID, k.Method, k.RequestID), k)
	return answer, err == nil, err
}

const selectRequest = `SELECT payload_hash, response FROM requests
	WHERE workspace_id = $1 AND key_id = $2 AND method = $3 AND request_id = $4`

func stored(row pgx.Row, k api.RequestKey) ([]byte, error) {
	var hash, answer []byte
	if err := row.Scan(&hash, &answer); err != nil {
		return nil, pg.Translate(err)
	}
	if !bytes.Equal(hash, k.PayloadHash) {
		return nil, suggest.ErrRequestReused
	}
	return answer, nil
}

// readBack looks whether a COMMIT whose answer was lost took place: the row is
// there exactly if it did.
func (s *Requests) readBack(ctx context.Context, w suggest.Workspace, k api.RequestKey, lost error) ([]byte, error) {
	var answer []byte
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(selectRequest, string(w), k.KeyID, k.Method, k.RequestID)
	}, func(r pgx.BatchResults) error {
		var err error
		answer, err = stored(r.QueryRow(), k)
		return err
	})
	if err != nil {
		return nil, errors.Join(&pg.UnavailableError{Err: lost}, err)
	}
	return answer, nil
}

// Forget drops request ids that are older than their lifetime, of every
// workspace, and returns how many.
func (s *Requests) Forget(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.Pool().QueryRow(ctx, `SELECT purser_forget_requests(now() - $1::interval)`, RequestLifetime).Scan(&n)
	return n, pg.Translate(err)
}
