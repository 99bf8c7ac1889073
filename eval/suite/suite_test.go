package suite_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

func TestReadNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"no tickets", map[string]string{"kb.jsonl": evaltest.Knowledge}, "tickets.jsonl: is missing"},
		{"no knowledge", map[string]string{"tickets.jsonl": evaltest.Tickets}, "kb.jsonl: is missing"},
		{"empty tickets", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": ""}, "tickets.jsonl: holds no tickets"},
		{"blank tickets", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": "\n \n"}, "tickets.jsonl: holds no tickets"},
		{"broken line", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","text":"x","expect":"none"}` + "\n{\"id\":\n"}, "tickets.jsonl:2: is not a ticket: broken JSON"},
		{"list in place of an object", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": "[]\n"}, "tickets.jsonl:1: is not a ticket"},
		{"wrong type", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":5}`}, `tickets.jsonl:1: is not a ticket: field "id" can't be a number`},
		{"no id", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"text":"x","expect":"none"}`}, "tickets.jsonl:1: the ticket has no id"},
		{"twice the same id", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","text":"x","expect":"none"}` + "\n" + `{"id":"a","text":"y","expect":"none"}`}, `tickets.jsonl:2: id "a" stands on line 1 already`},
		{"nothing expected", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","text":"x"}`}, "says nothing of what is expected"},
		{"unknown expectation", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","text":"x","expect":"maybe"}`}, `expect "maybe" is unknown`},
		{"unknown reason", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","text":"x","reason":"legall"}`}, `there is no reason "LEGALL"; give one of NO_KNOWLEDGE`},
		{"YAML: a list for a text", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.yaml": "- {id: a, text: [x], expect: none}"}, "tickets.yaml:1: is not a ticket: line 1: a list stands where a text belongs"},
		{"YAML: a list for a ticket", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.yaml": "- [a]"}, "tickets.yaml:1: is not a ticket: line 1: a list stands where a mapping belongs"},
		{"YAML: a word for a number", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.yaml": "- {id: a, text: x, expect: none, max_chars: many}"}, `line 1: a text ("many") stands where a number belongs`},
		{"no text", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","text":" ","expect":"none"}`}, "the ticket has no text"},
		{"agent last", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","messages":[{"author":"AGENT","text":"hi"}],"expect":"none"}`}, "the last message is an agent's"},
		{"unknown channel", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","text":"x","expect":"none","channel":"FAX"}`}, `channel "FAX" is unknown; give one of EMAIL`},
		{"unknown visibility", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","text":"x","expect":"none","visibility":"SECRET"}`}, `visibility "SECRET" is unknown`},
		{"wrong language", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","text":"x","expect":"none","lang":"!!"}`}, `lang "!!" is no language tag`},
		{"wrong date", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","text":"x","expect":"none","facts":[{"name":"d","kind":"DATE","value":"soon"}]}`}, "facts[0]: the value must be a date"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := suite.Read(evaltest.Folder(t, test.files))
			var wrong *suite.Error
			if !errors.As(err, &wrong) {
				t.Fatalf("error is %v, want a *suite.Error", err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %q, want it to hold %q", err, test.want)
			}
		})
	}
}

func TestReadWithoutFolder(t *testing.T) {
	t.Parallel()
	_, err := suite.Read(filepath.Join(t.TempDir(), "nowhere"))
	if err == nil || !strings.Contains(err.Error(), "there is no such folder") {
		t.Errorf("error is %v", err)
	}
	dir := evaltest.Folder(t, map[string]string{"file": "x"})
	if _, err = suite.Read(filepath.Join(dir, "file")); err == nil || !strings.Contains(err.Error(), "is a file") {
		t.Errorf("error is %v", err)
	}
}

func TestReadNamesAtMostTwentyProblems(t *testing.T) {
	t.Parallel()
	_, err := suite.Read(evaltest.Folder(t, map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": strings.Repeat("{\n", 1030)}))
	var wrong *suite.Error
	if !errors.As(err, &wrong) || len(wrong.Problems) != 1000 || wrong.Count != 1030 {
		t.Fatalf("error is %v", err)
	}
	if strings.Count(err.Error(), "\n") != 20 || !strings.HasSuffix(err.Error(), "and 1010 more") {
		t.Errorf("error ends %q", err.Error()[len(err.Error())-20:])
	}
}

func TestCaseBecomesTheTicketThatADeskWouldSend(t *testing.T) {
	t.Parallel()
	s, err := suite.Read(evaltest.Folder(t, map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": "\ufeff" +
		`{"id":"p","lang":"nb","channel":"phone","text":"Caller asks for her bag","messages":[{"text":"Hello?"},{"author":"agent","text":"One moment."}],` +
		`"facts":[{"name":"fare","kind":"AMOUNT","value":"129.90 EUR","may_mention":true},{"name":"day","kind":"DATE","value":"2026-12-01"}],` +
		`"expect":"human","reason":"minor_alone","surprise":{"x":1},"exclude_lang":["de","pt-br"],"exclude_ids":"pets"}` + "\n"}))
	if err != nil {
		t.Fatal(err)
	}
	in := s.Cases[0].Input()
	want := suggest.Input{
		Ticket: suggest.Ticket{
			ExternalID: "p", Channel: suggest.ChannelPhone, Status: suggest.StatusOpen, Locale: "no", MessageCount: 3,
			Facts: []suggest.Fact{
				{Name: "fare", Kind: suggest.FactAmount, Amount: suggest.Money{Currency: "EUR", Units: 129, Nanos: 900_000_000}, MayMention: true},
				{Name: "day", Kind: suggest.FactDate, Date: suggest.Date{Year: 2026, Month: 12, Day: 1}},
			},
		},
		Messages: []suggest.Message{
			{ID: "1", Sequence: 1, Author: suggest.AuthorCustomer, Channel: suggest.ChannelPhone, Visibility: suggest.VisibilityPrivate, Text: "Hello?"},
			{ID: "2", Sequence: 2, Author: suggest.AuthorAgent, Channel: suggest.ChannelPhone, Visibility: suggest.VisibilityPrivate, Text: "One moment."},
			{ID: "3", Sequence: 3, Author: suggest.AuthorNote, Channel: suggest.ChannelPhone, Visibility: suggest.VisibilityPrivate, Text: "Caller asks for her bag"},
		},
		ExcludeLocales: []string{"de", "pt-BR"}, ExcludeKeys: []string{"pets"},
	}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Errorf("input (-want +got):\n%s", diff)
	}
	if c := s.Cases[0]; c.Expect != suite.ExpectHuman || c.Reason != suggest.ReasonMinorAlone {
		t.Errorf("expects %q for %q", c.Expect, c.Reason)
	}
}

func TestCheckGold(t *testing.T) {
	t.Parallel()
	s := evaltest.Suite(t)
	keys := suite.Keys([]knowledge.Document{{Key: "bags"}, {Key: "pets"}, {Key: "cats"}})
	if err := s.CheckGold(keys); err != nil {
		t.Errorf("all gold articles exist, but: %v", err)
	}
	delete(keys, "cats")
	err := s.CheckGold(keys)
	if err == nil || !strings.Contains(err.Error(), `tickets.jsonl:2: case "b": gold article "cats" is not in the knowledge`) {
		t.Errorf("error is %v", err)
	}
}

func TestHashesFollowContent(t *testing.T) {
	t.Parallel()
	read := func(files map[string]string) suite.Suite {
		s, err := suite.Read(evaltest.Folder(t, files))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a := read(map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": evaltest.Tickets})
	b := read(map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": evaltest.Tickets, "notes.txt": "x"})
	if a.Hash != b.Hash || a.KnowledgeHash != b.KnowledgeHash {
		t.Error("the same files have other hashes")
	}
	c := read(map[string]string{"kb.jsonl": evaltest.Knowledge + "\n", "tickets.jsonl": evaltest.Tickets})
	if a.Hash != c.Hash || a.KnowledgeHash == c.KnowledgeHash {
		t.Error("other knowledge must change the knowledge's hash alone")
	}
	linked := evaltest.Folder(t, map[string]string{"tickets.jsonl": evaltest.Tickets})
	if err := os.Symlink(a.Knowledge, filepath.Join(linked, "kb.jsonl")); err != nil {
		t.Fatal(err)
	}
	if l, err := suite.Read(linked); err != nil || l.KnowledgeHash != a.KnowledgeHash {
		t.Errorf("a link to the knowledge has another hash than the knowledge, %v", err)
	}
	d := read(map[string]string{"kb/en/bags.md": "# Bags", "tickets.jsonl": evaltest.Tickets})
	e := read(map[string]string{"kb/en/bag.md": "# Bags", "tickets.jsonl": evaltest.Tickets})
	if d.KnowledgeHash == e.KnowledgeHash || filepath.Base(d.Knowledge) != "kb" {
		t.Error("a renamed article must change the knowledge's hash")
	}
}

func TestReadSuiteRefusesWhatIsNoFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
		pipe  string
		want  string
	}{
		{"tickets from a pipe", map[string]string{"kb.jsonl": evaltest.Knowledge}, "tickets.jsonl", "tickets.jsonl: is no ordinary file but a pipe or a device; save what it gives to a file"},
		{"articles from a pipe", map[string]string{"tickets.jsonl": evaltest.Tickets}, "kb.jsonl", "kb.jsonl: is no ordinary file but a pipe or a device; save what it gives to a file"},
		{"a folder for tickets", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl/x": "x"}, "", "tickets.jsonl: is a folder; it must be a file"},
		{"a file for the folder of articles", map[string]string{"tickets.jsonl": evaltest.Tickets, "kb": "x"}, "", "kb.jsonl: is missing in the folder"},
		{"two tables", map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.csv": "id,text\n", "tickets.tsv": "id\ttext\n"}, "", "tickets.csv: stands beside tickets.tsv; keep one file of tickets"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := evaltest.Folder(t, test.files)
			if test.pipe != "" {
				if err := syscall.Mkfifo(filepath.Join(dir, test.pipe), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := suite.Read(dir)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
			if test.pipe != "tickets.jsonl" {
				return
			}
			if _, err := suite.ReadTickets(filepath.Join(dir, test.pipe)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("alone: error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestReadSuiteNotesArticlesThatAreNotRead(t *testing.T) {
	t.Parallel()
	s, err := suite.Read(evaltest.Folder(t, map[string]string{
		"tickets.tsv": "id\ttext\texpect\towner\na\tx\tnone\tme\n", "kb.jsonl": evaltest.Knowledge, "kb/en/bags.md": "# Bags",
	}))
	want := []string{`stands beside the folder "kb", whose articles are not read; keep one of them`, `the field "owner" is not read (1 time)`}
	if diff := cmp.Diff(want, messages(s.Notes)); err != nil || diff != "" {
		t.Errorf("%v: notes (-want +got):\n%s", err, diff)
	}
}

func TestKnowledgeHashFollowsLinks(t *testing.T) {
	t.Parallel()
	dir := evaltest.Folder(t, map[string]string{"tickets.jsonl": evaltest.Tickets, "kb/.all/a.md": "# A", "kb/.all/b.md": "# B", "kb/c.md": "# C"})
	link := filepath.Join(dir, "kb", "linked.md")
	hashes := map[string]string{}
	for _, to := range []string{".all/a.md", ".all/b.md"} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
		s, err := suite.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		if before := hashes[s.KnowledgeHash]; before != "" {
			t.Errorf("a link to %s has the hash of one to %s", to, before)
		}
		hashes[s.KnowledgeHash] = to
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKnowledgeHashOfALinkedFolder(t *testing.T) {
	t.Parallel()
	elsewhere := evaltest.Folder(t, map[string]string{"a.md": "# A"})
	dir := evaltest.Folder(t, map[string]string{"tickets.jsonl": evaltest.Tickets})
	if err := os.Symlink(elsewhere, filepath.Join(dir, "kb")); err != nil {
		t.Fatal(err)
	}
	before, err := suite.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	same, err := suite.Read(evaltest.Folder(t, map[string]string{"tickets.jsonl": evaltest.Tickets, "kb/a.md": "# A"}))
	if err != nil || same.KnowledgeHash != before.KnowledgeHash {
		t.Errorf("a link to a folder has another hash than the folder, %v", err)
	}
	if err := os.WriteFile(filepath.Join(elsewhere, "a.md"), []byte("# B"), 0o600); err != nil {
		t.Fatal(err)
	}
	if after, err := suite.Read(dir); err != nil || after.KnowledgeHash == before.KnowledgeHash {
		t.Errorf("another article has the same hash, %v", err)
	}
}
