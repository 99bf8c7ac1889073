package suggest_test

import (
	"fmt"

	"github.com/purser-desk/purser/suggest"
)

// What an agent made of a draft, sentence by sentence.
func ExampleSentenceChanges() {
	draft := "Hello Sam. Your bag is on its way to you. Please keep the receipts."
	final := "Hello Sam. Your bag is on its way to your hotel. We are sorry for the wait."
	for _, c := range suggest.SentenceChanges(draft, final, "en") {
		fmt.Printf("%s: %q → %q\n", c.Kind, c.Before, c.After)
	}
	// Output:
	// KEPT: "Hello Sam." → "Hello Sam."
	// CHANGED: "Your bag is on its way to you." → "Your bag is on its way to your hotel."
	// REMOVED: "Please keep the receipts." → ""
	// ADDED: "" → "We are sorry for the wait."
}
