package compare

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/internal/say"
)

// WriteTable writes the comparison for people: what made the runs differ, what
// changed overall, slices in which something did, and the worst cases, at most
// most of them, told in so many columns; 0 is any number.
func (c *Comparison) WriteTable(w io.Writer, most, columns int) error {
	var b strings.Builder
	c.head(&b)
	if c.Pairs > 0 {
		if t := metricsTable("metric", c.Metrics); t.Length() > 0 {
			fmt.Fprintf(&b, "\n%s\n", t.Render())
			c.notes(&b)
		}
		if len(c.Weighted) > 0 {
			fmt.Fprintf(&b, "\nThe suite is a sample; weighted, for all tickets that it stands for:\n\n%s\n", metricsTable("over all tickets", c.Weighted).Render())
		}
		c.slices(&b)
		c.cases(&b, most, columns)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func metricsTable(what string, of map[string]Difference) table.Writer {
	t := say.NewTable(what, "A", "B", "change", "95% interval", "n", "p", "verdict", "smallest shown")
	for _, m := range eval.Metrics() {
		if d, ok := of[m.Name]; ok {
			t.AppendRow(d.row(m.Name))
		}
	}
	return t
}

// head tells what was compared with what, and the verdicts in short.
func (c *Comparison) head(b *strings.Builder) {
	name := c.A.Suite.Name
	if other := c.B.Suite.Name; other != name {
		name += " (B: " + other + ")"
	}
	fmt.Fprintf(b, "%s: %s compared", name, say.Count(c.Pairs, "case"))
	if n := len(c.Failed); n > 0 {
		fmt.Fprintf(b, ", %d left out because they failed in one of the runs (%d in A, %d in B: %s)", n, c.A.Errors, c.B.Errors, say.Few(c.Failed))
	}
	if n := len(c.Missing); n > 0 {
		fmt.Fprintf(b, ", %d left out because one run did not come to them (%s)", n, say.Few(c.Missing))
	}
	b.WriteByte('\n')
	for _, run := range []struct {
		name string
		info RunInfo
	}{{"A", c.A}, {"B", c.B}} {
		if run.info.Partial {
			fmt.Fprintf(b, "%s is of a part of the suite.\n", run.name)
		}
		if what := run.info.Configuration.Ignorance(); what != "" {
			fmt.Fprintf(b, "%s %s; they can't be compared.\n", run.name, what)
		}
	}
	if c.A.Judge != c.B.Judge {
		b.WriteString("The runs were not judged by the same calibrated judge: its verdicts are left out.\n")
	}
	for _, made := range c.Configuration {
		if made.What == "unknown" {
			continue // told above
		}
		fmt.Fprintf(b, "%s: %s → %s\n", made.What, cmp.Or(made.A, "(none)"), cmp.Or(made.B, "(none)"))
	}
	for _, code := range sortedKeys(c.A.Degraded, c.B.Degraded) {
		if x, y := c.A.Degraded[code], c.B.Degraded[code]; x != y && !c.A.Partial && !c.B.Partial {
			fmt.Fprintf(b, "%s: %d → %d cases\n", code, x, y)
		}
	}
	switch {
	case c.Pairs == 0:
		b.WriteString("No case can be compared, so nothing can be told.\n")
	case c.Identical:
		b.WriteString("The runs are identical but for their times.\n")
	default:
		b.WriteString(c.verdicts())
	}
}

func sortedKeys[K ~string, V any](a, b map[K]V) []K {
	all := map[K]V{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// verdicts are the metrics by verdict, in a line.
func (c *Comparison) verdicts() string {
	var parts []string
	for _, v := range []Verdict{Worse, Better, Different} {
		if names := c.Summary[v]; len(names) > 0 {
			parts = append(parts, string(v)+": "+strings.Join(names, ", "))
		}
	}
	if n := len(c.Summary[CantTell]); n > 0 {
		parts = append(parts, fmt.Sprintf("can't tell: %d of %s", n, say.Count(len(c.Metrics), "metric")))
	}
	return strings.Join(parts, "; ") + "\n"
}

// notes say how to read the table.
func (c *Comparison) notes(b *strings.Builder) {
	b.WriteString("smallest shown: the smallest change that these cases show four times in five.")
	if len(c.Metrics) > 1 && !c.Identical {
		fmt.Fprintf(b, " Of %d metrics, chance alone calls %.1f different.", len(c.Metrics), stat.Alpha*float64(len(c.Metrics)))
	}
	b.WriteByte('\n')
	unpaired := map[[2]int][]string{}
	var order [][2]int
	for _, m := range eval.Metrics() {
		d := c.Metrics[m.Name]
		alone := [2]int{d.OnlyA, d.OnlyB}
		if alone == [2]int{} {
			continue
		}
		if unpaired[alone] == nil {
			order = append(order, alone)
		}
		unpaired[alone] = append(unpaired[alone], m.Name)
	}
	for _, alone := range order {
		fmt.Fprintf(b, "%s: %s counted in A alone and %d in B alone; they stand in no figure.\n",
			strings.Join(unpaired[alone], ", "), say.Count(alone[0], "case"), alone[1])
	}
}

func (d Difference) row(name string) table.Row {
	if d.N == 0 {
		return table.Row{name, "-", "-", "-", "-", 0, "-", string(d.Verdict), "-"}
	}
	smallest := "-"
	if d.Smallest != nil {
		smallest = eval.FormatNumber(*d.Smallest)
	}
	return table.Row{
		name, eval.FormatNumber(d.A), eval.FormatNumber(d.B), eval.FormatChange(d.Change), eval.FormatChange(d.Low) + " – " + eval.FormatChange(d.High), d.N,
		fmt.Sprintf("%.4f", d.Corrected), string(d.Verdict), smallest,
	}
}

func (c *Comparison) slices(b *strings.Builder) {
	t := say.NewTable("slice", "metric", "A", "B", "change", "95% interval", "n", "p corrected", "verdict")
	tested := 0
	for g, metrics := range c.Slices.All() {
		tested++
		for _, m := range eval.Metrics() {
			if d, ok := metrics[m.Name]; ok && d.Verdict != CantTell {
				row := d.row(m.Name)
				t.AppendRow(append(table.Row{g.String()}, row[:len(row)-1]...))
			}
		}
	}
	switch {
	case tested == 0 || c.Identical:
	case t.Length() == 0:
		fmt.Fprintf(b, "\nIn none of %s can a change be told, once all are reckoned with (Holm's method).\n", say.Count(tested, "slice"))
	default:
		fmt.Fprintf(b, "\n%s\np is corrected for %s (Holm's method); those without a change that can be told are left out.\n", t.Render(), say.Count(tested, "slice"))
	}
}

func (c *Comparison) cases(b *strings.Builder, most, columns int) {
	if len(c.Changed) == 0 || most <= 0 {
		return
	}
	t := say.NewTable("case", "severity", "A", "B", "passes", "what changed")
	var rows [][]string
	for i := range c.Changed[:min(most, len(c.Changed))] {
		change := &c.Changed[i]
		rows = append(rows, []string{
			change.ID, fmt.Sprintf("%+.2f", change.Severity), outcomeText(change, 0), outcomeText(change, 1), change.passes(), change.inShort(),
		})
	}
	say.Fit(t, rows, columns)
	fmt.Fprintf(b, "\n%s\n", t.Render())
	if more := len(c.Changed) - most; more > 0 {
		fmt.Fprintf(b, "and %s that changed\n", say.Count(more, "more case"))
	}
}

// passes tells whether the case passes in A and in B.
func (c *CaseChange) passes() string {
	word := map[bool]string{true: "yes", false: "no"}
	a, b := word[c.Failing[0] == ""], word[c.Failing[1] == ""]
	if a == b {
		return a
	}
	return a + "→" + b
}

// inShort names the scores that changed, or where none did what else.
func (c *CaseChange) inShort() string {
	var what []string
	for _, m := range eval.Metrics() {
		if s, ok := c.Scores[m.Name]; ok {
			what = append(what, fmt.Sprintf("%s %s→%s", m.Name, cell(s[0]), cell(s[1])))
		}
	}
	if len(what) == 0 {
		what = c.What
	}
	return strings.Join(what, ", ")
}

func outcomeText(c *CaseChange, run int) string {
	if c.Outcomes[run] == "" {
		return "not known"
	}
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
