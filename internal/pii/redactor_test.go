package pii_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/internal/pii"
)

func customer() []pii.Known {
	return []pii.Known{
		{Kind: pii.KindName, Value: "Anna Kowalska"},
		{Kind: pii.KindHandle, Value: "@anna_k"},
		{Kind: pii.KindCode, Name: "booking code", Value: "X7K9P2"},
		{Kind: pii.KindEmail, Value: "anna@skerry.example"},
		{Kind: pii.KindPhone, Value: "+47 22 33 44 55"},
	}
}

func TestNamesOfTwoLettersAreHiddenAsGiven(t *testing.T) {
	r := pii.NewRedactor("", []pii.Known{
		{Kind: pii.KindName, Value: "Bo"},
		{Kind: pii.KindName, Value: "王伟"},
		{Kind: pii.KindName, Value: "J."},
		{Kind: pii.KindFact, Name: "seat", Value: "4A"},
	})
	// One after the other: the numbers go by which value was met first.
	for _, tt := range []struct{ in, want string }{
		{"Bo here, J. too, bo i Norge, Boat, seat 4A", "[NAME_1] here, J. too, bo i Norge, Boat, seat 4A"},
		{"我是王伟。", "我是[NAME_2]。"},
	} {
		if got := r.Redact(tt.in); got != tt.want {
			t.Errorf("%q became %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestRedact(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"nothing":                     {"When does it leave?", "When does it leave?"},
		"e-mail":                      {"Write to bob@mail.example.", "Write to [EMAIL_1]."},
		"same e-mail twice":           {"bob@mail.example or bob@mail.example", "[EMAIL_1] or [EMAIL_1]"},
		"same e-mail in capitals":     {"bob@mail.example or BOB@mail.example", "[EMAIL_1] or [EMAIL_1B]"},
		"two e-mails":                 {"bob@mail.example, eve@mail.example", "[EMAIL_1], [EMAIL_2]"},
		"disguised e-mail":            {"bob (at) mail (dot) example please", "[EMAIL_1] please"},
		"phone":                       {"Call +44 20 7946 0958 now", "Call [PHONE_1] now"},
		"card":                        {"My card 4111 1111 1111 1111 was charged", "My card [CREDIT_CARD_1] was charged"},
		"card with a wrong check":     {"Order 4111111111111112 is late", "Order 4111111111111112 is late"},
		"iban":                        {"to GB82 WEST 1234 5698 7654 32, please", "to [IBAN_1], please"},
		"iban in small letters":       {"gb82west12345698765432", "[IBAN_1]"},
		"iban with a wrong check":     {"GB83WEST12345698765432", "GB83WEST12345698765432"},
		"known name":                  {"I am Anna Kowalska.", "I am [NAME_1]."},
		"known name in small letters": {"anna  kowalska here", "[NAME_1B] here"},
		"name inside a word":          {"Joanna Kowalskas", "Joanna Kowalskas"},
		"known handle":                {"DM @anna_k!", "DM [HANDLE_1]!"},
		"known code with dashes":      {"Booking x7k-9p2?", "Booking [BOOKING_CODE_1B]?"},
		"known e-mail":                {"anna@skerry.example", "[EMAIL_1]"},
		"known phone, other form":     {"Ring 22334455, please", "Ring [PHONE_1B], please"},
		"longest first":               {"X7K9P2@mail.example", "[EMAIL_1]"},
		"amount is no phone":          {"I paid EUR 1 250 000 for it", "I paid EUR 1 250 000 for it"},
		"date is no phone":            {"on 03.05.2026 and 2026-05-03", "on 03.05.2026 and 2026-05-03"},
		"lookalike":                   {"What is [EMAIL_1]?", "What is [TEXT_1]?"},
		"lookalike and e-mail":        {"[email_2] bob@mail.example", "[TEXT_1] [EMAIL_2]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := pii.NewRedactor("", customer())
			got := r.Redact(tt.in)
			if got != tt.want {
				t.Errorf("Redact(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
			back, err := r.Restore(got)
			if err != nil || back != tt.in {
				t.Errorf("Restore(%q) = %q, %v; want %q", got, back, err, tt.in)
			}
		})
	}
}

func TestRedactNationalPhones(t *testing.T) {
	for locale, in := range map[string]string{"no": "Nummeret mitt er 22334455", "da": "32 45 67 89 er mit nummer", "nl": "mijn nummer is 0612345678", "pl": "mój numer to 601234567"} {
		if got := pii.NewRedactor(locale, nil).Redact(in); !strings.Contains(got, "[PHONE_1]") {
			t.Errorf("%s: Redact(%q) = %q, want the phone number gone", locale, in, got)
		}
	}
}

func TestSamePlaceholderAcrossTexts(t *testing.T) {
	r := pii.NewRedactor("", customer())
	first := r.Redact("I am Anna Kowalska, bob@mail.example")
	second := r.Redact("bob@mail.example was Anna Kowalska's")
	if first != "I am [NAME_1], [EMAIL_2]" || second != "[EMAIL_2] was [NAME_1]'s" {
		t.Errorf("got %q and %q", first, second)
	}
	want := map[string]string{"[NAME_1]": "Anna Kowalska", "[EMAIL_2]": "bob@mail.example"}
	if diff := cmp.Diff(want, r.Map()); diff != "" {
		t.Errorf("Map (-want +got):\n%s", diff)
	}
}

func TestRestoreRepairs(t *testing.T) {
	tests := map[string]string{
		"as it was":          "Dear [NAME_1]!",
		"letter case":        "Dear [name_1]!",
		"a blank":            "Dear [NAME 1]!",
		"blanks inside":      "Dear [ NAME_1 ]!",
		"a dash":             "Dear [NAME-1]!",
		"nothing between":    "Dear [NAME1]!",
		"no first bracket":   "Dear NAME_1]!",
		"no second bracket":  "Dear [NAME_1!",
		"no brackets":        "Dear NAME_1!",
		"escaped brackets":   `Dear \[NAME\_1\]!`,
		"escaped underscore": `Dear [NAME\_1]!`,
		"wide brackets":      "Dear 【NAME_1】!",
		"translated":         "Dear [NAVN_1]!",
		"translated, unseen": "Dear [FÖRNAMN_1]!",
		"number lost":        "Dear [NAME]!",
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			r := pii.NewRedactor("", customer())
			r.Redact("I am Anna Kowalska, bob@mail.example")
			got, err := r.Restore(in)
			if err != nil || got != "Dear Anna Kowalska!" {
				t.Errorf("Restore(%q) = %q, %v", in, got, err)
			}
		})
	}
	t.Run("bold stays", func(t *testing.T) {
		r := pii.NewRedactor("", customer())
		r.Redact("Anna Kowalska")
		if got, err := r.Restore("**[NAME_1]** (see NAME_1)"); err != nil || got != "**Anna Kowalska** (see Anna Kowalska)" {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("links stay", func(t *testing.T) {
		r := pii.NewRedactor("", customer())
		r.Redact("Anna Kowalska")
		const in = "See [Terminal 1](https://skerry.example), [1] and [name](https://skerry.example)."
		if got, err := r.Restore(in); err != nil || got != in {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestRestoreRefuses(t *testing.T) {
	tests := map[string]struct {
		in   string
		want error
	}{
		"a number never given":      {"[NAME_9]", pii.ErrUnknownPlaceholder},
		"a kind never given":        {"[IBAN_1]", pii.ErrUnknownPlaceholder},
		"a letter never given":      {"[NAME_1D]", pii.ErrUnknownPlaceholder},
		"an invented word":          {"[SEAT_NUMBER_7]", pii.ErrUnknownPlaceholder},
		"a huge number":             {"[NAME_999999]", pii.ErrUnknownPlaceholder},
		"number lost, two such":     {"[EMAIL]", pii.ErrDamagedPlaceholder},
		"number lost, none such":    {"[IBAN]", pii.ErrDamagedPlaceholder},
		"cut at the end":            {"Write to [EMAIL_", pii.ErrDamagedPlaceholder},
		"underscore and brackets":   {"Dear NAME 1", pii.ErrDamagedPlaceholder},
		"good ones do not hide bad": {"[NAME_1] [EMAIL_2] [EMAIL_7]", pii.ErrUnknownPlaceholder},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := pii.NewRedactor("", customer())
			r.Redact("I am Anna Kowalska, bob@mail.example, eve@mail.example")
			got, err := r.Restore(tt.in)
			if !errors.Is(err, tt.want) || got != "" {
				t.Errorf("Restore(%q) = %q, %v; want %v", tt.in, got, err, tt.want)
			}
			if err != nil && (strings.Contains(err.Error(), "Anna") || strings.Contains(err.Error(), "bob@")) {
				t.Errorf("the error quotes personal data: %v", err)
			}
		})
	}
}

func FuzzRoundTrip(f *testing.F) {
	for _, s := range []string{
		"", "Anna Kowalska", "bob@mail.example", "[EMAIL_1] and EMAIL_1 and [EMAIL", `\[EMAIL\_1\]`, "x\\bob@mail.example", "[[PHONE_1]]",
		"X7K9P2 x7k-9p2", "+47 22 33 44 55", "GB82 WEST 1234 5698 7654 32", "[NAVN_1] [TEXT_1]B", "\xff[NAME_1]", "【NAME_1】", "NAME 1", "[NAME", "anna@skerry.example_1]",
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		r := pii.NewRedactor("", customer())
		for _, s := range []string{a, b, a + b} {
			red := r.Redact(s)
			got, err := r.Restore(red)
			if err != nil || got != s {
				t.Fatalf("Restore(%q) = %q, %v; want %q", red, got, err, s)
			}
		}
	})
}

func BenchmarkRedact(b *testing.B) {
	one := "Hello, I am Anna Kowalska (X7K9P2), my number is +47 22 33 44 55 and bob@mail.example wrote on 03.05.2026 about EUR 1,250.00. Where is my bag?\n"
	for name, s := range map[string]string{"message": one, "megabyte": strings.Repeat(one, 1<<20/len(one))} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				pii.NewRedactor("", customer()).Redact(s)
			}
		})
	}
}
