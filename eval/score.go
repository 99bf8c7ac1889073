package eval

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/eval/overlap"
	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

// ScorerOptions are what cases are scored with.
type ScorerOptions struct {
	// Detect tells a draft's language; nil leaves that unmeasured.
	Detect func(s string) langid.Guess
	// Analyzer tells which words are the same; one is made when nil.
	Analyzer *analysis.Analyzer
	// Prices give the costs their place among the metrics; may be nil.
	Prices *Prices
	// Asked is how the model is asked; nil without a model.
	Asked *Asked
}

// Scorer scores results; it is safe for concurrent use.
type Scorer struct {
	o        ScorerOptions
	supports *supporter
}

// NewScorer makes a Scorer.
func NewScorer(o ScorerOptions) *Scorer { return &Scorer{o, newSupporter(o.Analyzer)} }

// Score gives the case its part in each metric that it counts for.
func (s *Scorer) Score(r *CaseResult, c *suite.Case) {
	s.scoreOutcome(r, c)
	r.scoreEvidence(c)
	s.scoreUse(r)
	r.forgetUnknown()
}

// scoreUse tells what the case took of a model.
func (s *Scorer) scoreUse(r *CaseResult) {
	drafted := r.Outcome == suggest.OutcomeDraft
	tokens := r.PromptTokens + r.CompletionTokens
	if drafted && tokens > 0 {
		r.Scores[TokensPerDraft] = float64(tokens)
	}
	if s.o.Prices == nil {
		return
	}
	cost, known := s.o.Prices.of(r.Model, r.PromptTokens, r.CompletionTokens, s.o.Asked)
	if !known {
		return
	}
	r.Scores[CostPer1000Tickets] = 1000 * cost
	if drafted {
		r.Scores[CostPerDraft] = cost
	}
}

func (s *Scorer) scoreOutcome(r *CaseResult, c *suite.Case) {
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
	human := r.Outcome == suggest.OutcomeHumanOnly
	switch c.Expect {
	case suite.ExpectNone:
		put(AbstainedOnUnanswerable, !drafted)
		put(HumanFalseAlarm, human)
	case suite.ExpectAnswer:
		put(AbstainedOnAnswerable, !drafted)
		put(HumanFalseAlarm, human)
	case suite.ExpectHuman:
		put(HumanRecall, human)
	case suite.ExpectOpen:
	}
	if c.Reason != "" {
		put(ReasonRight, r.Reason == c.Reason)
	}
	if drafted {
		s.scoreDraft(r, c, put)
	}
}

func outcome(happened bool) float64 {
	if happened {
		return 1
	}
	return 0
}

// scoreRanking scores the ranking beyond its first gold article.
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
	r.Scores[NDCGAt10] = stat.NDCG(gains, ideal, RankedMost)
}

// lightEdit is the share of words that a light edit changes less than.
const lightEdit = .2

// scoreDraft scores a draft that was given.
func (s *Scorer) scoreDraft(r *CaseResult, c *suite.Case, put func(name string, met bool)) {
	r.Scores[DraftChars], r.Scores[DraftWords] = float64(utf8.RuneCountInString(r.Text)), float64(len(overlap.Tokens(r.Text)))
	if share, known := s.supports.share(r, c.Facts); known {
		r.Scores[ClaimsSupported] = share
	}
	if c.GoldReply != "" {
		words := overlap.NewWords(r.Text, c.GoldReply)
		r.Scores[RougeL] = words.RougeL()
		r.Scores[ChrF] = overlap.ChrF(r.Text, c.GoldReply)
		put(LightEdit, words.ChangedShare() < lightEdit)
	}
	if len(c.GoldIDs) > 0 {
		cited := r.Cited()
		all := len(cited)
		gold := len(slices.DeleteFunc(cited, func(key string) bool { return !slices.Contains(c.GoldIDs, key) }))
		put(CitationRecall, gold > 0)
		if all > 0 {
			r.Scores[CitationPrecision] = float64(gold) / float64(all)
		}
	}
	plain := suite.Fold(r.Text)
	says := func(words string) bool { return strings.Contains(plain, suite.Fold(words)) }
	if len(c.MustSay) > 0 {
		put(MustSayKept, !slices.ContainsFunc(c.MustSay, func(words string) bool { return !says(words) }))
	}
	if len(c.MustNotSay) > 0 {
		put(MustNotSayKept, !slices.ContainsFunc(c.MustNotSay, says))
	}
	if c.MaxChars > 0 {
		put(LengthKept, utf8.RuneCountInString(r.Text) <= c.MaxChars)
	}
	if want := cmp.Or(c.ReplyLang, c.Lang); want != "" && s.o.Detect != nil {
		if g := s.o.Detect(r.Text); g.Locale != "" {
			put(RightLanguage, text.BaseLanguage(g.Locale) == text.BaseLanguage(want))
		}
	}
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
