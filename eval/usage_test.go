package eval_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/suite"
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
	o.Budget.Tokens = 200
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
	o.Budget.Tokens = 0
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
	o.Budget = eval.Budget{Money: 250e-6}
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
	o.Budget = eval.Budget{}
	var unknown *eval.PriceError
	if r, err := eval.Run(t.Context(), o); !errors.As(err, &unknown) || !strings.Contains(err.Error(), `the price of model "m" is not known`) || len(r.Cases) != 5 {
		t.Errorf("a model without a price: %d cases, %v", len(r.Cases), err)
	}
}

func TestResumeRefusesWhatIsAnother(t *testing.T) {
	t.Parallel()
	var asked []string
	o := counted(t, `{"floor":1}`, &asked)
	o.Budget.Tokens = 100
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
		{"another profile", func(_ *eval.Options, r *eval.Report) { r.Made.Profiles = []string{"p 0123"} }, "made with another confidence profile"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			again, earlier := o, first
			again.Budget = eval.Budget{}
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

const outside = `{"id":"a","ranked":["pets","bags"],"text":"One bag is free.","cited":["bags","pets"],"confidence":0.7,"ms":12}
{"id":"b","ranked":"pets","text":""}
{"id":"c","text":"Sunny."}
{"id":"d","outcome":"HUMAN_ONLY","reason":"BEREAVEMENT"}
{"id":"e","error":"no answer"}
`

func importRun(t *testing.T, content string) (eval.Report, error) {
	t.Helper()
	r, _, err := eval.ImportRun(evaltest.Suite(t), filepath.Join(evaltest.Folder(t, map[string]string{"rival.jsonl": content}), "rival.jsonl"), "rival", eval.Options{Analyzer: evaltest.Options(t).Analyzer})
	return r, err
}

func TestImportRunIsARunLikeOthers(t *testing.T) {
	t.Parallel()
	r, err := importRun(t, outside)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][2]float64{
		eval.HitAt1: {1. / 3, 3}, eval.HitAt3: {2. / 3, 3}, eval.DraftRate: {.5, 4}, eval.CitationPrecision: {.5, 1},
		eval.SilentOnAnswerable: {.5, 2}, eval.SilentOnUnanswered: {0, 1}, eval.HumanRecall: {1, 1}, eval.RougeL: {1, 1},
	} {
		if m := r.Metrics[name]; m.Value != want[0] || m.N != int(want[1]) {
			t.Errorf("%s is %v of %d, want %v", name, m.Value, m.N, want)
		}
	}
	if r.Errors != 1 || r.Cases[0].Confidence != .7 || r.Cases[1].KnowsConfidence() || r.Cases[2].KnowsConfidence() || r.Cases[0].Timing["total"] != 12 {
		t.Errorf("cases: %+v", r.Cases)
	}
	o := evaltest.Options(t)
	mine, err := eval.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := compare.Runs(r, mine, 0)
	if err != nil || c.Pairs != 4 {
		t.Errorf("%d pairs, %v", c.Pairs, err)
	}
}

func TestImportRunHasItsPrice(t *testing.T) {
	t.Parallel()
	content := strings.Replace(outside, `"ms":12`, `"model":"large","prompt_tokens":1000,"completion_tokens":100`, 1)
	path := filepath.Join(evaltest.Folder(t, map[string]string{"rival.jsonl": content}), "rival.jsonl")
	prices := eval.Prices{Currency: "EUR", Models: map[string]eval.Price{"large": {Prompt: 2, Completion: 10}}}
	r, _, err := eval.ImportRun(evaltest.Suite(t), path, "rival", eval.Options{Prices: &prices})
	if err != nil || r.Usage.Currency != "EUR" || math.Abs(r.Metrics[eval.CostPer1000Tickets].Value-.75) > 1e-12 || r.Metrics[eval.TokensPerDraft].Value != 1100 {
		t.Errorf("used %+v, cost %+v, %v", r.Usage, r.Metrics[eval.CostPer1000Tickets], err)
	}
	prices.Models = map[string]eval.Price{"small": {}}
	var unknown *eval.PriceError
	if _, _, err := eval.ImportRun(evaltest.Suite(t), path, "rival", eval.Options{Prices: &prices}); !errors.As(err, &unknown) {
		t.Errorf("a model without a price: %v", err)
	}
}

func TestImportRunNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, content, want string }{
		{"broken", "{\n", "rival.jsonl:1: is no answer"},
		{"unknown case", outside + `{"id":"z"}`, `rival.jsonl:6: the suite has no case "z"`},
		{"twice", outside + `{"id":"a"}`, `rival.jsonl:6: case "a" is answered on line 1 already; keep one`},
		{"missing", `{"id":"a","text":""}`, "rival.jsonl: 4 cases are missing (b, c, d, e); every case must be answered"},
		{"one missing", strings.Replace(outside, `{"id":"c","text":"Sunny."}`, "", 1), `rival.jsonl: case "c" is missing; every case`},
		{"confidence", strings.Replace(outside, "0.7", "7", 1), "the confidence must be between 0 and 1"},
		{"outcome", strings.Replace(outside, "HUMAN_ONLY", "MAYBE", 1), `outcome "MAYBE" is unknown`},
		{"less than no tokens", outside[:len(outside)-2] + `,"prompt_tokens":-5}`, "can't be below 0"},
		{"less than no time", outside[:len(outside)-2] + `,"ms":-5}`, "can't be below 0"},
		{"draft without text", strings.Replace(outside, `"text":""`, `"outcome":"DRAFT"`, 1), "a draft needs its text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := importRun(t, test.content)
			var wrong *suite.Error
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func FuzzImportRun(f *testing.F) {
	f.Add(outside)
	f.Add(`{"id":"a","ranked":[""],"text":"\u0000"}`)
	f.Fuzz(func(t *testing.T, content string) {
		if r, err := importRun(t, content); err == nil && len(r.Cases) != 5 {
			t.Errorf("a run of %d cases was let in", len(r.Cases))
		}
	})
}
