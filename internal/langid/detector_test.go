package langid_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/purser-desk/purser/internal/langid"
)

var detector = sync.OnceValue(langid.NewDetector)

// shortTexts are messages as customers write them: few words, no capitals, no
// diacritics, a name or number among them.
const shortTexts = `
en	my parcel never arrived
en	can you call me back today
en	I've been charged twice!!
en	is breakfast included
en	Good morning, when do you open on Sundays?
en	need to change the name on my booking X7K9P2
en	wifi not working
en	what's the weight limit
de	mein Paket ist nie angekommen
de	könnt ihr mich heute zurückrufen
de	mir wurde doppelt abgebucht
de	ist das frühstück inklusive
de	Guten Morgen, wann öffnen Sie am Sonntag?
de	namen auf der buchung ändern X7K9P2
de	das wlan geht nicht
de	wie lange dauert die erstattung
nl	mijn pakket is nooit aangekomen
nl	kunt u mij vandaag terugbellen
nl	er is twee keer afgeschreven
nl	is het ontbijt inbegrepen
nl	Goedemorgen, hoe laat gaan jullie zondag open?
nl	naam op mijn boeking wijzigen X7K9P2
nl	de wifi doet het niet
nl	hoe lang duurt de terugbetaling
pl	moja paczka nigdy nie dotarła
pl	czy możecie dziś oddzwonić
pl	pobrano mi opłatę dwa razy
pl	czy śniadanie jest wliczone
pl	Dzień dobry, o której otwieracie w niedzielę?
pl	zmiana nazwiska w rezerwacji X7K9P2
pl	nie dziala wifi
pl	ile trwa zwrot pieniedzy
fr	mon colis n'est jamais arrivé
fr	pouvez-vous me rappeler aujourd'hui
fr	j'ai été débité deux fois
fr	le petit déjeuner est-il compris
fr	Bonjour, à quelle heure ouvrez-vous dimanche ?
fr	changer le nom sur ma réservation X7K9P2
fr	le wifi ne marche pas
fr	combien de temps prend le remboursement
no	pakken min kom aldri fram
no	kan dere ringe meg tilbake i dag
no	jeg er blitt trukket to ganger
no	er frokost inkludert
no	God morgen, når åpner dere på søndag?
no	endre navn på bestillingen X7K9P2
no	wifi virker ikke hos meg
no	hvor lang tid tar refusjonen
es	mi paquete nunca llegó
es	pueden llamarme hoy
es	me han cobrado dos veces
es	está incluido el desayuno
es	Buenos días, ¿a qué hora abren el domingo?
es	cambiar el nombre de la reserva X7K9P2
es	no funciona el wifi
es	cuanto tarda el reembolso
it	il mio pacco non è mai arrivato
it	potete richiamarmi oggi
it	mi è stato addebitato due volte
it	la colazione è inclusa
it	Buongiorno, a che ora aprite domenica?
it	cambiare il nome sulla prenotazione X7K9P2
it	il wifi non funziona
it	quanto tempo ci vuole per il rimborso
pt	a minha encomenda nunca chegou
pt	podem ligar-me hoje
pt	fui cobrado duas vezes
pt	o pequeno-almoço está incluído
pt	Bom dia, a que horas abrem no domingo?
pt	mudar o nome na reserva X7K9P2
pt	o wifi não funciona
pt	quanto tempo demora o reembolso
sv	mitt paket kom aldrig fram
sv	kan ni ringa mig idag
sv	jag har blivit debiterad två gånger
sv	ingår frukost
sv	God morgon, när öppnar ni på söndag?
sv	ändra namnet på bokningen X7K9P2
sv	wifi fungerar inte
sv	hur lång tid tar återbetalningen
da	min pakke er aldrig kommet frem
fi	pakettini ei koskaan saapunut
cs	můj balík nikdy nedorazil
hu	soha nem érkezett meg a csomagom
ro	coletul meu nu a ajuns niciodată
tr	paketim hiç gelmedi
ru	моя посылка так и не пришла
uk	моя посилка так і не прийшла
el	το δέμα μου δεν έφτασε ποτέ
ja	荷物が届きません
zh	我的包裹一直没有到
ko	소포가 도착하지 않았어요
ar	طردي لم يصل أبدا
he	החבילה שלי לא הגיעה
th	พัสดุของฉันไม่มาถึง
hi	मेरा पार्सल नहीं आया
`

func TestDetectShortTexts(t *testing.T) {
	right, wrong, total := 0, 0, 0
	for line := range strings.Lines(strings.TrimSpace(shortTexts)) {
		want, s, _ := strings.Cut(strings.TrimSpace(line), "\t")
		total++
		switch g := detector().Detect(s); g.Locale {
		case want:
			right++
		case "":
			t.Logf("%s: unknown: %q", want, s)
		default:
			wrong++
			t.Logf("%s: taken for %s (%.2f): %q", want, g.Locale, g.Confidence, s)
		}
	}
	t.Logf("%d of %d right, %d wrong", right, total, wrong)
	if right*100 < total*94 || wrong > 4 {
		t.Errorf("%d of %d right, %d wrong; want 94%% right and at most 4 wrong", right, total, wrong)
	}
}

func TestDetectRepeated(t *testing.T) {
	s := strings.Repeat("How heavy may my cabin bag be? ", 1000)
	if g := detector().Detect(s); g.Locale != "en" {
		t.Errorf("Detect = %+v, want English, as for the sentence alone", g)
	}
}

func TestDetectSaysNothing(t *testing.T) {
	for name, s := range map[string]string{
		"nothing": "", "blank": " \n\t", "a number": "4711", "a code": "SK1234", "a name": "Anna Kowalska", "places": "Oslo - Bergen",
		"a link": "https://skerry.example/bags", "an address": "anna@skerry.example", "signs": ":-) !!!", "an amount": "EUR 250",
		"a placeholder": "[EMAIL_1] [BOOKING_CODE_2]", "code": "`SELECT * FROM bags`", "invalid bytes": "\xff\xfe", "one letter": "x", "an OK": "OK", "a short word": "non",
	} {
		t.Run(name, func(t *testing.T) {
			if g := detector().Detect(s); g != (langid.Guess{}) {
				t.Errorf("Detect(%q) = %+v, want nothing", s, g)
			}
		})
	}
}

func TestIsLanguage(t *testing.T) {
	tests := map[string]struct {
		s, locale string
		ok, sure  bool
	}{
		"right":                    {"You can bring one cabin bag free of charge on every flight.", "en", true, true},
		"right with region":        {"Você pode levar uma bagagem de mão em todos os nossos voos.", "pt-BR", true, true},
		"wrong":                    {"You can bring one cabin bag free of charge on every flight.", "de", false, true},
		"wrong, near relative":     {"Puede llevar un equipaje de mano gratis en todos nuestros vuelos.", "it", false, true},
		"wrong, other script":      {"お荷物は１個まで無料です。", "en", false, true},
		"wrong, same script":       {"Можно взять с собой один чемодан бесплатно на каждый рейс.", "en", false, true},
		"too short":                {"Refund.", "de", true, false},
		"a greeting with a name":   {"Dear Anna Kowalska,", "en", true, false},
		"figures only":             {"55 x 40 x 23 cm, 10 kg", "fr", true, false},
		"a link":                   {"https://skerry.example/bags", "pl", true, false},
		"Danish for Norwegian":     {"Du kan tage en taske med om bord på alle vores fly uden at betale.", "no", true, true},
		"Norwegian by another tag": {"Du kan ta med deg én veske om bord på alle våre fly uten å betale.", "nb-NO", true, true},
		"Slovak for Czech":         {"Môžete si vziať jednu tašku na palubu zadarmo na každý let.", "cs", true, true},
		"Bosnian for Croatian":     {"Možete ponijeti jednu torbu besplatno na svaki let naše kompanije.", "hr", true, true},
		"unknown locale":           {"You can bring one cabin bag.", "xx-nonsense", true, false},
		"a language without model": {"You can bring one cabin bag free of charge.", "mi", true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ok, sure := detector().IsLanguage(tt.s, tt.locale)
			if ok != tt.ok || sure && !tt.sure || !ok && !sure {
				t.Errorf("IsLanguage(%q, %q) = %v, %v; want %v, %v", tt.s, tt.locale, ok, sure, tt.ok, tt.sure)
			}
			if tt.sure && !tt.ok && !sure {
				t.Errorf("IsLanguage(%q, %q) is not sure", tt.s, tt.locale)
			}
		})
	}
}

func BenchmarkDetect(b *testing.B) {
	d := langid.NewDetector()
	for b.Loop() {
		d.Detect("Guten Tag, mein Flug wurde gestern annulliert und ich möchte mein Geld zurück.")
	}
}
