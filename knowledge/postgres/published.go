package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/knowledge"
)

// publishedSQL orders by bytes, so that the order does not depend on how a
// database sorts.
const publishedSQL = `
	SELECT a.key, a.locale, r.title, r.body, r.labels, r.url, nullif(r.valid_from, '-infinity'), nullif(r.valid_until, 'infinity'), r.kind
	FROM articles a JOIN revisions r USING (workspace_id, article_id, revision)
	WHERE a.remove_time IS NULL AND a.valid_from <= $1 AND a.valid_until > $1
	ORDER BY a.key COLLATE "C", a.locale COLLATE "C"`

// Published tells yield every article that may be cited at a time, by key and
// locale in the order of their bytes, and stops with yield's error. It is one
// statement: all that is told was true at the same moment, and the articles come
// one by one, so that memory does not grow with them.
func (s *Store) Published(ctx context.Context, w knowledge.Workspace, at time.Time, yield func(*knowledge.Document) error) error {
	return s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(publishedSQL, at)
	}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d knowledge.Document
			var from, until *time.Time
			if err := rows.Scan(&d.Key, &d.Locale, &d.Title, &d.Body, &d.Labels, &d.URL, &from, &until, &d.Kind); err != nil {
				return err
			}
			d.ValidFrom, d.ValidUntil = orZero(from), orZero(until)
			if err := yield(&d); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}
