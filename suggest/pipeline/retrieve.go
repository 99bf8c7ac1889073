package pipeline

import (
	"context"
	"fmt"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
	"github.com/purser-desk/purser/suggest/request"
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

// retrieve searches for the message, for what it refers to and for each of its
// requests in one batch, and picks what is offered as evidence. Where nothing else
// tells the language of a, what was found does.
func (p *Pipeline) retrieve(ctx context.Context, w suggest.Workspace, in suggest.Input, a *asked) (found, error) {
	if text.IsBlank(a.search) {
		return found{}, nil
	}
	plan := p.plan(in, a)
	all, err := p.searcher.SearchAll(ctx, w, plan.queries)
	if err != nil {
		return found{}, fmt.Errorf("search: %w", err)
	}
	f := found{}
	if plan.followUp > 0 {
		f.results = p.choose(a, all[0], all[plan.followUp])
	} else if f.results = all[0]; a.reference == request.Another {
		f.results.Hits = p.first(levelled(f.results.Hits))
	}
	f.ranking = make([]suggest.RankedArticle, 0, len(f.results.Hits))
	for _, h := range f.results.Hits {
		f.ranking = append(f.ranking, suggest.RankedArticle{
			ArticleID: h.ArticleID, Key: h.Key, Locale: h.Locale, Revision: h.Revision, Score: h.Score,
		})
	}
	if a.locale == "" {
		if a.locale = languageOf(f.results.Hits); a.locale != "" && in.Locale == "" {
			a.draftLocale = a.locale
		}
	}
	p.offer(&f, a, plan, all)
	f.otherLanguage = len(f.evidence) > 0
	for _, e := range f.evidence {
		if text.BaseLanguage(e.Locale) == text.BaseLanguage(a.draftLocale) {
			f.otherLanguage = false
		}
	}
	return f, nil
}

// choose is what was found for a message that may go on with what was said before:
// alone or with that.
func (p *Pipeline) choose(a *asked, alone, with knowledge.Results) knowledge.Results {
	better, other := alone, with
	if a.reference == request.Surely || with.Confidence > alone.Confidence {
		better, other, a.search = with, alone, a.followUp
	}
	better.Hits = levelled(better.Hits)
	if a.reference == request.Perhaps {
		better.Hits = joinHits(better.Hits, levelled(other.Hits))
	}
	better.Hits = p.first(better.Hits)
	return better
}

func (p *Pipeline) first(hits []knowledge.Hit) []knowledge.Hit {
	return hits[:min(len(hits), p.settings.Articles)]
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

// pickEvidence gives whole sections of the best articles, by article, best first, and
// in the article's order.
func pickEvidence(hits []knowledge.Hit, o knowledge.SectionOptions) []suggest.Evidence {
	sections := knowledge.Sections(hits, o)
	evidence := make([]suggest.Evidence, 0, len(sections))
	for _, s := range sections {
		evidence = append(evidence, suggest.Evidence{
			Number: len(evidence) + 1, ArticleID: s.ArticleID, Key: s.Key, Locale: s.Locale, Revision: s.Revision, Title: s.Title, URL: s.URL,
			HeadingPath: s.HeadingPath, Start: s.Start, End: s.End, StartCodePoint: s.StartCodePoint, Text: s.Text, Context: s.Context, Score: s.Score,
			Kind: s.Kind, ReviseTime: s.ReviseTime, ValidFrom: s.ValidFrom, ValidUntil: s.ValidUntil,
		})
	}
	return evidence
}
