package eval

import (
	"slices"
	"strings"
)

// suggestion is ", did you mean …?" when some of the names are near to what was
// written; else empty.
func suggestion(written string, names []string) string {
	near := nearest(written, names)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// nearest are at most three of the names that differ from what was written by a
// third of its characters or fewer, or hold it, or are held by it; nearest
// first, ties by name.
func nearest(written string, names []string) []string {
	const most, atOnce = 3, 64
	type scored struct {
		name     string
		distance int
	}
	var near []scored
	plain := []rune(strings.ToLower(written))
	if len(plain) == 0 || len(plain) > atOnce {
		return nil
	}
	for _, name := range names {
		other := []rune(strings.ToLower(name))
		if len(other) > atOnce {
			continue
		}
		limit := max(1, max(len(plain), len(other))/3)
		d := runeDistance(plain, other)
		inside := min(len(plain), len(other)) >= 3 &&
			(strings.Contains(string(other), string(plain)) || strings.Contains(string(plain), string(other)))
		if d <= limit || inside {
			near = append(near, scored{name, d})
		}
	}
	slices.SortFunc(near, func(a, b scored) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return strings.Compare(a.name, b.name)
	})
	var out []string
	for _, s := range near[:min(most, len(near))] {
		out = append(out, s.name)
	}
	return out
}

// runeDistance is Levenshtein's, in characters.
func runeDistance(x, y []rune) int {
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range y {
			above := row[j+1]
			if r == s {
				row[j+1] = diagonal
			} else {
				row[j+1] = 1 + min(diagonal, above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(y)]
}

// metricNames are the names of all metrics, in their order.
func metricNames() []string {
	all := Metrics()
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name
	}
	return names
}

// noMetric says that a metric is unknown, and which may have been meant.
func noMetric(name string) string {
	if hint := suggestion(name, metricNames()); hint != "" {
		return "there is no metric \"" + name + "\"" + hint
	}
	return "there is no metric \"" + name + "\"; give one of " + strings.Join(metricNames(), ", ")
}
