package lexicon_test

import (
	"testing"

	"github.com/purser-desk/purser/internal/lexicon"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{
		"Łukasz":       {"lukasz", "lukasz"},
		"JØRGEN":       {"jorgen", "joergen"},
		"Kjær":         {"kjaer", "kjaer"},
		"Groß":         {"gross", "gross"},
		"GROẞ":         {"gross", "gross"},
		"Müller":       {"muller", "mueller"},
		"Mu\u0308ller": {"muller", "mueller"},
		"Åse Öberg":    {"ase oberg", "aase oeberg"},
		"A\u030Ase":    {"ase", "aase"},
		"Đorđe":        {"dorde", "dorde"},
		"Işık":         {"isik", "isik"},
		"İpek":         {"ipek", "ipek"},
		"Zoë":          {"zoe", "zoe"},
		"王伟":           {"王伟", "王伟"},
		"O'Brien-Ño":   {"o'brien-no", "o'brien-no"},
	} {
		if got := [2]string{lexicon.Fold(in, lexicon.Bare), lexicon.Fold(in, lexicon.SpeltOut)}; got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
