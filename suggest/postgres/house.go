package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/house"
)

var _ house.Store = (*Store)(nil)

// Settings implements house.Store: one round trip.
func (s *Store) Settings(ctx context.Context, w suggest.Workspace, revision int64) (house.Settings, error) {
	var found house.Settings
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(`SELECT revision, document, actor, create_time FROM workspace_settings
			WHERE workspace_id = $1 AND ($2::bigint = 0 OR revision = $2) ORDER BY revision DESC LIMIT 1`, string(w), revision)
	}, func(r pgx.BatchResults) (err error) {
		found, err = scanSettings(r.QueryRow())
		return err
	})
	switch {
	case !errors.Is(err, pg.ErrNoRows):
		return found, err
	case revision == 0:
		return house.Settings{}, nil
	}
	return house.Settings{}, house.ErrNoRevision
}

func scanSettings(row pgx.Row) (house.Settings, error) {
	var revision int64
	var document, actor []byte
	var created time.Time
	if err := row.Scan(&revision, &document, &actor, &created); err != nil {
		return house.Settings{}, err
	}
	var s house.Settings
	if err := decode(document, &s); err != nil {
		return s, err
	}
	var err error
	s.Revision, s.UpdateTime = revision, created.UTC()
	s.Updater, err = decodeActor(actor)
	return s, err
}

// PutSettings implements house.Store. The workspace's settings are locked, so that
// of two changes on top of one revision the second fails.
func (s *Store) PutSettings(ctx context.Context, w suggest.Workspace, changed house.Settings) (house.Settings, error) {
	document, err := encode(changed)
	if err != nil {
		return house.Settings{}, err
	}
	actor, err := encodeActor(changed.Updater)
	if err != nil {
		return house.Settings{}, err
	}
	var stored house.Settings
	err = s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('workspace_settings ' || $1, 0))`, string(w)); err != nil {
			return err
		}
		row := tx.QueryRow(ctx, `
			INSERT INTO workspace_settings (workspace_id, revision, document, actor)
			SELECT $1::uuid, $2::bigint + 1, $3::jsonb, $4::jsonb
			WHERE $2 = (SELECT coalesce(max(revision), 0) FROM workspace_settings w WHERE w.workspace_id = $1)
			RETURNING revision, document, actor, create_time`, string(w), changed.Revision, document, actor)
		stored, err = scanSettings(row)
		if errors.Is(err, pgx.ErrNoRows) {
			return house.ErrChanged
		}
		return err
	})
	return stored, err
}
