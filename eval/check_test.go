package eval_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/knowledge"
)

func documents() []knowledge.Document {
	return []knowledge.Document{
		{Key: "bags", Locale: "en", Title: "Bags", Body: "One small bag of at most eight kilos flies for free with every fare that we sell."},
		{Key: "bags", Locale: "de", Title: "Gepäck", Body: "Eine kleine Tasche ist frei."},
		{Key: "pets", Locale: "de", Title: "Tiere", Body: "Katzen fliegen in der Kabine."},
	}
}

func TestCheckFindsWhatMakesFiguresWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, tickets, want string
		severity            knowledge.Severity
	}{
		{"gold is missing", `{"id":"a","text":"x","gold_ids":["boats"]}`, `gold article "boats" is not in the knowledge`, knowledge.SeverityError},
		{"gold is hidden", `{"id":"a","text":"x","gold_ids":["pets"],"exclude_lang":"de-AT"}`, "none can be found", knowledge.SeverityError},
		{"gold is hidden by its key", `{"id":"a","text":"x","gold_ids":["pets"],"exclude_ids":"pets"}`, "none can be found", knowledge.SeverityError},
		{"nothing to hide", `{"id":"a","text":"x","expect":"none","exclude_ids":["boats"]}`, `no article "boats" to hide`, knowledge.SeverityError},
		{"none with gold", `{"id":"a","text":"x","gold_ids":["bags"],"expect":"none"}`, "expects none but names gold articles", knowledge.SeverityError},
		{"answer with reason", `{"id":"a","text":"x","gold_ids":["bags"],"expect":"answer","reason":"LEGAL"}`, "names the reason for none", knowledge.SeverityError},
		{"unknown reason", `{"id":"a","text":"x","expect":"human","reason":"RAIN"}`, "there is no reason RAIN; give one of NO_KNOWLEDGE", knowledge.SeverityError},
		{"reason of the other kind", `{"id":"a","text":"x","expect":"none","reason":"LEGAL"}`, "does not go with expect none", knowledge.SeverityError},
		{"must and must not", `{"id":"a","text":"x","gold_ids":["bags"],"must_say":"free of charge","must_not_say":"FREE"}`, `must say "free of charge" and must not say "FREE"`, knowledge.SeverityError},
		{"gold says too little", `{"id":"a","text":"x","gold_reply":"One bag.","must_say":"free"}`, `the gold reply does not say "free"`, knowledge.SeverityError},
		{"gold says too much", `{"id":"a","text":"x","gold_reply":"One bag, free.","must_not_say":"free"}`, `the gold reply says "free"`, knowledge.SeverityError},
		{"gold is too long", `{"id":"a","text":"x","gold_reply":"One bag.","max_chars":3}`, "longer than max_chars", knowledge.SeverityError},
		{"two of the same", `{"id":"a","text":"Bag ?","expect":"none"}` + "\n" + `{"id":"b","text":"bag  ?","expect":"none"}`, `asks the same as "a"; it counts twice`, knowledge.SeverityWarning},
		{"two that contradict", `{"id":"a","text":"bag?","expect":"none"}` + "\n" + `{"id":"b","text":"bag?","gold_ids":["bags"]}`, `asks the same as "a" and expects something else`, knowledge.SeverityError},
		{"reply leaks", `{"id":"a","text":"x","gold_reply":"Small bag of at most EIGHT kilos, flies for free!"}`, `the gold reply stands word for word in article "bags"`, knowledge.SeverityWarning},
		{"question leaks", `{"id":"a","text":"small bag of at most eight kilos flies for free","expect":"none"}`, `the question stands word for word in article "bags"`, knowledge.SeverityWarning},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := eval.ReadSuite(write(t, map[string]string{"kb.jsonl": kb, "tickets.jsonl": test.tickets}))
			if err != nil {
				t.Fatal(err)
			}
			problems := s.Check(documents())
			if len(problems) != 1 || !strings.Contains(problems[0].Message, test.want) || problems[0].Severity != test.severity || problems[0].Line == 0 {
				t.Errorf("problems are %+v, want %q", problems, test.want)
			}
		})
	}
}

func TestCheckLeavesGoodCasesAlone(t *testing.T) {
	t.Parallel()
	s, err := eval.ReadSuite(write(t, map[string]string{"kb.jsonl": kb, "tickets.jsonl": `{"id":"a","text":"bag?","gold_ids":["bags"],"gold_reply":"Your small bag of eight kilos is free."}
{"id":"b","text":"bag?","gold_ids":["bags"],"exclude_lang":"de"}
{"id":"c","text":"he died","expect":"human","reason":"BEREAVEMENT","gold_ids":["bags"]}
`}))
	if err != nil {
		t.Fatal(err)
	}
	if problems := s.Check(documents()); len(problems) != 0 {
		t.Errorf("problems: %+v", problems)
	}
}

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
	read := func(name string) []eval.Case {
		s, err := eval.ReadTickets(filepath.Join(write(t, map[string]string{name: formats[name]}), name))
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
		if diff := cmp.Diff(want, read(name), cmpopts.IgnoreFields(eval.Case{}, "Origin")); diff != "" {
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
				dir = write(t, map[string]string{test.file: test.content})
			}
			_, err := eval.ReadTickets(filepath.Join(dir, test.file))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
	_, err := eval.ReadSuite(write(t, map[string]string{"kb.jsonl": kb, "tickets.jsonl": tickets, "tickets.csv": "id,text\n"}))
	if err == nil || !strings.Contains(err.Error(), "stands beside tickets.csv; keep one file") {
		t.Errorf("two files of tickets: %v", err)
	}
}

func TestInitWritesASuiteThatWorks(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "suite")
	names, err := eval.InitSuite(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"README.md", "kb.jsonl", "policy.yaml", "tickets.yaml"}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	s, err := eval.ReadSuite(dir)
	if err != nil {
		t.Fatal(err)
	}
	if problems := s.Check(articles(t, s.Knowledge)); len(problems) != 0 || len(s.Cases) != 7 {
		t.Errorf("%d cases with %+v", len(s.Cases), problems)
	}
	if _, err := eval.ReadPolicy(filepath.Join(dir, "policy.yaml")); err != nil {
		t.Error(err)
	}
	if _, err := eval.InitSuite(dir); err == nil || !strings.Contains(err.Error(), "holds README.md, kb.jsonl, policy.yaml, tickets.yaml already") {
		t.Errorf("writing over it: %v", err)
	}
}

func articles(t *testing.T, path string) []knowledge.Document {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var docs []knowledge.Document
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var a struct{ ID, Lang, Title, Body string }
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, knowledge.Document{Key: a.ID, Locale: a.Lang, Title: a.Title, Body: a.Body})
	}
	return docs
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
		s, err := eval.ReadTickets(filepath.Join(write(t, map[string]string{name: content}), name))
		if err == nil && len(s.Cases) == 0 {
			t.Error("an empty suite was let in")
		}
	})
}
