package postgres

import (
	"context"
	_ "embed" // for the statement
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/pgvector/pgvector-go"

	"github.com/purser-desk/purser/knowledge"
)

//go:embed search.sql
var searchNamed string

// parameters of the statement, in the order of searchArguments.
const searchParameters = "space vector exhaustive time labels locales excluded hidden lexemes queries max_words rarest candidates " +
	"k1 b title_b best second title words title_words missing limit passages sections whole"

// hiddenParameter is the place of "hidden" among them.
const hiddenParameter = 7

// hidingNothing is the statement without what hides articles by their keys, as
// nearly all questions want it: with it each call took half as long again where
// nothing was hidden ("make bench").
func hidingNothing(sql string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(sql, "/* hidden */")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, sql, _ = strings.Cut(rest, "/* end */")
	}
}

// statement is what to ask, and with what.
func (s *Store) statement(q knowledge.Question) (sql string, args []any) {
	args = searchArguments(q)
	if len(q.ExcludeKeys) > 0 {
		return s.searchHidingSQL, args
	}
	return s.searchSQL, slices.Delete(args, hiddenParameter, hiddenParameter+1)
}

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
		q.Space, vector, f.Exhaustive, q.Time, orEmpty(q.Labels), orEmpty(q.Locales), orEmpty(q.ExcludeLocales), orEmpty(q.ExcludeKeys),
		orEmpty(q.Lexemes), queries, f.MaxWords, f.Rarest, f.Candidates,
		f.K1, f.B, f.TitleB, f.Best, f.Second, f.Title, f.Words, f.TitleWords, f.Missing, q.Limit, q.PassagesPerArticle,
		q.Sections, knowledge.MaxBodySent,
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
	return "'" + strings.ReplaceAll(strings.ReplaceAll(l, `\`, `\\`), `'`, `''`) + "'"
}

// FindAll implements knowledge.Finder: a statement for each question, and the
// setting of the workspace before them, in one round trip.
func (s *Store) FindAll(ctx context.Context, w knowledge.Workspace, qs []knowledge.Question) ([]knowledge.Found, error) {
	found := make([]knowledge.Found, len(qs))
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		for _, q := range qs {
			sql, args := s.statement(q)
			b.Queue(sql, args...)
		}
	}, func(r pgx.BatchResults) error {
		for i := range qs {
			if err := readFound(&found[i], r, qs[i].Lexemes); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// readFound reads what one statement answers.
func readFound(found *knowledge.Found, r pgx.BatchResults, lexemes []string) error {
	rows, err := r.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := addRow(found, rows, lexemes); err != nil {
			return err
		}
	}
	return rows.Err()
}

// foundRow is what a row of the statement has besides the shape: one passage of
// a hit, or nothing.
type foundRow struct {
	articleID, key, locale, title, url, text          *string
	revision, ordinal, start, end                     *int
	best, second, titleCosine, words, titleWords, sum *float64
	cosine, score                                     *float64
	path                                              []string
	kind, body, section                               *string
	revised, from, until                              *time.Time
	size, sectionStart, sectionEnd                    *int
	context                                           []knowledge.Part
	// answers are the sub-scores of the best answers, five numbers each; places, worths
	// and held are the question's words that articles hold. Nil but in the first
	// row.
	answers pgtype.FlatArray[float64]
	places  []int
	worths  []float64
	held    []bool
}

func addRow(found *knowledge.Found, rows pgx.Rows, lexemes []string) error {
	var f foundRow
	s := &found.Shape
	err := rows.Scan(&s.Articles, &s.Embedded, &s.Dense, &s.Title, &s.Words, &s.TitleWords,
		&s.Nearer, &s.TitleNearer, &s.Wordier, &s.TitleWordier,
		&s.DenseOver.Mean, &s.DenseOver.Spread, &s.TitleOver.Mean, &s.TitleOver.Spread, &s.WordsOver.Mean, &s.WordsOver.Spread, &s.ScoreOver.Mean, &s.ScoreOver.Spread,
		&f.answers, &f.places, &f.worths, &f.held, &s.Neighbours, &s.Worth, &s.UnknownWords, &s.UnknownWorth,
		&f.articleID, &f.key, &f.locale, &f.revision, &f.title, &f.url, &f.best, &f.second, &f.titleCosine, &f.words, &f.titleWords, &f.sum,
		&f.ordinal, &f.path, &f.start, &f.end, &f.text, &f.cosine, &f.score,
		&f.kind, &f.revised, &f.from, &f.until, &f.size, &f.body, &f.context, &f.sectionStart, &f.sectionEnd, &f.section)
	if err != nil {
		return err
	}
	if f.articleID == nil {
		return nil
	}
	f.addLists(s, lexemes)
	last := len(found.Hits) - 1
	if last < 0 || found.Hits[last].ArticleID != *f.articleID {
		found.Hits = append(found.Hits, knowledge.Hit{
			ArticleID: *f.articleID, Key: *f.key, Locale: *f.locale, Revision: *f.revision, Title: *f.title, URL: *f.url, Score: *f.sum,
			Kind: knowledge.ArticleKind(*f.kind), ReviseTime: orZero(f.revised), ValidFrom: orZero(f.from), ValidUntil: orZero(f.until), BodyBytes: *f.size,
			SubScores: knowledge.SubScores{Dense: or0(f.best), Second: or0(f.second), Title: or0(f.titleCosine), Words: or0(f.words), TitleWords: or0(f.titleWords)},
		})
		last++
	}
	hit := &found.Hits[last]
	hit.Body += orBlank(f.body) // it comes with the first passage alone
	hit.Passages = append(hit.Passages, knowledge.FoundPassage{
		ID: fmt.Sprintf("%s/%d/%d", *f.articleID, *f.revision, *f.ordinal), HeadingPath: f.path, Start: *f.start, End: *f.end, Text: *f.text,
		Context: f.context, SectionStart: *f.sectionStart, SectionEnd: *f.sectionEnd, Section: orBlank(f.section),
		Dense: or0(f.cosine), Words: or0(f.score),
	})
	return nil
}

// addLists takes over what only the first row has.
func (f *foundRow) addLists(s *knowledge.Shape, lexemes []string) {
	for a := range slices.Chunk(f.answers, 5) {
		s.Answers = append(s.Answers, knowledge.Answer{
			Score: a[0], SubScores: knowledge.SubScores{Dense: a[1], Title: a[2], Words: a[3], TitleWords: a[4]},
		})
	}
	for i, place := range f.places {
		s.KnownWords = append(s.KnownWords, knowledge.KnownWord{Lexeme: lexemes[place-1], Worth: f.worths[i], Held: f.held[i]})
	}
}

func orBlank(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func or0(f *float64) float64 {
	if f == nil {
		return 0
	}
	return *f
}
