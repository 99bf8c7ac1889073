package answer_test

import (
	"fmt"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
)

// A model's stream becomes whole sentences, however it is cut.
func ExampleReader() {
	r := answer.NewReader("en", func(s suggest.DraftSentence) error {
		fmt.Printf("%q cites %v\n", s.Text, s.Numbers)
		return nil
	})
	for _, delta := range []string{"Your cabin bag may wei", "gh up to 8 kg [", "1]. A heavier one must be", " checked in [1, 2]. And then"} {
		if err := r.Write(delta); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := r.Close(false); err != nil { // the stream was cut off, so half a sentence is dropped
		fmt.Println(err)
	}
	// Output:
	// "Your cabin bag may weigh up to 8 kg." cites [1]
	// "A heavier one must be checked in." cites [1 2]
}
