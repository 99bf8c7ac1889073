package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestEvalConvert(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"data.json": `{"train":[["louder","volume"],["wake me","alarm"]],"test":[["be louder","volume"],["up","volume"]],"oos_test":[["who won","oos"]]}`})
	data, out := filepath.Join(dir, "data.json"), filepath.Join(dir, "suite")
	if code, stdout, stderr := purser(t, noEnvironment, "", "eval", "convert", "clinc150", data, "--out", out, "--only-gold", "--every", "2"); code != exitDone || !strings.Contains(stdout, "tickets.jsonl") {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	if code, stdout, stderr := purser(t, noEnvironment, "", "eval", "check", "--data", out); code != exitDone || !strings.HasPrefix(stdout, "2 cases and 1 article, no errors") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	for _, args := range [][]string{{"squad", data, "--out", out}, {"clinc150", data, "--out", out, "--every", "0"}} {
		if code, _, stderr := purser(t, noEnvironment, "", append([]string{"eval", "convert"}, args...)...); code != exitUsage {
			t.Errorf("%v: exit %d: %s", args, code, stderr)
		}
	}
}
