package support

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/purser-desk/purser/internal/entity"
)

// quantity is a number with what it counts, in the units of entity's normal form.
type quantity struct {
	n    float64
	unit string
}

// quantities are the readings of an entity that are numbers.
func quantities(e entity.Entity) []quantity {
	var out []quantity
	for _, v := range e.Values {
		number, unit, _ := strings.Cut(v, " ")
		if rest, ok := strings.CutSuffix(number, "%"); ok {
			number, unit = rest, "%"
		}
		if n, err := strconv.ParseFloat(number, 64); err == nil {
			out = append(out, quantity{n, unit})
		}
	}
	return out
}

// dimension is what kinds of quantity can be held against each other: money,
// lengths of time, weights. A bare number has none.
func dimension(e entity.Entity) string {
	switch e.Kind {
	case entity.Amount:
		return "money"
	case entity.Percent:
		return "%"
	case entity.Duration:
		return "duration"
	case entity.Number:
		for _, q := range quantities(e) {
			if m, ok := measures()[q.unit]; ok {
				return m.dimension
			}
			if q.unit != "" {
				return q.unit
			}
		}
		return "number"
	case entity.Date, entity.Time, entity.URL, entity.Email, entity.Phone, entity.IBAN, entity.Card, entity.Code:
	}
	return string(e.Kind)
}

//go:embed units.txt
var unitsFile string

// measure is what a unit measures, and how many of a common unit one is; none
// where it can't be converted.
type measure struct {
	dimension, common string
	times             float64
}

// measures are the units that entity knows, by name.
var measures = sync.OnceValue(func() map[string]measure {
	out := map[string]measure{}
	for line := range strings.Lines(unitsFile) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] != "#" {
			m := measure{dimension: f[1]}
			if len(f) == 4 {
				m.common = f[2]
				m.times, _ = strconv.ParseFloat(f[3], 64)
			}
			out[f[0]] = m
		}
	}
	return out
})

// isTime reports whether a rate is for each length of time.
func isTime(rate string) bool { return measures()[rate].dimension == "duration" }

// common brings a quantity to its dimension's common unit; ok is false for one
// that has none.
func (q quantity) common() (c quantity, ok bool) {
	m := measures()[q.unit]
	return quantity{q.n * m.times, m.common}, m.common != ""
}

func (q quantity) String() string {
	n := strconv.FormatFloat(q.n, 'f', -1, 64)
	if q.unit == "%" {
		return n + "%"
	}
	return strings.TrimSpace(n + " " + q.unit)
}
