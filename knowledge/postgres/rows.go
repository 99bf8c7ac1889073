package postgres

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/purser-desk/purser/knowledge"
)

// applyRows is an application as columns.
type applyRows struct {
	// ids of the articles that come or change; stale those and the removed ones,
	// whose index has to go first.
	ids, stale []string
	articles   []articleRows
	passages   []passageRows
	counts     []countRows
	totals     []localeTotals
	// statements is how many were queued between the claim and the vectors.
	statements int
}

type articleRows struct {
	ids, keys, locales, labels, titles, bodies, urls, kinds []string
	revisions, passages, lengths                            []int
	from, until                                             []pgtype.Timestamptz
	hashes, titleHashes                                     [][]byte
	lexemes                                                 []pgtype.TSVector
}

type passageRows struct {
	articles, paths, texts, contexts           []string
	ordinals, revisions, starts, ends, lengths []int
	sectionStarts, sectionEnds                 []int
	hashes                                     [][]byte
	lexemes                                    []pgtype.TSVector
}

type countRows struct {
	field, locale string
	lexemes       []string
	numbers       []int
}

type localeTotals struct {
	locale                       string
	articles, passages           int
	passageLexemes, titleLexemes int
}

func newRows(a knowledge.Application) *applyRows {
	r := &applyRows{stale: slices.Clone(a.Removed)}
	for _, article := range a.Articles {
		r.ids = append(r.ids, article.ArticleID)
		if article.Revision > 1 {
			r.stale = append(r.stale, article.ArticleID)
		}
	}
	for from, to := range chunks(len(a.Articles), func(i int) int { return len(a.Articles[i].Document.Body) }) {
		r.articles = append(r.articles, newArticleRows(a.Articles[from:to]))
	}
	r.addPassages(a.Articles)
	r.count(a.Articles)
	return r
}

func newArticleRows(articles []knowledge.IndexedArticle) articleRows {
	var r articleRows
	for i := range articles {
		a := &articles[i]
		r.ids = append(r.ids, a.ArticleID)
		r.keys = append(r.keys, a.Document.Key)
		r.locales = append(r.locales, a.Document.Locale)
		r.labels = append(r.labels, strings.Join(a.Document.Labels, "\n"))
		r.titles = append(r.titles, a.Document.Title)
		r.bodies = append(r.bodies, a.Document.Body)
		r.urls = append(r.urls, a.Document.URL)
		r.kinds = append(r.kinds, string(a.Document.Kind.OrAnswer()))
		r.revisions = append(r.revisions, a.Revision)
		r.passages = append(r.passages, len(a.Passages))
		r.lengths = append(r.lengths, a.Title.Length)
		r.from = append(r.from, bound(a.Document.ValidFrom, pgtype.NegativeInfinity))
		r.until = append(r.until, bound(a.Document.ValidUntil, pgtype.Infinity))
		r.hashes = append(r.hashes, a.BodyHash[:])
		r.titleHashes = append(r.titleHashes, a.TitleHash[:])
		r.lexemes = append(r.lexemes, vectorOf(a.Title))
	}
	return r
}

// bound stores a time; without one, the infinity on its side.
func bound(t time.Time, unbounded pgtype.InfinityModifier) pgtype.Timestamptz {
	if t.IsZero() {
		return pgtype.Timestamptz{InfinityModifier: unbounded, Valid: true}
	}
	return pgtype.Timestamptz{Time: t, Valid: true}
}

func (r *applyRows) addPassages(articles []knowledge.IndexedArticle) {
	var p passageRows
	for i := range articles {
		a := &articles[i]
		for j := range a.Passages {
			passage := &a.Passages[j]
			p.articles = append(p.articles, a.ArticleID)
			p.ordinals = append(p.ordinals, passage.Ordinal)
			p.revisions = append(p.revisions, a.Revision)
			p.paths = append(p.paths, strings.Join(passage.HeadingPath, "\n"))
			p.starts = append(p.starts, passage.Start)
			p.ends = append(p.ends, passage.End)
			p.hashes = append(p.hashes, passage.TextHash[:])
			p.texts = append(p.texts, passage.Text)
			p.contexts = append(p.contexts, contextJSON(passage.Context))
			p.sectionStarts = append(p.sectionStarts, passage.SectionStart)
			p.sectionEnds = append(p.sectionEnds, passage.SectionEnd)
			p.lengths = append(p.lengths, passage.Lexemes.Length)
			p.lexemes = append(p.lexemes, vectorOf(passage.Lexemes))
		}
		if len(p.articles) >= chunkRows || i == len(articles)-1 && len(p.articles) > 0 {
			r.passages = append(r.passages, p)
			p = passageRows{}
		}
	}
}

// contextJSON is how a passage's context is stored.
func contextJSON(parts []knowledge.Part) string {
	if len(parts) == 0 {
		return "[]"
	}
	raw, _ := json.Marshal(parts) // numbers and text: it can't fail
	return string(raw)
}

// vectorOf stores frequencies as weights: D once, C twice, B three times, A more
// often.
func vectorOf(l knowledge.Lexemes) pgtype.TSVector {
	positions := [4][]pgtype.TSVectorPosition{
		{{Position: 1, Weight: pgtype.TSVectorWeightD}},
		{{Position: 1, Weight: pgtype.TSVectorWeightC}},
		{{Position: 1, Weight: pgtype.TSVectorWeightB}},
		{{Position: 1, Weight: pgtype.TSVectorWeightA}},
	}
	v := pgtype.TSVector{Lexemes: make([]pgtype.TSVectorLexeme, len(l.Counts)), Valid: true}
	for i, c := range l.Counts {
		v.Lexemes[i] = pgtype.TSVectorLexeme{Word: c.Lexeme, Positions: positions[min(c.Count, 4)-1]}
	}
	return v
}

// count works out what the articles add to the statistics. Rows are sorted, so
// that two imports take the locks of rows in the same order.
func (r *applyRows) count(articles []knowledge.IndexedArticle) {
	bodies, titles := map[string]map[string]int{}, map[string]map[string]int{}
	totals := map[string]*localeTotals{}
	last := map[string]int{} // lexeme → article that counted it last, plus one
	for i := range articles {
		a := &articles[i]
		locale := a.Document.Locale
		t := totals[locale]
		if t == nil {
			t = &localeTotals{locale: locale}
			totals[locale], bodies[locale], titles[locale] = t, map[string]int{}, map[string]int{}
		}
		t.articles++
		t.titleLexemes += a.Title.Length
		for _, c := range a.Title.Counts {
			titles[locale][c.Lexeme]++
		}
		for j := range a.Passages {
			t.passages++
			t.passageLexemes += a.Passages[j].Lexemes.Length
			for _, c := range a.Passages[j].Lexemes.Counts {
				if last[c.Lexeme] != i+1 {
					last[c.Lexeme] = i + 1
					bodies[locale][c.Lexeme]++
				}
			}
		}
	}
	for _, locale := range slices.Sorted(maps.Keys(totals)) {
		r.totals = append(r.totals, *totals[locale])
		r.counts = append(r.counts, newCountRows("B", locale, bodies[locale])...)
		r.counts = append(r.counts, newCountRows("T", locale, titles[locale])...)
	}
}

func newCountRows(field, locale string, counts map[string]int) []countRows {
	var rows []countRows
	sorted := slices.SortedFunc(maps.Keys(counts), cmp.Compare)
	for part := range slices.Chunk(sorted, 10*chunkRows) {
		c := countRows{field: field, locale: locale, lexemes: part}
		for _, lexeme := range part {
			c.numbers = append(c.numbers, counts[lexeme])
		}
		rows = append(rows, c)
	}
	return rows
}
