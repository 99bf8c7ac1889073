package compare

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/overlap"
	"github.com/purser-desk/purser/internal/say"
)

// WriteDetails writes the worst cases one by one, at most most of them: what was
// asked and expected, and of outcome, ranking, scores and text what A and B made
// of it. Words that went are in [-…-], new ones in {+…+}.
func (c *Comparison) WriteDetails(w io.Writer, most int) error {
	var b strings.Builder
	for i := range c.Changed[:min(max(most, 0), len(c.Changed))] {
		c.Changed[i].detail(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// questionShown is how much of a question is shown, in characters.
const questionShown = 400

func (c *CaseChange) detail(b *strings.Builder) {
	group := append([]string{c.Lang, string(c.Channel)}, c.Tags...)
	group = slices.DeleteFunc(group, func(s string) bool { return s == "" })
	fmt.Fprintf(b, "\n== %s (%s), severity %+.2f\n", c.ID, strings.Join(group, ", "), c.Severity)
	line := func(name, what string) { fmt.Fprintf(b, "%-11s%s\n", name, what) }
	line("asked", say.Clip(c.of.Asked(), questionShown))
	expected := string(c.Expect)
	if len(c.GoldIDs) > 0 {
		expected += ", from " + strings.Join(c.GoldIDs, " or ")
	}
	line("expected", expected)
	for i, run := range []string{"A", "B"} {
		outcome := outcomeText(c, i)
		if c.Failing[i] == "" {
			outcome += ": passes"
		} else {
			outcome += ": " + c.Failing[i]
		}
		if v := c.Confidences[i]; v != nil {
			outcome += fmt.Sprintf("; confidence %.3f", *v)
		}
		line("in "+run, outcome)
	}
	if !slices.Equal(c.Ranked[0], c.Ranked[1]) {
		for i, run := range []string{"A", "B"} {
			line("ranking "+run, c.ranking(i))
		}
	}
	if len(c.Scores) > 0 {
		line("scores", c.inShort())
	}
	if rest := c.besides(); len(rest) > 0 {
		line("besides", strings.Join(rest, ", "))
	}
	if c.Texts[0] != c.Texts[1] {
		line("text", markedDiff(c.Texts[0], c.Texts[1]))
	}
}

// ranking are the first articles that a run found, gold ones with a star.
func (c *CaseChange) ranking(run int) string {
	if c.unranked[run] {
		return "not known"
	}
	const most = 5
	var out []string
	for i, key := range c.Ranked[run][:min(most, len(c.Ranked[run]))] {
		if slices.Contains(c.GoldIDs, key) {
			key += "*"
		}
		out = append(out, fmt.Sprintf("%d %s", i+1, key))
	}
	place := slices.IndexFunc(c.Ranked[run], func(key string) bool { return slices.Contains(c.GoldIDs, key) })
	if place >= most {
		out = append(out, fmt.Sprintf("… %d %s*", place+1, c.Ranked[run][place]))
	}
	if len(out) == 0 {
		return "nothing found"
	}
	return strings.Join(out, "  ")
}

// besides names what differs and is not shown.
func (c *CaseChange) besides() []string {
	shown := []string{"outcome", "reason", "ranked", "text", "confidence"}
	return slices.DeleteFunc(slices.Clone(c.What), func(what string) bool { return slices.Contains(shown, what) })
}

func markedDiff(first, second string) string {
	var out []string
	for _, p := range overlap.Diff(first, second) {
		switch p.Kind {
		case overlap.DiffGone:
			out = append(out, "[-"+p.Text+"-]")
		case overlap.DiffNew:
			out = append(out, "{+"+p.Text+"+}")
		case overlap.DiffSame:
			out = append(out, p.Text)
		}
	}
	return strings.Join(out, " ")
}
