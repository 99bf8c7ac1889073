package text_test

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/internal/text"
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
		if diff := cmp.Diff(c.handles, text.Handles(c.text)); diff != "" {
			t.Errorf("%s: handles %s", name, diff)
		}
		if diff := cmp.Diff(c.services, text.Services(c.text)); diff != "" {
			t.Errorf("%s: services %s", name, diff)
		}
	}
}

func TestAgrees(t *testing.T) {
	t.Parallel()
	a := text.NewAnalyzer()
	for name, c := range map[string]struct {
		locale, claim, sentence string
		least                   float64
		want                    bool
	}{
		"alike":                          {"en", "Dogs may not fly in the hold.", "In the hold, dogs can't fly.", .5, true},
		"turned":                         {"en", "Dogs may fly in the hold.", "Dogs may not fly in the hold.", .5, false},
		"denied in a part of its own":    {"en", "Dogs may fly in the hold.", "Dogs may fly in the hold, but birds never do.", .5, true},
		"little in common":               {"en", "Dogs sleep well in the large hold.", "Cats must not see dogs.", .5, true},
		"little in common, no bound":     {"en", "Dogs sleep well in the large hold.", "Cats must not see dogs.", 0, false},
		"a language without its denials": {"fi", "Koirat saavat lentää ruumassa.", "Koirat eivät saa lentää ruumassa.", .5, true},
		"a row of a table":               {"en", "Dogs: hold, not cabin", "Dogs | hold | cabin", .5, true},
	} {
		claim, sentence := text.ReadStatement(a, c.claim, c.locale), text.ReadStatement(a, c.sentence, c.locale)
		if got := text.Agrees(&claim, []*text.Statement{&sentence}, c.least); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestQuotes(t *testing.T) {
	t.Parallel()
	const in = "# Links\n\nBeware. Never open such links!\nAsk us first. Do you know us? Open the app."
	for claim, want := range map[string]bool{
		"Never open such links.":         true,
		"Open such links.":               false,
		"Beware. Never open such links.": true,
		"open the APP":                   true,
		"Close the app.":                 false,
		"":                               true,
	} {
		if got := text.Quotes(claim, in, "en"); got != want {
			t.Errorf("%q: %v", claim, got)
		}
	}
}

func FuzzStatements(f *testing.F) {
	for _, s := range []string{"Don't open @skerry, but WhatsApp.", "nie, nigdy | nic", "a\xff@b\xc3 not.", ". . ?", "n't not"} {
		f.Add(s, s)
	}
	a := text.NewAnalyzer()
	f.Fuzz(func(t *testing.T, s, in string) {
		for _, h := range text.Handles(s) {
			if !utf8.ValidString(h) && utf8.ValidString(s) {
				t.Errorf("handle %q of %q", h, s)
			}
		}
		text.Services(s)
		text.Quotes(s, in, "pl")
		st := text.ReadStatement(a, s, "en")
		if !text.Agrees(&st, []*text.Statement{&st}, .5) {
			t.Errorf("%q disagrees with itself", s)
		}
	})
}
