package suite_test

import (
	"fmt"
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
		{"YAML without list", "tickets.yaml", "cases: [a]", "must be a list of tickets"},
		{"YAML with a wrong type", "tickets.yaml", "- id: a\n  text: x\n  expect: none\n- id: b\n  max_chars: many\n", "tickets.yaml:4: is not a ticket: line 5"},
		{"YAML with a broken second document", "tickets.yaml", "- {id: a, text: x, expect: none}\n---\n- {id: [\n", "tickets.yaml: is broken YAML"},
		{"YAML with a second document that is none", "tickets.yaml", "- {id: a, text: x, expect: none}\n---\nb\n", "tickets.yaml:3: must be a list of tickets"},
		{"YAML with an id in two documents", "tickets.yaml", "- {id: a, text: x, expect: none}\n---\n- {id: a, text: y, expect: none}\n", `tickets.yaml:3: id "a" stands on line 1 already`},
		{"YAML with tickets twice", "tickets.yaml", "tickets: [{id: a, text: x, expect: none}]\ntickets: [{id: b, text: y, expect: none}]\n", `tickets.yaml:2: "tickets" stands twice`},
		{"YAML with a key twice", "tickets.yaml", "- id: a\n  text: x\n  text: y\n  expect: none\n", `tickets.yaml:1: is not a ticket: line 3: mapping key "text" already defined at line 2`},
		{"YAML with documents of nothing", "tickets.yaml", "---\n---\n# nothing\n", "holds no tickets"},
		{"YAML that takes over itself", "tickets.yaml", "- &a\n  <<: *a\n  id: a\n", "tickets.yaml:1: is not a ticket"},
		{"YAML of one ticket without text", "tickets.yaml", "id: a\nexpect: none\n", "tickets.yaml:1: the ticket has no text"},
		{"JSON with a key twice", "tickets.jsonl", `{"id":"a","text":"x","expect":"none"}` + "\n" + `{"id":"b","text":"x","text":"y","expect":"none"}`, `tickets.jsonl:2: is not a ticket that can be told: it gives "text" twice`},
		{"JSON with a key twice in capitals", "tickets.jsonl", `{"id":"a","text":"x","Text":"y","expect":"none"}`, `it gives "Text" twice`},
		{"JSON with a key of a message twice", "tickets.jsonl", `{"id":"a","messages":[{"text":"x"},{"text":"y","author":"NOTE","text":"z"}],"expect":"none"}`, `it gives "messages.text" twice`},
		{"JSON with a number for a text", "tickets.jsonl", `{"id":"a","subject":5,"text":"x","expect":"none"}`, `tickets.jsonl:1: is not a ticket: field "subject" can't be a number; put it in double quotes`},
		{"JSON with a number in a list", "tickets.jsonl", `{"id":"a","text":"x","gold_ids":[5]}`, `tickets.jsonl:1: is not a ticket: field "gold_ids" can't be a number; put it in double quotes`},
		{"JSON with a number for a list", "tickets.jsonl", `{"id":"a","text":"x","gold_ids":5}`, `field "gold_ids" can't be a number; put it in double quotes`},
		{"JSON with a fraction", "tickets.jsonl", `{"id":"a","text":"x","max_chars":300.5}`, `field "max_chars" can't be 300.5; give a whole number`},
		{"JSON with a text for a list of objects", "tickets.jsonl", `{"id":"a","text":"x","messages":"y"}`, `field "messages" can't be a text; give objects`},
		{"an id of two lines", "tickets.jsonl", `{"id":"a\nb","text":"x","expect":"none"}`, `id "a\nb" holds a line break or a tab; give the ticket an id on one line`},
		{"a customer of an unknown kind", "tickets.jsonl", `{"id":"a","text":"x","expect":"none","customer":{"identities":[{"kind":"EMAIL","value":"v"},{"kind":"FAX","value":"v"}]}}`, `customer.identities[1].kind "FAX" is unknown; give one of EMAIL, HANDLE, PHONE, CUSTOMER_NUMBER`},
		{"a NUL byte behind line ends of old Macs", "tickets.csv", "id,text,expect\ra,x,none\rb,y\x00,none\r", "tickets.csv:3: holds a NUL byte"},
		{"empty YAML", "tickets.yaml", "# nothing\n", "holds no tickets"},
		{"CSV without columns", "tickets.csv", "a,b\n1,2\n", "the first row must name the columns"},
		{"ragged CSV", "tickets.csv", "id,text,expect\na,x,none\nb,y\n", "tickets.csv:3: is no row of the table"},
		{"CSV with an open quote", "tickets.csv", "id,text,expect\na,\"x,none\n", "is no row of the table"},
		{"CSV with a wrong number", "tickets.csv", "id,text,expect,max_chars\na,x,none,few\n", `max_chars "few" is no number`},
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

// Files put one behind the other, such as those of several spreadsheets, bring
// their byte order marks along.
func TestByteOrderMarksInsideAreNoText(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"tickets.jsonl": "\ufeff" + `{"id":"a","text":"x","expect":"none"}` + "\n\ufeff" + `{"id":"b","text":"y","expect":"none"}`,
		"tickets.yaml":  "\ufeff- {id: a, text: x, expect: none}\n\ufeff- {id: b, text: y, expect: none}\n",
		"tickets.csv":   "\ufeffid,text,expect\ra,x,none\r\ufeffb,y,none\r",
	} {
		s, err := readTable(t, name, content)
		if err != nil || len(s.Cases) != 2 || s.Cases[1].ID != "b" || len(s.Notes) != 0 {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	if _, err := readTable(t, "tickets.csv", "\ufeffid,text\na,x\n\ufeffid,text\nb,y\n"); err == nil || !strings.Contains(err.Error(), "tickets.csv:3: repeats the first row") {
		t.Errorf("two tables: %v", err)
	}
}

func TestReadingNotesWhatGotLost(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, content string
		want                []string
	}{
		{"signs that stand for others", "tickets.jsonl", "\n" + `{"id":"a","text":"Gep` + "\ufffd" + `ck?","expect":"none"}`, []string{"holds the sign \ufffd, which programs put in place of characters that they could not read; write them again"}},
		{"a column without a name", "tickets.csv", "id,text,,expect\na,x,lost,none\nb,y,lost,none\nc,z,,none\n", []string{"column 3, which the first row does not name, is not read (2 times)"}},
		{"a column without a name or anything else", "tickets.csv", "id,text,,expect\na,x, ,none\n", []string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := readTable(t, test.file, test.content)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, messages(s.Notes)); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// A file of YAML may hold several documents, and none of them gets lost.
func TestYAMLIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	const a, b = "{id: a, text: x, expect: none}", "{id: b, text: y, expect: none}"
	tests := []struct {
		name, content string
		notes         []string
	}{
		{"lists", "- " + a + "\n---\n- " + b + "\n", []string{}},
		{"tickets one by one", "---\nid: a\ntext: x\nexpect: none\n---\nid: b\ntext: y\nexpect: none\n...\n", []string{}},
		{"mappings and lists", "tickets:\n- " + a + "\n---\n---\n- " + b + "\n", []string{}},
		{"a ticket taken over", "- &one " + a + "\n- {<<: *one, id: b, text: y}\n", []string{}},
		{"fields taken over, of two", "like: &like {expect: none}\nmore: &more {text: y}\ntickets:\n- " + a + "\n- {<<: [*like, *more], id: b}\n", []string{}},
		{"a list under another name", "all: &all [" + a + ", " + b + "]\ntickets: *all\n", []string{}},
		{"something beside the tickets", "owner: me\ntickets: [" + a + ", " + b + "]\n", []string{`"owner" beside "tickets" is not read`}},
		{"a name that is read in another case", "- " + a + "\n- {id: b, text: y, expect: none, Tags: x}\n", []string{`the field "Tags" is not read (1 time); did you mean tags?`}},
		{"a misspelt field taken over", "- &one {id: a, text: x, expect: none, tagz: x}\n- {<<: *one, id: b, text: y}\n", []string{`the field "tagz" is not read (2 times); did you mean tags?`}},
		{"misspelt fields below", "- {id: a, text: x, expect: none, facts: [{name: n, value: v, may_mentoin: true}]}\n- {id: b, text: y, expect: none, customer: {id: c, email: d}}\n", []string{`the field "facts.may_mentoin" is not read (1 time); did you mean may_mention?`, `the field "customer.email" is not read (1 time)`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := readTable(t, "tickets.yaml", test.content)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range s.Cases {
				got = append(got, s.Cases[i].ID+" "+s.Cases[i].Question())
			}
			if diff := cmp.Diff([]string{"a x", "b y"}, got); diff != "" {
				t.Errorf("cases (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.notes, messages(s.Notes)); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// Aliases of aliases would unfold to billions of values.
func TestYAMLOfAliasesIsRefusedInNoTime(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 20; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	for name, content := range map[string]string{
		"as the tickets": b.String() + "tickets: *a19\n",
		"as a list":      b.String() + "tickets: [{id: a, text: x, gold_ids: *a19}]\n",
		"as messages":    b.String() + "tickets: [{id: a, text: x, messages: *a19}]\n",
		"in a merge":     b.String() + "tickets: [{id: a, text: x, <<: *a19}]\n",
		"nested deeply":  strings.Repeat("[", 100_000),
	} {
		_, err := readTable(t, "tickets.yaml", content)
		if err == nil {
			t.Errorf("%s: was read", name)
		} else if len(err.Error()) > 3000 {
			t.Errorf("%s: says %d bytes", name, len(err.Error()))
		}
	}
}

func FuzzReadTables(f *testing.F) {
	f.Add("id,text,expect\na,x,none\n", true)
	f.Add("- id: a\n  text: x\n  gold_ids: b\n", false)
	f.Add("a: &a {expect: none}\ntickets:\n- {<<: *a, id: a, text: x}\n---\nid: b\ntext: y\n", false)
	f.Add("id;text;weight;max_chars;expect\na;C# 5 €?;2,5;300,0;none\nb;c 5;1,000;1.000;none\n", true)
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
		for i := range s.Cases {
			if strings.ContainsAny(s.Cases[i].ID, "\n\t") || s.Cases[i].Weight < 0 {
				t.Errorf("a case was let in that can't be: %+v", s.Cases[i])
			}
		}
		s.Check(nil) // which reads the texts once more
	})
}

func FuzzReadTickets(f *testing.F) {
	f.Add(evaltest.Tickets)
	f.Add(`{"id":"a","text":"x","expect":"none","messages":[{"text":"x","Text":"y"}],"a":{"a":[{}]}}`)
	f.Add("{}\n[]\n\"x\"\n")
	f.Add(`{"id":"a","text":"x","gold_ids":"y","facts":[{"name":"n","kind":"AMOUNT","value":"-1.5 EUR"}],"channel":"phone"}`)
	f.Fuzz(func(t *testing.T, content string) {
		s, err := suite.Read(evaltest.Folder(t, map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": content}))
		if err != nil {
			return
		}
		s.Check(nil) // which reads the texts once more
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
