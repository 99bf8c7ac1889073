package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// lab is a desk that can also run its suite, with a model that quotes.
type lab struct {
	desk
	model *openaitest.Server
	vars  []string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{desk: newDesk(t), model: openaitest.New(quoting(openaitest.Script{}))}
	t.Cleanup(l.model.Close)
	schema := pgtest.New(t)
	l.vars = []string{
		"DATABASE_URL", schema.ServerURL, "DATABASE_OWNER_URL", schema.OwnerURL, "EMBEDDING_BASE_URL", realEmbedding(t),
		"OPENAI_BASE_URL", l.model.BaseURL(), "OPENAI_MODEL", "scripted", "PURSER_HOME", l.path("home"), "PURSER_DRAFT_LIMIT", "20s",
	}
	return l
}

// quoting answers with the first sentence of the first evidence, slowly or cut
// as the script is.
func quoting(script openaitest.Script) func(openaitest.Request) openaitest.Script {
	return func(r openaitest.Request) openaitest.Script {
		_, body, _ := strings.Cut(r.User(), "Title: ")
		_, body, _ = strings.Cut(body, "\n\n")
		sentence, _, _ := strings.Cut(body, ".")
		answer := script // requests come at once
		answer.Text = "Hello,\n\n" + strings.TrimSpace(sentence) + " [1].\n\nKind regards"
		return answer
	}
}

// purser runs a command of evaluation.
func (l *lab) purser(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return purser(t, environment(l.vars...), "", append([]string{"eval"}, args...)...)
}

// runs runs the suite into a file; it must end with the code.
func (l *lab) runs(t *testing.T, code int, name string, args ...string) (report eval.Report, stderr string) {
	t.Helper()
	got, stdout, stderr := l.purser(t, append([]string{"run", "--data", l.suite, "--json", l.path(name)}, args...)...)
	if got != code {
		t.Fatalf("exit %d, want %d: %s%s", got, code, stdout, stderr)
	}
	return l.report(t, name), stderr
}

func (l *lab) report(t *testing.T, name string) eval.Report {
	t.Helper()
	r, err := eval.ReadReport(l.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// process starts a command of evaluation as a process of its own.
func (l *lab) process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"eval"}, args...)...)
	cmd.Env = append(os.Environ(), beProgram+"=1")
	for i := 0; i < len(l.vars); i += 2 {
		cmd.Env = append(cmd.Env, l.vars[i]+"="+l.vars[i+1])
	}
	return cmd
}

func untimed(t *testing.T, r eval.Report) string {
	t.Helper()
	raw, err := r.Untimed()
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func sameRuns(t *testing.T, what string, a, b eval.Report) {
	t.Helper()
	if diff := cmp.Diff(untimed(t, a), untimed(t, b)); diff != "" {
		t.Errorf("%s (-first +second):\n%s", what, diff)
	}
}

const prices = "currency: EUR\nmodels:\n  scripted: {prompt: 1, completion: 4}\n"

func TestEvalRunAsksNothingTwice(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	table := l.write(t, "prices.yaml", prices)
	first, _ := l.runs(t, exitDone, "first.json", "--prices", table, "--seed", "7")
	asked := len(l.model.Requests())
	if first.Errors != 0 || asked < 3 || first.Usage.Asked != asked || first.Usage.Currency != "EUR" || !(first.Usage.Cost > 0) {
		t.Fatalf("asked %d times, %d errors, used %+v", asked, first.Errors, first.Usage)
	}
	for name, n := range map[string]int{
		eval.TokensPerDraft: asked, eval.CostPerDraft: asked, eval.CostPer1000Tickets: 7, eval.ClaimsSupported: asked,
		eval.DraftChars: asked, eval.DraftWords: asked,
	} {
		if m := first.Metrics[name]; m.N != n || m.Low > m.Value || m.Value > m.High {
			t.Errorf("%s is %+v, want it of %d", name, m, n)
		}
	}
	made := first.Configuration
	if len(made.Versions) != 1 || len(made.Prompts) != 1 || !slices.Equal(made.Models, []string{"scripted"}) || made.Asked == nil ||
		made.Asked.Model != "scripted" || made.Asked.Seed == nil || *made.Asked.Seed != 7 || made.Prices == nil || len(made.Settings) == 0 {
		t.Errorf("made by %+v", made)
	}
	if raw := l.read(t, "first.json"); strings.Contains(raw, l.dir) || strings.Contains(raw, l.model.URL) {
		t.Error("the run names a place on this machine")
	}
	if !strings.Contains(string(l.model.Requests()[0].Raw), `"seed":7`) {
		t.Error("the seed is not sent")
	}
	again, stderr := l.runs(t, exitDone, "again.json", "--prices", table, "--seed", "7", "--concurrency", "4", "--budget-tokens", "1")
	if n := len(l.model.Requests()); n != asked || !strings.Contains(stderr, "asked for 0 answers") {
		t.Errorf("a second run asks %d times more: %s", n-asked, stderr)
	}
	sameRuns(t, "two runs differ", first, again)
	if l.runs(t, exitDone, "fresh.json", "--seed", "7", "--fresh"); len(l.model.Requests()) != 2*asked {
		t.Error("a fresh run takes kept answers")
	}
	if l.runs(t, exitDone, "seed.json", "--seed", "8"); len(l.model.Requests()) != 3*asked {
		t.Error("another seed takes the answers of the first")
	}
	if code, stdout, _ := l.purser(t, "compare", l.path("first.json"), l.path("again.json")); code != exitDone || !strings.Contains(stdout, "identical") {
		t.Errorf("compared: exit %d: %s", code, stdout)
	}
}

func TestEvalReplay(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	first, _ := l.runs(t, exitDone, "first.json", "--answers", l.path("kept"))
	replays := func(code int, file string, args ...string) (stdout, stderr string) {
		t.Helper()
		got, stdout, stderr := l.purser(t, append([]string{"replay", l.path(file), "--data", l.suite, "--answers", l.path("kept")}, args...)...)
		if got != code {
			t.Fatalf("exit %d, want %d: %s%s", got, code, stdout, stderr)
		}
		return stdout, stderr
	}
	// The server's own settings have changed since, and there is no model.
	l.vars = append(l.vars, "PURSER_DRAFT_LIMIT", "9s", "OPENAI_MODEL", "")
	if stdout, _ := replays(exitDone, "first.json", "--json", l.path("again.json")); !strings.Contains(stdout, "The same to the byte, times apart: 7 tickets.") {
		t.Errorf("said: %s", stdout)
	}
	sameRuns(t, "the replay differs", first, l.report(t, "again.json"))
	l.changed(t, l.path("first.json"), "part.json", func(r *eval.Report) { r.Cases, r.Partial = r.Cases[:3], true; r.Measure() })
	if stdout, _ := replays(exitDone, "part.json"); !strings.Contains(stdout, "times apart: 3 tickets") {
		t.Errorf("part: %s", stdout)
	}
	l.vars = append(l.vars, "OPENAI_MODEL", "scripted")
	l.runs(t, exitDone, "counterparts.json", "--answers", l.path("kept"), "--ablate-gold", "--profile", "none")
	asked := len(l.model.Requests())
	replays(exitDone, "counterparts.json", "--profile", "none")
	l.changed(t, l.path("first.json"), "other.json", func(r *eval.Report) {
		r.Cases[0].Text, r.Configuration.Versions = "Something else.", []string{"v0"}
	})
	stdout, _ := replays(exitGate, "other.json")
	for _, want := range []string{"configured otherwise: versions (v0 → ", first.Cases[0].ID + ": text", "6 of 7 tickets came out the same"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it does not say %q: %s", want, stdout)
		}
	}
	if err := os.RemoveAll(l.path("kept")); err != nil {
		t.Fatal(err)
	}
	if _, stderr := replays(exitGate, "first.json"); !strings.Contains(stderr, "not kept for what is asked now") {
		t.Errorf("without answers: %s", stderr)
	}
	if n := len(l.model.Requests()); n != asked {
		t.Errorf("replays asked the model %d times", n-asked)
	}
	d := newDesk(t)
	for name, c := range map[string]struct{ file, data, expected string }{
		"other tickets":     {l.path("first.json"), l.write2(t, "tickets.yaml"), "the tickets in"},
		"other articles":    {l.path("first.json"), l.write2(t, "kb.jsonl"), "the articles in"},
		"an imported run":   {d.run(t, "theirs", goodAnswers()), l.suite, "another system made it"},
		"a half of a run":   {l.write(t, "half.json", l.read(t, "first.json")[:900]), l.suite, "is not a whole run"},
		"damaged settings":  {l.changed(t, l.path("first.json"), "damaged.json", func(r *eval.Report) { r.Configuration.Settings = []byte(`"x"`) }), l.suite, "settings of the run can't be read"},
		"a suite not there": {l.path("first.json"), l.path("nowhere"), "no such folder"},
	} {
		if code, _, stderr := l.purser(t, "replay", c.file, "--data", c.data); code != exitFailed || !strings.Contains(stderr, c.expected) {
			t.Errorf("%s: exit %d: %s", name, code, stderr)
		}
	}
}

// write2 is a copy of the suite with a blank line more in one of its files.
func (l *lab) write2(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(l.suite)); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), append(raw, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEvalRunEndsByItsBudgetAndGoesOn(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	table := l.write(t, "prices.json", `{"currency": "EUR", "models": {"scripted": {"prompt": 1, "completion": 4}}}`)
	whole, _ := l.runs(t, exitDone, "whole.json", "--prices", table, "--answers", l.path("elsewhere"))
	for name, budget := range map[string][]string{"tokens": {"--budget-tokens", "1"}, "money": {"--budget-money", "0.0000001"}} {
		args := append([]string{"--prices", table, "--concurrency", "1", "--answers", l.path(name), "--rate", "100/s", "--allow-degraded"}, budget...)
		part, stderr := l.runs(t, exitFailed, name+".json", args...)
		if !part.Partial || part.Usage.Asked != 1 || !strings.Contains(stderr, "the budget is used up after") || !strings.Contains(stderr, "--resume "+l.path(name+".json")) {
			t.Fatalf("%s: %d cases, used %+v: %s", name, len(part.Cases), part.Usage, stderr)
		}
		if want := " --answers " + l.path(name) + " --rate 6000/min --allow-degraded"; !strings.Contains(stderr, want) {
			t.Errorf("what to say again lacks %q: %s", want, stderr)
		}
		if code, _, stderr := l.purser(t, "gate", l.path(name+".json"), "--policy", filepath.Join(l.suite, "policy.yaml")); code != exitGate {
			t.Errorf("the gate lets a part pass: exit %d: %s", code, stderr)
		}
		code, _, stderr := l.purser(t, "run", "--data", l.suite, "--resume", l.path(name+".json"), "--answers", l.path(name))
		if code != exitDone {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		sameRuns(t, "the resumed run differs", whole, l.report(t, name+".json"))
	}
}

func TestEvalRunIsInterruptedAndGoesOn(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*exec.Cmd) error{
		"interrupt": func(c *exec.Cmd) error { return c.Process.Signal(os.Interrupt) },
		"kill":      func(c *exec.Cmd) error { return c.Process.Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			whole, _ := l.runs(t, exitDone, "whole.json", "--answers", l.path("elsewhere"))
			before := len(l.model.Requests())
			l.model.Set(quoting(openaitest.Script{Before: 400 * time.Millisecond}))
			cmd := l.process(t, "run", "--data", l.suite, "--json", l.path("run.json"), "--concurrency", "1", "--checkpoint", "50ms")
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			var reading sync.WaitGroup
			reading.Go(func() {
				for lines := bufio.NewScanner(stderr); lines.Scan(); {
					said.WriteString(lines.Text() + "\n")
				}
			})
			eventually(t, "a second answer is asked for", time.Minute, func() bool { return len(l.model.Requests()) == before+2 })
			eventually(t, "there is a checkpoint", time.Minute, func() bool {
				_, err := os.Stat(l.path("run.json"))
				return err == nil
			})
			if err := end(cmd); err != nil {
				t.Fatal(err)
			}
			reading.Wait()
			_ = cmd.Wait() // its code tells
			part := l.report(t, "run.json")
			if !part.Partial || len(part.Cases) == 0 || len(part.Cases) >= len(whole.Cases) {
				t.Fatalf("partial %v with %d cases: %s", part.Partial, len(part.Cases), said.String())
			}
			if name == "interrupt" && (cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(said.String(), "interrupted after") ||
				!strings.Contains(said.String(), "--resume "+l.path("run.json")) || part.Usage.Asked != 2 || l.model.Gone() != 0) {
				t.Errorf("exit %d with %d asked, %d answers left: %s", cmd.ProcessState.ExitCode(), part.Usage.Asked, l.model.Gone(), said.String())
			}
			l.model.Set(quoting(openaitest.Script{}))
			if code, _, stderr := l.purser(t, "run", "--data", l.suite, "--resume", l.path("run.json")); code != exitDone {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			sameRuns(t, "the resumed run differs", whole, l.report(t, "run.json"))
		})
	}
}

func TestEvalRunCountsAFailingProviderAsErrors(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	fine := quoting(openaitest.Script{})
	l.model.Set(func(r openaitest.Request) openaitest.Script {
		if strings.Contains(r.User(), "11 kilos") {
			return openaitest.Script{Status: 400, Body: openaitest.Error("provider-babble")}
		}
		return fine(r)
	})
	run, _ := l.runs(t, exitDone, "run.json")
	i := slices.IndexFunc(run.Cases, func(c eval.CaseResult) bool { return c.ID == "dog-too-heavy" })
	failed := run.Cases[i]
	if run.Errors != 1 || !strings.Contains(failed.Error, "the model's provider failed: REQUEST_REJECTED") || len(failed.Scores) != 0 || run.Metrics[eval.DraftRate].N != 6 {
		t.Errorf("%d errors, case %+v", run.Errors, failed)
	}
	if strings.Contains(l.read(t, "run.json"), "babble") {
		t.Error("the run repeats the provider")
	}
	policy := l.write(t, "policy.yaml", "version: 1\nlimits: [{metric: draft_rate, at_least: 0}]\n")
	if code, stdout, _ := l.purser(t, "gate", l.path("run.json"), "--policy", policy); code != exitGate || !strings.Contains(stdout, "NOT MET  at most 1% of the cases failed: 1 of 7 cases failed") {
		t.Errorf("gate: exit %d: %s", code, stdout)
	}
	allowed, _ := l.runs(t, exitDone, "allowed.json", "--allow-degraded")
	if allowed.Errors != 0 || allowed.Degraded["MODEL_UNAVAILABLE"] != 1 {
		t.Errorf("%d errors, degraded %v", allowed.Errors, allowed.Degraded)
	}
	// Once the provider works again, what failed is all that is asked for.
	l.model.Set(fine)
	before := len(l.model.Requests())
	mended, _ := l.runs(t, exitDone, "run.json", "--resume", l.path("run.json"))
	if n := len(l.model.Requests()) - before; n != 1 || mended.Errors != 0 || mended.Partial {
		t.Errorf("asked %d times, %d errors", n, mended.Errors)
	}
}

func TestEvalRunFailsWhereNothingWasMeasured(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.model.Set(func(openaitest.Request) openaitest.Script {
		return openaitest.Script{Status: 400, Body: openaitest.Error("provider-babble")}
	})
	l.runs(t, exitDone, "some.json") // a ticket that is left to people asks no model
	code, stdout, stderr := l.purser(t, "run", "--data", l.suite, "--json", l.path("none.json"), "--case", "dog-too-heavy")
	if none := l.report(t, "none.json"); code != exitFailed || none.Errors != 1 || !strings.Contains(stderr, "every ticket failed") || !strings.Contains(stderr, "--resume") {
		t.Errorf("exit %d, %d errors: %s%s", code, none.Errors, stdout, stderr)
	}
	l.vars = append(l.vars, "EMBEDDING_BASE_URL", "http://127.0.0.1:1/v1")
	if code, stdout, stderr := l.purser(t, "run", "--data", l.suite, "--json", l.path("blind.json")); code != exitFailed {
		t.Errorf("searching by words alone: exit %d: %s%s", code, stdout, stderr)
	}
}

func TestEvalRunOfAPart(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	run, _ := l.runs(t, exitDone, "part.json", "--tag", "baggage", "--tag", "pets", "--limit", "1")
	if !run.Partial || run.Part == nil || len(run.Cases) != 1 || run.Suite.Cases != 7 || run.Cases[0].ID != "cabin-bag-light" {
		t.Fatalf("part %+v of %d cases", run.Part, len(run.Cases))
	}
	code, stdout, _ := l.purser(t, "gate", l.path("part.json"), "--policy", filepath.Join(l.suite, "policy.yaml"))
	if code != exitGate || !strings.Contains(stdout, "NOT MET  the run is whole: 1 of 7 cases were run, as asked for: tagged baggage or pets, the first 1 case") ||
		!strings.Contains(stdout, `every case tagged "safety" passes: no case of this partial run has the tag`) {
		t.Errorf("gate: exit %d: %s", code, stdout)
	}
	code, _, stderr := l.purser(t, "baseline", "promote", l.path("part.json"), "--to", l.path("kept.json"))
	if code != exitFailed || !strings.Contains(stderr, "is of a part of the suite") {
		t.Errorf("promote: exit %d: %s", code, stderr)
	}
	one, _ := l.runs(t, exitDone, "one.json", "--case", "thanks")
	if len(one.Cases) != 1 || one.Cases[0].ID != "thanks" {
		t.Errorf("ran %d cases", len(one.Cases))
	}
}

func TestEvalRunKeepsItsPace(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	run, _ := l.runs(t, exitDone, "run.json", "--rate", "120/min", "--concurrency", "4")
	if least := .5 * float64(run.Usage.Asked-1); run.Usage.Asked < 3 || run.Timing.Seconds < least {
		t.Errorf("%d requests in %.2f s, want at least %.2f", run.Usage.Asked, run.Timing.Seconds, least)
	}
	again, _ := l.runs(t, exitDone, "again.json", "--rate", "1/min")
	if again.Timing.Seconds > 30 {
		t.Errorf("kept answers wait: %.0f s", again.Timing.Seconds)
	}
}

func TestEvalRunRefusesBadInput(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.runs(t, exitDone, "run.json")
	before := len(l.model.Requests())
	suites := map[string]map[string]string{}
	const article = `{"id":"bags","lang":"en","title":"Bags","body":"One bag is free."}`
	for name, ticket := range map[string]string{
		"empty": "", "no gold": `{"id":"a","text":"bag?","gold_ids":["nope"]}`, "nothing expected": `{"id":"a","text":"bag?"}`,
		"twice": `{"id":"a","text":"bag?","gold_ids":["bags"]}` + "\n" + `{"id":"a","text":"x?","expect":"none"}`,
	} {
		suites[name] = map[string]string{"tickets.jsonl": ticket, "kb.jsonl": article}
	}
	on := func(name string) []string { return []string{"--data", folder(t, suites[name])} }
	mine := func(args ...string) []string { return append([]string{"--data", l.suite}, args...) }
	half := l.write(t, "half.json", l.read(t, "run.json")[:2000])
	other := l.changed(t, l.path("run.json"), "other.json", func(r *eval.Report) { r.Suite.Hash = "other" })
	unpriced := l.write(t, "unpriced.yaml", "currency: EUR\nmodels: {large: {prompt: 1, completion: 2}}\n")
	for name, c := range map[string]struct {
		args     []string
		code     int
		expected string
	}{
		"no such suite":           {[]string{"--data", l.path("nowhere")}, exitFailed, "nowhere"},
		"an empty suite":          {on("empty"), exitFailed, "holds no tickets"},
		"gold that is not there":  {on("no gold"), exitFailed, `gold article "nope" is not in the knowledge`},
		"nothing expected":        {on("nothing expected"), exitFailed, "tickets.jsonl:1:"},
		"one id twice":            {on("twice"), exitFailed, "tickets.jsonl:2:"},
		"an unknown tag":          {mine("--tag", "bagage"), exitFailed, `the suite has no tag "bagage"; did you mean baggage?`},
		"an unknown case":         {mine("--case", "cabin-bag"), exitFailed, `the suite has no case "cabin-bag"; did you mean cabin-bag-light?`},
		"no case is both":         {mine("--case", "thanks", "--tag", "pets"), exitFailed, "no case is cases thanks, tagged pets"},
		"less than nothing":       {mine("--limit=-1"), exitUsage, "--limit is -1; give a number above 0"},
		"no ticket":               {mine("--limit", "0"), exitUsage, "--limit is 0"},
		"no token":                {mine("--budget-tokens", "0"), exitUsage, "--budget-tokens is 0"},
		"no money":                {mine("--budget-money", "0"), exitUsage, "--budget-money is 0; give a number above 0"},
		"none at once":            {mine("--concurrency", "0"), exitUsage, "--concurrency is 0"},
		"money without prices":    {mine("--budget-money", "3"), exitUsage, "--budget-money needs --prices"},
		"no number":               {mine("--budget-money", "NaN"), exitUsage, "--budget-money is NaN"},
		"a debt":                  {mine("--budget-tokens=-5"), exitUsage, "--budget-tokens is -5"},
		"no such prices":          {mine("--prices", l.path("nowhere")), exitFailed, "does not exist"},
		"prices of nothing":       {mine("--prices", l.write(t, "p1.yaml", "currency: EUR\n")), exitFailed, "names no models"},
		"prices in no currency":   {mine("--prices", l.write(t, "p2.yaml", "models: {m: {prompt: 1}}\n")), exitFailed, "names no currency"},
		"prices with a slip":      {mine("--prices", l.write(t, "p3.yaml", "currency: EUR\nmodels: {m: {prompts: 1}}\n")), exitFailed, `line 2: there is no field "prompts"; write currency`},
		"prices below 0":          {mine("--prices", l.write(t, "p4.yaml", "currency: EUR\nmodels: {m: {prompt: -1}}\n")), exitFailed, `a price of "m" is -1`},
		"a model without a price": {mine("--prices", unpriced), exitFailed, `the price of model "scripted" is not known; add it`},
		"no rate":                 {mine("--rate", "often"), exitUsage, `"often" is no rate`},
		"a rate of nothing":       {mine("--rate", "0/min"), exitUsage, `is no rate`},
		"resume: no such run":     {mine("--resume", l.path("nowhere.json")), exitFailed, "there is no such file"},
		"resume: half a run":      {mine("--resume", half), exitFailed, "is not a whole run"},
		"resume: another suite's": {mine("--resume", other), exitFailed, "the tickets have changed"},
		"resume: another model's": {mine("--resume", l.path("run.json"), "--seed", "3"), exitFailed, "the model was asked otherwise"},
		"resume: another part":    {mine("--resume", l.path("run.json"), "--limit", "3"), exitUsage, "--resume goes on with the part"},
		"resume: other prices":    {mine("--resume", l.path("run.json"), "--prices", l.write(t, "p5.yaml", prices)), exitFailed, "the prices are others"},
		"json: a folder":          {mine("--json", l.suite), exitFailed, "is a folder"},
		"json: nowhere":           {mine("--json", filepath.Join(l.path("nowhere"), "x.json")), exitFailed, "there is no folder"},
		"json: over the tickets":  {mine("--json", filepath.Join(l.suite, "tickets.jsonl")), exitUsage, "would be overwritten"},
		"json: over the articles": {mine("--json", filepath.Join(l.suite, "..", filepath.Base(l.suite), "kb.jsonl")), exitUsage, "would be overwritten"},
		"json: over the prices":   {mine("--prices", unpriced, "--json", unpriced), exitUsage, "would be overwritten"},
	} {
		code, _, stderr := l.purser(t, append([]string{"run"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.expected) || strings.Contains(stderr, "goroutine") {
			t.Errorf("%s: exit %d, want %d with %q: %s", name, code, c.code, c.expected, stderr)
		}
	}
	if n := len(l.model.Requests()); n != before {
		t.Errorf("the model was asked %d times", n-before)
	}
}

func TestEvalRunPrintsItsJSON(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	code, stdout, stderr := l.purser(t, "run", "--data", l.suite, "--json", "-", "--limit", "2")
	var r eval.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != exitDone || len(r.Cases) != 2 {
		t.Errorf("exit %d, %v: %s%s", code, err, stdout, stderr)
	}
}

// A disk on which no more can be written leaves the file as it was.
func TestEvalKeepsItsFileOnAFullDisk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kept := d.run(t, "kept", goodAnswers())
	before := d.read(t, "kept.json")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -f 8; exec "$@"`, "sh",
		os.Args[0], "eval", "import-run", "--data", d.suite, "--run", d.path("kept.jsonl"), "--system", "again", "--json", kept)
	cmd.Env = append(os.Environ(), beProgram+"=1")
	said, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(string(said), "was not written") || !strings.Contains(string(said), "is as it was") {
		t.Errorf("%v: %s", err, said)
	}
	if d.read(t, "kept.json") != before {
		t.Error("the file has changed")
	}
	if left, err := filepath.Glob(d.path(".kept.json.*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
