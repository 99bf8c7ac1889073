package suite

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// tableNumber reads a number as tables have it: with a decimal point, or with
// the decimal comma that spreadsheets of many countries write. A comma before
// three digits may part thousands as well, so it is refused.
func tableNumber(value string) (float64, error) {
	s := strings.TrimSpace(value)
	plain := s
	if whole, part, ok := strings.Cut(s, ","); ok && areDigits(strings.TrimLeft(whole, "+-")) && areDigits(part) {
		if len(part) == 3 && strings.Trim(whole, "+-0") != "" {
			return 0, twoWays(value, whole, part, "")
		}
		plain = whole + "." + part
	}
	n, err := strconv.ParseFloat(plain, 64)
	switch {
	case err == nil:
		return n, nil
	case areDigits(strings.Map(dropSeparators, s)):
		return 0, fmt.Errorf("%q is no number; write it without anything between thousands and with a decimal point, such as 1234.5", value)
	default:
		return 0, fmt.Errorf("%q is no number", value)
	}
}

// tableWhole reads a whole number, which a spreadsheet may have given a
// fraction of zeros. There a point before three digits may part thousands, too.
func tableWhole(value string) (int, error) {
	s := strings.TrimSpace(value)
	if n, err := strconv.Atoi(s); err == nil {
		return n, nil
	}
	if whole, part, ok := threeBehindPoint(s); ok {
		return 0, twoWays(value, whole, part, "")
	}
	n, err := tableNumber(value)
	if err != nil {
		return 0, err
	}
	if n != math.Trunc(n) || math.Abs(n) > math.MaxInt32 || math.IsNaN(n) {
		return 0, fmt.Errorf("%q is no whole number", value)
	}
	return int(n), nil
}

// threeBehindPoint cuts a number such as "1.000" or "12.500", in which the point
// may part thousands where people write decimal commas.
func threeBehindPoint(s string) (whole, part string, ok bool) {
	whole, part, ok = strings.Cut(strings.TrimSpace(s), ".")
	return whole, part, ok && len(part) == 3 && areDigits(part) && areDigits(whole) && strings.Trim(whole, "0") != ""
}

// decimals remembers the first number of a table with a decimal comma, and the
// first in which the point may be none: together they leave it open what the
// table means.
type decimals struct {
	comma, point int // lines
	value        string
}

func (d *decimals) see(value string, line int) {
	_, _, open := threeBehindPoint(value)
	switch {
	case d.comma == 0 && strings.Contains(value, ","):
		d.comma = line
	case d.point == 0 && open:
		d.point, d.value = line, value
	}
}

// doubt is what to say of the number with the point; nil when there is no doubt.
func (d *decimals) doubt() error {
	if d.comma == 0 || d.point == 0 {
		return nil
	}
	whole, part, _ := threeBehindPoint(d.value)
	return twoWays(d.value, whole, part, fmt.Sprintf(", since line %d has a decimal comma", d.comma))
}

func twoWays(value, whole, part, why string) error {
	point := whole
	if part = strings.TrimRight(part, "0"); part != "" {
		point += "." + part
	}
	return fmt.Errorf("%q can be read in two ways%s; write %s, or %s", value, why, strings.NewReplacer(",", "", ".", "").Replace(value), point)
}

// dropSeparators drops what parts thousands and fractions in some country.
func dropSeparators(r rune) rune {
	if strings.ContainsRune(".,'’ \u00a0\u202f", r) {
		return -1
	}
	return r
}

func areDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
