package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
)

// ErrNoWorkspace says that no workspace has the name or id.
var ErrNoWorkspace = errors.New("there is no such workspace")

// WorkspaceName is the name of a workspace, read as the server's role. It fails
// with ErrNoWorkspace.
func WorkspaceName(ctx context.Context, db *pg.DB, w suggest.Workspace) (string, error) {
	var name string
	err := db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(`SELECT name FROM workspaces WHERE workspace_id = $1`, string(w))
	}, func(r pgx.BatchResults) error {
		return r.QueryRow().Scan(&name)
	})
	if errors.Is(err, pg.ErrNoRows) {
		err = ErrNoWorkspace
	}
	return name, err
}

// FindWorkspace finds a workspace by its name or its id, as the tables' owner:
// the server's role sees one workspace, of which it must know the id. It fails
// with ErrNoWorkspace.
func FindWorkspace(ctx context.Context, ownerURL, nameOrID string) (w suggest.Workspace, name string, err error) {
	pool, err := pgxpool.New(ctx, ownerURL)
	if err != nil {
		return "", "", pg.Translate(err)
	}
	defer pool.Close()
	id, err := uuid.Parse(nameOrID)
	if err != nil {
		id = uuid.Nil // no workspace's
	}
	err = pg.Translate(pool.QueryRow(ctx, `SELECT workspace_id::text, name FROM workspaces WHERE name = $1 OR workspace_id = $2
		ORDER BY name = $1 DESC LIMIT 1`, nameOrID, id).Scan(&w, &name))
	if errors.Is(err, pg.ErrNoRows) {
		return "", "", ErrNoWorkspace
	}
	if err != nil {
		return "", "", fmt.Errorf("find the workspace: %w", err)
	}
	return w, name, nil
}
