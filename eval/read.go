package eval

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/suggest"
)

// RunFileError says that a file holds no whole run.
type RunFileError struct{ Path, Message string }

func (e *RunFileError) Error() string { return e.Path + ": " + e.Message }

// ReadReport reads a run that was written as JSON. It fails with *RunFileError
// for a file that is missing, broken off, damaged, or of another kind.
func ReadReport(path string) (Report, error) {
	wrong := func(format string, args ...any) (Report, error) {
		return Report{}, &RunFileError{path, fmt.Sprintf(format, args...)}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return wrong("there is no such file; name the JSON file that a run wrote")
	case err == nil && info.IsDir():
		return wrong("is a folder; name the JSON file that a run wrote")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return Report{}, fmt.Errorf("read a run: %w", err)
	}
	if len(raw) == 0 {
		return wrong("is not a whole run (it is empty); run again, or name another file")
	}
	r, err := ParseReport(raw)
	if err != nil {
		return wrong("%s", err)
	}
	return r, nil
}

// ParseReport reads a run from its JSON. Its error is the rest of a sentence
// that begins with the file's name.
func ParseReport(raw []byte) (Report, error) {
	var kind struct {
		Format *int `json:"format"`
	}
	var r Report
	var syntax *json.SyntaxError
	if err := json.Unmarshal(raw, &kind); errors.As(err, &syntax) {
		return Report{}, fmt.Errorf("is not a whole run (broken JSON at byte %d of %d); run again, or name another file", syntax.Offset, len(raw))
	} else if err != nil || kind.Format == nil || *kind.Format != Format {
		return Report{}, fmt.Errorf("is not a run of format %d; name a file that a run of this version wrote", Format)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return Report{}, fmt.Errorf("is a run with a value of another kind (%s), so it was changed by hand or damaged; run again", suite.JSONProblem(err))
	}
	if err := r.check(); err != nil {
		return Report{}, fmt.Errorf("%w, so it was changed by hand or damaged; run again", err)
	}
	return r, nil
}

// check finds what no run writes.
func (r *Report) check() error {
	seen := make(map[string]bool, len(r.Cases))
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.ID == "" || seen[c.ID] {
			return fmt.Errorf("holds case %q twice or without an id", c.ID)
		}
		seen[c.ID] = true
	}
	switch {
	case len(r.Cases) == 0:
		return errors.New("holds no cases")
	case len(r.Cases) < r.Suite.Cases && !r.Partial, len(r.Cases) > r.Suite.Cases:
		return fmt.Errorf("holds %d of %s", len(r.Cases), say.Count(r.Suite.Cases, "case"))
	case len(r.Metrics) == 0:
		return errors.New("holds no metrics")
	}
	for i := range r.Cases {
		if err := r.Cases[i].check(); err != nil {
			return fmt.Errorf("holds case %q with %w", r.Cases[i].ID, err)
		}
	}
	for name, m := range r.Metrics {
		if err := m.check(name); err != nil {
			return err
		}
	}
	return nil
}

func (r *CaseResult) check() error {
	if !slices.Contains([]suite.Expect{suite.ExpectAnswer, suite.ExpectNone, suite.ExpectHuman, suite.ExpectOpen}, r.Expect) {
		return fmt.Errorf("the unknown expectation %q", r.Expect)
	}
	if r.Error != "" {
		return nil
	}
	if told := r.Knows(FieldText); !told && r.Outcome != "" || told && !slices.Contains([]suggest.Outcome{suggest.OutcomeDraft, suggest.OutcomeNoDraft, suggest.OutcomeHumanOnly}, r.Outcome) {
		return fmt.Errorf("the unknown outcome %q", r.Outcome)
	}
	if !stat.IsShare(r.Confidence) {
		return fmt.Errorf("the confidence %v", r.Confidence)
	}
	for name, v := range r.Scores {
		if !canScore(name, v) {
			return fmt.Errorf("%v for %s", v, name)
		}
	}
	return nil
}

// canScore reports whether a metric can have the value; of one that this
// version does not know any will do.
func canScore(name string, v float64) bool {
	m, known := MetricNamed(name)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return false
	case !known:
		return true
	case m.Unit != "":
		return v >= 0
	}
	return stat.IsShare(v)
}

func (m Metric) check(name string) error {
	if m.N < 0 || m.N > 0 && !(canScore(name, m.Value) && m.Low <= m.Value+1e-9 && m.Value <= m.High+1e-9) {
		return fmt.Errorf("says that %s is %v between %v and %v of %s", name, m.Value, m.Low, m.High, say.Count(m.N, "case"))
	}
	return nil
}
