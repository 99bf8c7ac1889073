package text_test

import (
	"strings"
	"testing"

	"github.com/purser-desk/purser/internal/text"
)

func TestBaseLanguage(t *testing.T) {
	for in, want := range map[string]string{
		"en": "en", "pt-BR": "pt", "PT_br": "pt", "nb": "no", "nn": "no", "nb-NO": "no", "no": "no", "zh-Hant-TW": "zh", "iw": "he", "": "", "und": "", "???": "", "cmn": "zh",
	} {
		if got := text.BaseLanguage(in); got != want {
			t.Errorf("BaseLanguage(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCanonicalLocale(t *testing.T) {
	for in, want := range map[string]string{
		"EN": "en", "en_us": "en-US", "pt-br": "pt-BR", "nb": "no", "nn-NO": "no-NO", "zh-hans": "zh-Hans", "iw": "he", "\tde\u0020": "de", "en-US-u-co-phonebk": "en-US", "es-419": "es-419",
	} {
		got, err := text.CanonicalLocale(in)
		if err != nil || got != want {
			t.Errorf("CanonicalLocale(%q) = %q, %v; want %q", in, got, err, want)
		}
		if again, err := text.CanonicalLocale(got); err != nil || again != got {
			t.Errorf("CanonicalLocale(%q) = %q, %v; want it unchanged", got, again, err)
		}
	}
	for _, in := range []string{"", "und", "x", "klingon", "zz", "en-", "12", strings.Repeat("a", 100), "mul"} {
		if got, err := text.CanonicalLocale(in); err == nil || !strings.Contains(err.Error(), "BCP 47") {
			t.Errorf("CanonicalLocale(%q) = %q, %v; want an error that says what is expected", in, got, err)
		}
	}
}
