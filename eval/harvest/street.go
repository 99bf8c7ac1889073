package harvest

import "regexp"

// streetFinder finds postal addresses by how streets are written in ten languages,
// with the postcode and town behind them.
type streetFinder struct {
	patterns []*regexp.Regexp
	// counted follows a number that is none of a house.
	counted *regexp.Regexp
}

func (f *streetFinder) find(s string) []string {
	var out []string
	for _, p := range f.patterns {
		for _, m := range p.FindAllStringIndex(s, -1) {
			if !f.counted.MatchString(s[m[1]:]) {
				out = append(out, s[m[0]:m[1]])
			}
		}
	}
	return out
}

func newStreetFinder() *streetFinder {
	const (
		word  = `\p{Lu}[\p{L}’'.-]*`
		house = `\d{1,4}(?:[ \t]?[a-zA-Z]\b|\b)(?:[/-]\d{1,3})?`
		town  = `(?:[ \t]*,?[ \t]*(?:\r?\n)?[ \t]*(?:(?:[A-Z]{1,2}-)?\d{2}-?\d{2,3}(?:[ \t]?[A-Z]{2})?[ \t]+` + word + `|` + word + `,?[ \t]+[A-Z]{1,2}\d[A-Z\d]?[ \t]\d[A-Z]{2}\b|[A-Z]{1,2}\d[A-Z\d]?[ \t]\d[A-Z]{2}\b))?`
	)
	return &streetFinder{counted: regexp.MustCompile(`^[:.,]\d|^[ \t]*(?i:min|stunde|uhr|tag|woche|km|m\b|kg|eur|€|time|ganger|gånger|dag|hour|day|%)`), patterns: []*regexp.Regexp{
		regexp.MustCompile(`\p{Lu}[\p{L}’'-]*(?:straße|strasse|str\.|weg|gasse|allee|damm|ufer|gata|gate|gaten|gatan|vei|veien|vegen|vägen|straat|laan|plein|gracht|kade)[ \t]+` + house + town),
		regexp.MustCompile(`\p{Lu}[\p{L}’'-]*[ \t](?:Straße|Strasse|Str\.|Weg|Gasse|Allee|Damm|Ufer|gate|vei|gata|väg)[ \t]+` + house + town),
		regexp.MustCompile(`\b\d{1,5}[a-zA-Z]?,?[ \t]+(?:` + word + `[ \t]+){1,3}(?:Street|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court|Square|Terrace|Crescent|Boulevard|Blvd)\b\.?` + town),
		regexp.MustCompile(`\b\d{1,4}(?:[ \t]?(?:bis|ter))?,?[ \t]+(?i:rue|avenue|boulevard|chemin|impasse|allée|place|quai)[ \t]+(?:(?:de|du|des|la|le|les)[ \t]+|d['’]|l['’])*` + word + `(?:[ \t]+` + word + `)*` + town),
		regexp.MustCompile(`\b(?:Via|(?i:calle|c/|avenida|avda\.|paseo|viale|piazza|corso|rua|travessa|praça|ul\.|ulica|aleja|al\.))[ \t]+(?:(?:de|del|di|do|da|dos|das|la|las|los)[ \t]+)*` + word + `(?:[ \t]+(?:(?:de|del|di|do|da)[ \t]+)?` + word + `)*[ \t]*,?[ \t]*(?:n\.?º?[ \t]*)?` + house + town),
	}}
}
