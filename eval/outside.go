package eval

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// outsideCase is what another system made of a case.
type outsideCase struct {
	ID     string          `json:"id"`
	Ranked suite.OneOrMany `json:"ranked"`
	Text   string          `json:"text"`
	// Cited are the articles that the text is drawn from.
	Cited suite.OneOrMany `json:"cited"`
	// Evidence are the texts of what is cited, by article, and Claims the text's
	// sentences with what each of them cites; both may be left out.
	Evidence   []outsideText   `json:"evidence"`
	Claims     []outsideClaim  `json:"claims"`
	Outcome    suggest.Outcome `json:"outcome"`
	Reason     suggest.Reason  `json:"reason"`
	Confidence *float64        `json:"confidence"`
	// Milliseconds that it took.
	Milliseconds float64 `json:"ms"`
	Error        string  `json:"error"`
	// Model that the tokens are of, as prices name it.
	Model            string `json:"model"`
	PromptTokens     int    `json:"prompt_tokens"`
	CompletionTokens int    `json:"completion_tokens"`
}

type outsideText struct {
	Key  string `json:"key"`
	Text string `json:"text"`
	// Lang is empty when it is the ticket's.
	Lang string `json:"lang"`
}

type outsideClaim struct {
	Text  string          `json:"text"`
	Cited suite.OneOrMany `json:"cited"`
	// Kind is "STATEMENT" (the default), "COURTESY", "QUESTION" or "FACT".
	Kind suggest.ClaimKind `json:"kind"`
}

// ImportRun makes a run of what another system answered to the same cases, so
// that it can be compared case by case. The file holds one JSON object a line:
// id, ranked (keys of articles, best first), text (empty for silence), and
// where known cited, evidence (key, text, lang), claims (text, cited, kind),
// outcome, reason, confidence, ms, model, prompt_tokens, completion_tokens, or
// error. Without an outcome a text is a draft, and no text is none;
// without a confidence it is 1 for a draft and 0 for none. Every case of the
// suite must be there. Of o, Detect, Analyzer and Prices are used. It fails with
// *suite.Error, and with *PriceError for a model without a price.
func ImportRun(s suite.Suite, path, system string, o Options) (Report, error) {
	var p suite.Problems
	raw, ok := suite.ReadFile(filepath.Dir(path), filepath.Base(path), &p)
	if !ok {
		return Report{}, p.Err()
	}
	answers := readOutside(raw, filepath.Base(path), s, &p)
	r := Report{
		Format: Format,
		Suite:  SuiteInfo{Name: s.Name, Hash: s.Hash, KnowledgeHash: s.KnowledgeHash, Cases: len(s.Cases)},
		Made:   Made{Drafters: []string{system}, Prices: o.Prices},
		Cases:  make([]CaseResult, 0, len(s.Cases)),
	}
	judge := newScorer(o)
	for i := range s.Cases {
		c := &s.Cases[i]
		a, there := answers[c.ID]
		if !there {
			p.Add(knowledge.ProblemMissingField, filepath.Base(path), 0, "case %q is missing; every case must be answered, with an empty text for silence", c.ID)
			continue
		}
		r.Made.Models = insert(r.Made.Models, a.Model)
		r.Cases = append(r.Cases, a.result(c, &judge))
	}
	if err := p.Err(); err != nil {
		return Report{}, err
	}
	if err := o.unpriced(&r); err != nil {
		return Report{}, err
	}
	r.Measure()
	if info, err := os.Stat(path); err == nil {
		r.Timing.Start = info.ModTime().UTC()
	}
	return r, nil
}

func readOutside(raw []byte, origin string, s suite.Suite, p *suite.Problems) map[string]outsideCase {
	known := map[string]bool{}
	for i := range s.Cases {
		known[s.Cases[i].ID] = true
	}
	answers := map[string]outsideCase{}
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(raw, []byte("\ufeff"))) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var a outsideCase
		if err := json.Unmarshal(line, &a); err != nil {
			p.Add(knowledge.ProblemSyntax, origin, number, "is no answer: %s", suite.JSONProblem(err))
			continue
		}
		_, twice := answers[a.ID]
		switch {
		case !known[a.ID]:
			p.Add(knowledge.ProblemInvalidField, origin, number, "the suite has no case %q; answer the same suite", a.ID)
		case twice:
			p.Add(knowledge.ProblemDuplicateKey, origin, number, "case %q is answered twice; keep one", a.ID)
		case a.Confidence != nil && !stat.IsShare(*a.Confidence):
			p.Add(knowledge.ProblemInvalidField, origin, number, "the confidence must be between 0 and 1")
		case a.Outcome != "" && a.Outcome != suggest.OutcomeDraft && a.Outcome != suggest.OutcomeNoDraft && a.Outcome != suggest.OutcomeHumanOnly:
			p.Add(knowledge.ProblemInvalidField, origin, number, "outcome %q is unknown; give DRAFT, NO_DRAFT or HUMAN_ONLY", a.Outcome)
		case (a.Outcome == suggest.OutcomeDraft) && text.IsBlank(a.Text):
			p.Add(knowledge.ProblemInvalidField, origin, number, "a draft needs its text")
		case a.Milliseconds < 0 || a.PromptTokens < 0 || a.CompletionTokens < 0:
			p.Add(knowledge.ProblemInvalidField, origin, number, "ms, prompt_tokens and completion_tokens can't be below 0")
		default:
			answers[a.ID] = a
		}
	}
	return answers
}

func (a *outsideCase) result(c *suite.Case, o *scorer) CaseResult {
	r := expected(c)
	if a.Error != "" {
		r.Error = a.Error
		return r
	}
	r.Outcome, r.Reason = a.Outcome, a.Reason
	if r.Outcome == "" {
		r.Outcome = suggest.OutcomeNoDraft
		if !text.IsBlank(a.Text) {
			r.Outcome = suggest.OutcomeDraft
		}
	}
	for _, key := range a.Ranked.Distinct() {
		if len(r.Ranked) < rankedMost {
			r.Ranked = append(r.Ranked, key)
		}
	}
	if r.Outcome == suggest.OutcomeDraft {
		r.Text, r.Confidence = strings.TrimSpace(text.Clean(a.Text)), 1
		a.claims(&r)
	}
	if a.Confidence != nil {
		r.Confidence = *a.Confidence
	}
	if a.Milliseconds > 0 {
		r.Timing[stepTotal] = a.Milliseconds
	}
	r.Model, r.PromptTokens, r.CompletionTokens = a.Model, a.PromptTokens, a.CompletionTokens
	o.score(&r, c)
	return r
}

// claims sets evidence and claims. Without claims each sentence that is no
// question cites all that the draft does.
func (a *outsideCase) claims(r *CaseResult) {
	numbers := map[string]int{}
	number := func(key string) int {
		if numbers[key] == 0 {
			r.Evidence = append(r.Evidence, EvidenceShown{Number: len(r.Evidence) + 1, Key: key, Locale: r.Lang})
			numbers[key] = len(r.Evidence)
		}
		return numbers[key]
	}
	for _, e := range a.Evidence {
		at := number(e.Key) - 1
		r.Evidence[at].Text = strings.TrimSpace(r.Evidence[at].Text + "\n" + text.Clean(e.Text))
		if e.Lang != "" {
			r.Evidence[at].Locale = e.Lang
		}
	}
	cite := func(keys suite.OneOrMany) (out []suggest.Citation) {
		for _, key := range keys.Distinct() {
			out = append(out, suggest.Citation{Number: number(key)})
		}
		return out
	}
	for _, c := range a.Claims {
		claim := suggest.DraftClaim{Text: c.Text, Kind: cmp.Or(c.Kind, suggest.ClaimStatement), Citations: cite(c.Cited)}
		if i := strings.Index(r.Text, c.Text); i >= 0 {
			claim.Start, claim.End = i, i+len(c.Text)
		}
		r.Claims = append(r.Claims, claim)
	}
	if len(a.Claims) > 0 {
		return
	}
	citations := cite(a.Cited)
	for _, span := range text.Sentences(r.Text, r.Lang) {
		claim := suggest.DraftClaim{Text: span.In(r.Text), Start: span.Start, End: span.End, Kind: suggest.ClaimStatement, Citations: citations}
		if strings.HasSuffix(claim.Text, "?") {
			claim.Kind = suggest.ClaimQuestion
		}
		r.Claims = append(r.Claims, claim)
	}
}
