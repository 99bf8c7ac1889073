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

// Result is what triage makes of a question.
type Result struct {
	// Outcome is OutcomeDraft when nothing stands against drafting.
	Outcome Outcome
	Reason  Reason
	// Instructions is true when the message tries to instruct the drafter.
	Instructions bool
	// Questions are the sentences that ask something.
	Questions []string
}

// Query is what triage reads.
type Query struct {
	// Subject of the ticket, without marks of replying; Full is all that belongs to
	// the question, Question what of it the customer says now.
	Subject, Full, Question string
	// Locale of the question, BCP 47; empty when not known.
	Locale string
	// FromNote is true when an agent's note is answered.
	FromNote bool
}

// Triage goes by lists of phrases. It is safe for concurrent use.
type Triage struct{ lists *Lists }

// NewTriage goes by lists.
func NewTriage(lists *Lists) *Triage { return &Triage{lists} }

// Decide tells whether a person must write this one, or nobody needs to. It
// goes by lists of phrases in ten languages: recall matters most where a person
// is in need, precision elsewhere.
func (t *Triage) Decide(q Query) Result {
	r := Result{Outcome: OutcomeDraft, Questions: questionsIn(q.Question, q.Locale)}
	words := Words(q.Subject + "\n" + q.Full)
	sets := t.lists.For(q.Locale)
	hit := map[string]bool{}
	for _, set := range sets {
		set.Find(words, func(section string, _, _ int) { hit[section] = true })
	}
	r.Instructions = hit[SectionInstructions]
	for _, reason := range humanReasons {
		if q.FromNote && reason == ReasonAnger {
			continue
		}
		if hit[string(reason)] {
			r.Outcome, r.Reason = OutcomeHumanOnly, reason
			return r
		}
	}
	if asksNothing(q.Question, sets) {
		r.Outcome, r.Reason = OutcomeNoDraft, ReasonNothingToAnswer
	}
	return r
}

// Bounds of a message that only thanks or greets, in words.
const (
	maxThanksWords   = 40
	maxThanksUnknown = 18
)

// asksNothing reports whether the message only thanks, greets or confirms.
func asksNothing(question string, sets []*Set) bool {
	if text.IsBlank(question) {
		return true
	}
	words := slices.DeleteFunc(Words(question), func(w string) bool { return w == Border })
	if len(words) == 0 {
		return !strings.ContainsAny(question, "?？")
	}
	if len(words) > maxThanksWords {
		return false
	}
	for _, set := range sets {
		known := make(Coverage, len(words))
		thanks, asks := false, false
		set.EachPhrase(words, func(section string, start, end int) {
			switch section {
			case SectionThanks:
				thanks = true
				known.Mark(start, end)
			case SectionGreeting:
				known.Mark(start, end)
			case SectionAsks:
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
