package triage

import (
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/phrases"
)

// humanReasons in the order in which they count when a message gives several.
var humanReasons = [...]suggest.Reason{
	suggest.ReasonSelfHarm, suggest.ReasonThreat, suggest.ReasonMinorAlone, suggest.ReasonBereavement, suggest.ReasonIllnessOrAccident,
	suggest.ReasonDiscrimination, suggest.ReasonLegal, suggest.ReasonDataRights, suggest.ReasonPress, suggest.ReasonWantsHuman, suggest.ReasonAnger,
}

// Result is what triage makes of a question.
type Result struct {
	// Outcome is OutcomeDraft when nothing stands against drafting.
	Outcome suggest.Outcome
	Reason  suggest.Reason
	// Instructions is true when the message tries to instruct the drafter.
	Instructions bool
}

// Query is what triage reads.
type Query struct {
	// Subject of the ticket, without marks of replying; Full is all that was
	// written, uncut, Question what of it is new and asks.
	Subject, Full, Question string
	// Locale of the question, BCP 47; empty when not known.
	Locale string
	// FromNote is true when an agent's note is answered.
	FromNote bool
}

// Triage goes by lists of phrases. It is safe for concurrent use.
type Triage struct{ lists *phrases.Lists }

// New goes by lists.
func New(lists *phrases.Lists) *Triage { return &Triage{lists} }

// Decide tells whether a person must write this one, or nobody needs to. It
// goes by lists of phrases in ten languages: recall matters most where a person
// is in need, precision elsewhere.
func (t *Triage) Decide(q Query) Result {
	r := Result{Outcome: suggest.OutcomeDraft}
	words := phrases.Words(q.Subject + "\n" + q.Full)
	sets := t.lists.For(q.Locale)
	hit := map[string]bool{}
	for _, set := range sets {
		set.Find(words, func(section string, _, _ int) { hit[section] = true })
	}
	r.Instructions = hit[phrases.SectionInstructions]
	for _, reason := range humanReasons {
		if q.FromNote && reason == suggest.ReasonAnger {
			continue
		}
		if hit[string(reason)] {
			r.Outcome, r.Reason = suggest.OutcomeHumanOnly, reason
			return r
		}
	}
	if asksNothing(q.Question, sets) {
		r.Outcome, r.Reason = suggest.OutcomeNoDraft, suggest.ReasonNothingToAnswer
	}
	return r
}

// Bounds of a message that only thanks or greets, in words.
const (
	maxThanksWords   = 40
	maxThanksUnknown = 18
)

// asksNothing reports whether the message only thanks, greets or confirms.
func asksNothing(question string, sets []*phrases.Set) bool {
	if text.IsBlank(question) {
		return true
	}
	words := slices.DeleteFunc(phrases.Words(question), func(w string) bool { return w == phrases.Border })
	if len(words) == 0 {
		return !strings.ContainsAny(question, "?？")
	}
	if len(words) > maxThanksWords {
		return false
	}
	for _, set := range sets {
		known := make(phrases.Coverage, len(words))
		thanks, asks := false, false
		set.EachPhrase(words, func(section string, start, end int) {
			switch section {
			case phrases.SectionThanks:
				thanks = true
				known.Mark(start, end)
			case phrases.SectionGreeting:
				known.Mark(start, end)
			case phrases.SectionAsks:
				asks = true
			}
		})
		unknown := known.Unknown()
		if unknown == 0 {
			return true
		}
		if thanks && !asks && unknown <= maxThanksUnknown && !strings.ContainsAny(question, "?？") {
			return true
		}
	}
	return false
}

// WithoutInstructions is a message without the sentences that try to instruct the
// drafter, and those.
func (t *Triage) WithoutInstructions(message, locale string) (rest string, instructions []string) {
	sets := t.lists.For(locale)
	instructs := func(s string) bool {
		hit := false
		words := phrases.Words(s)
		for _, set := range sets {
			set.Find(words, func(section string, _, _ int) { hit = hit || section == phrases.SectionInstructions })
		}
		return hit
	}
	if !instructs(message) {
		return message, nil
	}
	var b strings.Builder
	at := 0
	for _, p := range sentence.Split(message, locale) {
		if !instructs(p.In(message)) {
			continue
		}
		b.WriteString(message[at:p.Start])
		at = p.End
		instructions = append(instructions, p.In(message))
	}
	b.WriteString(message[at:])
	return strings.TrimSpace(b.String()), instructions
}
