package entity_test

import (
	"strconv"
	"testing"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/lexicon"
)

// TestListsOfNumbers finds entries of the lists that map words to numbers which
// would silently be nought.
func TestListsOfNumbers(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"months", "months-own", "months-short", "months-short-own", "weekdays", "magnitudes", "numbers", "numbers-glued"} {
		languages := lexicon.Languages(list)
		if len(languages) < 2 {
			t.Errorf("%s is known in %v only", list, languages)
		}
		for _, lang := range languages {
			for word, value := range lexicon.Of(lang, list).All() {
				if n, err := strconv.Atoi(value); err != nil || n <= 0 {
					t.Errorf("%s/%s: %q is %q", lang, list, word, value)
				}
			}
		}
	}
}

func TestWordsOfALanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ locale, text, want string }{
		{"en", "within 1 month", "1 mo"},
		{"en", "one month", "1 mo"},
		{"nl", "tweehonderdenvijftig dagen", "250 d"},
		{"no", "tohundreogfemti dager", "250 d"},
		{"de", "zweihundertundfünfzig Tage", "250 d"},
		{"it", "duecentocinquanta giorni", "250 d"},
		{"no", "2 time", "2 h"},
		{"en", "2 time slots", "2"},
		{"fr", "1 an", "1 yr"},
		{"en", "1 an", "1"},
		{"fr", "2 ton", "2"},
		{"nl", "2 ton", "2 t"},
		{"bg", "2 години", "2 yr"},
		{"uk", "2 години", "2 h"},
		{"pl", "3 lis 2026", "2026-11-03"},
		{"de", "3. Mai 2026", "2026-05-03"},
		{"fr", "3 mai 2026", "2026-05-03"},
		{"no", "3. mai 2026", "2026-05-03"},
		{"en", "3 Mai 2026", "2026-05-03"},
		{"de", "3 lis 2026", "3"},
		{"pl", "12 marca 2026", "2026-03-12"},
		{"es", "12 marca 2026", "12"},
		{"tr", "12 mart 2026", "2026-03-12"},
	} {
		found := entity.Find(c.text, c.locale)
		if len(found) == 0 || found[0].Value != c.want {
			t.Errorf("%s: %q gives %v, want %s", c.locale, c.text, found, c.want)
		}
	}
}
