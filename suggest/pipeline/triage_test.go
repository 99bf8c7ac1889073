package pipeline_test

import (
	"strings"
	"testing"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// outcomeOf runs one message of a customer with evidence that is good enough to
// draft from.
func outcomeOf(t *testing.T, p *pipeline.Pipeline, in suggest.Input) (suggest.Outcome, suggest.Reason) {
	t.Helper()
	s, _, err := p.Run(t.Context(), pipelinetest.Workspace, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Evidence) == 0 || s.Confidence == 0 {
		t.Errorf("no evidence or no confidence, whatever the outcome")
	}
	return s.Outcome, s.Reason
}

func TestTriageNeedsAPerson(t *testing.T) {
	cases := map[suggest.Reason][]struct{ locale, text string }{
		suggest.ReasonBereavement: {
			{"en", "My grandmother passed away last night and I have to change my flight to Oslo."},
			{"en", "My dad has died. Can the ticket be refunded?"},
			{"en", "we need to get to a funeral in Bergen on Friday and your site keeps failing"},
			{"de", "Mein Vater ist am Wochenende gestorben, ich muss früher nach Hause fliegen."},
			{"de", "Wegen eines Todesfalls in der Familie können wir nicht reisen."},
			{"nl", "Mijn oma is gisteren overleden, kunnen we eerder terugvliegen?"},
			{"pl", "Wczoraj zmarła moja mama i muszę przełożyć lot."},
			{"fr", "Ma belle-mère est décédée hier, je dois rentrer plus tôt."},
			{"fr", "Nous avons perdu mon père et l'enterrement est jeudi"},
			{"no", "Faren min døde i går og jeg må hjem før."},
			{"es", "Ha fallecido mi abuelo y no puedo viajar."},
			{"it", "È mancata mia madre, devo cambiare il volo."},
			{"pt", "O meu pai faleceu ontem e preciso de antecipar o voo."},
			{"sv", "Min pappa gick bort i lördags, kan jag boka om?"},
		},
		suggest.ReasonIllnessOrAccident: {
			{"en", "My husband had a heart attack this morning and is in hospital, we can't fly tomorrow."},
			{"en", "I broke my leg skiing yesterday"},
			{"de", "Meine Frau liegt nach einem Schlaganfall auf der Intensivstation."},
			{"nl", "Mijn zoon is met de ambulance naar het ziekenhuis gebracht."},
			{"pl", "Mój mąż miał zawał i jest w szpitalu."},
			{"fr", "Mon mari vient d'être hospitalisé en urgence."},
			{"no", "Kona mi har fått kreft og starter med cellegift på mandag."},
			{"es", "Mi hija ha tenido un accidente de coche y está ingresada."},
			{"it", "Mio padre è stato ricoverato d'urgenza ieri sera."},
			{"pt", "A minha mãe sofreu um AVC e está internada."},
			{"sv", "Min man har fått en hjärtinfarkt och ligger på sjukhus."},
		},
		suggest.ReasonSelfHarm: {
			{"en", "honestly I just want to end my life"},
			{"en", "There's no point in living any more after this"},
			{"de", "Ich will nicht mehr leben."},
			{"nl", "ik wil niet meer leven"},
			{"pl", "nie chcę już żyć"},
			{"fr", "j'ai envie de mourir"},
			{"no", "jeg orker ikke å leve lenger"},
			{"es", "solo quiero morirme"},
			{"it", "non voglio più vivere"},
			{"pt", "só quero morrer"},
			{"sv", "jag vill inte leva längre"},
		},
		suggest.ReasonThreat: {
			{"en", "If I don't get my money I will come to your office with a baseball bat"},
			{"en", "there is a bomb on your plane to Oslo"},
			{"de", "Ich weiß, wo Sie wohnen. Sie werden das bereuen."},
			{"nl", "ik steek jullie kantoor in brand"},
			{"pl", "Podpalę wasze biuro, zobaczycie."},
			{"fr", "Je vais venir à votre agence avec un couteau"},
			{"no", "Jeg skal drepe dere hvis pengene ikke kommer"},
			{"es", "voy a mataros a todos"},
			{"it", "vi ammazzo tutti"},
			{"pt", "vou matar vocês todos"},
			{"sv", "jag ska döda er"},
		},
		suggest.ReasonMinorAlone: {
			{"en", "My daughter (11) is alone at Oslo airport, her flight was cancelled and nobody is with her"},
			{"en", "i'm 15 and stuck at the gate, my parents don't answer"},
			{"en", "Our son travels as an unaccompanied minor and the plane was diverted, where is he?"},
			{"de", "Unser Sohn (9) sitzt allein am Gate, der Flug ist ausgefallen und niemand kümmert sich."},
			{"nl", "Mijn dochter van 10 staat alleen op het vliegveld, haar vlucht is geannuleerd."},
			{"pl", "Moja córka (8 lat) jest sama na lotnisku, lot odwołany, nikt się nią nie zajmuje."},
			{"fr", "Ma fille de 9 ans est seule à l'aéroport, son vol est annulé."},
			{"no", "Sønnen min på 10 år sitter alene på flyplassen, flyet er innstilt."},
			{"es", "Mi hijo de 12 años está solo en el aeropuerto y han cancelado su vuelo."},
			{"it", "Mia figlia di 11 anni è sola in aeroporto, il volo è stato cancellato."}, //nolint:misspell // no English
			{"pt", "A minha filha de 9 anos está sozinha no aeroporto, o voo foi cancelado."},
			{"sv", "Min dotter på 9 år är ensam på flygplatsen, planet är inställt."},
		},
		suggest.ReasonDiscrimination: {
			{"en", "The steward made a racist remark about my wife's headscarf."},
			{"en", "a man groped me on board and the crew did nothing"},
			{"de", "Ich wurde wegen meiner Hautfarbe kontrolliert."},
			{"nl", "Ik werd gediscrimineerd vanwege mijn afkomst."},
			{"pl", "Obsługa zachowała się wobec mnie rasistowsko."},
			{"fr", "J'ai été victime de propos racistes à bord."}, //nolint:misspell // no English
			{"no", "Jeg ble trakassert av en av de ansatte."},
			{"es", "Me han discriminado por mi religión."},
			{"it", "Un assistente di volo mi ha molestata."},
			{"pt", "Fui discriminada pela cor da minha pele."},
			{"sv", "Personalen trakasserade mig på grund av min hudfärg."},
		},
		suggest.ReasonLegal: {
			{"en", "You will hear from my solicitor."},
			{"en", "I'm going to take you to court over this"},
			{"de", "Ich werde meinen Anwalt einschalten, wenn Sie nicht zahlen."},
			{"nl", "Als ik geen geld krijg stap ik naar de rechter."},
			{"pl", "Sprawę kieruję do sądu, mój prawnik się z Państwem skontaktuje."},
			{"fr", "Mon avocat vous écrira la semaine prochaine."},
			{"no", "Da tar jeg saken til forliksrådet."},
			{"es", "Voy a demandarles, mi abogado se pondrá en contacto."},
			{"it", "Procederò per vie legali."}, //nolint:misspell // no English
			{"pt", "Vou processar a companhia."},
			{"sv", "Då tar jag det till domstol."},
		},
		suggest.ReasonDataRights: {
			{"en", "Please delete all my personal data under GDPR."},
			{"en", "What information do you hold about me? Send me a copy of my data."},
			{"de", "Bitte löschen Sie alle meine Daten gemäß Art. 17 DSGVO."},
			{"nl", "Ik wil inzage in mijn gegevens op grond van de AVG."},
			{"pl", "Proszę o usunięcie moich danych osobowych."},
			{"fr", "Veuillez supprimer toutes mes données personnelles."},
			{"no", "Jeg krever innsyn i personopplysningene mine, se GDPR."},
			{"es", "Solicito la supresión de mis datos personales."},
			{"it", "Chiedo la cancellazione dei miei dati personali."},
			{"pt", "Quero que apaguem todos os meus dados pessoais."},
			{"sv", "Radera alla mina personuppgifter."},
		},
		suggest.ReasonPress: {
			{"en", "I'm a reporter with the Evening Post and would like a comment on the strike."},
			{"en", "Press enquiry: how many flights were cancelled?"},
			{"de", "Ich bin Journalistin und arbeite an einem Artikel über Streiks."},
			{"nl", "Ik ben journalist en heb een paar vragen voor een artikel."},
			{"pl", "Jestem dziennikarką i proszę o komentarz do artykułu."},
			{"fr", "Je suis journaliste et je prépare un article sur vos retards."},
			{"no", "Jeg er journalist og trenger en kommentar til en sak."},
			{"es", "Soy periodista y necesito una declaración."},
			{"it", "Sono una giornalista, vorrei una dichiarazione."},
			{"pt", "Sou jornalista e gostava de um comentário."},
			{"sv", "Jag är journalist och skriver en artikel om förseningarna."},
		},
		suggest.ReasonWantsHuman: {
			{"en", "can i speak to a human please"},
			{"en", "Get me your manager"},
			{"de", "Ich möchte mit einem echten Menschen sprechen."},
			{"nl", "kan ik met een echt persoon praten"},
			{"pl", "Chcę rozmawiać z człowiekiem."},
			{"fr", "Je veux parler à un vrai conseiller"},
			{"no", "Kan jeg få snakke med et menneske?"},
			{"es", "Quiero hablar con una persona"},
			{"it", "voglio parlare con un operatore"},
			{"pt", "quero falar com um atendente"},
			{"sv", "Jag vill prata med en riktig människa"},
		},
		suggest.ReasonAnger: {
			{"en", "This is the third time I write. Absolutely unacceptable, nobody answers."},
			{"de", "Seit Wochen antwortet niemand. Das ist eine Unverschämtheit!"},
			{"nl", "Al weken hoor ik niets. Dit is schandalig."},
			{"pl", "Od miesięcy nikt nie odpowiada, to skandal."},
			{"fr", "Cela fait des semaines que personne ne répond, c'est honteux."},
			{"no", "Dette er tredje gang jeg skriver, helt uakseptabelt."},
			{"es", "Llevo semanas esperando y nadie contesta, es una vergüenza."},
			{"it", "È la terza volta che scrivo, è una vergogna."},
			{"pt", "Há semanas que ninguém responde, é inaceitável."},
			{"sv", "Jag har väntat i veckor och ingen svarar, det är en skandal."},
		},
	}
	p := pipelinetest.New(t, pipelinetest.Baggage(), nil, pipeline.Settings{})
	for reason, list := range cases {
		for _, c := range list {
			t.Run(string(reason)+"/"+c.locale, func(t *testing.T) {
				in := pipelinetest.Customer(c.text)
				in.Messages[0].Locale = c.locale
				outcome, got := outcomeOf(t, p, in)
				if outcome != suggest.OutcomeHumanOnly || got != reason {
					t.Errorf("%q: got %s %s", c.text, outcome, got)
				}
			})
		}
	}
}

func TestTriageLeavesOrdinaryQuestionsAlone(t *testing.T) {
	cases := []struct{ name, locale, text string }{
		{"dead battery", "en", "My camera has a dead battery, may I bring spare batteries?"},
		{"dying to know", "en", "I'm dying to know whether my cello may come along"},
		{"a phone died", "en", "My phone died while I was at the airport so I couldn't show the boarding pass. Do I have to print it?"},
		{"a name", "en", "The ticket says Sue Miller but my passport says Susan, is that a problem?"},
		{"a lawyer's luggage", "en", "I'm a lawyer and carry heavy files. How many bags may I check in?"},
		{"by accident", "en", "I booked the wrong date by accident, can I change it?"},
		{"fares for bereavement", "en", "Do you have bereavement fares? What is the policy?"},
		{"a child that will fly alone", "en", "Can my daughter (9) fly alone to Oslo at Christmas and what does it cost?"},
		{"sick of waiting", "en", "I'm sick of waiting, when do you open the desk?"},
		{"travel agent", "en", "I booked with a travel agent, where do I see my booking?"},
		{"food court", "en", "Is there a food court behind security?"},
		{"bath bombs", "en", "Are bath bombs allowed in hand luggage?"},
		{"legal name", "en", "My legal name has a hyphen. How do I write it on the ticket?"},
		{"insulin", "en", "I'm diabetic. Can I take insulin through security?"},
		{"newsletter", "en", "How do I stop the newsletter?"},
		{"press the button", "en", "When I press the check-in button nothing happens, what now?"},
		{"travelling minor", "de", "Darf meine Tochter (9) allein nach Oslo fliegen? Was kostet die Begleitung?"},
		{"by mistake", "de", "Ich habe aus Versehen zweimal gebucht, was nun?"},
		{"healthy", "de", "Ich muss absagen, privat, keine Krankheit. Was bekomme ich zurück?"},
		{"dead hungry", "es", "¿Hay comida a bordo? La última vez volé muerto de hambre"},
		{"battery", "it", "La batteria del telefono è morta, posso avere la carta d'imbarco stampata?"},
		{"by mistake", "nl", "ik heb per ongeluk de verkeerde week geboekt, kan dat anders?"},
		{"travelling minor", "fr", "Mon fils de 8 ans peut-il voyager seul et combien ça coûte ?"},
		{"old mother alone", "fr", "Ma mère de 82 ans prend l'avion seule, faut-il payer le fauteuil roulant ?"},
		{"a cold", "no", "Datteren min er forkjølet, får vi noe tilbake?"},
		{"grandmother", "pl", "Czy babcia może lecieć sama z wózkiem?"},
		{"dog", "", "how do you say dog in spanish?"},
		{"hospital's address", "en", "Is the city bus stopping near the hospital?"},
		{"thanks with a question", "en", "Thanks! And how heavy may the bag be?"},
	}
	p := pipelinetest.New(t, pipelinetest.Found(
		pipelinetest.Hit("baggage-cabin", "en", "Cabin baggage", pipelinetest.BaggageBody, .8),
		pipelinetest.Hit("handgepaeck", "de", "Handgepäck", "Sie dürfen eine Tasche bis 8 kg mitnehmen.", .7),
	), nil, pipeline.Settings{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := pipelinetest.Customer(c.text)
			in.Messages[0].Locale = c.locale
			outcome, reason := outcomeOf(t, p, in)
			if outcome == suggest.OutcomeHumanOnly || reason == suggest.ReasonNothingToAnswer {
				t.Errorf("%q: got %s %s", c.text, outcome, reason)
			}
		})
	}
}

func TestTriageNothingToAnswer(t *testing.T) {
	yes := []struct{ locale, text string }{
		{"en", "Thank you so much, that solved it!"},
		{"en", "Hi"},
		{"en", "👍"},
		{"", "ok thanks"},
		{"en", "Perfect, got it now. Have a great day 😊"},
		{"de", "Vielen Dank, hat geklappt!"},
		{"nl", "top, dank je wel!"},
		{"pl", "Dziękuję bardzo, wszystko jasne."},
		{"fr", "Merci beaucoup, c'est réglé !"},
		{"no", "Tusen takk for hjelpen!"},
		{"es", "Muchas gracias, ya está solucionado."},
		{"it", "Grazie mille, risolto!"},
		{"pt", "Muito obrigada pela ajuda!"},
		{"sv", "Tack så mycket för hjälpen!"},
	}
	no := []struct{ locale, text string }{
		{"en", "Thanks, but my bag is still missing."},
		{"en", "Thanks. Can I bring a second bag?"},
		{"en", "refund please"},
		{"en", "Hello,\n\nThank you.\n\nI want a refund for my flight on Monday."},
		{"de", "Danke, aber das Geld ist noch nicht da."},
		{"no", "Takk, men kofferten mangler fortsatt."},
	}
	p := pipelinetest.New(t, pipelinetest.Baggage(), nil, pipeline.Settings{})
	for _, c := range yes {
		t.Run("yes/"+c.locale, func(t *testing.T) {
			in := pipelinetest.Customer(c.text)
			in.Messages[0].Locale = c.locale
			if outcome, reason := outcomeOf(t, p, in); outcome != suggest.OutcomeNoDraft || reason != suggest.ReasonNothingToAnswer {
				t.Errorf("%q: got %s %s", c.text, outcome, reason)
			}
		})
	}
	for _, c := range no {
		t.Run("no/"+c.locale, func(t *testing.T) {
			in := pipelinetest.Customer(c.text)
			in.Messages[0].Locale = c.locale
			if _, reason := outcomeOf(t, p, in); reason == suggest.ReasonNothingToAnswer {
				t.Errorf("%q: got %s", c.text, reason)
			}
		})
	}
}

// TestTriageReadsAll looks for somebody in need where nothing is searched for: in
// what mail programs quote, below a signature, far from either end.
func TestTriageReadsAll(t *testing.T) {
	const need = "My father died yesterday."
	p := pipelinetest.New(t, pipelinetest.Baggage(), nil, pipeline.Settings{})
	filler := strings.Repeat("The bag is blue and has two wheels. ", 2000)
	for name, text := range map[string]string{
		"below an itinerary": "I must change my flight.\n\nFrom: Oslo\nTo: Bergen\nDate: 12 June\n\n" + need,
		"quoted":             "Can you change my flight?\n\n> " + need,
		"below a header":     "Please see below.\n\nFrom: Kari <kari@example.com>\nSent: Monday\nTo: Skerry\nSubject: flight\n\n" + need,
		"below a closing":    "Can you change my flight\n\nKind regards,\nKari\n\nPS " + need,
		"at the beginning":   need + "\n" + filler,
		"in the middle":      filler + need + "\n" + filler,
		"at the end":         filler + need,
	} {
		t.Run(name, func(t *testing.T) {
			in := pipelinetest.Customer(text)
			in.Messages[0].Locale = "en"
			if outcome, reason := outcomeOf(t, p, in); outcome != suggest.OutcomeHumanOnly || reason != suggest.ReasonBereavement {
				t.Errorf("got %s %s", outcome, reason)
			}
		})
	}
}
