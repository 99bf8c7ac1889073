package sample_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/purser-desk/purser/eval/sample"
	"github.com/purser-desk/purser/suggest"
)

// written is when the messages of these tests were written.
var written = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// hiddenCase is the case made of a message, written in a locale, and of facts.
func hiddenCase(t *testing.T, locale, text string, facts ...suggest.Fact) sample.Case {
	t.Helper()
	h := asked(text)
	h.Time, h.Ticket.Locale, h.Ticket.Facts = written, locale, facts
	got := sampled(t, h)
	if len(got.Cases) != 1 {
		t.Fatalf("withheld: %+v", got.Report)
	}
	return got.Cases[0]
}

func TestDatesOfBirth(t *testing.T) {
	t.Parallel()
	const digits = `\d{1,2}\.\d{1,2}\.\d{4}`
	for name, c := range map[string]struct {
		locale, text string
		// want is what the text must look like afterwards; gone must not stand
		// in it.
		want string
		gone []string
	}{
		"a label":                       {"en", "date of birth: 03/04/1980, flight on 03/04/2027", `^date of birth: 0[1-9]/0[1-9]/19\d\d, flight on 03/04/2027$`, []string{"03/04/1980"}},
		"a label on the line before":    {"en", "Date of birth:\n03/04/1980", `^Date of birth:\n0[1-9]/0[1-9]/19\d\d$`, []string{"03/04/1980"}},
		"a name of a field":             {"en", "date_of_birth=1980-04-03", `^date_of_birth=19\d\d-0[1-9]-0[2-9]$`, []string{"1980-04-03"}},
		"born":                          {"en", "My child was born 3.4.2011 and flies on 5.6.2027.", `^My child was born [2-9]\.[1-9]\.2011 and flies on 5\.6\.2027\.$`, []string{"3.4.2011"}},
		"born in a place":               {"en", "I was born in Oslo on 3 April 1980.", `^I was born in Oslo on [2-9] [A-Z][a-z]+ 19\d\d\.$`, []string{"3 April"}},
		"an American way":               {"en", "Born April 22nd, 1980", `^Born [A-Z][a-z]+ [12]\d(?:st|nd|rd|th), 19\d\d$`, []string{"April", "22nd"}},
		"DOB":                           {"en", "DOB 03APR80", `^DOB 0[2-9][A-Z]{3}\d\d$`, []string{"03APR80"}},
		"D.O.B.":                        {"en", "D.O.B.: 03-Apr-1980", `^D\.O\.B\.: 0[2-9]-[A-Z][a-z]{2,3}-19\d\d$`, []string{"03-Apr"}},
		"a date before born":            {"en", "3 April 1980 is my date of birth, 5 June 2027 my flight.", `^[2-9] [A-Z][a-z]+ 19\d\d is my date of birth, 5 June 2027 my flight\.$`, []string{"3 April"}},
		"a day of travel before":        {"en", "We fly 5/6/2027, date of birth 3/4/1980.", `^We fly 5/6/2027, date of birth [1-9]/[1-9]/19\d\d\.$`, []string{"3/4/1980"}},
		"two children":                  {"en", "They were born 3.4.2011 and 5.6.2013.", `^They were born ` + digits + ` and ` + digits + `\.$`, []string{"3.4.2011", "5.6.2013"}},
		"the same day in two ways":      {"en", "DOB 1980-04-23. It says 23.04.1980.", `^DOB 19\d\d-0\d-\d\d\. It says \d\d\.0\d\.19\d\d\.$`, []string{"1980-04-23", "23.04.1980"}},
		"geb.":                          {"de", "Max, geb. 03.04.80, Flug am 05.06.2027 um 14:30.", `^Max, geb\. 0[2-9]\.0[1-9]\.\d\d, Flug am 05\.06\.2027 um 14:30\.$`, []string{"03.04.80"}},
		"geboren am":                    {"de", "Ich bin am 3. April 1980 in Köln geboren und fliege am 5. Juni 2027.", `^Ich bin am [2-9]\. \pL+ 19\d\d in Köln geboren und fliege am 5\. Juni 2027\.$`, []string{"3. April"}},
		"Geburtsdatum with blanks":      {"de", "Geburtsdatum: 03. 04. 1980", `^Geburtsdatum: 0[2-9]\. 0[1-9]\. 19\d\d$`, []string{"03. 04. 1980"}},
		"a date before geboren":         {"de", "Meine Mutter, 3.4.1950 geboren, fliegt am 5.6.2027.", `^Meine Mutter, [2-9]\.[1-9]\.19\d\d geboren, fliegt am 5\.6\.2027\.$`, []string{"3.4.1950"}},
		"née le":                        {"fr", "Ma fille est née le 1er avril 2011, le vol est le 5 juin 2027.", `^Ma fille est née le [2-9] \pL+ 2011, le vol est le 5 juin 2027\.$`, []string{"1er avril"}},
		"né(e) le":                      {"fr", "Né(e) le : 03/04/1980", `^Né\(e\) le : 0[2-9]/0[1-9]/19\d\d$`, []string{"03/04/1980"}},
		"fecha de nacimiento":           {"es", "Fecha de nacimiento: 3 de abril de 1980. Vuelo: 5 de junio de 2027.", `^Fecha de nacimiento: [2-9] de \pL+ de 19\d\d\. Vuelo: 5 de junio de 2027\.$`, []string{"3 de abril"}},
		"nacida el":                     {"es", "Mi hija, nacida el 3/4/2011.", `^Mi hija, nacida el [2-9]/[1-9]/2011\.$`, []string{"3/4/2011"}},
		"nata il":                       {"it", "Sono nata il 3 aprile 1980.", `^Sono nata il [2-9] \pL+ 19\d\d\.$`, []string{"3 aprile"}},
		"geboortedatum":                 {"nl", "Geboortedatum 03-04-1980, vlucht 05-06-2027", `^Geboortedatum 0[2-9]-0[1-9]-19\d\d, vlucht 05-06-2027$`, []string{"03-04-1980"}},
		"født":                          {"nb", "Sønnen vår er født 3. april 2011 og reiser 5. juni 2027.", `^Sønnen vår er født [2-9]\. \pL+ 2011 og reiser 5\. juni 2027\.$`, []string{"3. april"}},
		"f.":                            {"nb", "Kari (f. 03.04.1980) f.eks. 05.06.2027", `^Kari \(f\. 0[2-9]\.0[1-9]\.19\d\d\) f\.eks\. 05\.06\.2027$`, []string{"03.04.1980"}},
		"ur.":                           {"pl", "Syn, ur. 3 kwietnia 2011 r., lot 5 czerwca 2027 r.", `^Syn, ur\. [2-9] \pL+ 2011 r\., lot 5 czerwca 2027 r\.$`, []string{"3 kwietnia"}},
		"data urodzenia":                {"pl", "Data urodzenia: 03.04.1980r.", `^Data urodzenia: 0[2-9]\.0[1-9]\.19\d\dr\.$`, []string{"03.04.1980"}},
		"nascido em":                    {"pt", "Meu pai, nascido em 3 de abril de 1950.", `^Meu pai, nascido em [2-9] de \pL+ de 19\d\d\.$`, []string{"3 de abril"}},
		"född":                          {"sv", "Jag är född 1980-04-03 och reser 2027-06-05.", `^Jag är född 19\d\d-0[1-9]-0[2-9] och reser 2027-06-05\.$`, []string{"1980-04-03"}},
		"digits in a row":               {"en", "DOB 19800403", `^DOB 19\d\d0[1-9]0[2-9]$`, []string{"19800403"}},
		"a day that is yet to come":     {"en", "The baby will be born on 5 May 2027.", `^The baby will be born on 5 May 2027\.$`, nil},
		"a birthday that is celebrated": {"en", "We fly to Rome for my birthday on 12 November 2026.", `for my birthday on 12 November 2026\.$`, nil},
		"a birthday of long ago":        {"en", "My birthday is 12 November 1980.", `^My birthday is \d\d \pL+ 19\d\d\.$`, []string{"12 November"}},
		"no birth":                      {"en", "I booked on 3.4.2026 for 5 June 2027. It was stubborn.", `^I booked on 3\.4\.2026 for 5 June 2027\. It was stubborn\.$`, nil},
		"another sentence":              {"en", "My son was born in Oslo. We fly on 3.4.2026.", `We fly on 3\.4\.2026\.$`, nil},
		"a journey after birth":         {"en", "I was born in Oslo and travel on 3.4.2026.", `and travel on 3\.4\.2026\.$`, nil},
		"a time behind a date":          {"en", "Born 3 April 14:30, they say.", `^Born [2-9] [A-Z][a-z]+ 14:30, they say\.$`, []string{"3 April"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := hiddenCase(t, c.locale, c.text).Text
			if !regexp.MustCompile(c.want).MatchString(got) {
				t.Errorf("%q became %q", c.text, got)
			}
			for _, s := range c.gone {
				if strings.Contains(got, s) {
					t.Errorf("%q is left in %q", s, got)
				}
			}
		})
	}
}

func TestPseudonymsForDatesOfBirth(t *testing.T) {
	t.Parallel()
	born := suggest.Fact{Name: "date_of_birth", Kind: suggest.FactDate, Date: suggest.Date{Year: 1980, Month: 4, Day: 23}}
	k := hiddenCase(t, "en", "I was born on 23 April 1980, so 23.4.80.", born)
	fact, err := time.Parse(time.DateOnly, k.Facts[0].Value)
	if err != nil || fact.Format(time.DateOnly) == "1980-04-23" {
		t.Fatalf("%q, %v", k.Facts[0].Value, err)
	}
	if want := fact.Format("I was born on 2 January 2006, so 2.1.06."); k.Text != want {
		t.Errorf("%q, want %q", k.Text, want)
	}
	baby := hiddenCase(t, "en", "Our baby was born on 12.10.2026.").Text
	day, err := time.Parse("Our baby was born on 2.1.2006.", baby)
	if err != nil || day.Year() != 2026 && day.Year() != 2025 || day.After(written) {
		t.Errorf("%q, %v", baby, err)
	}
}

func TestNamesOfOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		locale, text string
		gone         []string
		stays        string
	}{
		"my son":                    {"en", "My son Oskar Lindqvist was born 3.4.2011.", []string{"Oskar", "Lindqvist"}, "My son "},
		"an age before":             {"en", "I fly with my 5-year-old daughter Wilhelmina and need a seat.", []string{"Wilhelmina"}, " and need a seat."},
		"two names":                 {"en", "My children Wilhelmina and Thorvald fly alone.", []string{"Wilhelmina", "Thorvald"}, " fly alone."},
		"a list with ages":          {"en", "My kids, Wilhelmina (4), Thorvald (7) and Ebba, fly alone.", []string{"Wilhelmina", "Thorvald", "Ebba"}, "(7) and "},
		"called":                    {"en", "My wife is called Wilhelmina.", []string{"Wilhelmina"}, "My wife is called "},
		"between commas":            {"en", "My husband, Thorvald, is ill.", []string{"Thorvald"}, ", is ill."},
		"her name":                  {"en", "A child is with me, her name is Wilhelmina.", []string{"Wilhelmina"}, "her name is "},
		"nobody":                    {"en", "My son lost his bag. My wife, Monday we fly. MY SON HAS LOST IT.", nil, "My son lost his bag. My wife, Monday we fly. MY SON HAS LOST IT."},
		"meine Tochter":             {"de", "Meine Tochter Wilhelmina hat Fieber.", []string{"Wilhelmina"}, " hat Fieber."},
		"mein Sohn heißt":           {"de", "Mein kleiner Sohn heißt Thorvald.", []string{"Thorvald"}, "Mein kleiner Sohn heißt "},
		"two German names":          {"de", "Unsere Kinder Wilhelmina und Thorvald fliegen.", []string{"Wilhelmina", "Thorvald"}, " fliegen."},
		"a German noun":             {"de", "Darf mein Sohn Koffer tragen, wenn meine Frau Rückenschmerzen und mein Mann Fieber hat?", nil, "Darf mein Sohn Koffer tragen, wenn meine Frau Rückenschmerzen und mein Mann Fieber hat?"},
		"a German noun of the text": {"de", "Ich habe ein Surfbrett. Darf mein Sohn Surfbrett und Ball mitnehmen?", nil, "Darf mein Sohn Surfbrett und Ball"},
		"a noun behind a name":      {"de", "Meine Frau Wilhelmina Gepäck verloren!", []string{"Wilhelmina"}, " Gepäck verloren!"},
		"mi hijo":                   {"es", "Viajo con mi hijo Íñigo y mi hija Ainhoa.", []string{"Íñigo", "Ainhoa"}, "Viajo con mi hijo "},
		"ma fille":                  {"fr", "Ma fille Théodora et mon mari Barnabé voyagent.", []string{"Théodora", "Barnabé"}, " voyagent."},
		"mio figlio":                {"it", "Mio figlio Ermenegildo ha perso lo zaino.", []string{"Ermenegildo"}, " ha perso lo zaino."},
		"mijn zoon":                 {"nl", "Mijn zoon Diederik van der Berg reist alleen.", []string{"Diederik", "Berg"}, " reist alleen."},
		"sønnen min":                {"nb", "Sønnen min Torbjørn og min kone Åshild reiser.", []string{"Torbjørn", "Åshild"}, " reiser."},
		"moja córka":                {"pl", "Moja córka Świętosława leci z moim mężem Grzegorzem.", []string{"Świętosława", "Grzegorzem"}, " leci z moim mężem "},
		"minha filha":               {"pt", "Minha filha Conceição e o meu marido Gonçalo viajam.", []string{"Conceição", "Gonçalo"}, " viajam."},
		"min dotter":                {"sv", "Min dotter Ragnhild reser med sin far Hjalmar.", []string{"Ragnhild", "Hjalmar"}, "Min dotter "},
		"beside a birth":            {"de", "Passagier Thorvald Quimby, geb. 03.04.1980, und Wilhelmina Quimby (geboren 3.4.1981).", []string{"Thorvald", "Quimby", "Wilhelmina"}, "Passagier "},
		"a field":                   {"en", "Passenger 1: Thorvald Quimby\nPassenger 2: Wilhelmina Quimby", []string{"Thorvald", "Quimby", "Wilhelmina"}, "Passenger 2: "},
		"an agent of ours":          {"en", "Your colleague Thorvald promised it.", []string{"Thorvald"}, " promised it."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := hiddenCase(t, c.locale, c.text).Text
			for _, s := range c.gone {
				if strings.Contains(got, s) {
					t.Errorf("%q is left in %q", s, got)
				}
			}
			if !strings.Contains(got, c.stays) {
				t.Errorf("%q is gone from %q", c.stays, got)
			}
		})
	}
}

func TestFactsThatAreDates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fact suggest.Fact
		want string
	}{
		"a day of travel as text":     {suggest.Fact{Name: "difference_date", Kind: suggest.FactText, Text: "2026-12-11"}, `^2026-12-11$`},
		"a day written out":           {suggest.Fact{Name: "difference", Kind: suggest.FactText, Text: "11 December 2026, 13:25"}, `^11 December 2026, 13:25$`},
		"a day and time":              {suggest.Fact{Name: "booking_date", Kind: suggest.FactText, Text: "2026-12-11T13:25Z"}, `^2026-12-11T13:25Z$`},
		"a day as a code":             {suggest.Fact{Name: "travel day", Kind: suggest.FactCode, Text: "11.12.2026"}, `^11\.12\.2026$`},
		"a time":                      {suggest.Fact{Name: "difference_time", Kind: suggest.FactText, Text: "13:25"}, `^13:25$`},
		"a length of time":            {suggest.Fact{Name: "arrival_delay", Kind: suggest.FactText, Text: "3 h 41 min"}, `^3 h 41 min$`},
		"a length":                    {suggest.Fact{Name: "distance", Kind: suggest.FactText, Text: "2,200 km"}, `^2,200 km$`},
		"an amount":                   {suggest.Fact{Name: "seat_paid", Kind: suggest.FactText, Text: "EUR 22"}, `^EUR 22$`},
		"a day within a text":         {suggest.Fact{Name: "refund", Kind: suggest.FactText, Text: "Qwertz on 2026-11-03"}, `^[A-Z][a-z]{5} [a-z]{2} 2026-11-03$`},
		"a birth as text":             {suggest.Fact{Name: "date_of_birth", Kind: suggest.FactText, Text: "1980-04-23"}, `^19(?:7[5-9]|8[1-5])-0[1-9]-[12]\d$`},
		"a birth written out":         {suggest.Fact{Name: "Geburtsdatum", Kind: suggest.FactText, Text: "23. April 1980"}, `^[12]\d\. [A-Z]\pL+ 19(?:7[5-9]|8[1-5])$`},
		"a birth within a text":       {suggest.Fact{Name: "passenger note", Kind: suggest.FactText, Text: "born 1980-04-23"}, `^[a-z]{4} 19(?:7[5-9]|8[1-5])-0[1-9]-[12]\d$`},
		"a number that is a customer": {suggest.Fact{Name: "customer number", Kind: suggest.FactText, Text: "4711"}, `^(?:[^4]\d{3}|\d[^7]\d\d|\d\d[^1]\d|\d{3}[^1])$`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := hiddenCase(t, "en", "Is this right: "+c.fact.Text+"?", c.fact)
			got := k.Facts[0].Value
			if !regexp.MustCompile(c.want).MatchString(got) {
				t.Errorf("%q became %q", c.fact.Text, got)
			}
			if want := "Is this right: " + got + "?"; k.Text != want {
				t.Errorf("%q, want %q", k.Text, want)
			}
		})
	}
}

// Messages as people write them: what is personal goes, all else stays as it was.
func TestNumbersAndAddresses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		locale, text string
		want         string
		gone         []string
	}{
		"a flight":                       {"en", "Flight SK214 / SKE 418 / U2 8012 at 14:30 was late, 20% of EUR 219.50, since 2019.", `^Flight SK214 / SKE 418 / U2 8012 at 14:30 was late, 20% of EUR 219\.50, since 2019\.$`, nil},
		"a booking like a flight":        {"en", "Flight SK214, booking SKE418.", `^Flight SK214, booking [A-Z]{3}\d{3}\.$`, []string{"SKE418"}},
		"a law":                          {"de", "Verordnung (EG) Nr. 261/2004 vom 11. Februar 2004.", `^Verordnung \(EG\) Nr\. 261/2004 vom 11\. Februar 2004\.$`, nil},
		"seats, gates and measures":      {"en", "Gate B22, seat 14C, 2 bags of 23kg, 100 ml, 160 Wh.", `^Gate B22, seat 14C, 2 bags of 23kg, 100 ml, 160 Wh\.$`, nil},
		"a long number":                  {"pl", "PESEL 91061212345, 450 zł", `^PESEL \d{11}, 450 zł$`, []string{"91061212345"}},
		"a list of travellers":           {"en", "Travellers:\n1. Thorvald Quimby, 12.03.1985\n2. Wilhelmina Quimby, 15.07.2014\nFlight: 04.06.2027", `^Travellers:\n1\. \pL+ \pL+, [12]\d\.0\d\.19\d\d\n2\. \pL+ \pL+, [12]\d\.0\d\.2014\nFlight: 04\.06\.2027$`, []string{"Thorvald", "Wilhelmina", "Quimby", "12.03.1985", "15.07.2014"}},
		"travellers with days in braces": {"de", "Passagiere: Thorvald Quimby (12.03.1985), Wilhelm Quimby (14.09.2014). Flug: 24.12.2026", `^Passagiere: \pL+ \pL+ \([12]\d\.0\d\.19\d\d\), \pL+ \pL+ \([12]\d\.0\d\.2014\)\. Flug: 24\.12\.2026$`, []string{"Thorvald", "Wilhelm", "Quimby", "12.03.1985", "14.09.2014"}},
		"a shouted message":              {"en", "MY MOTHER GERDA WAS BORN 12/11/1941 AND FLIES.", `^MY MOTHER \pL+ WAS BORN 1\d/\d\d/19\d\d AND FLIES\.$`, []string{"GERDA", "12/11/1941"}},
		"a name that changes":            {"de", "Bitte den Namen von Sabine Zsigmondy auf Sabine Oberhuber ändern.", `^Bitte den Namen von \pL+ \pL+ auf \pL+ \pL+ ändern\.$`, []string{"Sabine", "Zsigmondy", "Oberhuber"}},
		"a last name":                    {"en", "booking H4TN9C, last name Zsigmondy", `^booking [A-Z]\d[A-Z]{2}\d[A-Z], last name \pL+$`, []string{"Zsigmondy", "H4TN9C"}},
		"a name in other words":          {"es", "Mi madre, de 82 años, se llama Carmen Zurbarán.", `^Mi madre, de 82 años, se llama \pL+ \pL+\.$`, []string{"Carmen", "Zurbarán"}},
		"a name at birth":                {"de", "Gertrud ist es, geb. Zsigmondy.", `geb\. \pL+\.$`, []string{"Zsigmondy"}},
		"two titles":                     {"de", "Frau Dr. Zsigmondy weiß es.", `^Frau Dr\. \pL+ weiß es\.$`, []string{"Zsigmondy"}},
		"a particle of a name":           {"nl", "Mijn naam is Wilhelmina de Zwart.", `^Mijn naam is \pL+ de \pL+\.$`, []string{"Wilhelmina", "Zwart"}},
		"a street":                       {"de", "Adresse: Lindenstraße 12, 80331 München.", `^Adresse: \pL+ \d\d, \d{5} \pL+\.$`, []string{"Lindenstraße", "80331", "München"}},
		"an English street":              {"en", "I live at 12 Baker Street, London NW1 6XE.", `^I live at \d\d \pL+ \pL+, \pL+ \w{3} \w{3}\.$`, []string{"Baker", "Street", "London", "NW1"}},
		"a French street":                {"fr", "12 rue de la République, 69002 Lyon", `^\d\d \pL+ \pL\pL \pL\pL \pL+, \d{5} \pL+$`, []string{"République", "69002", "Lyon"}},
		"no street":                      {"de", "Auf dem Rollweg 5 Minuten, via Oslo 3 Tage, Gate 12.", `^Auf dem Rollweg 5 Minuten, via Oslo 3 Tage, Gate 12\.$`, nil},
		"who signs for the house":        {"en", "We regret that. It was in the air.\n\nKind regards\nSkerry Air Customer Care", `^We regret that\. It was in the air\.\n\nKind regards\nSkerry Air Customer Care$`, nil},
		"a route":                        {"de", "Ich buche für meinen Mann Marenholm–London.", `^Ich buche für meinen Mann Marenholm–London\.$`, nil},
		"a day and month":                {"fr", "Le vol du 20/12.", `^Le vol du 20/12\.$`, nil},
		"a wedding":                      {"en", "We married 5 May 2018 and booked on 1.10.2026.", `^We married 5 May 2018 and booked on 1\.10\.2026\.$`, nil},
		"a newborn":                      {"en", "Her baby (born last week, 28 October 2026) flies.", `^Her baby \(born last week, (?:0?[1-9]|1\d|2[0-7]) October 2026\) flies\.$`, []string{"28 October"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := hiddenCase(t, c.locale, c.text).Text
			if !regexp.MustCompile(c.want).MatchString(got) {
				t.Errorf("%q became %q", c.text, got)
			}
			for _, s := range c.gone {
				if strings.Contains(got, s) {
					t.Errorf("%q is left in %q", s, got)
				}
			}
		})
	}
	sat := suggest.Fact{Name: "flight", Kind: suggest.FactCode, Text: "SKE 214"}
	if k := hiddenCase(t, "en", "SKE 214?", sat); k.Text != "SKE 214?" || k.Facts[0].Value != "SKE 214" {
		t.Errorf("%q %+v", k.Text, k.Facts)
	}
}
