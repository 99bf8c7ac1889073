package suite_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/suite"
)

func TestAblateGold(t *testing.T) {
	t.Parallel()
	s, err := suite.Read(evaltest.Folder(t, map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": evaltest.Tickets +
		`{"id":"a without gold","text":"hi","gold_reply":"Hello.","must_say":"hello"}` + "\n"}))
	if err != nil {
		t.Fatal(err)
	}
	hash := s.Hash
	if n := s.AblateGold(); n != 3 {
		t.Errorf("%d counterparts", n)
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
