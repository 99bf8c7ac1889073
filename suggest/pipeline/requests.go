package pipeline

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/request"
)

// What the searches for requests and for what is referred to ask for. Levelling
// languages needs many articles: of 101 requests of batches a and b of
// suggest/request/testdata the right article is among the first three of 92 with
// 50 articles, of 89 with 30 and of 86 with 10.
const (
	maxQueries       = 10
	requestArticles  = 50
	requestPassages  = 2
	requestSections  = 8
	requestsOffered  = 3 // articles of one of several requests
	wholeOffered     = 2 // and of the whole message then
	smallestEvidence = 1500
)

// plan is what to search for in one batch.
type plan struct {
	// queries: the first is the whole message.
	queries []knowledge.Query
	// followUp is the place of the message with what it refers to; 0 without one.
	followUp int
	// own and context are the places of each part that is searched for, by itself
	// and with what is told beside it, 0 where it is not.
	own, context []int
}

func (p *Pipeline) plan(in suggest.Input, a *asked) plan {
	whole := knowledge.Query{
		Text: a.search, Locale: a.locale, ExcludeLocales: in.ExcludeLocales, ExcludeKeys: in.ExcludeKeys, Labels: in.Ticket.Labels,
		Limit: p.settings.Articles, PassagesPerArticle: passagesPerArticle, Time: p.now(),
		Sections: 2 * evidenceArticles, // translations may take the first places
	}
	if a.reference != request.Apart {
		whole.Limit, whole.Sections = requestArticles, requestSections
	}
	out := plan{queries: []knowledge.Query{whole}}
	add := func(s string) int {
		if s = text.Truncate(strings.TrimSpace(s), p.settings.QuestionChars); text.IsBlank(s) || len(out.queries) == maxQueries {
			return 0
		}
		q := whole
		q.Text, q.Limit, q.PassagesPerArticle, q.Sections = s, requestArticles, requestPassages, requestSections
		out.queries = append(out.queries, q)
		return len(out.queries) - 1
	}
	if a.reference >= request.Perhaps {
		out.followUp = add(a.followUp)
	}
	if len(a.parts) < 2 || a.reference == request.Surely {
		return out
	}
	searched := a.parts[:min(len(a.parts), request.MaxSearched)]
	for i := range searched {
		out.own = append(out.own, add(searched[i].Search))
	}
	for i := range searched {
		out.context = append(out.context, add(searched[i].InContext()))
	}
	return out
}

// offer fills in evidence and requests.
func (p *Pipeline) offer(f *found, a *asked, pl plan, all []knowledge.Results) {
	language := text.BaseLanguage(a.draftLocale)
	hits := make([][]knowledge.Hit, len(pl.own))
	rankings := make([][]string, len(pl.own))
	for i, n := range pl.own {
		if n == 0 {
			continue
		}
		hits[i] = levelled(all[n].Hits)
		for _, h := range hits[i] {
			rankings[i] = append(rankings[i], h.Key)
		}
		if n := pl.context[i]; n > 0 {
			hits[i] = joinHits(hits[i], levelled(all[n].Hits))
		}
	}
	var merged []request.Merged
	if len(pl.own) > 0 {
		merged = request.Merge(a.question, a.parts, rankings)
	}
	if len(merged) < 2 {
		merged = []request.Merged{{Part: a.single()}}
	}
	// Words alone tell too little of a part of a message.
	if len(merged) == 1 || f.results.WordsOnly || f.results.Partial {
		p.offerWhole(f, a, merged, language)
		return
	}
	searched := 0
	for _, m := range merged {
		if m.From[0] < len(hits) {
			searched++
		}
	}
	o := knowledge.SectionOptions{Bytes: max(smallestEvidence, p.settings.EvidenceBytes/(searched+1)), Articles: requestsOffered}
	for i, m := range merged {
		r := a.customerRequest(i+1, m.Part)
		var of []knowledge.Hit
		for _, k := range m.From {
			if k < len(hits) {
				of = joinHits(of, hits[k])
			}
		}
		for _, e := range pickEvidence(preferLanguage(of, language), o) {
			r.Evidence = append(r.Evidence, f.add(e))
		}
		f.requests = append(f.requests, r)
	}
	// What answers the message as a whole may lie in what is told.
	o.Articles = wholeOffered
	for _, e := range pickEvidence(preferLanguage(f.results.Hits, language), o) {
		f.add(e)
	}
}

// offerWhole gives each request what was found for the whole message.
func (p *Pipeline) offerWhole(f *found, a *asked, merged []request.Merged, language string) {
	f.evidence = pickEvidence(preferLanguage(f.results.Hits, language), knowledge.SectionOptions{Bytes: p.settings.EvidenceBytes, Articles: evidenceArticles})
	for i, m := range merged {
		r := a.customerRequest(i+1, m.Part)
		for _, e := range f.evidence {
			r.Evidence = append(r.Evidence, e.Number)
		}
		f.requests = append(f.requests, r)
	}
}

// add adds a piece of evidence and returns its number. A piece that holds another
// one takes its place.
func (f *found) add(e suggest.Evidence) int {
	for i := range f.evidence {
		k := &f.evidence[i]
		if k.ArticleID != e.ArticleID || k.Revision != e.Revision {
			continue
		}
		switch {
		case k.Start <= e.Start && e.End <= k.End:
			return k.Number
		case e.Start <= k.Start && k.End <= e.End:
			e.Number = k.Number
			*k = e
			return k.Number
		}
	}
	e.Number = len(f.evidence) + 1
	f.evidence = append(f.evidence, e)
	return e.Number
}

// joinHits adds to what was found for a request what was found for it in another
// way: the best of that is heard behind the first two.
func joinHits(hits, more []knowledge.Hit) []knowledge.Hit {
	if len(hits) == 0 {
		return more
	}
	const before = 2
	same := func(h knowledge.Hit) func(o knowledge.Hit) bool {
		return func(o knowledge.Hit) bool { return o.ArticleID == h.ArticleID }
	}
	out := slices.Clone(hits[:min(before, len(hits))])
	for _, h := range more {
		if !slices.ContainsFunc(out, same(h)) {
			out = append(out, h)
			break
		}
	}
	for _, h := range slices.Concat(hits, more) {
		if !slices.ContainsFunc(out, same(h)) {
			out = append(out, h)
		}
	}
	return out
}

// single is the one request of a message.
func (a *asked) single() request.Part {
	if len(a.parts) == 1 {
		return a.parts[0]
	}
	return request.Part{Text: strings.TrimSpace(a.question)}
}

// customerRequest is a part as an agent is shown it, with its place in the message
// in which it stands word for word.
func (a *asked) customerRequest(number int, p request.Part) suggest.CustomerRequest {
	r := suggest.CustomerRequest{Number: number, Text: p.Text, MessageID: a.message.ID}
	for _, m := range a.run {
		if i := strings.Index(m.Text, p.Text); i >= 0 && p.Text != "" {
			r.MessageID, r.Start, r.End = m.ID, i, i+len(p.Text)
			r.StartCodePoint = utf8.RuneCountInString(m.Text[:i])
			break
		}
	}
	return r
}

// textsOf are the texts of requests where there are several.
func textsOf(requests []suggest.CustomerRequest) []string {
	if len(requests) < 2 {
		return nil
	}
	out := make([]string, len(requests))
	for i, r := range requests {
		out[i] = r.Text
	}
	return out
}
