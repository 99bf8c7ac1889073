package eval

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/purser-desk/purser/internal/say"
)

// WriteTable writes the report for people, on so many columns; 0 is any number.
func (r *Report) WriteTable(w io.Writer, columns int) error {
	if err := r.writeHead(w); err != nil {
		return err
	}
	if err := r.writeMetrics(w, columns); err != nil {
		return err
	}
	if err := r.writeWeighted(w); err != nil {
		return err
	}
	if len(r.Slices[GroupLang]) > 1 {
		if err := r.writeGroups(w, columns, "language", r.Slices[GroupLang], langColumns()); err != nil {
			return err
		}
	}
	if len(r.Slices[GroupReason]) > 0 {
		if err := r.writeGroups(w, columns, "reason expected", r.Slices[GroupReason], reasonColumns()); err != nil {
			return err
		}
	}
	if len(r.Timing.Steps) == 0 {
		return nil
	}
	t := say.NewTable("step", "n", "p50 ms", "95% interval", "p95 ms", "95% interval")
	for _, step := range r.Timing.StepNames() {
		s := r.Timing.Steps[step]
		t.AppendRow(table.Row{
			step, s.N, fmt.Sprintf("%.1f", s.P50MS), bounds(s.P50Low, s.P50High), fmt.Sprintf("%.1f", s.P95MS), bounds(s.P95Low, s.P95High),
		})
	}
	return say.WriteTable(w, t)
}

func (r *Report) writeMetrics(w io.Writer, columns int) error {
	t := say.NewTable("metric", "value", "n", "95% interval", "")
	var rows [][]string
	for _, m := range Metrics() {
		if v := r.Metrics[m.Name]; v.N > 0 {
			rows = append(rows, []string{m.Name, r.value(m, v), strconv.Itoa(v.N), v.Interval(), m.About})
		}
	}
	left := say.Fit(t, rows, columns)
	if err := say.WriteTable(w, t); err != nil || !left {
		return err
	}
	_, err := io.WriteString(w, "What each of them counts stands beside it on a wider terminal.\n")
	return err
}

func (r *Report) writeHead(w io.Writer) error {
	lines := fmt.Sprintf("%s: %s in %.1f s\n", r.Suite.Name, say.Count(len(r.Cases), "case"), r.Timing.Seconds)
	if r.Partial {
		lines += fmt.Sprintf("Partial: %s.\n", r.Coverage())
	}
	if what := r.Configuration.Ignorance(); what != "" {
		lines += fmt.Sprintf("The run %s.\n", what)
	}
	if u := r.Usage; u.Asked > 0 {
		lines += fmt.Sprintf("A model drafted for %s: %d tokens of prompts, %d of answers", say.Count(u.Asked, "case"), u.PromptTokens, u.CompletionTokens)
		if u.Currency != "" {
			lines += fmt.Sprintf(", %s %s", FormatNumber(u.Cost), u.Currency)
		}
		lines += "\n"
	}
	if r.Errors > 0 {
		lines += fmt.Sprintf("%d of %s failed and stand in no figure:\n", r.Errors, say.Count(len(r.Cases), "case"))
		shown := 0
		for i := range r.Cases {
			if c := &r.Cases[i]; c.Error != "" && shown < 5 {
				lines += fmt.Sprintf("  %s: %s\n", c.ID, c.Error)
				shown++
			}
		}
		if r.Errors > shown {
			lines += fmt.Sprintf("  and %d more\n", r.Errors-shown)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(r.Degraded)) {
		lines += fmt.Sprintf("%s in %d of %s\n", code, r.Degraded[code], say.Count(len(r.Cases), "case"))
	}
	if over := r.ProfilePassedOver(); over != "" {
		lines += "Note: " + over + ".\n"
	}
	if r.Judge != nil {
		lines += r.Judge.Sentence() + "\n"
	}
	_, err := io.WriteString(w, lines)
	return err
}

// langColumns are the metrics shown for each language, reasonColumns those for
// each reason expected for no draft.
func langColumns() []string {
	return []string{HitAt1, HitAt3, HitAt5, MRRAt10, DraftRate, AbstainedOnUnanswerable, AbstainedOnAnswerable, AUROC, RougeL}
}

func reasonColumns() []string { return []string{HumanRecall, AbstainedOnUnanswerable, ReasonRight} }

// writeGroups shows so many of the metrics as there is room for.
func (r *Report) writeGroups(w io.Writer, columns int, what string, groups map[string]map[string]Metric, metrics []string) error {
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
	t := say.NewTable(header...)
	if len(names) == 0 {
		return nil
	}
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
	return say.WriteTable(w, t)
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
