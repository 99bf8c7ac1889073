package harvest

import (
	"regexp"
	"slices"
	"strings"
)

// nameFinder finds names that nobody told the desk: behind a greeting, a title
// or "my name is", and below a closing. It knows how people write in ten
// languages; elsewhere it finds little.
type nameFinder struct {
	inLine  []*regexp.Regexp // the name is the last group
	closing *regexp.Regexp
	alone   *regexp.Regexp
	// wife is no title: a noun may follow it.
	wife *regexp.Regexp
	kin  *kinFinder
	team *regexp.Regexp
}

// A name is up to four words that begin with a capital; a full stop in it stands
// behind initials alone, or else the next sentence would be part of the name.
const (
	// particles are parts of names that are words of their languages, too.
	particles = `van|von|de|den|der|da|di|del|la|le|bin|al`
	nameWord  = `[ \t]+(?:(?:` + particles + `)[ \t]+)*\p{Lu}(?:\.(?:-?\p{Lu}\.)*|[\p{L}’'-]*)`
	nameWords = `(\p{Lu}[\p{L}’'-]+(?:` + nameWord + `){0,3})`
	// wholeName is for where many other things are said, as behind "I am".
	wholeName = `(\p{Lu}[\p{L}’'-]+(?:` + nameWord + `){1,3})`
	titles    = `mr|mrs|ms|miss|mx|dr|prof|herr|frau|hr|fr|fru|mevrouw|mevr|meneer|dhr|monsieur|madame|mme|mlle|m|signor[ea]?|sig|sig\.ra|sr|sra|señora?|senhora?|don|doña|pan|pani`
)

func newNameFinder() *nameFinder {
	const (
		greetings = `dear|hi|hello|hey|good (?:morning|day|afternoon|evening)|hei|hej|hallo|god dag|kjære|kære|käre|kära|bonjour|bonsoir|chère?|ciao|car[oa]|gentile|hola|estimad[oa]|querid[oa]|olá|car[oa]|prezad[oa]|cześć|dzień dobry|szanown[ya]|drog[ia]|beste|geachte|lieber?|guten (?:tag|morgen|abend)|sehr geehrter?`
		me        = `my name is|my name's|this is|ich heiße|mein name ist|jeg heter|jeg hedder|mitt navn er|mit navn er|jag heter|mitt namn är|je m'appelle|je m’appelle|mon nom est|me llamo|mi nombre es|mi chiamo|il mio nome è|chamo-me|meu nome é|o meu nome é|nazywam się|mam na imię|mijn naam is|ik heet`
		iAm       = `i am|i'm|i’m|ich bin|jeg er|jag är|je suis|soy|sono|eu sou|jestem|ik ben|here is|hier ist|hier is|her er|här är`
		closings  = `(?:best|kind|warm|warmest|many)?[ \t]*(?:regards|wishes)|yours(?: sincerely| faithfully| truly)?|sincerely|cheers|thanks(?: again| a lot| in advance)?|thank you(?: very much)?|many thanks|best|(?:mit )?(?:freundlichen|besten|herzlichen|lieben|vielen) (?:grüßen|dank)|(?:viele|beste|liebe|herzliche|freundliche) grüße|gruß|mfg|lg|vg|danke|(?:med )?vennlig(?:e)? hilsen(?:er)?|(?:med )?venlig(?:e)? hilsen(?:er)?|mvh|hilsen|(?:med )?vänliga hälsningar|hälsningar|takk|tack|tak|cordialement|bien à vous|(?:avec mes )?meilleures salutations|salutations|merci|cordiali saluti|distinti saluti|saluti|grazie|saludos(?: cordiales)?|atentamente|un saludo|gracias|atenciosamente|cumprimentos|obrigad[oa]|pozdrawiam|z poważaniem|pozdrowienia|dziękuję|(?:met )?vriendelijke groet(?:en)?|groet(?:en|jes)?|bedankt`
	)
	return &nameFinder{
		inLine: []*regexp.Regexp{
			regexp.MustCompile(`(?m)^[ \t>]*(?i:` + greetings + `)[ \t]+(?:(?i:` + titles + `)\.?[ \t]+)?` + nameWords + `[ \t]*(?:[,!.:;–—-]|$)`),
			regexp.MustCompile(`(?:^|[^\p{L}])(?:(?i:` + titles + `)\.|(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Fru|Mevrouw|Monsieur|Madame|Señora?|Senhora?|Signora?|Pan|Pani))[ \t]+(?:(?i:dr|prof|med)\.?[ \t]+)*` + nameWords),
			regexp.MustCompile(`(?:^|[^\p{L}])(?i:` + me + `)[ \t]+` + nameWords),
			regexp.MustCompile(`(?:^|[^\p{L}])(?i:` + iAm + `)[ \t]+` + wholeName),
			// A closing that follows on the same line, as in chats.
			regexp.MustCompile(`(?m)[.!?,;][ \t]+(?i:` + closings + `)[ \t]*[,.!:–—-]?[ \t]+` + nameWords + `[ \t]*[.!]?$`),
		},
		closing: regexp.MustCompile(`^[ \t>]*(?i:` + closings + `)[ \t]*[,.!:–—-]*[ \t]*(.*)$`),
		kin:     newKinFinder(),
		team:    regexp.MustCompile(`(?i)^(?:customer|care|team|support|service|\p{L}*(?:kundenservice|kundeservice|kundservice|klantenservice)|kundendienst|kundenbetreuung)$`),
		wife:    regexp.MustCompile(`(?i:(?:mein|sein|dein|eur|unser)er?n?)[ \t]+Frau[ \t]+$`),
		alone:   regexp.MustCompile(`^[ \t>–—-]*` + nameWords + `[ \t]*[,.]?$`),
	}
}

// nobody are words behind a greeting or a title that name nobody.
func nobody() []string {
	return []string{
		"sir", "sirs", "madam", "team", "all", "there", "support", "customer", "service", "everyone", "everybody", "colleague", "colleagues", "ladies",
		"gentlemen", "damen", "herren", "zusammen", "madame", "monsieur", "messieurs", "mesdames", "kundeservice", "kundenservice", "kundservice",
		"kundeservice", "klantenservice", "heer", "mevrouw", "señores", "señor", "señora", "signori", "państwo", "pan", "pani", "again", "please",
		"thanks", "sent", "sendt", "skickat", "gesendet", "envoyé", "enviado", "inviato", "wysłane", "verzonden", "the", "a", "an", "my", "i", "we",
	}
}

// find returns the names in s, each once.
func (f *nameFinder) find(s string, public *Public) []string {
	var found []string
	add := func(name string) {
		name = strings.TrimRight(strings.TrimSpace(name), ".,")
		words := strings.Fields(name)
		if slices.ContainsFunc(words, func(w string) bool { return f.team.MatchString(w) }) || len(words) > 1 && public.says(words[0]+" "+words[1]) {
			return // who signs for the house
		}
		for len(words) > 0 && slices.Contains(nobody(), strings.ToLower(words[0])) {
			words = words[1:]
		}
		if name = strings.Join(words, " "); name != "" && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	for _, r := range f.inLine {
		for _, m := range r.FindAllStringSubmatchIndex(s, -1) {
			if n := len(m); !f.wife.MatchString(s[:m[n-2]]) {
				add(s[m[n-2]:m[n-1]])
			}
		}
	}
	for _, name := range f.kin.find(s, public) {
		add(name)
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		m := f.closing.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if name := f.alone.FindStringSubmatch(m[1]); name != nil {
			add(name[1])
		}
		if strings.TrimSpace(m[1]) != "" {
			continue
		}
		for seen, below := 0, lines[i+1:]; len(below) > 0 && seen < 2; below = below[1:] {
			if strings.TrimSpace(below[0]) == "" {
				continue
			}
			seen++
			if name := f.alone.FindStringSubmatch(below[0]); name != nil {
				add(name[1])
			}
		}
	}
	return found
}
