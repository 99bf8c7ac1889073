package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/suggest/confidence"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// writeProfile writes a profile that says even odds of everything.
func writeProfile(t *testing.T, name, space string, floor float64) string {
	t.Helper()
	p := confidence.Profile{
		Version: confidence.Version, Name: name, Space: space, Floor: floor, FalseAbstention: .1,
		Features: []confidence.Feature{{Name: "lead", Scale: 1}}, Quality: confidence.Quality{Samples: 100, Folds: 5},
	}
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name+".json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// operator runs commands as the tables' owner.
func operator(t *testing.T, schema *pgtest.Schema, want int, args ...string) string {
	t.Helper()
	code, stdout, stderr := purser(t, environment("DATABASE_OWNER_URL", schema.OwnerURL, "PURSER_ACTOR", "kari"), "", args...)
	if code != want {
		t.Fatalf("purser %q: exit %d, want %d\n%s%s", args, code, want, stdout, stderr)
	}
	return stdout + stderr
}

// A workspace's profile decides when its suggestions are silent; another
// workspace's do not change.
func TestProfileDecidesForItsWorkspace(t *testing.T) {
	t.Parallel()
	schema := pgtest.New(t)
	m := model(t, openaitest.Script{Text: bagAnswer})
	// A model decides by itself whether it can answer; quoting goes by the profile.
	s := startServer(t, schema, "EMBEDDING_BASE_URL", m.BaseURL())
	suggested := func(p *person) map[string]any {
		p.says(t, "import", helpCentre(t), "--apply", "--wait")
		p.says(t, "ticket", "create", "T-1", "-m", bagQuestion)
		var last map[string]any
		for line := range strings.Lines(p.says(t, "suggest", "T-1", "--json")) {
			last = jsonOf(t, line)
		}
		return last["suggestion"].(map[string]any)
	}
	one := suggested(s.workspace(t, "one"))
	// The scripted embedder's vectors mean nothing, so nothing looks near.
	equal(t, at(one, "outcome"), "OUTCOME_NO_DRAFT")
	space, _ := at(one, "provenance", "space").(string)

	bold, strict := writeProfile(t, "bold", space, .1), writeProfile(t, "strict", space, .9)
	two, three := s.workspace(t, "two"), s.workspace(t, "three")
	operator(t, schema, exitDone, "profile", "set", "two", bold)
	operator(t, schema, exitDone, "profile", "set", "three", strict)
	got := suggested(two)
	equal(t, at(got, "outcome"), "OUTCOME_DRAFT")
	equal(t, at(got, "confidence"), .5)
	equal(t, at(got, "provenance", "profile"), "bold")
	equal(t, len(at(got, "provenance", "profile_hash").(string)), 64)
	got = suggested(three)
	equal(t, at(got, "reason"), "OUTCOME_REASON_LOW_CONFIDENCE")
	equal(t, at(got, "provenance", "profile"), "strict")

	if n := strings.Count(s.log.String(), "profile"); n > 0 {
		t.Errorf("the log speaks of profiles %d times:\n%s", n, s.log)
	}
	damaged := s.workspace(t, "damaged")
	if _, err := schema.Owner.Exec(t.Context(), `INSERT INTO confidence_profiles (workspace_id, version, profile, actor, create_time)
		SELECT workspace_id, 1, '{"version": 99}', '{}', now() FROM workspaces WHERE name = 'damaged'`); err != nil {
		t.Fatal(err)
	}
	equal(t, at(suggested(damaged), "confidence"), at(one, "confidence"))
	damaged.says(t, "suggest", "T-1")
	if n := strings.Count(s.log.String(), "has version 99"); n != 1 {
		t.Errorf("the log tells of the damaged profile %d times:\n%s", n, s.log)
	}
	if shown := operator(t, schema, exitDone, "profile", "show", "damaged"); !strings.Contains(shown, "Version 1 can't be used") {
		t.Errorf("shown: %s", shown)
	}
}

func TestProfileVersions(t *testing.T) {
	t.Parallel()
	schema := pgtest.New(t)
	operator(t, schema, exitDone, "workspace", "create", "Skerry Air")
	operator(t, schema, exitDone, "workspace", "create", "other")
	first, second := writeProfile(t, "first", "e5", .4), writeProfile(t, "second", "e5", .5)
	do := func(args ...string) string {
		t.Helper()
		return operator(t, schema, exitDone, append([]string{"profile"}, args...)...)
	}
	shows := func(shown string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(shown, part) {
				t.Errorf("%q is not shown: %s", part, shown)
			}
		}
	}
	shows(do("show", "Skerry Air"), `The confidence in "Skerry Air" is told by the profile that ships with Purser.`)
	shows(do("clear", "Skerry Air"), "The profile of", "is the default one already")
	shows(do("list", "Skerry Air"), "no profile of its own")
	shows(do("set", "Skerry Air", first), `Version 1 of the profile of "Skerry Air" is in force.`)
	shows(do("set", "Skerry Air", first), "Version 1", "is in force already")
	shows(do("set", "Skerry Air", second, "--actor", "ola"), "Version 2")
	shows(do("show", "Skerry Air"), `told by version 2 of its own profile, since `, "by ola", `Profile "second"`, "Floor 0.500")
	shows(do("rollback", "Skerry Air", "1"), "Version 3", "holds what version 1 held")
	shows(do("set", "Skerry Air", "none"), "Version 4")
	shows(do("show", "Skerry Air"), "the search's own estimate, without a profile, since")
	shows(do("clear", "Skerry Air"), "Version 5", "is the default one")
	shows(do("list", "Skerry Air"), "Brought back", "of version 1", "ola", "(the search's own estimate)", "(the one that ships)", "second")

	listed := jsonOf(t, do("list", "Skerry Air", "--json"))
	equal(t, len(at(listed, "versions").([]any)), 5)
	equal(t, at(listed, "versions", 2, "name"), "first")
	equal(t, at(listed, "versions", 2, "restored"), 1.)
	id, _ := at(listed, "workspace_id").(string)
	equal(t, at(jsonOf(t, do("rollback", id, "2", "--json")), "version"), 6.)
	equal(t, at(jsonOf(t, do("show", id, "--json")), "profile", "name"), "second")

	equal(t, len(at(jsonOf(t, do("list", "other", "--json")), "versions").([]any)), 0)
	shows(operator(t, schema, exitFailed, "profile", "rollback", "other", "1"), `"other" never had a version 1`)
	shows(operator(t, schema, exitFailed, "profile", "show", "nobody"), `there is no workspace "nobody"`)
	shows(operator(t, schema, exitFailed, "profile", "set", "other", "missing.json"), "there is no such file")
	broken := folder(t, map[string]string{"p.json": `{"version":1}`})
	shows(operator(t, schema, exitFailed, "profile", "set", "other", filepath.Join(broken, "p.json")), "names no features; fit it again")
	for name, c := range map[string]struct{ features, said string }{
		"huge":    {`{"name":"lead","scale":1,"weight":1.7e308}`, `feature "lead" is damaged`},
		"unknown": {`{"name":"nosuch","scale":1,"weight":1}`, `weighs the feature "nosuch", which is not measured`},
		"twice":   {`{"name":"lead","scale":1},{"name":"lead","scale":1}`, `weighs the feature "lead" twice`},
	} {
		damaged := filepath.Join(folder(t, map[string]string{"p.json": `{"version":1,"name":"p","features":[` + c.features + `]}`}), "p.json")
		shows(operator(t, schema, exitFailed, "profile", "set", "other", damaged), c.said)
		if code, _, stderr := purser(t, noEnvironment, "", "eval", "run", "--data", "demo", "--profile", damaged); code != exitFailed || !strings.Contains(stderr, c.said) {
			t.Errorf("%s: a run with it: exit %d: %s", name, code, stderr)
		}
	}
	if code, _, stderr := purser(t, noEnvironment, "", "profile", "list", "other"); code != exitUsage || !strings.Contains(stderr, "DATABASE_OWNER_URL") {
		t.Errorf("without a database: exit %d: %s", code, stderr)
	}
}
