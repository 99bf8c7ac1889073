package postgres

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
)

func isUUID(s string) bool {
	_, err := uuid.Parse(s)
	return err == nil && len(s) == 36
}

const (
	claimPlanSQL = `UPDATE import_plans SET apply_time = $2 WHERE plan_id = $1 AND apply_time IS NULL`

	firstImportSQL = `
	INSERT INTO first_imports (workspace_id, plan_id, create_time) VALUES (purser_workspace(), $1, $2) ON CONFLICT DO NOTHING`

	firstTotalsSQL = `
	INSERT INTO knowledge_totals (workspace_id, version, articles, passages)
	VALUES (purser_workspace(), 0, 0, 0) ON CONFLICT DO NOTHING`

	// The row's lock is what orders imports and workers of one workspace.
	nextVersionSQL = `UPDATE knowledge_totals SET version = version + 1 WHERE version = $1`

	unindexSQL = `
	WITH body AS (
	    DELETE FROM passage_lexemes WHERE article_id = ANY ($1) RETURNING article_id, length, lexemes
	), title AS (
	    DELETE FROM title_lexemes WHERE article_id = ANY ($1) RETURNING article_id, length, lexemes
	), fewer AS (
	    SELECT 'B' AS field, x.lexeme, a.locale, count(DISTINCT article_id)::int AS n
	    FROM body JOIN articles a USING (article_id), unnest(tsvector_to_array(lexemes)) x (lexeme) GROUP BY x.lexeme, a.locale
	    UNION ALL
	    SELECT 'T', x.lexeme, a.locale, count(*)::int
	    FROM title JOIN articles a USING (article_id), unnest(tsvector_to_array(lexemes)) x (lexeme) GROUP BY x.lexeme, a.locale
	), counted AS (
	    UPDATE lexeme_counts c SET count = c.count - f.n FROM fewer f
	    WHERE c.field = f.field AND c.lexeme = f.lexeme AND c.locale = f.locale
	), bodies AS (
	    SELECT a.locale, count(*) AS passages, sum(length) AS lexemes FROM body JOIN articles a USING (article_id) GROUP BY a.locale
	), titles AS (
	    SELECT a.locale, count(*) AS articles, sum(length) AS lexemes FROM title JOIN articles a USING (article_id) GROUP BY a.locale
	)
	UPDATE locale_totals t SET articles = t.articles - titles.articles, title_lexemes = t.title_lexemes - titles.lexemes,
	       passages = t.passages - coalesce(bodies.passages, 0), passage_lexemes = t.passage_lexemes - coalesce(bodies.lexemes, 0)
	FROM titles LEFT JOIN bodies USING (locale) WHERE t.locale = titles.locale`

	dropPassagesSQL       = `DELETE FROM passages WHERE article_id = ANY ($1)`
	dropPassageVectorsSQL = `DELETE FROM passage_vectors WHERE article_id = ANY ($1)`
	dropTitleVectorsSQL   = `DELETE FROM title_vectors WHERE article_id = ANY ($1)`
	dropMissingSQL        = `DELETE FROM missing_vectors WHERE article_id = ANY ($1)`

	removeArticlesSQL = `UPDATE articles SET remove_time = $2, passages = 0 WHERE article_id = ANY ($1)`

	saveArticlesSQL = `
	INSERT INTO articles (workspace_id, article_id, key, locale, source, revision, labels, valid_from, valid_until, passages, kind, index_version)
	SELECT purser_workspace(), u.id, u.key, u.locale, $1, u.revision, coalesce(string_to_array(nullif(u.labels, ''), E'\n'), '{}'),
	       u.valid_from, u.valid_until, u.passages, u.kind, $2
	FROM unnest($3::uuid[], $4::text[], $5::text[], $6::int[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::int[], $11::text[])
	     u (id, key, locale, revision, labels, valid_from, valid_until, passages, kind)
	ON CONFLICT (workspace_id, article_id) DO UPDATE SET source = excluded.source, revision = excluded.revision, labels = excluded.labels,
	       valid_from = excluded.valid_from, valid_until = excluded.valid_until, passages = excluded.passages, kind = excluded.kind,
	       index_version = excluded.index_version, remove_time = NULL`

	saveRevisionsSQL = `
	INSERT INTO revisions (workspace_id, article_id, revision, title, body, body_hash, labels, url, valid_from, valid_until, kind, source, actor, plan_id, create_time)
	SELECT purser_workspace(), u.id, u.revision, u.title, u.body, u.hash, coalesce(string_to_array(nullif(u.labels, ''), E'\n'), '{}'),
	       u.url, u.valid_from, u.valid_until, u.kind, $1, $2, $3, $4
	FROM unnest($5::uuid[], $6::int[], $7::text[], $8::text[], $9::bytea[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::text[])
	     u (id, revision, title, body, hash, labels, url, valid_from, valid_until, kind)`

	saveTitlesSQL = `
	INSERT INTO title_lexemes (workspace_id, article_id, length, text_hash, lexemes)
	SELECT purser_workspace(), u.* FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::tsvector[]) u`

	saveTextsSQL = `
	INSERT INTO passages (workspace_id, article_id, ordinal, revision, heading_path, start_offset, end_offset, text_hash, text,
	       context, section_start, section_end)
	SELECT purser_workspace(), u.id, u.ordinal, u.revision, coalesce(string_to_array(nullif(u.path, ''), E'\n'), '{}'), u.start, u.stop, u.hash, u.text,
	       u.context::json, u.section_start, u.section_end
	FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::int[], $6::int[], $7::bytea[], $8::text[], $9::text[], $10::int[], $11::int[])
	     u (id, ordinal, revision, path, start, stop, hash, text, context, section_start, section_end)`

	saveLexemesSQL = `
	INSERT INTO passage_lexemes (workspace_id, article_id, ordinal, length, lexemes)
	SELECT purser_workspace(), u.* FROM unnest($1::uuid[], $2::int[], $3::int[], $4::tsvector[]) u`

	countLexemesSQL = `
	INSERT INTO lexeme_counts (workspace_id, field, lexeme, locale, count)
	SELECT purser_workspace(), $1, u.lexeme, $2, u.n FROM unnest($3::text[], $4::int[]) u (lexeme, n)
	ON CONFLICT (workspace_id, field, lexeme, locale) DO UPDATE SET count = lexeme_counts.count + excluded.count`

	forgetLexemesSQL = `DELETE FROM lexeme_counts WHERE count <= 0`

	countLocaleSQL = `
	INSERT INTO locale_totals (workspace_id, locale, articles, passages, passage_lexemes, title_lexemes)
	VALUES (purser_workspace(), $1, $2, $3, $4, $5)
	ON CONFLICT (workspace_id, locale) DO UPDATE SET articles = locale_totals.articles + excluded.articles,
	       passages = locale_totals.passages + excluded.passages, passage_lexemes = locale_totals.passage_lexemes + excluded.passage_lexemes,
	       title_lexemes = locale_totals.title_lexemes + excluded.title_lexemes`

	forgetLocalesSQL = `DELETE FROM locale_totals WHERE articles <= 0`

	sumTotalsSQL = `
	UPDATE knowledge_totals SET (articles, passages) =
	       (SELECT coalesce(sum(l.articles), 0), coalesce(sum(l.passages), 0) FROM locale_totals l)`

	// Texts whose vector is known get it at once, the rest waits. Without a space
	// all wait: a worker makes the space.
	findVectorsSQL = `
	WITH fresh AS (
	    SELECT article_id, ordinal, text_hash FROM passages WHERE article_id = ANY ($1)
	    UNION ALL
	    SELECT article_id, -1, text_hash FROM title_lexemes WHERE article_id = ANY ($1)
	), known AS (
	    SELECT s.space_id, f.article_id, f.ordinal, f.text_hash, c.vector
	    FROM spaces s CROSS JOIN fresh f LEFT JOIN vector_cache c USING (space_id, text_hash)
	), passages_done AS (
	    INSERT INTO passage_vectors (workspace_id, space_id, article_id, ordinal, vector)
	    SELECT purser_workspace(), space_id, article_id, ordinal, vector FROM known WHERE vector IS NOT NULL AND ordinal >= 0
	), titles_done AS (
	    INSERT INTO title_vectors (workspace_id, space_id, article_id, vector)
	    SELECT purser_workspace(), space_id, article_id, vector FROM known WHERE vector IS NOT NULL AND ordinal < 0
	), missing AS (
	    INSERT INTO missing_vectors (workspace_id, space_id, article_id, ordinal, text_hash)
	    SELECT purser_workspace(), space_id, article_id, ordinal, text_hash FROM known WHERE vector IS NULL
	)
	SELECT CASE WHEN EXISTS (SELECT FROM spaces)
	            THEN (SELECT count(*) FROM known k JOIN spaces s USING (space_id) WHERE s.active AND k.vector IS NULL AND k.ordinal >= 0)
	            ELSE (SELECT count(*) FROM fresh WHERE ordinal >= 0) END`
)

// Apply implements knowledge.Index.
func (s *Store) Apply(ctx context.Context, w knowledge.Workspace, a knowledge.Application) (int, error) {
	rows := newRows(a)
	waiting := 0
	err := s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		err := tx.Batch(ctx, string(w), func(b *pgx.Batch) { queueApply(b, a, rows) }, func(r pgx.BatchResults) error {
			if err := readClaim(r); err != nil {
				return err
			}
			return readRest(r, rows, &waiting)
		})
		if err != nil || s.notifier == nil {
			return err
		}
		return s.notifier.Changed(ctx, tx, w)
	})
	if s.notifier == nil {
		waiting = 0
	}
	return waiting, err
}

func readClaim(r pgx.BatchResults) error {
	for i, refused := range []error{knowledge.ErrPlanApplied, nil, knowledge.ErrPlanOutdated} {
		tag, err := r.Exec()
		if err != nil {
			return err
		}
		if i != 1 && tag.RowsAffected() == 0 {
			return refused
		}
	}
	return nil
}

func readRest(r pgx.BatchResults, rows *applyRows, waiting *int) error {
	for range rows.statements {
		if _, err := r.Exec(); err != nil {
			return err
		}
	}
	for range slices.Chunk(rows.ids, chunkRows) {
		n := 0
		if err := r.QueryRow().Scan(&n); err != nil {
			return err
		}
		*waiting += n
	}
	return nil
}

// queueApply puts the statements in the order in which they must run.
func queueApply(b *pgx.Batch, a knowledge.Application, rows *applyRows) {
	b.Queue(claimPlanSQL, a.Plan.ID, a.Time)
	b.Queue(firstTotalsSQL)
	b.Queue(nextVersionSQL, a.Plan.BaseVersion)
	before := b.Len()
	queueUnindex(b, rows)
	if len(a.Removed) > 0 {
		b.Queue(removeArticlesSQL, a.Removed, a.Time)
	}
	for _, c := range rows.articles {
		b.Queue(saveArticlesSQL, a.Plan.Source, knowledge.IndexVersion, c.ids, c.keys, c.locales, c.revisions, c.labels, c.from, c.until, c.passages, c.kinds)
		b.Queue(saveRevisionsSQL, a.Plan.Source, a.Actor, a.Plan.ID, a.Time, c.ids, c.revisions, c.titles, c.bodies, c.hashes, c.labels, c.urls, c.from, c.until, c.kinds)
		b.Queue(saveTitlesSQL, c.ids, c.lengths, c.titleHashes, c.lexemes)
	}
	queueIndex(b, rows)
	b.Queue(firstImportSQL, a.Plan.ID, a.Time)
	rows.statements = b.Len() - before
	for ids := range slices.Chunk(rows.ids, chunkRows) {
		b.Queue(findVectorsSQL, ids)
	}
}

// queueUnindex takes away what was made of articles for search.
func queueUnindex(b *pgx.Batch, rows *applyRows) {
	for ids := range slices.Chunk(rows.stale, chunkRows) {
		for _, sql := range []string{unindexSQL, dropPassagesSQL, dropPassageVectorsSQL, dropTitleVectorsSQL, dropMissingSQL} {
			b.Queue(sql, ids)
		}
	}
}

// queueIndex stores passages and words, and counts them.
func queueIndex(b *pgx.Batch, rows *applyRows) {
	for _, c := range rows.passages {
		b.Queue(saveTextsSQL, c.articles, c.ordinals, c.revisions, c.paths, c.starts, c.ends, c.hashes, c.texts, c.contexts, c.sectionStarts, c.sectionEnds)
		b.Queue(saveLexemesSQL, c.articles, c.ordinals, c.lengths, c.lexemes)
	}
	for _, c := range rows.counts {
		b.Queue(countLexemesSQL, c.field, c.locale, c.lexemes, c.numbers)
	}
	for _, t := range rows.totals {
		b.Queue(countLocaleSQL, t.locale, t.articles, t.passages, t.passageLexemes, t.titleLexemes)
	}
	if len(rows.stale) > 0 {
		b.Queue(forgetLexemesSQL)
		b.Queue(forgetLocalesSQL)
	}
	b.Queue(sumTotalsSQL)
}

var _ interface {
	knowledge.Index
	knowledge.PlanStore
} = (*Store)(nil)
