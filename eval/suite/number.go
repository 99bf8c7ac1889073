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
			return 0, twoWays(value, whole, part)
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
	if whole, part, ok := strings.Cut(s, "."); ok && len(part) == 3 && areDigits(part) && areDigits(whole) {
		return 0, twoWays(value, whole, part)
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

func twoWays(value, whole, part string) error {
	point := whole
	if part = strings.TrimRight(part, "0"); part != "" {
		point += "." + part
	}
	return fmt.Errorf("%q can be read in two ways; write %s, or %s", value, strings.NewReplacer(",", "", ".", "").Replace(value), point)
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
