package message_test

import (
	"fmt"

	"github.com/purser-desk/purser/suggest/message"
)

func ExampleRead() {
	m := message.Read(`Name: Kari Nordmann
Booking reference: R8TN4D
Message: My pram came out with a broken wheel.
Where do I report it?

Kind regards
Kari
I agree to the privacy policy: yes`, "en")

	fmt.Println(m.Text)
	for _, f := range m.Fields {
		fmt.Println(f.Kind, f.Value)
	}
	// Output:
	// My pram came out with a broken wheel.
	// Where do I report it?
	// NAME Kari Nordmann
	// BOOKING R8TN4D
}
