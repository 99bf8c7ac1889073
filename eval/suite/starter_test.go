package suite_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
