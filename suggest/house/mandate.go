package house

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/purser-desk/purser/internal/entity"
)

// Covers is a mandate that covers a promise made in a sentence: for this reason of
// contact, and with no amount above its own, or no time longer than its own.
func (s *Settings) Covers(sentence, locale, contactReason string) (Mandate, bool) {
	found := entity.Find(sentence, locale)
	for _, m := range s.Mandates {
		if len(m.ContactReasons) > 0 && !slices.Contains(m.ContactReasons, contactReason) {
			continue
		}
		if m.covers(found) {
			return m, true
		}
	}
	return Mandate{}, false
}

// covers reports whether every amount and time promised is within the mandate. A
// promise without a figure is within none: how much it is nobody can tell.
func (m *Mandate) covers(promised []entity.Entity) bool {
	within := false
	for _, e := range promised {
		switch e.Kind {
		case entity.Amount:
			amount, currency := measured(e.Value)
			if m.Kind != MandateRefund && m.Kind != MandateGoodwill || currency != m.MaxAmount.Currency ||
				amount > float64(m.MaxAmount.Units)+float64(m.MaxAmount.Nanos)/1e9 {
				return false
			}
			within = true
		case entity.Duration:
			n, unit := measured(e.Value)
			days, known := daysOf(unit)
			if !known || m.Kind != MandateDeadline || n*days > float64(m.MaxDays) {
				return false
			}
			within = true
		case entity.Number, entity.Percent, entity.Date, entity.Time, entity.Card, entity.Code, entity.URL, entity.Email, entity.Phone, entity.IBAN:
		}
	}
	return within
}

// measured reads the normal form of an entity, such as "15.5 EUR" or "14 d"; what is
// no number is more than any.
func measured(value string) (n float64, unit string) {
	number, unit, _ := strings.Cut(value, " ")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return math.Inf(1), unit
	}
	return n, unit
}

// daysOf is how many days a unit of time has at most.
func daysOf(unit string) (days float64, known bool) {
	switch unit {
	case "min":
		return 1. / (24 * 60), true
	case "h":
		return 1. / 24, true
	case "d":
		return 1, true
	case "wk":
		return 7, true
	case "mo":
		return 31, true
	case "workday": // with the weekend that they may take in
		return 7. / 5, true
	case "yr":
		return 366, true
	}
	return 0, false
}
