package knowledge

import (
	"context"
	"time"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/text"
)

// StaleArticle is an article that an older cutter or analyser indexed.
type StaleArticle struct {
	ArticleID           string
	Revision            int
	Locale, Title, Body string
}

// StaleIndex knows which articles of a workspace were indexed by an older version,
// and replaces what was made of them.
type StaleIndex interface {
	// Stale returns at most n articles that were indexed under a lower version.
	Stale(ctx context.Context, w Workspace, version, n int) ([]StaleArticle, error)
	// CountStale counts them.
	CountStale(ctx context.Context, w Workspace, version int) (int, error)
	// Unembedded returns which of the hashes have no vector in the space's cache.
	Unembedded(ctx context.Context, w Workspace, space int, hashes [][32]byte) ([][32]byte, error)
	// KeepVectors puts vectors into the space's cache.
	KeepVectors(ctx context.Context, w Workspace, space int, texts []EmbeddedText) error
	// Replace puts articles, each of which is still at its revision and of a lower
	// version, in the place of what was indexed of them, in one transaction:
	// passages, words, and the vectors that the caches hold. What has none waits for
	// one.
	Replace(ctx context.Context, w Workspace, version int, articles []IndexedArticle) error
}

// Recutting cuts and embeds articles again after a change of the cutter or the
// analyser. Until an article's new texts have their vectors, it is found as it was.
type Recutting struct {
	index     StaleIndex
	analyzer  *analysis.Analyzer
	embedding *Embedding
}

// NewRecutting makes one; embedding is nil where search is by words alone.
func NewRecutting(index StaleIndex, analyzer *analysis.Analyzer, embedding *Embedding) *Recutting {
	return &Recutting{index: index, analyzer: analyzer, embedding: embedding}
}

// OneByOne is the same with batches of one text, for a provider that takes long.
func (r *Recutting) OneByOne() *Recutting {
	single := *r
	if r.embedding != nil {
		single.embedding = r.embedding.OneByOne()
	}
	return &single
}

// recutAtOnce is how many articles are read and replaced together.
const recutAtOnce = 8

// Waiting counts the articles of a workspace that are still to be cut again.
func (r *Recutting) Waiting(ctx context.Context, w Workspace) (int, error) {
	return r.index.CountStale(ctx, w, IndexVersion)
}

// Work cuts articles of a workspace again, for about as long as budget. What was
// embedded when it ends is not embedded again. More is true when time ran out
// first. It fails with an *EmbedError when the provider is at fault.
func (r *Recutting) Work(ctx context.Context, w Workspace, budget time.Duration) (more bool, err error) {
	now := time.Now
	if r.embedding != nil {
		now = r.embedding.o.Now
	}
	end := now().Add(budget)
	for {
		stale, err := r.index.Stale(ctx, w, IndexVersion, recutAtOnce)
		if err != nil || len(stale) == 0 {
			return false, err
		}
		articles := make([]IndexedArticle, 0, len(stale))
		for _, s := range stale {
			a := indexDocument(r.analyzer, Document{Locale: s.Locale, Title: s.Title, Body: s.Body})
			a.ArticleID, a.Revision = s.ArticleID, s.Revision
			articles = append(articles, a)
		}
		done, err := r.embedNew(ctx, w, articles, func() bool { return now().Before(end) })
		if done > 0 {
			if replaced := r.index.Replace(ctx, w, IndexVersion, articles[:done]); replaced != nil {
				return false, replaced
			}
		}
		if err != nil {
			return false, err
		}
		if done < len(articles) || !now().Before(end) {
			return true, nil
		}
	}
}

// embedNew embeds what is new of articles, one after the other, while there is
// time, and returns how many are complete. A text that the provider refuses is no
// reason to wait: it is left to those who try such texts again.
func (r *Recutting) embedNew(ctx context.Context, w Workspace, articles []IndexedArticle, inTime func() bool) (done int, err error) {
	if r.embedding == nil {
		return len(articles), nil
	}
	space, number, err := r.embedding.open(ctx, w)
	if err != nil {
		return 0, err
	}
	for i := range articles {
		texts, err := r.newTexts(ctx, w, number, &articles[i])
		if err != nil {
			return done, err
		}
		for len(texts) > 0 {
			if !inTime() {
				return done, nil
			}
			batch := texts[:min(len(texts), r.embedding.o.Batch)]
			results, fault := r.embedding.embedBatch(ctx, batch, space)
			if err := r.keep(ctx, w, number, results); err != nil {
				return done, err
			}
			if fault != nil {
				return done, fault
			}
			texts = texts[len(batch):]
		}
		done++
	}
	return done, nil
}

// keep keeps results even when the caller has just gone: they were paid for.
func (r *Recutting) keep(ctx context.Context, w Workspace, space int, results []EmbeddedText) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return r.index.KeepVectors(ctx, w, space, results)
}

// newTexts are the texts of an article that have no vector yet.
func (r *Recutting) newTexts(ctx context.Context, w Workspace, space int, a *IndexedArticle) ([]WaitingText, error) {
	all := []WaitingText{{ArticleID: a.ArticleID, Ordinal: -1, Hash: a.TitleHash, Text: a.Document.Title}}
	for i := range a.Passages {
		p := &a.Passages[i]
		all = append(all, WaitingText{ArticleID: a.ArticleID, Ordinal: p.Ordinal, Hash: p.TextHash, Text: EmbeddingText(a.Document.Title, p.Passage)})
	}
	hashes := make([][32]byte, len(all))
	for i := range all {
		hashes[i] = all[i].Hash
	}
	missing, err := r.index.Unembedded(ctx, w, space, hashes)
	if err != nil {
		return nil, err
	}
	wanted := make(map[[32]byte]bool, len(missing))
	for _, h := range missing {
		wanted[h] = true
	}
	var texts []WaitingText
	for i := range all {
		if t := all[i]; wanted[t.Hash] && !text.IsBlank(t.Text) {
			wanted[t.Hash] = false // once
			texts = append(texts, t)
		}
	}
	return texts, nil
}
