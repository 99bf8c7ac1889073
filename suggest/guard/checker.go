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
	"github.com/purser-desk/purser/internal/pii"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/phrases"
)

// Options are what a Guard works with. Analyzer and Phrases are needed.
type Options struct {
	Analyzer *analysis.Analyzer
	Phrases  *phrases.Lists
	// Contacts are what the workspaces trust; nil when no workspace has a list,
	// and contacts need only stand in the evidence.
	Contacts Contacts
	// PromptRules is what every model is told, and no reader may see.
	PromptRules string
	Now         func() time.Time
	Logger      *slog.Logger
}

// Guard looks for what in a draft could do harm. It is safe for concurrent use.
type Guard struct {
	analyzer *analysis.Analyzer
	lists    *phrases.Lists
	contacts Contacts
	// promptRuns are the hashes of the runs of words that no sentence may repeat.
	promptRuns map[uint64]struct{}
	now        func() time.Time
	log        *slog.Logger
}

// New makes a Guard.
func New(o Options) *Guard {
	return &Guard{
		analyzer: o.Analyzer, lists: o.Phrases, contacts: o.Contacts,
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
}

// Checker decides, sentence by sentence, what of one draft may be shown. It is
// for one goroutine.
type Checker struct {
	*Guard
	locale   string
	maxChars int
	offered  []offered
	// told are the facts that may be told, hidden those that may not.
	told, hidden []factText
	// personal finds the customer's own words, which a public reply must not hold;
	// nil in private.
	personal *pii.Finder
	rules    []*phrases.Set
	gate     contactGate
	// internal are the hashes of the runs of words that colleagues alone may read.
	internal map[uint64]struct{}
	blocked  map[string]int
	spent    time.Duration
}

// Blocked counts, by reason, the sentences that were left out.
func (c *Checker) Blocked() map[string]int { return c.blocked }

// Spent is the time that the checks took.
func (c *Checker) Spent() time.Duration { return c.spent }

type factText struct {
	name, value, folded string
	entities            []entity.Entity
}

// offered is one piece of evidence with what is worked out when first needed.
type offered struct {
	suggest.Evidence
	ready    bool
	folded   string
	entities []entity.Entity
	services []string // see names
}

// Checker checks the sentences of one draft. The context serves to read what the
// workspace trusts.
func (g *Guard) Checker(ctx context.Context, t Task) *Checker {
	c := &Checker{
		Guard: g, locale: t.Locale, maxChars: t.MaxChars,
		rules:    g.lists.For(t.Locale),
		gate:     g.newContactGate(ctx, t),
		internal: internalRuns(t.Evidence),
		blocked:  map[string]int{},
	}
	for _, e := range t.Evidence {
		if e.Kind.Quotable() {
			c.offered = append(c.offered, offered{Evidence: e})
		}
	}
	for _, f := range t.Ticket.Facts {
		v := suggest.FactValue(f)
		if v == "" || f.MayMention && f.IsRemark() {
			continue
		}
		ft := factText{name: f.Name, value: v, folded: foldedLine(v), entities: entity.Find(v, t.Locale)}
		if f.MayMention {
			c.told = append(c.told, ft)
		} else {
			c.hidden = append(c.hidden, ft)
		}
	}
	if t.Public {
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

// Check returns the harm that a sentence would do, nil when none, whoever wrote it:
// articles can be poisoned, too.
func (c *Checker) Check(s string) *suggest.LeftOut {
	begin := c.now()
	reason, harm := c.harm(s)
	c.spent += c.now().Sub(begin)
	if reason == "" {
		return nil
	}
	c.blocked[string(reason)]++
	return &suggest.LeftOut{Reason: reason, Explanation: explanation(reason), Text: withHoles(s, harm)}
}

// BlockPlaceholder is what is left of a sentence whose placeholders for personal
// data can't be restored.
func (c *Checker) BlockPlaceholder() *suggest.LeftOut {
	c.blocked[string(suggest.LeftOutPlaceholder)]++
	return &suggest.LeftOut{Reason: suggest.LeftOutPlaceholder, Explanation: explanation(suggest.LeftOutPlaceholder)}
}

// harm is what harm a sentence would do, and the places that do it; without places
// all of it does.
func (c *Checker) harm(s string) (suggest.LeftOutReason, []text.Span) {
	switch {
	case utf8.RuneCountInString(s) > c.maxChars:
		return suggest.LeftOutLength, nil
	case c.repeatsPrompt(s), c.holdsCode(s):
		return suggest.LeftOutPrompt, nil
	case c.repeatsInternal(s):
		return suggest.LeftOutInternal, nil
	}
	plain := plainForms(s)
	seen := seenAs(plain)
	words := phrases.Words(seen)
	line := strings.Join(words, " ")
	entities := entity.Find(seen, c.locale)
	if reason := c.tellsPersonal(seen, line, entities); reason != "" {
		return reason, nil
	}
	if reason, spans := c.leadsAway(seen, entities); reason != "" {
		if seen != s {
			spans = nil // they are places in another text
		}
		return reason, spans
	}
	if seen != plain && slices.ContainsFunc(entities, func(e entity.Entity) bool { return e.IsContact() && !strings.Contains(plain, e.Text) }) {
		return suggest.LeftOutContact, nil // it only looks like one that is trusted
	}
	if hasPlaceholder(s) && !c.isOffered(line) {
		return suggest.LeftOutPlaceholder, nil
	}
	if c.asksForSecret(seen, words) {
		return suggest.LeftOutSecret, nil
	}
	return "", nil
}

// explanation says what was left out and why.
func explanation(r suggest.LeftOutReason) string {
	switch r {
	case suggest.LeftOutContact:
		return "A sentence was left out because it leads to a contact that the workspace does not trust."
	case suggest.LeftOutAccount:
		return "A sentence was left out because it names an account or a way to pay that the workspace does not trust."
	case suggest.LeftOutSecret:
		return "A sentence was left out because it asks the customer for a password, a code or a card."
	case suggest.LeftOutHiddenData:
		return "A sentence was left out because it tells a fact that must not be told to the customer."
	case suggest.LeftOutPersonalData:
		return "A sentence was left out because it tells personal data where anyone can read it."
	case suggest.LeftOutPrompt:
		return "A sentence was left out because it repeats what the model was told, or holds program code."
	case suggest.LeftOutInternal:
		return "A sentence was left out because it repeats what is meant for colleagues alone."
	case suggest.LeftOutInsult:
		return "A sentence was left out because it insults the reader."
	case suggest.LeftOutPlaceholder:
		return "A sentence was left out because a name or number that was hidden from the model came back damaged."
	case suggest.LeftOutLength:
		return "A sentence was left out because it is longer than a reply on this channel may be."
	}
	return ""
}

// withHoles is s with the places replaced by "…"; empty without any.
func withHoles(s string, holes []text.Span) string {
	if len(holes) == 0 {
		return ""
	}
	slices.SortFunc(holes, func(a, b text.Span) int { return a.Start - b.Start })
	var b strings.Builder
	at := 0
	for _, h := range holes {
		if h.Start < at {
			continue
		}
		b.WriteString(s[at:h.Start] + "…")
		at = h.End
	}
	return b.String() + s[at:]
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
	return o
}

// tellsPersonal names the harm when the sentence tells a fact that may not be
// told, or personal data in public. What the evidence says anyway may be said.
func (c *Checker) tellsPersonal(s, line string, entities []entity.Entity) suggest.LeftOutReason {
	padded := " " + line + " "
	for _, f := range c.hidden {
		if len(f.folded) >= 3 && strings.Contains(padded, " "+f.folded+" ") && !c.isOffered(f.folded) {
			return suggest.LeftOutHiddenData
		}
		for _, e := range f.entities {
			if kindTells(e.Kind) && entity.Supported(e, entities) && !c.isOfferedEntity(e) {
				return suggest.LeftOutHiddenData
			}
		}
	}
	if c.namesCustomer(s) {
		return suggest.LeftOutPersonalData
	}
	return ""
}

// namesCustomer reports whether the sentence of a public reply holds the
// customer's name, a part of it, or an address of theirs, however written. A part
// in small letters is a word where the evidence uses it or it carries no meaning:
// customers are called Will and May.
func (c *Checker) namesCustomer(s string) bool {
	if c.personal == nil {
		return false
	}
	for _, span := range c.personal.FindGiven(s) {
		said := span.In(s)
		first, _ := utf8.DecodeRuneInString(said)
		isWord := unicode.IsLower(first) && !strings.ContainsAny(said, " @") && len(c.analyzer.Lexemes(c.locale, said)) == 0
		if !isWord && !c.isOffered(foldedLine(said)) {
			return true
		}
	}
	return false
}

// isOffered reports whether a folded line stands in the evidence.
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

func (c *Checker) isOfferedEntity(f entity.Entity) bool {
	for i := range c.offered {
		if entity.Supported(f, c.ready(i).entities) {
			return true
		}
	}
	return false
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
