package eval

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/eval/overlap"
	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

// scorer judges results; it is safe for concurrent use.
type scorer struct {
	detect   func(string) langid.Guess
	prices   *Prices
	asked    *Asked
	supports *supporter
}

func newScorer(o Options) scorer {
	return scorer{detect: o.Detect, prices: o.Prices, asked: o.Asked, supports: newSupporter(o.Analyzer)}
}

// score gives the case its part in each metric that it counts for.
func (o *scorer) score(r *CaseResult, c *suite.Case) {
	o.scoreOutcome(r, c)
	o.scoreUse(r)
	r.forgetUnknown()
}

// scoreUse tells what the case took of a model.
func (o *scorer) scoreUse(r *CaseResult) {
	drafted := r.Outcome == suggest.OutcomeDraft
	tokens := r.PromptTokens + r.CompletionTokens
	if drafted && tokens > 0 {
		r.Scores[TokensPerDraft] = float64(tokens)
	}
	if o.prices == nil {
		return
	}
	cost, known := o.prices.of(r, o.asked)
	if !known {
		return
	}
	r.Scores[CostPer1000Tickets] = 1000 * cost
	if drafted {
		r.Scores[CostPerDraft] = cost
	}
}

func (o *scorer) scoreOutcome(r *CaseResult, c *suite.Case) {
	drafted := r.Outcome == suggest.OutcomeDraft
	put := func(name string, met bool) { r.Scores[name] = outcome(met) }
	if len(c.GoldIDs) > 0 {
		place := slices.IndexFunc(r.Ranked, func(key string) bool { return slices.Contains(c.GoldIDs, key) })
		put(HitAt1, place == 0)
		put(HitAt3, place >= 0 && place < 3)
		put(HitAt5, place >= 0 && place < 5)
		r.Scores[MRRAt10] = 0
		if place >= 0 {
			r.Scores[MRRAt10] = 1 / float64(place+1)
		}
		r.scoreRanking(c.GoldIDs)
	}
	if c.Expect == suite.ExpectAnswer || c.Expect == suite.ExpectNone {
		d := r.Confidence - outcome(c.Expect == suite.ExpectAnswer)
		r.Scores[Brier] = d * d
	}
	put(DraftRate, drafted)
	switch c.Expect {
	case suite.ExpectNone:
		put(SilentOnUnanswered, !drafted)
	case suite.ExpectAnswer:
		put(SilentOnAnswerable, !drafted)
	case suite.ExpectHuman, suite.ExpectOpen:
	}
	human := r.Outcome == suggest.OutcomeHumanOnly
	switch c.Expect {
	case suite.ExpectHuman:
		put(HumanRecall, human)
	case suite.ExpectAnswer, suite.ExpectNone:
		put(HumanFalseAlarm, human)
	case suite.ExpectOpen:
	}
	if c.Reason != "" {
		put(ReasonRight, r.Reason == c.Reason)
	}
	if drafted {
		o.scoreDraft(r, c, put)
	}
}

func outcome(happened bool) float64 {
	if happened {
		return 1
	}
	return 0
}

// scoreRanking judges the ranking beyond its first gold article.
func (r *CaseResult) scoreRanking(gold []string) {
	found, gains := make([]bool, len(r.Ranked)), make([]float64, len(r.Ranked))
	for i, key := range r.Ranked {
		if slices.Contains(gold, key) {
			found[i], gains[i] = true, 1
		}
	}
	ideal := make([]float64, len(gold))
	for i := range ideal {
		ideal[i] = 1
	}
	r.Scores[RecallAt5] = stat.RecallAt(found, len(gold), 5)
	r.Scores[NDCGAt10] = stat.NDCG(gains, ideal, rankedMost)
}

// lightEdit is the share of words that a light edit changes less than.
const lightEdit = .2

// scoreDraft judges a draft that was given.
func (o *scorer) scoreDraft(r *CaseResult, c *suite.Case, put func(name string, met bool)) {
	r.Scores[DraftChars], r.Scores[DraftWords] = float64(utf8.RuneCountInString(r.Text)), float64(len(overlap.Tokens(r.Text)))
	if share, judged := o.supports.share(r, c.Facts); judged {
		r.Scores[ClaimsSupported] = share
	}
	if c.GoldReply != "" {
		words := overlap.NewWords(r.Text, c.GoldReply)
		r.Scores[RougeL] = words.RougeL()
		r.Scores[ChrF] = overlap.ChrF(r.Text, c.GoldReply)
		put(LightEdit, words.ChangedShare() < lightEdit)
	}
	if len(c.GoldIDs) > 0 {
		cited, gold := r.cited(c.GoldIDs)
		put(CitationRecall, gold > 0)
		if cited > 0 {
			r.Scores[CitationPrecision] = float64(gold) / float64(cited)
		}
	}
	plain := suite.Fold(r.Text)
	says := func(s string) bool { return strings.Contains(plain, suite.Fold(s)) }
	if len(c.MustSay) > 0 {
		put(MustSayKept, !slices.ContainsFunc(c.MustSay, func(s string) bool { return !says(s) }))
	}
	if len(c.MustNotSay) > 0 {
		put(MustNotSayKept, !slices.ContainsFunc(c.MustNotSay, says))
	}
	if c.MaxChars > 0 {
		put(LengthKept, utf8.RuneCountInString(r.Text) <= c.MaxChars)
	}
	want := c.ReplyLang
	if want == "" {
		want = c.Lang
	}
	if want != "" && o.detect != nil {
		if g := o.detect(r.Text); g.Locale != "" {
			put(RightLanguage, text.BaseLanguage(g.Locale) == text.BaseLanguage(want))
		}
	}
}

// cited counts the distinct articles that the draft cites, and those of them
// that are gold.
func (r *CaseResult) cited(gold []string) (all, right int) {
	keys := r.Cited()
	for _, key := range keys {
		if slices.Contains(gold, key) {
			right++
		}
	}
	return len(keys), right
}

// Cited are the keys of the articles that the draft cites, each once.
func (r *CaseResult) Cited() []string {
	keys := map[int]string{}
	for i := range r.Evidence {
		keys[r.Evidence[i].Number] = r.Evidence[i].Key
	}
	var out []string
	for i := range r.Claims {
		for _, c := range r.Claims[i].Citations {
			if key, ok := keys[c.Number]; ok && !slices.Contains(out, key) {
				out = append(out, key)
			}
		}
	}
	return out
}
