package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/gate"
	"github.com/purser-desk/purser/eval/overlap"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

//go:embed page.tmpl
var pageTemplate string

// Page is what an HTML report shows.
type Page struct {
	Run *eval.Report
	// Gate and Compared may be nil. Compared has the run as its B.
	Gate     *gate.Result
	Compared *compare.Comparison
}

// HTML writes the page: one file, nothing to load, no script. Each case has a
// page of its own inside it, reached by its link.
func HTML(w io.Writer, p Page) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"number": eval.FormatNumber,
		"known": func(v *float64) string {
			if v == nil {
				return "not known"
			}
			return eval.FormatNumber(*v)
		},
		"signed": eval.FormatSigned,
		"ms": func(v *float64) string {
			if v == nil {
				return "…"
			}
			return fmt.Sprintf("%.1f", *v)
		},
		"counted": eval.Counted,
		"has":     slices.Contains[[]string],
		"join":    func(list []string) string { return strings.Join(list, ", ") },
	}).Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	if err := t.Execute(w, newView(p)); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// view is what the template is given.
type view struct {
	Page
	Metrics  []metricRow
	Weighted []metricRow
	Charts   []*chart
	Slices   []sliceTable
	Changes  []changeRow
	Verdicts []verdictRow
	Cases    []caseView
}

type metricRow struct {
	eval.MetricInfo
	eval.Metric
	// Unit shadows that of MetricInfo: money has the run's currency.
	Unit string
}

// sliceTable has the metrics that any group counts for.
type sliceTable struct {
	Kind    string
	Metrics []string
	Groups  map[string]map[string]eval.Metric
}

type verdictRow struct {
	Slice, Metric string
	compare.Difference
}

type changeRow struct {
	compare.CaseChange
	Link string
}

type caseView struct {
	*eval.CaseResult
	Link, Before, After string
	Failing             string
	Shown               []shownRow
	ToGold              []overlap.DiffPiece
	Change              *compare.CaseChange
	Since               []overlap.DiffPiece
}

type shownRow struct {
	eval.EvidenceShown
	Cited, Gold bool
}

func newView(p Page) view {
	v := view{Page: p, Charts: charts(p.Run)}
	for _, m := range eval.Metrics() {
		if value := p.Run.Metrics[m.Name]; value.N > 0 {
			v.Metrics = append(v.Metrics, metricRow{m, value, p.Run.UnitOf(m)})
		}
		if value := p.Run.Weighted[m.Name]; value.N > 0 {
			v.Weighted = append(v.Weighted, metricRow{m, value, p.Run.UnitOf(m)})
		}
	}
	for _, kind := range [][2]string{{eval.GroupLang, "language"}, {eval.GroupChannel, "channel"}, {eval.GroupTag, "tag"}, {eval.GroupReason, "reason expected"}} {
		if groups := p.Run.Slices[kind[0]]; len(groups) > 1 {
			v.Slices = append(v.Slices, newSliceTable(kind[1], groups))
		}
	}
	links := map[string]string{}
	for i := range p.Run.Cases {
		links[p.Run.Cases[i].ID] = fmt.Sprintf("case-%d", i+1)
	}
	changes := map[string]*compare.CaseChange{}
	if p.Compared != nil {
		v.Verdicts = verdicts(p.Compared)
		for i := range p.Compared.Changed {
			c := &p.Compared.Changed[i]
			changes[c.ID] = c
			v.Changes = append(v.Changes, changeRow{*c, links[c.ID]})
		}
	}
	v.Cases = newCases(p.Run, links, changes)
	return v
}

// Outcomes and Expects are the columns and rows of the table of outcomes.
func (view) Outcomes() []suggest.Outcome {
	return []suggest.Outcome{suggest.OutcomeDraft, suggest.OutcomeNoDraft, suggest.OutcomeHumanOnly}
}

// Expects are told with Outcomes.
func (view) Expects() []suite.Expect {
	return []suite.Expect{suite.ExpectAnswer, suite.ExpectNone, suite.ExpectHuman, suite.ExpectOpen}
}

func newSliceTable(kind string, groups map[string]map[string]eval.Metric) sliceTable {
	t := sliceTable{Kind: kind, Groups: groups}
	for _, m := range eval.Metrics() {
		for _, metrics := range groups {
			if metrics[m.Name].N > 0 {
				t.Metrics = append(t.Metrics, m.Name)
				break
			}
		}
	}
	return t
}

// verdicts are the comparison's metrics, then the slices in which one changed.
func verdicts(c *compare.Comparison) []verdictRow {
	var rows []verdictRow
	for _, m := range eval.Metrics() {
		if d, ok := c.Metrics[m.Name]; ok && d.N > 0 {
			rows = append(rows, verdictRow{"", m.Name, d})
		}
	}
	for g, metrics := range c.Slices.All() {
		for _, m := range eval.Metrics() {
			if d, ok := metrics[m.Name]; ok && d.Verdict != compare.CantTell {
				rows = append(rows, verdictRow{g.Kind + " " + g.Name, m.Name, d})
			}
		}
	}
	return rows
}

func newCases(r *eval.Report, links map[string]string, changes map[string]*compare.CaseChange) []caseView {
	cases := make([]caseView, len(r.Cases))
	for i := range r.Cases {
		c := &r.Cases[i]
		v := caseView{CaseResult: c, Link: links[c.ID], Failing: c.Failing(), Change: changes[c.ID]}
		v.Shown = shown(c)
		if c.Text != "" && c.GoldReply != "" {
			v.ToGold = overlap.Diff(c.Text, c.GoldReply)
		}
		if v.Change != nil && v.Change.Texts[0] != v.Change.Texts[1] {
			v.Since = overlap.Diff(v.Change.Texts[0], v.Change.Texts[1])
		}
		if i > 0 {
			v.Before = links[r.Cases[i-1].ID]
		}
		if i+1 < len(r.Cases) {
			v.After = links[r.Cases[i+1].ID]
		}
		cases[i] = v
	}
	return cases
}

// shown is the evidence with what became of it.
func shown(c *eval.CaseResult) []shownRow {
	cited := map[int]bool{}
	for i := range c.Claims {
		for _, citation := range c.Claims[i].Citations {
			cited[citation.Number] = true
		}
	}
	rows := make([]shownRow, len(c.Evidence))
	for i, e := range c.Evidence {
		rows[i] = shownRow{e, cited[e.Number], slices.Contains(c.GoldIDs, e.Key)}
	}
	return rows
}

// Listed are the cases as the index shows them: those that do not pass first.
func (v view) Listed() []caseView {
	passes := func(c caseView) bool { return c.Failing == "" }
	return append(slices.DeleteFunc(slices.Clone(v.Cases), passes), slices.DeleteFunc(slices.Clone(v.Cases), func(c caseView) bool { return !passes(c) })...)
}
