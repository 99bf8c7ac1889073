package eval

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/negation"
	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

// supporter decides whether a draft's statements stand in what they cite. It is
// safe for concurrent use.
//
// It is a proxy and no proof: it knows words, figures and negation, not meaning.
// A statement is supported when
//   - every figure in it (number, amount, date, time, address) is one of the
//     cited texts' or of the customer's facts,
//   - at least supportedShare of its words, stemmed and without stop words, stand
//     in the cited texts, and
//   - it denies or affirms like the cited sentence that shares most words with
//     it (negation.Agrees), or stands there word for word.
//
// It decides from the stored run alone and shares no threshold with the
// pipeline's own check, which a draft has passed before it is shown.
// BenchmarkClaimsSupported tells how it goes with what people say.
type supporter struct {
	// analyzer is made when it is first needed: that takes a while.
	analyzer func() *analysis.Analyzer
	// texts are what was worked out of cited texts: many cases cite the same.
	texts sync.Map // textKey → *readText
}

type textKey struct{ locale, text string }

type readText struct {
	body      string
	words     map[string]bool
	figures   []entity.Entity
	sentences []*negation.Statement
}

// supportedShare of a statement's words must stand in what it cites.
const supportedShare = .5

func newSupporter(analyzer *analysis.Analyzer) *supporter {
	s := &supporter{analyzer: sync.OnceValue(analysis.NewAnalyzer)}
	if analyzer != nil {
		s.analyzer = func() *analysis.Analyzer { return analyzer }
	}
	return s
}

func (s *supporter) read(locale, body string) *readText {
	key := textKey{locale, body}
	if known, ok := s.texts.Load(key); ok {
		return known.(*readText) //nolint:forcetypeassert // nothing else is stored
	}
	t := &readText{body: body, words: s.words(locale, body), figures: entity.Find(body, locale)}
	for _, span := range sentence.Split(body, locale) {
		sentence := span.In(body)
		if strings.HasSuffix(sentence, "?") {
			continue // a question affirms nothing
		}
		st := negation.ReadStatement(s.analyzer(), sentence, locale)
		t.sentences = append(t.sentences, &st)
	}
	s.texts.Store(key, t)
	return t
}

func (s *supporter) words(locale, body string) map[string]bool {
	words := map[string]bool{}
	for _, w := range s.analyzer().Lexemes(locale, body) {
		words[w] = true
	}
	return words
}

// share is the share of the draft's statements that are supported; known is
// false when none can be told: there is none, or what they cite is not there to
// read, or is in another language.
func (s *supporter) share(r *CaseResult, facts []suggest.Fact) (share float64, known bool) {
	told := factTexts(facts)
	supported, n := 0, 0
	for i := range r.Claims {
		c := &r.Claims[i]
		if !c.Kind.Says() && c.Kind != "" {
			continue
		}
		cited, whole := s.cited(r, c)
		if !whole {
			continue
		}
		n++
		if s.supports(c.Text, cited, told) {
			supported++
		}
	}
	if n == 0 {
		return 0, false
	}
	return float64(supported) / float64(n), true
}

// cited are the texts that a claim cites, without those in another language than the
// ticket; whole is false when one of them can't be read, or all are in another.
func (s *supporter) cited(r *CaseResult, c *suggest.DraftClaim) (out []citedText, whole bool) {
	for _, citation := range c.Citations {
		i := slices.IndexFunc(r.Evidence, func(e EvidenceShown) bool { return e.Number == citation.Number })
		if i < 0 || text.IsBlank(r.Evidence[i].Text) {
			return nil, false
		}
		e := &r.Evidence[i]
		if e.Locale != "" && r.Lang != "" && text.BaseLanguage(e.Locale) != text.BaseLanguage(r.Lang) {
			continue
		}
		out = append(out, citedText{e.Locale, s.read(e.Locale, e.Title+"\n"+e.Text)})
	}
	return out, len(out) > 0 || len(c.Citations) == 0
}

type citedText struct {
	locale string
	*readText
}

func (s *supporter) supports(claim string, cited []citedText, told []entity.Entity) bool {
	if len(cited) == 0 {
		return false
	}
	locale := cited[0].locale
	for _, f := range entity.Find(claim, locale) {
		in := slices.ContainsFunc(cited, func(c citedText) bool { return entity.Supported(f, c.figures) })
		if !in && !entity.Supported(f, told) {
			return false
		}
	}
	words := s.words(locale, claim)
	found := 0
	for w := range words {
		if slices.ContainsFunc(cited, func(c citedText) bool { return c.words[w] }) {
			found++
		}
	}
	return float64(found) >= supportedShare*float64(len(words)) && s.agrees(claim, locale, cited)
}

// agrees reports whether a claim denies or affirms like what it cites, or stands
// there word for word.
func (s *supporter) agrees(claim, locale string, cited []citedText) bool {
	read := negation.ReadStatement(s.analyzer(), claim, locale)
	var sentences []*negation.Statement
	for _, c := range cited {
		sentences = append(sentences, c.sentences...)
	}
	return negation.Agrees(&read, sentences, 0) || slices.ContainsFunc(cited, func(c citedText) bool { return negation.Quotes(claim, c.body, locale) })
}

func factTexts(facts []suggest.Fact) []entity.Entity {
	var out []entity.Entity
	for i := range facts {
		out = append(out, entity.Find(factText(facts[i]), "")...)
	}
	return out
}

// factText is a fact's value as a text could state it.
func factText(f suggest.Fact) string {
	switch f.Kind {
	case suggest.FactAmount:
		amount := strconv.FormatFloat(float64(f.Amount.Units)+float64(f.Amount.Nanos)/1e9, 'f', -1, 64)
		return amount + " " + f.Amount.Currency
	case suggest.FactDate:
		return fmt.Sprintf("%04d-%02d-%02d", f.Date.Year, f.Date.Month, f.Date.Day)
	case suggest.FactText, suggest.FactCode:
	}
	return f.Text
}
