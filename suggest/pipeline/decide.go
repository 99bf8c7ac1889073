package pipeline

import (
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/triage"
)

// decide says whether the evidence is good enough to draft from; ok is true
// when it is.
func (p *Pipeline) decide(f found) (reason suggest.Reason, ok bool) {
	c := f.assessed
	switch {
	case len(f.evidence) == 0, c.Confidence < c.KnowledgeFloor:
		return suggest.ReasonNoKnowledge, false
	case c.Confidence < c.Floor:
		return suggest.ReasonLowConfidence, false
	case p.drafter == nil && f.otherLanguage:
		// Without a model nothing can be said in a language that no evidence is in.
		return suggest.ReasonUnsupportedLanguage, false
	}
	return "", true
}

// warnings are what an agent should know whatever the draft says.
func warnings(a asked, t triage.Result, f found) []suggest.Notice {
	var out []suggest.Notice
	if a.public {
		out = append(out, suggest.NewNotice(suggest.WarnPublic))
	}
	if t.Instructions {
		out = append(out, suggest.NewNotice(suggest.WarnInstructions))
	}
	if f.otherLanguage {
		out = append(out, suggest.NewNotice(suggest.WarnOtherLanguage))
	}
	return out
}

// uncovered reports whether one of several questions has no word in common with
// what the draft cites.
func (p *Pipeline) uncovered(questions []string, a asked, s suggest.Suggestion) bool {
	if len(questions) < 2 || s.Draft == nil {
		return false
	}
	said := map[string]bool{}
	cited := map[int]bool{}
	statements := 0
	for _, c := range s.Draft.Claims {
		if !c.Kind.Says() {
			continue
		}
		statements++
		for _, l := range p.analyzer.Lexemes(a.draftLocale, c.Text) {
			said[l] = true
		}
		for _, k := range c.Citations {
			cited[k.Number] = true
		}
	}
	if statements < len(questions) {
		return true
	}
	for _, e := range s.Evidence {
		if !cited[e.Number] {
			continue
		}
		for _, l := range p.analyzer.Lexemes(e.Locale, e.Title+"\n"+e.Text) {
			said[l] = true
		}
	}
	for _, q := range questions {
		if text.BaseLanguage(a.draftLocale) == text.BaseLanguage(a.locale) && !anyIn(p.analyzer.Lexemes(a.locale, q), said) {
			return true
		}
	}
	return false
}

func anyIn(list []string, set map[string]bool) bool {
	for _, l := range list {
		if set[l] {
			return true
		}
	}
	return len(list) == 0
}
