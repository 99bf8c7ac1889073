package pipeline_test

import (
	"strings"
	"testing"

	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// TestWordsOfAnotherLanguage has words that are absolute in one language and
// harmless in the one that the sentence is written in.
func TestWordsOfAnotherLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		locale, question, body, sentence string
		shown                            bool
	}{
		{"de", "Wann gilt die Frist?", "Eine Frist von 14 Tagen gilt ab dem 1.5. für alle Buchungen.", "Ab Mai gilt eine Frist von 14 Tagen für alle Buchungen.", true},
		{"fr", "Quand commence le délai ?", "Un délai de 14 jours commence le 1er mai pour toutes les réservations. Voyez le calendrier.", "Le délai de 14 jours commence en mai pour toutes les réservations.", true},
		{"no", "Når gjelder fristen?", "En frist på 14 dager gjelder fra 1.5. for alle bestillinger.", "Fra mai gjelder en frist på 14 dager for alle bestillinger.", true},
		{"de", "Wie lange haften Sie?", "Wir geben zwei Jahre Gewährleistung auf alle Koffer.", "Wir geben zwei Jahre Garantie auf alle Koffer.", true},
		{"fr", "Combien vais-je recevoir ?", "Le remboursement correspond au prix payé pour le billet.", "Le remboursement est égal au prix payé pour le billet.", true},
		{"de", "Was bestimmt die Erstattung?", "Der Tarif bestimmt die Erstattung Ihrer Buchung.", "Der Tarif ist egal für die Erstattung Ihrer Buchung.", false},
		{"en", "When will I get a refund?", "A refund of your ticket is made by our office.", "A refund of your ticket is always made by our office.", false},
	} {
		in := pipelinetest.Customer(c.question)
		in.Messages[0].Locale = c.locale
		p := pipelinetest.New(t, pipelinetest.Found(pipelinetest.Hit("rules", c.locale, "", c.body, .8)),
			pipelinetest.Writes(nil, pipelinetest.Cited(c.body, 1), pipelinetest.Cited(c.sentence, 1)), pipeline.Settings{})
		s, record, err := p.Run(t.Context(), pipelinetest.Workspace, in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(draftText(s), c.sentence); got != c.shown {
			t.Errorf("%s: %q: shown is %v, blocked %v", c.locale, c.sentence, got, record.Blocked)
		}
	}
}
