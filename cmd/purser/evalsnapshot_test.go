package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/source"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// awkward articles have all that could get lost on the way.
func awkward() []knowledge.Document {
	from, until := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC), time.Date(2126, 1, 1, 0, 0, 0, 0, time.UTC)
	return []knowledge.Document{
		{Key: "b/second", Locale: "en", Title: "Second <b> & \u2028 \"quoted\"", Body: "# Head\n\nOne\\two {\"a\": 1}\n\n- item\n\n    code\ttab", Labels: []string{"a", "b c"}, URL: "https://skerry.example/b?x=1&y=2#z", ValidFrom: from, ValidUntil: until},
		{Key: "b/second", Locale: "pt-BR", Title: "Segunda ação", Body: "Não há água.\n\n  Espaços no fim"},
		{Key: "a-first", Locale: "ja", Title: "最初", Body: "機内持ち込み手荷物は10kgまでです。🧳"},
		{Key: "A-upper", Locale: "en", Title: "Upper", Body: "Sorted by bytes."},
		{Key: "gone", Locale: "en", Title: "Gone", Body: "Valid no more.", ValidUntil: from},
		{Key: "later", Locale: "en", Title: "Later", Body: "Not valid yet.", ValidFrom: until},
	}
}

func (p *past) snapshot(out string) (hash string) {
	p.t.Helper()
	code, stdout, stderr := purser(p.t, p.operator, "", "eval", "snapshot", "--workspace", p.name, "--out", out, "--json")
	if code != exitDone {
		p.t.Fatalf("exit %d: %s", code, stderr)
	}
	hash, _ = at(jsonOf(p.t, stdout), "knowledge_hash").(string)
	return hash
}

func contentOf(t *testing.T, path ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestSnapshotRoundTrips(t *testing.T) {
	t.Parallel()
	p, copied := newPast(t), newPast(t)
	p.knows(awkward()...)
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two.jsonl")
	hash := p.snapshot(one)
	if again := p.snapshot(two); again != hash || contentOf(t, one, suite.KnowledgeFile) != contentOf(t, two) {
		t.Error("the same articles gave another snapshot")
	}
	var keys []string
	for line := range strings.Lines(contentOf(t, two)) {
		keys = append(keys, at(jsonOf(t, line), "id").(string))
	}
	equal(t, keys, []string{"A-upper", "a-first", "b/second", "b/second"})

	// As the suite's knowledge it has the hash that was printed, and imported
	// elsewhere it is the same again.
	if err := os.WriteFile(filepath.Join(one, suite.TicketsFile), []byte(`{"id":"a","text":"How heavy?","gold_ids":["a-first"]}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := suite.Read(one)
	if err != nil || s.KnowledgeHash != hash || hash == "" {
		t.Fatalf("%v: %q is not %q", err, s.KnowledgeHash, hash)
	}
	read, err := source.Read(t.Context(), s.Knowledge, source.Options{})
	if err != nil || read.Errors+read.Warnings > 0 || len(read.Documents) != 4 {
		t.Fatalf("%v %+v", err, read)
	}
	copied.knows(read.Documents...)
	if copied.snapshot(filepath.Join(dir, "copy")) != hash {
		t.Errorf("the copy differs:\n%s\n%s", contentOf(t, two), contentOf(t, dir, "copy", suite.KnowledgeFile))
	}
	hashes := func(p *past) (out []string) {
		rows, err := p.schema.Owner.Query(t.Context(), `SELECT a.key || a.locale || encode(r.body_hash, 'hex') || r.title || r.labels::text || r.url || r.valid_from || r.valid_until
			FROM articles a JOIN revisions r USING (workspace_id, article_id, revision) WHERE a.key NOT IN ('gone', 'later') ORDER BY 1`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			out = append(out, s)
		}
		return out
	}
	equal(t, hashes(copied), hashes(p))

	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"what is there":   {[]string{"--workspace", p.name, "--out", one}, exitFailed, "not overwritten"},
		"a file in place": {[]string{"--workspace", p.name, "--out", two}, exitFailed, "not overwritten"},
		"nobody":          {[]string{"--workspace", "Nobody", "--out", filepath.Join(dir, "x")}, exitFailed, "no workspace named"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := purser(t, p.operator, "", append([]string{"eval", "snapshot"}, c.args...)...)
			if code != c.code || !strings.Contains(stderr, c.says) {
				t.Errorf("exit %d: %s", code, stderr)
			}
		})
	}
	empty := newPast(t)
	code, _, stderr := purser(t, empty.operator, "", "eval", "snapshot", "--workspace", string(empty.w), "--out", filepath.Join(dir, "empty"))
	if code != exitFailed || !strings.Contains(stderr, "no published articles") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

func TestEvalRunOnALiveWorkspace(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.knows(skerryArticles()...)
	dir := t.TempDir()
	tickets := `{"id":"bag","text":"Where is my delayed bag?","lang":"en","gold_ids":["bags"]}
{"id":"dog","text":"May my dog travel in the cabin?","lang":"en","gold_ids":["pets"]}
`
	if err := os.WriteFile(filepath.Join(dir, suite.TicketsFile), []byte(tickets), 0o600); err != nil {
		t.Fatal(err)
	}
	embedded := environment("DATABASE_URL", p.schema.ServerURL, "DATABASE_OWNER_URL", p.schema.OwnerURL, "EMBEDDING_BASE_URL", realEmbedding(t), "PURSER_HOME", t.TempDir())
	before := rowsOf(t, p.schema)
	live := filepath.Join(dir, "live.json")
	code, stdout, stderr := purser(t, embedded, "", "eval", "run", "--data", dir, "--workspace", p.name, "--json", live, "--allow-degraded")
	if code != exitDone || !strings.Contains(stderr, "have no vectors yet") {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	equal(t, rowsOf(t, p.schema), before)

	// A run on the snapshot is of the same knowledge.
	hash := p.snapshot(dir)
	run, err := eval.ReadReport(live)
	if err != nil || run.Suite.KnowledgeHash != hash || run.Metrics[eval.HitAt1].Value != 1 || run.Errors > 0 {
		t.Errorf("%v: %+v, snapshot %s", err, run.Suite, hash)
	}
	wordsOnly := environment("DATABASE_URL", p.schema.ServerURL, "DATABASE_OWNER_URL", p.schema.OwnerURL, "PURSER_HOME", t.TempDir())
	onCopy := filepath.Join(dir, "copy.json")
	if code, _, stderr = purser(t, wordsOnly, "", "eval", "run", "--data", dir, "--json", onCopy); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if code, _, stderr = purser(t, wordsOnly, "", "eval", "run", "--data", dir, "--workspace", p.name, "--json", live); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	// A file of tickets is a suite where a workspace holds the articles.
	one := filepath.Join(t.TempDir(), "run.json")
	if code, _, stderr = purser(t, wordsOnly, "", "eval", "run", "--data", filepath.Join(dir, suite.TicketsFile), "--workspace", p.name, "--json", one); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if code, stdout, _ = purser(t, noEnvironment, "", "eval", "compare", one, live); code != exitDone || !strings.Contains(stdout, "identical but for their times") {
		t.Errorf("a file of tickets comes out otherwise: %s", stdout)
	}
	if code, stdout, stderr = purser(t, noEnvironment, "", "eval", "compare", onCopy, live); code != exitDone || strings.Contains(stdout, "worse") {
		t.Errorf("compare: exit %d: %s%s", code, stdout, stderr)
	}

	for name, c := range map[string]struct {
		getenv  func(string) string
		tickets string
		args    []string
		code    int
		says    string
	}{
		"no database":               {noEnvironment, tickets, []string{"--workspace", p.name}, exitUsage, "DATABASE_URL"},
		"no such workspace":         {wordsOnly, tickets, []string{"--workspace", "Nobody"}, exitFailed, "no workspace named"},
		"a gold article not there":  {wordsOnly, strings.Replace(tickets, "pets", "cats", 1), []string{"--workspace", p.name}, exitFailed, "cats"},
		"no tickets in the folder":  {wordsOnly, "", []string{"--workspace", p.name}, exitFailed, "holds no tickets"},
		"no knowledge and no where": {wordsOnly, tickets, nil, exitFailed, "kb.jsonl"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, suite.TicketsFile), []byte(c.tickets), 0o600); err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := purser(t, c.getenv, "", append([]string{"eval", "run", "--data", dir}, c.args...)...)
			if code != c.code || !strings.Contains(stderr, c.says) {
				t.Errorf("exit %d: %s%s", code, stdout, stderr)
			}
		})
	}
}

func TestEvalRunRefusesKnowledgeThatChanges(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.knows(skerryArticles()...)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, suite.TicketsFile), []byte(`{"id":"bag","text":"Where is my delayed bag?","lang":"en","gold_ids":["bags"]}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := openaitest.New(func(openaitest.Request) openaitest.Script {
		changed := skerryArticles()
		changed[0].Body += " We trace it for 21 days."
		p.knows(changed...)
		return openaitest.Script{Text: "Report a delayed bag at the desk before you leave the airport [1]."}
	})
	t.Cleanup(m.Close)
	out := filepath.Join(dir, "run.json")
	getenv := environment("DATABASE_URL", p.schema.ServerURL, "DATABASE_OWNER_URL", p.schema.OwnerURL, "OPENAI_BASE_URL", m.BaseURL(), "OPENAI_MODEL", "scripted", "PURSER_HOME", t.TempDir())
	code, _, stderr := purser(t, getenv, "", "eval", "run", "--data", dir, "--workspace", p.name, "--json", out, "--checkpoint", "0s")
	if code != exitFailed || !strings.Contains(stderr, "changed while the run was under way") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if _, err := os.Stat(out); err == nil {
		var report map[string]any
		_ = json.Unmarshal([]byte(contentOf(t, out)), &report)
		t.Errorf("a refused run was written: partial %v", report["partial"])
	}
}
