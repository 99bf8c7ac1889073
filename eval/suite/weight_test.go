package suite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval/suite"
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
			s, err := suite.ReadTickets(path)
			switch {
			case c.wrong == "" && (err != nil || s.Cases[0].Weight != 12.5 || s.Cases[0].Expect != suite.ExpectOpen):
				t.Errorf("%+v, %v", s.Cases, err)
			case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
				t.Errorf("%v does not say %q", err, c.wrong)
			}
		})
	}
}

// What nobody has said counts in no figure that needs it.
func TestOpenExpectations(t *testing.T) {
	t.Parallel()
	s := suite.Suite{Cases: []suite.Case{
		{ID: "a", Expect: suite.ExpectOpen, Messages: []suite.Message{{Author: suggest.AuthorCustomer, Text: "Where is it?"}}, Origin: "t:1"},
		{ID: "b", Expect: suite.ExpectAnswer, Messages: []suite.Message{{Author: suggest.AuthorCustomer, Text: "Where is it?"}}, Origin: "t:2"},
		{ID: "c", Expect: suite.ExpectNone, Messages: []suite.Message{{Author: suggest.AuthorCustomer, Text: "Where is it?"}}, Origin: "t:3"},
		{ID: "d", Expect: suite.ExpectOpen, GoldIDs: []string{"x"}, Messages: []suite.Message{{Author: suggest.AuthorCustomer, Text: "What?"}}, Origin: "t:4"},
	}}
	var found []string
	for _, p := range s.Check(nil) {
		found = append(found, p.Error())
	}
	all := strings.Join(found, "\n")
	for _, want := range []string{`t:2: case "b": asks the same as "a"`, `t:3: case "c": asks the same as "b" and expects something else`, `t:4: case "d": leaves open`} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q in\n%s", want, all)
		}
	}
}
