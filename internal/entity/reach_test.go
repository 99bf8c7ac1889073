package entity_test

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/internal/entity"
)

func TestHandlesAndServices(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text              string
		handles, services []string
	}{
		"a handle":                {"Write to @Skerry_Bags.", []string{"skerry_bags"}, nil},
		"two handles":             {"(@skerry or @x.y)", []string{"skerry", "x.y"}, nil},
		"a wide sign":             {"Ask ＠skerry", []string{"skerry"}, nil},
		"an e-mail address":       {"Write to help@skerry.example.", nil, nil},
		"a handle in a link":      {"https://tiktok.com/@skerry", nil, nil},
		"a price each":            {"3 @ 40 EUR, 2 @40", nil, nil},
		"messengers":              {"On WhatsApp or Telegram.", nil, []string{"telegram", "whatsapp"}},
		"an apostrophe":           {"On What's App.", nil, []string{"whatsapp"}},
		"two words":               {"Pay by Western Union.", nil, []string{"westernunion"}},
		"a hyphen":                {"Install Any-Desk.", nil, []string{"anydesk"}},
		"a common word as a name": {"Call us on Signal.", nil, []string{"signal"}},
		"a common word":           {"The signal at the gate, the line to it and zoom.", nil, nil},
		"a noun in German":        {"Das Signal ertönt, die Line ist frei.", nil, nil},
		"an invalid byte":         {"\xff@\xffab WhatsApp\xff", nil, []string{"whatsapp"}},
		"nothing":                 {"", nil, nil},
	} {
		if diff := cmp.Diff(c.handles, entity.Handles(c.text)); diff != "" {
			t.Errorf("%s: handles %s", name, diff)
		}
		if diff := cmp.Diff(c.services, entity.Services(c.text)); diff != "" {
			t.Errorf("%s: services %s", name, diff)
		}
	}
}

func FuzzHandles(f *testing.F) {
	for _, s := range []string{"Don't open @skerry, but WhatsApp.", "a\xff@b\xc3 not.", ". . ?"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, h := range entity.Handles(s) {
			if !utf8.ValidString(h) && utf8.ValidString(s) {
				t.Errorf("handle %q of %q", h, s)
			}
		}
		entity.Services(s)
	})
}
