package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
)

const (
	staleSQL = `
	SELECT a.article_id::text, a.revision, a.locale, r.title, r.body
	FROM articles a JOIN revisions r USING (workspace_id, article_id, revision)
	WHERE a.index_version < $1 AND a.remove_time IS NULL
	ORDER BY a.article_id LIMIT $2`

	countStaleSQL = `SELECT count(*)::int FROM articles WHERE index_version < $1 AND remove_time IS NULL`

	unembeddedSQL = `
	SELECT h.hash FROM unnest($2::bytea[]) h (hash)
	WHERE NOT EXISTS (SELECT FROM vector_cache c WHERE c.space_id = $1 AND c.text_hash = h.hash)`

	keepVectorsSQL = `
	INSERT INTO vector_cache (workspace_id, space_id, text_hash, vector, create_time)
	SELECT DISTINCT ON (u.hash) purser_workspace(), $1::int, u.hash, u.vector, now()
	FROM unnest($2::bytea[], $3::halfvec[]) u (hash, vector)
	ON CONFLICT (workspace_id, space_id, text_hash) DO NOTHING`

	// What an import has changed meanwhile, or another worker has replaced, is left
	// alone.
	claimStaleSQL = `
	UPDATE articles a SET index_version = $1, passages = u.passages
	FROM unnest($2::uuid[], $3::int[], $4::int[]) u (id, revision, passages)
	WHERE a.article_id = u.id AND a.revision = u.revision AND a.index_version < $1 AND a.remove_time IS NULL
	RETURNING a.article_id::text`
)

// Stale implements knowledge.StaleIndex.
func (s *Store) Stale(ctx context.Context, w knowledge.Workspace, version, n int) ([]knowledge.StaleArticle, error) {
	var list []knowledge.StaleArticle
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) { b.Queue(staleSQL, version, n) }, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[knowledge.StaleArticle])
		return err
	})
	return list, err
}

// CountStale implements knowledge.StaleIndex.
func (s *Store) CountStale(ctx context.Context, w knowledge.Workspace, version int) (n int, err error) {
	err = s.db.Batch(ctx, string(w), func(b *pgx.Batch) { b.Queue(countStaleSQL, version) }, func(r pgx.BatchResults) error {
		return r.QueryRow().Scan(&n)
	})
	return n, err
}

// Unembedded implements knowledge.StaleIndex.
func (s *Store) Unembedded(ctx context.Context, w knowledge.Workspace, space int, hashes [][32]byte) ([][32]byte, error) {
	raw := make([][]byte, len(hashes))
	for i := range hashes {
		raw[i] = hashes[i][:]
	}
	var missing [][32]byte
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) { b.Queue(unembeddedSQL, space, raw) }, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		missing, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) ([32]byte, error) {
			var h []byte
			err := row.Scan(&h)
			return hash32(h), err
		})
		return err
	})
	return missing, err
}

// KeepVectors implements knowledge.StaleIndex.
func (s *Store) KeepVectors(ctx context.Context, w knowledge.Workspace, space int, texts []knowledge.EmbeddedText) error {
	var hashes [][]byte
	var vectors []pgvector.HalfVector
	for i := range texts {
		if t := &texts[i]; t.Vector != nil {
			hashes, vectors = append(hashes, t.Hash[:]), append(vectors, pgvector.NewHalfVector(t.Vector))
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	return s.db.WriteBatch(ctx, string(w), func(b *pgx.Batch) { b.Queue(keepVectorsSQL, space, hashes, vectors) }, readAll(1))
}

// Replace implements knowledge.StaleIndex. The version of the workspace's knowledge
// stays: nothing that a plan looks at has changed.
func (s *Store) Replace(ctx context.Context, w knowledge.Workspace, version int, articles []knowledge.IndexedArticle) error {
	return s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		if _, err := tx.Exec(ctx, lockTotalsSQL); err != nil {
			return pg.Translate(err)
		}
		articles, err := claimStale(ctx, tx, version, articles)
		if err != nil || len(articles) == 0 {
			return err
		}
		rows := newRows(knowledge.Application{Articles: articles})
		rows.stale = rows.ids
		statements := 0
		return tx.Batch(ctx, string(w), func(b *pgx.Batch) {
			queueUnindex(b, rows)
			for _, c := range rows.articles {
				b.Queue(saveTitlesSQL, c.ids, c.lengths, c.titleHashes, c.lexemes)
			}
			queueIndex(b, rows)
			statements = b.Len()
			b.Queue(findVectorsSQL, rows.ids)
		}, func(r pgx.BatchResults) error {
			if err := readAll(statements)(r); err != nil {
				return err
			}
			waiting := 0
			return r.QueryRow().Scan(&waiting)
		})
	})
}

// claimStale marks articles as indexed, and returns those that it is the one to
// replace.
func claimStale(ctx context.Context, tx *pg.Tx, version int, articles []knowledge.IndexedArticle) ([]knowledge.IndexedArticle, error) {
	var ids []string
	var revisions, passages []int
	byID := make(map[string]int, len(articles))
	for i := range articles {
		a := &articles[i]
		byID[a.ArticleID] = i
		ids, revisions, passages = append(ids, a.ArticleID), append(revisions, a.Revision), append(passages, len(a.Passages))
	}
	rows, err := tx.Query(ctx, claimStaleSQL, version, ids, revisions, passages)
	if err != nil {
		return nil, pg.Translate(err)
	}
	claimed, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, pg.Translate(err)
	}
	out := make([]knowledge.IndexedArticle, 0, len(claimed))
	for _, id := range claimed {
		out = append(out, articles[byID[id]])
	}
	return out, nil
}

const workspacesToCutSQL = `SELECT workspace_id::text, embedded FROM purser_workspaces_to_cut($1, $2)`

// staleWorkspace has articles that an older version has indexed.
type staleWorkspace struct {
	Workspace knowledge.Workspace
	// Embedded is true where it has vectors, so that an embedder is needed.
	Embedded bool
}

// toCut lists at most n of them.
func (s *Store) toCut(ctx context.Context, version, n int) ([]staleWorkspace, error) {
	rows, err := s.pool.Query(ctx, workspacesToCutSQL, version, n)
	if err != nil {
		return nil, pg.Translate(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[staleWorkspace])
	return list, pg.Translate(err)
}

var _ knowledge.StaleIndex = (*Store)(nil)
