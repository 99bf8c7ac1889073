package house

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// Checked returns the settings with their texts cleaned and their languages
// written as BCP 47 wants, or a *suggest.FieldError that names the first part that
// can't be and says what was expected.
func (s Settings) Checked() (Settings, error) {
	if _, err := time.LoadLocation(s.TimeZone); err != nil {
		return s, field("time_zone", "is no time zone; give an IANA name such as Europe/Oslo, or nothing for UTC")
	}
	var err error
	if s.DefaultLocale, err = locale("default_locale", s.DefaultLocale); err != nil {
		return s, err
	}
	s.Brands = slices.Clone(s.Brands)
	names := map[string]bool{}
	for i := range s.Brands {
		at := fmt.Sprintf("brands[%d]", i)
		b := &s.Brands[i]
		b.Name, b.Company = line(b.Name), line(b.Company)
		if b.Name == "" || names[b.Name] {
			return s, field(at+".name", "must be set, and another one for each brand")
		}
		names[b.Name] = true
		if b.Voice, err = b.Voice.checked(at + ".voice"); err != nil {
			return s, err
		}
	}
	for i, r := range s.ChannelRules {
		if r.MaxChars != 0 && (r.MaxChars < minChars || r.MaxChars > maxChars) {
			return s, field(fmt.Sprintf("channel_rules[%d].max_chars", i), fmt.Sprintf("is %d; give %d to %d, or 0 for the server's", r.MaxChars, minChars, maxChars))
		}
	}
	return s, s.checkMandates()
}

// Bounds of a channel's longest reply, in characters.
const (
	minChars = 50
	maxChars = 20_000
)

func (s Settings) checkMandates() error {
	names := map[string]bool{}
	for i, m := range s.Mandates {
		at := fmt.Sprintf("mandates[%d]", i)
		switch {
		case text.IsBlank(m.Name) || names[m.Name]:
			return field(at+".name", "must be set, and another one for each mandate")
		case m.MaxAmount.Units < 0 || m.MaxAmount.Nanos < 0:
			return field(at+".max_amount", "must not be negative")
		case (m.Kind == MandateRefund || m.Kind == MandateGoodwill) && m.MaxAmount == suggest.Money{}:
			return field(at+".max_amount", "is missing; say up to how much")
		case m.Kind == MandateDeadline && m.MaxDays <= 0:
			return field(at+".max_days", "is missing; say within how many days")
		}
		names[m.Name] = true
	}
	reasons := map[suggest.Reason]bool{}
	for i, p := range s.Policies.Reasons {
		if reasons[p.Reason] {
			return field(fmt.Sprintf("policies.reasons[%d].reason", i), "stands there twice; give each reason one policy")
		}
		reasons[p.Reason] = true
	}
	return nil
}

func (v Voice) checked(at string) (Voice, error) {
	v.Style = strings.TrimSpace(text.Clean(v.Style))
	v.Address = slices.Clone(v.Address)
	var err error
	for i := range v.Address {
		if v.Address[i].Locale, err = locale(fmt.Sprintf("%s.address[%d].locale", at, i), v.Address[i].Locale); err != nil {
			return v, err
		}
	}
	for _, list := range []struct {
		name  string
		texts *[]Text
	}{
		{"greetings", &v.Greetings},
		{"closings", &v.Closings},
		{"signatures", &v.Signatures},
		{"forbidden_phrases", &v.Forbidden},
		{"disclosures", &v.Disclosures},
	} {
		*list.texts = slices.Clone(*list.texts)
		for i := range *list.texts {
			if err := (*list.texts)[i].check(fmt.Sprintf("%s.%s[%d]", at, list.name, i)); err != nil {
				return v, err
			}
		}
	}
	return v, nil
}

var blanks = regexp.MustCompile(`\{([^{}]*)\}`)

func (t *Text) check(at string) (err error) {
	t.Text = strings.TrimSpace(text.Clean(t.Text))
	if t.Text == "" {
		return field(at+".text", "is blank; give a text or leave it out")
	}
	for _, m := range blanks.FindAllStringSubmatch(t.Text, -1) {
		if !slices.Contains(fillable(), m[1]) {
			return field(at+".text", "holds {"+m[1]+"}; only {"+strings.Join(fillable(), "}, {")+"} are filled in")
		}
	}
	t.Locale, err = locale(at+".locale", t.Locale)
	return err
}

// fillable are the names that a text may leave open.
func fillable() []string { return []string{"name", "agent", "company"} }

func locale(at, tag string) (string, error) {
	if tag == "" {
		return "", nil
	}
	return knowledge.CanonicalLocale(at, tag)
}

func line(s string) string { return strings.Join(strings.Fields(text.Clean(s)), " ") }

func field(name, message string) error { return &suggest.FieldError{Field: name, Message: message} }
