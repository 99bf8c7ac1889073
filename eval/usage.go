package eval

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/suggest"
)

// ErrBudget says that a run used up its budget.
var ErrBudget = errors.New("the budget is used up; what was done is kept, resume with a larger one")

// Usage is what models were asked for.
type Usage struct {
	// Asked is how many cases a model drafted for.
	Asked            int `json:"asked"`
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
}

func (u *Usage) add(c *CaseResult) {
	if c.PromptTokens+c.CompletionTokens == 0 {
		return
	}
	u.Asked++
	u.PromptTokens += c.PromptTokens
	u.CompletionTokens += c.CompletionTokens
}

// Price is what a model costs, in any currency, by a million tokens.
type Price struct {
	Prompt     float64 `json:"prompt" yaml:"prompt"`
	Completion float64 `json:"completion" yaml:"completion"`
}

// Prices are those of models by name.
type Prices map[string]Price

// Cost is what the run's model calls cost. It fails for a model without a price.
func (p Prices) Cost(r *Report) (float64, error) {
	var sum float64
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.PromptTokens+c.CompletionTokens == 0 {
			continue
		}
		if _, ok := p[c.Model]; !ok {
			return 0, fmt.Errorf("the price of model %q is not known; add it to the table of prices", c.Model)
		}
		sum += p.of(c)
	}
	return sum, nil
}

func (p Prices) of(c *CaseResult) float64 {
	price := p[c.Model]
	return (float64(c.PromptTokens)*price.Prompt + float64(c.CompletionTokens)*price.Completion) / 1e6
}

// Budget bounds what a run may use, what it takes over from a run to resume
// included; 0 means no bound. Cases that are under way when it is reached are
// finished, so that it can be passed by as many as run at once.
type Budget struct {
	Tokens int
	// Money is in the currency of Prices.
	Money  float64
	Prices Prices
}

// account notes what a case was made by and used, and ends the run when it may
// not go on. The caller holds the lock.
func (r *runner) account(s suggest.Suggestion, record suggest.Record, c *CaseResult) {
	if r.Resume != nil && r.made.Settings != nil && record.Settings != nil && !bytes.Equal(r.made.Settings, record.Settings) {
		r.mixed = &MismatchError{[]string{"the run to resume was made with other settings; begin anew"}}
		r.stop(r.mixed)
		return
	}
	if r.Resume != nil && r.made.Settings != nil && strings.Join(r.made.Profiles, "") != profileOf(record) {
		r.mixed = &MismatchError{[]string{"the run to resume was made with another confidence profile; begin anew"}}
		r.stop(r.mixed)
		return
	}
	r.made.add(s, record)
	r.spend(c)
}

// spend counts what a case used.
func (r *runner) spend(c *CaseResult) {
	r.usage.add(c)
	r.money += r.Budget.Prices.of(c)
	tokens := r.usage.PromptTokens + r.usage.CompletionTokens
	if r.Budget.Tokens > 0 && tokens >= r.Budget.Tokens || r.Budget.Money > 0 && r.money >= r.Budget.Money {
		r.spent = true
		if r.stop != nil {
			r.stop(ErrBudget)
		}
	}
}

// resume takes over what an earlier run did well.
func (r *runner) resume() error {
	if r.Resume == nil {
		return nil
	}
	var differences []string
	if r.Resume.Suite.Hash != r.Suite.Hash {
		differences = append(differences, "the tickets have changed")
	}
	if r.Resume.Suite.KnowledgeHash != r.Suite.KnowledgeHash {
		differences = append(differences, "the knowledge has changed")
	}
	if len(differences) > 0 {
		return &MismatchError{append(differences, "begin anew")}
	}
	earlier := r.Resume.byID()
	for i := range r.Suite.Cases {
		before, ok := earlier[r.Suite.Cases[i].ID]
		if !ok || before.Error != "" {
			continue
		}
		r.results[i], r.done[i] = *before, true
		r.count++
		r.spend(before)
	}
	if r.count > 0 {
		m := r.Resume.Made
		r.made = Made{
			Versions: slices.Clone(m.Versions), Drafters: slices.Clone(m.Drafters), Models: slices.Clone(m.Models),
			Prompts: slices.Clone(m.Prompts), Spaces: slices.Clone(m.Spaces), Profiles: slices.Clone(m.Profiles), Settings: slices.Clone(m.Settings),
		}
	}
	return nil
}
