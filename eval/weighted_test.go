package eval_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/suggest"
)

func TestWeightsOfASuite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ line, wrong string }{
		"a weight":     {`{"id":"a","text":"Hello?","expect":"open","weight":12.5}`, ""},
		"zero":         {`{"id":"a","text":"Hello?","expect":"open","weight":0}`, "weight must be a number above 0"},
		"negative":     {`{"id":"a","text":"Hello?","expect":"open","weight":-1}`, "weight must be a number above 0"},
		"not a number": {`{"id":"a","text":"Hello?","expect":"open","weight":"two"}`, "weight"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "tickets.jsonl")
			if err := os.WriteFile(path, []byte(c.line+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			suite, err := eval.ReadTickets(path)
			switch {
			case c.wrong == "" && (err != nil || suite.Cases[0].Weight != 12.5 || suite.Cases[0].Expect != eval.ExpectOpen):
				t.Errorf("%+v, %v", suite.Cases, err)
			case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
				t.Errorf("%v does not say %q", err, c.wrong)
			}
		})
	}
}

// Three of four drafts in the sample, but the one without stands for most.
func TestWeightedFigures(t *testing.T) {
	t.Parallel()
	run := eval.Report{Format: eval.Format, Suite: eval.SuiteInfo{Name: "sample", Cases: 4}}
	for i, weight := range []float64{1, 1, 2, 16} {
		drafted := 1.0
		if i == 3 {
			drafted = 0
		}
		run.Cases = append(run.Cases, eval.CaseResult{
			ID: string(rune('a' + i)), Weight: weight, Expect: eval.ExpectOpen, Outcome: suggest.OutcomeNoDraft, Channel: suggest.ChannelEmail,
			Scores: map[string]float64{eval.DraftRate: drafted},
		})
	}
	run.Measure()
	if m := run.Metrics[eval.DraftRate]; m.Value != .75 {
		t.Errorf("unweighted %+v", m)
	}
	if m := run.Weighted[eval.DraftRate]; m.Value != .2 || m.N != 4 || m.Low >= .2 || m.High <= .2 {
		t.Errorf("weighted %+v", m)
	}
	var table bytes.Buffer
	if err := run.WriteTable(&table); err != nil || !strings.Contains(table.String(), "it stands for 20 tickets") {
		t.Errorf("%v in\n%s", err, &table)
	}

	for i := range run.Cases {
		run.Cases[i].Weight = 0
	}
	run.Measure()
	raw, err := json.Marshal(run)
	if err != nil || run.Weighted != nil || bytes.Contains(raw, []byte("eight")) {
		t.Errorf("a suite without weights tells of some: %v %s", err, raw)
	}
}

// What nobody has said counts in no figure that needs it.
func TestOpenExpectations(t *testing.T) {
	t.Parallel()
	suite := eval.Suite{Cases: []eval.Case{
		{ID: "a", Expect: eval.ExpectOpen, Messages: []eval.CaseMessage{{Author: suggest.AuthorCustomer, Text: "Where is it?"}}, Origin: "t:1"},
		{ID: "b", Expect: eval.ExpectAnswer, Messages: []eval.CaseMessage{{Author: suggest.AuthorCustomer, Text: "Where is it?"}}, Origin: "t:2"},
		{ID: "c", Expect: eval.ExpectNone, Messages: []eval.CaseMessage{{Author: suggest.AuthorCustomer, Text: "Where is it?"}}, Origin: "t:3"},
		{ID: "d", Expect: eval.ExpectOpen, GoldIDs: []string{"x"}, Messages: []eval.CaseMessage{{Author: suggest.AuthorCustomer, Text: "What?"}}, Origin: "t:4"},
	}}
	var found []string
	for _, p := range suite.Check(nil) {
		found = append(found, p.Error())
	}
	all := strings.Join(found, "\n")
	for _, want := range []string{`t:2: case "b": asks the same as "a"`, `t:3: case "c": asks the same as "b" and expects something else`, `t:4: case "d": leaves open`} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q in\n%s", want, all)
		}
	}
}
