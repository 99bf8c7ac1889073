package suite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/say"
)

// Part names a part of a suite to run; the zero value is all of it. A case is
// in it when it fits what is given: one of the ids, one of the tags, and among
// the first Limit of those.
type Part struct {
	IDs  []string `json:"ids,omitempty"`
	Tags []string `json:"tags,omitempty"`
	// Limit is how many cases at most, in the order of the suite; 0 means all.
	Limit int `json:"limit,omitempty"`
}

// IsWhole reports whether the part is all of the suite.
func (p Part) IsWhole() bool { return len(p.IDs) == 0 && len(p.Tags) == 0 && p.Limit <= 0 }

// Equal reports whether both name the same part in the same order.
func (p Part) Equal(other Part) bool {
	return slices.Equal(p.IDs, other.IDs) && slices.Equal(p.Tags, other.Tags) && p.Limit == other.Limit
}

// String tells the part to people.
func (p Part) String() string {
	var out []string
	if len(p.IDs) > 0 {
		out = append(out, "cases "+say.Few(p.IDs))
	}
	if len(p.Tags) > 0 {
		out = append(out, "tagged "+strings.Join(p.Tags, " or "))
	}
	if p.Limit > 0 {
		out = append(out, "the first "+say.Count(p.Limit, "case"))
	}
	return strings.Join(out, ", ")
}

// PartError says what of a part the suite does not hold.
type PartError struct{ Problems []string }

func (e *PartError) Error() string { return strings.Join(e.Problems, "; ") }

// Select returns the cases of a part, in the order of the suite. It fails with
// *PartError for ids and tags that no case has, naming those that look alike.
func (s *Suite) Select(p Part) ([]Case, error) {
	if p.IsWhole() {
		return s.Cases, nil
	}
	var ids, tags []string
	for i := range s.Cases {
		ids, tags = append(ids, s.Cases[i].ID), append(tags, s.Cases[i].Tags...)
	}
	slices.Sort(tags)
	tags = slices.Compact(tags)
	var e PartError
	unknown := func(what string, asked, known []string) {
		for _, a := range asked {
			if slices.Contains(known, a) {
				continue
			}
			e.Problems = append(e.Problems, fmt.Sprintf("the suite has no %s %q%s", what, a, say.Alike(a, known)))
		}
	}
	unknown("case", p.IDs, ids)
	unknown("tag", p.Tags, tags)
	if len(e.Problems) > 0 {
		return nil, &e
	}
	var out []Case
	for i := range s.Cases {
		c := &s.Cases[i]
		if len(p.IDs) > 0 && !slices.Contains(p.IDs, c.ID) {
			continue
		}
		if len(p.Tags) > 0 && !slices.ContainsFunc(c.Tags, func(t string) bool { return slices.Contains(p.Tags, t) }) {
			continue
		}
		if p.Limit <= 0 || len(out) < p.Limit {
			out = append(out, *c)
		}
	}
	if len(out) == 0 {
		return nil, &PartError{[]string{"no case is " + p.String() + "; ask for less at once"}}
	}
	return out, nil
}
