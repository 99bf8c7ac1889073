package pipeline

import (
	"slices"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/triage"
)

// decide says whether a drafter may be asked; ok is true when it may. A model may
// decline by itself, so nothing but evidence is asked for; what quotes can't see that
// what it quotes does not answer.
func (p *Pipeline) decide(f found) (reason suggest.Reason, ok bool) {
	switch {
	case len(f.evidence) == 0:
		return suggest.ReasonNoKnowledge, false
	case p.drafter != nil:
		return "", true
	}
	return f.unquotable()
}

// unquotable says why what was found can't be quoted without a model; ok is true
// when it can.
func (f *found) unquotable() (reason suggest.Reason, ok bool) {
	c := f.assessed
	switch {
	case c.Confidence < c.KnowledgeFloor:
		return suggest.ReasonNoKnowledge, false
	case c.Confidence < c.Floor:
		return suggest.ReasonLowConfidence, false
	case f.otherLanguage:
		// Nothing can be said in a language that no evidence is in.
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

// cover says of each request how far the draft answers it.
func (p *Pipeline) cover(s *suggest.Suggestion, a asked) {
	if len(s.Requests) == 0 {
		return
	}
	words := make([]map[string]bool, len(s.Requests))
	for i, r := range s.Requests {
		words[i] = set(p.analyzer.Lexemes(a.locale, r.Text))
	}
	asked := make([]bool, len(s.Requests))
	for i := range s.Draft.Claims {
		c := &s.Draft.Claims[i]
		if !c.Kind.Says() && c.Kind != suggest.ClaimGap && c.Kind != suggest.ClaimQuestion {
			continue
		}
		for _, r := range p.answers(c, s, words, a) {
			c.Requests = append(c.Requests, s.Requests[r].Number)
			s.Requests[r].ClaimIDs = append(s.Requests[r].ClaimIDs, c.ID)
			if c.Kind.Says() && !c.Standing.Open() {
				s.Requests[r].Coverage = suggest.CoverageAnswered
			} else {
				asked[r] = true
			}
		}
	}
	for i := range s.Requests {
		switch r := &s.Requests[i]; {
		case r.Coverage == "" && asked[i], r.Coverage != "" && saysGap(s.Draft, r):
			r.Coverage = suggest.CoveragePartly
		case r.Coverage == "":
			r.Coverage = suggest.CoverageNot
		}
	}
}

// saysGap reports whether a draft names something of a request that it can't tell.
func saysGap(d *suggest.Draft, r *suggest.CustomerRequest) bool {
	return slices.ContainsFunc(d.Claims, func(c suggest.DraftClaim) bool {
		return c.Kind == suggest.ClaimGap && slices.Contains(r.ClaimIDs, c.ID)
	})
}

// answers are the requests that a claim speaks of: those whose evidence it cites,
// and of several the one whose words it shares.
func (p *Pipeline) answers(c *suggest.DraftClaim, s *suggest.Suggestion, words []map[string]bool, a asked) []int {
	if len(s.Requests) == 1 {
		return []int{0}
	}
	said := p.analyzer.Lexemes(a.draftLocale, c.Text)
	best, most := []int(nil), 0
	for i, r := range s.Requests {
		score := 0
		for _, k := range c.Citations {
			if at := slices.Index(r.Evidence, k.Number); at >= 0 {
				score += max(1, 4-at)
			}
		}
		for _, l := range said {
			if words[i][l] {
				score += 2
			}
		}
		switch {
		case score > most:
			best, most = []int{i}, score
		case score == most && score > 0:
			best = append(best, i)
		}
	}
	return best
}

func set(list []string) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, l := range list {
		out[l] = true
	}
	return out
}
