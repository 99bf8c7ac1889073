package postgres

import (
	"context"
	_ "embed" // for the statement
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/purser-desk/purser/knowledge"
)

//go:embed search.sql
var searchNamed string

// parameters of the statement, in the order of searchArguments.
const searchParameters = "space vector exhaustive time labels locales excluded lexemes queries max_words rarest candidates " +
	"k1 b title_b best second title words title_words lift limit passages"

// numbered replaces @name by $n. Names are matched longest first, so that
// @title_words is not read as @title.
func numbered(sql, names string) string {
	list := strings.Fields(names)
	pairs := make([]string, 0, 2*len(list))
	for longest := 40; longest > 0; longest-- {
		for i, name := range list {
			if len(name) == longest {
				pairs = append(pairs, "@"+name, fmt.Sprintf("$%d", i+1))
			}
		}
	}
	return strings.NewReplacer(pairs...).Replace(sql)
}

func searchArguments(q knowledge.Question) []any {
	var vector any
	if q.Vector != nil {
		vector = pgvector.NewHalfVector(q.Vector)
	}
	queries := make([]string, len(q.Lexemes))
	for i, l := range q.Lexemes {
		queries[i] = quoteLexeme(l)
	}
	f := q.Fusion
	return []any{
		q.Space, vector, f.Exhaustive, q.Time, orEmpty(q.Labels), orEmpty(q.Locales), orEmpty(q.ExcludeLocales),
		orEmpty(q.Lexemes), queries, f.MaxWords, f.Rarest, f.Candidates,
		f.K1, f.B, f.TitleB, f.Best, f.Second, f.Title, f.Words, f.TitleWords, f.Lift, q.Limit, q.PassagesPerArticle,
	}
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// quoteLexeme writes a lexeme as a tsquery of one word.
func quoteLexeme(l string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(l) + "'"
}

// Find implements knowledge.Finder: one statement, and the setting of the
// workspace before it, in one round trip.
func (s *Store) Find(ctx context.Context, w knowledge.Workspace, q knowledge.Question) (knowledge.Found, error) {
	var found knowledge.Found
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(s.searchSQL, searchArguments(q)...)
	}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := addRow(&found, rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return found, err
}

// foundRow is a row of the statement: the shape, and one passage of a hit or
// none.
type foundRow struct {
	embedded                                   int
	best, title, words, titleWords, fused      []float64
	articleID, key, locale, titleText, url     *string
	revision, ordinal, start, end              *int
	bestScore, titleScore, wordScore, titleTwo *float64
	fusedScore, cosine, score                  *float64
	path                                       []string
	text                                       *string
}

func addRow(found *knowledge.Found, rows pgx.Rows) error {
	var f foundRow
	shape := &found.Shape
	err := rows.Scan(&shape.Articles, &f.embedded, &shape.MeanDense, &shape.DeviationDense, &shape.MeanTitle, &shape.DeviationTitle,
		&f.best, &f.title, &f.words, &f.titleWords, &f.fused,
		&f.articleID, &f.key, &f.locale, &f.revision, &f.titleText, &f.url, &f.bestScore, &f.titleScore, &f.wordScore, &f.titleTwo, &f.fusedScore,
		&f.ordinal, &f.path, &f.start, &f.end, &f.text, &f.cosine, &f.score)
	if err != nil {
		return err
	}
	found.Embedded = f.embedded > 0
	copy(shape.Dense[:], f.best)
	copy(shape.Title[:], f.title)
	copy(shape.Words[:], f.words)
	copy(shape.TitleWords[:], f.titleWords)
	copy(shape.Fused[:], f.fused)
	if f.articleID == nil {
		return nil
	}
	last := len(found.Hits) - 1
	if last < 0 || found.Hits[last].ArticleID != *f.articleID {
		found.Hits = append(found.Hits, knowledge.Hit{
			ArticleID: *f.articleID, Key: *f.key, Locale: *f.locale, Revision: *f.revision, Title: *f.titleText, URL: *f.url, Score: *f.fusedScore,
			Arms: knowledge.Arms{Dense: or0(f.bestScore), Title: or0(f.titleScore), Words: or0(f.wordScore), TitleWords: or0(f.titleTwo)},
		})
		last++
	}
	hit := &found.Hits[last]
	hit.Passages = append(hit.Passages, knowledge.FoundPassage{
		ID: fmt.Sprintf("%s/%d/%d", *f.articleID, *f.revision, *f.ordinal), HeadingPath: f.path, Start: *f.start, End: *f.end, Text: *f.text,
		Dense: or0(f.cosine), Words: or0(f.score),
	})
	return nil
}

func or0(f *float64) float64 {
	if f == nil {
		return 0
	}
	return *f
}
