package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/sample"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/suggest"
)

// manyThings are more than 300 suggestions and what became of them.
func manyThings() []happening {
	draft := suggest.OutcomeDraft
	return []happening{
		{stratum: "approved", times: 110, outcome: draft, does: func(l *life) { l.decide(suggest.DecisionApprove, "", ""); l.replies(l.draft) }},
		{stratum: "edited", times: 60, outcome: draft, does: func(l *life) {
			l.decide(suggest.DecisionEdit, strings.Replace(l.draft, "A refund takes 7 days.", "Your refund to "+l.person.iban+" is on its way.", 1), "")
		}},
		{stratum: "discarded:WRONG", times: 15, outcome: draft, does: func(l *life) { l.decide(suggest.DecisionDiscard, "", "WRONG"); l.replies(l.own()) }},
		{stratum: "discarded:NOT_NEEDED", times: 4, outcome: draft, does: func(l *life) { l.decide(suggest.DecisionDiscard, "", "NOT_NEEDED") }},
		{stratum: "own", times: 25, outcome: draft, does: func(l *life) { l.decide(suggest.DecisionOwn, l.own(), "") }},
		{stratum: "ignored", times: 30, outcome: draft, does: func(l *life) { l.replies(l.own()) }},
		{stratum: "abstained:NO_KNOWLEDGE", times: 40, outcome: suggest.OutcomeNoDraft, reason: suggest.ReasonNoKnowledge, does: func(l *life) { l.replies(l.own()) }},
		{stratum: "abstained:NOTHING_TO_ANSWER", times: 12, outcome: suggest.OutcomeNoDraft, reason: suggest.ReasonNothingToAnswer, does: func(l *life) { l.resolve() }},
		{stratum: "human:LEGAL", times: 8, outcome: suggest.OutcomeHumanOnly, reason: suggest.ReasonLegal, does: func(l *life) { l.replies(l.own()) }},
		{stratum: "unaided", times: 50, none: true, does: func(l *life) { l.replies(l.own()) }},
		{stratum: "unanswered", times: 20, none: true},
	}
}

func readCases(t *testing.T, dir string) []sample.Case {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, suite.TicketsFile))
	if err != nil {
		t.Fatal(err)
	}
	var cases []sample.Case
	for line := range bytes.Lines(raw) {
		var c sample.Case
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// filesOf reads all files of a folder.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func stratumOf(c sample.Case) string {
	for _, tag := range c.Tags {
		if name, ok := strings.CutPrefix(tag, "stratum:"); ok {
			return name
		}
	}
	return ""
}

func TestSample(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.knows(skerryArticles()...)
	p.happens(manyThings()...)
	dir := t.TempDir()
	take := func(name string, args ...string) string {
		out := filepath.Join(dir, name)
		code, _, stderr := purser(t, p.operator, "", append([]string{"eval", "sample", "--workspace", p.name, "--from", "2026-03-01", "--to", "2026-04-30", "--n", "200", "--out", out}, args...)...)
		if code != exitDone {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		return out
	}
	sampled := take("suite")
	cases := readCases(t, sampled)

	t.Run("weights undo the sampling", func(t *testing.T) {
		strata, channels, all := map[string]float64{}, map[suggest.Channel]float64{}, 0.0
		// Each ticket holds an earlier message that was answered, too.
		earlier := 0.0
		for _, c := range cases {
			strata[stratumOf(c)] += c.Weight
			all += c.Weight
			if len(c.Messages) == 0 {
				earlier += c.Weight
				continue
			}
			channels[c.Channel] += c.Weight
		}
		population := 0
		for name, n := range p.strata {
			population += n
			if name == "unaided" {
				continue
			}
			if math.Abs(strata[name]-float64(n)) > 1e-9 {
				t.Errorf("%s: weights come to %v, there were %d", name, strata[name], n)
			}
		}
		if len(cases) != 200 || math.Abs(all-2*float64(population)) > 1e-6 || math.Abs(earlier-float64(population)) > .15*float64(population) {
			t.Errorf("%d cases stand for %v messages, %v of them first ones; there were twice %d", len(cases), all, earlier, population)
		}
		for channel, n := range p.onChannel {
			// Which of a stratum are taken is chance: four standard errors.
			got, want := channels[channel]/(all-earlier), float64(n)/float64(population)
			if math.Abs(got-want) > .14 {
				t.Errorf("%s: weighted share %.3f, in the population %.3f", channel, got, want)
			}
		}
	})

	t.Run("nothing personal leaves", func(t *testing.T) {
		for name, content := range filesOf(t, sampled) {
			lower, digits := strings.ToLower(content), strings.NewReplacer(" ", "", "-", "").Replace(content)
			for _, secret := range append(p.personal, string(p.w), "CRM-", p.name) {
				if strings.Contains(lower, strings.ToLower(secret)) || len(secret) > 8 && strings.Contains(digits, strings.ReplaceAll(secret, " ", "")) {
					t.Fatalf("%s holds %q", name, secret)
				}
			}
		}
		for _, kept := range []string{"+47 22 33 44 55", "Light", "129.90 EUR", "2026-05-03"} {
			if !strings.Contains(filesOf(t, sampled)[suite.TicketsFile], kept) {
				t.Errorf("%q, which anyone may know, is gone", kept)
			}
		}
	})

	t.Run("what is claimed", func(t *testing.T) {
		for _, c := range cases {
			if len(c.Messages) == 0 {
				continue
			}
			name := stratumOf(c)
			want := map[string]suite.Expect{
				"approved": suite.ExpectAnswer, "edited": suite.ExpectAnswer, "abstained:NOTHING_TO_ANSWER": suite.ExpectNone, "discarded:NOT_NEEDED": suite.ExpectNone,
			}[name]
			if want == "" {
				want = suite.ExpectOpen
			}
			gold := map[string]string{"approved": "bags,refunds", "edited": "bags"}[name]
			replied := name != "abstained:NOTHING_TO_ANSWER" && name != "discarded:NOT_NEEDED" && name != "unanswered"
			if c.Expect != want || strings.Join(c.GoldIDs, ",") != gold || (c.GoldReply != "") != replied || (c.Review != "") != (want == suite.ExpectOpen) {
				t.Errorf("%s: expect %s, gold %v, reply %q, review %q", name, c.Expect, c.GoldIDs, c.GoldReply, c.Review)
			}
		}
	})

	t.Run("it can be used", func(t *testing.T) {
		code, stdout, stderr := purser(t, noEnvironment, "", "eval", "check", "--data", sampled)
		if code != exitDone || !strings.Contains(stdout, "200 cases and 3 articles, no errors") {
			t.Errorf("check: exit %d: %s%s", code, stdout, stderr)
		}
		out := filepath.Join(dir, "run.json")
		code, stdout, stderr = purser(t, p.operator, "", "eval", "run", "--data", sampled, "--json", out)
		if code != exitDone || !strings.Contains(stdout, "it stands for 748 tickets") {
			t.Fatalf("run: exit %d: %s%s", code, stdout, stderr)
		}
		report, err := eval.ReadReport(out)
		if err != nil || report.Errors > 0 || report.Weighted[eval.DraftRate].N != 200 {
			t.Errorf("%v, %+v", err, report.Weighted)
		}
	})

	t.Run("a seed takes the same again", func(t *testing.T) {
		few := filesOf(t, take("few", "--n", "40"))
		equal(t, filesOf(t, take("again", "--n", "40")), few)
		if other := filesOf(t, take("other", "--n", "40", "--seed", "2")); other[suite.TicketsFile] == few[suite.TicketsFile] {
			t.Error("another seed took the same")
		}
		keyed := filepath.Join(dir, "secret")
		if err := os.WriteFile(keyed, []byte("a secret of forty characters, or nearly so"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, c := range readCases(t, take("keyed", "--n", "40", "--key-file", keyed)) {
			if strings.Contains(few[suite.TicketsFile], c.ID) {
				t.Fatal("another key gave the same id")
			}
		}
	})

	t.Run("more than there is", func(t *testing.T) {
		// Forty hours of a ticket each, with two messages.
		all := readCases(t, take("all", "--n", "5000", "--no-knowledge", "--to", "2026-03-03"))
		if len(all) != 80 {
			t.Errorf("%d cases", len(all))
		}
		for _, c := range all {
			if c.Weight != 1 {
				t.Fatalf("weight %v", c.Weight)
			}
		}
	})
}

func TestSampleRefuses(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.knows(skerryArticles()...)
	p.happens(manyThings()[5:8]...)
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "notes.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(full, "notes.txt")
	empty := pgtest.New(t)
	days := []string{"--from", "2026-03-01", "--to", "2026-03-31"}
	for name, c := range map[string]struct {
		getenv func(string) string
		args   []string
		code   int
		says   string
	}{
		"a name that is not there":  {p.operator, append([]string{"--workspace", "Nobody Air"}, days...), exitFailed, "no workspace named"},
		"an id that is not there":   {p.operator, append([]string{"--workspace", "01890a5d-ac96-774b-bcce-b302099a8057"}, days...), exitFailed, "no workspace with the id"},
		"a name without the owner":  {environment("DATABASE_URL", p.schema.ServerURL), append([]string{"--workspace", p.name}, days...), exitUsage, "DATABASE_OWNER_URL"},
		"no database named":         {noEnvironment, append([]string{"--workspace", p.name}, days...), exitUsage, "DATABASE_URL"},
		"a database that is down":   {environment("DATABASE_URL", "postgres://a:b@127.0.0.1:1/x"), append([]string{"--workspace", string(p.w)}, days...), exitFailed, "can't be reached"},
		"as the owner":              {environment("DATABASE_URL", p.schema.OwnerURL), append([]string{"--workspace", string(p.w)}, days...), exitFailed, "own"},
		"nothing in that time":      {p.operator, []string{"--workspace", p.name, "--from", "2020-01-01", "--to", "2020-01-31"}, exitFailed, "name another time"},
		"a wrong day":               {p.operator, []string{"--workspace", p.name, "--from", "yesterday"}, exitUsage, "is no day"},
		"an end before the start":   {p.operator, []string{"--workspace", p.name, "--from", "2026-03-02", "--to", "2026-02-01"}, exitUsage, "behind"},
		"too few for what happened": {p.operator, append([]string{"--workspace", p.name, "--n", "2"}, days...), exitFailed, "ask for at least"},
		"none at all":               {p.operator, append([]string{"--workspace", p.name, "--n", "0"}, days...), exitUsage, "at least 1"},
		"a short secret":            {p.operator, append([]string{"--workspace", p.name, "--key-file", short}, days...), exitUsage, "random secret"},
		"a folder with something":   {p.operator, append([]string{"--workspace", p.name, "--out", full}, days...), exitFailed, "never overwrites"},
		"a workspace of another":    {environment("DATABASE_URL", empty.ServerURL), append([]string{"--workspace", string(p.w)}, days...), exitFailed, "no workspace with the id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			args := append([]string{"eval", "sample"}, c.args...)
			if !strings.Contains(strings.Join(args, " "), "--out") {
				args = append(args, "--out", filepath.Join(parent, "suite"))
			}
			code, stdout, stderr := purser(t, c.getenv, "", args...)
			if code != c.code || !strings.Contains(stderr, c.says) || strings.Contains(stderr, "panic") {
				t.Errorf("exit %d: %s%s", code, stdout, stderr)
			}
			if left := filesOf(t, parent); len(left) > 0 {
				t.Errorf("it left %v", left)
			}
		})
	}
}
