package harvest

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/suggest"
)

// Known is a value of a ticket that must not leave.
type Known struct{ Kind, Value string }

// Redactor hides personal data of one ticket.
type Redactor interface {
	// Redact puts a placeholder, such as "[NAME_2]" or "[PHONE_3B]", for each
	// known value and for whatever looks like a contact; what looks like a
	// placeholder itself becomes one of the kind TEXT.
	Redact(s string) string
	// Map is what each placeholder given out stands for.
	Map() map[string]string
}

// masker makes masks.
type masker struct {
	redactor func(locale string, known []Known) Redactor
	public   *Public
	key      []byte
	names    *nameFinder
	births   *birthFinder
	streets  *streetFinder
}

// mask hides the personal data of one ticket behind stand-ins.
type mask struct {
	*masker
	redactor Redactor
	standIns *standIns
	births   *births
	locale   string
	list     []Known
	known    map[string]bool // by squeezed value
	// short are names of two letters, which a Redactor leaves alone.
	short  []string
	counts map[string]int
}

// of makes the mask of an ask's ticket.
func (m *masker) of(h *suggest.AskHistory, locale string) *mask {
	k := &mask{masker: m, locale: locale, known: map[string]bool{}, counts: map[string]int{}}
	texts := ticketTexts(h)
	names := people(h, m.public)
	for _, t := range texts {
		names = append(names, m.names.find(t, m.public)...)
	}
	k.births = m.births.ofTicket(h, locale, texts, names, m.public)
	names = append(names, k.births.names...)
	for _, n := range names {
		k.add(KindName, n)
	}
	for _, n := range names {
		if words := strings.Fields(n); len(words) > 1 {
			for _, w := range words {
				if !isParticle(w) {
					k.add(KindName, w)
				}
			}
		}
	}
	for _, c := range []suggest.Customer{h.Ticket.Customer, h.Before} {
		k.addIdentities(c.Identities)
	}
	for _, day := range k.births.texts() {
		k.add(KindDate, day)
	}
	k.addFacts(h.Ticket.Facts)
	for _, t := range texts {
		k.addFigures(t)
	}
	k.redactor = m.redactor(locale, k.list)
	k.standIns = newStandIns(m.key, h.TicketID, names)
	return k
}

func (k *mask) add(kind, value string) {
	value = strings.Trim(strings.TrimSpace(value), ".,;:!?")
	if s := squeezed(value); s != "" && !k.known[s] {
		k.known[s] = true
		if kind == KindName && utf8.RuneCountInString(s) == 2 {
			k.short = append(k.short, value)
		}
		k.list = append(k.list, Known{kind, value})
	}
}

func ticketTexts(h *suggest.AskHistory) []string {
	texts := []string{h.Ticket.Subject}
	for _, m := range h.Messages {
		texts = append(texts, m.Text)
	}
	return append(texts, sent(h))
}

// people are the names that the desk knows: of the customer, and of all who
// wrote or decided. A login stands in for a name that is not told, unless it is
// a word of the articles.
func people(h *suggest.AskHistory, public *Public) []string {
	names := []string{h.Ticket.Customer.DisplayName, h.Before.DisplayName}
	for _, f := range h.Ticket.Facts {
		if f.Kind == suggest.FactText && nameFact.MatchString(f.Name) && !strings.ContainsAny(f.Text, "0123456789") {
			names = append(names, f.Text)
		}
	}
	actors := []suggest.Actor{}
	for _, m := range slices.Concat(h.Messages, h.Replies) {
		actors = append(actors, m.Actor)
	}
	if s := h.Suggestion; s != nil {
		actors = append(actors, s.Actor)
		if s.Decision != nil {
			actors = append(actors, s.Decision.Actor)
		}
		if s.Delivery != nil {
			actors = append(actors, s.Delivery.Actor)
		}
	}
	for _, a := range actors {
		if a.Name != "" {
			names = append(names, a.Name)
		} else if !public.says(a.ID) {
			names = append(names, a.ID)
		}
	}
	return slices.DeleteFunc(names, func(n string) bool { return strings.TrimSpace(n) == "" })
}

func (k *mask) addIdentities(list []suggest.Identity) {
	for _, id := range list {
		switch id.Kind {
		case suggest.IdentityEmail:
			k.add(KindEmail, id.Value)
		case suggest.IdentityPhone:
			k.add(KindPhone, id.Value)
		case suggest.IdentityHandle:
			k.add(KindHandle, id.Value)
			if _, handle, ok := strings.Cut(id.Value, ":"); ok {
				k.add(KindHandle, handle)
			}
		case suggest.IdentityCustomerNumber:
			k.add(KindCode, id.Value)
		}
	}
}

var (
	// personalFact are names of facts whose values are hidden even if an article
	// says the same.
	personalFact = regexp.MustCompile(`(?i)mail|phone|tel|mobil|addr?ess|birth|geburt|f[øo]d|naiss|nacim|nascit|urodz|\bdob\b|passport|iban|account|card|booking|buchung|reserv|reference|\bpnr\b|number|nummer|num[ée]ro|numer`)
	// nameFact are names of facts that name a person, other than "fare name".
	nameFact = regexp.MustCompile(`(?i)^(?:name|navn|namn|naam|nom|nombre|nome)$|(?:first|last|full|sur|family|given|middle|customer|contact|guest|kunden|vor|nach|familien|for|etter|efter|för|fam|achter|voor)[ _-]?(?:name|navn|namn|naam)|nazwisk|imi[ęe]|passenger|passagier|pasajero|passager|traveller|guest|gast\b`)
	// birthFact are names of facts that are dates of birth.
	birthFact = regexp.MustCompile(`(?i)birth|geburt|f[øo]d(?:t|sel|d)|födel|naiss|nacim|nascit|urodz|\bdob\b`)
	// flightFact are names of facts that are flights.
	flightFact = regexp.MustCompile(`(?i)flight|flug|vuelo|\bvol\b|volo|vlucht|\bvoo\b|\blot\b|fly(?:g|vning)?(?:nummer|nr)?$`)
	// reference finds a code behind a word that announces one, which letters
	// alone would not show.
	reference = regexp.MustCompile(`(?i:booking|reservation|pnr|reference|\bref\b|confirmation|ticket|order|buchung\p{L}*|bestellung|bokning\p{L}*|r[ée]servation|reserva|prenotazione|rezerwac\p{L}*|reservering\p{L}*|boeking\p{L}*|bestilling\p{L}*|referanse\p{L}*)(?i:[ \t]*(?:number|code|nr|no|id|is|ist|er|är|est|es|è|to|:|\.|#|=))*[ \t]*([A-Z0-9]{5,13})\b`)
)

// addFacts hides what facts say, unless an article says it, too. Amounts, measures
// and dates stay, also those told as text: replies are about them, and alone they
// tell nobody; dates of birth do.
func (k *mask) addFacts(facts []suggest.Fact) {
	for _, f := range facts {
		switch f.Kind {
		case suggest.FactText, suggest.FactCode:
			if birthFact.MatchString(f.Name) && !k.births.knows(f.Text) {
				k.add(KindCode, f.Text) // other figures for each
				continue
			}
			if isPlain(f.Text, k.locale) || flightFact.MatchString(f.Name) && flight.MatchString(f.Text) {
				continue
			}
			if !personalFact.MatchString(f.Name) && !nameFact.MatchString(f.Name) && k.public.says(f.Text) {
				continue
			}
			k.add(KindFact, f.Text)
		case suggest.FactDate, suggest.FactAmount:
		}
	}
}

// standIn is the stand-in for a value as it is written.
func (k *mask) standIn(kind, value string) string {
	if kind == KindDate {
		if day, ok := k.births.standIn(value, k.standIns); ok {
			return day
		}
	}
	if kind == KindFact {
		return k.fact(value)
	}
	return k.standIns.of(kind, value)
}

// addFigures hides streets, codes, long numbers and links that no article holds.
func (k *mask) addFigures(s string) {
	for _, street := range k.streets.find(s) {
		if !k.public.says(street) {
			k.add(KindStreet, street)
		}
	}
	for _, m := range reference.FindAllStringSubmatch(s, -1) {
		if !k.public.says(m[1]) {
			k.add(KindCode, m[1])
		}
	}
	for _, f := range entity.Find(s, k.locale) {
		if k.public.says(f.Text) {
			continue
		}
		switch f.Kind {
		case entity.Code:
			if strings.ContainsAny(f.Text, "0123456789") && len(squeezed(f.Text)) >= 4 && !isDay(f) && !flight.MatchString(f.Text) && !act.MatchString(f.Text) {
				k.add(KindCode, f.Text)
			}
		case entity.Number:
			if longNumber.MatchString(f.Text) {
				k.add(KindCode, f.Text)
			}
		case entity.Amount, entity.Duration:
			// "No. 91061212345, 450 zł" has one unit for both.
			if veryLong.MatchString(f.Text) {
				k.add(KindCode, f.Text)
			}
		case entity.URL:
			k.add(KindLink, f.Text)
		default:
		}
	}
}

// isDay reports whether a code may be a day and month, such as 20/12.
func isDay(f entity.Entity) bool {
	return slices.ContainsFunc(f.Values, func(v string) bool { return strings.HasPrefix(v, "--") })
}

var (
	longNumber = regexp.MustCompile(`^\d{6,}$`)
	veryLong   = regexp.MustCompile(`^\d{8,}$`)
	// flight is the form of a flight's number, which tells of nobody alone.
	flight = regexp.MustCompile(`^(?:[A-Z]{2,3}|[A-Z]\d|\d[A-Z])[ -]?\d{2,4}$`)
	// act is the number of a law, such as 261/2004.
	act = regexp.MustCompile(`^\d{1,4}/(?:19|20)\d\d$`)
)

var placeholder = regexp.MustCompile(`\[([A-Z_]+)_[0-9]+[A-Z]?\]`)

// hide is s with stand-ins for what must not leave.
func (k *mask) hide(s string) string {
	return k.hideShort(k.hideLong(s))
}

// hideShort exchanges names of two letters, as they are written: a capital at
// the beginning and word borders around them, or letters without case, as Han.
func (k *mask) hideShort(s string) string {
	for _, name := range k.short {
		first, _ := utf8.DecodeRuneInString(name)
		cased := unicode.IsUpper(first)
		if !cased && unicode.ToUpper(first) != first {
			continue // a word of two small letters stands everywhere
		}
		var b strings.Builder
		rest := s
		for {
			i := strings.Index(rest, name)
			if i < 0 {
				break
			}
			before, _ := utf8.DecodeLastRuneInString(rest[:i])
			after, _ := utf8.DecodeRuneInString(rest[i+len(name):])
			b.WriteString(rest[:i])
			if cased && (unicode.IsLetter(before) || unicode.IsLetter(after)) {
				b.WriteString(name)
			} else {
				k.counts[KindName]++
				b.WriteString(k.standIns.of(KindName, name))
			}
			rest = rest[i+len(name):]
		}
		s = b.String() + rest
	}
	return s
}

func (k *mask) hideLong(s string) string {
	redacted := k.redactor.Redact(s)
	if redacted == s {
		return s
	}
	values := k.redactor.Map()
	return placeholder.ReplaceAllStringFunc(redacted, func(p string) string {
		value, given := values[p]
		if !given {
			return p
		}
		kind := placeholder.FindStringSubmatch(p)[1]
		if !k.known[squeezed(value)] && (kind == kindText || k.public.reaches(value, k.locale)) {
			return value
		}
		k.counts[kind]++
		return k.standIn(kind, value)
	})
}

// leaks reports whether something that must not leave still stands in s. It
// looks anew, with a redactor of its own.
func (k *mask) leaks(texts []string) bool {
	again := k.masker.redactor(k.locale, k.list)
	for _, t := range texts {
		again.Redact(t)
	}
	hidden := map[string]bool{}
	for p, value := range k.redactor.Map() {
		if s := squeezed(value); len(s) >= 4 && (k.known[s] || !strings.HasPrefix(p, "["+kindText) && !k.public.reaches(value, k.locale)) {
			hidden[s] = true
		}
	}
	for _, value := range again.Map() {
		if hidden[squeezed(value)] {
			return true
		}
	}
	return false
}
