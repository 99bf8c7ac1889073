package eval

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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

func (p Part) isWhole() bool { return len(p.IDs) == 0 && len(p.Tags) == 0 && p.Limit <= 0 }

func (p Part) equals(other Part) bool {
	return slices.Equal(p.IDs, other.IDs) && slices.Equal(p.Tags, other.Tags) && p.Limit == other.Limit
}

// String tells the part to people.
func (p Part) String() string {
	var out []string
	if len(p.IDs) > 0 {
		out = append(out, "cases "+shortList(p.IDs))
	}
	if len(p.Tags) > 0 {
		out = append(out, "tagged "+strings.Join(p.Tags, " or "))
	}
	if p.Limit > 0 {
		out = append(out, "the first "+counted(p.Limit, "case"))
	}
	return strings.Join(out, ", ")
}

// PartError says what of a part the suite does not hold.
type PartError struct{ Problems []string }

func (e *PartError) Error() string { return strings.Join(e.Problems, "; ") }

// Select returns the cases of a part, in the order of the suite. It fails with
// *PartError for ids and tags that no case has, naming those that look alike.
func (s *Suite) Select(p Part) ([]Case, error) {
	if p.isWhole() {
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
			e.Problems = append(e.Problems, fmt.Sprintf("the suite has no %s %q%s", what, a, alike(a, known)))
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

// namedMost is how many names a sentence lists.
const namedMost = 5

// alike ends a sentence about a name that is not known with those that it may
// have been meant for.
func alike(name string, known []string) string {
	if len(known) == 0 {
		return ""
	}
	type near struct {
		name     string
		distance int
	}
	list := make([]near, len(known))
	for i, k := range known {
		d := distance([]rune(strings.ToLower(name)), []rune(strings.ToLower(k)))
		if strings.Contains(strings.ToLower(k), strings.ToLower(name)) {
			d = min(d, 1)
		}
		list[i] = near{k, d}
	}
	slices.SortStableFunc(list, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	var close []string
	for _, n := range list {
		if n.distance <= max(2, len([]rune(name))/3) && len(close) < namedMost {
			close = append(close, n.name)
		}
	}
	switch {
	case len(close) > 0:
		return "; did you mean " + strings.Join(close, ", ") + "?"
	case len(known) <= namedMost:
		return "; it has " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("; it has %s and %d more", strings.Join(known[:namedMost], ", "), len(known)-namedMost)
}

// distance is Levenshtein's ("Binary codes capable of correcting deletions,
// insertions and reversals", 1966).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before := row[0]
		row[0] = i + 1
		for j := range b {
			here := before
			if a[i] != b[j] {
				here = min(before, row[j], row[j+1]) + 1
			}
			before, row[j+1] = row[j+1], here
		}
	}
	return row[len(b)]
}

// counted is a number with its word, such as "1 case" or "2 cases".
func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
