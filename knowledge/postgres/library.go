package postgres

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/knowledge"
)

const (
	articleSQL = `
	SELECT a.article_id::text, a.key, a.locale, r.revision, r.title, r.body, r.labels, r.url,
	       nullif(r.valid_from, '-infinity'), nullif(r.valid_until, 'infinity'), r.source, r.create_time, r.actor, r.kind,
	       a.remove_time IS NULL AND a.revision = r.revision
	FROM articles a JOIN revisions r USING (workspace_id, article_id)
	WHERE a.key = $1 AND a.locale = $2
	  AND CASE WHEN $3 = 0 THEN a.remove_time IS NULL AND r.revision = a.revision ELSE r.revision = $3 END`

	articlesSQL = `
	SELECT a.article_id::text, a.key, a.locale, r.revision, r.title, '', r.labels, r.url,
	       nullif(r.valid_from, '-infinity'), nullif(r.valid_until, 'infinity'), r.source, r.create_time, r.actor, r.kind, true
	FROM articles a JOIN revisions r USING (workspace_id, article_id, revision)
	WHERE a.remove_time IS NULL AND (a.key, a.locale) > ($1, $2) AND ($3 = '' OR a.locale = $3) AND ($4 = '' OR a.source = $4) AND a.labels @> $5
	ORDER BY a.key, a.locale LIMIT $6`

	statusSQL = `
	SELECT coalesce(max(t.articles), 0), coalesce(max(t.passages), 0), coalesce(max(s.name), ''),
	       (SELECT count(*) FROM passage_vectors v WHERE v.space_id = max(s.space_id)),
	       (SELECT count(*) FROM missing_vectors m WHERE m.space_id = max(s.space_id) AND m.ordinal >= 0 AND m.retry_time = 'infinity'),
	       coalesce((SELECT mode() WITHIN GROUP (ORDER BY m.failure) FROM missing_vectors m
	                 WHERE m.space_id = max(s.space_id) AND m.ordinal >= 0 AND m.retry_time = 'infinity'), ''),
	       (SELECT count(*) FROM articles a WHERE a.index_version < $1 AND a.remove_time IS NULL)
	FROM knowledge_totals t LEFT JOIN spaces s ON s.active`
)

// Article implements knowledge.Library.
func (s *Store) Article(ctx context.Context, w knowledge.Workspace, key, locale string, revision int) (knowledge.Article, error) {
	var a knowledge.Article
	if revision < 0 || revision > math.MaxInt32 {
		return a, knowledge.ErrArticleNotFound
	}
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(articleSQL, key, locale, revision)
	}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		a, err = pgx.CollectExactlyOneRow(rows, scanArticle)
		return single(err, knowledge.ErrArticleNotFound)
	})
	return a, err
}

// Articles implements knowledge.Library.
func (s *Store) Articles(ctx context.Context, w knowledge.Workspace, f knowledge.ArticleFilter) ([]knowledge.Article, error) {
	var list []knowledge.Article
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(articlesSQL, f.AfterKey, f.AfterLocale, f.Locale, f.Source, orEmpty(f.Labels), max(f.Limit, 1))
	}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanArticle)
		return err
	})
	return list, err
}

// Status implements knowledge.Library.
func (s *Store) Status(ctx context.Context, w knowledge.Workspace) (knowledge.IndexStatus, error) {
	var status knowledge.IndexStatus
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) { b.Queue(statusSQL, knowledge.IndexVersion) }, func(r pgx.BatchResults) error {
		return r.QueryRow().Scan(&status.Articles, &status.Passages, &status.Space, &status.Embedded, &status.GivenUp, &status.GivenUpReason, &status.ToCut)
	})
	return status, err
}

func scanArticle(row pgx.CollectableRow) (knowledge.Article, error) {
	var a knowledge.Article
	var from, until *time.Time
	err := row.Scan(&a.ID, &a.Key, &a.Locale, &a.Revision, &a.Title, &a.Body, &a.Labels, &a.URL, &from, &until, &a.Source, &a.ReviseTime,
		&a.Actor, &a.Kind, &a.Current)
	a.ValidFrom, a.ValidUntil, a.ReviseTime = orZero(from), orZero(until), a.ReviseTime.UTC()
	return a, err
}
