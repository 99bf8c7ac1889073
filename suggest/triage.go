package suggest

import (
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/internal/text"
)

// humanReasons in the order in which they count when a message gives several.
var humanReasons = [...]Reason{
	ReasonSelfHarm, ReasonThreat, ReasonMinorAlone, ReasonBereavement, ReasonIllnessOrAccident,
	ReasonDiscrimination, ReasonLegal, ReasonDataRights, ReasonPress, ReasonWantsHuman, ReasonAnger,
}

// triaged is what triage makes of a question.
type triaged struct {
	// outcome is OutcomeDraft when nothing stands against drafting.
	outcome Outcome
	reason  Reason
	// instructions is true when the message tries to instruct the drafter.
	instructions bool
	questions    []string
}

// triage decides whether a person must write this one, or nobody needs to. It
// goes by lists of phrases in ten languages: recall matters most where a person
// is in need, precision elsewhere.
func (p *Pipeline) triage(in Input, a asked) triaged {
	t := triaged{outcome: OutcomeDraft, questions: questionsIn(a.question, a.locale)}
	words := foldedWords(joinQuestion(cleanSubject(in.Ticket.Subject), text.Truncate(a.full, triageRunes)))
	sets := p.rulesFor(a.locale)
	hit := map[string]bool{}
	for _, set := range sets {
		set.find(words, func(section string, _, _ int) { hit[section] = true })
	}
	t.instructions = hit[sectionInstructions]
	for _, r := range humanReasons {
		if a.fromNote && r == ReasonAnger {
			continue
		}
		if hit[string(r)] {
			t.outcome, t.reason = OutcomeHumanOnly, r
			return t
		}
	}
	if p.asksNothing(a, sets) {
		t.outcome, t.reason = OutcomeNoDraft, ReasonNothingToAnswer
	}
	return t
}

// triageRunes bounds what the lists are run over, in characters.
const triageRunes = 8000

// Bounds of a message that only thanks or greets, in words.
const (
	maxThanksWords   = 40
	maxThanksUnknown = 18
)

// asksNothing reports whether the message only thanks, greets or confirms.
func (p *Pipeline) asksNothing(a asked, sets []*ruleSet) bool {
	if text.IsBlank(a.question) {
		return true
	}
	words := slices.DeleteFunc(foldedWords(a.question), func(w string) bool { return w == border })
	if len(words) == 0 {
		return !strings.ContainsAny(a.question, "?？")
	}
	if len(words) > maxThanksWords {
		return false
	}
	for _, set := range sets {
		known := make([]bool, len(words))
		thanks, asks := false, false
		set.phrases.find(words, func(id, start, end int) {
			switch set.rules[set.uses[id].rule].section {
			case sectionThanks:
				thanks = true
				fill(known[start:end])
			case sectionGreeting:
				fill(known[start:end])
			case sectionAsks:
				asks = true
			}
		})
		unknown := count(known, false)
		if unknown == 0 {
			return true
		}
		if thanks && !asks && unknown <= maxThanksUnknown && !strings.ContainsAny(a.question, "?？") {
			return true
		}
	}
	return false
}

func fill(b []bool) {
	for i := range b {
		b[i] = true
	}
}

func count(b []bool, v bool) int {
	n := 0
	for _, x := range b {
		if x == v {
			n++
		}
	}
	return n
}

// questionsIn are the sentences that ask something.
func questionsIn(s, locale string) []string {
	if !strings.ContainsAny(s, "?？;") {
		return nil
	}
	var out []string
	for _, span := range sentence.Split(s, locale) {
		if q := span.In(s); strings.HasSuffix(q, "?") || strings.HasSuffix(q, "？") {
			out = append(out, q)
		}
	}
	return out
}
