package pipeline

import (
	"context"
	"fmt"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
)

// passagesPerArticle is how many passages of one article are asked for.
const passagesPerArticle = 3

// evidenceArticles is of how many articles sections are offered.
const evidenceArticles = 4

// found is what retrieval makes of a question.
type found struct {
	results knowledge.Results
	// ranking of all articles as search gave it.
	ranking  []suggest.RankedArticle
	evidence []suggest.Evidence
	// requests of the message, with the numbers of their evidence.
	requests []suggest.CustomerRequest
	// assessed is how sure all this makes.
	assessed confidence.Assessed
	// otherLanguage is true when no evidence is in the draft's language.
	otherLanguage bool
}

// retrieve searches and picks the passages that are offered as evidence.
func (p *Pipeline) retrieve(ctx context.Context, w suggest.Workspace, in suggest.Input, a asked) (found, error) {
	question := a.search
	if text.IsBlank(question) {
		return found{}, nil
	}
	results, err := p.searcher.Search(ctx, w, knowledge.Query{
		Text:               question,
		Locale:             a.locale,
		ExcludeLocales:     in.ExcludeLocales,
		ExcludeKeys:        in.ExcludeKeys,
		Labels:             in.Ticket.Labels,
		Limit:              p.settings.Articles,
		PassagesPerArticle: passagesPerArticle,
		Sections:           evidenceArticles,
		Time:               p.now(),
	})
	if err != nil {
		return found{}, fmt.Errorf("search: %w", err)
	}
	f := found{results: results, ranking: make([]suggest.RankedArticle, 0, len(results.Hits))}
	for _, h := range results.Hits {
		f.ranking = append(f.ranking, suggest.RankedArticle{
			ArticleID: h.ArticleID, Key: h.Key, Locale: h.Locale, Revision: h.Revision, Score: h.Score,
		})
	}
	hits := preferLanguage(results.Hits, text.BaseLanguage(a.draftLocale))
	f.evidence = p.pickEvidence(hits)
	f.otherLanguage = len(f.evidence) > 0
	for _, e := range f.evidence {
		if text.BaseLanguage(e.Locale) == text.BaseLanguage(a.draftLocale) {
			f.otherLanguage = false
		}
	}
	return f, nil
}

// translationShare is how much of another translation's score an article in the
// draft's language needs to stand in for it.
const translationShare = 0.7

// preferLanguage keeps one translation of each article: that in the draft's
// language when it scores nearly as well, else the best one. It takes the place
// of the better of the two.
func preferLanguage(hits []knowledge.Hit, language string) []knowledge.Hit {
	out := make([]knowledge.Hit, 0, len(hits))
	at := make(map[string]int, len(hits))
	for _, h := range hits {
		if len(h.Passages) == 0 {
			continue
		}
		i, seen := at[h.Key]
		switch {
		case !seen:
			at[h.Key] = len(out)
			out = append(out, h)
		case text.BaseLanguage(h.Locale) == language && text.BaseLanguage(out[i].Locale) != language &&
			h.Score >= translationShare*out[i].Score:
			out[i] = h
		}
	}
	return out
}

// pickEvidence gives whole sections of the best articles, numbered by article, best
// first, and in the article's order.
func (p *Pipeline) pickEvidence(hits []knowledge.Hit) []suggest.Evidence {
	sections := knowledge.Sections(hits, knowledge.SectionOptions{Bytes: p.settings.EvidenceBytes, Articles: evidenceArticles})
	evidence := make([]suggest.Evidence, 0, len(sections))
	for _, s := range sections {
		evidence = append(evidence, suggest.Evidence{
			Number: len(evidence) + 1, ArticleID: s.ArticleID, Key: s.Key, Locale: s.Locale, Revision: s.Revision, Title: s.Title, URL: s.URL,
			HeadingPath: s.HeadingPath, Start: s.Start, End: s.End, Text: s.Text, Score: s.Score,
			Kind: s.Kind, ReviseTime: s.ReviseTime, ValidFrom: s.ValidFrom, ValidUntil: s.ValidUntil,
		})
	}
	return evidence
}
