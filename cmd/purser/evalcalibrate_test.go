package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
)

// plantedRun writes a run whose tickets are answerable where a feature leads.
func plantedRun(t *testing.T, dir, name string, change func(*eval.Report)) string {
	t.Helper()
	random := rand.New(rand.NewPCG(7, uint64(len(name))))
	r := eval.Report{
		Format: eval.Format, Suite: eval.SuiteInfo{Name: name, Hash: name, KnowledgeHash: name, Cases: 150},
		Configuration: eval.Configuration{Versions: []string{"1"}, Spaces: []string{"e5"}, Settings: json.RawMessage(`{}`)},
	}
	for i := range 150 {
		c := eval.CaseResult{ID: fmt.Sprint(i), Question: fmt.Sprint(name, i), Expect: suite.ExpectNone, Ranked: []string{fmt.Sprint(i)}, Outcome: suggest.OutcomeNoDraft}
		gap := random.NormFloat64()
		if i%3 > 0 {
			c.Expect, c.GoldIDs = suite.ExpectAnswer, []string{fmt.Sprint(i)}
			gap += 2
		}
		c.Features = map[string]float64{"gap": gap, "noise": random.NormFloat64(), "articles": 40, "confidence": random.Float64()}
		r.Cases = append(r.Cases, c)
	}
	if change != nil {
		change(&r)
	}
	r.Measure()
	raw, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name+".json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func contents(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestEvalCalibrateWritesAProfile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, again := filepath.Join(dir, "p.json"), filepath.Join(dir, "again.json")
	one, two := plantedRun(t, dir, "airline", nil), plantedRun(t, dir, "shop", nil)
	code, stdout, stderr := purser(t, noEnvironment, "", "eval", "calibrate", one, two, "--out", out, "--name", "house")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, part := range []string{
		`Profile "house"`, "Fitted to 300 tickets, searched in the embedding space e5, among at least 40 articles.", "Floor 0.", "gap", "Cross-validated in 5 folds",
		"airline", "100 + 50 not answerable", "never seen", "without a profile", "How often tickets of a confidence were answerable",
	} {
		if !strings.Contains(stdout, part) {
			t.Errorf("%q is not shown:\n%s", part, stdout)
		}
	}
	p, err := confidence.Parse([]byte(contents(t, out)))
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "house" || p.Space != "e5" || p.Quality.AUROC.Value < .85 || len(p.Sets) != 2 {
		t.Errorf("profile %+v", p)
	}
	code, stdout, _ = purser(t, noEnvironment, "", "eval", "calibrate", one, two, "--out", again, "--name", "house", "--json")
	if diff := cmp.Diff(contents(t, out), contents(t, again)); code != exitDone || diff != "" {
		t.Errorf("the same runs gave another profile, exit %d:\n%s", code, diff)
	}
	if diff := cmp.Diff(contents(t, out), stdout); diff != "" {
		t.Errorf("--json prints another profile:\n%s", diff)
	}
	if code, _, _ = purser(t, noEnvironment, "", "eval", "calibrate", one, "--out", out); code != exitDone || !strings.Contains(contents(t, out), `"name": "airline"`) {
		t.Errorf("exit %d; the profile is not named by its suite", code)
	}
}

func TestEvalCalibrateGates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run := plantedRun(t, dir, "airline", nil)
	for name, c := range map[string]struct {
		demand []string
		code   int
		says   string
	}{
		"met":         {[]string{"--least-auroc", "0.8", "--most-calibration-error", "0.2", "--least-right-abstention", "0.3", "--most-false-abstention", "0.3"}, exitDone, ""},
		"AUROC":       {[]string{"--least-auroc", "0.99"}, exitGate, "AUROC is 0."},
		"calibration": {[]string{"--most-calibration-error", "0", "--least-auroc", "1"}, exitGate, "and 1.000 was demanded"},
		"silence":     {[]string{"--least-right-abstention", "1"}, exitGate, "the right abstention is"},
		"false":       {[]string{"--most-false-abstention", "0.001"}, exitGate, "the false abstention is"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "p.json")
			code, stdout, stderr := purser(t, noEnvironment, "", append([]string{"eval", "calibrate", run, "--out", out}, c.demand...)...)
			if code != c.code || !strings.Contains(stderr, c.says) || !strings.Contains(stdout, "Cross-validated") {
				t.Errorf("exit %d: %s%s", code, stdout, stderr)
			}
			if _, err := os.Stat(out); (err == nil) != (code == exitDone) {
				t.Errorf("exit %d, and the profile: %v", code, err)
			}
		})
	}
}

func TestEvalCalibrateRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := plantedRun(t, dir, "good", nil)
	answered := plantedRun(t, dir, "answered", func(r *eval.Report) {
		for i := range r.Cases {
			r.Cases[i].Expect = suite.ExpectAnswer
		}
	})
	partial := plantedRun(t, dir, "partial", func(r *eval.Report) { r.Partial, r.Suite.Cases = true, 500 })
	older := plantedRun(t, dir, "older", func(r *eval.Report) { r.Configuration.Versions = []string{"0.9"} })
	torn := filepath.Join(dir, "torn.json")
	if err := os.WriteFile(torn, []byte(contents(t, good)[:1000]), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no run":              {nil, exitUsage, "run"},
		"nothing there":       {[]string{filepath.Join(dir, "nope.json")}, exitFailed, "there is no such file"},
		"torn":                {[]string{torn}, exitFailed, "is not a whole run"},
		"partial":             {[]string{partial}, exitFailed, "holds 150 of the suite's 500 cases"},
		"all answerable":      {[]string{answered}, exitFailed, "expect none), or run the suite with --ablate-gold"},
		"another version":     {[]string{good, older}, exitFailed, "versions of Purser differ"},
		"one suite twice":     {[]string{good, good}, exitFailed, "give one run of each suite"},
		"over its own run":    {[]string{good, "--out", good}, exitUsage, "would be overwritten"},
		"silent half":         {[]string{good, "--false-abstention", "0.6"}, exitUsage, "--false-abstention is 0.6"},
		"a demand beyond 1":   {[]string{good, "--least-auroc", "88"}, exitUsage, "--least-auroc is 88"},
		"an unknown feature":  {[]string{good, "--without", "moon"}, exitUsage, `no feature "moon"`},
		"no feature is left":  {[]string{good, "--without", "gap,noise,confidence"}, exitFailed, "no feature in common"},
		"an endless name":     {[]string{good, "--name", strings.Repeat("x", 101)}, exitUsage, "--name has 101 bytes"},
		"nowhere to write to": {[]string{good, "--out", filepath.Join(dir, "no", "p.json")}, exitFailed, "there is no folder"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "p.json")
			code, _, stderr := purser(t, noEnvironment, "", append([]string{"eval", "calibrate", "--out", out}, c.args...)...)
			if code != c.code || !strings.Contains(stderr, c.says) {
				t.Errorf("exit %d, want %d and %q: %s", code, c.code, c.says, stderr)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("a profile was written")
			}
		})
	}
}

func TestEvalCalibrateEndsOnInterrupt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs strings.Builder
	err := run(ctx, []string{"eval", "calibrate", plantedRun(t, dir, "airline", nil), "--out", filepath.Join(dir, "p.json")}, strings.NewReader(""), &out, &errs, noEnvironment)
	if code := exitCode(&errs, err); code != exitFailed || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
