package pipeline_test

import (
	"testing"

	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// TestWordsOfAnotherLanguage has words that are absolute in one language and
// harmless in the one that the sentence is written in: nothing is held against them.
func TestWordsOfAnotherLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		locale, question, body, sentence string
	}{
		{"de", "Wann gilt die Frist?", "Eine Frist von 14 Tagen gilt ab dem 1.5. für alle Buchungen.", "Ab Mai gilt eine Frist von 14 Tagen für alle Buchungen."},
		{"fr", "Quand commence le délai ?", "Un délai de 14 jours commence le 1er mai pour toutes les réservations. Voyez le calendrier.", "Le délai de 14 jours commence en mai pour toutes les réservations."},
		{"no", "Når gjelder fristen?", "En frist på 14 dager gjelder fra 1.5. for alle bestillinger.", "Fra mai gjelder en frist på 14 dager for alle bestillinger."},
		{"de", "Wie lange haften Sie?", "Wir geben zwei Jahre Gewährleistung auf alle Koffer.", "Wir geben zwei Jahre Garantie auf alle Koffer."},
		{"fr", "Combien vais-je recevoir ?", "Le remboursement correspond au prix payé pour le billet.", "Le remboursement est égal au prix payé pour le billet."},
	} {
		in := pipelinetest.Customer(c.question)
		in.Messages[0].Locale = c.locale
		p := pipelinetest.New(t, pipelinetest.Found(pipelinetest.Hit("rules", c.locale, "", c.body, .8)),
			pipelinetest.Writes(nil, pipelinetest.Cited(c.body, 1), pipelinetest.Cited(c.sentence, 1)), pipeline.Settings{})
		s, _, err := p.Run(t.Context(), pipelinetest.Workspace, in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if claim := claimOf(t, s, c.sentence); claim.Standing.Open() {
			t.Errorf("%s: %q is %s for %s: %s", c.locale, c.sentence, claim.Standing, claim.Reason, claim.Explanation)
		}
	}
}
