//nolint:misspell // words of many languages
package entity

import (
	"strings"
	"sync"
)

// currencyOf reads a currency's sign, code or name. word is in lower case, raw
// as it stands: codes count in capitals only, as "ALL" and "TRY" are words. An
// ambiguous name gives all currencies that it may mean, likeliest first, and
// itself, so that "kr" and "kr" agree.
func currencyOf(word, raw string) (codes []string, ok bool) {
	if len(raw) == 3 && raw == strings.ToUpper(raw) && isCurrencyCode(raw) {
		return currencyReadings(raw), true
	}
	if len(word) == 3 && isMajorCode(word) {
		return currencyReadings(strings.ToUpper(word)), true
	}
	codes, ok = currencyNames()[word]
	return codes, ok
}

// currencyReadings adds to a currency the shared signs that may stand for it.
func currencyReadings(code string) []string {
	switch code {
	case "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN":
		return []string{code, "$"}
	case "NOK", "SEK", "DKK", "ISK":
		return []string{code, "kr"}
	case "JPY", "CNY":
		return []string{code, "¥"}
	}
	return []string{code}
}

func isMajorCode(w string) bool {
	switch w {
	case "eur", "usd", "gbp", "pln", "nok", "sek", "dkk", "chf", "jpy", "czk", "huf":
		return true
	}
	return false
}

func isCurrencyCode(c string) bool {
	const codes = " AED ARS AUD BAM BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP GEL HKD HRK HUF IDR ILS INR ISK JOD JPY KES KRW KWD " +
		"MAD MKD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU VND ZAR "
	return strings.Contains(codes, " "+c+" ")
}

// currencyNames are the signs and names of currencies by lower-case word.
var currencyNames = sync.OnceValue(func() map[string][]string {
	m := map[string][]string{
		"$": {"USD", "$", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"},
		"¥": {"JPY", "¥", "CNY"}, "£": {"GBP"}, "€": {"EUR"}, "₹": {"INR"}, "₽": {"RUB"}, "₴": {"UAH"}, "₺": {"TRY"}, "₩": {"KRW"}, "₪": {"ILS"}, "฿": {"THB"}, "zł": {"PLN"}, "zl": {"PLN"},
		"kr":     {"kr", "NOK", "SEK", "DKK", "ISK"},
		"dollar": {"$", "USD", "CAD", "AUD", "NZD", "SGD", "HKD"},
		"pound":  {"GBP"}, "franc": {"CHF", "franc"}, "krone": {"kr", "NOK", "DKK"}, "krona": {"kr", "SEK", "ISK"},
	}
	same := func(of string, words ...string) {
		for _, w := range words {
			m[w] = m[of]
		}
	}
	same("€", "euro", "euros", "eurot", "euroa", "eur", "евро", "ευρώ", "ユーロ", "欧元", "يورو", "eurón", "euros.")
	same("dollar", "dollars", "dolar", "dolary", "dolarów", "dollari", "dólar", "dólares", "dollaria", "bucks", "долларов", "доллара")
	same("pound", "pounds", "pfund", "pond", "funt", "funty", "funtów", "sterling", "livres", "libras", "sterline", "sterlina")
	same("franc", "francs", "franken", "frank", "franków", "franki", "franchi", "francos")
	same("krone", "kroner", "kronen", "koron", "korony", "coronas", "corone", "coroas", "couronnes", "kroner.")
	same("krona", "kronor", "krónur")
	same("zł", "złoty", "złote", "złotych", "złotego", "zloty", "zlotys", "zlotych")
	same("¥", "yen", "yuan", "円", "元", "jenów")
	return m
})

// currencyOfCountry narrows a shared currency name by the adjective before it:
// "Norwegian kroner".
func currencyOfCountry(adjective string) string {
	switch strings.ToLower(adjective) {
	case "us", "usa", "american", "amerikanische", "amerikanischen", "amerykańskich", "américains", "americanos", "estadounidenses":
		return "USD"
	case "canadian", "kanadische", "kanadischen", "kanadyjskich", "canadiens", "canadienses":
		return "CAD"
	case "australian", "australische", "australijskich", "australiens":
		return "AUD"
	case "norwegian", "norske", "norska", "norwegische", "norwegischen", "norweskich", "noorse", "norvégiennes", "norvegesi", "noruegas":
		return "NOK"
	case "swedish", "svenske", "svenska", "schwedische", "schwedischen", "szwedzkich", "zweedse", "suédoises", "svedesi", "suecas":
		return "SEK"
	case "danish", "danske", "danska", "dänische", "dänischen", "duńskich", "deense", "danoises", "danesi", "danesas":
		return "DKK"
	case "swiss", "schweizer", "sveitsiske", "schweiziska", "szwajcarskich", "zwitserse", "suisses", "suizos", "svizzeri", "suíços":
		return "CHF"
	case "british", "britische", "britischen", "britiske", "brittiska", "brytyjskich", "britse", "pund":
		return "GBP"
	}
	return ""
}

// unit is what a number counts: its name in normal form, and how many base
// units it is worth, where units convert without rounding.
type unit struct {
	name  string
	base  string // "" when the unit is its own base
	times int    // base units in one
	timey bool   // a length of time
}

// unitOf reads a unit from a lower-case word of a text in the language lang.
func unitOf(word, lang string) (unit, bool) {
	name, ok := unitNames()[word]
	switch {
	case word == "години" && lang == "bg":
		name = "yr" // hours in Ukrainian
	case !ok:
		name = unitByStem(word)
	case isForeign(word, lang):
		name = ""
	}
	if name == "" {
		return unit{}, false
	}
	return unitNamed(name), true
}

// isForeign reports whether word is a unit in some language, but an ordinary
// word in lang.
func isForeign(word, lang string) bool {
	switch word {
	case "time":
		return lang != "no" && lang != "da"
	case "an":
		return lang != "fr"
	case "let", "den":
		return lang != "cs"
	case "mil", "tum":
		return lang != "no" && lang != "sv"
	case "ton":
		return lang == "fr"
	case "seg":
		return lang != "es" && lang != "pt"
	case "sem":
		return lang != "fr" && lang != "pt"
	case "ore", "ora":
		return lang != "it" && lang != "ro"
	case "години":
		return lang != "uk"
	case "pond":
		return lang != "nl"
	case "hét", "nap", "perc", "év":
		return lang != "hu"
	case "ay", "ani", "zi", "luni":
		return lang != "ro" && lang != "tr"
	}
	return false
}

func unitNamed(name string) unit {
	switch name {
	case "s":
		return unit{name, "s", 1, true}
	case "min":
		return unit{name, "s", 60, true}
	case "h":
		return unit{name, "s", 3600, true}
	case "d":
		return unit{name, "s", 86400, true}
	case "wk":
		return unit{name, "s", 7 * 86400, true}
	case "mo":
		return unit{name, "mo", 1, true}
	case "yr":
		return unit{name, "mo", 12, true}
	case "workday":
		return unit{name, "", 1, true}
	case "night":
		return unit{name, "", 1, true}
	case "g", "mm", "ml":
		return unit{name, name, 1, false}
	case "kg":
		return unit{name, "g", 1000, false}
	case "t":
		return unit{name, "g", 1000000, false}
	case "cm":
		return unit{name, "mm", 10, false}
	case "m":
		return unit{name, "mm", 1000, false}
	case "km":
		return unit{name, "mm", 1000000, false}
	case "cl":
		return unit{name, "ml", 10, false}
	case "dl":
		return unit{name, "ml", 100, false}
	case "l":
		return unit{name, "ml", 1000, false}
	}
	return unit{name: name, times: 1}
}

// unitNames are units by lower-case word, in the languages that entities are
// read in.
var unitNames = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for name, words := range map[string]string{
		"s":       "s sec secs second seconds sek sekunde sekunden seconde seconden sekunda sekundy sekund secondes sekunder segundo segundos secondo secondi sekuntia sekuntti seg 秒",
		"min":     "min dakika минути perc minute хвилин хвилини λεπτά دقائق mins minute minutes minuten minuut minuta minuty minut minutę minutter minutt minuter minuto minutos minuti minuutti minuuttia мин минут минуты 分 分钟 分間 دقيقة",
		"h":       "h saat години годин години óra ore ώρες ساعات ساعات hr hrs hour hours std stunde stunden uur uren godz godzina godziny godzin godzinę godzinach heure heures time timer timen timmar timme timmen hora horas ora ore tunti tuntia tunnin hodin hodiny ч час часа часов 時間 小时 ساعة",
		"d":       "d gün güne günü zile zi дней дена дни nap napon днів дня ημέρες ημερών μέρες يوم day days tag tage tagen tages dag dagen dzień dni dnia dniach jour jours journée dager døgn dygn dagar dage día días dia dias giorno giorni gg päivä päivää päivän dní den dny дн день дня дней 日間 日 天 يوم أيام",
		"wk":      "wk hafta săptămâni săptămână седмици седмица hét тижні тижнів тиждень εβδομάδες أسابيع wks week weeks woche wochen weken tydzień tygodnie tygodni tygodnia tygodniu semaine semaines sem uke uker uken vecka veckor veckan semana semanas settimana settimane viikko viikkoa viikon týden týdny týdnů ugen uge uger недели недель неделя 週間 周",
		"mo":      "mo luni lună месеца месеци hónap місяці місяців μήνες أشهرnth months mth mths monat monate monaten monats maand maanden miesiąc miesiące miesięcy miesiąca mies mois måned måneder månad månader mes meses mese mesi mês kuukausi kuukautta měsíc měsíce měsíců месяц месяца месяцев ヶ月 か月 カ月 个月",
		"yr":      "yr yıl ani év роки років χρόνια سنوات yrs year years jahr jahre jahren jahres jaar jaren rok roku lata lat latach an ans année années år året åren año años anno anni ano anos vuosi vuotta rok roky let год года лет 年間 سنة",
		"workday": "workday workdays werktag werktage werktagen arbeitstag arbeitstage arbeitstagen bankarbeitstage bankarbeitstagen werkdag werkdagen virkedag virkedager arbeidsdager arbetsdag arbetsdagar bankdagar vardagar arkipäivää hverdager hverdage arbejdsdage 営業日 工作日",
		"night":   "night nights nacht nächte nächten nachten noc noce nocy nuit nuits natt netter nätter noche noches notte notti noite noites",
		"kg":      "kg kgs kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes kilogramów kilogramy kilogramo kilogramos quilo quilos quilogramas chilo chili chilogrammi kilogrammi kilogrammaa кг キロ 公斤 كغ كجم",
		"g":       "g gr gram grams gramm gramów grammes gramos gramas grammi гр",
		"t":       "tonne tonnes ton tons tonnen tonner",
		"lb":      "lb lbs lbs. pound pounds libra libras",
		"oz":      "oz ounce ounces",
		"mm":      "mm millimetre millimetres millimeter millimeters milimetrów",
		"cm":      "cm cms centimetre centimetres centimeter centimeters zentimeter zentimetern centymetrów centymetry centimètres centímetros centimetri senttimetriä см",
		"m":       "m metre metres meter meters metern metrów metry mètre mètres metro metros metri metriä м",
		"km":      "km kms kilometre kilometres kilometer kilometers kilometern kilometrów kilometry kilomètres kilómetros quilómetros quilômetros chilometri kilometriä км",
		"mi":      "mi mile miles meilen mijl mil mila milhas miglia millas",
		"in":      "inch inches zoll inches. tum tommer pulgadas polegadas pollici cali pouces",
		"ft":      "ft foot feet fuß",
		"ml":      "ml millilitre millilitres milliliter milliliters mililitrów millilitri mililitros мл",
		"cl":      "cl",
		"dl":      "dl",
		"l":       "l litre litres liter liters litern litrów litry litro litros litri л",
		"cent":    "cent cents ct ¢ øre öre centów grosz grosze groszy centimes céntimos centesimi cêntimos centavos",
		"wh":      "wh wattstunden wattuur watogodzin",
		"mah":     "mah",
		"w":       "watt watts",
		"v":       "volt volts",
		"kb":      "kb",
		"mb":      "mb megabyte megabytes",
		"gb":      "gb gigabyte gigabytes",
		"tb":      "tb terabyte terabytes",
		"mbit":    "mbit mbps",
		"c":       "celsius",
		"kmh":     "kmh",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] = name
		}
	}
	return m
})

// unitByStem knows the adjectives and compounds that languages make of units:
// "14-tägig", "24-godzinny", "3-dagars".
func unitByStem(word string) string {
	for _, p := range []struct{ stem, name string }{
		{"sekündig", "s"},
		{"minütig", "min"},
		{"minutow", "min"},
		{"stündig", "h"},
		{"godzinn", "h"},
		{"timers", "h"},
		{"timmars", "h"},
		{"tägig", "d"},
		{"dniow", "d"},
		{"daagse", "d"},
		{"dagers", "d"},
		{"dagars", "d"},
		{"dags", "d"},
		{"tages", "d"},
		{"wöchig", "wk"},
		{"tygodniow", "wk"},
		{"weekse", "wk"},
		{"ukers", "wk"},
		{"veckors", "wk"},
		{"monatig", "mo"},
		{"miesięczn", "mo"},
		{"maands", "mo"},
		{"måneders", "mo"},
		{"månaders", "mo"},
		{"jährig", "yr"},
		{"letni", "yr"},
		{"jarig", "yr"},
		{"års", "yr"},
		{"roczn", "yr"},
	} {
		if strings.HasPrefix(word, p.stem) {
			return p.name
		}
	}
	return ""
}

// counterPrefix returns the counter at the beginning of a run of Chinese or
// Japanese letters, which has no blanks: "時間" of "時間以内". It is "" when there
// is none.
func counterPrefix(run string) string {
	for _, u := range []string{
		"営業日", "工作日", "パーセント", "ユーロ", "欧元", "時間", "小时", "分間", "分钟", "日間", "週間", "ヶ月", "か月", "カ月", "个月", "年間", "公斤", "キロ",
		"円", "元", "年", "月", "日", "号", "時", "点", "秒", "分", "天", "周", "個", "枚", "人", "件", "名", "回", "歳", "泊", "便", "割", "个",
	} {
		if strings.HasPrefix(run, u) {
			return u
		}
	}
	return ""
}

// isDayModifier reports the words that make a day a working day, before it or
// after it.
func isDayModifier(word string) bool {
	switch word {
	case "business", "working", "work", "bank", "banking", "trading", "roboczy", "robocze", "roboczych", "roboczego", "ouvré", "ouvrés", "ouvrable", "ouvrables",
		"laborable", "laborables", "hábil", "hábiles", "lavorativo", "lavorativi", "lavorative", "feriali", "útil", "úteis", "pracovních", "pracovní", "рабочих", "рабочего":
		return true
	}
	return false
}

// isPlainModifier reports words that may stand between a number and what it
// counts without changing that.
func isPlainModifier(word string) bool {
	switch word {
	case "calendar", "full", "whole", "consecutive", "more", "further", "additional", "extra", "volle", "vollen", "ganze", "ganzen", "weitere", "weiteren",
		"aufeinanderfolgende", "volledige", "hele", "extra's", "pełnych", "pełne", "kolejnych", "kolejne", "hela", "ytterligare", "flere", "kalender":
		return true
	}
	return false
}

// isPercent reads "percent" in one word.
func isPercent(word string) bool {
	switch word {
	case "%", "percent", "percentage", "prozent", "procent", "procenta", "procentów", "prosent", "prosentti", "prosenttia", "pct", "проц", "процентов", "процента", "パーセント":
		return true
	}
	return false
}

// magnitude reads words and letters that multiply a number by a power of ten:
// 3 for "thousand". 0 for any other word.
func magnitude(word string) int {
	switch word {
	case "k", "thousand", "tsd", "tausend", "duizend", "tys", "tysiąc", "tysiące", "tysięcy", "mille", "mila", "tusen", "tusind", "mil", "tuhat", "tuhatta", "тысяч", "тыс":
		return 3
	case "million", "millions", "mio", "mln", "mn", "millionen", "miljoen", "milion", "miliony", "milionów", "millioner", "miljon", "miljoner", "millón", "millones",
		"milione", "milioni", "milhão", "milhões", "miljoonaa", "миллионов", "млн":
		return 6
	case "billion", "mrd", "milliard", "milliarden", "miljard", "miliard", "miliardów", "milliarder", "miljarder", "miliardi":
		return 9
	case "hundred", "hundert", "honderd", "hundre", "hundra":
		return 2
	}
	return 0
}
