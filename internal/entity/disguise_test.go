package entity_test

import (
	"testing"

	"github.com/purser-desk/purser/internal/entity"
)

func TestHidesContact(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		locale, text string
		want         bool
	}{
		"look-alikes in a link":      {"en", "Go to һттрѕ://rеfսոԁ.ехамрӏе/рау now.", true},
		"look-alikes in an address":  {"fr", "Écrivez à сӏаімѕ@rеfսոԁ.ехамрӏе.", true},
		"a link in clear":            {"en", "Go to https://skerry.example/bags now.", false},
		"Greek in prose":             {"en", "The sign Ω means: see the manual, page 4.", false},
		"a Russian sentence":         {"ru", "Напишите нам на сайте пример.рф.", false},
		"letters parted by blanks":   {"en", "Write to c l a i m s @ r e f u n d . e x a m p l e.", true},
		"digits parted by blanks":    {"en", "Call + 4 4 7 7 0 0 9 0 0 1 2 3 now.", true},
		"single letters":             {"en", "Rows A B C D E F G H J K have a window.", false},
		"digits in words":            {"en", "Call four four seven seven zero zero nine zero zero one.", true},
		"digits in German words":     {"de", "Rufen Sie null eins fünf eins zwei drei vier an.", true},
		"some numbers in words":      {"en", "You may take one or two bags, for three or four days.", false},
		"an ordinary sentence":       {"en", "You may bring one cabin bag of up to 8 kg.", false},
		"nothing":                    {"en", "", false},
		"an invalid byte":            {"en", "a\xff b", false},
		"a phone number with blanks": {"no", "Ring 22 33 44 55.", false},
	} {
		if got := entity.HidesContact(c.text, c.locale); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestDomain(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://help.skerry.example/bags": "skerry.example",
		"www.skerry.co.uk":                 "skerry.co.uk",
		"help@mail.skerry.example":         "skerry.example",
		"https://a.github.io/x":            "a.github.io",
		"http://192.0.2.7:80/pay":          "192.0.2.7",
		"8 kg":                             "",
	} {
		entities := entity.Find(link, "en")
		if len(entities) != 1 || entities[0].Domain() != want {
			t.Errorf("%s: %+v", link, entities)
		}
	}
}

func FuzzHidesContact(f *testing.F) {
	for _, s := range []string{"һттрѕ://rеfսոԁ.ехамрӏе", "a b c d e f g h i j", "one two three four five six", "\xff\x00", "c l a i m s @ r e f . e x a m p l e"} {
		f.Add(s, "en")
	}
	f.Fuzz(func(_ *testing.T, s, locale string) { entity.HidesContact(s, locale) })
}
