package house_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/house"
)

func TestCheckedNamesWhatCannotBe(t *testing.T) {
	t.Parallel()
	brand := func(v house.Voice) house.Settings {
		return house.Settings{Brands: []house.Brand{{Name: "main", Voice: v}}}
	}
	for name, c := range map[string]struct {
		settings house.Settings
		field    string // empty: it can be
		said     string
	}{
		"nothing":                {},
		"a time zone":            {settings: house.Settings{TimeZone: "Europe/Oslo"}},
		"no time zone":           {house.Settings{TimeZone: "Oslo"}, "time_zone", "IANA"},
		"no language":            {house.Settings{DefaultLocale: "english please"}, "default_locale", ""},
		"a brand without a name": {house.Settings{Brands: []house.Brand{{Name: " "}}}, "brands[0].name", "must be set"},
		"two brands of a name":   {house.Settings{Brands: []house.Brand{{Name: "a"}, {Name: " a "}}}, "brands[1].name", "another one"},
		"a blank greeting":       {brand(house.Voice{Greetings: []house.Text{{Text: " \n"}}}), "brands[0].voice.greetings[0].text", "blank"},
		"an unknown blank":       {brand(house.Voice{Signatures: []house.Text{{Text: "Bye"}, {Text: "{boss}"}}}), "brands[0].voice.signatures[1].text", "{boss}"},
		"every blank":            {settings: brand(house.Voice{Closings: []house.Text{{Text: "Bye {name}, {agent} of {company}"}}})},
		"a text of no language":  {brand(house.Voice{Disclosures: []house.Text{{Text: "x", Locale: "nowhere at all"}}}), "brands[0].voice.disclosures[0].locale", ""},
		"an address of no language": {
			brand(house.Voice{Address: []house.FormOfAddress{{Locale: "???", Form: house.AddressFormal}}}), "brands[0].voice.address[0].locale", "",
		},
		"a reply of ten characters":  {house.Settings{ChannelRules: []house.ChannelRule{{Channel: suggest.ChannelChat, MaxChars: 10}}}, "channel_rules[0].max_chars", "give 50 to"},
		"a reply without end":        {house.Settings{ChannelRules: []house.ChannelRule{{}, {MaxChars: 1 << 20}}}, "channel_rules[1].max_chars", "or 0"},
		"a mandate without a name":   {house.Settings{Mandates: []house.Mandate{{Kind: house.MandateException}}}, "mandates[0].name", ""},
		"two mandates of a name":     {house.Settings{Mandates: []house.Mandate{{Name: "m", Kind: house.MandateException}, {Name: "m", Kind: house.MandateException}}}, "mandates[1].name", ""},
		"a refund without an amount": {house.Settings{Mandates: []house.Mandate{{Name: "m", Kind: house.MandateRefund}}}, "mandates[0].max_amount", "up to how much"},
		"a refund below nothing": {
			house.Settings{Mandates: []house.Mandate{{Name: "m", Kind: house.MandateRefund, MaxAmount: suggest.Money{Currency: "EUR", Units: -1}}}}, "mandates[0].max_amount", "negative",
		},
		"a deadline without days": {house.Settings{Mandates: []house.Mandate{{Name: "m", Kind: house.MandateDeadline}}}, "mandates[0].max_days", "how many days"},
		"a policy twice": {
			house.Settings{Policies: house.Policies{Reasons: []house.ReasonPolicy{{Reason: suggest.ReasonLegal}, {Reason: suggest.ReasonPress}, {Reason: suggest.ReasonLegal}}}},
			"policies.reasons[2].reason", "twice",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.settings.Checked()
			var field *suggest.FieldError
			switch {
			case c.field == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.field == "":
			case !errors.As(err, &field) || field.Field != c.field || !strings.Contains(field.Message, c.said):
				t.Errorf("error is %v, want %s: %s", err, c.field, c.said)
			}
		})
	}
}

func TestCheckedCleans(t *testing.T) {
	t.Parallel()
	given := house.Settings{
		DefaultLocale: "DE_de",
		Brands:        []house.Brand{{Name: "  Skerry \n Air ", Company: " Skerry\tAir", Voice: house.Voice{Style: " Warm. ", Greetings: []house.Text{{Text: " Hello \u202e{name},  ", Locale: "EN-gb"}}}}},
	}
	got, err := given.Checked()
	if err != nil {
		t.Fatal(err)
	}
	want := house.Settings{
		DefaultLocale: "de-DE",
		Brands:        []house.Brand{{Name: "Skerry Air", Company: "Skerry Air", Voice: house.Voice{Style: "Warm.", Greetings: []house.Text{{Text: "Hello {name},", Locale: "en-GB"}}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if given.Brands[0].Name == got.Brands[0].Name || given.Brands[0].Voice.Greetings[0].Text == got.Brands[0].Voice.Greetings[0].Text {
		t.Error("what was given was changed")
	}
}

func TestPick(t *testing.T) {
	t.Parallel()
	texts := []house.Text{
		{Text: "any"},
		{Text: "any {name}"},
		{Text: "chat", Channel: suggest.ChannelChat},
		{Text: "deutsch", Locale: "de"},
		{Text: "deutsch {name}", Locale: "de"},
		{Text: "schweiz", Locale: "de-CH"},
		{Text: "deutscher chat", Locale: "de", Channel: suggest.ChannelChat},
		{Text: "{agent}, {company}", Locale: "fr"},
	}
	for name, c := range map[string]struct {
		locale  string
		channel suggest.Channel
		fill    house.Fill
		want    string
	}{
		"what fits all":                     {"en", suggest.ChannelEmail, house.Fill{}, "any"},
		"with a name":                       {"en", suggest.ChannelEmail, house.Fill{Name: "Kari"}, "any Kari"},
		"the channel before none":           {"en", suggest.ChannelChat, house.Fill{}, "chat"},
		"the channel before a name":         {"en", suggest.ChannelChat, house.Fill{Name: "Kari"}, "chat"},
		"the language before the channel":   {"de", suggest.ChannelEmail, house.Fill{}, "deutsch"},
		"language and name":                 {"de-AT", suggest.ChannelEmail, house.Fill{Name: "Kari"}, "deutsch Kari"},
		"another region":                    {"de-AT", suggest.ChannelEmail, house.Fill{}, "deutsch"},
		"the region":                        {"de-CH", suggest.ChannelEmail, house.Fill{}, "schweiz"},
		"both":                              {"de", suggest.ChannelChat, house.Fill{}, "deutscher chat"},
		"every blank":                       {"fr", suggest.ChannelEmail, house.Fill{Agent: "Ola", Company: "Skerry"}, "Ola, Skerry"},
		"an agent whose name nobody knows":  {"fr", suggest.ChannelEmail, house.Fill{}, "any"},
		"a name that looks like a blank":    {"en", suggest.ChannelEmail, house.Fill{Name: "{agent}", Agent: "Ola"}, "any {agent}"},
		"what fits neither has no language": {"ja", "", house.Fill{}, "any"},
	} {
		if got := house.Pick(texts, c.locale, c.channel, c.fill); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := house.Pick([]house.Text{{Text: "deutsch", Locale: "de"}}, "en", suggest.ChannelEmail, house.Fill{}); got != "" {
		t.Errorf("of another language: %q", got)
	}
	if diff := cmp.Diff([]string{"any", "any {name}", "deutsch", "deutsch {name}", "schweiz"}, house.For(texts, "de", suggest.ChannelEmail)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRuleBrandFormAndLocation(t *testing.T) {
	t.Parallel()
	s := house.Settings{
		TimeZone: "Europe/Oslo",
		Brands:   []house.Brand{{Name: "a", Company: "A"}, {Name: "b", Company: "B"}},
		ChannelRules: []house.ChannelRule{
			{Channel: suggest.ChannelSocial, Visibility: suggest.VisibilityPublic, MaxChars: 280},
			{Channel: suggest.ChannelSocial, MaxChars: 900},
			{Channel: suggest.ChannelChat, NoGreeting: true},
		},
	}
	for _, c := range []struct {
		channel    suggest.Channel
		visibility suggest.Visibility
		max        int
	}{
		{suggest.ChannelSocial, suggest.VisibilityPublic, 280},
		{suggest.ChannelSocial, suggest.VisibilityPrivate, 900},
		{suggest.ChannelChat, suggest.VisibilityPrivate, 0},
		{suggest.ChannelEmail, suggest.VisibilityPrivate, 0},
	} {
		if got := s.Rule(c.channel, c.visibility).MaxChars; got != c.max {
			t.Errorf("%s %s: %d characters, want %d", c.channel, c.visibility, got, c.max)
		}
	}
	for name, want := range map[string]string{"b": "B", "a": "A", "": "A", "gone": "A"} {
		if got := s.Brand(name).Company; got != want {
			t.Errorf("brand %q is %q, want %q", name, got, want)
		}
	}
	none := house.Settings{}
	if diff := cmp.Diff(house.Brand{}, none.Brand("a")); diff != "" {
		t.Error(diff)
	}
	v := house.Voice{Address: []house.FormOfAddress{{Locale: "de", Form: house.AddressFormal}, {Locale: "de-CH", Form: house.AddressInformal}}}
	for locale, want := range map[string]house.AddressForm{"de": house.AddressFormal, "de-AT": house.AddressFormal, "de-CH": house.AddressInformal, "fr": ""} {
		if got := v.Form(locale); got != want {
			t.Errorf("%s is addressed %q, want %q", locale, got, want)
		}
	}
	if s.Location().String() != "Europe/Oslo" || none.Location() != time.UTC {
		t.Errorf("time zones %v and %v", s.Location(), none.Location())
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	money := func(units int64) suggest.Money { return suggest.Money{Currency: "EUR", Units: units} }
	s := house.Settings{Mandates: []house.Mandate{
		{Name: "goodwill", Kind: house.MandateGoodwill, MaxAmount: money(50)},
		{Name: "late bags", Kind: house.MandateRefund, MaxAmount: money(200), ContactReasons: []string{"baggage"}},
		{Name: "callback", Kind: house.MandateDeadline, MaxDays: 14},
		{Name: "anything", Kind: house.MandateException},
	}}
	for _, c := range []struct {
		sentence, locale, reason string
		mandate                  string // empty: none covers it
	}{
		{"We will give you a voucher of 50 EUR.", "en", "", "goodwill"},
		{"We will give you a voucher of 50.01 EUR.", "en", "", ""},
		{"We will give you a voucher of 1,000 EUR.", "en", "baggage", ""},
		{"We will give you a voucher of 50 USD.", "en", "", ""},
		{"We will refund 180 EUR.", "en", "baggage", "late bags"},
		{"We will refund 180 EUR.", "en", "seats", ""},
		{"We will refund 20 EUR and another 40 EUR.", "en", "", "goodwill"},
		{"We will refund 20 EUR and another 60 EUR.", "en", "", ""},
		{"Wir erstatten Ihnen 49,90 €.", "de", "", "goodwill"},
		{"You will hear from us within 14 days.", "en", "", "callback"},
		{"You will hear from us within 2 weeks.", "en", "", "callback"},
		{"You will hear from us within 24 hours.", "en", "", "callback"},
		{"You will hear from us within 3 weeks.", "en", "", ""},
		{"You will hear from us within a month.", "en", "", ""},
		{"Innerhalb von 10 Werktagen hören Sie von uns.", "de", "", "callback"},
		{"Innerhalb von 11 Werktagen hören Sie von uns.", "de", "", ""},
		{"We will pay 40 EUR within 3 days.", "en", "", ""},
		{"We will make an exception for you.", "en", "", ""},
		{"We will pay whatever it takes.", "en", "baggage", ""},
		{"", "en", "", ""},
	} {
		got, ok := s.Covers(c.sentence, c.locale, c.reason)
		if ok != (c.mandate != "") || got.Name != c.mandate {
			t.Errorf("%q for %q is covered by %q, want %q", c.sentence, c.reason, got.Name, c.mandate)
		}
	}
}
