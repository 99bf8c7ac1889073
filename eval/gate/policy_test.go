package gate_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/gate"
)

func TestPolicyNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, want string }{
		{"empty", "", "is empty"},
		{"only a comment", "# nothing yet\n", "is empty"},
		{"no version", "must_pass: [a]", `write "version: 1"`},
		{"another version", "version: 2\nmust_pass: [a]", `version is 2; write "version: 1"`},
		{"version in words", "version: one\nmust_pass: [a]", `line 1: version must be a whole number, and "one" is none`},
		{"asks for nothing", "version: 1", "asks for nothing"},
		{"lists without entries", "version: 1\nlimits:\nmust_pass: []", "asks for nothing"},
		{"unknown field", "version: 1\nlimit: []", `line 2: "limit" is unknown in the policy; did you mean limits?`},
		{"field unlike any", "version: 1\nqqqqqqqq: 3", `line 2: "qqqqqqqq" is unknown in the policy; it has limits, max_degraded_rate`},
		{"unknown field of a limit", "version: 1\nlimits:\n  - metric: auroc\n    at_last: 0.5", `line 4: "at_last" is unknown in a limit; did you mean at_least, at_most?`},
		{"field twice", "version: 1\nmust_pass: [a]\nmust_pass: [b]", "line 3: must_pass stands on line 2 already"},
		{"not YAML", "version: [", "is no YAML: line 1"},
		{"a list", "- version: 1", "line 1: the policy must be fields with values"},
		{"two documents", "version: 1\nmust_pass: [a]\n---\nversion: 1", "more than one document"},
		{"limits is no list", "version: 1\nlimits: {metric: auroc}", `line 2: limits must be a list: begin each entry with "- "`},
		{"a limit is no mapping", "version: 1\nlimits:\n  - auroc", "line 3: a limit must be fields with values"},
		{"must_pass holds a list", "version: 1\nmust_pass:\n  - [a]", "line 3: a tag of must_pass must be a name"},
		{"must_pass holds nothing", "version: 1\nmust_pass:\n  - ''", "line 3: must_pass holds an empty tag"},
		{"no metric", "version: 1\nlimits: [{at_least: 1}]", "line 2: the demand names no metric"},
		{"unknown metric", "version: 1\nlimits:\n  - {metric: hit_at1, at_least: 1}", `line 3: there is no metric "hit_at1"; did you mean hit_at_1`},
		{"metric unlike any", "version: 1\nlimits: [{metric: zzzzzzzz, at_least: 1}]", `there is no metric "zzzzzzzz"; give one of hit_at_1`},
		{"no bound", "version: 1\nlimits: [{metric: auroc}]", "line 2: the limit has no bound; give at_least or at_most"},
		{"a bound in words", "version: 1\nlimits: [{metric: auroc, at_least: high}]", `at_least must be a number, and "high" is none`},
		{"an empty bound", "version: 1\nlimits:\n  - metric: auroc\n    at_least:", "line 4: at_least must be a number"},
		{"bound out of range", "version: 1\nlimits: [{metric: auroc, at_least: 88}]", "the bound must be between 0 and 1, and it is 88"},
		{"bound that is no number", "version: 1\nlimits: [{metric: auroc, at_least: .nan}]", "the bound must be between 0 and 1"},
		{"bounds that cross", "version: 1\nlimits: [{metric: auroc, at_least: 0.9, at_most: 0.2}]", "nothing is at least 0.9 and at most 0.2"},
		{"unknown by", "version: 1\nlimits: [{metric: auroc, at_least: 0.5, by: luck}]", `by "luck" is unknown`},
		{"wrong slice", "version: 1\nlimits: [{metric: auroc, at_least: 0.5, slice: german}]", `slice "german" is none`},
		{"weighted slice", "version: 1\nlimits: [{metric: hit_at_1, at_least: 0.5, slice: lang/de, weighted: true}]", "drop slice or weighted"},
		{"weighted area", "version: 1\nno_worse: [{metric: auroc, weighted: true}]", "auroc has no weighted figure"},
		{"weighted in words", "version: 1\nno_worse: [{metric: brier, weighted: very}]", `weighted must be true or false, and "very" is none`},
		{"fewer than no cases", "version: 1\nlimits: [{metric: auroc, at_least: 0.5, min_n: -1}]", "min_n is -1"},
		{"half a case", "version: 1\nno_worse: [{metric: auroc, min_n: 1.5}]", `min_n must be a whole number, and "1.5" is none`},
		{"negative margin", "version: 1\nno_worse: [{metric: auroc, margin: -0.1}]", "the margin must be between 0 and 1"},
		{"no better side", "version: 1\nno_worse: [{metric: draft_rate, margin: 0.1}]", "has no better side"},
		{"unknown requirement", "version: 1\nno_worse: [{metric: auroc, require: hope}]", `require "hope" is unknown`},
		{"error rate", "version: 1\nmax_error_rate: 3\nmust_pass: [a]", "line 2: max_error_rate must be between 0 and 1, and it is 3"},
		{"degraded rate", "version: 1\nmax_degraded_rate: all\nmust_pass: [a]", `line 2: max_degraded_rate must be a number, and "all" is none`},
		{"all at once", "version: 1\nlimits: [{metric: auroc, at_least: 7}]\nno_worse: [{metric: auroc, margin: 9}]", "line 2: the bound must be between 0 and 1, and it is 7; line 3: the margin"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := gate.ParsePolicy([]byte(test.body))
			var wrong *gate.PolicyError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestPolicyFilesAreNamed(t *testing.T) {
	t.Parallel()
	dir := evaltest.Folder(t, map[string]string{"policy.yaml": "version: 1\nlimits: 3"})
	for path, want := range map[string]string{
		filepath.Join(dir, "policy.yaml"):  "policy.yaml: line 2: limits must be a list",
		filepath.Join(dir, "nowhere.yaml"): "nowhere.yaml: the file does not exist",
		dir:                                ": is a folder; name a YAML file",
	} {
		_, err := gate.ReadPolicy(path)
		var wrong *gate.PolicyError
		if !errors.As(err, &wrong) || wrong.Path != path || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

func TestPolicyTakesWhatIsMeant(t *testing.T) {
	t.Parallel()
	one := policy(t, "limits: &l\n  - {metric: auroc, at_least: \"0.5\"}\nmust_pass: safety\nno_worse:\n")
	if len(one.Limits) != 1 || *one.Limits[0].AtLeast != .5 || one.Limits[0].Line != 3 {
		t.Errorf("limits: %+v", one.Limits)
	}
	if len(one.MustPass) != 1 || one.MustPass[0].Tag != "safety" {
		t.Errorf("must_pass: %+v", one.MustPass)
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add("version: 1\nlimits: [{metric: auroc, at_least: 0.5}]")
	f.Add("version: 1\nmust_pass: [a, b]\nno_worse: [{metric: rouge_l}]")
	f.Fuzz(func(t *testing.T, body string) {
		p, err := gate.ParsePolicy([]byte(body))
		if err == nil && len(p.Limits)+len(p.NoWorse)+len(p.MustPass) == 0 {
			t.Error("a policy was let in that asks for nothing")
		}
	})
}
