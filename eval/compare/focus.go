package compare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/internal/say"
)

// Focus narrows a comparison down. The zero value narrows nothing.
type Focus struct {
	// Metrics to show; the cases are then those in which one of them changed, in
	// the order of what they lost in these.
	Metrics []string `json:"metrics,omitempty"`
	// Slice is a group of cases, such as "lang/de" or "tag/bags".
	Slice string `json:"slice,omitempty"`
	// Cases to show, by id.
	Cases []string `json:"cases,omitempty"`
}

// FocusError says what a comparison can't be narrowed down to.
type FocusError struct{ Message string }

func (e *FocusError) Error() string { return e.Message }

// On narrows the comparison down to what f names. P values stay corrected for
// all slices. It fails with *FocusError for a metric, slice or case that is not
// there.
func (c Comparison) On(f Focus) (Comparison, error) {
	if len(f.Metrics)+len(f.Cases) == 0 && f.Slice == "" {
		return c, nil
	}
	for _, name := range f.Metrics {
		if _, known := eval.MetricNamed(name); !known {
			return Comparison{}, &FocusError{eval.UnknownMetric(name)}
		}
	}
	if f.Slice != "" {
		if err := c.narrowToSlice(f.Slice); err != nil {
			return Comparison{}, err
		}
	}
	if len(f.Metrics) > 0 {
		c.narrowToMetrics(f.Metrics)
	}
	if len(f.Cases) > 0 {
		if err := c.narrowToCases(f.Cases); err != nil {
			return Comparison{}, err
		}
	}
	c.Focus = &f
	c.summarise()
	return c, nil
}

func (c *Comparison) narrowToSlice(slice string) error {
	if metrics := c.Slices.Named(slice); metrics != nil {
		c.Metrics = metrics
	} else if !slices.Contains(c.whole, slice) { // not the group of all cases
		all := slices.Clone(c.whole)
		for g := range c.Slices.All() {
			all = append(all, g.String())
		}
		slices.Sort(all)
		return &FocusError{fmt.Sprintf("no case that was compared is in slice %q%s", slice, say.Alike(slice, all))}
	}
	c.Slices, c.Weighted = eval.Slices[Difference]{}, nil
	c.Changed = slices.DeleteFunc(slices.Clone(c.Changed), func(change CaseChange) bool {
		return !slices.ContainsFunc(change.groups, func(g eval.Group) bool { return g.String() == slice })
	})
	return nil
}

func (c *Comparison) narrowToMetrics(names []string) {
	only := func(all map[string]Difference) map[string]Difference {
		out := map[string]Difference{}
		for _, name := range names {
			if d, ok := all[name]; ok {
				out[name] = d
			}
		}
		return out
	}
	c.Metrics = only(c.Metrics)
	if c.Weighted != nil {
		c.Weighted = only(c.Weighted)
	}
	narrowed := eval.Slices[Difference]{}
	for g, metrics := range c.Slices.All() {
		narrowed.Put(g, only(metrics))
	}
	c.Slices = narrowed
	better := map[string]float64{}
	for _, m := range eval.Metrics() {
		if slices.Contains(names, m.Name) {
			better[m.Name] = float64(m.Better)
		}
	}
	// lost is how much the case lost in these metrics. What counts in one run
	// alone has lost nothing, but it changed.
	lost := func(change *CaseChange) (sum float64, touched bool) {
		for _, name := range slices.Sorted(maps.Keys(better)) {
			s, ok := change.Scores[name]
			touched = touched || ok
			if ok && s[0] != nil && s[1] != nil {
				sum -= better[name] * (*s[1] - *s[0])
			}
		}
		return sum, touched
	}
	c.Changed = slices.DeleteFunc(slices.Clone(c.Changed), func(change CaseChange) bool {
		_, touched := lost(&change)
		return !touched
	})
	slices.SortStableFunc(c.Changed, func(x, y CaseChange) int {
		first, _ := lost(&x)
		second, _ := lost(&y)
		return cmp.Compare(second, first)
	})
}

func (c *Comparison) narrowToCases(ids []string) error {
	changed := map[string]CaseChange{}
	for _, change := range c.Changed {
		changed[change.ID] = change
	}
	var out []CaseChange
	for _, id := range ids {
		switch change, ok := changed[id]; {
		case ok:
			out = append(out, change)
		case slices.Contains(c.Failed, id):
			return &FocusError{fmt.Sprintf("case %q failed in one of the runs, so it was not compared", id)}
		case slices.Contains(c.Missing, id):
			return &FocusError{fmt.Sprintf("case %q is in one of the runs alone, so it was not compared", id)}
		case !slices.Contains(c.IDs(), id):
			return &FocusError{fmt.Sprintf("the runs have no case %q%s", id, say.Alike(id, c.IDs()))}
		default:
			return &FocusError{fmt.Sprintf("case %q is the same in both runs, or not in what the comparison was narrowed down to", id)}
		}
	}
	c.Changed = out
	return nil
}
