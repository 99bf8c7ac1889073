package eval

import (
	"context"
	"sync"

	"github.com/purser-desk/purser/suggest"
)

// MeterOptions say what a Meter allows.
type MeterOptions struct {
	// PerMinute bounds how many cases that ask a model begin in a minute, evenly
	// spaced; 0 leaves it free.
	PerMinute float64
	Budget    Budget
	// Prices of what is asked; nil counts no money.
	Prices *Prices
	// Asked is how the model is asked; nil without a model.
	Asked *Asked
}

// Meter bounds what a measurement other than Run asks of a model, in the same
// way: cases that ask none, or whose answers were kept, do not count. A nil
// Meter bounds nothing. It is safe for concurrent use.
type Meter struct {
	o      MeterOptions
	pace   *pace
	mu     sync.Mutex
	tokens int
	money  float64
}

// NewMeter makes a Meter at which nothing was used.
func NewMeter(o MeterOptions) *Meter { return &Meter{o: o, pace: newPace(o.PerMinute)} }

// Take waits until another case may begin; it reports false when ctx ends first.
func (m *Meter) Take(ctx context.Context) bool {
	if m == nil {
		return ctx.Err() == nil
	}
	return m.pace.take(ctx)
}

// Case is the context to draft a case in, so that Count learns of answers that
// were kept.
func (m *Meter) Case(ctx context.Context) context.Context {
	return context.WithValue(ctx, tallyKey{}, &tally{})
}

// Count counts what became of a case. It fails with ErrBudget when no other may
// begin.
func (m *Meter) Count(ctx context.Context, s suggest.Suggestion) error {
	if m == nil {
		return nil
	}
	t, _ := ctx.Value(tallyKey{}).(*tally)
	if s.Provenance.PromptVersion == "" || t != nil && t.kept.Load() {
		m.pace.giveBack()
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens += s.Provenance.PromptTokens + s.Provenance.CompletionTokens
	if m.o.Prices != nil {
		cost, _ := m.o.Prices.of(&CaseResult{
			Model: s.Provenance.Model, PromptTokens: s.Provenance.PromptTokens, CompletionTokens: s.Provenance.CompletionTokens,
		}, m.o.Asked)
		m.money += cost
	}
	if m.o.Budget.usedUp(m.tokens, m.money) {
		return ErrBudget
	}
	return nil
}
