//nolint:misspell // words of many languages
package entity

import (
	"strconv"
	"strings"
	"sync"
)

// numberWords are the words of one language for whole numbers: of 1 to 99, of
// hundreds, and what multiplies. Phrases of several words are joined by single
// blanks, also where they are written with hyphens.
type numberWords struct {
	value map[string]int
	// doubtful words are articles or mean something else as often ("one",
	// "ein", "sei"): they count only before a unit or a currency.
	doubtful map[string]bool
	longest  int // words in the longest phrase
	and      string
}

// wordsOfNumbers returns the number words of a language, or nil.
func wordsOfNumbers(lang string) *numberWords {
	return allNumberWords()[lang]
}

var allNumberWords = sync.OnceValue(func() map[string]*numberWords {
	return map[string]*numberWords{
		"en": english(), "de": german(), "nl": dutch(), "fr": french(), "es": spanish(), "it": italian(),
		"pt": portuguese(), "pl": polish(), "no": norwegianNumbers(), "sv": swedish(), "da": danish(),
	}
})

func newNumberWords(and string, doubtful string, lists ...string) *numberWords {
	w := &numberWords{value: map[string]int{}, doubtful: map[string]bool{}, longest: 1, and: and}
	for _, list := range lists {
		for entry := range strings.FieldsSeq(list) {
			word, number, _ := strings.Cut(entry, "=")
			n, err := strconv.Atoi(number)
			if err != nil {
				continue // a table of this package; its test would show it
			}
			w.value[strings.ReplaceAll(word, "_", " ")] = n
		}
	}
	for d := range strings.FieldsSeq(doubtful) {
		w.doubtful[d] = true
	}
	return w
}

// combine adds tens with units: join gives the phrases of t+u.
func (w *numberWords) combine(tens, units map[string]int, join func(ten, unit string) []string) {
	for t, tv := range tens {
		for u, uv := range units {
			for _, phrase := range join(t, u) {
				w.value[phrase] = tv + uv
			}
		}
	}
}

// between are the words whose values lie from low to high in steps.
func (w *numberWords) between(low, high, step int) map[string]int {
	out := map[string]int{}
	for word, v := range w.value {
		if v >= low && v <= high && v%step == 0 {
			out[word] = v
		}
	}
	return out
}

func (w *numberWords) done() *numberWords {
	for phrase := range w.value {
		w.longest = max(w.longest, strings.Count(phrase, " ")+1)
	}
	return w
}

func english() *numberWords {
	w := newNumberWords("and", "one a an single", "a=1 an=1 one=1 single=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 dozen=12 thirteen=13 fourteen=14 fifteen=15 sixteen=16 seventeen=17 eighteen=18 nineteen=19",
		"twenty=20 thirty=30 forty=40 fourty=40 fifty=50 sixty=60 seventy=70 eighty=80 ninety=90 hundred=100 thousand=1000 million=1000000")
	units := w.between(1, 9, 1)
	delete(units, "a")
	delete(units, "an")
	delete(units, "single")
	w.combine(w.between(20, 90, 10), units, func(t, u string) []string { return []string{t + " " + u} })
	return w.done()
}

func german() *numberWords {
	w := newNumberWords("und", "ein eine einen einer einem eines einzige einzigen einziger einziges", "einzige=1 einzigen=1 einziger=1 einziges=1 ein=1 eine=1 einen=1 einer=1 einem=1 eines=1 zwei=2 zwo=2 drei=3 vier=4 fünf=5 sechs=6 sieben=7 acht=8 neun=9 zehn=10 elf=11 zwölf=12 dutzend=12",
		"dreizehn=13 vierzehn=14 fünfzehn=15 sechzehn=16 siebzehn=17 achtzehn=18 neunzehn=19 zwanzig=20 dreißig=30 dreissig=30 vierzig=40 fünfzig=50 sechzig=60 siebzig=70 achtzig=80 neunzig=90 hundert=100 tausend=1000 million=1000000 millionen=1000000")
	units := w.between(2, 9, 1)
	units["ein"] = 1
	w.combine(w.between(20, 90, 10), units, func(t, u string) []string { return []string{u + "und" + t} })
	w.glueHundreds("hundert", "tausend", "ein")
	return w.done()
}

func dutch() *numberWords {
	w := newNumberWords("en", "een één", "een=1 één=1 twee=2 drie=3 vier=4 vijf=5 zes=6 zeven=7 acht=8 negen=9 tien=10 elf=11 twaalf=12 dozijn=12",
		"dertien=13 veertien=14 vijftien=15 zestien=16 zeventien=17 achttien=18 negentien=19 twintig=20 dertig=30 veertig=40 vijftig=50 zestig=60 zeventig=70 tachtig=80 negentig=90 honderd=100 duizend=1000 miljoen=1000000")
	units := w.between(2, 9, 1)
	units["een"] = 1
	w.combine(w.between(20, 90, 10), units, func(t, u string) []string { return []string{u + "en" + t, u + "ën" + t} })
	w.glueHundreds("honderd", "duizend", "een")
	return w.done()
}

// glueHundreds adds the numbers that Germanic languages write in one word:
// "zweihundertfünfzig", "dreitausend".
func (w *numberWords) glueHundreds(hundred, thousand, one string) {
	low, units := w.between(1, 99, 1), w.between(2, 9, 1)
	units[""], units[one] = 1, 1
	for u, uv := range units {
		w.value[u+hundred] = uv * 100
		for l, lv := range low {
			w.value[u+hundred+l] = uv*100 + lv
			w.value[u+hundred+"und"+l] = uv*100 + lv
		}
	}
	for l, lv := range low {
		w.value[l+thousand] = lv * 1000
	}
}

func french() *numberWords {
	w := newNumberWords("et", "un une seul seule", "seul=1 seule=1 un=1 une=1 deux=2 trois=3 quatre=4 cinq=5 six=6 sept=7 huit=8 neuf=9 dix=10 onze=11 douze=12 treize=13 quatorze=14 quinze=15 seize=16 dix_sept=17 dix_huit=18 dix_neuf=19 douzaine=12 quinzaine=15",
		"vingt=20 trente=30 quarante=40 cinquante=50 soixante=60 septante=70 octante=80 huitante=80 nonante=90 soixante_dix=70 quatre_vingts=80 quatre_vingt=80 quatre_vingt_dix=90 cent=100 cents=100 mille=1000 million=1000000 millions=1000000")
	low := w.between(1, 19, 1)
	for _, t := range []struct {
		word string
		n    int
		top  int
	}{{"vingt", 20, 9}, {"trente", 30, 9}, {"quarante", 40, 9}, {"cinquante", 50, 9}, {"soixante", 60, 19}, {"septante", 70, 9}, {"quatre vingt", 80, 19}, {"huitante", 80, 9}, {"nonante", 90, 9}} {
		for u, uv := range low {
			if uv <= t.top {
				w.value[t.word+" "+u] = t.n + uv
				w.value[t.word+" et "+u] = t.n + uv
			}
		}
	}
	return w.done()
}

func spanish() *numberWords {
	w := newNumberWords("y", "un una uno solo sola", "solo=1 sola=1 un=1 una=1 uno=1 dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 once=11 doce=12 docena=12 trece=13 catorce=14 quince=15 dieciséis=16 diecisiete=17 dieciocho=18 diecinueve=19",
		"veinte=20 veintiuno=21 veintiún=21 veintiuna=21 veintidós=22 veintitrés=23 veinticuatro=24 veinticinco=25 veintiséis=26 veintisiete=27 veintiocho=28 veintinueve=29 treinta=30 cuarenta=40 cincuenta=50 sesenta=60 setenta=70 ochenta=80 noventa=90",
		"cien=100 ciento=100 doscientos=200 doscientas=200 trescientos=300 trescientas=300 cuatrocientos=400 cuatrocientas=400 quinientos=500 quinientas=500 seiscientos=600 seiscientas=600 setecientos=700 setecientas=700 ochocientos=800 ochocientas=800 novecientos=900 novecientas=900 mil=1000 millón=1000000 millones=1000000")
	w.combine(w.between(30, 90, 10), w.between(1, 9, 1), func(t, u string) []string { return []string{t + " y " + u} })
	return w.done()
}

func portuguese() *numberWords {
	w := newNumberWords("e", "um uma único única", "único=1 única=1 um=1 uma=1 dois=2 duas=2 três=3 quatro=4 cinco=5 seis=6 sete=7 oito=8 nove=9 dez=10 onze=11 doze=12 dúzia=12 treze=13 catorze=14 quatorze=14 quinze=15 dezasseis=16 dezesseis=16 dezassete=17 dezessete=17 dezoito=18 dezanove=19 dezenove=19",
		"vinte=20 trinta=30 quarenta=40 cinquenta=50 sessenta=60 setenta=70 oitenta=80 noventa=90 cem=100 cento=100 duzentos=200 duzentas=200 trezentos=300 trezentas=300 quatrocentos=400 quatrocentas=400 quinhentos=500 quinhentas=500 seiscentos=600 seiscentas=600 setecentos=700 oitocentos=800 novecentos=900 mil=1000 milhão=1000000 milhões=1000000")
	w.combine(w.between(20, 90, 10), w.between(1, 9, 1), func(t, u string) []string { return []string{t + " e " + u} })
	return w.done()
}

func italian() *numberWords {
	w := newNumberWords("e", "un uno una sei solo sola", "solo=1 sola=1 un=1 uno=1 una=1 due=2 tre=3 tré=3 quattro=4 cinque=5 sei=6 sette=7 otto=8 nove=9 dieci=10 undici=11 dodici=12 dozzina=12 tredici=13 quattordici=14 quindici=15 sedici=16 diciassette=17 diciotto=18 diciannove=19",
		"venti=20 trenta=30 quaranta=40 cinquanta=50 sessanta=60 settanta=70 ottanta=80 novanta=90 cento=100 mille=1000 milione=1000000 milioni=1000000")
	units := w.between(2, 9, 1)
	units["uno"], units["un"] = 1, 1
	w.combine(w.between(20, 90, 10), units, func(t, u string) []string {
		if u[0] == 'u' || u[0] == 'o' {
			t = t[:len(t)-1]
		}
		return []string{t + u}
	})
	low := w.between(1, 99, 1)
	for u, uv := range map[string]int{"": 1, "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "sette": 7, "otto": 8, "nove": 9} {
		w.value[u+"cento"] = uv * 100
		for l, lv := range low {
			w.value[u+"cento"+l] = uv*100 + lv
		}
	}
	for l, lv := range low {
		w.value[l+"mila"] = lv * 1000
	}
	return w.done()
}

func polish() *numberWords {
	w := newNumberWords("i", "jeden jedna jedno jednego jednej jedną", "jeden=1 jedna=1 jedno=1 jednego=1 jednej=1 jedną=1 dwa=2 dwie=2 dwóch=2 dwu=2 dwoma=2 dwiema=2 dwaj=2 trzy=3 trzech=3 trzema=3 cztery=4 czterech=4 czterema=4 pięć=5 pięciu=5 sześć=6 sześciu=6 siedem=7 siedmiu=7 osiem=8 ośmiu=8 dziewięć=9 dziewięciu=9 dziesięć=10 dziesięciu=10 tuzin=12",
		"jedenaście=11 jedenastu=11 dwanaście=12 dwunastu=12 trzynaście=13 trzynastu=13 czternaście=14 czternastu=14 piętnaście=15 piętnastu=15 szesnaście=16 szesnastu=16 siedemnaście=17 siedemnastu=17 osiemnaście=18 osiemnastu=18 dziewiętnaście=19 dziewiętnastu=19",
		"dwadzieścia=20 dwudziestu=20 trzydzieści=30 trzydziestu=30 czterdzieści=40 czterdziestu=40 pięćdziesiąt=50 pięćdziesięciu=50 sześćdziesiąt=60 sześćdziesięciu=60 siedemdziesiąt=70 siedemdziesięciu=70 osiemdziesiąt=80 osiemdziesięciu=80 dziewięćdziesiąt=90 dziewięćdziesięciu=90",
		"sto=100 stu=100 dwieście=200 dwustu=200 trzysta=300 trzystu=300 czterysta=400 czterystu=400 pięćset=500 pięciuset=500 sześćset=600 sześciuset=600 siedemset=700 osiemset=800 dziewięćset=900 tysiąc=1000 tysiące=1000 tysięcy=1000 milion=1000000 miliony=1000000 milionów=1000000")
	w.combine(w.between(20, 90, 10), w.between(1, 9, 1), func(t, u string) []string { return []string{t + " " + u} })
	return w.done()
}

func norwegianNumbers() *numberWords {
	w := newNumberWords("og", "en ei et én ett eneste", "eneste=1 en=1 ei=1 et=1 én=1 ett=1 to=2 tre=3 fire=4 fem=5 seks=6 sju=7 syv=7 åtte=8 ni=9 ti=10 elleve=11 tolv=12 dusin=12 tretten=13 fjorten=14 femten=15 seksten=16 sytten=17 atten=18 nitten=19",
		"tjue=20 tyve=20 tretti=30 tredve=30 førti=40 femti=50 seksti=60 sytti=70 åtti=80 nitti=90 hundre=100 tusen=1000 million=1000000 millioner=1000000")
	units := w.between(2, 9, 1)
	units["en"], units["ett"] = 1, 1
	w.combine(w.between(20, 90, 10), units, func(t, u string) []string { return []string{t + u, t + " " + u, u + "og" + t} })
	w.glueHundreds("hundre", "tusen", "ett")
	return w.done()
}

func swedish() *numberWords {
	w := newNumberWords("och", "en ett enda", "enda=1 en=1 ett=1 två=2 tre=3 fyra=4 fem=5 sex=6 sju=7 åtta=8 nio=9 tio=10 elva=11 tolv=12 dussin=12 tretton=13 fjorton=14 femton=15 sexton=16 sjutton=17 arton=18 nitton=19",
		"tjugo=20 trettio=30 fyrtio=40 femtio=50 sextio=60 sjuttio=70 åttio=80 nittio=90 hundra=100 tusen=1000 miljon=1000000 miljoner=1000000")
	units := w.between(2, 9, 1)
	units["en"], units["ett"] = 1, 1
	w.combine(w.between(20, 90, 10), units, func(t, u string) []string { return []string{t + u, t + " " + u} })
	w.glueHundreds("hundra", "tusen", "ett")
	return w.done()
}

func danish() *numberWords {
	w := newNumberWords("og", "en et eneste", "eneste=1 en=1 et=1 to=2 tre=3 fire=4 fem=5 seks=6 syv=7 otte=8 ni=9 ti=10 elleve=11 tolv=12 dusin=12 tretten=13 fjorten=14 femten=15 seksten=16 sytten=17 atten=18 nitten=19",
		"tyve=20 tredive=30 fyrre=40 halvtreds=50 tres=60 halvfjerds=70 firs=80 halvfems=90 hundrede=100 tusind=1000 million=1000000 millioner=1000000")
	units := w.between(2, 9, 1)
	units["en"], units["et"] = 1, 1
	w.combine(w.between(20, 90, 10), units, func(t, u string) []string { return []string{u + "og" + t} })
	w.glueHundreds("hundrede", "tusind", "et")
	return w.done()
}
