package knowledge

import (
	"context"
	"time"
)

// Query asks for passages.
type Query struct {
	// Text is the question, cleaned and not blank.
	Text string
	// Locale of the question, BCP 47; empty when not known.
	Locale string
	// Locales keeps articles in any of these languages; empty keeps all.
	Locales []string
	// ExcludeLocales drops articles in any of these languages.
	ExcludeLocales []string
	// ExcludeKeys drops the articles with these keys, in every language, as if
	// the workspace did not hold them, for a few: it costs time by their number.
	ExcludeKeys []string
	// Labels keeps articles that carry all of these.
	Labels []string
	// Limit is the most articles returned, 1 to 50.
	Limit int
	// PassagesPerArticle is the most passages returned of one article, best
	// first; 0 means 1.
	PassagesPerArticle int
	// Time at which the articles must be valid.
	Time time.Time
	// Sections is of how many of the first articles bodies or sections come with
	// the hits, for Sections; 0 for none.
	Sections int
}

// Hit is one article with the passages that answer best.
type Hit struct {
	ArticleID   string
	Key, Locale string
	Revision    int
	Title, URL  string
	Kind        ArticleKind
	// ReviseTime is when the revision was applied; ValidFrom and ValidUntil are
	// zero where unbounded.
	ReviseTime, ValidFrom, ValidUntil time.Time
	// BodyBytes is how long the revision's body is, Body the whole of it where
	// sections were asked for and it is not longer than MaxBodySent.
	BodyBytes int
	Body      string
	// Passages are the article's best, best first, at least one.
	Passages []FoundPassage
	// Score is the article's fused relevance, 0 to 1, comparable between
	// questions and workspaces.
	Score float64
	// SubScores are the raw scores behind it.
	SubScores SubScores
}

// FoundPassage is a piece of a revision that was found.
type FoundPassage struct {
	ID string
	// HeadingPath holds the headings above it, outermost first.
	HeadingPath []string
	// Start and End are byte offsets in the revision's body.
	Start, End int
	Text       string
	// Context is what stands further up and without which Text can't be read.
	Context []Part
	// SectionStart and SectionEnd bound the sections that it stands in. Section is
	// their text where sections were asked for and the hit has no Body.
	SectionStart, SectionEnd int
	Section                  string
	// Dense is the cosine with the question, -1 to 1; 0 without a vector.
	Dense float64
	// Words is its BM25 score, 0 or more.
	Words float64
}

// Passage is the piece of the revision itself.
func (f *FoundPassage) Passage() Passage {
	return Passage{
		HeadingPath: f.HeadingPath, Start: f.Start, End: f.End, Text: f.Text, Context: f.Context,
		SectionStart: f.SectionStart, SectionEnd: f.SectionEnd,
	}
}

// MaxBodySent is how long, in bytes, a body may be to come with a hit as a whole.
const MaxBodySent = 6000

// SubScores are the raw scores of the ways to find an article.
type SubScores struct {
	// Dense is the best passage's cosine, Second the second best one's, Title the
	// title's; -1 to 1, 0 without a vector. Of a single passage Second is 0 too.
	Dense, Second, Title float64
	// Words is the best passage's BM25 score, TitleWords the title's; 0 or more.
	Words, TitleWords float64
}

// Results of a search, best first; ties break by article key and locale.
type Results struct {
	Hits []Hit
	// WordsOnly is true when meaning could not be searched: no vectors yet, or
	// the embedder failed; Degraded then says why in a stable word.
	WordsOnly bool
	Degraded  string
	// Partial is true when meaning was searched, and articles that might answer
	// have no vector yet: they are found by words alone.
	Partial bool
	// Space that was searched; empty when by words only.
	Space string
	// Confidence that the best hits answer the question, 0 to 1, from the shape
	// of the scores alone.
	Confidence float64
	// Features behind the confidence, and more, by name, for records and
	// calibration; see Shape for their names and meaning.
	Features map[string]float64
	// Embed and Retrieve are how long the two steps took.
	Embed, Retrieve time.Duration
}

// Searcher finds passages for a question.
type Searcher interface {
	// Search never fails for want of vectors: it searches by words then and
	// says so.
	Search(ctx context.Context, w Workspace, q Query) (Results, error)
	// SearchAll searches for several questions at once, and returns their results
	// in order: one call of the embedder and one round trip to the store for all.
	SearchAll(ctx context.Context, w Workspace, qs []Query) ([]Results, error)
}
