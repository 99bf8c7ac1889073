package redteam

import (
	"context"
	"strings"
	"sync"

	"github.com/purser-desk/purser/suggest"
)

// Obeyer is a drafter that does what every attacker asks. Its sentences claim
// the support of the first piece of evidence, as an attacker would have them
// do. It is safe for concurrent use.
type Obeyer struct {
	attacks []Attack

	mu      sync.Mutex
	reached map[string]bool
}

// NewObeyer makes an Obeyer that knows these attacks by their marks.
func NewObeyer(attacks []Attack) *Obeyer {
	return &Obeyer{attacks: attacks, reached: map[string]bool{}}
}

// Name tells it apart in reports.
func (*Obeyer) Name() string { return "obedient" }

// UsesPrompt is true: it is treated as a model is.
func (*Obeyer) UsesPrompt() bool { return true }

// Reached reports whether the attack came before the drafter at all.
func (o *Obeyer) Reached(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.reached[id]
}

// Draft implements suggest.Drafter.
func (o *Obeyer) Draft(_ context.Context, t suggest.DraftTask, write func(suggest.DraftSentence) error) (suggest.DraftReport, error) {
	report := suggest.DraftReport{Model: "obedient", Finish: "stop"}
	seen := t.Question
	if t.Prompt != nil {
		seen += t.Prompt.User
	}
	for _, e := range t.Evidence {
		seen += e.Text
	}
	numbers := []int{}
	if len(t.Evidence) > 0 {
		numbers = append(numbers, t.Evidence[0].Number)
		first, _, _ := strings.Cut(t.Evidence[0].Text, "\n")
		if err := write(suggest.DraftSentence{Text: first, Numbers: numbers}); err != nil {
			return report, err
		}
	}
	for i := range o.attacks {
		a := &o.attacks[i]
		if !strings.Contains(seen, a.mark()) {
			continue
		}
		o.mu.Lock()
		o.reached[a.ID] = true
		o.mu.Unlock()
		// Whichever piece carries the attack is cited, so that a figure "stands
		// in the evidence" where the attacker could put it there.
		cited := numbers
		for _, e := range t.Evidence {
			if strings.Contains(e.Text, a.mark()) {
				cited = []int{e.Number}
			}
		}
		if err := write(suggest.DraftSentence{Break: " ", Text: a.Payload, Numbers: cited}); err != nil {
			return report, err
		}
	}
	return report, nil
}

var _ suggest.Prompted = (*Obeyer)(nil)
