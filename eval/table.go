package eval

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/purser-desk/purser/internal/say"
)

// WriteTable writes the report for people, on so many columns; 0 is any number.
func (r *Report) WriteTable(w io.Writer, columns int) error {
	var b strings.Builder
	r.head(&b)
	r.metrics(&b, columns)
	if len(r.Weighted) > 0 {
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
		fmt.Fprintf(&b, "\nThe suite is a sample; weighted, it stands for %.0f tickets:\n\n%s\n", population, t.Render())
	}
	if groups := r.Slices[GroupLang]; len(groups) > 1 {
		r.groups(&b, columns, "language", groups, langColumns())
	}
	r.groups(&b, columns, "reason expected", r.Slices[GroupReason], reasonColumns())
	if len(r.Timing.Steps) > 0 {
		t := say.NewTable("step", "n", "p50 ms", "95% interval", "p95 ms", "95% interval")
		for _, step := range r.Timing.StepNames() {
			s := r.Timing.Steps[step]
			t.AppendRow(table.Row{
				step, s.N, fmt.Sprintf("%.1f", s.P50MS), bounds(s.P50Low, s.P50High), fmt.Sprintf("%.1f", s.P95MS), bounds(s.P95Low, s.P95High),
			})
		}
		fmt.Fprintf(&b, "\n%s\n", t.Render())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) metrics(b *strings.Builder, columns int) {
	t := say.NewTable("metric", "value", "n", "95% interval", "")
	var rows [][]string
	for _, m := range Metrics() {
		if v := r.Metrics[m.Name]; v.N > 0 {
			rows = append(rows, []string{m.Name, r.value(m, v), strconv.Itoa(v.N), v.Interval(), m.About})
		}
	}
	left := say.Fit(t, rows, columns)
	fmt.Fprintf(b, "\n%s\n", t.Render())
	if left {
		b.WriteString("What each of them counts stands beside it on a wider terminal.\n")
	}
}

func (r *Report) head(b *strings.Builder) {
	all := say.Count(len(r.Cases), "case")
	fmt.Fprintf(b, "%s: %s in %.1f s\n", r.Suite.Name, all, r.Timing.Seconds)
	if r.Partial {
		fmt.Fprintf(b, "Partial: %s.\n", r.Coverage())
	}
	if what := r.Configuration.Ignorance(); what != "" {
		fmt.Fprintf(b, "The run %s.\n", what)
	}
	if u := r.Usage; u.Asked > 0 {
		fmt.Fprintf(b, "A model drafted for %s: %d tokens of prompts, %d of answers", say.Count(u.Asked, "case"), u.PromptTokens, u.CompletionTokens)
		if u.Currency != "" {
			fmt.Fprintf(b, ", %s %s", FormatNumber(u.Cost), u.Currency)
		}
		b.WriteByte('\n')
	}
	if r.Errors > 0 {
		fmt.Fprintf(b, "%d of %s failed and stand in no figure:\n", r.Errors, all)
		shown := 0
		for i := range r.Cases {
			if c := &r.Cases[i]; c.Error != "" && shown < 5 {
				fmt.Fprintf(b, "  %s: %s\n", c.ID, c.Error)
				shown++
			}
		}
		if r.Errors > shown {
			fmt.Fprintf(b, "  and %d more\n", r.Errors-shown)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(r.Degraded)) {
		fmt.Fprintf(b, "%s in %d of %s\n", code, r.Degraded[code], all)
	}
	if over := r.ProfilePassedOver(); over != "" {
		b.WriteString("Note: " + over + ".\n")
	}
	if r.Judge != nil {
		b.WriteString(r.Judge.Sentence() + "\n")
	}
}

// langColumns are the metrics shown for each language, reasonColumns those for
// each reason expected for no draft.
func langColumns() []string {
	return []string{HitAt1, HitAt3, HitAt5, MRRAt10, DraftRate, AbstainedOnUnanswerable, AbstainedOnAnswerable, AUROC, RougeL}
}

func reasonColumns() []string { return []string{HumanRecall, AbstainedOnUnanswerable, ReasonRight} }

// groups shows so many of the metrics as there is room for.
func (r *Report) groups(b *strings.Builder, columns int, what string, groups map[string]map[string]Metric, metrics []string) {
	var names []string
	header := table.Row{what, "n"}
	used := len(what) + len("  9999  ")
	for group := range groups {
		used = max(used, len(group)+len("  9999  "))
	}
	for _, name := range metrics {
		if r.Metrics[name].N == 0 {
			continue
		}
		if used += len(name) + 2; columns > 0 && used > columns {
			break
		}
		names = append(names, name)
		header = append(header, name)
	}
	if len(names) == 0 || len(groups) == 0 {
		return
	}
	t := say.NewTable(header...)
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		of := groups[group]
		row := table.Row{group, Counted(of)}
		for _, name := range names {
			cell := ""
			if m := of[name]; m.N > 0 {
				cell = FormatNumber(m.Value)
			}
			row = append(row, cell)
		}
		t.AppendRow(row)
	}
	fmt.Fprintf(b, "\n%s\n", t.Render())
}

func (r *Report) value(m MetricInfo, v Metric) string {
	if m.Kind == KindShare {
		return fmt.Sprintf("%s  %d/%d", FormatNumber(v.Value), int(math.Round(v.Value*float64(v.N))), v.N)
	}
	if unit := r.UnitOf(m); unit != "" {
		return FormatNumber(v.Value) + " " + unit
	}
	return FormatNumber(v.Value)
}

// Counted is how many cases of a group count for any metric.
func Counted(metrics map[string]Metric) int {
	n := 0
	for _, m := range metrics {
		n = max(n, m.N)
	}
	return n
}

// UnitOf is the unit of a metric in this run, money by its currency; empty for
// what lies between 0 and 1.
func (r *Report) UnitOf(m MetricInfo) string {
	if m.Unit == UnitMoney && r.Configuration.Prices != nil {
		return r.Configuration.Prices.Currency
	}
	return m.Unit
}

// Interval writes the 95% interval.
func (m Metric) Interval() string { return FormatNumber(m.Low) + " – " + FormatNumber(m.High) }

// bounds of an interval of milliseconds; one that is not known is open.
func bounds(low, high *float64) string {
	bound := func(v *float64, open string) string {
		if v == nil {
			return open
		}
		return fmt.Sprintf("%.1f", *v)
	}
	return bound(low, "0.0") + " – " + bound(high, "…")
}

// FormatNumber shows shares to a thousandth, large amounts to a tenth, and of small
// ones three digits.
func FormatNumber(v float64) string {
	switch size := math.Abs(v); {
	case size >= 100:
		return fmt.Sprintf("%.1f", v)
	case size > 0 && size < .0005:
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// FormatSigned is FormatNumber with its sign.
func FormatSigned(v float64) string {
	if v < 0 {
		return FormatNumber(v)
	}
	return "+" + FormatNumber(v)
}

// FormatChange writes a change; none has no sign.
func FormatChange(v float64) string {
	if v == 0 {
		return "0.000"
	}
	return FormatSigned(v)
}

// Coverage tells how much of its suite a run holds.
func (r *Report) Coverage() string {
	s := fmt.Sprintf("%d of %s were run", len(r.Cases), say.Count(r.Suite.Cases, "case"))
	if r.Part != nil {
		s += ", as asked for: " + r.Part.String()
	}
	return s
}
