package suggest

import "github.com/purser-desk/purser/internal/text"

// decide says whether the evidence is good enough to draft from; ok is true
// when it is.
func (p *Pipeline) decide(f found) (reason Reason, ok bool) {
	j := f.judged
	switch {
	case len(f.evidence) == 0, j.confidence < j.knowledgeFloor:
		return ReasonNoKnowledge, false
	case j.confidence < j.Floor:
		return ReasonLowConfidence, false
	case p.drafter == nil && f.otherLanguage:
		// Without a model nothing can be said in a language that no evidence is in.
		return ReasonUnsupportedLanguage, false
	}
	return "", true
}

// warnings are what an agent should know whatever the draft says.
func warnings(a asked, t triaged, f found) []Notice {
	var out []Notice
	if a.public {
		out = append(out, notice(WarnPublic))
	}
	if t.instructions {
		out = append(out, notice(WarnInstructions))
	}
	if f.otherLanguage {
		out = append(out, notice(WarnOtherLanguage))
	}
	return out
}

// uncovered reports whether one of several questions has no word in common with
// what the draft cites.
func (p *Pipeline) uncovered(questions []string, a asked, s Suggestion) bool {
	if len(questions) < 2 || s.Draft == nil {
		return false
	}
	said := map[string]bool{}
	cited := map[int]bool{}
	statements := 0
	for _, c := range s.Draft.Claims {
		if c.Kind != ClaimStatement && c.Kind != ClaimFact {
			continue
		}
		statements++
		for _, l := range p.lexemes(a.draftLocale, c.Text) {
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
		for _, l := range p.lexemes(e.Locale, e.Title+"\n"+e.Text) {
			said[l] = true
		}
	}
	for _, q := range questions {
		if text.BaseLanguage(a.draftLocale) == text.BaseLanguage(a.locale) && !anyIn(p.lexemes(a.locale, q), said) {
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

// notice is a code with its sentence for the agent.
func notice(c NoticeCode) Notice { return Notice{Code: c, Message: noticeText(c)} }

func noticeText(c NoticeCode) string {
	switch c {
	case WarnIncomplete:
		return "The model was cut off; the draft ends after its last whole sentence."
	case WarnSentenceBlocked:
		return "Sentences that failed a check were left out."
	case WarnOtherLanguage:
		return "What was found is in another language than the draft; compare it with care."
	case WarnPublic:
		return "Anyone can read this reply; it must hold nothing personal."
	case WarnSeveralQuestions:
		return "The customer asks several things, and the draft may not answer all of them."
	case WarnInstructions:
		return "The message tries to give the drafter instructions; read the draft with care."
	case DegradedWordsOnly:
		return "Searched by words only, because searching by meaning was not possible."
	case DegradedNoModel:
		return "No language model is configured, so Purser only quotes articles."
	case DegradedModelFailed:
		return "The language model could not be reached or failed; without it Purser only quotes articles."
	case DegradedModelSlow:
		return "The language model took too long; without it Purser only quotes articles."
	case DegradedModelRefused:
		return "The language model's provider blocked the answer; without it Purser only quotes articles."
	case DegradedModelUnusable:
		return "The language model's answer could not be used; without it Purser only quotes articles."
	case ReplacedTakenOver:
		return "Another server had to make the draft anew."
	}
	return ""
}
