package postgres

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
)

const snapshotSQL = `
	SELECT a.article_id::text, a.key, a.locale, a.source, a.revision, a.remove_time IS NOT NULL, r.title, r.body_hash, a.labels, r.url,
	       nullif(a.valid_from, '-infinity'), nullif(a.valid_until, 'infinity'), a.passages, a.kind
	FROM articles a JOIN revisions r USING (workspace_id, article_id, revision)
	WHERE a.source = $1 OR a.key = ANY ($2)
	ORDER BY a.key, a.locale`

// Snapshot implements knowledge.PlanStore. The version is read first: what
// changes in between makes the plan outdated, never wrong.
func (s *Store) Snapshot(ctx context.Context, w knowledge.Workspace, source string, keys []string) (knowledge.Snapshot, error) {
	var snapshot knowledge.Snapshot
	err := s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		err := tx.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM knowledge_totals`).Scan(&snapshot.Version)
		if err != nil {
			return pg.Translate(err)
		}
		rows, err := tx.Query(ctx, snapshotSQL, source, keys)
		if err != nil {
			return pg.Translate(err)
		}
		snapshot.Heads, err = pgx.CollectRows(rows, scanHead)
		return pg.Translate(err)
	})
	if err == nil {
		snapshot.Contacts, err = s.snapshotContacts(ctx, w)
	}
	return snapshot, err
}

func scanHead(row pgx.CollectableRow) (knowledge.ArticleHead, error) {
	var h knowledge.ArticleHead
	var hash []byte
	var from, until *time.Time
	err := row.Scan(&h.ArticleID, &h.Key, &h.Locale, &h.Source, &h.Revision, &h.Removed, &h.Title, &hash, &h.Labels, &h.URL,
		&from, &until, &h.Passages, &h.Kind)
	h.BodyHash, h.ValidFrom, h.ValidUntil = hash32(hash), orZero(from), orZero(until)
	return h, err
}

// storedDocument is a document inside a plan.
type storedDocument struct {
	Key    string   `json:"key"`
	Locale string   `json:"locale"`
	Title  string   `json:"title"`
	Body   string   `json:"body"`
	Labels []string `json:"labels,omitempty"`
	URL    string   `json:"url,omitempty"`
	// Kind is empty in plans of before there were kinds.
	Kind       knowledge.ArticleKind `json:"kind,omitempty"`
	ValidFrom  time.Time             `json:"valid_from,omitzero"`
	ValidUntil time.Time             `json:"valid_until,omitzero"`
	Origin     string                `json:"origin,omitempty"`
}

const (
	forgetPlansSQL = `DELETE FROM import_plans WHERE expire_time < $1 AND apply_time IS NULL`

	savePlanSQL = `
	INSERT INTO import_plans (workspace_id, plan_id, source, keep_missing, base_version, actor, added, changed, removed, unchanged,
	       existing, blocked, problems, problem_count, create_time, expire_time)
	VALUES (purser_workspace(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`

	saveChangesSQL = `
	INSERT INTO import_changes (workspace_id, plan_id, ordinal, kind, article_id, revision, key, locale, title, fields, origin,
	       passages_before, passages_after, document)
	SELECT purser_workspace(), $1, $2::int + u.n, u.kind, u.article_id, u.revision, u.key, u.locale, u.title,
	       coalesce(string_to_array(nullif(u.fields, ''), ' '), '{}'), u.origin, u.before, u.after, u.document::json
	FROM unnest($3::text[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::int[], $12::int[], $13::text[])
	     WITH ORDINALITY u (kind, article_id, revision, key, locale, title, fields, origin, before, after, document, n)`
)

// What one statement stores at most, so that each stays far below the statement
// timeout and the largest message.
const (
	chunkRows  = 2000
	chunkBytes = 4 << 20
)

// chunks divides n rows of the given sizes in bytes into statements.
func chunks(n int, size func(int) int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for from := 0; from < n; {
			to, bytes := from+1, size(from)
			for to < n && to-from < chunkRows && bytes+size(to) <= chunkBytes {
				bytes += size(to)
				to++
			}
			if !yield(from, to) {
				return
			}
			from = to
		}
	}
}

func changeSize(c knowledge.PlannedChange) int {
	if c.Document == nil {
		return 0
	}
	return len(c.Document.Body)
}

// SavePlan implements knowledge.PlanStore.
func (s *Store) SavePlan(ctx context.Context, w knowledge.Workspace, p knowledge.Plan, changes []knowledge.PlannedChange) error {
	problems := p.Problems
	if problems == nil {
		problems = []knowledge.Problem{}
	}
	var rows []changeRows
	for from, to := range chunks(len(changes), func(i int) int { return changeSize(changes[i]) }) {
		part, err := newChangeRows(changes[from:to], p.Blocked)
		if err != nil {
			return err
		}
		part.from = from
		rows = append(rows, part)
	}
	return s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		return tx.Batch(ctx, string(w), func(b *pgx.Batch) {
			b.Queue(forgetPlansSQL, p.CreateTime)
			b.Queue(savePlanSQL, p.ID, p.Source, p.KeepMissing, p.BaseVersion, p.Actor, p.Added, p.Changed, p.Removed, p.Unchanged,
				p.Existing, p.Blocked, problems, p.ProblemCount, p.CreateTime, p.ExpireTime)
			for _, r := range rows {
				b.Queue(saveChangesSQL, p.ID, r.from, r.kinds, r.articles, r.revisions, r.keys, r.locales, r.titles, r.fields, r.origins,
					r.before, r.after, r.documents)
			}
		}, readAll(2+len(rows)))
	})
}

// readAll reads the results of n statements that return no rows.
func readAll(n int) func(pgx.BatchResults) error {
	return func(r pgx.BatchResults) error {
		for range n {
			if _, err := r.Exec(); err != nil {
				return err
			}
		}
		return nil
	}
}

type changeRows struct {
	// from is how many changes come before.
	from                                                    int
	kinds, articles, keys, locales, titles, fields, origins []string
	revisions, before, after                                []int
	documents                                               []*string
}

func newChangeRows(changes []knowledge.PlannedChange, blocked bool) (changeRows, error) {
	var r changeRows
	for _, c := range changes {
		r.kinds = append(r.kinds, string(c.Kind))
		r.articles = append(r.articles, c.ArticleID)
		r.revisions = append(r.revisions, c.Revision)
		r.keys = append(r.keys, c.Key)
		r.locales = append(r.locales, c.Locale)
		r.titles = append(r.titles, c.Title)
		r.fields = append(r.fields, joinFields(c.Fields))
		r.origins = append(r.origins, c.Origin)
		r.before = append(r.before, c.PassagesBefore)
		r.after = append(r.after, c.PassagesAfter)
		var document *string
		if c.Document != nil && !blocked {
			raw, err := json.Marshal(storedDocument(*c.Document))
			if err != nil {
				return r, err
			}
			text := string(raw)
			document = &text
		}
		r.documents = append(r.documents, document)
	}
	return r, nil
}

func joinFields(fields []string) string {
	out := ""
	for i, f := range fields {
		if i > 0 {
			out += " "
		}
		out += f
	}
	return out
}

const (
	loadPlanSQL = `
	SELECT plan_id::text, source, keep_missing, base_version, actor, added, changed, removed, unchanged, existing, blocked, problems, problem_count,
	       create_time, expire_time, apply_time
	FROM import_plans WHERE workspace_id = purser_workspace() AND plan_id = $1`

	loadChangesSQL = `
	SELECT kind, article_id::text, revision, key, locale, title, fields, origin, passages_before, passages_after, CASE WHEN $4 THEN document::text END
	FROM import_changes WHERE workspace_id = purser_workspace() AND plan_id = $1 AND ordinal > $2
	ORDER BY ordinal LIMIT $3`
)

// LoadPlan implements knowledge.PlanStore.
func (s *Store) LoadPlan(ctx context.Context, w knowledge.Workspace, planID string, after, limit int) (knowledge.Plan, []knowledge.PlannedChange, error) {
	var p knowledge.Plan
	var changes []knowledge.PlannedChange
	if !isUUID(planID) {
		return p, nil, knowledge.ErrPlanNotFound
	}
	documents := limit < 0
	if documents {
		limit = knowledge.MaxDocuments * 10
	}
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(loadPlanSQL, planID)
		b.Queue(loadChangesSQL, planID, after, limit, documents)
	}, func(r pgx.BatchResults) error {
		var applied *time.Time
		err := r.QueryRow().Scan(&p.ID, &p.Source, &p.KeepMissing, &p.BaseVersion, &p.Actor, &p.Added, &p.Changed, &p.Removed, &p.Unchanged,
			&p.Existing, &p.Blocked, &p.Problems, &p.ProblemCount, &p.CreateTime, &p.ExpireTime, &applied)
		if err != nil {
			return single(err, knowledge.ErrPlanNotFound)
		}
		p.ApplyTime = orZero(applied)
		rows, err := r.Query()
		if err != nil {
			return err
		}
		changes, err = pgx.CollectRows(rows, scanChange)
		return err
	})
	return p, changes, err
}

func scanChange(row pgx.CollectableRow) (knowledge.PlannedChange, error) {
	var c knowledge.PlannedChange
	var document *string
	err := row.Scan(&c.Kind, &c.ArticleID, &c.Revision, &c.Key, &c.Locale, &c.Title, &c.Fields, &c.Origin, &c.PassagesBefore, &c.PassagesAfter, &document)
	if err != nil || document == nil {
		return c, err
	}
	var stored storedDocument
	if err := json.Unmarshal([]byte(*document), &stored); err != nil {
		return c, err
	}
	c.Document = (*knowledge.Document)(&stored)
	return c, nil
}
