package guard

import (
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/negation"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest/phrases"
)

const (
	// secretAhead and secretBehind are how many words may lie between what asks to
	// hand over and the secret that it asks for.
	secretAhead, secretBehind = 12, 8
	// denialBehind is how many words after a verb may deny it.
	denialBehind = 6
)

// wordSpan is a run of words, from start to before end.
type wordSpan struct{ start, end int }

// secrecy is what a sentence says of secrets such as passwords.
type secrecy struct {
	words []string
	// part numbers the parts of the sentence that its words stand in.
	part                           []int
	secrets, handsOver, conditions []wordSpan
}

// readSecrecy reads a sentence; it is empty when it names no secret.
func (c *Checker) readSecrecy(s string) secrecy {
	var r secrecy
	var part int
	for _, w := range phrases.Words(partBorders.Replace(s)) {
		if w == phrases.Border || c.joins(w) {
			part++
		}
		if w != phrases.Border {
			r.words, r.part = append(r.words, w), append(r.part, part)
		}
	}
	var others, back []wordSpan
	for _, set := range c.rules {
		set.Find(r.words, func(section string, start, end int) {
			span := wordSpan{start, end}
			switch section {
			case phrases.SectionSecret:
				r.secrets = append(r.secrets, span)
			case phrases.SectionNoSecret:
				others = append(others, span)
			case phrases.SectionHandsOver:
				r.handsOver = append(r.handsOver, span)
			case phrases.SectionHandsBack:
				back = append(back, span)
			case phrases.SectionCondition:
				r.conditions = append(r.conditions, span)
			}
		})
	}
	r.secrets = slices.DeleteFunc(r.secrets, func(s wordSpan) bool { return slices.ContainsFunc(others, s.overlaps) })
	r.handsOver = slices.DeleteFunc(r.handsOver, func(s wordSpan) bool {
		return slices.ContainsFunc(back, func(b wordSpan) bool { return b.start <= s.start && s.start < b.end })
	})
	return r
}

// partBorders makes ends of what parts a sentence.
var partBorders = strings.NewReplacer(",", " ; ", ":", " ; ", "–", " ; ", "—", " ; ", "(", " ; ", ")", " ; ")

func (s wordSpan) overlaps(o wordSpan) bool { return s.start < o.end && o.start < s.end }

// joins knows "and" and "but", behind which nothing denies what is before them.
func (c *Checker) joins(w string) bool {
	switch text.BaseLanguage(c.locale) {
	case "de":
		return w == "und" || w == "aber" || w == "sondern"
	case "es":
		return w == "y" || w == "pero" || w == "sino"
	case "fr":
		return w == "et" || w == "mais"
	case "it":
		return w == "e" || w == "ma"
	case "nl":
		return w == "en" || w == "maar"
	case "no", "nb", "nn", "da", "sv":
		return w == "og" || w == "och" || w == "men"
	case "pl":
		return w == "i" || w == "ale"
	case "pt":
		return w == "e" || w == "mas"
	}
	return w == "and" || w == "but"
}

// asksForSecret reports whether a sentence asks the customer to hand over a
// password, a card number or the like, and denies it otherwise than the evidence
// does.
func (c *Checker) asksForSecret(s string, words []string) bool {
	if !c.namesSecret(words) {
		return false
	}
	r := c.readSecrecy(s)
	if len(r.secrets) == 0 {
		return false
	}
	return asks(s) && len(r.conditions) == 0 || c.handsOver(&r) && !c.deniedAsOffered(s)
}

// asks reports whether a sentence is a question: one that names a secret asks for it,
// with or without a word for handing it over.
func asks(s string) bool {
	s = strings.TrimRight(s, " \"”»’)")
	return strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") || strings.HasSuffix(s, "؟")
}

// namesSecret tells at once of most sentences that they name none.
func (c *Checker) namesSecret(words []string) bool {
	found := false
	for _, set := range c.rules {
		set.Find(words, func(section string, _, _ int) { found = found || section == phrases.SectionSecret })
	}
	return found
}

// handsOver reports whether anything asks to hand over one of the secrets, and
// is not denied.
func (c *Checker) handsOver(r *secrecy) bool {
	slices.SortFunc(r.handsOver, func(a, b wordSpan) int { return a.start - b.start })
	var denied []wordSpan
	for _, verb := range r.handsOver {
		if c.isDenied(r, verb, denied) {
			denied = append(denied, verb)
			continue
		}
		if slices.ContainsFunc(r.secrets, func(s wordSpan) bool { return r.asked(verb, s) }) {
			return true
		}
	}
	return false
}

// asked reports whether a secret stands where a verb can ask for it.
func (r *secrecy) asked(verb, secret wordSpan) bool {
	from, to := verb.end, secret.start
	if secret.start < verb.start {
		if from, to = secret.end, verb.start; to-from > secretBehind {
			return false
		}
	}
	return to-from <= secretAhead && !slices.ContainsFunc(r.conditions, func(c wordSpan) bool { return c.start >= from && c.end <= to })
}

// isDenied reports whether a verb is turned by a word such as "never" in the
// same part of the sentence: in it, right before it, or, in languages that put
// it there, behind it; or by way of another verb, as in "never ask you to".
func (c *Checker) isDenied(r *secrecy, verb wordSpan, denied []wordSpan) bool {
	if slices.ContainsFunc(r.words, isExcept) {
		return false
	}
	at := verb.start - 1
	for range 2 {
		if at < 0 || r.part[at] != r.part[verb.start] || !isBetween(r.words[at]) {
			break
		}
		at--
	}
	from := max(at, 0)
	if slices.ContainsFunc(denied, func(d wordSpan) bool {
		return d.start <= verb.start && verb.start-d.end <= 2 && (d.end >= verb.start || r.part[d.start] == r.part[verb.start] && links(r.words[verb.start-1]))
	}) {
		return true
	}
	for i := from; i < min(len(r.words), verb.end+denialBehind); i++ {
		if r.part[i] != r.part[verb.start] || i+1 < len(r.words) && isOnly(r.words[i+1]) {
			continue
		}
		w := r.words[i]
		if i >= verb.end && !c.deniesBehind() && !isNobody(w) {
			continue
		}
		if isNobody(w) || negation.DeniesVerb(w, c.locale) || negation.DeniesVerb(w, "en") || w == "t" && i > 0 && strings.HasSuffix(r.words[i-1], "n") {
			return true
		}
	}
	return false
}

func (c *Checker) deniesBehind() bool {
	switch text.BaseLanguage(c.locale) {
	case "de", "nl", "no", "nb", "nn", "sv", "da":
		return true
	}
	return false
}

// isBetween knows what may stand between a denial and its verb.
func isBetween(w string) bool {
	switch w {
	case "to", "zu", "te", "ever", "nos", "nous", "vous", "le", "les", "la", "lui", "lo", "li", "se", "me", "ci", "vi", "os", "ons", "uns", "oss", "mir":
		return true
	}
	return false
}

// links knows what hands the denial of one verb on to the next.
func links(w string) bool {
	switch w {
	case "to", "or", "nor", "zu", "oder", "noch", "te", "of", "a", "o", "ou", "de", "di", "eller", "att", "lub", "ani":
		return true
	}
	return false
}

// isExcept knows what takes something out of a denial: "nobody but us".
func isExcept(w string) bool {
	switch w {
	case "except", "else", "besides", "apart", "but", "ausser", "salvo", "excepto", "sauf", "hormis", "tranne", "eccetto", "behalve",
		"unntatt", "bortsett", "undtagen", "utom", "forutom", "oprocz", "poza", "exceto":
		return true
	}
	return false
}

func isOnly(w string) bool {
	switch w {
	case "only", "just", "merely", "nur", "bloss", "solo", "solamente", "seulement", "uniquement", "soltanto", "alleen", "slechts", "bare", "kun", "bara", "endast", "tylko", "apenas", "somente":
		return true
	}
	return false
}

func isNobody(w string) bool {
	switch w {
	case "nobody", "noone", "niemand", "niemandem", "niemanden", "nadie", "personne", "nessuno", "ingen", "nikomu", "ninguem":
		return true
	}
	return false
}

// deniedAsOffered reports whether a sentence denies and stands in the evidence.
func (c *Checker) deniedAsOffered(s string) bool {
	read := negation.ReadStatement(c.analyzer, s, c.locale)
	return read.Denies() && c.offers(func(o *offered) bool { return negation.Quotes(s, o.whole(), c.locale) })
}
