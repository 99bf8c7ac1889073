package answer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
)

func TestMarkBeforeTheFullStop(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []suggest.DraftSentence
	}{
		"parted":    {"Bags are free [1].", []suggest.DraftSentence{{Text: "Bags are free.", Numbers: []int{1}}}},
		"joined":    {"Bags are free[1].", []suggest.DraftSentence{{Text: "Bags are free.", Numbers: []int{1}}}},
		"two stops": {"Bags are free. [1].", []suggest.DraftSentence{{Text: "Bags are free.", Numbers: []int{1}}}},
		"a comma":   {"Bags [2], and cats [1], are free.", []suggest.DraftSentence{{Text: "Bags, and cats, are free.", Numbers: []int{2, 1}}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []suggest.DraftSentence
			r := answer.NewReader("en", func(s suggest.DraftSentence) error { got = append(got, s); return nil })
			for i := range c.in {
				if err := r.Write(c.in[i : i+1]); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.Close(true); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}
