package negation_test

import (
	"testing"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/negation"
)

func TestAgrees(t *testing.T) {
	t.Parallel()
	a := analysis.NewAnalyzer()
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
		claim, sentence := negation.ReadStatement(a, c.claim, c.locale), negation.ReadStatement(a, c.sentence, c.locale)
		if got := negation.Agrees(&claim, []*negation.Statement{&sentence}, c.least); got != c.want {
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
		if got := negation.Quotes(claim, in, "en"); got != want {
			t.Errorf("%q: %v", claim, got)
		}
	}
}

func FuzzStatements(f *testing.F) {
	for _, s := range []string{"Don't open @skerry, but WhatsApp.", "nie, nigdy | nic", "a\xff@b\xc3 not.", ". . ?", "n't not"} {
		f.Add(s, s)
	}
	a := analysis.NewAnalyzer()
	f.Fuzz(func(t *testing.T, s, in string) {
		negation.Quotes(s, in, "pl")
		st := negation.ReadStatement(a, s, "en")
		if !negation.Agrees(&st, []*negation.Statement{&st}, .5) {
			t.Errorf("%q disagrees with itself", s)
		}
	})
}
