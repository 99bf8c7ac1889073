package postgres_test

import (
	"testing"
	"time"

	"github.com/purser-desk/purser/knowledge"
)

func TestSearchByWords(t *testing.T) {
	f := newFixture(t)
	f.load(t,
		doc("baggage", "en", "Checked baggage", "You may check one bag of 23 kg."),
		doc("pets", "en", "Travelling with pets", "Dogs and cats travel in the cabin in a carrier."),
		doc("gepaeck", "de", "Aufgegebenes Gepäck", "Sie dürfen einen Koffer mit 23 kg aufgeben."),
	)
	r, err := f.search(nil).Search(t.Context(), f.workspace, knowledge.Query{Text: "Can my dog travel with me?", Locale: "en", Limit: 5, Time: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Hits) == 0 || r.Hits[0].Key != "pets" {
		t.Fatalf("got %v", keys(r))
	}
	if !r.WordsOnly || r.Degraded != knowledge.DegradedNoEmbedder {
		t.Errorf("words only %v, degraded %q", r.WordsOnly, r.Degraded)
	}
	t.Logf("%+v", r)
}
