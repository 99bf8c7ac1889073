package eval_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/suggest"
)

func TestBudgetCountsWhatAModelWasAskedFor(t *testing.T) {
	t.Parallel()
	asked := suggest.Suggestion{Provenance: suggest.Provenance{Model: "m-1", PromptVersion: "1", PromptTokens: 60, CompletionTokens: 10}}
	prices := &eval.Prices{Currency: "EUR", Models: map[string]eval.Price{"m": {Prompt: 1, Completion: 4}}}
	for name, c := range map[string]struct {
		limits eval.Limits
		s      suggest.Suggestion
		kept   bool
		after  int // cases until it is used up; 0 for never
	}{
		"no budget":     {eval.Limits{}, asked, false, 0},
		"tokens":        {eval.Limits{Tokens: 140}, asked, false, 2},
		"money":         {eval.Limits{Money: 0.00025}, asked, false, 3},
		"kept answers":  {eval.Limits{Tokens: 1}, asked, true, 0},
		"without model": {eval.Limits{Tokens: 1}, suggest.Suggestion{}, false, 0},
	} {
		m := eval.NewBudget(c.limits, prices, &eval.Asked{Model: "m"})
		after := 0
		for n := 1; n <= 5 && after == 0; n++ {
			if err := m.Count(c.s, c.kept); errors.Is(err, eval.ErrBudget) {
				after = n
			}
		}
		if after != c.after {
			t.Errorf("%s: used up after %d cases, want %d", name, after, c.after)
		}
	}
}

func TestBudgetSpacesWhatIsAsked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		version string
		want    time.Duration
	}{"asked": {"1", 4 * time.Second}, "not asked": {"", 0}} {
		synctest.Test(t, func(t *testing.T) {
			m := eval.NewBudget(eval.Limits{PerMinute: 30}, nil, nil)
			start := time.Now()
			for range 3 {
				if !m.Take(t.Context()) {
					t.Fatal("no turn")
				}
				if err := m.Count(suggest.Suggestion{Provenance: suggest.Provenance{PromptVersion: c.version}}, false); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(start); took != c.want {
				t.Errorf("%s: three cases took %s, want %s", name, took, c.want)
			}
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var none *eval.Budget
	if none.Take(ended) || !none.Take(t.Context()) || none.Count(suggest.Suggestion{}, false) != nil {
		t.Error("no budget bounds something")
	}
}
