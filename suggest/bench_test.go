package suggest_test

import (
	"testing"

	"github.com/purser-desk/purser/suggest"
)

const benchQuestion = `Hello, I fly to Oslo on Friday with my family and would like to know how heavy my cabin bag may be.
Last time I was asked to pay at the gate, and I would rather not be surprised again. My partner carries a laptop bag as well.

And what does a heavier bag cost when I check it in at the airport? Can I pay with a card there?

Kind regards
Kari`

// BenchmarkRun is the pipeline's own work with a model that answers at once.
func BenchmarkRun(b *testing.B) {
	model := writes(nil, cited("Dear customer,"), cited("You may bring one cabin bag of up to 8 kg.", 1),
		cited("A heavier bag must be checked in at the airport for 45 EUR.", 1), cited("You can pay by card at the desk.", 1), cited("Kind regards"))
	for _, c := range []struct {
		name  string
		model suggest.Drafter
	}{{"model", model}, {"extractive", nil}} {
		b.Run(c.name, func(b *testing.B) {
			p, err := suggest.New(benchDeps(c.model), suggest.Settings{})
			if err != nil {
				b.Fatal(err)
			}
			in := customer(benchQuestion)
			in.Messages[0].Locale = "en"
			b.ReportAllocs()
			for b.Loop() {
				if s, _, err := p.Run(b.Context(), workspace, in, nil); err != nil || s.Outcome != suggest.OutcomeDraft {
					b.Fatal(s.Outcome, s.Reason, err)
				}
			}
		})
	}
}
