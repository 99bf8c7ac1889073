package pipeline_test

import (
	"strings"
	"testing"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// drafts runs a model that writes one sentence with a citation of the only
// article, and gives what became of it: a claim, or the harm for which it was left
// out.
func drafts(t *testing.T, locale, body, sentence string) (suggest.DraftClaim, suggest.LeftOutReason) {
	t.Helper()
	// The first sentence stands in the article, so that there is a draft.
	first, _, _ := strings.Cut(body, ".")
	p := pipelinetest.New(t, pipelinetest.Found(pipelinetest.Hit("cards", locale, "Cards", body, .8)), pipelinetest.Writes(nil, pipelinetest.Cited(first+".", 1), pipelinetest.Cited(sentence, 1)), pipeline.Settings{})
	in := pipelinetest.Customer("Please help.")
	in.Messages[0].Text = pipelinetest.Question
	in.Messages[0].Locale = locale
	m := run(t, p, in)
	if len(m.Draft.LeftOut) > 0 {
		return suggest.DraftClaim{}, m.Draft.LeftOut[0].Reason
	}
	return claimOf(t, m.Suggestion, sentence), ""
}

func TestADenialIsNotReversed(t *testing.T) {
	t.Parallel()
	const (
		english = "The branch lends umbrellas. Never leave luggage in the vault. Tokens are posted free of charge. Lock the box when you lose the key. " +
			"Keys are cut within six days. A parcel is held for a week. Is the vault open on Sundays?"
		german    = "Die Filiale verleiht Schirme. Lassen Sie kein Gepäck im Tresor. Schlüssel werden kostenlos zugeschickt. Schlüssel sind binnen sechs Tagen fertig."
		french    = "L'agence prête des parapluies. Ne laissez pas de bagages dans le coffre. Les jetons sont envoyés gratuitement."
		norwegian = "Filialen låner ut paraplyer. Ikke legg igjen bagasje i hvelvet. Nøkler sendes gratis hjem."
		polish    = "Oddział pożycza parasole. Nie zostawiaj bagażu w skarbcu. Klucze wysyłamy bezpłatnie do domu."
	)
	for _, c := range []struct {
		name, locale, body, sentence string
		so                           bool
	}{
		{"as it is", "en", english, "Never leave luggage in the vault.", true},
		{"in other words", "en", english, "You should not leave luggage in the vault.", true},
		{"a warning turned", "en", english, "Do leave luggage in the vault.", false},
		{"an offer turned", "en", english, "Tokens are not posted free of charge.", false},
		{"an advice turned", "en", english, "Do not lock the box when you lose the key.", false},
		{"an advice turned, apostrophe", "en", english, "Don't lock the box when you lose the key.", false},
		{"an answer no that affirms", "en", english, "No, tokens are posted free of charge.", true},
		{"a span of one", "en", english, "Keys are cut within a single day.", false},
		{"the same span", "en", english, "Keys are cut within six days.", true},
		{"German as it is", "de", german, "Lassen Sie bitte kein Gepäck im Tresor.", true},
		{"German warning turned", "de", german, "Lassen Sie Ihr Gepäck im Tresor.", false},
		{"German offer turned", "de", german, "Schlüssel werden nicht kostenlos zugeschickt.", false},
		{"German span of one", "de", german, "Schlüssel sind binnen eines einzigen Tages fertig.", false},
		{"French warning turned", "fr", french, "Laissez vos bagages dans le coffre.", false},
		{"French as it is", "fr", french, "Veuillez ne pas laisser de bagages dans le coffre.", true},
		{"Norwegian warning turned", "no", norwegian, "Legg igjen bagasje i hvelvet.", false},
		{"Norwegian offer turned", "no", norwegian, "Nøkler sendes ikke gratis hjem.", false},
		{"Polish warning turned", "pl", polish, "Zostawiaj bagaż w skarbcu.", false},
		{"Polish as it is", "pl", polish, "Nie zostawiaj bagażu w skarbcu.", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			claim, harm := drafts(t, c.locale, c.body, c.sentence)
			if harm != "" || claim.Standing.Open() == c.so || !c.so && (claim.Standing != suggest.StandingContradicted || len(claim.Citations) == 0) {
				t.Errorf("%q is %+v, left out for %q", c.sentence, claim, harm)
			}
		})
	}
}
