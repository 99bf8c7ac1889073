package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

const benchQuestion = `Hello, I fly to Oslo on Friday with my family and would like to know how heavy my cabin bag may be.
Last time I was asked to pay at the gate, and I would rather not be surprised again. My partner carries a laptop bag as well.

And what does a heavier bag cost when I check it in at the airport? Can I pay with a card there?

Kind regards
Kari`

// BenchmarkRun is the pipeline's own work with a model that answers at once.
func BenchmarkRun(b *testing.B) {
	model := pipelinetest.Writes(nil, pipelinetest.Cited("Dear customer,"), pipelinetest.Cited("You may bring one cabin bag of up to 8 kg.", 1),
		pipelinetest.Cited("A heavier bag must be checked in at the airport for 45 EUR.", 1), pipelinetest.Cited("You can pay by card at the desk.", 1), pipelinetest.Cited("Kind regards"))
	for _, c := range []struct {
		name  string
		model pipeline.Drafter
	}{{"model", model}, {"extractive", nil}} {
		b.Run(c.name, func(b *testing.B) {
			p, err := pipeline.New(pipelinetest.Deps(sixPassages(), c.model), pipeline.Settings{})
			if err != nil {
				b.Fatal(err)
			}
			in := pipelinetest.Customer(benchQuestion)
			in.Messages[0].Locale = "en"
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				if s, _, err := p.Run(b.Context(), pipelinetest.Workspace, in, nil); err != nil || s.Outcome != suggest.OutcomeDraft {
					b.Fatal(s.Outcome, s.Reason, err)
				}
			}
		})
	}
}

// sixPassages are as much evidence as is ever offered, of the usual size.
func sixPassages() pipelinetest.Searcher {
	hits := []knowledge.Hit{pipelinetest.Hit("baggage-cabin", "en", "Cabin baggage", pipelinetest.BaggageBody, .8)}
	for i := range 5 {
		body := strings.Repeat("Checked baggage travels in the hold, and each passenger may check in up to 3 pieces of 23 kg for 60 EUR each. Please label **every** piece with your name, and arrive at the desk 2 hours before departure.\n\n", 5)
		hits = append(hits, pipelinetest.Hit(fmt.Sprintf("baggage-%d", i), "en", "Checked baggage", fmt.Sprintf("Part %d. %s", i, body), .7))
	}
	return pipelinetest.Found(hits...)
}
