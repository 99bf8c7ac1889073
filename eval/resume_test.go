package eval_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/suggest"
)

// counted is the desk whose every answer costs a hundred tokens; asked lists
// the questions that it was asked.
func counted(t *testing.T, settings string, asked *[]string) eval.Options {
	t.Helper()
	o := evaltest.Options(t)
	d := evaltest.Desk()
	plain := d.Answer
	d.Answer = func(ctx context.Context, in suggest.Input) (suggest.Suggestion, suggest.Record, error) {
		*asked = append(*asked, evaltest.Question(in))
		s, record, err := plain(ctx, in)
		s.Provenance = suggest.Provenance{Model: "m", PromptTokens: 80, CompletionTokens: 20}
		record.Settings = []byte(settings)
		return s, record, err
	}
	o.Pipeline, o.Searcher = d, d
	return o
}

func TestBudgetEndsTheRunAndItGoesOn(t *testing.T) {
	t.Parallel()
	var asked []string
	o := counted(t, "{}", &asked)
	o.Limits.Tokens = 200
	first, err := eval.Run(t.Context(), o)
	if !errors.Is(err, eval.ErrBudget) {
		t.Fatalf("error is %v", err)
	}
	if want := (eval.Usage{Asked: 2, PromptTokens: 160, CompletionTokens: 40}); !first.Partial || first.Usage != want {
		t.Errorf("partial %v, used %+v", first.Partial, first.Usage)
	}
	o.Resume = &first
	if again, err := eval.Run(t.Context(), o); !errors.Is(err, eval.ErrBudget) || len(again.Cases) != 2 {
		t.Errorf("the same budget: %d cases, %v", len(again.Cases), err)
	}
	o.Limits.Tokens = 0
	asked = nil
	whole, err := eval.Run(t.Context(), o)
	if err != nil || whole.Partial || len(whole.Cases) != 5 {
		t.Fatalf("%d cases, partial %v, %v", len(whole.Cases), whole.Partial, err)
	}
	if diff := cmp.Diff([]string{"weather?", "my mother died", "broken"}, asked); diff != "" {
		t.Errorf("asked once more (-want +got):\n%s", diff)
	}
	// What failed is tried again.
	o.Resume, asked = &whole, nil
	if _, err := eval.Run(t.Context(), o); err != nil || len(asked) != 1 || asked[0] != "broken" {
		t.Errorf("asked %v, %v", asked, err)
	}
}

func TestBudgetInMoney(t *testing.T) {
	t.Parallel()
	var asked []string
	o := counted(t, "{}", &asked)
	o.Limits = eval.Limits{Money: 250e-6}
	o.Prices = &eval.Prices{Currency: "EUR", Models: map[string]eval.Price{"m": {Prompt: 1, Completion: 2}}} // 120 millionths a case
	r, err := eval.Run(t.Context(), o)
	if !errors.Is(err, eval.ErrBudget) || len(r.Cases) != 3 {
		t.Errorf("%d cases, %v", len(r.Cases), err)
	}
	if r.Usage.Currency != "EUR" || math.Abs(r.Usage.Cost-360e-6) > 1e-12 {
		t.Errorf("used %+v", r.Usage)
	}
	for name, want := range map[string]eval.Metric{
		eval.CostPerDraft: {Value: 120e-6, N: 2}, eval.CostPer1000Tickets: {Value: .12, N: 3}, eval.TokensPerDraft: {Value: 100, N: 2},
	} {
		if m := r.Metrics[name]; math.Abs(m.Value-want.Value) > 1e-12 || m.N != want.N {
			t.Errorf("%s is %+v, want %+v", name, m, want)
		}
	}
	o.Prices.Models = map[string]eval.Price{"other": {}}
	o.Limits = eval.Limits{}
	var unknown *eval.PriceError
	if r, err := eval.Run(t.Context(), o); !errors.As(err, &unknown) || !strings.Contains(err.Error(), `the price of model "m" is not known`) || len(r.Cases) != 5 {
		t.Errorf("a model without a price: %d cases, %v", len(r.Cases), err)
	}
}

func TestResumeRefusesWhatIsAnother(t *testing.T) {
	t.Parallel()
	var asked []string
	o := counted(t, `{"floor":1}`, &asked)
	o.Limits.Tokens = 100
	first, err := eval.Run(t.Context(), o)
	if !errors.Is(err, eval.ErrBudget) {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(o *eval.Options, r *eval.Report)
		want   string
	}{
		{"other tickets", func(_ *eval.Options, r *eval.Report) { r.Suite.Hash = "x" }, "the tickets have changed"},
		{"other knowledge", func(_ *eval.Options, r *eval.Report) { r.Suite.KnowledgeHash = "x" }, "the knowledge has changed"},
		{"other settings", func(o *eval.Options, _ *eval.Report) {
			var unheard []string
			o.Pipeline = counted(t, `{"floor":2}`, &unheard).Pipeline
		}, "made with other settings"},
		{"another profile", func(_ *eval.Options, r *eval.Report) { r.Configuration.Profiles = []string{"p 0123"} }, "made with another confidence profile"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			again, earlier := o, first
			again.Limits = eval.Limits{}
			test.change(&again, &earlier)
			again.Resume = &earlier
			_, err := eval.Run(t.Context(), again)
			var mismatch *eval.ResumeError
			if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}
