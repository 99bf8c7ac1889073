package eval_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/internal/disk"
)

func TestReportsGoToFilesAndBack(t *testing.T) {
	t.Parallel()
	r := evaltest.Run(t)
	raw, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "run.json")
	if err := disk.Write(path, raw); err != nil {
		t.Fatal(err)
	}
	back, err := eval.ReadReport(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(raw), string(again)); diff != "" {
		t.Errorf("read back (-wrote +read):\n%s", diff)
	}
	for _, test := range []struct{ name, content, want string }{
		{"cut", string(raw[:len(raw)/2]), "is not a whole run"},
		{"other file", `{"format": 9}`, "is not a run of format 2"},
		{"cases gone", `{"format": 2, "suite": {"cases": 3}, "cases": [{"id": "a"}]}`, "holds 1 of 3 cases"},
		{"case twice", `{"format": 2, "cases": [{"id": "a"}, {"id": "a"}]}`, `case "a" twice`},
		{"empty", "", "is not a whole run (it is empty)"},
		{"a list", "[1, 2]", "is not a run of format 2"},
		{"no JSON", "Dear all,", "is not a whole run"},
		{"another kind of value", `{"format": 2, "cases": {"a": 1}}`, "is a run with a value of another kind"},
		{"no metrics", strings.Replace(string(raw), `"metrics"`, `"figures"`, 1), "holds no metrics"},
		{"no such score", strings.Replace(string(raw), `"hit_at_1": 1`, `"hit_at_1": 1.5`, 1), `case "a" with 1.5 for hit_at_1`},
		{"no such confidence", strings.Replace(string(raw), "\"confidence\": 0.9,\n      \"text\"", "\"confidence\": 9,\n      \"text\"", 1), `case "a" with the confidence 9`},
		{"no such outcome", strings.Replace(string(raw), `"outcome": "DRAFT"`, `"outcome": "MAYBE"`, 1), `the unknown outcome "MAYBE"`},
		{"no such metric value", strings.Replace(string(raw), `"value": 1,`, `"value": 3,`, 1), "says that"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bad := filepath.Join(t.TempDir(), "bad.json")
			if err := os.WriteFile(bad, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := eval.ReadReport(bad)
			var wrong *eval.RunFileError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}
