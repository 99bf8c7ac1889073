package eval

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/internal/say"
)

// weighted computes shares and means over the population that the cases were
// sampled from; nil when none carries a weight. Cases without one, such as those
// that a person added to the sample, are left out. What no single case has a
// part in, such as the area under a curve, is not computed.
func weighted(cases []*CaseResult) map[string]Metric {
	var sampled []*CaseResult
	for _, c := range cases {
		if c.Weight > 0 {
			sampled = append(sampled, c)
		}
	}
	if len(sampled) == 0 {
		return nil
	}
	out := map[string]Metric{}
	for _, m := range Metrics() {
		if m.Kind == KindWhole || !m.Tells(sampled) {
			continue
		}
		var values, weights []float64
		for _, c := range sampled {
			if v, counts := c.Scores[m.Name]; counts {
				values, weights = append(values, v), append(weights, c.Weight)
			}
		}
		switch {
		case m.Kind == KindShare:
			out[m.Name] = metricOf(stat.WeightedShare(values, weights))
		case m.Unit == "":
			out[m.Name] = metricOf(stat.BoundedWeightedMean(values, weights, m.Seed()))
		default:
			out[m.Name] = metricOf(stat.WeightedMean(values, weights, m.Seed()))
		}
	}
	return out
}

// writeWeighted shows the figures for the population, where the suite is a
// sample.
func (r *Report) writeWeighted(w io.Writer) error {
	if len(r.Weighted) == 0 {
		return nil
	}
	population := 0.0
	for i := range r.Cases {
		population += r.Cases[i].Weight
	}
	t := say.NewTable("over all tickets", "value", "n", "95% interval")
	for _, m := range Metrics() {
		if v := r.Weighted[m.Name]; v.N > 0 {
			t.AppendRow(table.Row{m.Name, FormatNumber(v.Value), v.N, v.Interval()})
		}
	}
	if _, err := fmt.Fprintf(w, "\nThe suite is a sample; weighted, it stands for %.0f tickets:\n", population); err != nil {
		return err
	}
	return say.WriteTable(w, t)
}
