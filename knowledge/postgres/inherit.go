package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
)

const (
	inheritSpaceSQL = `
	INSERT INTO spaces (workspace_id, space_id, name, dimensions, active, create_time)
	SELECT $1, space_id, name, dimensions, active, now() FROM spaces WHERE workspace_id = $2 AND name = $3`

	inheritVectorsSQL = `
	INSERT INTO vector_cache (workspace_id, space_id, text_hash, vector, create_time)
	SELECT $1, c.space_id, c.text_hash, c.vector, c.create_time
	FROM vector_cache c JOIN spaces s USING (workspace_id, space_id)
	WHERE c.workspace_id = $2 AND s.name = $3`

	elderSQL = `
	SELECT w.workspace_id::text FROM workspaces w JOIN spaces s USING (workspace_id)
	WHERE w.workspace_id <> $1 AND w.name = $2 || ' ' || w.workspace_id AND s.name = $3
	ORDER BY w.create_time DESC, w.workspace_id LIMIT 1`

	bareSQL = `SELECT NOT EXISTS (SELECT FROM spaces WHERE workspace_id = $1)`
)

// Inherit gives a workspace that has no space yet the vectors of the newest one
// of its family, as the tables' owner, so that what the two have in common is not
// embedded again. A family are the workspaces whose name is the family's, a blank
// and their own id. It is for workspaces that evaluation makes for itself: those
// of customers never share vectors.
func Inherit(ctx context.Context, ownerURL string, w knowledge.Workspace, family string, space knowledge.Space) error {
	pool, err := pgxpool.New(ctx, ownerURL)
	if err != nil {
		return pg.Translate(err)
	}
	defer pool.Close()
	return pg.Translate(pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var bare bool
		if err := tx.QueryRow(ctx, bareSQL, string(w)).Scan(&bare); err != nil || !bare {
			return err
		}
		rows, err := tx.Query(ctx, elderSQL, string(w), family, space.Name)
		if err != nil {
			return err
		}
		elders, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(elders) == 0 {
			return err
		}
		for _, sql := range []string{inheritSpaceSQL, inheritVectorsSQL} {
			if _, err := tx.Exec(ctx, sql, string(w), elders[0], space.Name); err != nil {
				return err
			}
		}
		return nil
	}))
}
