package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
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

	queueAllSQL = `
	INSERT INTO vector_queue (workspace_id, space_id, article_id, ordinal, text_hash)
	SELECT purser_workspace(), $1::int, article_id, ordinal, text_hash FROM passages
	UNION ALL
	SELECT purser_workspace(), $1::int, article_id, -1, text_hash FROM title_lexemes`

	// Titles first, then first passages: what helps most articles soonest.
	leaseSQL = `
	WITH due AS (
	    SELECT ordinal, article_id FROM vector_queue
	    WHERE space_id = $1 AND lease_time < $4
	    ORDER BY ordinal, article_id LIMIT $2 FOR UPDATE SKIP LOCKED
	), leased AS (
	    UPDATE vector_queue q SET lease_time = $3 FROM due
	    WHERE q.space_id = $1 AND q.ordinal = due.ordinal AND q.article_id = due.article_id
	    RETURNING q.article_id, q.ordinal, q.text_hash, q.attempts
	)
	SELECT l.article_id::text, l.ordinal, l.text_hash, l.attempts, r.title, coalesce(p.heading_path, '{}'), coalesce(p.text, '')
	FROM leased l JOIN articles a USING (article_id) JOIN revisions r USING (workspace_id, article_id, revision)
	LEFT JOIN passages p ON p.article_id = l.article_id AND p.ordinal = l.ordinal
	ORDER BY l.ordinal, l.article_id`

	// An import waits for this lock, and this for an import, so that no vector is
	// stored for a passage that has just gone.
	shareTotalsSQL = `SELECT FROM knowledge_totals FOR SHARE`

	storeVectorsSQL = `
	WITH given AS (
	    SELECT * FROM unnest($2::uuid[], $3::int[], $4::bytea[], $5::halfvec[]) g (article_id, ordinal, text_hash, vector)
	), done AS (
	    DELETE FROM vector_queue q USING given g
	    WHERE q.space_id = $1 AND q.ordinal = g.ordinal AND q.article_id = g.article_id AND q.text_hash = g.text_hash
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
	UPDATE vector_queue q SET attempts = q.attempts + f.more, lease_time = f.retry, failure = f.failure
	FROM unnest($2::uuid[], $3::int[], $4::bytea[], $5::int[], $6::timestamptz[], $7::text[]) f (article_id, ordinal, text_hash, more, retry, failure)
	WHERE q.space_id = $1 AND q.ordinal = f.ordinal AND q.article_id = f.article_id AND q.text_hash = f.text_hash`

	incompleteSQL = `
	SELECT s.active OR EXISTS (SELECT FROM vector_queue q WHERE q.space_id = s.space_id AND q.lease_time < 'infinity')
	FROM spaces s WHERE s.space_id = $1`

	waitingSQL = `
	SELECT count(*) FILTER (WHERE lease_time < 'infinity'), count(*) FILTER (WHERE lease_time = 'infinity')
	FROM vector_queue WHERE space_id = $1`
)

// OpenSpace implements knowledge.VectorQueue.
func (s *Store) OpenSpace(ctx context.Context, w knowledge.Workspace, space knowledge.Space) (int, error) {
	number, err := s.findSpace(ctx, w, space)
	if err != nil || number > 0 {
		return number, err
	}
	err = s.db.Tx(ctx, string(w), func(ctx context.Context, tx pgx.Tx) error {
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
		_, err = tx.Exec(ctx, queueAllSQL, number)
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

// Lease implements knowledge.VectorQueue. When nothing is left of a space that
// is not yet the active one, it becomes so, and the others are dropped.
func (s *Store) Lease(ctx context.Context, w knowledge.Workspace, space, n int, now, until time.Time) ([]knowledge.WaitingText, error) {
	var texts []knowledge.WaitingText
	incomplete := true
	err := s.db.WriteBatch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(leaseSQL, space, n, until, now)
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
	if err := row.Scan(&t.ArticleID, &t.Ordinal, &hash, &t.Attempts, &title, &p.HeadingPath, &p.Text); err != nil {
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
	return s.db.Tx(ctx, string(w), func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockTotalsSQL); err != nil {
			return pg.Translate(err)
		}
		incomplete := true
		if err := tx.QueryRow(ctx, incompleteSQL, space).Scan(&incomplete); err != nil || incomplete {
			return pg.Translate(single(err, nil))
		}
		for _, table := range []string{"passage_vectors", "title_vectors", "vector_cache", "vector_queue", "spaces"} {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE space_id <> $1`, space); err != nil {
				return pg.Translate(err)
			}
		}
		_, err := tx.Exec(ctx, `UPDATE spaces SET active = true WHERE space_id = $1`, space)
		return pg.Translate(err)
	})
}

// Store implements knowledge.VectorQueue.
func (s *Store) Store(ctx context.Context, w knowledge.Workspace, space int, texts []knowledge.EmbeddedText) error {
	done, failed := splitTexts(texts)
	return s.db.Tx(ctx, string(w), func(ctx context.Context, _ pgx.Tx) error {
		statements := 1
		return s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
			b.Queue(shareTotalsSQL)
			if len(done.articles) > 0 {
				b.Queue(storeVectorsSQL, space, done.articles, done.ordinals, done.hashes, done.vectors)
				statements++
			}
			if len(failed.articles) > 0 {
				b.Queue(storeFailuresSQL, space, failed.articles, failed.ordinals, failed.hashes, failed.more, failed.retry, failed.failures)
				statements++
			}
		}, func(r pgx.BatchResults) error { return readAll(statements)(r) })
	})
}

// Waiting implements knowledge.VectorQueue.
func (s *Store) Waiting(ctx context.Context, w knowledge.Workspace, space int) (waiting, givenUp int, err error) {
	err = s.db.Batch(ctx, string(w), func(b *pgx.Batch) { b.Queue(waitingSQL, space) }, func(r pgx.BatchResults) error {
		return r.QueryRow().Scan(&waiting, &givenUp)
	})
	return waiting, givenUp, err
}

type textRows struct {
	articles, failures []string
	ordinals, more     []int
	hashes             [][]byte
	vectors            []pgvector.HalfVector
	retry              []pgtype.Timestamptz
}

func splitTexts(texts []knowledge.EmbeddedText) (done, failed textRows) {
	for i := range texts {
		t := &texts[i]
		r := &failed
		if t.Vector != nil {
			r = &done
			r.vectors = append(r.vectors, pgvector.NewHalfVector(t.Vector))
		}
		r.articles = append(r.articles, t.ArticleID)
		r.ordinals = append(r.ordinals, t.Ordinal)
		r.hashes = append(r.hashes, t.Hash[:])
		r.failures = append(r.failures, t.Failure)
		more, retry := 1, bound(t.RetryAt, pgtype.Infinity)
		if t.Failure == "" { // given back
			more, retry = 0, bound(time.Time{}, pgtype.NegativeInfinity)
		}
		r.more, r.retry = append(r.more, more), append(r.retry, retry)
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
	knowledge.VectorQueue
	knowledge.QuestionCache
	knowledge.Finder
	knowledge.Library
} = (*Store)(nil)

const workspacesToEmbedSQL = `SELECT workspace_id::text FROM purser_workspaces_to_embed($1, $2)`

// ToEmbed lists workspaces in which texts wait for vectors of the space, at
// most n.
func (s *Store) ToEmbed(ctx context.Context, space knowledge.Space, n int) ([]knowledge.Workspace, error) {
	rows, err := s.db.Pool().Query(ctx, workspacesToEmbedSQL, space.Name, n)
	if err != nil {
		return nil, pg.Translate(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[knowledge.Workspace])
	return list, pg.Translate(err)
}
