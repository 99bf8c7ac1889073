package eval

import (
	"context"
	"errors"
	"sync"

	"github.com/purser-desk/purser/internal/pace"
	"github.com/purser-desk/purser/suggest"
)

// ErrBudget says that a run used up its budget.
var ErrBudget = errors.New("the budget is used up; what was done is kept, resume with a larger one")

// Limits bound what is asked of a model; 0 means no bound.
type Limits struct {
	Tokens int
	// Money is in the currency of the prices.
	Money float64
	// PerMinute bounds how many cases that ask a model begin in a minute, evenly
	// spaced.
	PerMinute float64
}

// Budget is what may be asked of a model, and what was. Cases that ask none, or
// whose answers were cached, do not count. Those that are under way when it is
// used up are finished, so that it can be passed by as many as run at once. A nil
// Budget bounds nothing. It is safe for concurrent use.
type Budget struct {
	limits Limits
	prices *Prices
	asked  *Asked
	pace   *pace.Pace
	mu     sync.Mutex
	tokens int
	money  float64
}

// NewBudget makes a Budget of which nothing was used. Without prices no money is
// counted; asked is how the model is asked, nil without one.
func NewBudget(l Limits, prices *Prices, asked *Asked) *Budget {
	return &Budget{limits: l, prices: prices, asked: asked, pace: pace.New(l.PerMinute)}
}

// Take waits until another case may begin; it reports false when ctx ends first.
func (b *Budget) Take(ctx context.Context) bool {
	if b == nil {
		return ctx.Err() == nil
	}
	return b.pace.Take(ctx)
}

// Count counts what became of a case that began; cached says that its answer
// was. It fails with ErrBudget when no other may begin.
func (b *Budget) Count(s suggest.Suggestion, cached bool) error {
	if b == nil {
		return nil
	}
	if s.Provenance.PromptVersion == "" || cached {
		b.pace.Release()
		return nil
	}
	return b.spend(s.Provenance.Model, s.Provenance.PromptTokens, s.Provenance.CompletionTokens)
}

// spend counts tokens. It fails with ErrBudget when no other case may begin.
func (b *Budget) spend(model string, prompt, completion int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens += prompt + completion
	if b.prices != nil {
		cost, _ := b.prices.of(model, prompt, completion, b.asked)
		b.money += cost
	}
	if l := b.limits; l.Tokens > 0 && b.tokens >= l.Tokens || l.Money > 0 && b.money >= l.Money {
		return ErrBudget
	}
	return nil
}
