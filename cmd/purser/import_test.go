package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/proto/purser/v1"
)

// articles are what a workspace holds: bodies by key.
func (p *person) articles(t *testing.T) map[string]string {
	t.Helper()
	cl, err := (&clientFlags{}).connect(&console.Env{Getenv: p.getenv})
	if err != nil {
		t.Fatal(err)
	}
	defer cl.close()
	page, err := cl.knowledge.ListArticles(t.Context(), &purserv1.ListArticlesRequest{PageSize: 500})
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string]string{}
	for _, a := range page.GetArticles() {
		whole, err := cl.knowledge.GetArticle(t.Context(), &purserv1.GetArticleRequest{Key: a.GetKey(), Locale: a.GetLocale()})
		if err != nil {
			t.Fatal(err)
		}
		bodies[a.GetKey()] = whole.GetArticle().GetTitle() + ": " + whole.GetArticle().GetBody()
	}
	return bodies
}

func utf16Of(s string, mark bool) string {
	var b strings.Builder
	if mark {
		b.WriteString("\xff\xfe")
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

// Every kind of file that editors bring: what can be read is read, and what
// can't is told with its place, and then nothing is imported.
func TestImportFiles(t *testing.T) {
	t.Parallel()
	s := startServer(t, pgtest.New(t))
	table := "key,locale,title,body\nbags,en,Café bags,Bring the bag to the café.\n"
	const cafe = "Café bags: Bring the bag to the café."
	for name, c := range map[string]struct {
		file, content string
		code          int
		says          []string
		kind          string // of the first problem
		want          map[string]string
	}{
		"CSV":                 {"kb.csv", table, exitDone, nil, "", map[string]string{"bags": cafe}},
		"BOM":                 {"kb.csv", "\ufeff" + table, exitDone, nil, "", map[string]string{"bags": cafe}},
		"UTF-16":              {"kb.csv", utf16Of(table, true), exitDone, nil, "", map[string]string{"bags": cafe}},
		"UTF-16 that is mute": {"kb.csv", utf16Of(table, false), exitDone, []string{"UTF-16"}, "", map[string]string{"bags": cafe}},
		"Latin-1":             {"kb.csv", strings.ReplaceAll(table, "é", "\xe9"), exitDone, []string{"warning: ", "kb.csv"}, "", map[string]string{"bags": cafe}},
		"CRLF": {
			"kb.jsonl", `{"key":"bags","locale":"en","title":"Bags","body":"One.\r\nTwo."}` + "\r\n", exitDone, nil, "",
			map[string]string{"bags": "Bags: One.\nTwo."},
		},
		"CRLF in Markdown": {
			"kb.md", "---\r\nkey: bags\r\nlocale: en\r\ntitle: Bags\r\n---\r\nOne.\r\nTwo.\r\n", exitDone, nil, "",
			map[string]string{"bags": "Bags: One.\nTwo."},
		},
		"an empty CSV file":      {"kb.csv", "", exitFailed, []string{"kb.csv", "empty"}, "EMPTY", nil},
		"an empty JSONL file":    {"kb.jsonl", "", exitFailed, []string{"kb.jsonl", "empty"}, "EMPTY", nil},
		"an empty Markdown file": {"kb.md", "", exitFailed, []string{"kb.md", "empty"}, "EMPTY", nil},
		"only blanks":            {"kb.md", " \n\t\n", exitFailed, []string{"kb.md"}, "EMPTY", nil},
		"only a header":          {"kb.csv", "key,locale,title,body\n", exitFailed, []string{"kb.csv", "no rows"}, "EMPTY", nil},
		"duplicate keys": {
			"kb.jsonl", `{"key":"bags","locale":"en","title":"A","body":"a"}` + "\n" + `{"key":"pets","locale":"en","title":"B","body":"b"}` + "\n" + `{"key":"bags","locale":"en","title":"C","body":"c"}` + "\n",
			exitFailed,
			[]string{"kb.jsonl:3", "bags", "kb.jsonl:1"},
			"DUPLICATE_KEY", nil,
		},
		"a missing title": {"kb.csv", "key,locale,title,body\nbags,en,,text\n", exitFailed, []string{"kb.csv:2", "title"}, "MISSING_FIELD", nil},
		"no title column": {"kb.csv", "key,locale,body\nbags,en,text\n", exitFailed, []string{"kb.csv:1", "title"}, "MISSING_FIELD", nil},
		"a ragged CSV": {
			"kb.csv", table + "pets,en,Pets\nrefunds,en,Refunds,Ask for it.\n",
			exitFailed,
			[]string{"kb.csv:3"},
			"SYNTAX", nil,
		},
		"a quote that never ends": {"kb.csv", table + "pets,en,\"Pets,text\n", exitFailed, []string{"kb.csv:3"}, "SYNTAX", nil},
		"a broken JSONL line": {
			"kb.jsonl", `{"key":"bags","locale":"en","title":"A","body":"a"}` + "\n" + `{"key":"pets","locale":"en","title":"B","bo` + "\n" + `{"key":"more","locale":"en","title":"C","body":"c"}` + "\n",
			exitFailed,
			[]string{"kb.jsonl:2", "1 error, so nothing was imported"},
			"SYNTAX", nil,
		},
		"one array":              {"kb.jsonl", "[\n{\"key\":\"bags\"}\n]\n", exitFailed, []string{"kb.jsonl:1", "jq"}, "SYNTAX", nil},
		"no locale":              {"kb.csv", "key,title,body\nbags,Bags,text\n", exitFailed, []string{"kb.csv:2", "names no locale"}, "MISSING_FIELD", nil},
		"a wrong locale":         {"kb.csv", "key,locale,title,body\nbags,klingonish-?,Bags,text\n", exitFailed, []string{"kb.csv:2", "no language tag"}, "INVALID_FIELD", nil},
		"no text but bytes":      {"kb.csv", "\x00\x01\x02\x03\xff\xfe\x80\x00\x00\x07", exitFailed, []string{"kb.csv"}, "ENCODING", nil},
		"another kind of file":   {"kb.exe", "MZ", exitFailed, []string{"kb.exe"}, "UNKNOWN_FORMAT", nil},
		"a text as a whole book": {"kb.jsonl", `{"key":"bags","locale":"en","title":"A","body":"` + strings.Repeat("a ", 600_000) + `"}` + "\n", exitFailed, []string{"kb.jsonl:1"}, "TOO_LARGE", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			editor := s.workspace(t, name)
			path := filepath.Join(folder(t, map[string]string{c.file: c.content}), c.file)
			code, stdout, stderr := purser(t, editor.getenv, "", "import", path, "--apply", "--source", "kb")
			if code != c.code {
				t.Fatalf("exit %d: %s%s", code, stdout, stderr)
			}
			for _, part := range c.says {
				if !strings.Contains(stderr, part) {
					t.Errorf("%q is not said: %s", part, stderr)
				}
			}
			if d := cmp.Diff(c.want, editor.articles(t)); d != "" && (c.want != nil || len(editor.articles(t)) > 0) {
				t.Errorf("articles (-want +got)\n%s", d)
			}
			if c.code == exitDone {
				return
			}
			_, stdout, _ = purser(t, editor.getenv, "", "import", path, "--apply", "--source", "kb", "--json")
			report := jsonOf(t, stdout)
			equal(t, at(report, "applied"), false)
			equal(t, at(report, "problems", 0, "kind"), c.kind)
			if message, _ := at(report, "problems", 0, "message").(string); len(message) < 20 {
				t.Errorf("the problem says %q", message)
			}
		})
	}
	t.Run("removals", func(t *testing.T) {
		t.Parallel()
		testRemovals(t, s.workspace(t, "removals"))
	})
	t.Run("a link loop", func(t *testing.T) {
		t.Parallel()
		testLinkLoop(t, s.workspace(t, "loop"))
	})
	t.Run("nothing there", func(t *testing.T) {
		t.Parallel()
		editor := s.workspace(t, "nothing")
		if code, _, stderr := purser(t, editor.getenv, "", "import", filepath.Join(t.TempDir(), "nothing"), "--apply"); code == exitDone || !strings.Contains(stderr, "check the path") {
			t.Errorf("exit %d: %s", code, stderr)
		}
		if code, _, stderr := purser(t, editor.getenv, "", "import", t.TempDir(), "--apply"); code == exitDone || !strings.Contains(stderr, "nothing was imported") {
			t.Errorf("an empty folder: exit %d: %s", code, stderr)
		}
	})
	t.Run("another role", func(t *testing.T) {
		t.Parallel()
		admin := s.workspace(t, "roles")
		agent := s.holder(strings.TrimSpace(admin.says(t, "key", "create", "x", "--role", "agent")))
		if said := agent.fails(t, exitFailed, "import", helpCentre(t), "--apply"); !strings.Contains(said, "(ROLE_NOT_ALLOWED)") {
			t.Errorf("said: %s", said)
		}
		editor := s.holder(strings.TrimSpace(admin.says(t, "key", "create", "y", "--role", "editor")))
		editor.says(t, "import", helpCentre(t), "--apply")
		equal(t, len(admin.articles(t)), 2)
	})
}

func testRemovals(t *testing.T, editor *person) {
	t.Helper()
	files := map[string]string{}
	for i := range 10 {
		files[fmt.Sprintf("%d.md", i)] = fmt.Sprintf("---\nkey: a%d\nlocale: en\ntitle: Matter %d\n---\nAll on matter %d.\n", i, i, i)
	}
	dir := folder(t, files)
	if text := editor.says(t, "import", dir, "--source", "kb"); !strings.Contains(text, "10 added") || !strings.Contains(text, "Nothing has changed yet: add --apply to import.") {
		t.Errorf("shown: %s", text)
	}
	equal(t, len(editor.articles(t)), 0)
	editor.says(t, "import", dir, "--source", "kb", "--apply")
	if text := editor.says(t, "import", dir, "--source", "kb", "--apply"); !strings.Contains(text, "0 added, 0 changed, 0 removed, 10 unchanged") {
		t.Errorf("shown: %s", text)
	}
	for i := range 3 {
		if err := os.Remove(filepath.Join(dir, fmt.Sprintf("%d.md", i))); err != nil {
			t.Fatal(err)
		}
	}
	if said := editor.fails(t, exitFailed, "import", dir, "--source", "kb", "--apply"); !strings.Contains(said, "3 of 10") || !strings.Contains(said, "(REMOVALS_NOT_ALLOWED)") {
		t.Errorf("said: %s", said)
	}
	equal(t, len(editor.articles(t)), 10)
	plan := editor.read(t, "import", dir, "--source", "kb")
	equal(t, at(plan, "plan", "needs_allow_removals"), true)
	editor.says(t, "import", dir, "--source", "kb", "--apply", "--keep-missing")
	equal(t, len(editor.articles(t)), 10)
	if text := editor.says(t, "import", dir, "--source", "kb", "--apply", "--allow-removals"); !strings.Contains(text, "- a0 [en] Matter 0") {
		t.Errorf("shown: %s", text)
	}
	equal(t, len(editor.articles(t)), 7)
}

func testLinkLoop(t *testing.T, editor *person) {
	t.Helper()
	dir := helpCentre(t)
	if err := os.MkdirAll(filepath.Join(dir, "deep", "deeper"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "deep", "deeper", "loop")); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := purser(t, editor.getenv, "", "import", dir, "--apply", "--source", "kb")
	if !strings.Contains(stderr, "deep/deeper/loop") {
		t.Errorf("exit %d, the loop is not named: %s%s", code, stdout, stderr)
	}
	want := 2
	if code != exitDone {
		want = 0
	}
	equal(t, len(editor.articles(t)), want)
}
