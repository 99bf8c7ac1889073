package suggest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/purser-desk/purser/internal/sentence"
)

// FactValue is a fact as it is written for people: dates as 2026-05-03, amounts
// as 12.50 EUR.
func FactValue(f Fact) string {
	switch f.Kind {
	case FactAmount:
		return moneyText(f.Amount)
	case FactDate:
		if f.Date == (Date{}) {
			return ""
		}
		return fmt.Sprintf("%04d-%02d-%02d", f.Date.Year, f.Date.Month, f.Date.Day)
	case FactText, FactCode:
	}
	return strings.TrimSpace(f.Text)
}

func moneyText(m Money) string {
	if m.Currency == "" {
		return ""
	}
	sign, units, nanos := "", m.Units, int64(m.Nanos)
	if units < 0 || nanos < 0 {
		sign, units, nanos = "-", -units, -nanos
	}
	s := sign + strconv.FormatInt(units, 10)
	if nanos != 0 {
		s += "." + strings.TrimRight(fmt.Sprintf("%09d", nanos), "0")
		if whole, cents, _ := strings.Cut(s, "."); len(cents) == 1 {
			s = whole + "." + cents + "0"
		}
	}
	return s + " " + m.Currency
}

// A fact is a value. A longer text, or a sentence, is a remark that somebody
// wrote: a model may read it, and it states nothing.
const (
	remarkWords   = 8
	sentenceWords = 4
)

// IsRemark reports whether a fact is no value but what somebody wrote of one.
func (f *Fact) IsRemark() bool {
	if f.Kind != FactText && f.Kind != "" {
		return false
	}
	n := len(strings.Fields(f.Text))
	return n > remarkWords || n >= sentenceWords && sentence.Ends(strings.TrimSpace(f.Text))
}
