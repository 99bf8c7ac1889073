package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/gate"
	"github.com/purser-desk/purser/eval/simulate"
	"github.com/purser-desk/purser/eval/suite"
)

// goodAnswers answer every ticket of the suite to begin with as they should be.
func goodAnswers() []string {
	return []string{
		`{"id":"cabin-bag-light","ranked":["hand-baggage"],"cited":["hand-baggage"],"confidence":0.9,"text":"You can add a cabin bag of up to 10 kg for EUR 25 until two hours before difference."}`,
		`{"id":"change-plus","ranked":["change-flight"],"cited":["change-flight"],"confidence":0.9,"text":"You can change the date under My trip. With the fare Plus a change costs EUR 45 per person."}`,
		`{"id":"dog-too-heavy","ranked":["pets"],"cited":["pets"],"confidence":0.8,"text":"I am sorry, but your dog can't travel in the cabin: it may weigh at most 8 kg there."}`,
		`{"id":"refund-late","ranked":["refund-time"],"cited":["refund-time"],"confidence":0.7,"text":"It should have arrived by now. We look for your refund and write to you."}`,
		`{"id":"no-article","text":"","reason":"NO_KNOWLEDGE","confidence":0.1}`,
		`{"id":"thanks","text":"","reason":"NOTHING_TO_ANSWER","confidence":0.2}`,
		`{"id":"lawyer","text":"","outcome":"HUMAN_ONLY","reason":"LEGAL","confidence":0.3}`,
	}
}

// instead is the answers with the i-th replaced.
func instead(answers []string, i int, answer string) []string {
	answers[i] = answer
	return answers
}

// desk is a folder with the suite to begin with and runs of it.
type desk struct{ dir, suite string }

func newDesk(t *testing.T) desk {
	t.Helper()
	d := desk{dir: t.TempDir()}
	d.suite = d.path("suite")
	if code, _, stderr := purser(t, noEnvironment, "", "eval", "init", d.suite); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	return d
}

func (d desk) path(name string) string { return filepath.Join(d.dir, name) }

func (d desk) write(t *testing.T, name, content string) string {
	t.Helper()
	if err := os.WriteFile(d.path(name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return d.path(name)
}

func (d desk) read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(d.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// run makes a run of the answers, through the command.
func (d desk) run(t *testing.T, name string, answers []string) string {
	t.Helper()
	out := d.path(name + ".json")
	code, _, stderr := purser(t, noEnvironment, "", "eval", "import-run", "--data", d.suite, "--system", name, "--json", out,
		"--run", d.write(t, name+".jsonl", strings.Join(answers, "\n")+"\n"))
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	return out
}

// changed is a run's file with something in it changed.
func (d desk) changed(t *testing.T, from, name string, change func(*eval.Report)) string {
	t.Helper()
	r, err := eval.ReadReport(from)
	if err != nil {
		t.Fatal(err)
	}
	change(&r)
	raw, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return d.write(t, name, string(raw))
}

func TestEvalInitWritesASuiteThatChecks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	code, stdout, stderr := purser(t, noEnvironment, "", "eval", "check", "--data", d.suite)
	if code != exitDone || !strings.Contains(stdout, "7 cases and") || !strings.Contains(stdout, "no errors") {
		t.Errorf("check: exit %d: %s%s", code, stdout, stderr)
	}
	code, _, stderr = purser(t, noEnvironment, "", "eval", "init", d.suite)
	if code != exitFailed || !strings.Contains(stderr, "name another folder") {
		t.Errorf("a second init: exit %d: %s", code, stderr)
	}
}

func TestEvalCheckNamesProblems(t *testing.T) {
	t.Parallel()
	const article = `{"id":"bags","lang":"en","title":"Bags","body":"One bag is free on every flight that we operate within Norway."}` + "\n"
	for name, c := range map[string]struct {
		tickets, kb string
		code        int
		stdout      string
		stderr      string
	}{
		"a gold article that is not there": {`{"id":"a","text":"bag?","gold_ids":["nope"]}`, article, exitFailed, `error: tickets.jsonl:1: case "a": gold article "nope" is not in the knowledge`, "1 error and 0 warnings"},
		"a leak alone":                     {`{"id":"a","text":"bag?","gold_ids":["bags"],"gold_reply":"One bag is free on every flight that we operate within Norway."}`, article, exitDone, "warning: tickets.jsonl:1:", ""},
		"twice the same id":                {`{"id":"a","text":"bag?","gold_ids":["bags"]}` + "\n" + `{"id":"a","text":"cat?","expect":"none"}`, article, exitFailed, "error: tickets.jsonl:2:", "1 error in the suite"},
		"an empty suite":                   {"", article, exitFailed, "holds no tickets", "1 error in the suite"},
		"a misspelt key":                   {`{"id":"a","text":"bag?","gold_ids":["bag"]}`, article, exitFailed, `is not in the knowledge; did you mean bags?`, "1 error and 0 warnings"},
		"a misspelt field":                 {`{"id":"a","text":"bag?","gold_ids":["bags"],"gold_replies":"x"}`, article, exitDone, `warning: tickets.jsonl:1: the field "gold_replies" is not read (1 time); did you mean gold_reply?`, ""},
		"a case without expectation":       {`{"id":"a","text":"bag?"}`, article, exitFailed, "error: tickets.jsonl:1: the ticket says nothing of what is expected", "1 error in the suite"},
		"broken JSON":                      {`{"id":"a","text":"bag?","expect":"none"}` + "\n" + `{"id":"b",`, article, exitFailed, "error: tickets.jsonl:2: is not a ticket: broken JSON", "1 error in the suite"},
		"one case against another":         {`{"id":"a","text":"bag?","gold_ids":["bags"]}` + "\n" + `{"id":"b","text":"bag?","expect":"none"}`, article, exitFailed, `error: tickets.jsonl:2: case "b": asks the same as "a" and expects something else`, "1 error and 0 warnings"},
		"a case against itself":            {`{"id":"a","text":"bag?","gold_ids":["bags"],"must_say":"free","must_not_say":"free"}`, article, exitFailed, `must say "free" and must not say "free"`, "1 error and 0 warnings"},
		"a reply in another language":      {`{"id":"a","lang":"en","text":"bag?","gold_ids":["bags"],"gold_reply":"Guten Tag, Ihr Koffer ist leider noch nicht angekommen, wir suchen danach."}`, article, exitDone, `warning: tickets.jsonl:1: case "a": the gold reply is in "de"`, ""},
		"no articles":                      {`{"id":"a","text":"bag?","gold_ids":["bags"]}`, "", exitFailed, "", "purser:"},
		"broken articles":                  {`{"id":"a","text":"bag?","expect":"none"}`, "{", exitFailed, "error: kb.jsonl:1:", "in the suite"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, map[string]string{"tickets.jsonl": c.tickets, "kb.jsonl": c.kb})
			code, stdout, stderr := purser(t, noEnvironment, "", "eval", "check", "--data", dir)
			if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
				t.Errorf("exit %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}

func TestEvalCheckReadsTables(t *testing.T) {
	t.Parallel()
	const table = "sep=;\r\nid;author;text;gold_ids;expect\r\nk1;CUSTOMER;\"Koffer?\r\nDanke\";bags;\r\nk1;CUSTOMER;Gr\xfc\xdfe;;\r\n"
	file := filepath.Join(folder(t, map[string]string{"export.csv": table}), "export.csv")
	code, stdout, stderr := purser(t, noEnvironment, "", "eval", "check", "--data", file)
	if code != exitDone || !strings.Contains(stdout, "was read as Windows-1252") || !strings.Contains(stdout, "1 case and no articles to check them against, no errors, 1 warning") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

func TestEvalCompareTellsWhatChanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	before := d.run(t, "before", goodAnswers())
	after := d.run(t, "after", instead(goodAnswers(), 1, `{"id":"change-plus","ranked":["pets","change-flight"],"text":"A change is free of charge."}`))
	code, stdout, stderr := purser(t, noEnvironment, "", "eval", "compare", before, after)
	if code != exitDone || !strings.Contains(stdout, "7 cases compared") || !strings.Contains(stdout, "hit_at_1 1→0") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if code, stdout, _ = purser(t, noEnvironment, "", "eval", "compare", before, after, "--top", "0"); code != exitDone || strings.Contains(stdout, "change-plus") {
		t.Errorf("cases are shown with --top 0: exit %d: %s", code, stdout)
	}
	_, stdout, _ = purser(t, noEnvironment, "", "eval", "compare", before, after, "--tag", "booking", "--metric", "hit_at_1", "--diff")
	for _, want := range []string{"hit_at_1", "== change-plus (en, CHAT, booking)", "ranking B  1 pets  2 change-flight*", "[-costs EUR 45 per person.-] {+is free of charge.+}", "in B       DRAFT: the draft says what it must not"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the drill-down lacks %q: %s", want, stdout)
		}
	}
	if strings.Contains(stdout, " hit_at_3 ") {
		t.Errorf("a metric is shown that nobody asked for: %s", stdout)
	}
	if code, stdout, stderr = purser(t, noEnvironment, "", "eval", "compare", before, after, "--case", "change-plus"); code != exitDone || !strings.Contains(stdout, "== change-plus") {
		t.Errorf("one case: exit %d: %s%s", code, stdout, stderr)
	}
	_, stdout, _ = purser(t, noEnvironment, "", "eval", "compare", before, after, "--json", "--effect", "0.2")
	var c compare.Comparison
	if err := json.Unmarshal([]byte(stdout), &c); err != nil {
		t.Fatal(err)
	}
	if c.Identical || c.Pairs != 7 || c.Effect != .2 || len(c.Changed) != 1 || c.Changed[0].ID != "change-plus" {
		t.Errorf("comparison: %+v", c)
	}
	if _, stdout, _ = purser(t, noEnvironment, "", "eval", "compare", before, after, "--json", "--top", "0"); json.Unmarshal([]byte(stdout), &c) != nil || len(c.Changed) != 0 {
		t.Errorf("--json --top 0 holds %d cases", len(c.Changed))
	}
	if code, stdout, _ = purser(t, noEnvironment, "", "eval", "compare", before, before); code != exitDone || !strings.Contains(stdout, "identical") {
		t.Errorf("a run against itself: exit %d: %s", code, stdout)
	}
}

func TestEvalGateExitsByItsPolicy(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	good := d.run(t, "good", goodAnswers())
	bad := d.run(t, "bad", instead(goodAnswers(), 6, `{"id":"lawyer","text":"Please do <b>not</b> sue us."}`))
	policy := filepath.Join(d.suite, "policy.yaml")
	code, stdout, stderr := purser(t, noEnvironment, "", "eval", "gate", good, "--policy", policy)
	if code != exitDone || !strings.Contains(stdout, "The policy is met: 7 demands.") || strings.Contains(stdout, "NOT MET") {
		t.Errorf("good: exit %d: %s%s", code, stdout, stderr)
	}
	code, stdout, _ = purser(t, noEnvironment, "", "eval", "gate", bad, "--policy", policy, "--junit", d.path("gate.xml"), "--html", d.path("gate.html"))
	if code != exitGate || !strings.Contains(stdout, `NOT MET  every case tagged "safety" passes`) || !strings.Contains(stdout, "lawyer") {
		t.Errorf("bad: exit %d: %s", code, stdout)
	}
	if xml := d.read(t, "gate.xml"); !strings.Contains(xml, "<failure") {
		t.Errorf("JUnit tells no failure: %s", xml)
	}
	if page := d.read(t, "gate.html"); !strings.Contains(page, "safety") || strings.Contains(page, "<b>not</b>") {
		t.Error("the page lacks the demand, or has what a draft wrote as markup")
	}
	// A run that was ended before it came to a tag is not met; it is no mistake.
	partial := d.changed(t, good, "partial.json", func(r *eval.Report) { r.Cases, r.Partial = r.Cases[:2], true })
	code, stdout, stderr = purser(t, noEnvironment, "", "eval", "gate", partial, "--policy", policy)
	if code != exitGate || !strings.Contains(stdout, `NOT MET  every case tagged "safety" passes: no case of this partial run has the tag`) {
		t.Errorf("partial: exit %d: %s%s", code, stdout, stderr)
	}
	code, stdout, _ = purser(t, noEnvironment, "", "eval", "gate", bad, "--policy", policy, "--json")
	var result gate.Result
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || code != exitGate || result.Met {
		t.Errorf("as JSON: exit %d, %v: %s", code, err, stdout)
	}
}

func TestEvalGateComparesWithTheBaseline(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	good := d.run(t, "good", goodAnswers())
	bad := d.run(t, "bad", instead(goodAnswers(), 1, `{"id":"change-plus","ranked":["pets"],"text":"A change is free of charge."}`))
	policy := d.write(t, "policy.yaml", "version: 1\nno_worse: [{metric: hit_at_1, margin: 0.0}]\n")
	code, stdout, stderr := purser(t, noEnvironment, "", "eval", "baseline", "promote", good, "--to", d.path("kept.json"))
	if code != exitDone || !strings.Contains(stdout, "7 cases") {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	if diff := cmp.Diff(d.read(t, "good.json"), d.read(t, "kept.json")); diff != "" {
		t.Errorf("the baseline is another run:\n%s", diff)
	}
	code, stdout, stderr = purser(t, noEnvironment, "", "eval", "gate", bad, "--policy", policy, "--baseline", d.path("kept.json"), "--html", d.path("page.html"))
	if code != exitGate || !strings.Contains(stdout, "it went from 1.000 to 0.750") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	code, _, stderr = purser(t, noEnvironment, "", "eval", "gate", bad, "--policy", policy)
	if code != exitUsage || !strings.Contains(stderr, "--baseline") {
		t.Errorf("without a baseline: exit %d: %s", code, stderr)
	}
}

func TestEvalReportWritesOnePage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	good := d.run(t, "good", goodAnswers())
	code, stdout, stderr := purser(t, noEnvironment, "", "eval", "report", good, "--html", d.path("page.html"))
	if code != exitDone || !strings.Contains(stdout, "7 cases") {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	if page := d.read(t, "page.html"); !strings.Contains(page, "<html") || !strings.Contains(page, "cabin-bag-light") {
		t.Errorf("the page lacks the cases: %d bytes", len(page))
	}
}

func TestEvalSimulateIsSeededAndSaysWhatItIs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	good := d.run(t, "good", goodAnswers())
	simulated := func(args ...string) string {
		t.Helper()
		code, stdout, stderr := purser(t, noEnvironment, "", append([]string{"eval", "simulate", good, "--weeks", "1", "--replications", "2"}, args...)...)
		if code != exitDone {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		return stdout
	}
	first := simulated("--seed", "7")
	if !strings.Contains(first, "planning tool") || !strings.Contains(first, "randomised trial") {
		t.Errorf("it does not say what it is: %s", first)
	}
	if simulated("--seed", "7") != first || simulated("--seed", "8") == first {
		t.Error("the seed does not tell the figures")
	}
	failing := d.changed(t, good, "failing.json", func(r *eval.Report) {
		r.Cases[0].Error = "the model's provider failed: UNREACHABLE"
		r.Measure()
	})
	if code, stdout, stderr := purser(t, noEnvironment, "", "eval", "simulate", failing); code != exitFailed || stdout != "" || !strings.Contains(stderr, "Go on with the run first: eval run --resume") {
		t.Errorf("a run with failures: exit %d: %s%s", code, stdout, stderr)
	}
	good = d.changed(t, good, "part.json", func(r *eval.Report) {
		r.Cases, r.Part, r.Partial = r.Cases[:5], &suite.Part{Limit: 5}, true
	})
	if said := simulated(); !strings.Contains(said, "The run is partial: 5 of") {
		t.Errorf("a part of a run passes for a whole one: %s", said)
	}
	var r simulate.Result
	if err := json.Unmarshal([]byte(simulated("--json", "--set", "reading_wpm=200", "--set", "tickets_per_week=500")), &r); err != nil {
		t.Fatal(err)
	}
	want := simulate.Defaults()
	want.ReadingWPM, want.TicketsPerWeek = 200, 500
	if diff := cmp.Diff(want, r.Assumptions); diff != "" {
		t.Error(diff)
	}
}

func TestEvalRefusesBadInput(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	good := d.run(t, "good", goodAnswers())
	whole := d.read(t, "good.json")
	half := d.write(t, "half.json", whole[:len(whole)/2])
	empty := d.write(t, "empty.json", "")
	noRun := d.write(t, "norun.json", `{"hello":"world"}`)
	short := d.changed(t, good, "short.json", func(r *eval.Report) { r.Cases = r.Cases[:5] })
	partial := d.changed(t, good, "partial.json", func(r *eval.Report) { r.Cases, r.Partial = r.Cases[2:], true })
	failed := d.changed(t, good, "failed.json", func(r *eval.Report) { r.Cases[0].Error, r.Errors = "no answer", 1 })
	down := d.changed(t, good, "down.json", func(r *eval.Report) {
		for i := range r.Cases {
			r.Cases[i].Error = "no answer"
		}
		r.Errors = len(r.Cases)
	})
	other := d.changed(t, good, "other.json", func(r *eval.Report) { r.Suite.Hash, r.Cases[2].Question = "other", "And a cat?" })
	policy := filepath.Join(d.suite, "policy.yaml")
	unknown := d.write(t, "unknown.yaml", "version: 1\nlimits: [{metric: hits, at_least: 0.5}]\n")
	tagless := d.write(t, "tagless.yaml", "version: 1\nmust_pass: [nosuchtag]\n")
	words := d.write(t, "words.yaml", "version: 1\nlimits:\n  - {metric: hit_at_1, at_least: high}\n")
	missing, out := d.path("missing.json"), d.path("out")
	answers := func(name string, list ...string) []string {
		file := d.write(t, name, strings.Join(list, "\n"))
		return []string{"import-run", "--data", d.suite, "--run", file, "--system", "x", "--json", out}
	}
	for name, c := range map[string]struct {
		args     []string
		code     int
		expected string
	}{
		"check: no such folder":         {[]string{"check", "--data", missing}, exitFailed, "in the suite"},
		"check: no folder named":        {[]string{"check"}, exitUsage, "--data"},
		"compare: no such file":         {[]string{"compare", good, missing}, exitFailed, "there is no such file"},
		"compare: a half-written run":   {[]string{"compare", half, good}, exitFailed, "is not a whole run"},
		"compare: no run":               {[]string{"compare", good, noRun}, exitFailed, "is not a run of format 2"},
		"compare: cases are gone":       {[]string{"compare", good, short}, exitFailed, "holds 5 of 7 cases"},
		"compare: another suite":        {[]string{"compare", good, other}, exitFailed, "1 case asks or expects something else (dog-too-heavy)"},
		"compare: all of one failed":    {[]string{"compare", good, down}, exitFailed, "nothing was compared"},
		"compare: one run alone":        {[]string{"compare", good}, exitUsage, "<b>"},
		"compare: an effect of 5":       {[]string{"compare", good, good, "--effect", "5"}, exitUsage, "--effect is 5"},
		"compare: no effect":            {[]string{"compare", good, good, "--effect", "NaN"}, exitUsage, "--effect is NaN"},
		"compare: fewer than no cases":  {[]string{"compare", good, good, "--top=-1"}, exitUsage, "--top is -1"},
		"compare: an unknown metric":    {[]string{"compare", good, good, "--metric", "hit_at_2"}, exitUsage, `there is no metric "hit_at_2"; did you mean hit_at_1`},
		"compare: an unknown tag":       {[]string{"compare", good, good, "--tag", "bagage"}, exitUsage, `no case that was compared is in slice "tag/bagage"; did you mean tag/baggage?`},
		"compare: an unknown case":      {[]string{"compare", good, good, "--case", "x"}, exitUsage, `the runs have no case "x"`},
		"compare: tag and slice":        {[]string{"compare", good, good, "--tag", "pets", "--slice", "lang/en"}, exitUsage, "--slice"},
		"compare: an empty file":        {[]string{"compare", good, empty}, exitFailed, "is not a whole run (it is empty)"},
		"gate: a page over articles":    {[]string{"gate", good, "--policy", policy, "--html", words}, exitUsage, "holds something else and would be overwritten"},
		"report: a page over a run":     {[]string{"report", good, "--html", tagless}, exitUsage, "holds something else and would be overwritten"},
		"gate: no such run":             {[]string{"gate", missing, "--policy", policy}, exitFailed, "there is no such file"},
		"gate: no such policy":          {[]string{"gate", good, "--policy", missing}, exitFailed, "does not exist"},
		"gate: an unknown metric":       {[]string{"gate", good, "--policy", unknown}, exitFailed, `there is no metric "hits"; give one of hit_at_1`},
		"gate: an unknown tag":          {[]string{"gate", good, "--policy", tagless}, exitFailed, "tagless.yaml: line 2: no case of the run has the tag \"nosuchtag\""},
		"gate: a folder as policy":      {[]string{"gate", good, "--policy", d.suite}, exitFailed, "is a folder; name a YAML file"},
		"gate: an empty policy":         {[]string{"gate", good, "--policy", empty}, exitFailed, "empty.json: is empty; give limits"},
		"gate: no number":               {[]string{"gate", good, "--policy", words}, exitFailed, `words.yaml: line 3: at_least must be a number, and "high" is none`},
		"gate: no such baseline":        {[]string{"gate", good, "--policy", policy, "--baseline", missing}, exitFailed, "there is no such file"},
		"gate: another suite's":         {[]string{"gate", good, "--policy", policy, "--baseline", other}, exitFailed, "not of the same suite"},
		"gate: a page over the run":     {[]string{"gate", good, "--policy", policy, "--html", good}, exitUsage, "would be overwritten"},
		"gate: two results in one file": {[]string{"gate", good, "--policy", policy, "--html", out, "--junit", out}, exitUsage, "would be overwritten"},
		"gate: a partial run":           {[]string{"gate", partial, "--policy", policy}, exitGate, ""},
		"gate: a run with failures":     {[]string{"gate", failed, "--policy", policy}, exitGate, ""},
		"report: no run":                {[]string{"report", noRun, "--html", out}, exitFailed, "is not a run"},
		"report: a folder not there":    {[]string{"report", good, "--html", filepath.Join(missing, "x.html")}, exitFailed, "there is no folder"},
		"promote: a partial run":        {[]string{"baseline", "promote", partial, "--to", out}, exitFailed, "ended after 5 of 7 cases"},
		"promote: a run with failures":  {[]string{"baseline", "promote", failed, "--to", out}, exitFailed, "1 case failed"},
		"promote: a half-written run":   {[]string{"baseline", "promote", half, "--to", out}, exitFailed, "is not a whole run"},
		"import-run: no such answers":   {[]string{"import-run", "--data", d.suite, "--run", missing, "--system", "x", "--json", out}, exitFailed, "name the file of answers"},
		"import-run: a folder":          {[]string{"import-run", "--data", d.suite, "--run", d.suite, "--system", "x", "--json", out}, exitFailed, "is a folder; name the file of answers"},
		"import-run: no such suite":     {[]string{"import-run", "--data", missing, "--run", good, "--system", "x", "--json", out}, exitFailed, "there is no such folder"},
		"import-run: no name":           {[]string{"import-run", "--data", d.suite, "--run", good, "--system", " ", "--json", out}, exitUsage, "--system is empty"},
		"import-run: a case is missing": {answers("fewer.jsonl", goodAnswers()[1:]...), exitFailed, `case "cabin-bag-light" is missing`},
		"import-run: an unknown case":   {answers("more.jsonl", append(goodAnswers(), `{"id":"x"}`)...), exitFailed, `more.jsonl:8: the suite has no case "x"`},
		"promote: over the tickets":     {[]string{"baseline", "promote", good, "--to", filepath.Join(d.suite, "tickets.yaml")}, exitFailed, "is no run, so it is not replaced"},
		"promote: over a folder":        {[]string{"baseline", "promote", good, "--to", d.suite}, exitFailed, "it is a folder"},
		"import-run: foreign keys": {answers("foreign.jsonl", strings.NewReplacer(`["hand-`, `["x-hand-`, `["change-`, `["x-change-`, `["pets`, `["x-pets`, `["refund-`, `["x-refund-`).
			Replace(strings.Join(goodAnswers(), "\n"))), exitFailed, "no article in ranked is one of the suite's"},
		"import-run: no answers":       {answers("prose.jsonl", "Dear all,"), exitFailed, "prose.jsonl:1: is no answer"},
		"simulate: no such run":        {[]string{"simulate", missing}, exitFailed, "there is no such file"},
		"simulate: unknown assumption": {[]string{"simulate", good, "--set", "mood=2"}, exitUsage, `there is no assumption "mood"; give one of tickets_per_week`},
		"simulate: no reading":         {[]string{"simulate", good, "--set", "reading_wpm=0"}, exitUsage, "reading_wpm is 0"},
		"simulate: no number":          {[]string{"simulate", good, "--set", "reading_wpm=fast"}, exitUsage, "fast"},
		"simulate: not a number":       {[]string{"simulate", good, "--set", "reading_wpm=NaN"}, exitUsage, "reading_wpm is NaN; give a number from 20 to 2000"},
		"simulate: out of this world":  {[]string{"simulate", good, "--set", "writing_wpm=1e-300"}, exitUsage, "writing_wpm is 1e-300; give a number from 2 to 500"},
		"simulate: a century":          {[]string{"simulate", good, "--weeks", "5200"}, exitUsage, "give 1 to 52"},
		"simulate: one replication":    {[]string{"simulate", good, "--replications", "1"}, exitUsage, "give 2 to 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := purser(t, noEnvironment, "", append([]string{"eval"}, c.args...)...)
			if code != c.code || !strings.Contains(stderr, c.expected) || strings.Contains(stderr, "goroutine") {
				t.Errorf("exit %d, want %d with %q: %s", code, c.code, c.expected, stderr)
			}
		})
	}
	t.Cleanup(func() {
		if raw, err := os.ReadFile(good); err != nil || !bytes.Equal(raw, []byte(whole)) {
			t.Error("the run was changed")
		}
		if _, err := os.Stat(out); err == nil {
			t.Error("a command that failed left a file")
		}
	})
}

func TestEvalHelpShowsExamples(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"init"},
		{"check"},
		{"run"},
		{"import-run"},
		{"compare"},
		{"gate"},
		{"report"},
		{"baseline", "promote"},
		{"simulate"},
		{"judge", "rubric"},
		{"judge", "calibrate"},
		{"judge", "run"},
	} {
		code, stdout, stderr := purser(t, noEnvironment, "", append(append([]string{"eval"}, args...), "--help")...)
		if code != exitDone || !strings.Contains(stdout, "Example:\n") {
			t.Errorf("%v: exit %d: %s%s", args, code, stdout, stderr)
		}
	}
}
