package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/judge"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// judgeServer is a model that passes replies that hold none of the words, and
// fails the others.
func judgeServer(t *testing.T, words ...string) *openaitest.Server {
	t.Helper()
	m := openaitest.New(func(r openaitest.Request) openaitest.Script {
		_, reply, _ := strings.Cut(r.User(), "The reply to judge:")
		pass := true
		for _, w := range words {
			pass = pass && !strings.Contains(reply, w)
		}
		return openaitest.Script{Text: fmt.Sprintf(`{"reason": "It says so.", "pass": %v}`, pass)}
	})
	t.Cleanup(m.Close)
	return m
}

// judgeDesk is a desk with replies that people rated: 60 good, 40 with "wrong"
// in them, and a judge that finds them.
type judgeDesk struct {
	desk
	ratings string
	home    string
}

func newJudgeDesk(t *testing.T) judgeDesk {
	t.Helper()
	d := judgeDesk{desk: newDesk(t), home: t.TempDir()}
	var lines strings.Builder
	for i := range 100 {
		reply, rating := "It is free.", 5
		if i%5 < 2 {
			reply, rating = "It is wrong.", 1
		}
		fmt.Fprintf(&lines, `{"idx":%d,"gold_knowledge":["One bag is free."],"human_reply":"One bag is free.","system_reply":"%s %d","accuracy":[%d,%d,3]}`+"\n", i, reply, i, rating, rating)
	}
	d.ratings = d.write(t, "rated.jsonl", lines.String())
	return d
}

func (d judgeDesk) getenv(m *openaitest.Server, more ...string) func(string) string {
	return environment(append([]string{"PURSER_HOME", d.home, "JUDGE_BASE_URL", m.BaseURL(), "JUDGE_MODEL", "judge-1"}, more...)...)
}

// calibrate writes a calibration; it must end with the code.
// withEvidence adds to answers what they drew on.
func withEvidence(answers []string) []string {
	for i, a := range answers {
		answers[i] = strings.Replace(a, `,"text":`, `,"evidence":[{"key":"pets","text":"A dog of up to 8 kg may travel in the cabin."}],"text":`, 1)
	}
	return answers
}

func (d judgeDesk) calibrate(t *testing.T, want int, m *openaitest.Server, name string, args ...string) (path, said string) {
	t.Helper()
	path = d.path(name)
	code, stdout, stderr := purser(t, d.getenv(m), "", append([]string{"eval", "judge", "calibrate", "--ratings", d.ratings, "--out", path}, args...)...)
	if code != want {
		t.Fatalf("exit %d, want %d: %s", code, want, stderr)
	}
	return path, stdout
}

func TestJudgeCountsOnceItAgreesWithPeople(t *testing.T) {
	t.Parallel()
	d := newJudgeDesk(t)
	m := judgeServer(t, "wrong", "sorry")
	path, said := d.calibrate(t, exitDone, m, "judge.json", "--temperature", "0")
	for _, part := range []string{"κ of judge and people's majority", "1.000", "true negative rate", "Trusted: its verdicts count"} {
		if !strings.Contains(said, part) {
			t.Errorf("%q is not said:\n%s", part, said)
		}
	}
	first := m.Requests()[0]
	if first.Stream || first.Temperature == nil || *first.Temperature > 1e-6 || first.Seed == nil || first.Authorization != "" {
		t.Errorf("asked with %s", first.Raw)
	}
	// Again, it costs nothing and gives the same bytes.
	asked, kept := len(m.Requests()), d.read(t, "judge.json")
	if _, said = d.calibrate(t, exitDone, m, "again.json", "--temperature", "0"); len(m.Requests()) != asked || !strings.Contains(said, "Trusted") {
		t.Errorf("asked %d times again: %s", len(m.Requests())-asked, said)
	}
	if d.read(t, "again.json") != kept {
		t.Error("the same answers make another calibration")
	}
	run := d.run(t, "good", withEvidence(goodAnswers()))
	code, stdout, stderr := purser(t, d.getenv(m), "", "eval", "judge", "run", run, "--calibration", path, "--json", d.path("judged.json"))
	if code != exitDone || !strings.Contains(stdout, "its verdicts count. Against people on 100 replies: κ 1.00") || !strings.Contains(stdout, "judge_pass_corrected") {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	report, err := eval.ReadReport(d.path("judged.json"))
	if err != nil {
		t.Fatal(err)
	}
	if m := report.Metrics[eval.JudgePass]; m.N != 4 || m.Value != .75 {
		t.Errorf("metric: %+v", m)
	}
	policy := d.write(t, "judged.yaml", "version: 1\nlimits: [{metric: judge_pass, at_least: 0.7}]\n")
	if code, stdout, stderr = purser(t, noEnvironment, "", "eval", "gate", d.path("judged.json"), "--policy", policy); code != exitDone {
		t.Errorf("gate: exit %d: %s%s", code, stdout, stderr)
	}
	if code, stdout, _ = purser(t, noEnvironment, "", "eval", "gate", run, "--policy", policy); code != exitGate || !strings.Contains(stdout, "no judge judged the run") {
		t.Errorf("gate without a judge: exit %d: %s", code, stdout)
	}
	code, stdout, _ = purser(t, d.getenv(m), "", "eval", "judge", "run", run, "--calibration", path, "--times", "1", "--json", "-")
	var other eval.Report
	if err := json.Unmarshal([]byte(stdout), &other); err != nil || code != exitDone {
		t.Fatalf("exit %d: %v", code, err)
	}
	if other.Judge.Counts || !strings.Contains(other.Judge.WhyNot[0], "asked 1× and was calibrated with 3×") {
		t.Errorf("judge: %+v", other.Judge)
	}
}

func TestJudgeThatDoesNotAgreeDoesNotCount(t *testing.T) {
	t.Parallel()
	d := newJudgeDesk(t)
	m := judgeServer(t)
	path, said := d.calibrate(t, exitGate, m, "judge.json", "--times", "1", "--limit", "40", "--seed", "2")
	for _, part := range []string{"on 40 of 100 replies", "Not trusted: its verdicts are shown and do not count.", "κ with people is 0.00"} {
		if !strings.Contains(said, part) {
			t.Errorf("%q is not said:\n%s", part, said)
		}
	}
	if c, err := judge.ReadCalibration(path); err != nil || c.Trusted || len(c.Replies) != 40 || math.Abs(c.Agreement.TrueNegative.Value) > 0 {
		t.Errorf("calibration: %+v, %v", c.Agreement, err)
	}
	run := d.run(t, "good", withEvidence(goodAnswers()))
	code, stdout, stderr := purser(t, d.getenv(m), "", "eval", "judge", "run", run, "--calibration", path, "--json", d.path("judged.json"))
	if code != exitDone || !strings.Contains(stdout, "its verdicts do NOT count: κ with people") || strings.Contains(stdout, "judge_pass") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

func TestJudgeSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given           []string
		url, key, model string
	}{
		"all its own":          {[]string{"JUDGE_BASE_URL", "http://j/v1", "JUDGE_API_KEY", "jk", "JUDGE_MODEL", "jm", "OPENAI_API_KEY", "ok"}, "http://j/v1", "jk", "jm"},
		"those of the drafter": {[]string{"OPENAI_BASE_URL", "http://o/v1", "OPENAI_API_KEY", "ok", "OPENAI_MODEL", "om"}, "http://o/v1", "ok", "om"},
		"another model":        {[]string{"OPENAI_BASE_URL", "http://o/v1", "OPENAI_API_KEY", "ok", "JUDGE_MODEL", "jm"}, "http://o/v1", "ok", "jm"},
		"a key stays at home":  {[]string{"JUDGE_BASE_URL", "http://j/v1", "OPENAI_API_KEY", "ok", "JUDGE_MODEL", "jm"}, "http://j/v1", "", "jm"},
	} {
		s, err := settings.Load("", environment(c.given...))
		if err != nil {
			t.Fatal(err)
		}
		s.FillJudge()
		if s.JudgeURL != c.url || s.JudgeKey != c.key || s.JudgeModel != c.model {
			t.Errorf("%s: %q %q %q", name, s.JudgeURL, s.JudgeKey, s.JudgeModel)
		}
	}
}

func TestJudgeRubricIsPrinted(t *testing.T) {
	t.Parallel()
	code, stdout, _ := purser(t, noEnvironment, "", "eval", "judge", "rubric")
	if code != exitDone || strings.TrimSpace(stdout) != judge.DefaultRubric() {
		t.Errorf("exit %d: %s", code, stdout)
	}
}

func TestJudgeRefusesBadInput(t *testing.T) {
	t.Parallel()
	d := newJudgeDesk(t)
	run := d.run(t, "good", withEvidence(goodAnswers()))
	silent := d.changed(t, run, "silent.json", func(r *eval.Report) {
		for i := range r.Cases {
			r.Cases[i].Text = ""
		}
	})
	script := func(s openaitest.Script) *openaitest.Server { return model(t, s) }
	good := judgeServer(t)
	empty, broken, rubric := d.write(t, "empty.jsonl", "\n"), d.write(t, "broken.jsonl", "Dear all,"), d.write(t, "rubric.txt", " \n")
	calibrate := func(args ...string) []string {
		return append([]string{"eval", "judge", "calibrate", "--out", d.path("out.json"), "--ratings"}, args...)
	}
	review := func(args ...string) []string {
		return append([]string{"eval", "judge", "run", "--json", d.path("out.json")}, args...)
	}
	for name, c := range map[string]struct {
		model *openaitest.Server
		args  []string
		code  int
		said  string
	}{
		"no model":               {nil, calibrate(d.ratings), exitUsage, "set JUDGE_MODEL"},
		"no ratings":             {good, calibrate(d.path("none")), exitFailed, "name a file of rated replies"},
		"an empty folder":        {good, calibrate(d.suite), exitFailed, "name a file of rated replies, or a folder with rated.jsonl"},
		"an empty file":          {good, calibrate(empty), exitFailed, "there are no rated replies in it"},
		"no JSON":                {good, calibrate(broken), exitFailed, "line 1 is no rated reply"},
		"an even number":         {good, calibrate(d.ratings, "--times", "2"), exitUsage, "odd number of times"},
		"no times":               {good, calibrate(d.ratings, "--times", "0"), exitUsage, "--times is 0"},
		"too hot":                {good, calibrate(d.ratings, "--temperature", "3"), exitUsage, "temperature is 3"},
		"no temperature":         {good, calibrate(d.ratings, "--temperature", "NaN"), exitUsage, "temperature is NaN"},
		"a negative limit":       {good, calibrate(d.ratings, "--limit=-1"), exitUsage, "--limit is -1"},
		"no hands":               {good, calibrate(d.ratings, "--concurrency", "0"), exitUsage, "--concurrency is 0"},
		"an empty rubric":        {good, calibrate(d.ratings, "--rubric", rubric), exitUsage, "is empty; write what makes a reply pass"},
		"over its ratings":       {good, []string{"eval", "judge", "calibrate", "--ratings", d.ratings, "--out", d.ratings}, exitUsage, "would be overwritten"},
		"prose":                  {script(openaitest.Script{Text: "The secret reply is fine."}), calibrate(d.ratings, "--concurrency", "1"), exitFailed, "gave no verdict on 10 of 10 replies: it answered with prose ("},
		"a wrong key":            {script(openaitest.Script{Status: 401, Body: "{}"}), calibrate(d.ratings), exitFailed, "HTTP 401"},
		"no such model":          {script(openaitest.Script{Status: 404, Body: "{}"}), calibrate(d.ratings), exitFailed, "HTTP 404"},
		"a request it refuses":   {script(openaitest.Script{Status: 400, Body: "{}"}), calibrate(d.ratings, "--concurrency", "1"), exitFailed, "5 of 5 replies could not be judged"},
		"the budget":             {judgeServer(t), calibrate(d.ratings, "--budget-tokens", "1"), exitFailed, "budget is used up"},
		"no such run":            {good, review(d.path("none.json")), exitFailed, "there is no such file"},
		"no calibration":         {good, review(run, "--calibration", d.path("none.json")), exitFailed, "\"purser eval judge calibrate\" writes it"},
		"a run as a calibration": {good, review(run, "--calibration", run), exitFailed, "is no calibration of format 1"},
		"silence":                {good, review(silent), exitFailed, "no draft to judge"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			getenv := environment("PURSER_HOME", t.TempDir())
			if c.model != nil {
				getenv = environment("PURSER_HOME", t.TempDir(), "JUDGE_BASE_URL", c.model.BaseURL(), "JUDGE_MODEL", "judge-1")
			}
			code, _, stderr := purser(t, getenv, "", c.args...)
			if code != c.code || !strings.Contains(stderr, c.said) || strings.Contains(stderr, "secret reply") {
				t.Errorf("exit %d, want %d with %q: %s", code, c.code, c.said, stderr)
			}
		})
	}
	t.Cleanup(func() {
		if _, err := os.Stat(d.path("out.json")); err == nil {
			t.Error("a command that failed left a file")
		}
	})
}
