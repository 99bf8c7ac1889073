package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
)

const (
	findSpaceSQL = `SELECT space_id, dimensions FROM spaces WHERE name = $1`

	lockTotalsSQL = `SELECT FROM knowledge_totals FOR UPDATE`

	makeSpaceSQL = `
	INSERT INTO spaces (workspace_id, space_id, name, dimensions, active, create_time)
	SELECT purser_workspace(), (SELECT coalesce(max(space_id), 0) + 1 FROM spaces), $1, $2, NOT EXISTS (SELECT FROM spaces WHERE active), now()
	ON CONFLICT (workspace_id, name) DO NOTHING
	RETURNING space_id`

	missAllSQL = `
	INSERT INTO missing_vectors (workspace_id, space_id, article_id, ordinal, text_hash)
	SELECT purser_workspace(), $1::int, article_id, ordinal, text_hash FROM passages
	UNION ALL
	SELECT purser_workspace(), $1::int, article_id, -1, text_hash FROM title_lexemes`

	// Titles first, then first passages: what helps most articles soonest. A share
	// is told by the last byte of an article's id, which is random.
	dueSQL = `
	SELECT m.article_id::text, m.ordinal, m.text_hash, m.attempts, r.title, coalesce(p.heading_path, '{}'), coalesce(p.text, ''), coalesce(p.context, '[]')
	FROM (SELECT article_id, ordinal, text_hash, attempts FROM missing_vectors
	      WHERE space_id = $1 AND retry_time <= now() AND ($2 < 0 OR get_byte(uuid_send(article_id), 15) % $3 = $2)
	      ORDER BY ordinal, article_id LIMIT $4) m
	JOIN articles a USING (article_id) JOIN revisions r USING (workspace_id, article_id, revision)
	LEFT JOIN passages p ON p.article_id = m.article_id AND p.ordinal = m.ordinal
	ORDER BY m.ordinal, m.article_id`

	// An import waits for this lock, and this for an import, so that no vector is
	// stored for a passage that has just gone.
	shareTotalsSQL = `SELECT FROM knowledge_totals FOR SHARE`

	storeVectorsSQL = `
	WITH given AS (
	    SELECT * FROM unnest($2::uuid[], $3::int[], $4::bytea[], $5::halfvec[]) g (article_id, ordinal, text_hash, vector)
	), done AS (
	    DELETE FROM missing_vectors m USING given g
	    WHERE m.space_id = $1 AND m.ordinal = g.ordinal AND m.article_id = g.article_id AND m.text_hash = g.text_hash
	    RETURNING g.article_id, g.ordinal, g.vector
	), cached AS (
	    INSERT INTO vector_cache (workspace_id, space_id, text_hash, vector, create_time)
	    SELECT DISTINCT ON (text_hash) purser_workspace(), $1::int, text_hash, vector, now() FROM given
	    ON CONFLICT (workspace_id, space_id, text_hash) DO NOTHING
	), titles AS (
	    INSERT INTO title_vectors (workspace_id, space_id, article_id, vector)
	    SELECT purser_workspace(), $1::int, article_id, vector FROM done WHERE ordinal < 0
	    ON CONFLICT (workspace_id, space_id, article_id) DO UPDATE SET vector = excluded.vector
	)
	INSERT INTO passage_vectors (workspace_id, space_id, article_id, ordinal, vector)
	SELECT purser_workspace(), $1::int, article_id, ordinal, vector FROM done WHERE ordinal >= 0
	ON CONFLICT (workspace_id, space_id, article_id, ordinal) DO UPDATE SET vector = excluded.vector`

	storeFailuresSQL = `
	UPDATE missing_vectors m SET attempts = m.attempts + 1, failure = f.failure, retry_time = coalesce(now() + f.retry * interval '1 ms', 'infinity')
	FROM unnest($2::uuid[], $3::int[], $4::bytea[], $5::text[], $6::bigint[]) f (article_id, ordinal, text_hash, failure, retry)
	WHERE m.space_id = $1 AND m.ordinal = f.ordinal AND m.article_id = f.article_id AND m.text_hash = f.text_hash`

	anyDueSQL = `
	SELECT EXISTS (SELECT FROM missing_vectors m JOIN spaces s USING (workspace_id, space_id)
	               WHERE s.name = $1 AND m.retry_time <= now() AND get_byte(uuid_send(m.article_id), 15) % $3 = $2)`

	incompleteSQL = `
	SELECT s.active OR EXISTS (SELECT FROM missing_vectors m WHERE m.space_id = s.space_id AND m.retry_time < 'infinity')
	FROM spaces s WHERE s.space_id = $1`

	waitingSQL = `
	SELECT count(*) FILTER (WHERE retry_time < 'infinity'), count(*) FILTER (WHERE retry_time = 'infinity')
	FROM missing_vectors WHERE space_id = $1`
)

// OpenSpace implements knowledge.MissingVectors.
func (s *Store) OpenSpace(ctx context.Context, w knowledge.Workspace, space knowledge.Space) (int, error) {
	number, err := s.findSpace(ctx, w, space)
	if err != nil || number > 0 {
		return number, err
	}
	err = s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		if _, err := tx.Exec(ctx, firstTotalsSQL); err != nil {
			return pg.Translate(err)
		}
		if _, err := tx.Exec(ctx, lockTotalsSQL); err != nil {
			return pg.Translate(err)
		}
		rows, err := tx.Query(ctx, makeSpaceSQL, space.Name, space.Dimensions)
		if err != nil {
			return pg.Translate(err)
		}
		made, err := pgx.CollectRows(rows, pgx.RowTo[int])
		if err != nil || len(made) == 0 { // another worker made it meanwhile
			return pg.Translate(err)
		}
		number = made[0]
		_, err = tx.Exec(ctx, missAllSQL, number)
		return pg.Translate(err)
	})
	if err != nil || number > 0 {
		return number, err
	}
	return s.findSpace(ctx, w, space)
}

func (s *Store) findSpace(ctx context.Context, w knowledge.Workspace, space knowledge.Space) (int, error) {
	number, dimensions := 0, space.Dimensions
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) { b.Queue(findSpaceSQL, space.Name) }, func(r pgx.BatchResults) error {
		return single(r.QueryRow().Scan(&number, &dimensions), nil)
	})
	if err == nil && dimensions != space.Dimensions {
		err = fmt.Errorf("space %q has %d dimensions, not %d", space.Name, dimensions, space.Dimensions)
	}
	return number, err
}

// Due implements knowledge.MissingVectors. When nothing is missing of a space
// that is not yet the active one, it becomes so, and the others are dropped.
func (s *Store) Due(ctx context.Context, w knowledge.Workspace, space int, share knowledge.Share, n int) ([]knowledge.WaitingText, error) {
	var texts []knowledge.WaitingText
	incomplete := true
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(dueSQL, space, share, knowledge.Shares, n)
		b.Queue(incompleteSQL, space)
	}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		if texts, err = pgx.CollectRows(rows, scanWaiting); err != nil {
			return err
		}
		return single(r.QueryRow().Scan(&incomplete), nil)
	})
	if err == nil && len(texts) == 0 && !incomplete {
		err = s.activate(ctx, w, space)
	}
	return texts, err
}

func scanWaiting(row pgx.CollectableRow) (knowledge.WaitingText, error) {
	var t knowledge.WaitingText
	var hash []byte
	var title string
	var p knowledge.Passage
	if err := row.Scan(&t.ArticleID, &t.Ordinal, &hash, &t.Attempts, &title, &p.HeadingPath, &p.Text, &p.Context); err != nil {
		return t, err
	}
	t.Hash, t.Text = hash32(hash), title
	if t.Ordinal >= 0 {
		t.Text = knowledge.EmbeddingText(title, p)
	}
	return t, nil
}

// activate makes a complete space the active one. What only the others needed
// goes.
func (s *Store) activate(ctx context.Context, w knowledge.Workspace, space int) error {
	return s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		if _, err := tx.Exec(ctx, lockTotalsSQL); err != nil {
			return pg.Translate(err)
		}
		incomplete := true
		if err := tx.QueryRow(ctx, incompleteSQL, space).Scan(&incomplete); err != nil || incomplete {
			return pg.Translate(single(err, nil))
		}
		for _, table := range []string{"passage_vectors", "title_vectors", "vector_cache", "missing_vectors", "spaces"} {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE space_id <> $1`, space); err != nil {
				return pg.Translate(err)
			}
		}
		_, err := tx.Exec(ctx, `UPDATE spaces SET active = true WHERE space_id = $1`, space)
		return pg.Translate(err)
	})
}

// Store implements knowledge.MissingVectors.
func (s *Store) Store(ctx context.Context, w knowledge.Workspace, space int, texts []knowledge.EmbeddedText) error {
	done, failed := splitTexts(texts)
	return s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		statements := 1
		return tx.Batch(ctx, string(w), func(b *pgx.Batch) {
			b.Queue(shareTotalsSQL)
			if len(done.articles) > 0 {
				b.Queue(storeVectorsSQL, space, done.articles, done.ordinals, done.hashes, done.vectors)
				statements++
			}
			if len(failed.articles) > 0 {
				b.Queue(storeFailuresSQL, space, failed.articles, failed.ordinals, failed.hashes, failed.failures, failed.retry)
				statements++
			}
		}, func(r pgx.BatchResults) error { return readAll(statements)(r) })
	})
}

// Waiting implements knowledge.MissingVectors.
func (s *Store) Waiting(ctx context.Context, w knowledge.Workspace, space int) (waiting, givenUp int, err error) {
	err = s.db.Batch(ctx, string(w), func(b *pgx.Batch) { b.Queue(waitingSQL, space) }, func(r pgx.BatchResults) error {
		return r.QueryRow().Scan(&waiting, &givenUp)
	})
	return waiting, givenUp, err
}

type textRows struct {
	articles, failures []string
	ordinals           []int
	hashes             [][]byte
	vectors            []pgvector.HalfVector
	retry              []*int64 // milliseconds; nil for never
}

func splitTexts(texts []knowledge.EmbeddedText) (done, failed textRows) {
	for i := range texts {
		t := &texts[i]
		r := &done
		switch {
		case t.Vector != nil:
			r.vectors = append(r.vectors, pgvector.NewHalfVector(t.Vector))
		case t.Failure == "": // not tried
			continue
		default:
			r = &failed
			r.failures = append(r.failures, t.Failure)
			var retry *int64
			if ms := t.RetryAfter.Milliseconds(); ms > 0 {
				retry = &ms
			}
			r.retry = append(r.retry, retry)
		}
		r.articles = append(r.articles, t.ArticleID)
		r.ordinals = append(r.ordinals, t.Ordinal)
		r.hashes = append(r.hashes, t.Hash[:])
	}
	return done, failed
}

const (
	questionVectorSQL = `
	SELECT c.vector FROM vector_cache c JOIN spaces s USING (workspace_id, space_id) WHERE s.name = $1 AND c.text_hash = $2`

	saveQuestionVectorSQL = `
	INSERT INTO vector_cache (workspace_id, space_id, text_hash, vector, create_time)
	SELECT purser_workspace(), space_id, $2, $3, now() FROM spaces WHERE name = $1
	ON CONFLICT (workspace_id, space_id, text_hash) DO NOTHING`
)

// QuestionVector implements knowledge.QuestionCache.
func (s *Store) QuestionVector(ctx context.Context, w knowledge.Workspace, space knowledge.Space, hash [32]byte) ([]float32, error) {
	var vector pgvector.HalfVector
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) { b.Queue(questionVectorSQL, space.Name, hash[:]) }, func(r pgx.BatchResults) error {
		return single(r.QueryRow().Scan(&vector), nil)
	})
	return vector.Slice(), err
}

// SaveQuestionVector implements knowledge.QuestionCache.
func (s *Store) SaveQuestionVector(ctx context.Context, w knowledge.Workspace, space knowledge.Space, hash [32]byte, vector []float32) error {
	return s.db.WriteBatch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(saveQuestionVectorSQL, space.Name, hash[:], pgvector.NewHalfVector(vector))
	}, readAll(1))
}

var _ interface {
	knowledge.MissingVectors
	knowledge.QuestionCache
	knowledge.Finder
	knowledge.Library
} = (*Store)(nil)

const workspacesToEmbedSQL = `SELECT workspace_id::text FROM purser_workspaces_to_embed($1, $2)`

// ToEmbed lists workspaces in which texts wait for vectors of the space, at
// most n.
func (s *Store) ToEmbed(ctx context.Context, space knowledge.Space, n int) ([]knowledge.Workspace, error) {
	rows, err := s.pool.Query(ctx, workspacesToEmbedSQL, space.Name, n)
	if err != nil {
		return nil, pg.Translate(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[knowledge.Workspace])
	return list, pg.Translate(err)
}
