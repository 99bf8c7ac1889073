package entity

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// monthName is a month as a word says it.
type monthName struct {
	month int
	langs string // languages whose full name this is, between blanks; "" for abbreviations
}

// monthNames are the names of months, inflected and short, by lower-case word.
// Languages agree so well that one table serves all; where they do not, the
// word is in foreignMonth.
var monthNames = sync.OnceValue(func() map[string]monthName {
	m := map[string]monthName{}
	add := func(lang, lists string) {
		for i, names := range strings.Split(lists, ";") {
			for w := range strings.FieldsSeq(names) {
				e := m[w]
				if e.month == 0 || e.month == i+1 {
					e.month = i + 1
					if lang != "" {
						e.langs += " " + lang + " "
					}
					m[w] = e
				}
			}
		}
	}
	add("en", "january;february;march;april;may;june;july;august;september;october;november;december")
	add("de", "januar jänner januars;februar feber;märz maerz;april;mai;juni;juli;august;september;oktober;november;dezember")
	add("nl", "januari;februari;maart;april;mei;juni;juli;augustus;september;oktober;november;december")
	add("pl", "styczeń stycznia styczniu;luty lutego lutym;marzec marca marcu;kwiecień kwietnia kwietniu;maj maja maju;czerwiec czerwca czerwcu;lipiec lipca lipcu;sierpień sierpnia sierpniu;wrzesień września wrześniu;październik października październiku;listopad listopada listopadzie;grudzień grudnia grudniu")
	add("fr", "janvier;février;mars;avril;mai;juin;juillet;août aout;septembre;octobre;novembre;décembre")
	add("no", "januar;februar;mars;april;mai;juni;juli;august;september;oktober;november;desember")
	add("da", "januar;februar;marts;april;maj;juni;juli;august;september;oktober;november;december")
	add("sv", "januari;februari;mars;april;maj;juni;juli;augusti;september;oktober;november;december")
	add("es", "enero;febrero;marzo;abril;mayo;junio;julio;agosto;septiembre setiembre;octubre;noviembre;diciembre")
	add("it", "gennaio;febbraio;marzo;aprile;maggio;giugno;luglio;agosto;settembre;ottobre;novembre;dicembre")
	add("pt", "janeiro;fevereiro;março;abril;maio;junho;julho;agosto;setembro;outubro;novembro;dezembro")
	add("fi", "tammikuu tammikuuta;helmikuu helmikuuta;maaliskuu maaliskuuta;huhtikuu huhtikuuta;toukokuu toukokuuta;kesäkuu kesäkuuta;heinäkuu heinäkuuta;elokuu elokuuta;syyskuu syyskuuta;lokakuu lokakuuta;marraskuu marraskuuta;joulukuu joulukuuta")
	add("cs", "leden ledna;únor února;březen března;duben dubna;květen května;červen června;červenec července;srpen srpna;září;říjen října;listopad listopadu;prosinec prosince")
	add("ru", "январь января;февраль февраля;март марта;апрель апреля;май мая;июнь июня;июль июля;август августа;сентябрь сентября;октябрь октября;ноябрь ноября;декабрь декабря")
	add("ro", "ianuarie;februarie;martie;aprilie;mai;iunie;iulie;august;septembrie;octombrie;noiembrie;decembrie")
	add("hu", "január;február;március;április;május;június;július;augusztus;szeptember;október;november;december")
	add("bg", "януари;февруари;март;април;май;юни;юли;август;септември;октомври;ноември;декември")
	add("uk", "січень січня;лютий лютого;березень березня;квітень квітня;травень травня;червень червня;липень липня;серпень серпня;вересень вересня;жовтень жовтня;листопад листопада;грудень грудня")
	add("el", "ιανουαρίου;φεβρουαρίου;μαρτίου;απριλίου;μαΐου;ιουνίου;ιουλίου;αυγούστου;σεπτεμβρίου;οκτωβρίου;νοεμβρίου;δεκεμβρίου")
	add("ar", "يناير;فبراير;مارس;أبريل إبريل;مايو;يونيو;يوليو;أغسطس;سبتمبر;أكتوبر;نوفمبر;ديسمبر")
	add("tr", "ocak;şubat;mart;nisan;mayıs;haziran;temmuz;ağustos;eylül;ekim;kasım;aralık")
	add("", "jan janv ene gen ian sty;feb fev fév févr febr lut;mar mrz mär mrt;apr avr abr kwi;maj mag;jun cze giu;jul juil lip lug;aug ago sie;sep sept wrz set;oct okt ott out paź;nov lis;dec dez des déc dic gru")
	return m
})

// isForeignMonth reports abbreviations that are ordinary words in lang.
func isForeignMonth(word, lang string) bool {
	switch word {
	case "set", "out":
		return lang != "pt" && lang != "it"
	case "ago":
		return lang != "es" && lang != "it" && lang != "pt"
	case "lis", "lip", "sie", "gru", "kwi", "cze", "sty", "lut":
		return lang != "pl"
	case "gen", "mag", "giu", "lug", "ott":
		return lang != "it"
	case "des":
		return lang != "no"
	case "mart":
		return lang != "tr"
	case "marca":
		return lang != "pl"
	}
	return false
}

// monthOf reads a month's name. alone tells whether it is one that may stand
// without a day or year and still be a month.
func Month(word, raw, lang string) (month int, alone bool) {
	m, ok := monthNames()[word]
	if !ok || isForeignMonth(word, lang) {
		return 0, false
	}
	capital := raw != word
	switch word {
	case "may", "march", "august", "april", "june":
		if lang == "en" && !capital {
			return 0, false
		}
	}
	alone = m.langs != "" && (lang == "" || strings.Contains(m.langs, " "+lang+" "))
	switch word {
	case "may", "march", "mars", "marca", "maja", "mart", "leden":
		alone = false
	}
	return m.month, alone
}

// weekdays are the names of days of the week by lower-case word, Monday 1.
var weekdays = sync.OnceValue(func() map[string]int {
	m := map[string]int{}
	for _, lists := range []string{
		"monday mondays;tuesday tuesdays;wednesday wednesdays;thursday thursdays;friday fridays;saturday saturdays;sunday sundays",
		"montag montags;dienstag dienstags;mittwoch mittwochs;donnerstag donnerstags;freitag freitags;samstag samstags sonnabend;sonntag sonntags",
		"maandag;dinsdag;woensdag;donderdag;vrijdag;zaterdag;zondag",
		"poniedziałek poniedziałku poniedziałki;wtorek wtorku wtorki;środa środę środy środy;czwartek czwartku czwartki;piątek piątku piątki;sobota sobotę soboty;niedziela niedzielę niedzieli niedziele",
		"lundi lundis;mardi mardis;mercredi mercredis;jeudi jeudis;vendredi vendredis;samedi samedis;dimanche dimanches",
		"mandag mandager;tirsdag tirsdager;onsdag onsdager;torsdag torsdager;fredag fredager;lørdag lørdager;søndag søndager",
		"måndag måndagar;tisdag tisdagar;onsdag onsdagar;torsdag torsdagar;fredag fredagar;lördag lördagar;söndag söndagar",
		"lunes;martes;miércoles;jueves;viernes;sábado sábados;domingo domingos",
		"lunedì;martedì;mercoledì;giovedì;venerdì;sabato;domenica",
		"segunda-feira;terça-feira;quarta-feira;quinta-feira;sexta-feira;;",
		"maanantai maanantaina;tiistai tiistaina;keskiviikko keskiviikkona;torstai torstaina;perjantai perjantaina;lauantai lauantaina;sunnuntai sunnuntaina",
	} {
		for i, names := range strings.Split(lists, ";") {
			for w := range strings.FieldsSeq(names) {
				m[w] = i + 1
			}
		}
	}
	return m
})

// dateReading is the normal form of a date: "2026-05-03", "--05-03" without a
// year, "2026-05" without a day, "--05" a month alone. It is "" when there is
// no such day.
func dateReading(year, month, day int) string {
	if month < 1 || month > 12 || day < 0 || day > 31 || year != 0 && (year < 1000 || year > 2999) {
		return ""
	}
	if day > 0 {
		y := year
		if y == 0 {
			y = 2024 // a leap year: the 29th of February may be meant
		}
		if time.Date(y, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() != day {
			return ""
		}
	}
	head := "-"
	if year > 0 {
		head = fmt.Sprintf("%04d", year)
	}
	if day == 0 {
		return fmt.Sprintf("%s-%02d", head, month)
	}
	return fmt.Sprintf("%s-%02d-%02d", head, month, day)
}

// fullYear reads a year of two or four digits; 0 when it is neither.
func fullYear(d string) int {
	n := atoiShort(d)
	switch len(d) {
	case 4:
		return n
	case 2:
		if n < 70 {
			return 2000 + n
		}
		return 1900 + n
	}
	return 0
}

// numericDates gives the plausible readings of three numbers written with sep;
// the language's own order comes first.
func numericDates(a, b, c string, sep byte, locale string) []string {
	var out []string
	add := func(year, month, day int) {
		if d := dateReading(year, month, day); d != "" && year > 0 && day > 0 && (len(out) == 0 || out[0] != d) {
			out = append(out, d)
		}
	}
	x, y, z := atoiShort(a), atoiShort(b), atoiShort(c)
	switch {
	case len(a) == 4 && len(b) <= 2 && len(c) <= 2:
		add(x, y, z)
	case len(a) > 2 || len(b) > 2 || len(c) != 2 && len(c) != 4:
	case sep == '.':
		add(fullYear(c), y, x)
	case locale == "en-US" || locale == "en":
		add(fullYear(c), x, y)
		add(fullYear(c), y, x)
	default:
		add(fullYear(c), y, x)
		add(fullYear(c), x, y)
	}
	return out
}

// dayMonthReadings gives the readings of "3/5" as a day and month.
func dayMonthReadings(a, b string) []string {
	var out []string
	if len(a) > 2 || len(b) > 2 {
		return nil
	}
	x, y := atoiShort(a), atoiShort(b)
	for _, d := range []string{dateReading(0, y, x), dateReading(0, x, y)} {
		if d != "" && x > 0 && y > 0 && (len(out) == 0 || out[0] != d) {
			out = append(out, d)
		}
	}
	return out
}
