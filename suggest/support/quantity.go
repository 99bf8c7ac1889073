package support

import (
	"strconv"
	"strings"

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
		return "time"
	case entity.Number:
		for _, q := range quantities(e) {
			if d, ok := dimensions[q.unit]; ok {
				return d
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

// dimensions of the units that entity knows, beside lengths of time.
var dimensions = map[string]string{
	"g": "weight", "kg": "weight", "t": "weight", "lb": "weight", "oz": "weight",
	"mm": "length", "cm": "length", "m": "length", "km": "length", "mi": "length", "in": "length", "ft": "length",
	"ml": "volume", "cl": "volume", "dl": "volume", "l": "volume",
	"kb": "data", "mb": "data", "gb": "data", "tb": "data",
	"night": "night",
}

// bases of units, for conversion that rounds: how many of a dimension's common
// unit one is.
var bases = map[string]struct {
	to string
	n  float64
}{
	"g": {"kg", .001}, "kg": {"kg", 1}, "t": {"kg", 1000}, "lb": {"kg", .45359237}, "oz": {"kg", .028349523},
	"mm": {"m", .001}, "cm": {"m", .01}, "m": {"m", 1}, "km": {"m", 1000}, "mi": {"m", 1609.344}, "in": {"m", .0254}, "ft": {"m", .3048},
	"s": {"s", 1}, "min": {"s", 60}, "h": {"s", 3600}, "d": {"s", 86400}, "wk": {"s", 604800},
	"mo": {"mo", 1}, "yr": {"mo", 12},
}

// common brings a quantity to its dimension's common unit; ok is false for one
// that has none.
func (q quantity) common() (c quantity, ok bool) {
	b, ok := bases[q.unit]
	return quantity{q.n * b.n, b.to}, ok
}

func (q quantity) String() string {
	n := strconv.FormatFloat(q.n, 'f', -1, 64)
	if q.unit == "%" {
		return n + "%"
	}
	return strings.TrimSpace(n + " " + q.unit)
}
