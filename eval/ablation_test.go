package eval_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// What is hidden stays hidden from the draft and from the ranking.
func TestRunHidesArticles(t *testing.T) {
	t.Parallel()
	s := evaltest.Suite(t)
	s.AblateGold()
	var hidden [][]string
	desk := evaltest.Scripted{
		Answer: func(_ context.Context, in suggest.Input) (suggest.Suggestion, suggest.Record, error) {
			hidden = append(hidden, in.ExcludeKeys)
			return evaltest.Abstained(suggest.ReasonNoKnowledge, .1), suggest.Record{Question: evaltest.Question(in), Assessment: suggest.Assessment{Profile: "p", ProfileHash: "0123456789abcdef"}}, nil
		},
		Find: func(q knowledge.Query) (knowledge.Results, error) {
			hidden = append(hidden, q.ExcludeKeys)
			return evaltest.Hits("bags/en"), nil
		},
	}
	r, err := eval.Run(t.Context(), eval.Options{Suite: s, Pipeline: desk, Searcher: desk, Workspace: "w", Now: evaltest.Clock()})
	if err != nil {
		t.Fatal(err)
	}
	var want [][]string
	for i := range s.Cases {
		want = append(want, s.Cases[i].ExcludeIDs, s.Cases[i].ExcludeIDs)
		if !slices.Equal(r.Cases[i].ExcludeIDs, s.Cases[i].ExcludeIDs) {
			t.Errorf("case %s tells that %v was hidden", r.Cases[i].ID, r.Cases[i].ExcludeIDs)
		}
	}
	if diff := cmp.Diff(want, hidden); diff != "" {
		t.Errorf("hidden (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"p 0123456789ab"}, r.Configuration.Profiles); diff != "" {
		t.Errorf("profiles (-want +got):\n%s", diff)
	}
}
