package entity_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/internal/text/texttest"
)

func show(entities []entity.Entity) string {
	var out []string
	for _, f := range entities {
		out = append(out, string(f.Kind)+" "+f.Value)
	}
	return strings.Join(out, "; ")
}

func TestFigures(t *testing.T) {
	tests := map[string]struct{ locale, in, want string }{
		"nothing":                      {"en", "We are happy to help you with one of our agents.", ""},
		"sentence":                     {"en", "Bring 23 kg for €25 within 14 days.", "number 23 kg; amount 25 EUR; duration 14 d"},
		"dimensions":                   {"en", "55 x 40 x 23 cm", "number 55 cm; number 40 cm; number 23 cm"},
		"dimensions without blanks":    {"en", "55x40x23cm", "number 55 cm; number 40 cm; number 23 cm"},
		"dimensions with a sign":       {"en", "55 × 40 × 23 cm", "number 55 cm; number 40 cm; number 23 cm"},
		"range with a dash":            {"en", "2–4 weeks", "duration 2 wk; duration 4 wk"},
		"range with a word":            {"en", "7 to 10 working days", "duration 7 workday; duration 10 workday"},
		"range of amounts":             {"en", "€250–600", "amount 250 EUR; amount 600 EUR"},
		"list of amounts":              {"en", "250, 400 or 600 euros", "amount 250 EUR; amount 400 EUR; amount 600 EUR"},
		"between":                      {"en", "between 7 and 14 days", "duration 7 d; duration 14 d"},
		"days of a month":              {"en", "3–5 May 2026", "date 2026-05-03; date 2026-05-05"},
		"American date":                {"en-US", "May 3rd, 2026 at 2:30 p.m.", "date 2026-05-03; time 14:30"},
		"month and year":               {"en", "since March 2025", "date 2025-03"},
		"month alone":                  {"en", "in May", "date --05"},
		"may is no month":              {"en", "You may bring it. May I ask? We march on.", ""},
		"weekday":                      {"en", "by Friday", "date wd:5"},
		"ISO with time":                {"en", "2026-05-03T14:30", "date 2026-05-03; time 14:30"},
		"hours of a day":               {"en", "9am-5pm", "time 09:00; time 17:00"},
		"o'clock":                      {"en", "8 o'clock", "time 08:00"},
		"noon":                         {"en", "at noon", "time 12:00"},
		"half an hour":                 {"en", "half an hour", "duration 0.5 h"},
		"one and a half":               {"en", "one and a half hours", "duration 1.5 h"},
		"fraction sign":                {"en", "1½ hours", "duration 1.5 h"},
		"hyphenated unit":              {"en", "a 24-hour rule", "duration 24 h"},
		"a week":                       {"en", "within a week", "duration 1 wk"},
		"articles are no entities":     {"en", "a bag, an agent, one bag, one of us", ""},
		"number words":                 {"en", "twenty-three kilos, two hundred and fifty euros, three bags", "number 23 kg; amount 250 EUR; number 3"},
		"millions":                     {"en", "1.2 million euros", "amount 1200000 EUR"},
		"percent":                      {"en", "50%, 12.5 percent, fifty per cent", "percent 50%; percent 12.5%; percent 50%"},
		"currencies before":            {"en", "US$5, CHF 5, £5, CA$5", "amount 5 USD; amount 5 CHF; amount 5 GBP; amount 5 CAD"},
		"codes":                        {"en", "SK1234, A320-200, ABC123, 12A, COVID-19", "code SK1234; code A320200; code ABC123; code 12A; code COVID19"},
		"flight with a blank":          {"en", "flight SK 1234", "code SK1234"},
		"law":                          {"en", "Regulation (EC) No 261/2004", "code 261/2004"},
		"version":                      {"en", "version 4.1.1.2 or v. 8", "code 4.1.1.2; number 8"},
		"numbered list":                {"en", "1. Open it\n2) Pay\n> 3. Wait 5 days", "duration 5 d"},
		"bulleted list":                {"en", "- 5 kg\n* 3 bags", "number 5 kg; number 3"},
		"date at a line's beginning":   {"de", "1. Januar", "date --01-01"},
		"number at a line's beginning": {"en", "5 bags", "number 5"},
		"placeholder":                  {"en", "[PHONE_1] or [BOOKING_CODE_12B] or [EMAIL_3]", ""},
		"phone":                        {"en", "Call +44 20 7946 0958", "phone +442079460958"},
		"national phone":               {"no", "Ring 22 33 44 55", "phone +4722334455"},
		"trunk zero":                   {"en", "+44 (0)20 7946 0958", "phone +442079460958"},
		"IBAN":                         {"en", "GB82 WEST 1234 5698 7654 32", "iban GB82WEST12345698765432"},
		"IBAN that begins as a unit":   {"en", "70 GB82 WEST 1234 5698 7654 32", "number 70; iban GB82WEST12345698765432"},
		"card":                         {"en", "4111-1111-1111-1111", "card 4111111111111111"},
		"temperature":                  {"en", "-18 °C", "number -18 °C"},
		"English thousands":            {"en", "1,250 and 1,250.50", "number 1250; number 1250.5"},
		"German thousands":             {"de", "1.250 und 1.250,50", "number 1250; number 1250.5"},
		"Swiss thousands":              {"de-CH", "1'250", "number 1250"},
		"Indian thousands":             {"en", "₹1,25,000.50", "amount 125000.5 INR"},
		"full-width digits":            {"ja", "２３kg", "number 23 kg"},
		"Arabic digits":                {"ar", "٢٣ كغ، ١٬٢٥٠ يورو", "number 23 kg; amount 1250 EUR"},
		"Devanagari digits":            {"hi", "२३ kg", "number 23 kg"},
		"mathematical digits":          {"en", "𝟐𝟑 kg", "number 23 kg"},
		"keycap digits":                {"en", "2️⃣ bags", "number 2"},
		"Japanese":                     {"ja", "2026年5月3日14時30分、７日以内に五千円", "date 2026-05-03; time 14:30; duration 7 d; amount 5000 JPY"},
		"German":                       {"de", "1.250,00 € binnen zwei Wochen, am 3. Mai 2026 um 14.30 Uhr", "amount 1250 EUR; duration 2 wk; date 2026-05-03; time 14:30"},
		"German, short":                {"de", "vom 3.5. bis 5.5., 10–14 Uhr, 2,5 Std., 14-tägig", "date --05-03; date --05-05; time 10:00; time 14:00; duration 2.5 h; duration 14 d"},
		"German words":                 {"de", "dreiundzwanzig Kilo, anderthalb Stunden, eine halbe Stunde, einer Woche, um halb acht", "number 23 kg; duration 1.5 h; duration 0.5 h; duration 1 wk; time 19:30"},
		"Dutch":                        {"nl", "€ 250,- binnen 7 werkdagen, vóór 3 mei, om 14:30 uur", "amount 250 EUR; duration 7 workday; date --05-03; time 14:30"},
		"Dutch words":                  {"nl", "drieëntwintig kilo, honderdvijftig euro, twee weken, een half uur", "number 23 kg; amount 150 EUR; duration 2 wk; duration 0.5 h"},
		"Polish":                       {"pl", "1 250 zł w ciągu siedmiu dni roboczych, 3 maja 2026 r. o godz. 14.30", "amount 1250 PLN; duration 7 workday; date 2026-05-03; time 14:30"},
		"Polish words":                 {"pl", "dwadzieścia trzy kilogramy, sto pięćdziesiąt złotych, pół godziny, czternastu dni", "number 23 kg; amount 150 PLN; duration 0.5 h; duration 14 d"},
		"French":                       {"fr", "1 250,50 € sous 14 jours ouvrés, le 1er mai à 14h30 ou 8 h 30", "amount 1250.5 EUR; duration 14 workday; date --05-01; time 14:30; time 08:30"},
		"French words":                 {"fr", "vingt-trois kilos, deux cent cinquante euros, quatre-vingt-dix jours, une demi-heure", "number 23 kg; amount 250 EUR; duration 90 d; duration 0.5 h"},
		"Norwegian":                    {"no", "kr 500,- innen to uker, senest 3. mai kl. 14.30, mandag", "amount 500 kr; duration 2 wk; date --05-03; time 14:30; date wd:1"},
		"Norwegian words":              {"nb", "tjuetre kilo, tre hundre kroner, én uke, en halv time", "number 23 kg; amount 300 kr; duration 1 wk; duration 0.5 h"},
		"Spanish":                      {"es", "1.250 € en 7 a 10 días hábiles, el 3 de mayo de 2026 a las 14:30", "amount 1250 EUR; duration 7 workday; duration 10 workday; date 2026-05-03; time 14:30"},
		"Spanish words":                {"es", "veintitrés kilos, doscientos cincuenta euros, treinta y cinco días, media hora", "number 23 kg; amount 250 EUR; duration 35 d; duration 0.5 h"},
		"Italian":                      {"it", "1.250 € entro 7 giorni lavorativi, il 1° maggio alle 8:30", "amount 1250 EUR; duration 7 workday; date --05-01; time 08:30"},
		"Italian words":                {"it", "ventitré chili, duecentocinquanta euro, sei giorni, mezz'ora, sei pronto", "number 23 kg; amount 250 EUR; duration 6 d; duration 0.5 h"},
		"Portuguese":                   {"pt-BR", "R$ 1.250,50 em 7 dias úteis, 3 de maio de 2026 às 14h30, segunda-feira", "amount 1250.5 BRL; duration 7 workday; date 2026-05-03; time 14:30; date wd:1"},
		"Portuguese words":             {"pt", "vinte e três quilos, duzentos e cinquenta euros, meia hora", "number 23 kg; amount 250 EUR; duration 0.5 h"},
		"Swedish":                      {"sv", "1 250 kr inom två veckor, den 3 maj 2026 kl 14.30", "amount 1250 kr; duration 2 wk; date 2026-05-03; time 14:30"},
		"Swedish words":                {"sv", "tjugotre kilo, tvåhundrafemtio euro, en halvtimme", "number 23 kg; amount 250 EUR; duration 30 min"},
		"Turkish percent":              {"tr", "%95 ve 10 gün", "percent 95%; duration 10 d"},
		"Bulgarian":                    {"bg", "22 април 2022 г., 3 години", "date 2022-04-22; duration 3 yr"},
		"Romanian":                     {"ro", "22 aprilie 2022, 10 zile", "date 2022-04-22; duration 10 d"},
		"time with a point":            {"pl", "9.00-17.00", "number 9; number 17"},
		"service number":               {"bg", "0800-1202", "phone ~8001202"},
		"hours without a mark":         {"xx", "0900-1730", "number 900; number 1730"},
		"Danish words":                 {"da", "treogtyve kilo, fjorten dage", "number 23 kg; duration 14 d"},
		"Finnish":                      {"fi", "1 250 € 7 päivän kuluessa, 3. toukokuuta 2026 klo 14.30", "amount 1250 EUR; duration 7 d; date 2026-05-03; time 14:30"},
		"Russian":                      {"ru", "7 дней, 3 мая 2026, 250 евро", "duration 7 d; date 2026-05-03; amount 250 EUR"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			entities := entity.Find(tt.in, tt.locale)
			if diff := cmp.Diff(tt.want, show(entities)); diff != "" {
				t.Errorf("Find(%q, %q) (-want +got):\n%s", tt.in, tt.locale, diff)
			}
			for _, f := range entities {
				if f.Text != f.In(tt.in) || !slices.Contains(f.Values, f.Value) {
					t.Errorf("%q is not at %v, or %q is none of %q", f.Text, f.Span, f.Value, f.Values)
				}
			}
		})
	}
}

func TestFiguresAddresses(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"plain":               {"See https://skerry.example/bags?x=1#top.", "url skerry.example/bags?x=1#top"},
		"capitals":            {"HTTPS://WWW.Skerry.Example/", "url skerry.example"},
		"bare":                {"See skerry.example or www.skerry.example/bags.", "url skerry.example; url skerry.example/bags"},
		"brackets":            {"(skerry.example) <skerry.example> \"skerry.example\"", "url skerry.example; url skerry.example; url skerry.example"},
		"brackets inside":     {"https://skerry.example/a_(b)", "url skerry.example/a_(b)"},
		"port":                {"skerry.example:8080/x", "url skerry.example:8080/x"},
		"misleading user":     {"https://skerry.example@evil.example/x", "url evil.example/x"},
		"Markdown link":       {"[our site](evil.example/x) and [bags](</bags>)", "url evil.example/x; url /bags"},
		"Markdown image":      {"![x](https://evil.example/i.png)", "url evil.example/i.png"},
		"two slashes":         {"//evil.example/x", "url evil.example/x"},
		"backslashes":         {`https:\\evil.example\x`, "url evil.example/x"},
		"defanged":            {"hxxps://evil[.]example/x", "url evil.example/x"},
		"spelled":             {"go to skerry dot example now", "url skerry.example"},
		"spelled in brackets": {"skerry (dot) example, skerry[punkt]example", "url skerry.example; url skerry.example"},
		"blanks":              {"evil . com", "url evil.com"},
		"full width":          {"ｅｖｉｌ．ｅｘａｍｐｌｅ", "url evil.example"},
		"ideographic dot":     {"evil。example", "url evil.example"},
		"mathematical":        {"𝐞𝐯𝐢𝐥.example", "url evil.example"},
		"invisible inside":    {"ev\u200Bil.exam\u00ADple", "url evil.example"},
		"homoglyph":           {"sk\u0435rry.example", "url xn--skrry-0we.example"},
		"other script":        {"пример.рф", "url xn--e1afmkfd.xn--p1ai"},
		"percent in the host": {"https://ev%69l.example/", "url evil.example"},
		"numeric":             {"http://192.0.2.1/x 192.0.2.1:80/x", "url 192.0.2.1/x; url 192.0.2.1:80/x"},
		"script":              {"javascript:alert(1)", "url javascript:alert(1)"},
		"other scheme":        {"ftp://evil.example/x", "url ftp://evil.example/x"},
		"e-mail":              {"Write to Help@Skerry.Example.", "email help@skerry.example"},
		"mailto":              {"[mail](mailto:help@skerry.example)", "email help@skerry.example"},
		"disguised e-mail":    {"help (at) skerry (dot) example, help[at]skerry.example", "email help@skerry.example; email help@skerry.example"},
		"e-mail with blanks":  {"help @ skerry.example", "email help@skerry.example"},
		"unit before it":      {"50 m.evil.example/x, 24 h.evil.example", "number 50; url m.evil.example/x; number 24; url h.evil.example"},
		"currency before it":  {"Write to 50 eur@evil.example", "number 50; email eur@evil.example"},
		"month before it":     {"before 5 May@evil.example", "number 5; email may@evil.example"},
		"no address":          {"Oslo.No problem, e.g. this, i.e. that, z.B. dies, 5 p.m. today, the point is that", "time 17:00"},
		"file":                {"/opt/purser/start.sh", ""},
		"country in a path":   {"see /opt/evil.com", "url evil.com"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, show(entity.Find(tt.in, "en"))); diff != "" {
				t.Errorf("Find(%q) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

// TestFiguresAgree has ways to say the same: each supports each.
func TestFiguresAgree(t *testing.T) {
	for _, group := range [][]string{
		{"en|€1250", "de|1.250,00 €", "en|EUR 1,250", "fr|1 250 €", "en|1,250 euros", "nl|€ 1.250,-", "de|1250 Euro", "de|EUR 1250,00"},
		{"en|3 May 2026", "de|03.05.2026", "en|2026-05-03", "en-US|May 3, 2026", "de|3. Mai 2026", "pl|3 maja 2026 r.", "es|3 de mayo de 2026", "fr|3 mai 2026", "it|3 maggio 2026", "pt|3 de maio de 2026", "no|3. mai 2026", "sv|3 maj 2026", "nl|3 mei 2026", "en-GB|03/05/2026", "en-US|05/03/2026", "ja|2026年5月3日"},
		{"en|23 kg", "en|23kg", "de|dreiundzwanzig Kilogramm", "en|twenty-three kilos", "pl|23 kilogramy", "ja|２３kg", "ar|٢٣ كغ", "en|23000 g"},
		{"en|14 days", "en|two weeks", "de|vierzehn Tage", "pl|14 dni", "no|to uker", "fr|quatorze jours", "en|a fortnight", "de|14-tägig", "en|336 hours"},
		{"en|7 working days", "de|sieben Werktage", "nl|7 werkdagen", "pl|siedem dni roboczych", "fr|7 jours ouvrés", "no|sju virkedager", "es|siete días hábiles", "it|7 giorni lavorativi", "pt|sete dias úteis", "sv|sju arbetsdagar", "en|seven business days"},
		{"en|14:30", "en|2:30 pm", "de|14.30 Uhr", "fr|14h30", "no|kl. 14.30", "pl|godz. 14.30", "en|2:30 p.m.", "pt|14h30"},
		{"en|half an hour", "de|30 Minuten", "it|mezz'ora", "fr|une demi-heure", "sv|en halvtimme", "es|media hora", "pl|pół godziny", "en|30 min"},
		{"en|50%", "de|50 Prozent", "fr|cinquante pour cent", "es|50 por ciento", "pl|50 procent", "en|fifty percent"},
		{"en|EC261", "de|EG 261", "pl|WE 261", "en|EC 261/2004", "fr|CE 261"},
		{"no|22 33 44 55", "en|+47 22 33 44 55", "en|0047 22334455"},
		{"en|https://www.skerry.example/bags/", "en|skerry.example/bags", "en|hxxp://skerry[.]example/bags", "en|http://SKERRY.example:80/bags"},
		{"no|500 kr", "en|NOK 500", "en|500 Norwegian kroner", "no|kr 500,-"},
		{"en|1.5 million euros", "de|1,5 Mio. €", "en|€1,500,000"},
	} {
		var entities [][]entity.Entity
		for _, entry := range group {
			locale, s, _ := strings.Cut(entry, "|")
			entities = append(entities, entity.Find(s, locale))
		}
		for i, a := range entities {
			if len(a) != 1 {
				t.Errorf("%q holds %q, want one entity", group[i], show(a))
				continue
			}
			for j, b := range entities {
				if !entity.Supported(a[0], b) {
					t.Errorf("%q (%q) is not supported by %q (%q)", group[i], a[0].Values, group[j], show(b))
				}
			}
		}
	}
}

func TestSupported(t *testing.T) {
	tests := map[string]struct {
		claim, evidence string
		want            bool
	}{
		"another amount":            {"en|€600", "en|€250", false},
		"another currency":          {"en|USD 250", "en|EUR 250", false},
		"another unit":              {"en|23 lbs", "en|23 kg", false},
		"working days are not days": {"en|14 days", "en|14 working days", false},
		"weeks are not days":        {"en|14 weeks", "en|14 days", false},
		"unit invented":             {"en|23 kg", "en|row 23", false},
		"currency invented":         {"en|€600", "en|600 km", false},
		"number of a measure":       {"en|up to 23", "en|23 kg", true},
		"number of an amount":       {"en|600", "en|€600", true},
		"number of a code":          {"en|flight 1234", "en|SK1234", true},
		"another flight":            {"en|LH1234", "en|SK1234", false},
		"carrier invented":          {"en|SK1234", "en|flight 1234", false},
		"another day":               {"en|4 May 2026", "en|3 May 2026", false},
		"year left out":             {"en|3 May", "en|3 May 2026", true},
		"year invented":             {"en|3 May 2026", "en|3 May", false},
		"day left out":              {"en|in May 2026", "en|3 May 2026", true},
		"month alone":               {"en|in May", "en|3 May 2026", true},
		"year alone":                {"en|in 2026", "en|3 May 2026", true},
		"right weekday":             {"en|on Sunday", "en|3 May 2026", true},
		"wrong weekday":             {"en|on Monday", "en|3 May 2026", false},
		"ambiguous date":            {"en-US|05/03/2026", "de|3. Mai 2026", true},
		"ambiguous number":          {"en|1.250", "de|1.250", true},
		"another number":            {"en|1250", "en|125", false},
		"site of a page":            {"en|skerry.example", "en|https://skerry.example/bags", true},
		"page invented":             {"en|skerry.example/refund", "en|skerry.example", false},
		"longer path":               {"en|skerry.example/bags", "en|skerry.example/bagsandmore", false},
		"homoglyph":                 {"en|sk\u0435rry.example", "en|skerry.example", false},
		"subdomain":                 {"en|skerry.example.evil.example", "en|skerry.example", false},
		"another e-mail":            {"en|help@evil.example", "en|help@skerry.example", false},
		"host of an e-mail":         {"en|skerry.example", "en|help@skerry.example", false},
		"national phone":            {"en|020 7946 0958", "en|+44 20 7946 0958", true},
		"country invented":          {"en|+49 20 7946 0958", "en|020 7946 0958", false},
		"another phone":             {"en|+44 20 7946 0959", "en|+44 20 7946 0958", false},
		"percent is no number":      {"en|50", "en|50%", false},
		"nothing":                   {"en|50", "en|none", false},
		"time with a point":         {"pl|od 9.00", "en|at 9:00", true},
		"phone not told as one":     {"bg|088-1205 100", "en|call 088-1205 100", true},
		"price in mills":            {"en|€1", "en|€1,000", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			entities := func(entry string) []entity.Entity {
				locale, s, _ := strings.Cut(entry, "|")
				return entity.Find(s, locale)
			}
			claim, evidence := entities(tt.claim), entities(tt.evidence)
			if len(claim) != 1 {
				t.Fatalf("%q holds %q, want one entity", tt.claim, show(claim))
			}
			if got := entity.Supported(claim[0], evidence); got != tt.want {
				t.Errorf("Supported(%q %q, %q) = %v, want %v", tt.claim, claim[0].Values, show(evidence), got, tt.want)
			}
		})
	}
}

func TestFigureHost(t *testing.T) {
	for in, want := range map[string]string{
		"https://www.skerry.example:8080/bags?x": "skerry.example", "help@mail.skerry.example": "mail.skerry.example",
		"http://192.0.2.1/x": "192.0.2.1", "http://localhost:80/x": "localhost", "[x](/bags)": "", "ftp://evil.example/x": "evil.example",
		"23 kg": "", "http://3221225985/": "3221225985",
	} {
		entities := entity.Find(in, "en")
		if len(entities) != 1 || entities[0].Host() != want {
			t.Errorf("the host of %q is %q, want %q (%q)", in, entities[0].Host(), want, show(entities))
		}
	}
}

func TestContacts(t *testing.T) {
	const in = "bob@mail.example, 022 33 44 55, GB82WEST12345698765432, 4111 1111 1111 1111, 03.05.2026, EUR 1 250 000, 785 8949, 192.168.100.200"
	want := []string{"email bob@mail.example", "phone 022 33 44 55", "iban GB82WEST12345698765432", "card 4111 1111 1111 1111", "phone 785 8949"}
	var got []string
	for _, f := range entity.FindContacts(in, "en") {
		got = append(got, string(f.Kind)+" "+f.Text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Contacts(%q) (-want +got):\n%s", in, diff)
	}
}

func FuzzFigures(f *testing.F) {
	for _, s := range []string{
		"", "1.250,00 € 3. Mai", "55x40x23cm", "[a](b.example) c dot com", "+47 22 33 44 55", "２３kg ½ 五千円", "1. x\n2.5.", "a@b.example\xff", "hxxp:// [.]", "12:60 24:00 99/99/9999",
		"one hundred thousand million", "GB82 WEST 1234", "1'2'3", "kr. 5,-", "2026-02-30", "--", "SK 1", "٪", "halb zwölf", "1h2m",
	} {
		for _, l := range []string{"en", "de", "fr", "no", ""} {
			f.Add(s, l)
		}
	}
	f.Fuzz(func(t *testing.T, s, locale string) {
		entities := entity.Find(s, locale)
		spans := make([]text.Span, 0, len(entities))
		for _, g := range entities {
			spans = append(spans, g.Span)
			if g.Value == "" || !slices.Contains(g.Values, g.Value) || g.Text != g.In(s) || slices.Contains(g.Values, "") {
				t.Fatalf("Find(%q, %q) holds %+v", s, locale, g)
			}
			if !entity.Supported(g, entities) {
				t.Fatalf("%+v of %q does not support itself", g, s)
			}
			_ = g.Host()
		}
		texttest.CheckSpans(t, s, spans)
		if utf8.ValidString(s) {
			texttest.CheckSpans(t, s, contactSpans(s, locale))
		}
	})
}

func contactSpans(s, locale string) []text.Span {
	var out []text.Span
	for _, g := range entity.FindContacts(s, locale) {
		out = append(out, g.Span)
	}
	return out
}

func BenchmarkFigures(b *testing.B) {
	const one = "You can bring one cabin bag of up to 55 x 40 x 23 cm and 10 kg free of charge; refunds of €1,250.00 for flights cancelled on 3 May 2026 take 7 to 10 working days, see skerry.example/refunds or call +44 20 7946 0958.\n"
	for name, s := range map[string]string{"sentence": one, "megabyte": strings.Repeat(one, 1<<20/len(one)), "prose": "We are sorry that your bag did not arrive with you and will look for it at once."} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				entity.Find(s, "en")
			}
		})
	}
}
