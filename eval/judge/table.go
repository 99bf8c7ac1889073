package judge

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/internal/say"
)

// WriteTable writes the calibration for people; the width does not count.
func (c *Calibration) WriteTable(w io.Writer, _ int) error {
	var b strings.Builder
	a := c.Agreement
	fmt.Fprintf(&b, "Judge %s, rubric %.12s, asked %d× at temperature %g, on %d of %d replies of %s\n\n",
		c.Judge.Model, c.Judge.RubricHash, c.Judge.Times, c.Judge.Temperature, c.Ratings.Used, c.Ratings.Total, c.Ratings.Name)
	t := say.NewTable("", "value", "95% interval", "n")
	row := func(what string, e stat.Estimate) {
		if e.N == 0 {
			t.AppendRow(table.Row{what, "not known", "", 0})
			return
		}
		t.AppendRow(table.Row{what, fmt.Sprintf("%.3f", e.Value), fmt.Sprintf("%.3f – %.3f", e.Low, e.High), e.N})
	}
	row("κ of judge and people's majority", a.Kappa)
	row("κ of one person and the others", a.Single)
	row("κ of people among themselves (Fleiss)", a.Among)
	row("true positive rate: passes what people pass", a.TruePositive)
	row("true negative rate: fails what people fail", a.TrueNegative)
	row("one person passes what the others pass", a.SinglePositive)
	row("one person fails what the others fail", a.SingleNegative)
	row("self-agreement: all runs say the same", a.Steady)
	row("answers that were no verdict", a.Nonsense)
	b.WriteString(t.Render() + "\n")
	if a.Undecided+a.Failed > 0 {
		fmt.Fprintf(&b, "\n%d without a majority of votes and %d that could not be judged stand in no figure.\n", a.Undecided, a.Failed)
	}
	if c.Trusted {
		b.WriteString("\nTrusted: its verdicts count where the same model is asked by the same rubric as often.\n")
	} else {
		b.WriteString("\nNot trusted: its verdicts are shown and do not count.\n")
		for _, why := range c.WhyNot {
			b.WriteString("  - " + why + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
