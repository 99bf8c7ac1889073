package suite_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/suite"
)

func TestFormatsHoldTheSame(t *testing.T) {
	t.Parallel()
	formats := map[string]string{
		"tickets.jsonl": `{"id":"a","lang":"no","text":"Hei, taske?","gold_ids":["bags","pets"],"max_chars":90,"must_say":"free"}
{"id":"b","text":"Say \"no\"","expect":"none"}
`,
		"tickets.yaml": `
- id: a
  lang: no
  text: Hei, taske?
  gold_ids: [bags, pets]
  max_chars: 90
  must_say: free
- {id: b, text: 'Say "no"', expect: none}
`,
		"tickets.yml": `
tickets:
  - id: a
    lang: "no"
    text: Hei, taske?
    gold_ids: [bags, pets]
    max_chars: 90
    must_say: free
  - {id: b, text: 'Say "no"', expect: none, surprise: 1}
`,
		"tickets.csv": "id,lang,text,gold_ids,max_chars,must_say,expect,surprise\n" +
			"a,no,\"Hei, taske?\",bags|pets,90,free,,1\n" +
			"b,,\"Say \"\"no\"\"\",,,,none,\n",
		"semicolons/tickets.csv": "\ufeffid;lang;text;gold_ids;max_chars;must_say;expect\r\n" +
			"a;no;Hei, taske?;bags|pets;90;free;\r\nb;;\"Say \"\"no\"\"\";;;;none\r\n",
	}
	read := func(name string) []suite.Case {
		s, err := suite.ReadTickets(filepath.Join(evaltest.Folder(t, map[string]string{name: formats[name]}), name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return s.Cases
	}
	want := read("tickets.jsonl")
	if len(want) != 2 || want[0].Lang != "no" {
		t.Fatalf("cases: %+v", want)
	}
	for name := range formats {
		if diff := cmp.Diff(want, read(name), cmpopts.IgnoreFields(suite.Case{}, "Origin")); diff != "" {
			t.Errorf("%s (-JSON lines +this):\n%s", name, diff)
		}
	}
}

func TestFormatsNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, content, want string }{
		{"YAML that is none", "tickets.yaml", "- id: [", "tickets.yaml: is broken YAML"},
		{"YAML without list", "tickets.yaml", "id: a", "must be a list of tickets"},
		{"YAML with a wrong type", "tickets.yaml", "- id: a\n  text: x\n  expect: none\n- id: b\n  max_chars: many\n", "tickets.yaml:4: is not a ticket: line 5"},
		{"empty YAML", "tickets.yaml", "# nothing\n", "holds no tickets"},
		{"CSV without columns", "tickets.csv", "a,b\n1,2\n", "the first row must name the columns"},
		{"ragged CSV", "tickets.csv", "id,text,expect\na,x,none\nb,y\n", "tickets.csv:3: is no row of the table"},
		{"CSV with an open quote", "tickets.csv", "id,text,expect\na,\"x,none\n", "is no row of the table"},
		{"CSV with a wrong number", "tickets.csv", "id,text,expect,max_chars\na,x,none,few\n", `max_chars "few" is no whole number`},
		{"empty CSV", "tickets.csv", "", "holds no tickets"},
		{"missing file", "nowhere.csv", "", "is missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if test.name != "missing file" {
				dir = evaltest.Folder(t, map[string]string{test.file: test.content})
			}
			_, err := suite.ReadTickets(filepath.Join(dir, test.file))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
	_, err := suite.Read(evaltest.Folder(t, map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": evaltest.Tickets, "tickets.csv": "id,text\n"}))
	if err == nil || !strings.Contains(err.Error(), "stands beside tickets.csv; keep one file") {
		t.Errorf("two files of tickets: %v", err)
	}
}

func FuzzReadTables(f *testing.F) {
	f.Add("id,text,expect\na,x,none\n", true)
	f.Add("- id: a\n  text: x\n  gold_ids: b\n", false)
	f.Add("id;text;gold_ids\na;\"x;y\";b|c\n", true)
	f.Fuzz(func(t *testing.T, content string, table bool) {
		name := "tickets.yaml"
		if table {
			name = "tickets.csv"
		}
		s, err := suite.ReadTickets(filepath.Join(evaltest.Folder(t, map[string]string{name: content}), name))
		if err == nil && len(s.Cases) == 0 {
			t.Error("an empty suite was let in")
		}
	})
}

func FuzzReadTickets(f *testing.F) {
	f.Add(evaltest.Tickets)
	f.Add("{}\n[]\n\"x\"\n")
	f.Add(`{"id":"a","text":"x","gold_ids":"y","facts":[{"name":"n","kind":"AMOUNT","value":"-1.5 EUR"}],"channel":"phone"}`)
	f.Fuzz(func(t *testing.T, content string) {
		s, err := suite.Read(evaltest.Folder(t, map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": content}))
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for i := range s.Cases {
			c := &s.Cases[i]
			if c.ID == "" || seen[c.ID] || c.Question() == "" || c.Expect == "" {
				t.Errorf("a case was let in that can't be: %+v", c)
			}
			seen[c.ID] = true
			if len(c.Input().Messages) == 0 {
				t.Errorf("case %q has no message", c.ID)
			}
		}
	})
}
