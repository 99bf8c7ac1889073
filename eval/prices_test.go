package eval_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
)

func TestParsePrices(t *testing.T) {
	t.Parallel()
	want := eval.Prices{Currency: "EUR", Models: map[string]eval.Price{"m": {Prompt: 1.5, Completion: 6}}}
	for name, raw := range map[string]string{
		"YAML": "currency: EUR\nmodels:\n  m: {prompt: 1.5, completion: 6}\n",
		"JSON": `{"currency": "EUR", "models": {"m": {"prompt": 1.5, "completion": 6}}}`,
	} {
		got, err := eval.ParsePrices([]byte(raw))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	for name, c := range map[string][2]string{
		"empty":       {"", "is empty"},
		"no currency": {"models: {m: {prompt: 1}}", "names no currency"},
		"no models":   {"currency: EUR", "names no models"},
		"a slip":      {"currency: EUR\nmodel: {m: {prompt: 1}}", "model"},
		"below 0":     {"currency: EUR\nmodels: {m: {completion: -0.1}}", `a price of "m" is -0.1`},
		"no number":   {"currency: EUR\nmodels: {m: {completion: .nan}}", "is NaN"},
		"a list":      {"- m", "currency: EUR"},
	} {
		var wrong *eval.PriceError
		if _, err := eval.ParsePrices([]byte(c[0])); !errors.As(err, &wrong) || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %v, want %q", name, err, c[1])
		}
	}
}

func FuzzParsePrices(f *testing.F) {
	f.Add([]byte("currency: EUR\nmodels:\n  m: {prompt: 1.5, completion: 6}\n"))
	f.Add([]byte(`{"currency": "EUR", "models": {"m": {"prompt": 1e999}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := eval.ParsePrices(raw)
		if err != nil {
			return
		}
		for name, price := range p.Models {
			if !(price.Prompt >= 0) || !(price.Completion >= 0) || p.Check(name) != nil {
				t.Errorf("%q costs %+v", name, price)
			}
		}
	})
}

func FuzzParseReport(f *testing.F) {
	f.Add([]byte(`{"format": 2, "suite": {"cases": 1}, "metrics": {"hit_at_1": {"value": 1, "n": 1, "low": 0.2, "high": 1}}, ` +
		`"cases": [{"id": "a", "expect": "answer", "outcome": "DRAFT", "confidence": 0.5, "scores": {"hit_at_1": 1}}]}`))
	f.Add([]byte(`{"format": 2}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := eval.ParseReport(raw)
		if err != nil {
			return
		}
		if len(r.Cases) == 0 || len(r.Metrics) == 0 {
			t.Error("a run of nothing was let in")
		}
		if _, err := compare.Runs(r, r, 0); err != nil {
			t.Errorf("it can't be compared with itself: %v", err)
		}
	})
}
