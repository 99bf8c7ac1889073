package suite_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/gate"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/knowledge"
)

func TestInitWritesASuiteThatWorks(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "suite")
	names, err := suite.Init(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"README.md", "kb.jsonl", "policy.yaml", "tickets.yaml"}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	s, err := suite.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if problems := s.Check(articles(t, s.Knowledge)); len(problems) != 0 || len(s.Cases) != 7 {
		t.Errorf("%d cases with %+v", len(s.Cases), problems)
	}
	if _, err := gate.ReadPolicy(filepath.Join(dir, "policy.yaml")); err != nil {
		t.Error(err)
	}
	if _, err := suite.Init(dir); err == nil || !strings.Contains(err.Error(), "holds README.md, kb.jsonl, policy.yaml, tickets.yaml already") {
		t.Errorf("writing over it: %v", err)
	}
}

func TestInitSaysWhereItCannotWrite(t *testing.T) {
	t.Parallel()
	dir := evaltest.Folder(t, map[string]string{"afile": "x", "holds/kb/en/a.md": "x", "tickets/tickets.csv": "id,text\n"})
	for name, c := range map[string]struct{ at, want string }{
		"a file":               {"afile", "afile is a file; name a folder"},
		"below a file":         {"afile/suite", "afile is a file; name a folder"},
		"far below a file":     {"afile/a/b", "afile is a file; name a folder"},
		"beside other tickets": {"tickets", "holds tickets.csv already; name another folder"},
		"beside articles":      {"holds", "holds kb already; name another folder"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := suite.Init(filepath.Join(dir, c.at))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
			if entries, err := os.ReadDir(filepath.Join(dir, "tickets")); err != nil || len(entries) != 1 {
				t.Errorf("something was written: %v, %v", entries, err)
			}
		})
	}
}

// What the descriptions name is what is read, and the other way round.
func TestDescriptionsNameTheFieldsThatAreRead(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"of a new suite": "starter/README.md", "of evaluation": "../../docs/evaluation/suites.md"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			named := describedFields(string(raw))
			for _, field := range suite.Fields() {
				top, under, _ := strings.Cut(field, ".")
				for part := range strings.SplitSeq(under, ".") {
					if said, ok := named[top]; !ok || part != "" && !slices.Contains(said, part) {
						t.Errorf("%s does not name the field %q", path, field)
					}
				}
			}
			for field := range named {
				if !slices.Contains(suite.Fields(), field) {
					t.Errorf("%s names the field %q, which is not read", path, field)
				}
			}
		})
	}
}

// describedFields are the names in the first column of a description's table of
// fields, each with what is quoted beside it.
func describedFields(markdown string) map[string][]string {
	quoted := regexp.MustCompile("`([a-z_]+)`")
	_, table, _ := strings.Cut(strings.ToLower(markdown), "| field | meaning |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	named := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		var beside []string
		for _, name := range quoted.FindAllStringSubmatch(cells[2], -1) {
			beside = append(beside, name[1])
		}
		for _, name := range quoted.FindAllStringSubmatch(cells[1], -1) {
			named[name[1]] = beside
		}
	}
	return named
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
