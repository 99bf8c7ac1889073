package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestEvalCheckSaysHowManyProblemsAreNotNamed(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"tickets.jsonl": strings.Repeat(`{"id":"a","text":"bag?","expect":"maybe"}`+"\n", 12),
		"kb.jsonl":      `{"id":"bags","lang":"en","title":"Bags","body":"One bag is free."}` + "\n",
	})
	code, stdout, stderr := purser(t, noEnvironment, "", "eval", "check", "--data", dir)
	if code != exitFailed || strings.Count(stdout, "error: ") != 20 || !strings.HasSuffix(stdout, "\nand 3 more; --json names them\n") || !strings.Contains(stderr, "23 errors in the suite") {
		t.Errorf("exit %d:\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = purser(t, noEnvironment, "", "eval", "check", "--data", dir, "--json")
	var found struct {
		Errors   int
		Problems []struct {
			Severity, Kind, File, Message string
			Line                          int
		}
	}
	if err := json.Unmarshal([]byte(stdout), &found); err != nil {
		t.Fatalf("%v: %s", err, stdout)
	}
	if code != exitFailed || found.Errors != 23 || len(found.Problems) != 23 || !strings.Contains(stderr, "23 errors in the suite") {
		t.Errorf("exit %d: %d errors, %d problems: %s", code, found.Errors, len(found.Problems), stderr)
	}
	if p := found.Problems[22]; p.Severity != "error" || p.File != "tickets.jsonl" || p.Line != 12 || p.Kind != "INVALID_FIELD" || !strings.HasPrefix(p.Message, `expect "maybe"`) {
		t.Errorf("the last problem is %+v", p)
	}
}

func TestEvalCheckPrintsWarningsAsJSON(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"tickets.jsonl": `{"id":"a","text":"bag?","expect":"open"}` + "\n" + `{"id":"b","text":"Bag","expect":"none"}` + "\n",
		"kb.jsonl":      `{"id":"bags","lang":"en","title":"Bags","body":"One bag is free."}` + "\n",
	})
	code, stdout, stderr := purser(t, noEnvironment, "", "eval", "check", "--data", dir, "--json")
	want := `{"cases":2,"open":1,"articles":1,"errors":0,"warnings":1,"problems":[{"severity":"warning","kind":"DUPLICATE_CASE","file":"tickets.jsonl","line":2,"message":"case \"b\": asks the same as \"a\""}]}` + "\n"
	if code != exitDone || stdout != want {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

func TestEvalFailsWhereItCannotPrint(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	good := d.run(t, "good", goodAnswers())
	broken := folder(t, map[string]string{"tickets.jsonl": "{", "kb.jsonl": "{}"})
	answers := d.path("good.jsonl")
	for name, args := range map[string][]string{
		"init":             {"init", d.path("other")},
		"check":            {"check", "--data", d.suite},
		"check as JSON":    {"check", "--data", d.suite, "--json"},
		"check of a wreck": {"check", "--data", broken},
		"promote":          {"baseline", "promote", good, "--to", d.path("baseline.json")},
		"import-run":       {"import-run", "--data", d.suite, "--run", answers, "--system", "x", "--json", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			code := exitCode(&stderr, run(t.Context(), append([]string{"eval"}, args...), strings.NewReader(""), full{}, &stderr, noEnvironment))
			if code != exitFailed || !strings.Contains(stderr.String(), "no space left on device") {
				t.Errorf("exit %d: %s", code, stderr.String())
			}
		})
	}
}
