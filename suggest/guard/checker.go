package guard

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/negation"
	"github.com/purser-desk/purser/internal/pii"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/phrases"
)

// The checks, as Record.Blocked counts them.
const (
	checkPlaceholder = "PLACEHOLDER"     // a placeholder was left, damaged or made up
	checkCitation    = "CITATION"        // a statement cites nothing that was offered
	checkEntity      = "ENTITY"          // an entity, date or address that nothing cited states
	checkLanguage    = "LANGUAGE"        // not the customer's language
	checkPrompt      = "PROMPT"          // repeats what the model was told
	checkHiddenFact  = "HIDDEN_FACT"     // tells a fact that may not be told
	checkPublic      = "PERSONAL_DATA"   // personal data where anyone can read it
	checkSupport     = "SUPPORT"         // too few of its words stand in what it cites
	checkAbsolute    = "OVERSTATES"      // leaves no exception where nothing cited does so
	checkSecret      = "ASKS_FOR_SECRET" // asks for a password or a card number
	checkLength      = "LENGTH"          // one sentence longer than a reply may be
	checkContact     = "CONTACT"         // leads where the workspace trusts nobody
	checkUncited     = "STATES_UNCITED"  // states something without saying where from
)

// LanguageChecker tells whether a text is in a language.
type LanguageChecker interface {
	// IsLanguage reports whether s is written in locale, and whether that is
	// sure.
	IsLanguage(s, locale string) (ok, sure bool)
}

// Options are what a Guard works with. Analyzer and Phrases are needed.
type Options struct {
	Analyzer *analysis.Analyzer
	Phrases  *phrases.Lists
	// Detector may be nil: then no sentence is refused for its language.
	Detector LanguageChecker
	// Contacts are what the workspaces trust; nil when no workspace has a list,
	// and contacts need only stand in what is cited.
	Contacts Contacts
	// PromptRules is what every model is told, and no reader may see.
	PromptRules string
	Now         func() time.Time
	Logger      *slog.Logger
}

// Guard checks what drafters write. It is safe for concurrent use.
type Guard struct {
	analyzer *analysis.Analyzer
	lists    *phrases.Lists
	detector LanguageChecker
	contacts Contacts
	// promptRuns are the hashes of the runs of words that no sentence may repeat.
	promptRuns map[uint64]struct{}
	now        func() time.Time
	log        *slog.Logger
}

// New makes a Guard.
func New(o Options) *Guard {
	return &Guard{
		analyzer: o.Analyzer, lists: o.Phrases, detector: o.Detector, contacts: o.Contacts,
		promptRuns: shingles(withoutBorders(phrases.Words(o.PromptRules))), now: o.Now, log: o.Logger,
	}
}

// Task is one draft whose sentences are checked.
type Task struct {
	Workspace suggest.Workspace
	Ticket    suggest.Ticket
	// Evidence that was offered, numbered from 1.
	Evidence []suggest.Evidence
	// Locale that the draft must be in, BCP 47.
	Locale string
	// Public is true when anyone can read the reply.
	Public bool
	// MaxChars is the longest reply, in characters.
	MaxChars int
	// MinSupport is the share, 0 to 1, of a cited sentence's words that must stand
	// in what it cites; negative switches that off.
	MinSupport float64
	// Company is the house's name as customers know it; empty when not told.
	Company string
}

// Checker decides, sentence by sentence, what of one draft may be shown. It is
// for one goroutine.
type Checker struct {
	*Guard
	locale     string
	maxChars   int
	minSupport float64
	company    string
	offered    []offered
	// told are the facts that may be told, hidden those that may not.
	told, hidden []factText
	// personal finds the customer's own words, which a public reply must not hold;
	// nil in private. customer is the name; empty in public.
	personal *pii.Finder
	customer string
	rules    []*phrases.Set
	gate     contactGate
	blocked  map[string]int
	spent    time.Duration
}

// Blocked counts, by check, the sentences that failed one.
func (c *Checker) Blocked() map[string]int { return c.blocked }

// Spent is the time that the checks took.
func (c *Checker) Spent() time.Duration { return c.spent }

// BlockPlaceholder counts a sentence whose placeholders can't be restored.
func (c *Checker) BlockPlaceholder() { c.blocked[checkPlaceholder]++ }

type factText struct {
	name, value, folded string
	entities            []entity.Entity
}

// offered is one piece of evidence with what is worked out when first needed.
type offered struct {
	suggest.Evidence
	ready     bool
	folded    string
	entities  []entity.Entity
	lexemes   map[string]bool
	sentences []offeredSentence
	stated    []*negation.Statement // see checker.stated
	services  []string              // see names
}

type offeredSentence struct {
	start, end int
	text       string
	lexemes    []string
}

// Checker checks the sentences of one draft. The context serves to read what the
// workspace trusts.
func (g *Guard) Checker(ctx context.Context, t Task) *Checker {
	c := &Checker{
		Guard: g, locale: t.Locale, maxChars: t.MaxChars, minSupport: t.MinSupport, company: t.Company,
		offered: make([]offered, len(t.Evidence)),
		rules:   g.lists.For(t.Locale),
		gate:    g.newContactGate(ctx, t),
		blocked: map[string]int{},
	}
	for i, e := range t.Evidence {
		c.offered[i].Evidence = e
	}
	for _, f := range t.Ticket.Facts {
		v := suggest.FactValue(f)
		if v == "" {
			continue
		}
		ft := factText{name: f.Name, value: v, folded: foldedLine(v), entities: entity.Find(v, t.Locale)}
		if f.MayMention && f.IsRemark() {
			continue
		}
		if f.MayMention {
			c.told = append(c.told, ft)
		} else {
			c.hidden = append(c.hidden, ft)
		}
	}
	c.customer = t.Ticket.Customer.DisplayName
	if t.Public {
		c.customer = ""
		c.personal = pii.NewFinder(t.Locale, personalWords(t.Ticket))
		c.hidden = append(c.hidden, c.told...)
		c.told = nil
	}
	return c
}

// personalWords are a customer's name, its parts and addresses.
func personalWords(t suggest.Ticket) []pii.Known {
	out := []pii.Known{{Kind: pii.KindName, Value: t.Customer.DisplayName}}
	for part := range strings.FieldsSeq(t.Customer.DisplayName) {
		if utf8.RuneCountInString(part) >= 3 {
			out = append(out, pii.Known{Kind: pii.KindName, Value: part})
		}
	}
	for _, id := range t.Customer.Identities {
		if id.Kind != suggest.IdentityHandle {
			out = append(out, pii.Known{Kind: pii.KindCode, Value: id.Value})
		}
	}
	return out
}

// foldedLine is s in lower case, without diacritics and with words parted by
// one blank, so that one can look for the other in it.
func foldedLine(s string) string { return strings.Join(phrases.Words(s), " ") }

// Check returns the claim that a sentence makes, without offsets, or the check
// that it fails.
func (c *Checker) Check(s suggest.DraftSentence, trusted bool) (suggest.DraftClaim, string) {
	begin := c.now()
	claim, failed := c.classify(s, trusted)
	if failed != "" {
		c.blocked[failed]++
	}
	c.spent += c.now().Sub(begin)
	return claim, failed
}

func (c *Checker) classify(s suggest.DraftSentence, trusted bool) (suggest.DraftClaim, string) {
	claim := suggest.DraftClaim{Text: s.Text}
	if utf8.RuneCountInString(s.Text) > c.maxChars {
		return claim, checkLength
	}
	if c.repeatsPrompt(s.Text) {
		return claim, checkPrompt
	}
	cited := c.resolve(s.Numbers)
	words := phrases.Words(s.Text)
	line := strings.Join(words, " ")
	if hasPlaceholder(s.Text) && !c.standsIn(cited, line) {
		return claim, checkPlaceholder
	}
	entities := entity.Find(s.Text, c.locale)
	if failed := c.tellsPersonal(s.Text, line, entities, cited); failed != "" {
		return claim, failed
	}
	if !trusted && !c.inLanguage(s.Text, words) {
		return claim, checkLanguage
	}
	facts, failed := c.supportEntities(entities, cited, line)
	if failed != "" {
		return claim, failed
	}
	if c.leadsAway(s.Text, entities, cited) {
		return claim, checkContact
	}
	if c.asksForSecret(s.Text, words, cited, trusted) {
		return claim, checkSecret
	}
	claim.FactNames = facts
	switch {
	case len(cited) > 0:
		claim.Kind, claim.Standing = suggest.ClaimStatement, suggest.StandingSupported
		claim.Citations = s.Citations
		if len(claim.Citations) > 0 {
			return claim, ""
		}
		var supported bool
		if claim.Citations, supported = c.cite(s.Text, entities, cited); !supported {
			return c.unsupported(claim, words, facts)
		}
		if c.overstates(words, cited) {
			return claim, checkAbsolute
		}
		return claim, ""
	case len(s.Numbers) > 0:
		return claim, checkCitation
	case s.Kind != "" && trusted:
		claim.Kind, claim.Standing = s.Kind, suggest.StandingNeedsNone
		return claim, ""
	}
	claim.Kind, failed = c.uncited(s.Text, words, facts)
	claim.Standing = suggest.StandingNeedsNone
	if claim.Kind == suggest.ClaimStatement {
		claim.Standing = suggest.StandingCustomersOwn
	}
	return claim, failed
}

// resolve is the places in offered of the numbers that exist.
func (c *Checker) resolve(numbers []int) []int {
	var out []int
	for _, n := range numbers {
		if i := n - 1; i >= 0 && i < len(c.offered) && !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}

// whole is all that a piece of evidence says.
func (o *offered) whole() string {
	return o.Title + "\n" + strings.Join(o.HeadingPath, "\n") + "\n" + o.Text
}

// ready works out what the checks need of a piece of evidence.
func (c *Checker) ready(i int) *offered {
	o := &c.offered[i]
	if o.ready {
		return o
	}
	o.ready = true
	whole := o.whole()
	o.folded = " " + foldedLine(whole) + " "
	o.entities = entity.Find(whole, o.Locale)
	if o.URL != "" {
		o.entities = append(o.entities, entity.Find(o.URL, o.Locale)...)
	}
	o.lexemes = map[string]bool{}
	for _, l := range c.analyzer.Lexemes(o.Locale, whole) {
		o.lexemes[l] = true
	}
	passage := knowledge.Passage{HeadingPath: o.HeadingPath, Start: o.Start, End: o.End, Text: o.Text}
	for _, s := range passage.Sentences(o.Locale) {
		o.sentences = append(o.sentences, offeredSentence{s.Start, s.End, s.Text, c.analyzer.Lexemes(o.Locale, s.Text)})
	}
	return o
}

// standsIn reports whether a folded line stands in one of the cited passages.
func (c *Checker) standsIn(cited []int, line string) bool {
	for _, i := range cited {
		if strings.Contains(c.ready(i).folded, " "+line+" ") {
			return true
		}
	}
	return false
}

// supportEntities finds each entity in what is cited, or in the facts that may
// be told, whose names it returns.
func (c *Checker) supportEntities(entities []entity.Entity, cited []int, line string) (facts []string, failed string) {
	for _, f := range c.told {
		if strings.Contains(" "+line+" ", " "+f.folded+" ") && f.folded != "" {
			facts = append(facts, f.name)
		}
	}
next:
	for _, f := range entities {
		for _, i := range cited {
			if entity.Supported(f, c.ready(i).entities) {
				continue next
			}
		}
		for _, t := range c.told {
			if entity.Supported(f, t.entities) || within(f, t) {
				if !slices.Contains(facts, t.name) {
					facts = append(facts, t.name)
				}
				continue next
			}
		}
		return facts, checkEntity
	}
	return facts, ""
}

// within reports whether an entity is written as it stands in a fact: a code may
// be none to those who read it alone.
func within(f entity.Entity, t factText) bool {
	return strings.Contains(" "+t.folded+" ", " "+foldedLine(f.Text)+" ")
}

// tellsPersonal names the check that fails when the sentence tells a fact that
// may not be told, or personal data in public. What a cited passage says anyway
// may be said.
func (c *Checker) tellsPersonal(s, line string, entities []entity.Entity, cited []int) string {
	padded := " " + line + " "
	for _, f := range c.hidden {
		if len(f.folded) >= 3 && strings.Contains(padded, " "+f.folded+" ") && !c.standsIn(cited, f.folded) {
			return checkHiddenFact
		}
		for _, e := range f.entities {
			if kindTells(e.Kind) && entity.Supported(e, entities) && !c.citedEntity(e, cited) {
				return checkHiddenFact
			}
		}
	}
	if c.namesCustomer(s, cited) {
		return checkPublic
	}
	return ""
}

// namesCustomer reports whether the sentence of a public reply holds the
// customer's name, a part of it, or an address of theirs, however written. A part
// in small letters is a word where the evidence uses it or it carries no meaning:
// customers are called Will and May.
func (c *Checker) namesCustomer(s string, cited []int) bool {
	if c.personal == nil {
		return false
	}
	for _, span := range c.personal.FindGiven(s) {
		said := span.In(s)
		first, _ := utf8.DecodeRuneInString(said)
		isWord := unicode.IsLower(first) && !strings.ContainsAny(said, " @") && (c.isOffered(foldedLine(said)) || len(c.analyzer.Lexemes(c.locale, said)) == 0)
		if !isWord && !c.standsIn(cited, foldedLine(said)) {
			return true
		}
	}
	return false
}

// isOffered reports whether a folded line stands in the evidence, cited or not.
func (c *Checker) isOffered(line string) bool {
	for i := range c.offered {
		if strings.Contains(c.ready(i).folded, " "+line+" ") {
			return true
		}
	}
	return false
}

// kindTells leaves out bare numbers, which stand in many sentences.
func kindTells(k entity.Kind) bool { return k != entity.Number }

func (c *Checker) citedEntity(f entity.Entity, cited []int) bool {
	for _, i := range cited {
		if entity.Supported(f, c.ready(i).entities) {
			return true
		}
	}
	return false
}

// minLanguageLetters is how many letters a sentence needs for its language to
// be judged.
const minLanguageLetters = 20

func (c *Checker) inLanguage(s string, words []string) bool {
	if c.detector == nil || c.lists.PlainlyIn(words, text.BaseLanguage(c.locale)) {
		return true
	}
	letters := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	if letters < minLanguageLetters {
		return true
	}
	ok, sure := c.detector.IsLanguage(s, c.locale)
	return ok || !sure
}

// hasPlaceholder reports whether s holds words in brackets that somebody was to
// fill in.
func hasPlaceholder(s string) bool {
	if strings.Contains(s, "{{") || strings.Contains(s, "}}") {
		return true
	}
	for {
		i := strings.IndexByte(s, '[')
		if i < 0 {
			return false
		}
		s = s[i+1:]
		end := strings.IndexByte(s, ']')
		if end > 0 && end < 60 && strings.IndexFunc(s[:end], unicode.IsLetter) >= 0 {
			return true
		}
	}
}
