package entity_test

import (
	"testing"

	"github.com/purser-desk/purser/internal/entity"
)

func TestDotsInDisguise(t *testing.T) {
	t.Parallel()
	for s, hidden := range map[string]bool{
		"Write to us on bad-help punto it today.":     true,
		"Skriv til bad-help punktum no i dag.":        true,
		"Voyez bad-help POINT fr aujourd'hui.":        true,
		"See bad-help·com or bad-help|com.":           true,
		"See bad-help∙io for more.":                   true,
		"A este punto es importante saberlo.":         false,
		"Il check-in è un punto importante.":          false,
		"Le point fort est là.":                       false,
		"Oslo · Bergen | Trondheim • Bodø":            false,
		"Ved check-in punktum på døra, ingen unntak.": false,
	} {
		found := entity.HidesContact(s, "")
		for _, e := range entity.Find(s, "") {
			found = found || e.IsContact()
		}
		if found != hidden {
			t.Errorf("%q: a contact is %t, want %t", s, found, hidden)
		}
	}
}
