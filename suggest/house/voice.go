package house

import (
	"strings"
	"time"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

// Brand is the one that a ticket names, else the first; the zero value where there
// is none.
func (s *Settings) Brand(name string) Brand {
	for _, b := range s.Brands {
		if b.Name == name {
			return b
		}
	}
	if len(s.Brands) > 0 {
		return s.Brands[0]
	}
	return Brand{}
}

// Location is the time zone by which "today" is told.
func (s *Settings) Location() *time.Location {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Rule is what a channel allows: the rule for its visibility before the one for
// both; the zero value where there is none.
func (s *Settings) Rule(c suggest.Channel, v suggest.Visibility) ChannelRule {
	var found ChannelRule
	for _, r := range s.ChannelRules {
		switch {
		case r.Channel != c || r.Visibility != "" && r.Visibility != v:
		case r.Visibility == v:
			return r
		default:
			found = r
		}
	}
	return found
}

// Form is how readers of a language are addressed; empty when nothing was set.
func (v *Voice) Form(locale string) AddressForm {
	var form AddressForm
	best := -1
	for _, a := range v.Address {
		if r := rankLocale(a.Locale, locale); r > best {
			form, best = a.Form, r
		}
	}
	return form
}

// Pick is the text for a language and a channel with its blanks filled; what fits
// both wins over what fits one. A text that names the customer counts only when a
// name is given. It is empty when none fits.
func Pick(texts []Text, locale string, c suggest.Channel, fill Fill) string {
	best, rank := "", -1
	for _, t := range texts {
		r := t.rank(locale, c)
		if fill.Name == "" && strings.Contains(t.Text, "{name}") || fill.Agent == "" && strings.Contains(t.Text, "{agent}") {
			continue
		}
		if fill.Name != "" && strings.Contains(t.Text, "{name}") && r >= 0 {
			r++ // before one of the same place that names nobody
		}
		if r > rank {
			best, rank = t.Text, r
		}
	}
	return strings.NewReplacer("{name}", fill.Name, "{agent}", fill.Agent, "{company}", fill.Company).Replace(best)
}

// Fill is what the blanks of a text stand for.
type Fill struct{ Name, Agent, Company string }

// rankLocale is how well what is set for a locale fits another: the same, its
// language, another region of it, any; -1 when it doesn't.
func rankLocale(set, locale string) int {
	language := text.BaseLanguage(locale)
	switch {
	case set == locale:
		return 12
	case set == "":
		return 0
	case set == language:
		return 8
	case text.BaseLanguage(set) == language:
		return 4
	}
	return -1
}

// rank is how well a text fits, -1 when it doesn't.
func (t *Text) rank(locale string, c suggest.Channel) int {
	r := rankLocale(t.Locale, locale)
	if r < 0 {
		return -1
	}
	switch t.Channel {
	case "":
	case c:
		r += 2
	default:
		return -1
	}
	return r
}

// For are the texts of a list that count for a language and a channel.
func For(texts []Text, locale string, c suggest.Channel) []string {
	var out []string
	for _, t := range texts {
		if t.rank(locale, c) >= 0 {
			out = append(out, t.Text)
		}
	}
	return out
}
