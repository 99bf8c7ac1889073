package support_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/support"
)

const fares = `What a change costs depends on the fare.

## Fees

| Fare | Fee per person and direction |
|---|---|
| Light | EUR 60 |
| Classic | EUR 30 |
| Flex | free of charge |

## While you wait

We reimburse up to **EUR 45 per day for the first 4 days**, so up to EUR 180 per person. Send the receipts within 21 days of getting the bag back. We pay within 14 days of receiving them.

## Weight

A bag may weigh up to 23 kg. Report it at least 48 hours before departure.
`

func task(t *testing.T, c support.Context) *support.Task {
	t.Helper()
	if c.Sources == nil {
		c.Sources = []support.Source{{Number: 1, Locale: "en", Title: "Changes", Text: fares, Start: 100}}
	}
	if c.Locale == "" {
		c.Locale = "en"
	}
	c.Now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	return support.New(support.Options{Analyzer: analysis.NewAnalyzer()}).For(c)
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, locale, sentence string
		want                   suggest.Standing
		why                    suggest.ClaimReason
	}{
		{"as it stands", "en", "We pay within 14 days of receiving the receipts.", suggest.StandingSupported, ""},
		{"other words", "en", "You get your money two weeks after we have the receipts at the latest.", suggest.StandingSupported, ""},
		{"the row", "en", "With a Light fare a change costs EUR 60 per person and direction.", suggest.StandingSupported, ""},
		{"another row", "en", "With a Light fare a change costs EUR 30 per person and direction.", suggest.StandingContradicted, suggest.ReasonSubject},
		{"another language", "de", "Im Tarif Light kostet die Umbuchung 60 Euro pro Person und Richtung.", suggest.StandingSupported, ""},
		{"another row in another language", "de", "Im Tarif Light kostet die Umbuchung 30 Euro pro Person und Richtung.", suggest.StandingContradicted, suggest.ReasonSubject},
		{"another number", "en", "A bag may weigh up to 25 kg.", suggest.StandingContradicted, suggest.ReasonNumber},
		{"per day", "en", "We reimburse up to EUR 180 per day.", suggest.StandingContradicted, suggest.ReasonUnit},
		{"per hour", "nl", "We vergoeden tot 45 euro per uur.", suggest.StandingContradicted, suggest.ReasonUnit},
		{"another currency", "fr", "Nous remboursons jusqu'à 45 dollars par jour.", suggest.StandingUnverified, suggest.ReasonNumber},
		{"at least", "en", "A bag must weigh at least 23 kg.", suggest.StandingContradicted, suggest.ReasonNumber},
		{"after", "en", "Report it within 48 hours after departure.", suggest.StandingContradicted, suggest.ReasonCondition},
		{"at the latest", "de", "Melden Sie sich spätestens zwei Tage vor dem Abflug.", suggest.StandingSupported, ""},
		{"swapped", "en", "Send the receipts within 14 days of getting the bag back.", suggest.StandingContradicted, suggest.ReasonSubject},
		{"a fraction", "en", "We refund half of the fee.", suggest.StandingUnverified, suggest.ReasonNumber},
		{"at once", "en", "We pay at once.", suggest.StandingUnverified, suggest.ReasonCondition},
		{"words that count nothing", "en", "Two things to note about the fee of a change for a Light fare.", suggest.StandingSupported, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := task(t, support.Context{Locale: c.locale}).Judge(context.Background(), c.sentence, []int{1})
			if got.Standing != c.want || got.Reason != c.why {
				t.Errorf("%s %s (%s), want %s %s", got.Standing, got.Reason, got.Detail, c.want, c.why)
			}
			if (got.Detail == "") != (got.Reason == "") {
				t.Errorf("detail %q for %q", got.Detail, got.Reason)
			}
		})
	}
}

func TestDerived(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, locale, customer, sentence, calculation string
		want                                          suggest.Standing
	}{
		{"a product", "en", "", "For two people that is EUR 120 per direction on a Light fare.", "2 × 60 EUR = 120 EUR", suggest.StandingDerived},
		{"a return trip", "en", "We are two and booked a return trip.", "The change fee on Light is EUR 240 in all.", "2 × 2 × 60 EUR = 240 EUR", suggest.StandingDerived},
		{"a wrong product", "en", "", "For two people that is EUR 150 per direction on a Light fare.", "", suggest.StandingContradicted},
		{"a difference", "en", "", "On Classic you pay EUR 30 less than on Light.", "", suggest.StandingSupported},
		{"a deadline", "en", "I got my bag back on 12 June.", "Please send the receipts by 3 July.", "2026-06-12 + 21 d = 2026-07-03", suggest.StandingDerived},
		{"a wrong deadline", "en", "I got my bag back on 12 June.", "Please send the receipts by 9 July.", "", suggest.StandingUnverified},
		{"pounds", "en", "", "A bag may weigh up to 50.7 lb.", "23 kg ≈ 50.7 lb", suggest.StandingDerived},
		{"below the limit", "en", "My bag weighs 19 kg.", "At 19 kg your bag is below the limit of 23 kg.", "19 kg ≤ 23 kg", suggest.StandingDerived},
		{"not below the limit", "en", "My bag weighs 26 kg.", "At 26 kg your bag is below the limit of 23 kg.", "", suggest.StandingContradicted},
		{"how much too much", "en", "My bag weighs 26 kg.", "Your bag is 3 kg too heavy.", "26 kg − 23 kg = 3 kg", suggest.StandingDerived},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cx := support.Context{Locale: c.locale}
			if c.customer != "" {
				cx.Customer = []string{c.customer}
			}
			got := task(t, cx).Judge(context.Background(), c.sentence, []int{1})
			if got.Standing != c.want || c.calculation != "" && !strings.Contains(got.Calculation, c.calculation) {
				t.Errorf("%s %s %q (%s), want %s %q", got.Standing, got.Reason, got.Calculation, got.Detail, c.want, c.calculation)
			}
		})
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	got := task(t, support.Context{}).Judge(context.Background(), "We pay within 14 days of receiving the receipts.", []int{7})
	if got.Standing != suggest.StandingSupported || len(got.Places) == 0 {
		t.Fatalf("%+v", got)
	}
	p := got.Places[0]
	if said := fares[p.Start-100 : p.End-100]; p.Number != 1 || said != "We pay within 14 days of receiving them." {
		t.Errorf("place %+v says %q", p, said)
	}
}

func TestContradictions(t *testing.T) {
	t.Parallel()
	sources := []support.Source{
		{Number: 1, Locale: "en", Title: "Vouchers", Text: "A voucher is valid for 24 months. Paper vouchers can't be used online."},
		{Number: 2, Locale: "en", Title: "Gift cards", Text: "A voucher is valid for 12 months."},
		{Number: 3, Locale: "en", Title: "Bags", Text: "The baggage allowance of a Light fare is 10 kg."},
	}
	got := task(t, support.Context{Sources: sources}).Judge(context.Background(), "A voucher is valid for 24 months.", []int{1})
	if got.Standing != suggest.StandingContradicted || got.Reason != suggest.ReasonConflict || len(got.Places) < 2 {
		t.Errorf("evidence that contradicts itself: %+v", got)
	}
	facts := []support.Fact{{Name: "baggage_allowance", Value: "23 kg"}}
	got = task(t, support.Context{Sources: sources, Facts: facts}).Judge(context.Background(), "Your baggage allowance is 10 kg.", []int{3})
	if got.Standing != suggest.StandingContradicted || got.Reason != suggest.ReasonConflict {
		t.Errorf("a fact that contradicts the evidence: %+v", got)
	}
	got = task(t, support.Context{Sources: sources}).Judge(context.Background(), "Paper vouchers can be used online.", []int{1})
	if !got.Standing.Open() || got.Reason != suggest.ReasonNegation {
		t.Errorf("a denial turned round: %+v", got)
	}
}

func TestCustomersOwn(t *testing.T) {
	t.Parallel()
	cx := support.Context{Customer: []string{"My flight SK482 to Bergen on 28 December was late."}, Facts: []support.Fact{{Name: "booking_code", Value: "K7QX2M"}}}
	got := task(t, cx).Judge(context.Background(), "Your flight SK482 to Bergen on 28 December was late.", nil)
	if got.Standing != suggest.StandingCustomersOwn {
		t.Errorf("the customer's words: %+v", got)
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	long := strings.Repeat("We pay 14 EUR, not 15 EUR per day (or less). ", 120)
	for name, s := range map[string]string{
		"empty": "", "blank": " \n", "brackets": strings.Repeat("[", 60_000), "long": long,
		"no words": "…!?", "invalid": "\xff\xfe 14 days", "marks": "[1][2][99]", "right to left": "ادفع 14 يوم",
	} {
		for _, locale := range []string{"en", "", "xx", "ja", "ar"} {
			began := time.Now()
			task(t, support.Context{Locale: locale}).Judge(ctx, s, []int{0, -1, 1, 99})
			if d := time.Since(began); d > 2*time.Second {
				t.Errorf("%s in %q took %s", name, locale, d)
			}
		}
	}
	nothing := support.New(support.Options{Analyzer: analysis.NewAnalyzer()}).For(support.Context{})
	if got := nothing.Judge(ctx, "We pay 14 EUR.", nil); got.Standing != suggest.StandingUnverified || got.Reason != suggest.ReasonNoSource {
		t.Errorf("without anything: %+v", got)
	}
}

func FuzzJudge(f *testing.F) {
	f.Add("We pay within 14 days, up to EUR 45 per day.", "en", "| a | b |\n|---|---|\n| Light | EUR 60 |")
	f.Add("L'enfant de 2 ans n'a pas droit à 12,5 kg", "fr", "# Titre\n\n- un\n- deux")
	analyzer := analysis.NewAnalyzer()
	f.Fuzz(func(t *testing.T, sentence, locale, body string) {
		c := support.Context{Locale: locale, Customer: []string{sentence}, Sources: []support.Source{{Number: 1, Locale: locale, Title: body, Text: body}}}
		got := support.New(support.Options{Analyzer: analyzer}).For(c).Judge(context.Background(), sentence, []int{1})
		for _, p := range got.Places {
			if p.Start < 0 || p.End > len(body) || p.Start >= p.End {
				t.Errorf("place %+v of %d bytes", p, len(body))
			}
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	cx := support.Context{Locale: "en", Now: time.Now(), Customer: []string{"My bag weighs 26 kg."}}
	for n := range 6 {
		cx.Sources = append(cx.Sources, support.Source{Number: n + 1, Locale: "en", Title: "Changes", Text: strings.Repeat(fares, 3)})
	}
	checker := support.New(support.Options{Analyzer: analysis.NewAnalyzer()})
	b.Run("For", func(b *testing.B) {
		for b.Loop() {
			checker.For(cx)
		}
	})
	task := checker.For(cx)
	b.Run("Judge", func(b *testing.B) {
		for b.Loop() {
			task.Judge(context.Background(), "With a Light fare a change costs EUR 60 per person and direction, and we pay within 14 days.", []int{1})
		}
	})
}
