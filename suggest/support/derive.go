package support

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/purser-desk/purser/internal/entity"
)

// operand is a quantity that a calculation may use.
type operand struct {
	quantity
	entity.Entity
	figure *figure
	place  *place // nil for one of the customer's or of the claim
	column int
}

// calculation is how a figure comes about.
type calculation struct {
	text  string
	place *place
}

// roundedTo is how far a conversion may be off.
const roundedTo = .025

// derive looks for a calculation that gives a figure of the claim.
func (t *Task) derive(c *reading, f *figure, cited []int) (calculation, bool) {
	evidence, own, counts := t.operands(c, f, cited)
	switch {
	case f.dimension == string(entity.Date):
		return t.deriveDate(f, evidence, own)
	case f.dimension == "factor":
		return deriveFactor(f, counts)
	}
	for _, q := range quantities(f.Entity) {
		if k, ok := converted(q, append(slices.Clone(evidence), own...)); ok {
			return k, true
		}
		if k, ok := multiplied(q, evidence, counts); ok {
			return k, true
		}
		if k, ok := added(q, evidence, own); ok && len(t.reader.phrasesIn(c, t.reader.lists.of(c.lang, "differences"))) > 0 {
			return k, true
		}
		if k, ok := percentOf(q, evidence, own); ok {
			return k, true
		}
	}
	return calculation{}, false
}

// operands are the quantities of the evidence, those of the customer and of the
// claim, and the counts by which an amount may be multiplied.
func (t *Task) operands(c *reading, f *figure, cited []int) (evidence, own []operand, counts []count) {
	add := func(to []operand, g *figure, p *place, i int) []operand {
		column := -1
		if p != nil && p.table > 0 {
			column = p.columns[i]
		}
		for _, q := range quantities(g.Entity) {
			to = append(to, operand{q, g.Entity, g, p, column})
			break
		}
		if len(quantities(g.Entity)) == 0 {
			to = append(to, operand{quantity{}, g.Entity, g, p, column})
		}
		return to
	}
	for _, p := range t.places {
		if len(cited) > 0 && !slices.Contains(cited, p.source) {
			continue
		}
		for i := range p.figures {
			evidence = add(evidence, &p.figures[i], p, i)
		}
	}
	for i := range c.figures {
		g := &c.figures[i]
		if g == f || g.Start == f.Start {
			continue
		}
		own = add(own, g, nil, 0)
		counts = addCount(counts, g)
	}
	for _, o := range t.own {
		for i := range o.figures {
			own = add(own, &o.figures[i], nil, 0)
			counts = addCount(counts, &o.figures[i])
		}
		counts = t.addReturn(counts, o.reading)
	}
	return evidence, own, t.addReturn(counts, c)
}

// count is a number of people, bags, ways.
type count struct {
	n      float64
	source string
}

func addCount(counts []count, g *figure) []count {
	if g.dimension != "number" && g.dimension != "duration" {
		return counts
	}
	for _, q := range quantities(g.Entity) {
		if q.n > 1 && q.n <= 60 && q.n == math.Trunc(q.n) {
			return append(counts, count{q.n, g.Text})
		}
	}
	return counts
}

func (t *Task) addReturn(counts []count, rd *reading) []count {
	list := t.reader.lists.of(rd.lang, "return-trips")
	for i := range rd.words {
		if ph, ok := list.at(rd.words, i); ok {
			return append(counts, count{2, strings.Join(ph.words, " ")})
		}
	}
	return counts
}

// converted finds the same quantity in another unit: kg and lb, km and mi.
func converted(q quantity, from []operand) (calculation, bool) {
	for _, o := range from {
		if about(q, o.quantity) || about(o.quantity, q) {
			return calculation{o.String() + " ≈ " + q.String(), o.place}, true
		}
	}
	a, ok := q.common()
	if !ok || a.n == 0 {
		return calculation{}, false
	}
	for _, o := range from {
		b, ok := o.common()
		if ok && b.unit == a.unit && o.unit != q.unit && math.Abs(a.n-b.n) <= roundedTo*math.Abs(b.n) {
			return calculation{o.String() + " ≈ " + q.String(), o.place}, true
		}
	}
	return calculation{}, false
}

// about reports whether a is b as people say it: a month is 28 to 31 days, a week
// five working days, 50 cents half of a euro.
func about(a, b quantity) bool {
	switch {
	case a.n == 0:
		return false
	case a.unit == "mo" && b.unit == "d":
		return b.n == 30*a.n || a.n == 1 && b.n >= 28 && b.n <= 31
	case a.unit == "mo" && b.unit == "wk":
		return b.n == 4*a.n
	case a.unit == "wk" && b.unit == "workday":
		return b.n == 5*a.n
	case a.unit == "cent" && len(b.unit) == 3 && b.unit != "min":
		return near(a.n, 100*b.n)
	}
	return false
}

// multiplied finds an amount of the evidence times one or two counts.
func multiplied(q quantity, evidence []operand, counts []count) (calculation, bool) {
	if q.unit == "" || q.unit == "%" {
		return calculation{}, false
	}
	for _, o := range evidence {
		if o.unit != q.unit || o.n == 0 {
			continue
		}
		for i, a := range counts {
			if near(o.n*a.n, q.n) {
				return calculation{fmt.Sprintf("%s × %s = %s", number(a.n), o.quantity, q), o.place}, true
			}
			for _, b := range counts[i+1:] {
				if near(o.n*a.n*b.n, q.n) {
					return calculation{fmt.Sprintf("%s × %s × %s = %s", number(a.n), number(b.n), o.quantity, q), o.place}, true
				}
			}
		}
	}
	return calculation{}, false
}

// added finds a sum or a difference: of two figures of one column, sentence or
// list, or of one of the evidence and one of the customer's.
func added(q quantity, evidence, own []operand) (calculation, bool) {
	try := func(a, b operand) (calculation, bool) {
		p := a.place
		if p == nil {
			p = b.place
		}
		switch {
		case near(a.n+b.n, q.n):
			return calculation{fmt.Sprintf("%s + %s = %s", a.quantity, b.quantity, q), p}, true
		case near(a.n-b.n, q.n):
			return calculation{fmt.Sprintf("%s − %s = %s", a.quantity, b.quantity, q), p}, true
		case near(b.n-a.n, q.n):
			return calculation{fmt.Sprintf("%s − %s = %s", b.quantity, a.quantity, q), p}, true
		}
		return calculation{}, false
	}
	if q.unit == "" || q.n == 0 {
		return calculation{}, false
	}
	for i, a := range evidence {
		if a.unit != q.unit {
			continue
		}
		for _, b := range evidence[i+1:] {
			together := a.place == b.place || a.place.list > 0 && a.place.list == b.place.list || a.place.table > 0 && a.place.table == b.place.table && a.column == b.column
			if b.unit != q.unit || !together || a.n == b.n {
				continue
			}
			if k, ok := try(a, b); ok {
				return k, true
			}
		}
		for _, b := range own {
			if b.unit == q.unit && b.n != a.n {
				if k, ok := try(a, b); ok {
					return k, true
				}
			}
		}
	}
	return calculation{}, false
}

// percentOf finds a percentage of an amount, and "9 in 10" as a percentage.
func percentOf(q quantity, evidence, own []operand) (calculation, bool) {
	all := append(slices.Clone(evidence), own...)
	if q.unit == "%" {
		for _, a := range evidence {
			for _, b := range evidence {
				if a.place == b.place && a.unit == "" && b.unit == "" && b.n > a.n && b.n > 0 && near(100*a.n/b.n, q.n) && b.Start > a.Start && b.Start-a.End < 8 {
					return calculation{fmt.Sprintf("%s of %s = %s", number(a.n), number(b.n), q), a.place}, true
				}
			}
		}
		return calculation{}, false
	}
	for _, p := range evidence {
		if p.unit != "%" {
			continue
		}
		for _, a := range all {
			if a.unit == q.unit && a.unit != "" && near(a.n*p.n/100, q.n) {
				return calculation{fmt.Sprintf("%s of %s = %s", p.quantity, a.quantity, q), p.place}, true
			}
		}
	}
	return calculation{}, false
}

// deriveFactor finds "four times" as two people and two ways.
func deriveFactor(f *figure, counts []count) (calculation, bool) {
	n, err := strconv.ParseFloat(strings.TrimPrefix(f.factor, "x"), 64)
	if err != nil {
		return calculation{}, false
	}
	for i, a := range counts {
		if a.n == n {
			return calculation{text: a.source}, true
		}
		for _, b := range counts[i+1:] {
			if a.n*b.n == n {
				return calculation{text: fmt.Sprintf("%s × %s = %s", number(a.n), number(b.n), number(n))}, true
			}
		}
	}
	return calculation{}, false
}

// deriveDate finds a date as one that is known and a length of time from there.
func (t *Task) deriveDate(f *figure, evidence, own []operand) (calculation, bool) {
	var bases []time.Time
	for _, o := range own {
		if d, ok := t.date(o.Value); ok && o.Kind == entity.Date {
			bases = append(bases, d)
		}
	}
	for _, o := range evidence {
		if d, ok := t.date(o.Value); ok && o.Kind == entity.Date {
			bases = append(bases, d)
		}
	}
	if !t.context.Now.IsZero() {
		bases = append(bases, t.context.Now)
	}
	for _, v := range f.Values {
		want, ok := t.date(v)
		if !ok {
			continue
		}
		for _, base := range bases {
			for _, o := range append(slices.Clone(evidence), own...) {
				for _, sign := range []int{1, -1} {
					if got, ok := later(base, o.quantity, sign); ok && sameDay(got, want) {
						op := "+"
						if sign < 0 {
							op = "−"
						}
						return calculation{fmt.Sprintf("%s %s %s = %s", base.Format(time.DateOnly), op, o.quantity, got.Format(time.DateOnly)), o.place}, true
					}
				}
			}
		}
	}
	return calculation{}, false
}

// date reads a date in normal form; one without a year is that of today's.
func (t *Task) date(v string) (time.Time, bool) {
	if rest, ok := strings.CutPrefix(v, "--"); ok {
		year := t.context.Now.Year()
		if t.context.Now.IsZero() {
			year = 2024
		}
		v = fmt.Sprintf("%04d-%s", year, rest)
	}
	d, err := time.Parse(time.DateOnly, v)
	return d, err == nil
}

func sameDay(a, b time.Time) bool { return a.Month() == b.Month() && a.Day() == b.Day() }

// later is a day some time after another one.
func later(base time.Time, q quantity, sign int) (time.Time, bool) {
	n := int(q.n) * sign
	if q.n != math.Trunc(q.n) || q.n == 0 || q.n > 4000 {
		return time.Time{}, false
	}
	switch q.unit {
	case "d", "night":
		return base.AddDate(0, 0, n), true
	case "wk":
		return base.AddDate(0, 0, 7*n), true
	case "mo":
		return base.AddDate(0, n, 0), true
	case "yr":
		return base.AddDate(n, 0, 0), true
	case "h":
		if int(q.n)%24 != 0 {
			return time.Time{}, false
		}
		return base.AddDate(0, 0, n/24), true
	case "workday":
		for step := sign; n != 0; {
			base = base.AddDate(0, 0, step)
			if wd := base.Weekday(); wd != time.Saturday && wd != time.Sunday {
				n -= step
			}
		}
		return base, true
	}
	return time.Time{}, false
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6*math.Max(1, math.Abs(b)) }

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
