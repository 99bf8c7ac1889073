package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestEvalImportRunTellsOfForeignArticles(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	answers := instead(goodAnswers(), 4, `{"id":"no-article","text":"","ranked":["elsewhere"]}`)
	code, _, stderr := purser(t, noEnvironment, "", "eval", "import-run", "--data", d.suite, "--system", "x", "--json", d.path("x.json"),
		"--run", d.write(t, "x.jsonl", strings.Join(answers, "\n")))
	if want := `1 article stands in ranked, such as "elsewhere"`; code != exitDone || !strings.Contains(stderr, want) {
		t.Errorf("exit %d, want %q: %s", code, want, stderr)
	}
}

func TestEvalImportRunWarnsOfWhatIsNotRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	imported := func(name, content string) (int, string, string) {
		return purser(t, noEnvironment, "", "eval", "import-run", "--data", d.suite, "--system", "x", "--json", d.path(name+".json"), "--run", d.write(t, name+".jsonl", content))
	}
	good := strings.Join(goodAnswers(), "\n")
	code, stdout, stderr := imported("some", strings.ReplaceAll(good, `"ranked"`, `"rankings"`))
	if code != exitDone || !strings.Contains(stderr, `warning: some.jsonl:1: the field "rankings" is not read (4 times); did you mean ranked?`) ||
		!strings.Contains(stdout, "The run tells nothing of ranked, evidence, so these are not measured: hit_at_1") || strings.Contains(stdout, " hit_at_1 ") {
		t.Errorf("one field: exit %d: %s%s", code, stdout, stderr)
	}
	none := regexp.MustCompile(`"(ranked|cited|text|reason|outcome|confidence)"`).ReplaceAllString(good, `"x_$1"`)
	if code, _, stderr = imported("none", none); code != exitFailed || !strings.Contains(stderr, "no line tells anything that is read besides id") {
		t.Errorf("no field: exit %d: %s", code, stderr)
	}
	if _, err := os.Stat(d.path("none.json")); err == nil {
		t.Error("a run was written all the same")
	}
	if code, _, stderr = imported("cites", strings.ReplaceAll(good, `"cited":["`, `"cited":["x-`)); code != exitFailed || !strings.Contains(stderr, "no article in cited is one of the suite's") {
		t.Errorf("foreign citations: exit %d: %s", code, stderr)
	}
}

func TestEvalReadsARunThatTellsLittle(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	good := d.run(t, "good", goodAnswers())
	var texts, rankings []string
	for _, line := range goodAnswers() {
		var a struct {
			ID     string   `json:"id"`
			Ranked []string `json:"ranked"`
			Text   string   `json:"text"`
		}
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(map[string]any{"id": a.ID, "text": a.Text, "ranked": a.Ranked})
		if err != nil {
			t.Fatal(err)
		}
		ranking, err := json.Marshal(map[string]any{"id": a.ID, "ranked": a.Ranked})
		if err != nil {
			t.Fatal(err)
		}
		texts, rankings = append(texts, string(text)), append(rankings, string(ranking))
	}
	plain, ranked := d.run(t, "plain", texts), d.run(t, "ranked", rankings)
	policy := d.write(t, "policy.yaml", "version: 1\nlimits:\n  - {metric: citation_recall, at_least: 0.1}\nno_worse:\n  - {metric: human_recall, margin: 0.1}\n")
	for name, c := range map[string]struct {
		args     []string
		code     int
		expected string
	}{
		"compare":            {[]string{"compare", good, plain, "--diff"}, exitDone, "B tells nothing of outcome, reason, cited, evidence, confidence, so these are not measured: gold_in_evidence"},
		"gate: limit":        {[]string{"gate", plain, "--policy", policy, "--baseline", good}, exitGate, "only 0 of the cases count for it, and 1 must"},
		"gate: no worse":     {[]string{"gate", plain, "--policy", policy, "--baseline", good}, exitGate, "only 0 of the cases count for it in both runs"},
		"report":             {[]string{"report", plain, "--html", d.path("plain.html")}, exitDone, "7 cases"},
		"simulate":           {[]string{"simulate", plain, "--weeks", "1", "--replications", "2"}, exitDone, "planning tool"},
		"simulate: rankings": {[]string{"simulate", ranked}, exitFailed, "does not tell which tickets got a draft"},
		"calibrate":          {[]string{"calibrate", plain, "--out", d.path("profile.json")}, exitFailed, "records no features of retrieval"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := purser(t, noEnvironment, "", append([]string{"eval"}, c.args...)...)
			if code != c.code || !strings.Contains(stdout+stderr, c.expected) {
				t.Errorf("exit %d, want %d with %q: %s%s", code, c.code, c.expected, stdout, stderr)
			}
			if c.args[0] == "report" {
				if page := d.read(t, "plain.html"); !strings.Contains(page, "The run tells nothing of outcome") || strings.Contains(page, "confidence 0.000") {
					t.Error("the page does not tell what is unknown, or makes up a confidence")
				}
			}
		})
	}
}
