package harvest

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kinFinder finds names behind words for those whom people write about, such as
// "my son", beside dates of birth and in the fields of a form.
type kinFinder struct {
	told  []*regexp.Regexp // each ends where a name begins
	aside []*regexp.Regexp // the same, of a name that something must end
	// Where nouns have capitals.
	german, germanAside []*regexp.Regexp
	beside              *regexp.Regexp // a name before a word for birth
	named, change       *regexp.Regexp // whole names behind "is called", names that change

	name, more, ending      *regexp.Regexp
	tail, lead, noun, thing *regexp.Regexp
}

func newKinFinder() *kinFinder {
	const (
		mine = `my|our|his|her|their|your|mis?|nuestr[oa]s?|sus?|tus?|vuestr[oa]s?|mon|ma|mes|notre|nos|son|sa|ses|votre|vos|leurs?|mi[oa]|miei|mie|nostr[oaie]|vostr[oaie]|suo|sua|suoi|sue|mijn|onze|ons|zijn|haar|uw|jullie|min|mitt|mine|mina|mit|vår|vårt|våre|våra|vores|vor|hans|hennes|sin|sitt|sine|sina|din|deres|ers?|` +
			`mój|moj(?:a|e|ego|ej|emu|ą)|moi(?:m|ch|mi)?|nasz(?:a|ego|ej|ą|ym|e)?|swoj(?:a|ego|ej|ą|im)|swoi(?:m|ch)|jego|jej|meus?|minhas?|nosso|nossa|seu|sua|dele|dela`
		mein   = `(?:mein|unser|sein|ihr|dein|eue?r)(?:e[mnrs]?)?`
		behind = `min|mi|mitt|mine|vår|vårt|våre|hans|hennes|din|mój|moja`
		called = `(?:(?:,? who )?(?:is|was) )?(?:called|named)|whose name is|(?:,? qui )?s['’]appelle|nommée?|prénommée?|(?:que )?se llama|llamad[oa]|(?:che )?si chiama|di nome|heet|genaamd|(?:som )?heter|(?:som )?hedder|ma na imię|nazywa się|o imieniu|(?:que )?se chama|chamad[oa]`
		theirs = `(?:his|her|their|the child's|(?:the )?passenger['’]?s?) (?:full )?name is|(?:sein|ihr) name ist|son nom est|su nombre es|il suo nome è|o nome del[ea] é|(?:zijn|haar) naam is|(?:hans|hennes) navn er|(?:hans|hennes) namn är|(?:jego|jej) imię to`
		and    = `and|und|y|e|et|en|og|och|i|oraz|&`
		some   = `(?:[\p{Ll}\d][\p{L}\d-]*[ \t]+){0,2}`
		birth  = `born|dob|d\.o\.b\.|date of birth|geb\.|geboren|geburtsdatum|geboortedatum|née?|né\(e\)|date de naissance|nacid[oa]|fecha de nacimiento|nat[oa]|data di nascita|født|f\.|fødselsdato|född|födelsedatum|ur\.|urodzon[ya]|data urodzenia|nascid[oa]|data de nascimento`
		label  = `(?:last|first|full|family|given|passenger)[ -]?name|surname|name|(?:vor|nach|familien)name|voornaam|achternaam|fornavn|etternavn|förnamn|efternamn|prénom|nom de famille|apellidos?|cognome|nazwisko|sobrenome`
		fields = `(?:full |first |last |family |given |passenger |guest |child['’]?s )?names?|surname|passengers?|travell?ers?|(?:vor|nach|familien)?name|passagiere?|reisender?|naam|voornaam|achternaam|passagiers?|navn|fornavn|etternavn|passasjer|namn|förnamn|efternamn|passagerare|nom|prénom|passager|nombre|apellidos?|pasajeros?|nome|cognome|passegger[oi]|imię|nazwisko|imię i nazwisko|pasażer(?:ka)?|sobrenome|passageir[oa]`
	)
	re := func(m string) *regexp.Regexp { return regexp.MustCompile(`(?m)(?:^|[^\p{L}])` + m) }
	other, german := otherKin(), germanKin()
	return &kinFinder{
		told: []*regexp.Regexp{
			re(`((?i:` + mine + `)[ \t]+` + some + `(?i:` + other + `))(?i:[ \t]+(?:` + called + `))?[ \t]+\p{Lu}`),
			re(`((?i:` + other + `)[ \t]+(?i:` + behind + `))[ \t]+\p{Lu}`),
			re(`((?i:` + theirs + `))[ \t]+\p{Lu}`),
		},
		aside:       []*regexp.Regexp{re(`((?i:` + mine + `)[ \t]+` + some + `(?i:` + other + `))[ \t]*[,(:–-][ \t]*\p{Lu}`)},
		germanAside: []*regexp.Regexp{re(`((?i:` + mein + `)[ \t]+` + some + `(?i:` + german + `))[ \t]*[,(:–-][ \t]*(?i:namens[ \t]+)?\p{Lu}`)},
		german: []*regexp.Regexp{
			re(`((?i:` + mein + `)[ \t]+` + some + `(?i:` + german + `))[ \t]+(?i:(?:heißt|namens)[ \t]+)?\p{Lu}`),
			re(`()(?i:` + label + `)[ \t]+(?i:(?:is|ist|est|es|è|er|är|to)[ \t]+)?\p{Lu}`),
			re(`()(?i:geborener?|geb\.|née?|z domu)[ \t]+\p{Lu}`),
			regexp.MustCompile(`(?m)(?:^[ \t>*•-]*|[,;.(][ \t]*)()(?i:` + fields + `)(?:[ \t]*\d)?[ \t]*:[ \t]*\p{Lu}`),
		},
		named:  re(`()(?i:` + called + `|heißt|heißen)[ \t]+` + wholeName),
		change: re(`(?i:names?|namen|nom|nombre|nome|naam|navnet?|namnet?|nazwisk[oa])[ \t]+(?i:of|from|von|de|du|di|van|på|av|fra|från|z)[ \t]+` + nameWords + `(?:[ \t]+(?i:to|auf|zu|in|à|en|a|naar|til|till|na|para)[ \t]+` + nameWords + `)?`),
		beside: re(wholeName + `[ \t]*[,(–-]*[ \t]*(?i:(?:was|is|wurde|ist|est|è|er|är|jest|es|die|der|dnia|am|,)[ \t]+)?(?i:` + birth + `)(?:\P{L}|$)`),
		name:   regexp.MustCompile(`^` + nameWords),
		more:   regexp.MustCompile(`^(?:[ \t]*\([^()\n]{1,30}\))?(?:[ \t]*,[ \t]*|[ \t]*,?[ \t]+(?:` + and + `)[ \t]+)`),
		ending: regexp.MustCompile(`(?m)^[ \t]*(?:[(,.;:!?)]|$)`),
		tail:   regexp.MustCompile(`^(?i:was|is|wurde|ist|est|es|è|er|är|jest|and|und|et|y|e|` + birth + `)$`),
		lead:   regexp.MustCompile(`^(?i:` + other + `|` + german + `|` + fields + `|` + mine + `|` + mein + `|` + titles + `|the|der|die|das|el|la|le|il|o|a|monday|tuesday|wednesday|thursday|friday|saturday|sunday|familie|family|kind|baby|fluggast|mitreisende[rn]?)\.?$`),
		// Nouns that people write right behind "my son" in a German clause.
		noun: regexp.MustCompile(`(?i)(?:ung|ungen|heit|keit|schaft|tion|tionen|ität|gepäck|koffer|karte|karten|nummer|flug|flüge|tasche|taschen|rucksack|wagen|stuhl|sitz|platz|plätze|tickets?|pass|ausweis|visum|kosten|geld|zeit|tag|tage|jahre?|probleme?|schmerzen|allergie|weh|angst|hilfe|schein|buch|handy|hund|katze|essen|mittel|stelle|bescheid)$|` +
			`^(?:fieber|asthma|corona|covid|krebs|diabetes|epilepsie|medikamente|insulin|windpocken|grippe|recht|glück|pech|hunger|durst|lust|urlaub|schule|arbeit|prüfung|nüsse|milch|kleidung|kinder|freunde|kleinkinder|sachen|spielzeug|gutschein|geburtstag|euro|eur|uhr|wochen|monate?|stunden|minuten|rabatt|anspruch|interesse|zugang|mails?|emails?|post|anrufe?|nachrichten|fragen?|antwort|personen?|assistenz|begleitung|rollstuhlservice|deutsch|englisch|deutsche[rn]?)$`),
		thing: regexp.MustCompile(`(?i)(?:^|\P{L})(?:ein|eine[nmrs]?|kein|keine[nmrs]?|im|am|zum|zur|vom|beim|viele?|ohne|wegen)[ \t]+(\p{Lu}\p{L}+)`),
	}
}

// find returns the names that kin, birth and fields tell in s. What the articles
// say is no name where nouns have capitals.
func (f *kinFinder) find(s string, public *Public) []string {
	things := map[string]bool{}
	for _, m := range f.thing.FindAllStringSubmatch(s, -1) {
		things[m[1]] = true
	}
	var found []string
	never := func(string) bool { return false }
	noun := func(w string) bool { return things[w] || f.noun.MatchString(w) || public.says(w) }
	for _, way := range []struct {
		patterns []*regexp.Regexp
		ends     bool
		noun     func(string) bool
	}{{f.told, false, never}, {f.aside, true, never}, {f.german, false, noun}, {f.germanAside, true, noun}} {
		for _, r := range way.patterns {
			for _, m := range r.FindAllStringSubmatchIndex(s, -1) {
				if !isShouted(s[m[2]:m[3]]) {
					found = append(found, f.list(s[m[1]-lastSize(s[:m[1]]):], way.ends, way.noun)...)
				}
			}
		}
	}
	for _, r := range []*regexp.Regexp{f.beside, f.named, f.change} {
		for _, m := range r.FindAllStringSubmatch(s, -1) {
			for _, name := range m[1:] {
				found = append(found, f.trimmed(name, noun)...)
			}
		}
	}
	return found
}

// maxNames is how many names of a list are read.
const maxNames = 8

// list reads names at the beginning of s: one, or several with commas and "and"
// between them.
func (f *kinFinder) list(s string, ends bool, noun func(string) bool) []string {
	var out []string
	for range maxNames {
		m := f.name.FindStringIndex(s)
		if m == nil || strings.HasPrefix(s[m[1]:], "–") || ends && !f.ending.MatchString(s[m[1]:]) && !f.more.MatchString(s[m[1]:]) {
			break
		}
		name := f.trimmed(s[:m[1]], noun)
		out = append(out, name...)
		more := f.more.FindString(s[m[1]:])
		if more == "" || len(name) == 0 {
			break
		}
		if s = s[m[1]+len(more):]; strings.Contains(more, ",") && !f.goesOn(s) {
			break
		}
	}
	return out
}

// goesOn reports whether a list has another name at the beginning of s: in
// "Oskar, Anna and Ben" Anna is one, in "Oskar, Monday is" there is none.
func (f *kinFinder) goesOn(s string) bool {
	m := f.name.FindStringIndex(s)
	return m != nil && (f.more.MatchString(s[m[1]:]) || f.ending.MatchString(s[m[1]:]))
}

// trimmed is a name without what leads to it, up to the first noun.
func (f *kinFinder) trimmed(name string, noun func(string) bool) []string {
	words := strings.Fields(name)
	for len(words) > 0 && (f.lead.MatchString(words[0]) || slices.Contains(nobody(), strings.ToLower(words[0]))) {
		words = words[1:]
	}
	if i := slices.IndexFunc(words, noun); i >= 0 {
		words = words[:i]
	}
	for len(words) > 0 && f.tail.MatchString(words[len(words)-1]) {
		words = words[:len(words)-1] // of a shouted sentence
	}
	if len(words) == 0 || isParticle(words[0]) {
		return nil
	}
	return []string{strings.Join(words, " ")}
}

// lastSize is how many bytes the last letter of s has.
func lastSize(s string) int {
	_, size := utf8.DecodeLastRuneInString(s)
	return size
}

func isParticle(w string) bool { return slices.Contains(strings.Split(particles, "|"), w) }

// isShouted reports whether s is written in capitals throughout, where they tell
// no name.
func isShouted(s string) bool {
	return len(s) > 2 && s == strings.ToUpper(s) && strings.ContainsFunc(s, unicode.IsLetter)
}

// kin are words for people, in ten languages and the cases that follow a
// possessive.
func kin() string { return otherKin() + `|` + germanKin() }

func germanKin() string {
	return `sohn(?:es|e)?|söhnen?|tochter|töchtern?|frau|ehefrau|mann(?:es)?|ehemann|gatt(?:e|in)|partner(?:in)?|lebensgefährt(?:e|en|in)|mutter|mama|vater|papa|bruder|schwester|kind(?:es|er|ern)?|baby|enkel(?:in|kind)?|oma|opa|großmutter|großvater|schwieger(?:mutter|vater|sohn|tochter)|freund(?:in|es)?|verlobter?n?|neffen?|nichte|onkel|tante|cousine?|kolleg(?:e|en|in)`
}

func otherKin() string {
	return `son|daughter|sons|daughters|wife|husband|partner|spouse|mother|mum|mom|father|dad|brother|sister|child|children|kids?|baby|infant|toddler|twins?|boy|girl|girlfriend|boyfriend|fianc[ée]e?|friends?|colleague|niece|nephew|aunt|uncle|cousin|grand(?:mother|father|son|daughter|ma|pa|child|children|parents)|granny|step(?:son|daughter|mother|father)|(?:mother|father|sister|brother|son|daughter)-in-law|parents` +
		`|hij[oa]s?|espos[oa]|marido|mujer|madre|padre|herman[oa]s?|abuel[oa]|novi[oa]|pareja|amig[oa]s?|suegr[oa]|sobrin[oa]|niet[oa]s?|prim[oa]|tí[oa]|bebé|compañer[oa]` +
		`|fils|filles?|enfants?|femme|épou(?:se|x)|mari|conjointe?|compagn(?:on|e)|mère|père|maman|frères?|s(?:œ|oe)urs?|(?:grand|belle|beau)-(?:mère|père|fils|fille)|petit-fils|petite-fille|ami[e]?s?|copine?|copain|neveu|nièce|oncle|bébé|collègue` +
		`|figli[oae]?|moglie|marito|mamma|papà|fratello|sorella|nonn[oa]|compagn[oa]|fidanzat[oa]|amic[oa]|suocer[oa]|nipot[ei]|zi[oa]|cugin[oa]|bimb[oa]|bambin[oai]|collega` +
		`|zoontje|zoon|zonen|dochtertje|dochters?|vrouw|man|echtgeno(?:ot|te)|moeder|vader|broertje|broer|zus(?:je)?|vriend(?:in)?|kind(?:je|eren)|neef|nicht|oom|schoon(?:moeder|vader|zoon|dochter)|klein(?:zoon|dochter)` +
		`|sønn(?:en)?|datter(?:en)?|kon[ae]|mannen?|ektefelle|samboer(?:en)?|mor(?:en|a)?|far(?:en)?|bror(?:en)?|søster(?:en)?|barn(?:et|a)?|bestemor|bestefar|(?:mor|far)(?:mor|far)|kjæreste(?:n)?|venn(?:en|inne|inna)?|svigermor|svigerfar|barnebarn|søn|mand` +
		`|dotter|fru|make|maka|sambo|syster|flickvän|pojkvän|vän|bebis|svärmor|svärfar|barnbarn` +
		`|syn(?:a|owi|em|u|owie)?|cór(?:ka|ki|ce|kę|ką)|żon(?:a|y|ie|ę|ą)|mąż|męż(?:a|owi|em)|matk(?:a|i|ę|ą)|matce|mam(?:a|y|ie|ę|ą)|ojc(?:a|u|em)|ojciec|tat(?:a|y|ę|ą)|brat(?:a|u|em)?|siostr(?:a|y|ę|ą)|siostrze|babci(?:a|i|ę|ą)|dziad(?:ek|ka|kiem)|dzieck(?:o|a|u|iem)|dzieci|partner(?:a|em|ka|ki|kę|ką)?|narzeczon(?:y|a|ego|ej|ą|ym)|wnu(?:k|ka|czka|czkę|czką|kiem)|teści(?:owa|owej|ową|a)|teść|koleg(?:a|i|ę|ą)|koleżank(?:a|i|ę|ą)` +
		`|filh[oa]s?|mulher|mãe|pai|irmã[o]?s?|av[óô]|namorad[oa]|parceir[oa]|sogr[oa]|net[oa]s?|bebê|companheir[oa]`
}
