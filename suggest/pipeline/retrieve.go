package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
)

// passagesPerArticle is how many passages of one article are asked for.
const passagesPerArticle = 3

// found is what retrieval makes of a question.
type found struct {
	results knowledge.Results
	// ranking of all articles as search gave it.
	ranking  []suggest.RankedArticle
	evidence []suggest.Evidence
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

// pickEvidence chooses passages in turns, so that the best article gives most
// and others are heard: the first passage of each of the best, then the second,
// then the third. Worse articles than half as good give one at most. They are
// numbered by article, best first, and in the article's order.
func (p *Pipeline) pickEvidence(hits []knowledge.Hit) []suggest.Evidence {
	type pick struct{ hit, passage int }
	var picks []pick
	size := 0
	seen := map[string]bool{}
	for turn := range passagesPerArticle {
		for i, h := range hits {
			if turn >= len(h.Passages) || len(picks) >= p.settings.Passages {
				continue
			}
			if turn > 0 && (i >= 3-turn || h.Score < hits[0].Score/2) {
				continue
			}
			if turn == 0 && i >= max(2, p.settings.Passages-2) {
				continue
			}
			body := h.Passages[turn].Text
			key := strings.Join(strings.Fields(body), " ")
			if seen[key] || size > 0 && size+len(body) > p.settings.EvidenceBytes {
				continue
			}
			seen[key] = true
			size += len(body)
			picks = append(picks, pick{i, turn})
		}
	}
	slices.SortStableFunc(picks, func(a, b pick) int {
		if a.hit != b.hit {
			return a.hit - b.hit
		}
		return hits[a.hit].Passages[a.passage].Start - hits[b.hit].Passages[b.passage].Start
	})
	evidence := make([]suggest.Evidence, 0, len(picks))
	for _, k := range picks {
		h, passage := hits[k.hit], hits[k.hit].Passages[k.passage]
		evidence = append(evidence, suggest.Evidence{
			Number: len(evidence) + 1, ArticleID: h.ArticleID, Key: h.Key, Locale: h.Locale,
			Revision: h.Revision, Title: h.Title, URL: h.URL, HeadingPath: passage.HeadingPath,
			Start: passage.Start, End: passage.End, Text: passage.Text, Score: h.Score,
		})
	}
	return evidence
}
