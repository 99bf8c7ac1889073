// Package external makes runs of what other systems answered to a suite's
// cases, so that they can be compared with Purser's case by case. It never fills
// in what an answer does not tell: a case says what is not known of it.
package external

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// Import makes a run of a file of answers, in UTF-8 or UTF-16, which holds one
// JSON object a line: id, ranked (keys of articles, best first), text (empty for
// no draft), cited (keys of the articles that the text is drawn from), evidence
// (key, text, lang), claims (text, cited, kind), outcome, reason, confidence, ms,
// model, prompt_tokens, completion_tokens, or error. Every case of the suite must
// be there, with something besides its id.
//
// What no line tells, or a line gives as null, is not known: the case says so
// (CaseResult.Unknown), and counts for no metric that needs it. What other lines
// tell and one leaves out is empty there, but for a confidence, which is not
// known. Without an outcome it follows from the reason, else a text is a draft,
// and no text is none. Where no claim says what it cites, or there are none, each
// sentence cites what the draft does.
//
// The notes are warnings: fields that nothing reads, lines unlike the others. It
// fails with *suite.Error, and with *eval.PriceError for a model without a price.
func Import(s suite.Suite, path, system string, o eval.ScorerOptions) (eval.Report, []knowledge.Problem, error) {
	var p suite.Problems
	r := answers{
		origin: filepath.Base(path), problems: &p, cases: s.Cases, priced: o.Prices != nil,
		lines: map[string]int{}, byID: map[string]*answer{}, told: map[string]int{}, unread: map[string]*unreadField{},
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		p.Add(knowledge.ProblemUnreadable, path, 0, "there is no such file; name the file of answers, one JSON object a line")
	case err == nil && info.IsDir():
		p.Add(knowledge.ProblemUnreadable, path, 0, "is a folder; name the file of answers, one JSON object a line")
	default:
		r.open(path)
	}
	if err := p.Err(); err != nil {
		return eval.Report{}, nil, err
	}
	report := eval.Report{
		Format:        eval.Format,
		Suite:         eval.SuiteInfo{Name: s.Name, Hash: s.Hash, KnowledgeHash: s.KnowledgeHash, Cases: len(s.Cases)},
		Configuration: eval.Configuration{Drafters: []string{system}, Prices: o.Prices, Unknown: r.unknown()},
		Cases:         make([]eval.CaseResult, 0, len(s.Cases)),
	}
	scorer := eval.NewScorer(o)
	for i := range s.Cases {
		a := r.byID[s.Cases[i].ID]
		if a.Model != "" {
			report.Configuration.Models = append(report.Configuration.Models, a.Model)
		}
		report.Cases = append(report.Cases, r.result(a, &s.Cases[i], scorer))
	}
	slices.Sort(report.Configuration.Models)
	report.Configuration.Models = slices.Compact(report.Configuration.Models)
	if err := o.Prices.CheckAll(report.Cases, nil); err != nil {
		return eval.Report{}, nil, err
	}
	report.Measure()
	if info, err := os.Stat(path); err == nil {
		report.Timing.Start = info.ModTime().UTC()
	}
	return report, r.notes(), nil
}

// result is the case with what was answered, scored.
func (r *answers) result(a *answer, c *suite.Case, scorer *eval.Scorer) eval.CaseResult {
	out := eval.Expected(c)
	if a.Error != "" {
		out.Error = a.Error
		return out
	}
	for _, f := range r.fields() {
		if !r.knows(a, f) {
			out.Unknown = append(out.Unknown, f.name)
		}
	}
	if out.Knows(eval.FieldText) {
		out.Outcome, out.Reason = a.derived(), a.Reason
	}
	out.Ranked = append(out.Ranked, a.ranked[:min(eval.RankedMost, len(a.ranked))]...)
	if out.Outcome == suggest.OutcomeDraft {
		out.Text = a.text
	}
	a.claim(&out)
	if a.Confidence != nil {
		out.Confidence = *a.Confidence
	}
	if a.MS != nil {
		out.Timing[eval.StepTotal] = *a.MS
	}
	out.Model, out.PromptTokens, out.CompletionTokens = a.Model, a.prompt, a.completion
	scorer.Score(&out, c)
	return out
}

// derived is the outcome, or what the rest says of it.
func (a *answer) derived() suggest.Outcome {
	switch {
	case a.Outcome != "":
		return a.Outcome
	case a.text != "":
		return suggest.OutcomeDraft
	case a.leftToPerson():
		return suggest.OutcomeHumanOnly
	default:
		return suggest.OutcomeNoDraft
	}
}

func (a *answer) leftToPerson() bool {
	return a.Reason != "" && suite.ExpectOf(a.Reason) == suite.ExpectHuman
}

// claim sets evidence and, of a draft, claims. Where no claim says what it cites,
// and where there are none, each sentence cites all that the draft does.
func (a *answer) claim(r *eval.CaseResult) {
	numbers := map[string]int{}
	number := func(key string) int {
		if numbers[key] == 0 {
			r.Evidence = append(r.Evidence, eval.EvidenceShown{Number: len(r.Evidence) + 1, Key: key, Locale: r.Lang})
			numbers[key] = len(r.Evidence)
		}
		return numbers[key]
	}
	for _, e := range a.Evidence {
		shown := &r.Evidence[number(e.Key)-1]
		shown.Text = strings.TrimSpace(shown.Text + "\n" + e.Text)
		shown.Locale = cmp.Or(e.Lang, shown.Locale)
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
	each := slices.ContainsFunc(a.Claims, claim.cites)
	for _, c := range a.Claims {
		made := suggest.DraftClaim{Text: c.Text, Kind: cmp.Or(c.Kind, suggest.ClaimStatement), Citations: all}
		if each {
			made.Citations = cite(c.cited)
		}
		if i := strings.Index(r.Text, c.Text); i >= 0 {
			made.Start, made.End = i, i+len(c.Text)
		}
		r.Claims = append(r.Claims, made)
	}
	if len(a.Claims) > 0 {
		return
	}
	for _, span := range sentence.Split(r.Text, r.Lang) {
		made := suggest.DraftClaim{Text: span.In(r.Text), Start: span.Start, End: span.End, Kind: suggest.ClaimStatement, Citations: all}
		if strings.HasSuffix(made.Text, "?") {
			made.Kind = suggest.ClaimQuestion
		}
		r.Claims = append(r.Claims, made)
	}
}

// Foreign tells of articles that a run names and the suite does not hold. It fails
// when none of them is the suite's: under other keys every answer would pass for a
// miss.
func Foreign(r *eval.Report, keys map[string]bool) (warnings []string, err error) {
	for _, named := range []struct {
		field string
		of    func(*eval.CaseResult) []string
	}{
		{"ranked", func(c *eval.CaseResult) []string { return c.Ranked }},
		{"cited", (*eval.CaseResult).Cited},
	} {
		unknown := map[string]bool{}
		first, known := "", false
		for i := range r.Cases {
			for _, key := range named.of(&r.Cases[i]) {
				if keys[key] {
					known = true
				} else {
					unknown[key], first = true, cmp.Or(first, key)
				}
			}
		}
		switch {
		case len(unknown) == 0:
		case !known:
			return nil, fmt.Errorf("no article in %s is one of the suite's, such as %q; name articles by the keys that the suite's knowledge has", named.field, first)
		default:
			stand := "articles stand"
			if len(unknown) == 1 {
				stand = "article stands"
			}
			warnings = append(warnings, fmt.Sprintf("%d %s in %s, such as %q, that the suite's knowledge does not hold; they count as misses", len(unknown), stand, named.field, first))
		}
	}
	return warnings, nil
}
