package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/purser-desk/purser/api"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
)

// Keys implements api.KeyStore.
type Keys struct{ db pg.Conn }

// NewKeys keeps keys in db, or in a transaction that is open.
func NewKeys(db pg.Conn) *Keys { return &Keys{db: db} }

const keyColumns = `k.key_id, k.name, k.role, k.secret_hash, k.creator, k.create_time, k.expire_time, k.revoke_time, k.last_use_time`

func keyTargets(k *api.Key, times *[3]*time.Time) []any {
	return []any{&k.ID, &k.Name, &k.Role, &k.SecretHash, &k.Creator, &k.CreateTime, &times[0], &times[1], &times[2]}
}

func withTimes(k api.Key, times [3]*time.Time) api.Key {
	for i, into := range []*time.Time{&k.ExpireTime, &k.RevokeTime, &k.LastUseTime} {
		if times[i] != nil {
			*into = times[i].UTC()
		}
	}
	k.CreateTime = k.CreateTime.UTC()
	return k
}

// Key returns a key and its workspace's name.
func (s *Keys) Key(ctx context.Context, w suggest.Workspace, id string) (api.Key, string, error) {
	var k api.Key
	var name string
	var times [3]*time.Time
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(`SELECT `+keyColumns+`, w.name FROM api_keys k JOIN workspaces w USING (workspace_id)
			WHERE k.workspace_id = $1 AND k.key_id = $2`, string(w), id)
	}, func(r pgx.BatchResults) error {
		return r.QueryRow().Scan(append(keyTargets(&k, &times), &name)...)
	})
	if errors.Is(err, pg.ErrNoRows) {
		return api.Key{}, "", api.ErrKeyNotFound
	}
	return withTimes(k, times), name, err
}

// Touch notes that a key is in use.
func (s *Keys) Touch(ctx context.Context, w suggest.Workspace, id string, now time.Time) error {
	return s.db.WriteBatch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(`UPDATE api_keys SET last_use_time = $3 WHERE workspace_id = $1 AND key_id = $2`, string(w), id, now)
	}, func(r pgx.BatchResults) error {
		_, err := r.Exec()
		return err
	})
}

// CreateKey stores a new key.
func (s *Keys) CreateKey(ctx context.Context, w suggest.Workspace, k api.Key) error {
	return s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		return insertKey(ctx, tx, w, k)
	})
}

func insertKey(ctx context.Context, tx pgx.Tx, w suggest.Workspace, k api.Key) error {
	_, err := tx.Exec(ctx, `INSERT INTO api_keys (workspace_id, key_id, name, role, secret_hash, creator, create_time, expire_time)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(w), k.ID, k.Name, string(k.Role), k.SecretHash, k.Creator, k.CreateTime, orNil(k.ExpireTime))
	return pg.Translate(err)
}

// Keys lists keys, newest first.
func (s *Keys) Keys(ctx context.Context, w suggest.Workspace, after time.Time, afterID string, limit int) ([]api.Key, error) {
	var keys []api.Key
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(`SELECT `+keyColumns+` FROM api_keys k
			WHERE workspace_id = $1 AND ($3 = '' OR (create_time, key_id) < ($2, nullif($3, '')::uuid))
			ORDER BY create_time DESC, key_id DESC LIMIT $4`, string(w), after, afterID, limit)
	}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		keys, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (api.Key, error) {
			var k api.Key
			var times [3]*time.Time
			err := row.Scan(keyTargets(&k, &times)...)
			return withTimes(k, times), err
		})
		return err
	})
	return keys, err
}

// Revoke ends a key.
func (s *Keys) Revoke(ctx context.Context, w suggest.Workspace, id string, now time.Time) (api.Key, error) {
	var revoked api.Key
	err := s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		// All admin keys are locked, in one order, so that two admins can't revoke
		// each other at once and leave none.
		if _, err := tx.Exec(ctx, `SELECT 1 FROM api_keys WHERE workspace_id = $1 AND (role = 'ADMIN' OR key_id = $2)
			ORDER BY key_id FOR UPDATE`, string(w), id); err != nil {
			return pg.Translate(err)
		}
		var last bool
		var times [3]*time.Time
		err := tx.QueryRow(ctx, `SELECT `+keyColumns+`, k.role = 'ADMIN' AND k.revoke_time IS NULL AND NOT EXISTS (
				SELECT FROM api_keys o WHERE o.workspace_id = $1 AND o.key_id <> $2 AND o.role = 'ADMIN'
				AND o.revoke_time IS NULL AND (o.expire_time IS NULL OR o.expire_time > $3))
			FROM api_keys k WHERE k.workspace_id = $1 AND k.key_id = $2`, string(w), id, now).
			Scan(append(keyTargets(&revoked, &times), &last)...)
		if errors.Is(err, pgx.ErrNoRows) {
			return api.ErrKeyNotFound
		}
		if err != nil {
			return pg.Translate(err)
		}
		if last {
			return api.ErrLastAdminKey
		}
		revoked = withTimes(revoked, times)
		if !revoked.RevokeTime.IsZero() {
			return nil
		}
		revoked.RevokeTime = now
		_, err = tx.Exec(ctx, `UPDATE api_keys SET revoke_time = $3 WHERE workspace_id = $1 AND key_id = $2`, string(w), id, now)
		return pg.Translate(err)
	})
	return revoked, err
}

// ErrWorkspaceExists says that the name is taken.
var ErrWorkspaceExists = errors.New("a workspace of this name exists already; choose another name")

// CreateWorkspace makes a workspace with its first admin key, as the tables'
// owner, and returns the key's secret.
func CreateWorkspace(ctx context.Context, ownerURL, name string, now time.Time) (w suggest.Workspace, secret string, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", "", err
	}
	w = suggest.Workspace(id.String())
	key, secret, err := api.NewKey(w, "first admin key", api.RoleAdmin, nil, time.Time{}, now)
	if err != nil {
		return "", "", err
	}
	pool, err := pgxpool.New(ctx, ownerURL)
	if err != nil {
		return "", "", pg.Translate(err)
	}
	defer pool.Close()
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO workspaces (workspace_id, name, create_time) VALUES ($1, $2, $3)`, string(w), name, now.UTC())
		var constraint *pg.ConstraintError
		if errors.As(pg.Translate(err), &constraint) && constraint.Unique {
			return ErrWorkspaceExists
		}
		if err != nil {
			return err
		}
		return insertKey(ctx, tx, w, key)
	})
	if err != nil {
		return "", "", fmt.Errorf("create a workspace: %w", pg.Translate(err))
	}
	return w, secret, nil
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// EnsureWorkspace makes a workspace of a known id, as the tables' owner, unless
// it is there already. It has no key.
func EnsureWorkspace(ctx context.Context, ownerURL string, w suggest.Workspace, name string, now time.Time) error {
	pool, err := pgxpool.New(ctx, ownerURL)
	if err != nil {
		return pg.Translate(err)
	}
	defer pool.Close()
	_, err = pool.Exec(ctx, `INSERT INTO workspaces (workspace_id, name, create_time) VALUES ($1, $2, $3) ON CONFLICT (workspace_id) DO NOTHING`,
		string(w), name, now.UTC())
	return pg.Translate(err)
}
