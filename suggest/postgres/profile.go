package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
)

var _ confidence.Store = (*Store)(nil)

const profileColumns = `version, profile::text, coalesce(restored, 0), actor, create_time`

func scanProfile(row pgx.CollectableRow) (confidence.Stored, error) {
	var p confidence.Stored
	var raw *string
	var actor []byte
	if err := row.Scan(&p.Version, &raw, &p.Restored, &actor, &p.Time); err != nil {
		return p, err
	}
	if raw != nil {
		p.JSON = []byte(*raw)
	}
	p.Time = p.Time.UTC()
	return p, json.Unmarshal(actor, &p.Actor)
}

// Profile implements confidence.Store: one round trip.
func (s *Store) Profile(ctx context.Context, w suggest.Workspace) (confidence.Stored, error) {
	var p confidence.Stored
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(`SELECT `+profileColumns+` FROM confidence_profiles WHERE workspace_id = $1 ORDER BY version DESC LIMIT 1`, string(w))
	}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		p, err = pgx.CollectExactlyOneRow(rows, scanProfile)
		return err
	})
	if errors.Is(err, pg.ErrNoRows) {
		return p, confidence.ErrNoProfile
	}
	return p, err
}

// Errors of Profiles.
var (
	ErrWorkspaceNotFound = errors.New("there is no such workspace")
	ErrVersionNotFound   = errors.New("the workspace's profile never had this version")
)

// Profiles changes the confidence profiles of workspaces, as the tables' owner:
// the server's role may only read them. It is safe for concurrent use.
type Profiles struct{ pool *pgxpool.Pool }

// OpenProfiles connects as the tables' owner. The caller closes what it returns.
func OpenProfiles(ctx context.Context, ownerURL string) (*Profiles, error) {
	pool, err := pgxpool.New(ctx, ownerURL)
	if err != nil {
		return nil, pg.Translate(err)
	}
	return &Profiles{pool}, nil
}

// Close ends its connections.
func (p *Profiles) Close() { p.pool.Close() }

// Space names the embedding space that a workspace is searched in; empty when it
// has none yet.
func (p *Profiles) Space(ctx context.Context, w suggest.Workspace) (string, error) {
	var name string
	err := pg.Translate(p.pool.QueryRow(ctx, `SELECT name FROM spaces WHERE workspace_id = $1 AND active`, string(w)).Scan(&name))
	if errors.Is(err, pg.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// Versions lists a workspace's versions, the one in force first.
func (p *Profiles) Versions(ctx context.Context, w suggest.Workspace) ([]confidence.Stored, error) {
	rows, err := p.pool.Query(ctx, `SELECT `+profileColumns+` FROM confidence_profiles WHERE workspace_id = $1 ORDER BY version DESC`, string(w))
	if err != nil {
		return nil, pg.Translate(err)
	}
	list, err := pgx.CollectRows(rows, scanProfile)
	return list, pg.Translate(err)
}

// Set puts a profile in force as a new version. Of change it takes JSON, Actor
// and Time; without JSON the workspace goes back to the default profile. It
// fails with ErrWorkspaceNotFound.
func (p *Profiles) Set(ctx context.Context, w suggest.Workspace, change confidence.Stored) (version int, err error) {
	var profile any
	if len(change.JSON) > 0 {
		profile = string(change.JSON)
	}
	return p.add(ctx, w, change, `SELECT $2::json, NULL::int`, profile)
}

// Restore puts what an earlier version held in force again, as a new version. Of
// change it takes Restored, Actor and Time. It fails with ErrVersionNotFound.
func (p *Profiles) Restore(ctx context.Context, w suggest.Workspace, change confidence.Stored) (version int, err error) {
	return p.add(ctx, w, change, `SELECT profile, version FROM confidence_profiles WHERE workspace_id = $1 AND version = $2`, change.Restored)
}

// add inserts the next version with what the query gives. The workspace's row is
// locked, so that two changes at once get two versions.
func (p *Profiles) add(ctx context.Context, w suggest.Workspace, change confidence.Stored, what string, argument any) (version int, err error) {
	actor, err := encodeActor(change.Actor)
	if err != nil {
		return 0, err
	}
	if change.Time.IsZero() {
		change.Time = time.Now()
	}
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		var there int
		err := tx.QueryRow(ctx, `SELECT 1 FROM workspaces WHERE workspace_id = $1 FOR NO KEY UPDATE`, string(w)).Scan(&there)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrWorkspaceNotFound
		}
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO confidence_profiles (workspace_id, version, profile, restored, actor, create_time)
			SELECT $1, 1 + coalesce((SELECT max(version) FROM confidence_profiles WHERE workspace_id = $1), 0), held.profile, held.restored, $3, $4
			FROM (`+what+`) AS held (profile, restored)
			RETURNING version`, string(w), argument, actor, change.Time.UTC()).Scan(&version)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrVersionNotFound
		}
		return err
	})
	if errors.Is(err, ErrWorkspaceNotFound) || errors.Is(err, ErrVersionNotFound) {
		return 0, err
	}
	if err != nil {
		return 0, fmt.Errorf("change the profile: %w", pg.Translate(err))
	}
	return version, nil
}
