//nolint:misspell // words of many languages
package langid

import (
	"math"
	"strings"

	"github.com/purser-desk/purser/internal/analysis"
)

// smallWords tells for each small word which languages have it.
type smallWords map[string][]string

// newSmallWords joins the analysis library's stop words with words that short
// messages are made of.
func newSmallWords() smallWords {
	m := smallWords{}
	add := func(lang, word string) {
		for _, l := range m[word] {
			if l == lang {
				return
			}
		}
		m[word] = append(m[word], lang)
	}
	for _, lang := range []string{"ar", "bg", "ca", "cs", "da", "de", "en", "es", "eu", "fa", "fi", "fr", "ga", "gl", "hr", "hu", "id", "it", "nl", "no", "pl", "pt", "ro", "ru", "sv", "tr"} {
		for _, w := range analysis.StopWords(lang) {
			add(lang, w)
		}
	}
	for lang, words := range chatWords() {
		for w := range strings.FieldsSeq(words) {
			add(lang, w)
		}
	}
	return m
}

// chatWords are common words of short messages that stop word lists lack.
func chatWords() map[string]string {
	return map[string]string{
		"en": "thanks thank hello hi please help yes want need lost cancelled canceled refund money how much cost ticket order still got get please my bring back late delayed waiting bag flight",
		"de": "danke schön hallo guten tag bitte hilfe ja nein möchte brauche verloren storniert geld zurück kostet wieviel kann wo ist mein meine noch flug koffer warum funktioniert verspätet",
		"nl": "bedankt dank hallo goedemorgen alstublieft hulp ja nee graag geld terug kost hoeveel wanneer mag mijn jullie nog vlucht koffer graag jullie kwijt waar hoe laat",
		"pl": "dzień dobry dziękuję dzięki proszę cześć pomoc tak nie zwrot pieniędzy ile kosztuje kiedy gdzie jest mój moja moje mogę jeszcze lot bagaż bagaz walizka odwołany czy",
		"fr": "merci bonjour salut svp aide oui non voudrais besoin perdu annulé remboursement argent combien coûte quand où mon ma mes puis-je encore vol valise bagage beaucoup",
		"no": "takk tusen hei hjelp ja nei vil ha trenger mistet kansellert pengene tilbake hva koster når hvor er kan jeg min mitt mine flyet kofferten bagasje ta fly vennligst gjerne ikke noe bare vær snill",
		"da": "tak hej hjælp ja nej vil have mistet aflyst pengene tilbage hvad koster hvornår hvor er kan jeg min mit mine flyet kuffert bagage tage venligst gerne ikke noget bare jer blev af",
		"sv": "tack hej hjälp ja nej vill ha behöver förlorat inställt pengarna tillbaka vad kostar när var är kan jag min mitt mina flyg flyget väska bagage snälla gärna inte något bara mycket",
		"es": "gracias hola buenos días ayuda sí quiero necesito perdido cancelado reembolso dinero cuánto cuanto cuesta cuándo cuando dónde donde está mi mis puedo todavía vuelo maleta favor por llevar muchas",
		"it": "grazie ciao buongiorno aiuto sì vorrei voglio bisogno perso cancellato rimborso soldi quanto costa quando dove dov'è mio mia posso ancora volo valigia bagaglio favore portare",
		"pt": "obrigado obrigada olá bom dia ajuda sim quero preciso perdi cancelado reembolso dinheiro quanto custa quando onde está meu minha posso ainda voo mala bagagem favor levar muito",
		"fi": "kiitos hei apua kyllä ei haluan tarvitsen peruttu rahat takaisin paljonko maksaa milloin missä on minun voinko lento laukku",
		"cs": "děkuji dobrý den prosím pomoc ano ne chci vrátit peníze kolik stojí kdy kde je můj moje mohu let kufr ještě",
		"sk": "ďakujem dobrý deň prosím pomoc áno nie chcem vrátiť peniaze koľko stojí kedy kde je môj moja môžem let kufor ešte",
		"hu": "köszönöm szia kérem segítség igen nem szeretnék pénz vissza mennyibe kerül mikor hol van a az az én járat bőrönd",
		"ro": "mulțumesc bună ziua rog ajutor da nu vreau bani înapoi cât costă când unde este mea meu pot zbor valiza",
		"tr": "teşekkürler merhaba lütfen yardım evet hayır istiyorum para iade ne kadar zaman nerede benim uçuş bavul bavulum",
		"ru": "спасибо здравствуйте пожалуйста помощь да нет хочу нужно потерял отменен деньги вернуть сколько стоит когда где мой моя мои можно рейс чемодан багаж",
		"uk": "дякую добрий день будь ласка допоможіть так ні хочу потрібно втратив скасовано гроші повернути скільки коштує коли де мій моя мої можна рейс валіза багаж що як це",
		"vi": "cảm ơn xin chào giúp tôi muốn cần tiền bao nhiêu khi nào ở đâu của không",
		"id": "terima kasih halo tolong saya ingin uang berapa kapan dimana di mana",
	}
}

// votes adds up, for each language, the small words of a text in lower case: a
// word counts the more, the fewer languages have it. hits is how many words
// were known. Long texts need no more votes than a sentence does.
func (m smallWords) votes(prose string) (votes map[string]float64, hits int) {
	votes = map[string]float64{}
	for w := range strings.FieldsSeq(prose) {
		if hits >= 40 {
			break
		}
		langs := m[w]
		if len(langs) == 0 {
			if before, after, ok := strings.Cut(strings.ReplaceAll(w, "’", "'"), "'"); ok && len(m[before+"'"]) == 0 && len(m[after]) > 0 {
				langs = m[after]
			}
		}
		if len(langs) == 0 {
			continue
		}
		hits++
		for _, l := range langs {
			votes[l] += math.Log(1 + 12/float64(len(langs)))
		}
	}
	return votes, hits
}
