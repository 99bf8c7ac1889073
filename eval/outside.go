package eval

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// ImportRun makes a run of what another system answered to the same cases, so
// that it can be compared case by case. The file, in UTF-8 or UTF-16, holds one
// JSON object a line: id, ranked (keys of articles, best first), text (empty for
// silence), cited (keys of the articles that the text is drawn from), evidence
// (key, text, lang), claims (text, cited, kind), outcome, reason, confidence, ms,
// model, prompt_tokens, completion_tokens, or error. Every case of the suite must
// be there, with something besides its id.
//
// What no line tells, or a line gives as null, is not known: the case says so
// (CaseResult.Unknown), and counts for no metric that needs it. What other lines
// tell and one leaves out is empty there, but for a confidence, which is not
// known. Without an outcome it follows from the reason, else a text is a draft,
// and no text is none. Where no claim says what it
// cites, or there are none, each sentence cites what the draft does.
//
// The notes are warnings: fields that nothing reads, lines unlike the others. Of
// o, Detect, Analyzer and Prices are used. It fails with *suite.Error, and with
// *PriceError for a model without a price.
func ImportRun(s suite.Suite, path, system string, o Options) (Report, []knowledge.Problem, error) {
	var p suite.Problems
	r := newAnswers(filepath.Base(path), s.Cases, &p)
	r.priced = o.Prices != nil
	if raw, ok := r.open(path); ok {
		r.read(raw)
	}
	if err := p.Err(); err != nil {
		return Report{}, nil, err
	}
	report := Report{
		Format: Format,
		Suite:  SuiteInfo{Name: s.Name, Hash: s.Hash, KnowledgeHash: s.KnowledgeHash, Cases: len(s.Cases)},
		Made:   Made{Drafters: []string{system}, Prices: o.Prices, Unknown: r.unknown()},
		Cases:  make([]CaseResult, 0, len(s.Cases)),
	}
	judge := newScorer(o)
	for i := range s.Cases {
		c := &s.Cases[i]
		a := r.byID[c.ID]
		report.Made.Models = insert(report.Made.Models, a.model)
		report.Cases = append(report.Cases, r.result(a, c, &judge))
	}
	if err := o.unpriced(&report); err != nil {
		return Report{}, nil, err
	}
	report.Measure()
	if info, err := os.Stat(path); err == nil {
		report.Timing.Start = info.ModTime().UTC()
	}
	return report, r.notes(), nil
}

// open reads the file's bytes.
func (r *answers) open(path string) ([]byte, bool) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.problems.Add(knowledge.ProblemUnreadable, path, 0, "there is no such file; name the file of answers, one JSON object a line")
		return nil, false
	case err == nil && info.IsDir():
		r.problems.Add(knowledge.ProblemUnreadable, path, 0, "is a folder; name the file of answers, one JSON object a line")
		return nil, false
	}
	raw, ok := suite.ReadFile(filepath.Dir(path), filepath.Base(path), r.problems)
	if !ok {
		return nil, false
	}
	return suite.Decode(raw, r.origin, r.problems)
}

// says reports whether any answer tells one of the fields.
func (r *answers) says(fields ...string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return r.told[f] > 0 })
}

// fields are those that can be unknown, in the order of the file's description.
func (r *answers) fields() []string {
	all := []string{FieldRanked, FieldText, FieldOutcome, FieldReason, FieldCited, FieldEvidence, FieldConfidence}
	if r.priced {
		all = append(all, FieldTokens)
	}
	return all
}

// unknown names what no answer tells.
func (r *answers) unknown() []string {
	var out []string
	for _, field := range r.fields() {
		known := slices.ContainsFunc(r.all, func(a *answer) bool { return a.failed == "" && r.knows(a, field) })
		if !known {
			out = append(out, field)
		}
	}
	return out
}

// knows reports whether an answer tells a field, be it by leaving out what
// others tell.
func (r *answers) knows(a *answer, field string) bool {
	switch field {
	case FieldRanked:
		return a.has[nameRanked] || !a.null[nameRanked] && r.says(nameRanked)
	case FieldText:
		return a.has[nameOutcome] || a.has[nameReason] || r.says(nameText)
	case FieldOutcome:
		return r.says(nameOutcome, nameReason)
	case FieldReason:
		return r.says(nameReason)
	case FieldCited:
		return a.citing || !a.null[nameCited] && r.citing > 0
	case FieldEvidence:
		return a.has[nameEvidence] || !a.null[nameEvidence] && r.says(nameEvidence)
	case FieldConfidence:
		return a.has[nameConfidence]
	case FieldTokens:
		return a.has[namePrompt] || a.has[nameCompletion] || r.says(namePrompt, nameCompletion) && !a.null[namePrompt] && !a.null[nameCompletion]
	default:
		return true
	}
}

// result is the case with what was answered, scored.
func (r *answers) result(a *answer, c *suite.Case, o *scorer) CaseResult {
	out := expected(c)
	if a.failed != "" {
		out.Error = a.failed
		return out
	}
	for _, field := range r.fields() {
		if !r.knows(a, field) {
			out.Unknown = append(out.Unknown, field)
		}
	}
	if out.Knows(FieldText) {
		out.Outcome, out.Reason = a.derived(), a.reason
	}
	out.Ranked = append(out.Ranked, a.ranked[:min(rankedMost, len(a.ranked))]...)
	if out.Outcome == suggest.OutcomeDraft {
		out.Text = a.text
	}
	a.claim(&out)
	out.Confidence = a.confidence
	if a.has[nameMS] {
		out.Timing[stepTotal] = a.ms
	}
	out.Model, out.PromptTokens, out.CompletionTokens = a.model, a.prompt, a.completion
	o.score(&out, c)
	return out
}

// derived is the outcome, or what the rest says of it.
func (a *answer) derived() suggest.Outcome {
	switch {
	case a.outcome != "":
		return a.outcome
	case a.text != "":
		return suggest.OutcomeDraft
	case a.reason != "" && suite.ExpectOf(a.reason) == suite.ExpectHuman:
		return suggest.OutcomeHumanOnly
	default:
		return suggest.OutcomeNoDraft
	}
}

// claim sets evidence and, of a draft, claims. Where no claim says what it cites,
// and where there are none, each sentence cites all that the draft does.
func (a *answer) claim(r *CaseResult) {
	numbers := map[string]int{}
	number := func(key string) int {
		if numbers[key] == 0 {
			r.Evidence = append(r.Evidence, EvidenceShown{Number: len(r.Evidence) + 1, Key: key, Locale: r.Lang})
			numbers[key] = len(r.Evidence)
		}
		return numbers[key]
	}
	for _, e := range a.evidence {
		at := number(e.key) - 1
		r.Evidence[at].Text = strings.TrimSpace(r.Evidence[at].Text + "\n" + e.text)
		if e.lang != "" {
			r.Evidence[at].Locale = e.lang
		}
	}
	if r.Outcome != suggest.OutcomeDraft {
		return
	}
	cite := func(keys []string) (out []suggest.Citation) {
		for _, key := range keys {
			out = append(out, suggest.Citation{Number: number(key)})
		}
		return out
	}
	all := cite(a.cited)
	single := slices.ContainsFunc(a.claims, func(c outsideClaim) bool { return c.citing })
	for _, c := range a.claims {
		claim := suggest.DraftClaim{Text: c.text, Kind: cmp.Or(c.kind, suggest.ClaimStatement), Citations: cite(c.cited)}
		if !single {
			claim.Citations = all
		}
		if i := strings.Index(r.Text, c.text); i >= 0 {
			claim.Start, claim.End = i, i+len(c.text)
		}
		r.Claims = append(r.Claims, claim)
	}
	if len(a.claims) > 0 {
		return
	}
	for _, span := range sentence.Split(r.Text, r.Lang) {
		claim := suggest.DraftClaim{Text: span.In(r.Text), Start: span.Start, End: span.End, Kind: suggest.ClaimStatement, Citations: all}
		if strings.HasSuffix(claim.Text, "?") {
			claim.Kind = suggest.ClaimQuestion
		}
		r.Claims = append(r.Claims, claim)
	}
}
