package eval

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// WriteTable writes the comparison for people: what changed overall, slices in
// which something did, and the cases that got worst, at most most of them.
func (c *Comparison) WriteTable(w io.Writer, most int) error {
	if _, err := io.WriteString(w, c.head()); err != nil {
		return err
	}
	t := newTable("metric", "A", "B", "change", "95% interval", "n", "p", "verdict", "smallest shown")
	for _, m := range Metrics() {
		if d, ok := c.Metrics[m.Name]; ok {
			t.AppendRow(d.row(m.Name))
		}
	}
	if err := show(w, t); err != nil {
		return err
	}
	if err := c.writeSlices(w); err != nil {
		return err
	}
	return c.writeCases(w, most)
}

func (c *Comparison) head() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s compared", c.A.Suite.Name, counted(c.Pairs, "case"))
	if len(c.Failed) > 0 {
		fmt.Fprintf(&b, ", %d left out because they failed in one of the runs (%s)", len(c.Failed), shortList(c.Failed))
	}
	if len(c.Missing) > 0 {
		fmt.Fprintf(&b, ", %d left out because one run did not come to them (%s)", len(c.Missing), shortList(c.Missing))
	}
	b.WriteByte('\n')
	if c.A.Judge != c.B.Judge {
		b.WriteString("The runs were not judged by the same calibrated judge: its verdicts are left out.\n")
	}
	if c.A.Suite.KnowledgeHash != c.B.Suite.KnowledgeHash {
		b.WriteString("The knowledge differs between the runs.\n")
	}
	for _, made := range []struct {
		what string
		a, b []string
	}{
		{"version", c.A.Made.Versions, c.B.Made.Versions},
		{"drafter", c.A.Made.Drafters, c.B.Made.Drafters},
		{"model", c.A.Made.Models, c.B.Made.Models},
		{"prompt", c.A.Made.Prompts, c.B.Made.Prompts},
		{"embedding space", c.A.Made.Spaces, c.B.Made.Spaces},
		{"confidence profile", c.A.Made.Profiles, c.B.Made.Profiles},
		{"asked", []string{c.A.Made.Asked.String()}, []string{c.B.Made.Asked.String()}},
	} {
		if !slices.Equal(made.a, made.b) {
			fmt.Fprintf(&b, "%s: %s → %s\n", made.what, strings.Join(made.a, ", "), strings.Join(made.b, ", "))
		}
	}
	if c.Pairs == 0 {
		b.WriteString("Nothing can be told: no case was answered in both runs.\n")
	}
	if c.Identical {
		b.WriteString("The runs are identical but for their times.\n")
	}
	return b.String()
}

func (d Difference) row(name string) table.Row {
	smallest := "-"
	if d.Smallest != nil {
		smallest = FormatNumber(*d.Smallest)
	}
	return table.Row{
		name, FormatNumber(d.A), FormatNumber(d.B), FormatSigned(d.Change), FormatNumber(d.Low) + " – " + FormatNumber(d.High), d.N,
		fmt.Sprintf("%.4f", d.Corrected), string(d.Verdict), smallest,
	}
}

func (c *Comparison) writeSlices(w io.Writer) error {
	t := newTable("slice", "metric", "A", "B", "change", "95% interval", "n", "p corrected", "verdict")
	for _, kind := range slices.Sorted(maps.Keys(c.Slices)) {
		for _, name := range slices.Sorted(maps.Keys(c.Slices[kind])) {
			for _, m := range Metrics() {
				d, ok := c.Slices[kind][name][m.Name]
				if !ok || d.Verdict == VerdictCantTell {
					continue
				}
				row := d.row(m.Name)
				t.AppendRow(append(table.Row{kind + " " + name}, row[:len(row)-1]...))
			}
		}
	}
	if t.Length() == 0 {
		return nil
	}
	return show(w, t)
}

func (c *Comparison) writeCases(w io.Writer, most int) error {
	if len(c.Changed) == 0 || most <= 0 {
		return nil
	}
	t := newTable("case", "severity", "A", "B", "what changed")
	for i := range c.Changed[:min(most, len(c.Changed))] {
		change := &c.Changed[i]
		var what []string
		for _, m := range Metrics() {
			if s, ok := change.Scores[m.Name]; ok {
				what = append(what, fmt.Sprintf("%s %s→%s", m.Name, cell(s[0]), cell(s[1])))
			}
		}
		if len(what) == 0 {
			what = change.What
		}
		t.AppendRow(table.Row{
			change.ID, fmt.Sprintf("%+.2f", change.Severity), outcomeText(change, 0), outcomeText(change, 1), strings.Join(what, ", "),
		})
	}
	if err := show(w, t); err != nil {
		return err
	}
	if more := len(c.Changed) - most; more > 0 {
		_, err := fmt.Fprintf(w, "and %s that changed\n", counted(more, "more case"))
		return err
	}
	return nil
}

func outcomeText(c *CaseChange, run int) string {
	if c.Reasons[run] == "" {
		return string(c.Outcomes[run])
	}
	return string(c.Outcomes[run]) + " " + string(c.Reasons[run])
}

func cell(v *float64) string {
	if v == nil {
		return "-"
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", *v), "0"), ".")
}
