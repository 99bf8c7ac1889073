package suggest

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/negation"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
)

// The checks, as Record.Blocked counts them.
const (
	checkPlaceholder = "PLACEHOLDER"     // a placeholder was left, damaged or made up
	checkCitation    = "CITATION"        // a statement cites nothing that was offered
	checkFigure      = "FIGURE"          // a figure, date or address that nothing cited states
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

// checker decides, sentence by sentence, what may be shown.
type checker struct {
	p        *Pipeline
	a        asked
	locale   string
	maxChars int
	offered  []offered
	// told are the facts that may be told, hidden those that may not.
	told, hidden []factText
	// personal are the customer's own words that a public reply must not hold.
	personal []string
	rules    []*ruleSet
	gate     contactGate
	blocked  map[string]int
	spent    time.Duration
}

type factText struct {
	name, value, folded string
	figures             []entity.Entity
}

// offered is one piece of evidence with what is worked out when first needed.
type offered struct {
	Evidence
	ready     bool
	folded    string
	figures   []entity.Entity
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

func (p *Pipeline) newChecker(in Input, a asked, evidence []Evidence, maxChars int) *checker {
	c := &checker{
		p: p, a: a, locale: a.draftLocale, maxChars: maxChars,
		offered: make([]offered, len(evidence)),
		rules:   p.rulesFor(a.draftLocale),
		blocked: map[string]int{},
	}
	for i, e := range evidence {
		c.offered[i].Evidence = e
	}
	for _, f := range in.Ticket.Facts {
		v := FactValue(f)
		if v == "" {
			continue
		}
		ft := factText{name: f.Name, value: v, folded: foldedLine(v), figures: entity.Find(v, a.draftLocale)}
		if f.MayMention && isRemark(f) {
			continue
		}
		if f.MayMention {
			c.told = append(c.told, ft)
		} else {
			c.hidden = append(c.hidden, ft)
		}
	}
	if a.public {
		c.personal = personalWords(in.Ticket)
		c.hidden = append(c.hidden, c.told...)
		c.told = nil
	}
	return c
}

// personalWords are a customer's name, its parts and addresses.
func personalWords(t Ticket) []string {
	var out []string
	add := func(s string) {
		if utf8.RuneCountInString(s) >= 3 {
			out = append(out, s)
		}
	}
	add(t.Customer.DisplayName)
	for part := range strings.FieldsSeq(t.Customer.DisplayName) {
		add(part)
	}
	for _, id := range t.Customer.Identities {
		if id.Kind != IdentityHandle {
			add(id.Value)
		}
	}
	return out
}

// foldedLine is s in lower case, without diacritics and with words parted by
// one blank, so that one can look for the other in it.
func foldedLine(s string) string { return strings.Join(foldedWords(s), " ") }

// check returns the claim that a sentence makes, without offsets, or the check
// that it fails.
func (c *checker) check(s DraftSentence, trusted bool) (DraftClaim, string) {
	begin := c.p.now()
	claim, failed := c.judge(s, trusted)
	if failed != "" {
		c.blocked[failed]++
	}
	c.spent += c.p.now().Sub(begin)
	return claim, failed
}

func (c *checker) judge(s DraftSentence, trusted bool) (DraftClaim, string) {
	claim := DraftClaim{Text: s.Text}
	if utf8.RuneCountInString(s.Text) > c.maxChars {
		return claim, checkLength
	}
	if c.repeatsPrompt(s.Text) {
		return claim, checkPrompt
	}
	cited := c.resolve(s.Numbers)
	words := foldedWords(s.Text)
	line := strings.Join(words, " ")
	if hasPlaceholder(s.Text) && !c.standsIn(cited, line) {
		return claim, checkPlaceholder
	}
	figures := entity.Find(s.Text, c.locale)
	if failed := c.tellsPersonal(s.Text, line, figures, cited); failed != "" {
		return claim, failed
	}
	if !trusted && !c.inLanguage(s.Text, words) {
		return claim, checkLanguage
	}
	facts, failed := c.supportFigures(figures, cited, line)
	if failed != "" {
		return claim, failed
	}
	if c.leadsAway(s.Text, figures, cited) {
		return claim, checkContact
	}
	if c.asksForSecret(s.Text, words, cited, trusted) {
		return claim, checkSecret
	}
	claim.FactNames = facts
	switch {
	case len(cited) > 0:
		claim.Kind = ClaimStatement
		claim.Citations = s.Citations
		if len(claim.Citations) > 0 {
			return claim, ""
		}
		var supported bool
		if claim.Citations, supported = c.cite(s.Text, figures, cited); !supported {
			return c.unsupported(claim, words, facts)
		}
		if c.overstates(words, cited) {
			return claim, checkAbsolute
		}
		return claim, ""
	case len(s.Numbers) > 0:
		return claim, checkCitation
	case s.Kind == ClaimCourtesy && trusted:
		claim.Kind = ClaimCourtesy
		return claim, ""
	}
	claim.Kind, failed = c.uncited(s.Text, words, facts)
	return claim, failed
}

// resolve is the places in offered of the numbers that exist.
func (c *checker) resolve(numbers []int) []int {
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
func (c *checker) ready(i int) *offered {
	o := &c.offered[i]
	if o.ready {
		return o
	}
	o.ready = true
	whole := o.whole()
	o.folded = " " + foldedLine(whole) + " "
	o.figures = entity.Find(whole, o.Locale)
	if o.URL != "" {
		o.figures = append(o.figures, entity.Find(o.URL, o.Locale)...)
	}
	o.lexemes = map[string]bool{}
	for _, l := range c.p.lexemes(o.Locale, whole) {
		o.lexemes[l] = true
	}
	passage := knowledge.Passage{HeadingPath: o.HeadingPath, Start: o.Start, End: o.End, Text: o.Text}
	for _, s := range passage.Sentences(o.Locale) {
		o.sentences = append(o.sentences, offeredSentence{s.Start, s.End, s.Text, c.p.lexemes(o.Locale, s.Text)})
	}
	return o
}

// standsIn reports whether a folded line stands in one of the cited passages.
func (c *checker) standsIn(cited []int, line string) bool {
	for _, i := range cited {
		if strings.Contains(c.ready(i).folded, " "+line+" ") {
			return true
		}
	}
	return false
}

// supportFigures finds each figure in what is cited, or in the facts that may
// be told, whose names it returns.
func (c *checker) supportFigures(figures []entity.Entity, cited []int, line string) (facts []string, failed string) {
	for _, f := range c.told {
		if strings.Contains(" "+line+" ", " "+f.folded+" ") && f.folded != "" {
			facts = append(facts, f.name)
		}
	}
figure:
	for _, f := range figures {
		for _, i := range cited {
			if entity.Supported(f, c.ready(i).figures) {
				continue figure
			}
		}
		for _, t := range c.told {
			if entity.Supported(f, t.figures) || within(f, t) {
				if !slices.Contains(facts, t.name) {
					facts = append(facts, t.name)
				}
				continue figure
			}
		}
		return facts, checkFigure
	}
	return facts, ""
}

// within reports whether a figure is written as it stands in a fact: a code may
// be none to those who read it alone.
func within(f entity.Entity, t factText) bool {
	return strings.Contains(" "+t.folded+" ", " "+foldedLine(f.Text)+" ")
}

// tellsPersonal names the check that fails when the sentence tells a fact that
// may not be told, or personal data in public. What a cited passage says anyway
// may be said.
func (c *checker) tellsPersonal(s, line string, figures []entity.Entity, cited []int) string {
	padded := " " + line + " "
	for _, f := range c.hidden {
		if len(f.folded) >= 3 && strings.Contains(padded, " "+f.folded+" ") && !c.standsIn(cited, f.folded) {
			return checkHiddenFact
		}
		for _, figure := range f.figures {
			if figureKindTells(figure.Kind) && entity.Supported(figure, figures) && !c.citedFigure(figure, cited) {
				return checkHiddenFact
			}
		}
	}
	for _, w := range c.personal {
		if containsWord(s, w) && !c.standsIn(cited, foldedLine(w)) {
			return checkPublic
		}
	}
	return ""
}

// figureKindTells leaves out bare numbers, which stand in many sentences.
func figureKindTells(k entity.Kind) bool { return k != entity.Number }

func (c *checker) citedFigure(f entity.Entity, cited []int) bool {
	for _, i := range cited {
		if entity.Supported(f, c.ready(i).figures) {
			return true
		}
	}
	return false
}

// containsWord reports whether w stands in s between word borders.
func containsWord(s, w string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], w)
		if i < 0 {
			return false
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(w):])
		if !isWordRune(before) && !isWordRune(after) {
			return true
		}
		from = i + 1
	}
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// minLanguageLetters is how many letters a sentence needs for its language to
// be judged.
const minLanguageLetters = 20

func (c *checker) inLanguage(s string, words []string) bool {
	if c.p.detector == nil || c.p.plainlyIn(words, text.BaseLanguage(c.locale)) {
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
	ok, sure := c.p.detector.IsLanguage(s, c.locale)
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
