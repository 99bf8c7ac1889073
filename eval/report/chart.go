package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
)

// chart is a drawing of simple shapes, in pixels from the upper left.
type chart struct {
	Title, About  string
	Width, Height float64
	Shapes        []shape
}

// shape is a line, rectangle, circle, path or text, by which field is set.
type shape struct {
	Class  string
	Line   *[4]float64 // x1, y1, x2, y2
	Rect   *[4]float64 // x, y, width, height
	Circle *[3]float64 // x, y, radius
	Path   string
	Text   string
	X, Y   float64
	Anchor string
	Tip    string
}

func (c *chart) line(class string, x1, y1, x2, y2 float64) {
	c.Shapes = append(c.Shapes, shape{Class: class, Line: &[4]float64{round(x1), round(y1), round(x2), round(y2)}})
}

func (c *chart) rect(class, tip string, x, y, w, h float64) {
	c.Shapes = append(c.Shapes, shape{Class: class, Tip: tip, Rect: &[4]float64{round(x), round(y), round(max(w, 0)), round(h)}})
}

func (c *chart) circle(class, tip string, x, y, r float64) {
	c.Shapes = append(c.Shapes, shape{Class: class, Tip: tip, Circle: &[3]float64{round(x), round(y), round(r)}})
}

func (c *chart) text(class, anchor string, x, y float64, s string) {
	c.Shapes = append(c.Shapes, shape{Class: class, Anchor: anchor, X: round(x), Y: round(y), Text: s})
}

// round keeps a tenth of a pixel, so that files stay small.
func round(v float64) float64 { return float64(int(v*10+.5)) / 10 }

// The square plots share their frame.
const (
	plotSize = 300.
	plotLeft = 46.
	plotTop  = 12.
	plotFoot = 40.
)

// plot begins a chart of two shares, with a grid in fifths.
func plot(title, about, x, y string) *chart {
	c := &chart{Title: title, About: about, Width: plotLeft + plotSize + 14, Height: plotTop + plotSize + plotFoot}
	for i := range 6 {
		v := float64(i) / 5
		px, py := at(v, v)
		c.line("grid", px, plotTop, px, plotTop+plotSize)
		c.line("grid", plotLeft, py, plotLeft+plotSize, py)
		c.text("tick", "middle", px, plotTop+plotSize+15, fmt.Sprintf("%.1f", v))
		c.text("tick", "end", plotLeft-6, py+4, fmt.Sprintf("%.1f", v))
	}
	c.text("axis", "middle", plotLeft+plotSize/2, plotTop+plotSize+33, x)
	c.text("axis", "start", plotLeft+6, plotTop+14, y)
	return c
}

// at is where a point of two shares lies.
func at(x, y float64) (px, py float64) { return plotLeft + x*plotSize, plotTop + (1-y)*plotSize }

// reliabilityChart sets confidence against how often the ticket was answerable.
func reliabilityChart(r *eval.Report) *chart {
	if len(r.Reliability) == 0 {
		return nil
	}
	c := plot("Reliability", "On the diagonal, confidence says how often a ticket is answerable. Bars are 95% intervals.",
		"confidence", "share answerable")
	x1, y1 := at(0, 0)
	x2, y2 := at(1, 1)
	c.line("ideal", x1, y1, x2, y2)
	for _, row := range r.Reliability {
		x, low := at(row.Confidence, row.Low)
		_, high := at(row.Confidence, row.High)
		c.line("whisker", x, low, x, high)
		_, y := at(row.Confidence, row.Answerable)
		c.circle("dot", fmt.Sprintf("%d tickets: confidence %.2f, answerable %.2f", row.N, row.Confidence, row.Answerable), x, y, 4)
	}
	return c
}

// riskChart shows the risk of answering only the most confident tickets.
func riskChart(r *eval.Report) *chart {
	points := r.RiskCoverage()
	if len(points) == 0 {
		return nil
	}
	c := plot("Risk over coverage", "Answering only the most confident tickets: what share of those has no answer, or none among the first three articles.",
		"share of tickets answered", "risk")
	var d strings.Builder
	// More points than pixels add nothing.
	step := max(1, len(points)/300)
	for i := 0; i < len(points); i++ {
		if i%step != 0 && i != len(points)-1 {
			continue
		}
		x, y := at(points[i].Coverage, points[i].Risk)
		word := "L"
		if d.Len() == 0 {
			word = "M"
		}
		fmt.Fprintf(&d, "%s%.1f %.1f", word, x, y)
	}
	c.Shapes = append(c.Shapes, shape{Class: "curve", Path: d.String()})
	return c
}

// Measures of bar charts.
const (
	barHeight = 18.
	barLabel  = 110.
	barWidth  = 320.
)

// bar adds a bar of a share of the width at the foot, its whisker from low to high,
// and what it is worth.
func (c *chart) bar(label, tip string, share, low, high float64, value string) {
	y := 8 + c.Height
	c.Height += barHeight
	c.text("label", "end", barLabel-8, y+13, label)
	c.rect("bar", tip, barLabel, y, share*barWidth, barHeight-4)
	c.line("whisker", barLabel+low*barWidth, y+barHeight/2-2, barLabel+high*barWidth, y+barHeight/2-2)
	c.text("value", "start", barLabel+barWidth+8, y+13, value)
}

// langChart draws a metric's bar for each language, with its interval.
func langChart(r *eval.Report, metric eval.MetricInfo) *chart {
	c := &chart{Title: metric.Name + " by language", About: metric.About, Width: barLabel + barWidth + 120}
	for _, lang := range slices.Sorted(maps.Keys(r.Slices[eval.GroupLang])) {
		if m := r.Slices[eval.GroupLang][lang][metric.Name]; m.N > 0 {
			tip := fmt.Sprintf("%.3f, 95%% interval %.3f to %.3f, of %d", m.Value, m.Low, m.High, m.N)
			c.bar(lang, tip, m.Value, m.Low, m.High, fmt.Sprintf("%.3f of %d", m.Value, m.N))
		}
	}
	if c.Height < 2*barHeight {
		return nil // a single language says no more than the table
	}
	c.Height += 14
	return c
}

// latencyChart draws the median and the 95th percentile of each step.
func latencyChart(r *eval.Report) *chart {
	c := &chart{Title: "Time per step", About: "Milliseconds: the bar is the median, the line reaches to the 95th percentile.", Width: barLabel + barWidth + 150}
	var most float64
	for _, s := range r.Timing.Steps {
		most = max(most, s.P95MS)
	}
	if most == 0 {
		return nil
	}
	for _, name := range r.Timing.StepNames() {
		s := r.Timing.Steps[name]
		c.bar(name, fmt.Sprintf("%d tickets", s.N), s.P50MS/most, s.P50MS/most, s.P95MS/most, fmt.Sprintf("%.1f – %.1f ms", s.P50MS, s.P95MS))
	}
	c.Height += 14
	return c
}

func charts(r *eval.Report) []*chart {
	all := []*chart{reliabilityChart(r), riskChart(r)}
	for _, m := range eval.Metrics() {
		switch m.Name {
		case eval.HitAt1, eval.HitAt5, eval.DraftRate, eval.AbstainedOnAnswerable, eval.AbstainedOnUnanswerable, eval.RougeL:
			all = append(all, langChart(r, m))
		}
	}
	all = append(all, latencyChart(r))
	return slices.DeleteFunc(all, func(c *chart) bool { return c == nil })
}
