package say

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// namedMost is how many names a sentence lists.
const namedMost = 5

// Alike ends a sentence about a name that is not known with those that it may
// have been meant for.
func Alike(name string, known []string) string {
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
