package main

import (
	"testing"
)

// What the desktop knows as a day or an amount is one for the server, too.
func TestDemoFacts(t *testing.T) {
	t.Parallel()
	tickets, err := demoTickets()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, ticket := range tickets {
		for _, f := range ticket.Facts {
			fact := f.fact()
			seen[f.Kind]++
			if (f.Kind == "DATE") != (fact.GetDate() != nil) || (f.Kind == "AMOUNT") != (fact.GetAmount() != nil) || (f.Kind == "CODE") != (fact.GetCode() != "") {
				t.Errorf("%s: %s %s %q became %v", ticket.ID, f.Name, f.Kind, f.Value, fact)
			}
		}
	}
	for _, kind := range []string{"TEXT", "CODE", "DATE", "AMOUNT"} {
		if seen[kind] == 0 {
			t.Errorf("no fact of the kind %s", kind)
		}
	}
	fact := demoFact{Name: "day", Kind: "DATE", Value: "2026-12-11"}.fact()
	if d := fact.GetDate(); d.GetYear() != 2026 || d.GetMonth() != 12 || d.GetDay() != 11 {
		t.Errorf("%v", fact)
	}
	fact = demoFact{Name: "seat", Kind: "AMOUNT", Value: "EUR 22"}.fact()
	if m := fact.GetAmount(); m.GetCurrencyCode() != "EUR" || m.GetUnits() != 22 {
		t.Errorf("%v", fact)
	}
}
