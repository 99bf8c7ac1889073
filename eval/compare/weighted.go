package compare

import (
	"fmt"
	"io"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/internal/say"
)

// weightedDifferences compares shares and means as they would be over all
// tickets that the suite is a sample of; nil when no pair carries a weight.
// Pairs without one are left out, and so is what no single case has a part in.
func weightedDifferences(pairs []pairOf, of []eval.MetricInfo) map[string]Difference {
	var sampled []pairOf
	for _, p := range pairs {
		if p.a.Weight > 0 {
			sampled = append(sampled, p)
		}
	}
	if len(sampled) == 0 {
		return nil
	}
	out := map[string]Difference{}
	for _, m := range of {
		if m.Kind == eval.KindWhole || !tells(m, sampled) {
			continue
		}
		var a, b, weights []float64
		var d Difference
		for _, p := range sampled {
			x, inA := p.a.Scores[m.Name]
			y, inB := p.b.Scores[m.Name]
			switch {
			case inA && inB:
				a, b, weights = append(a, x), append(b, y), append(weights, p.a.Weight)
			case inA:
				d.OnlyA++
			case inB:
				d.OnlyB++
			}
		}
		if len(a)+d.OnlyA+d.OnlyB == 0 {
			continue
		}
		if len(a) > 0 {
			of := stat.WeightedMeansDifference
			if m.Unit == "" {
				of = stat.BoundedWeightedMeansDifference
			}
			e, p := of(a, b, weights, m.Seed())
			d.Change, d.Low, d.High, d.N, d.P, d.Corrected = e.Value, e.Low, e.High, e.N, p, p
			d.A, d.B = weightedAverage(a, weights), weightedAverage(b, weights)
			d.Smallest = stat.Finite(stat.SmallestOf(e))
		}
		mean := m
		mean.Kind = eval.KindMean // bootstrapped, so judged as means are
		d.Verdict = verdict(mean, d)
		out[m.Name] = d
	}
	return out
}

func weightedAverage(values, weights []float64) float64 {
	var sum, total float64
	for i, w := range weights {
		sum += w * values[i]
		total += w
	}
	return sum / total
}

// writeWeighted shows the comparison for the population, where the suite is a
// sample.
func (c *Comparison) writeWeighted(w io.Writer) error {
	if len(c.Weighted) == 0 {
		return nil
	}
	t := say.NewTable("over all tickets", "A", "B", "change", "95% interval", "n", "p", "verdict", "smallest shown")
	for _, m := range eval.Metrics() {
		if d, ok := c.Weighted[m.Name]; ok {
			t.AppendRow(d.row(m.Name))
		}
	}
	if _, err := fmt.Fprint(w, "\nThe suite is a sample; weighted, for all tickets that it stands for:\n"); err != nil {
		return err
	}
	return say.WriteTable(w, t)
}
