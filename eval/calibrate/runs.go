package calibrate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest/confidence"
)

// Run is a run with the name of the file that it was read from.
type Run struct {
	File   string
	Report *eval.Report
}

// RunError says why a run, or runs together, can't be fitted to.
type RunError struct{ File, Message string }

func (e *RunError) Error() string { return e.File + ": " + e.Message }

// Data is what runs give to fit to.
type Data struct {
	Samples []Sample
	Sets    []confidence.Set
	// Space is the embedding space that all were searched in.
	Space string
	// Skipped counts the cases that can't be fitted to: those that failed, that a
	// person must write, or that get no draft for another reason than knowledge.
	Skipped int
}

// Name is that of the sets, for a profile that is given none.
func (d *Data) Name() string {
	names := make([]string, len(d.Sets))
	for i := range d.Sets {
		names[i] = d.Sets[i].Name
	}
	return text.Truncate(strings.Join(names, "+"), 25) // at most four bytes each
}

// Unknown is the first of the features that no sample has; empty when all are
// known.
func (d *Data) Unknown(features []string) string {
	for _, name := range features {
		if !slices.ContainsFunc(d.Samples, func(s Sample) bool { _, there := s.Features[name]; return there }) {
			return name
		}
	}
	return ""
}

// FromRuns takes the tickets of several runs, each of another suite, made by one
// version with the same settings in the same embedding space. It fails with
// *RunError.
func FromRuns(runs []Run) (Data, error) {
	var d Data
	names := map[string]int{}
	for i, r := range runs {
		if err := checkRun(r); err != nil {
			return d, err
		}
		if err := checkAlike(runs[:i], r); err != nil {
			return d, err
		}
		samples, set := FromRun(r.Report)
		if len(samples) == 0 {
			return d, &RunError{r.File, "holds no ticket to fit to: none is known to be answerable or not"}
		}
		if names[set.Name]++; names[set.Name] > 1 {
			set.Name += fmt.Sprintf(" %d", names[set.Name])
			for j := range samples {
				samples[j].Set = set.Name
			}
		}
		d.Samples, d.Sets = append(d.Samples, samples...), append(d.Sets, set)
		d.Space = strings.Join(r.Report.Configuration.Spaces, "")
		d.Skipped += len(r.Report.Cases) - len(samples)
	}
	return d, nil
}

// checkRun looks at a run by itself.
func checkRun(r Run) error {
	made := r.Report.Configuration
	featured := slices.ContainsFunc(r.Report.Cases, func(c eval.CaseResult) bool { return len(c.Features) > 0 })
	switch {
	case r.Report.Partial:
		return &RunError{r.File, fmt.Sprintf("holds %d of the suite's %d cases; finish it with \"purser eval run --resume\", or run the whole suite", len(r.Report.Cases), r.Report.Suite.Cases)}
	case !featured:
		return &RunError{r.File, "records no features of retrieval, as when another system's answers were imported; give a run of \"purser eval run\""}
	case len(made.Spaces) > 1:
		return &RunError{r.File, "was made in several embedding spaces (" + strings.Join(made.Spaces, ", ") + "); run again in one"}
	case len(made.Versions) > 1:
		return &RunError{r.File, "was made by several versions (" + strings.Join(made.Versions, ", ") + "); run again with one"}
	}
	return nil
}

// checkAlike refuses a run that does not go with those before it.
func checkAlike(before []Run, r Run) error {
	if len(before) == 0 {
		return nil
	}
	first := before[0]
	a, b := first.Report.Configuration, r.Report.Configuration
	for _, differs := range []struct {
		what string
		is   bool
	}{
		{"versions of Purser", !slices.Equal(a.Versions, b.Versions)},
		{"embedding spaces", !slices.Equal(a.Spaces, b.Spaces)},
		{"settings", !sameSettings(a.Settings, b.Settings)},
	} {
		if differs.is {
			return &RunError{r.File, fmt.Sprintf("%s differ from those of %s, so their features can't be compared; run both suites again, alike", differs.what, first.File)}
		}
	}
	for _, other := range before {
		if again := sharedCase(other.Report, r.Report); again != "" {
			return &RunError{r.File, fmt.Sprintf("holds case %q of %s again; give one run of each suite, or its tickets count twice", again, other.File)}
		}
	}
	return nil
}

func sameSettings(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// sharedCase names a case that asks the same of the same knowledge in both runs.
func sharedCase(a, b *eval.Report) string {
	if a.Suite.KnowledgeHash != b.Suite.KnowledgeHash {
		return ""
	}
	type key struct{ id, question string }
	seen := make(map[key]bool, len(a.Cases))
	for i := range a.Cases {
		seen[key{a.Cases[i].ID, a.Cases[i].Question}] = true
	}
	for i := range b.Cases {
		if seen[key{b.Cases[i].ID, b.Cases[i].Question}] {
			return b.Cases[i].ID
		}
	}
	return ""
}
