package knowledge

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/text"
)

// IndexVersion changes whenever the passages or lexemes of any text could: what
// was indexed under another version is due to be indexed again.
const IndexVersion = ChunkerVersion*1000 + analysis.Version

// Lexemes are the words of a text as search compares them.
type Lexemes struct {
	// Length counts all of them, repeats included.
	Length int
	// Counts are sorted by lexeme.
	Counts []LexemeCount
}

// LexemeCount is how often a lexeme stands in a text, at least once.
type LexemeCount struct {
	Lexeme string
	Count  int
}

// CountLexemes counts a list of lexemes, which it sorts.
func CountLexemes(list []string) Lexemes {
	slices.Sort(list)
	l := Lexemes{Length: len(list)}
	for i := 0; i < len(list); {
		j := i + 1
		for j < len(list) && list[j] == list[i] {
			j++
		}
		l.Counts = append(l.Counts, LexemeCount{Lexeme: list[i], Count: j - i})
		i = j
	}
	return l
}

// IndexedArticle is a revision with all that search needs of it.
type IndexedArticle struct {
	ArticleID string
	Revision  int
	Document  Document
	BodyHash  [32]byte
	// Title holds the title's lexemes, TitleHash is PassageHash of its text.
	Title     Lexemes
	TitleHash [32]byte
	Passages  []IndexedPassage
}

// IndexedPassage is a passage with its lexemes.
type IndexedPassage struct {
	Passage
	// TextHash is PassageHash of what is embedded for it.
	TextHash [32]byte
	// Lexemes are those of the title, the headings and the text.
	Lexemes Lexemes
}

// PassageHash names a text that is embedded as part of an article.
func PassageHash(s string) [32]byte { return text.Hash("passage", s) }

// QuestionHash names a text that is embedded as a question, which gives another
// vector.
func QuestionHash(s string) [32]byte { return text.Hash("question", s) }

// indexAll cuts and analyses documents, several at a time.
func indexAll(ctx context.Context, analyzer *analysis.Analyzer, changes []PlannedChange) ([]IndexedArticle, error) {
	articles := make([]IndexedArticle, len(changes))
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(changes)) {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(changes) || ctx.Err() != nil {
					return
				}
				c := changes[i]
				articles[i] = indexDocument(analyzer, *c.Document)
				articles[i].ArticleID, articles[i].Revision = c.ArticleID, c.Revision
			}
		})
	}
	group.Wait()
	return articles, ctx.Err()
}

func indexDocument(analyzer *analysis.Analyzer, d Document) IndexedArticle {
	a := IndexedArticle{
		Document:  d,
		BodyHash:  text.Hash(d.Body),
		Title:     CountLexemes(analyzer.Lexemes(d.Locale, d.Title)),
		TitleHash: PassageHash(d.Title),
	}
	for _, p := range cutDocument(d) {
		embedded := EmbeddingText(d.Title, p)
		a.Passages = append(a.Passages, IndexedPassage{
			Passage:  p,
			TextHash: PassageHash(embedded),
			Lexemes:  CountLexemes(analyzer.Lexemes(d.Locale, WordsText(d.Title, p))),
		})
	}
	return a
}

func cutDocument(d Document) []Passage {
	return Cut(d.Title, d.Body, CutOptions{Target: passageTarget, Max: passageMax, Locale: d.Locale})
}

// Sizes of passages in characters: those that a small embedding model was
// measured to find best.
const (
	passageTarget = 800
	passageMax    = 1000
)
