package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/suggest"
)

// JSON is the report as it stands in a file.
func (r *Report) JSON() ([]byte, error) {
	raw, err := disk.JSON(r)
	if err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return raw, nil
}

// Untimed is the run's JSON without what stands under "timing": the same bytes
// for the same answers.
func (r *Report) Untimed() ([]byte, error) {
	c := *r
	c.Timing = Timing{}
	c.Cases = slices.Clone(r.Cases)
	for i := range c.Cases {
		c.Cases[i].Timing = nil
	}
	return c.JSON()
}

// Again is what the run was made with, to make it again of the suite that it is
// of. What was not done, or failed, is left out.
func (r *Report) Again(s suite.Suite) (Options, error) {
	o := Options{Suite: s, ScorerOptions: ScorerOptions{Asked: r.Configuration.Asked, Prices: r.Configuration.Prices}}
	if len(r.Configuration.Settings) == 0 {
		return o, errors.New("the run tells no settings, so another system made it (eval import-run); only runs of \"purser eval run\" can be made again")
	}
	if s.Hash != r.Suite.Hash {
		// The run may have been asked to take gold articles away.
		if counterparts := s; counterparts.AblateGold() > 0 && counterparts.Hash == r.Suite.Hash {
			o.Suite = counterparts
		}
	}
	var differs []string
	if o.Suite.Hash != r.Suite.Hash {
		differs = append(differs, "the tickets")
	}
	if o.Suite.KnowledgeHash != r.Suite.KnowledgeHash {
		differs = append(differs, "the articles")
	}
	if len(differs) > 0 {
		return o, fmt.Errorf("%s in the suite %s are not those that the run was made of; check out the suite as it was then", strings.Join(differs, " and "), s.Name)
	}
	if r.Part != nil {
		o.Part = *r.Part
	}
	if r.Partial {
		o.Part = suite.Part{}
		for i := range r.Cases {
			if r.Cases[i].Error == "" {
				o.Part.IDs = append(o.Part.IDs, r.Cases[i].ID)
			}
		}
		if len(o.Part.IDs) == 0 {
			return o, errors.New("every ticket of the run failed, so there is nothing to make again")
		}
	}
	// A fallback that the run counted is counted again.
	o.AllowDegraded = slices.ContainsFunc(r.Cases, func(c CaseResult) bool {
		return slices.Contains(c.Degraded, suggest.DegradedModelFailed) || slices.Contains(c.Degraded, suggest.DegradedModelSlow)
	})
	return o, nil
}

// CheckWhole fails unless the run is of its whole suite and nothing in it failed,
// as a baseline must be.
func (r *Report) CheckWhole() error {
	failed := 0
	for i := range r.Cases {
		if r.Cases[i].Error != "" {
			failed++
		}
	}
	switch failed = max(failed, r.Errors); {
	case r.Part != nil:
		return fmt.Errorf("the run is of a part of the suite (%s); run all of it before it becomes the baseline", r.Coverage())
	case r.Partial:
		return fmt.Errorf("the run was ended after %d of %s; finish it before it becomes the baseline", len(r.Cases), say.Count(r.Suite.Cases, "case"))
	case failed > 0:
		return fmt.Errorf("%s failed; a baseline must be without failures, so run again", say.Count(failed, "case"))
	}
	return nil
}

// ReplayDifference is how a run that was run again departs from itself, times apart.
// With nothing in it the two are the same to the byte.
type ReplayDifference struct {
	// Configuration names what made the answers otherwise, such as "versions".
	Configuration []string `json:"configuration"`
	// Cases that differ, in the order of the run.
	Cases []CaseDifference `json:"cases"`
	// Whole names the parts of the report that differ though no case does.
	Whole []string `json:"whole"`
	// Same is how many cases are the same to the byte.
	Same int `json:"same"`
	// Failed are the cases that had failed in the run, which say nothing.
	Failed []string `json:"failed"`
}

// CaseDifference names the fields of a case that differ.
type CaseDifference struct {
	ID     string   `json:"id"`
	Fields []string `json:"fields"`
	// Error says why the case failed when it was run again.
	Error string `json:"error,omitempty"`
}

// None reports that nothing differs.
func (d *ReplayDifference) None() bool { return len(d.Configuration)+len(d.Cases)+len(d.Whole) == 0 }

// DifferenceOf compares a run with what running it again came to. Cases that failed
// in the run are left out. again must hold every other case of it.
func DifferenceOf(run, again Report) (ReplayDifference, error) {
	d := ReplayDifference{Configuration: []string{}, Cases: []CaseDifference{}, Whole: []string{}, Failed: []string{}}
	var err error
	if d.Configuration, err = differingFields(run.Configuration.WithoutPlace(), again.Configuration.WithoutPlace()); err != nil {
		return d, err
	}
	second := again.ByID()
	for i := range run.Cases {
		first := run.Cases[i]
		if first.Error != "" {
			d.Failed = append(d.Failed, first.ID)
			continue
		}
		other, ok := second[first.ID]
		if !ok {
			return d, fmt.Errorf("case %q was not run again", first.ID)
		}
		a, b := first, *other
		a.Timing, b.Timing = nil, nil
		fields, err := differingFields(a, b)
		switch {
		case err != nil:
			return d, err
		case b.Error != "":
			d.Cases = append(d.Cases, CaseDifference{first.ID, []string{"error"}, b.Error})
		case len(fields) > 0:
			d.Cases = append(d.Cases, CaseDifference{ID: first.ID, Fields: fields})
		default:
			d.Same++
		}
	}
	if len(d.Configuration)+len(d.Cases)+len(d.Failed) == 0 && len(run.Cases) == len(again.Cases) {
		run.Timing, again.Timing, run.Cases, again.Cases = Timing{}, Timing{}, nil, nil
		run.Part, again.Part = nil, nil
		run.Suite.Name, again.Suite.Name = "", ""
		d.Whole, err = differingFields(run, again)
	}
	return d, err
}

// WithoutPlace leaves out where answers are kept.
func (m Configuration) WithoutPlace() Configuration {
	if m.Asked != nil {
		asked := *m.Asked
		asked.Answers = ""
		m.Asked = &asked
	}
	return m
}

// differingFields names the JSON fields in which two values differ, sorted.
func differingFields(a, b any) ([]string, error) {
	first, err := fieldsOf(a)
	if err != nil {
		return nil, err
	}
	second, err := fieldsOf(b)
	if err != nil {
		return nil, err
	}
	out := []string{}
	all := maps.Clone(first)
	maps.Copy(all, second)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !bytes.Equal(first[name], second[name]) {
			out = append(out, name)
		}
	}
	return out, nil
}

func fieldsOf(v any) (map[string]json.RawMessage, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("compare runs: %w", err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, fmt.Errorf("compare runs: %w", err)
	}
	return fields, nil
}
