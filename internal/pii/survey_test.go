package pii_test

import (
	"strings"
	"testing"
	"time"

	"github.com/purser-desk/purser/internal/pii"
)

func told(locale string, texts ...string) pii.Told {
	return pii.Told{Locale: locale, Texts: texts, Time: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
}

// A rule never reads a language that it was not made for; where the language is
// not known, those of all do.
func TestSurveyByLanguage(t *testing.T) {
	t.Parallel()
	const spanish, german = "Viajo con mi hijo Ermenegildo.", "Mein Sohn Thorvald kommt mit."
	for _, c := range []struct {
		locale, text, name string
		found              bool
	}{
		{"es", spanish, "Ermenegildo", true},
		{"es-MX", spanish, "Ermenegildo", true},
		{"", spanish, "Ermenegildo", true},
		{"de", spanish, "Ermenegildo", false},
		{"ja", spanish, "Ermenegildo", false},
		{"de", german, "Thorvald", true},
		{"", german, "Thorvald", true},
		{"en", german, "Thorvald", false},
	} {
		got := pii.NewRedactor(c.locale, pii.Survey(told(c.locale, c.text)).Untold()).Redact(c.text)
		if strings.Contains(got, c.name) == c.found {
			t.Errorf("%q: %q became %q", c.locale, c.text, got)
		}
	}
}

func TestUntold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ locale, in, want string }{
		{"en", "My son Oskar was born 3.4.2011. Oskar flies on 5.6.2027.", "My son [NAME_1] was born [BIRTH_DATE_2]. [NAME_1] flies on 5.6.2027."},
		{"en", "I live at 12 Acacia Avenue, London.", "I live at [STREET_1], London."},
		{"de", "Ich wohne in der Lindenstraße 12, 50667 Köln.", "Ich wohne in der [STREET_1]"},
		{"fr", "Né le 3 mai 1980, j'habite 12 rue de la Paix, 75002 Paris.", "Né le [BIRTH_DATE_1], j'habite [STREET_2]"},
		{"en", "My birthday is 3 May.", "My birthday is 3 May."},
		{"en", "Booking K7Q2ZP, flight SK214 on 5 June 2027.", "Booking K7Q2ZP, flight SK214 on 5 June 2027."},
	} {
		r := pii.NewRedactor(c.locale, pii.Survey(told(c.locale, c.in)).Untold())
		if got := r.Redact(c.in); got != c.want {
			t.Errorf("%q became %q, want %q", c.in, got, c.want)
		}
		if back, err := r.Restore(r.Redact(c.in)); back != c.in || err != nil {
			t.Errorf("%q came back as %q, %v", c.in, back, err)
		}
	}
}

// Names are found whatever their letters and case, with marks or without.
func TestSpellings(t *testing.T) {
	t.Parallel()
	for known, ways := range map[string][]string{
		"Łukasz":          {"Łukasz", "Lukasz", "LUKASZ", "łukasz"},
		"Jørgen":          {"Jørgen", "Jorgen", "Joergen", "JØRGEN"},
		"Kjær":            {"Kjær", "Kjaer", "KJÆR"},
		"Kjaer":           {"Kjær", "Kjaer", "KJÆR"},
		"Groß":            {"Groß", "Gross", "GROSS", "GROẞ"},
		"Gross":           {"Groß", "GROẞ"},
		"Müller":          {"Müller", "Mueller", "Muller", "MÜLLER", "Mu\u0308ller"},
		"Mueller":         {"Müller", "MUELLER", "Mu\u0308ller"},
		"Andre\u0301":     {"André", "Andre", "Andre\u0301"},
		"Åse":             {"Åse", "Aase", "Ase", "A\u030Ase"},
		"Harriet Lowmoor": {"HARRIET LOWMOOR", "harriet lowmoor", "Harriet\nLowmoor"},
	} {
		for _, way := range ways {
			r := pii.NewRedactor("", []pii.Known{{Kind: pii.KindName, Value: known}})
			in := "I am " + way + "."
			got := r.Redact(in)
			if got != "I am [NAME_1]." && got != "I am [NAME_1B]." {
				t.Errorf("%q as %q: %q", known, way, got)
			}
			if back, err := r.Restore(got); back != in || err != nil {
				t.Errorf("%q came back as %q, %v", in, back, err)
			}
		}
	}
	for known, other := range map[string]string{"Sue": "su casa", "Joel": "Jol", "Müller": "Müllers Miller Mullerin"} {
		if got := pii.NewRedactor("", []pii.Known{{Kind: pii.KindName, Value: known}}).Redact(other); got != other {
			t.Errorf("%q was found in %q: %q", known, other, got)
		}
	}
}

// Whatever the texts tell, what was replaced comes back exactly.
func FuzzSurvey(f *testing.F) {
	for _, s := range []string{
		"My son Oskar (born 3.4.2011) and I, Anna Berg, live at 12 Acacia Avenue.\n\nRegards\nAnna", "Mein Sohn Jürgen, geb. 03.04.80, Lindenstraße 12", "Mu\u0308ller MÜLLER Mueller",
		"née le 1er avril 2011 [NAME_1] [BIRTH_DATE_2]", "Passenger: Bo Li\nPassenger: Åse Kjær", "STREET 1 BIRTH_DATE_1]", "\xff\u0308a\u030a", "Dear Oskar, Oskar\u0301, oskar",
	} {
		f.Add(s, "en")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, s, locale string) {
		known := append([]pii.Known{{Kind: pii.KindName, Value: "Jürgen Groß"}}, pii.Survey(told(locale, s)).Untold()...)
		r := pii.NewRedactor(locale, known)
		for _, in := range []string{s, "Juergen Gross, Jürgen\u0301 GROẞ " + s} {
			hidden := r.Redact(in)
			if back, err := r.Restore(hidden); back != in || err != nil {
				t.Fatalf("%q came back as %q, %v", hidden, back, err)
			}
			if back, err := pii.Recorded(r.Map()).Restore(hidden); back != in || err != nil {
				t.Fatalf("%q came back from its record as %q, %v", hidden, back, err)
			}
		}
	})
}

func BenchmarkSurvey(b *testing.B) {
	s := strings.Repeat("Hello, I am flying with my son on 5 June 2027 and would like to know how much a second bag costs when we change planes in Oslo. ", 8) + "\n\nKind regards\nAnna Berg"
	for _, locale := range []string{"en", "de", ""} {
		b.Run("locale "+locale, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				pii.Survey(told(locale, s))
			}
		})
	}
}
