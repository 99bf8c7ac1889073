package request

import (
	"slices"
	"strings"
)

// Merged is a request that one or several parts make up.
type Merged struct {
	Part
	// From are the numbers of its parts, from 0, in order.
	From []int
}

// Merge joins the parts that the same article answers best: rankings holds, for
// each part, the keys of the articles found for it, best first. A part for which
// nothing was found stays alone. Parts beyond the rankings were not searched for
// and stay alone, too. The order is that of the first parts.
func Merge(message string, parts []Part, rankings [][]string) []Merged {
	var out []Merged
	by := map[string]int{}
	for i, p := range parts {
		best := ""
		if i < len(rankings) && len(rankings[i]) > 0 {
			best = rankings[i][0]
		}
		if k, ok := by[best]; ok && best != "" {
			out[k].add(message, p, i)
			continue
		}
		if best != "" {
			by[best] = len(out)
		}
		out = append(out, Merged{p, []int{i}})
	}
	return out
}

func (m *Merged) add(message string, p Part, number int) {
	if last := m.From[len(m.From)-1]; last == number-1 && m.End > 0 && m.End <= p.Start {
		m.End = p.End
		m.Text = message[m.Start:m.End]
	} else {
		m.Text += "\n" + p.Text
		m.Start, m.End = 0, 0
	}
	if !strings.Contains(m.Context, p.Context) {
		m.Context = strings.TrimSpace(m.Context + "\n" + p.Context)
	}
	m.Search += "\n" + p.Search
	m.From = append(slices.Clip(m.From), number)
}
