package eval_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/suggest"
)

// paced runs the suite to begin with at 30 cases a minute and tells when cases
// began, in seconds.
func paced(t *testing.T, concurrency int, cached bool, draft func(ctx context.Context, question string) suggest.Provenance) []float64 {
	t.Helper()
	o := evaltest.Options(t)
	var mu sync.Mutex
	var began []float64
	start := time.Now()
	d := evaltest.Desk()
	d.Answer = func(ctx context.Context, in suggest.Input) (suggest.Suggestion, suggest.Record, error) {
		mu.Lock()
		began = append(began, time.Since(start).Seconds())
		mu.Unlock()
		s := evaltest.Abstained(suggest.ReasonLowConfidence, .2)
		s.Provenance = draft(ctx, evaltest.Question(in))
		return s, suggest.Record{}, nil
	}
	o.Pipeline, o.Searcher, o.Limits.PerMinute, o.Concurrency = d, d, 30, concurrency
	o.Cached = func(string) bool { return cached }
	if _, err := eval.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(slices.Values(began))
}

func TestCasesThatAskAModelBeginEvenly(t *testing.T) {
	t.Parallel()
	asked := suggest.Provenance{PromptVersion: "p"}
	tests := []struct {
		name  string
		draft func(ctx context.Context, question string) suggest.Provenance
		want  []float64
	}{
		{"every one", func(context.Context, string) suggest.Provenance { return asked }, []float64{0, 2, 4, 6, 8}},
		{"none", func(context.Context, string) suggest.Provenance { return suggest.Provenance{} }, []float64{0, 0, 0, 0, 0}},
		{"cached", func(context.Context, string) suggest.Provenance { return asked }, []float64{0, 0, 0, 0, 0}},
		{"slow ones", func(context.Context, string) suggest.Provenance {
			time.Sleep(3 * time.Second)
			return asked
		}, []float64{0, 2, 4, 6, 8}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if diff := cmp.Diff(test.want, paced(t, 3, test.name == "cached", test.draft)); diff != "" {
					t.Errorf("cases began (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestWaitingForATurnEndsWithTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := evaltest.Options(t)
		d := evaltest.Desk()
		d.Answer = func(context.Context, suggest.Input) (suggest.Suggestion, suggest.Record, error) {
			s := evaltest.Abstained(suggest.ReasonLowConfidence, .2)
			s.Provenance.PromptVersion = "p"
			return s, suggest.Record{}, nil
		}
		o.Pipeline, o.Searcher, o.Limits.PerMinute = d, d, 1./60
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		r, err := eval.Run(ctx, o)
		if err == nil || len(r.Cases) != 1 || time.Since(start) != time.Second {
			t.Errorf("%d cases after %v, %v", len(r.Cases), time.Since(start), err)
		}
	})
}
