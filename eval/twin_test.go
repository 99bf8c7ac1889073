package eval_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

func TestTakeGoldAway(t *testing.T) {
	t.Parallel()
	s, err := eval.ReadSuite(write(t, map[string]string{"kb.jsonl": kb, "tickets.jsonl": tickets +
		`{"id":"a without gold","text":"hi","gold_reply":"Hello.","must_say":"hello"}` + "\n"}))
	if err != nil {
		t.Fatal(err)
	}
	hash := s.Hash
	if n := s.TakeGoldAway(); n != 3 {
		t.Errorf("%d twins", n)
	}
	if s.Hash == hash || len(s.Hash) != len(hash) {
		t.Errorf("the hash was %s and is %s", hash, s.Hash)
	}
	var got []string
	for _, c := range s.Cases {
		got = append(got, fmt.Sprint(c.ID, "|", c.Expect, "|", c.GoldIDs, "|", c.ExcludeIDs, "|", c.GoldReply != "", "|", c.Tags))
	}
	want := []string{
		"a|answer|[bags]|[]|true|[]", "a without gold'|none|[]|[bags]|false|[gold-hidden]",
		"b|answer|[pets cats]|[]|true|[]", "b without gold|none|[]|[pets cats]|false|[gold-hidden]",
		"c|none|[]|[]|false|[]", "d|human|[bags]|[]|false|[]",
		"e|answer|[bags]|[]|true|[]", "e without gold|none|[]|[bags]|false|[gold-hidden]",
		"a without gold|answer|[]|[]|true|[]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

// What is hidden stays hidden from the draft and from the ranking.
func TestRunHidesArticles(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.TakeGoldAway()
	var hidden [][]string
	desk := scripted{
		run: func(_ context.Context, in suggest.Input) (suggest.Suggestion, suggest.Record, error) {
			hidden = append(hidden, in.ExcludeKeys)
			return silent(suggest.ReasonNoKnowledge, .1), suggest.Record{Question: question(in), Judgement: suggest.Judgement{Profile: "p", ProfileHash: "0123456789abcdef"}}, nil
		},
		search: func(q knowledge.Query) (knowledge.Results, error) {
			hidden = append(hidden, q.ExcludeKeys)
			return hits("bags/en"), nil
		},
	}
	r, err := eval.Run(t.Context(), eval.Options{Suite: s, Pipeline: desk, Searcher: desk, Workspace: "w", Now: clock()})
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
	if diff := cmp.Diff([]string{"p 0123456789ab"}, r.Made.Profiles); diff != "" {
		t.Errorf("profiles (-want +got):\n%s", diff)
	}
}
