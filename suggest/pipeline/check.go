package pipeline

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/pii"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/guard"
	"github.com/purser-desk/purser/suggest/house"
	"github.com/purser-desk/purser/suggest/kind"
	"github.com/purser-desk/purser/suggest/support"
)

// Kinds tells what sentences of a reply are for; *kind.Classifier is one.
type Kinds interface {
	// Classify returns one result for each sentence. Where it fails, it returns what
	// can be told without what failed.
	Classify(ctx context.Context, sentences []string, locale string) ([]kind.Result, error)
}

// draftCheck gives the sentences of one draft their standing, and leaves out what
// could do harm. It is for one goroutine.
type draftCheck struct {
	p      *Pipeline
	guard  *guard.Checker
	house  *house.Settings
	voice  []string // forbidden phrases, in small letters
	locale string
	reason string // the ticket's contact reason
	// names are those that a greeting or a signature may hold.
	names *pii.Finder
	told  []support.Fact
	frame []framed // what the house begins and ends a reply with
	// support has all that was offered, facts the facts alone.
	support, facts func() *support.Task
	leftOut        []suggest.LeftOut
	spent          time.Duration
}

// newCheck makes the check of one draft. What the evidence says is read beside the
// caller, while the model writes.
func (p *Pipeline) newCheck(ctx context.Context, w suggest.Workspace, in suggest.Input, a asked, f found) *draftCheck {
	c := &draftCheck{
		p: p, house: a.house, locale: a.draftLocale, reason: in.Ticket.ContactReason,
		guard: p.guard.Checker(ctx, guard.Task{
			Workspace: w, Ticket: in.Ticket, Evidence: f.evidence, Locale: a.draftLocale, Public: a.public, MaxChars: replyLimit(in, a),
		}),
	}
	for _, phrase := range house.For(a.brand.Voice.Forbidden, a.draftLocale, replyChannel(in, a)) {
		c.voice = append(c.voice, strings.ToLower(phrase))
	}
	told := support.Context{
		Locale: a.draftLocale, CustomerLocale: a.locale, Now: p.today().In(a.house.Location()), Customer: customerTexts(in, a),
	}
	for _, e := range f.evidence {
		if e.Kind.Quotable() {
			told.Sources = append(told.Sources, support.Source{
				Number: e.Number, Locale: e.Locale, Title: e.Title, HeadingPath: e.HeadingPath, Text: e.Text, Start: e.Start, URL: e.URL, Context: e.Context,
			})
		}
	}
	for _, fact := range p.mentionable(in.Ticket, a) {
		if fact.IsRemark() {
			continue // what somebody wrote down shows nothing
		}
		told.Facts = append(told.Facts, support.Fact{Name: fact.Name, Value: suggest.FactValue(fact)})
	}
	c.told = told.Facts
	c.facts = sync.OnceValue(func() *support.Task {
		return p.support.For(support.Context{Locale: told.Locale, Now: told.Now, Facts: told.Facts})
	})
	told.Embedder = p.sentences.of(w)
	c.support = sync.OnceValue(func() *support.Task {
		task := p.support.For(told)
		patient, cancel := context.WithTimeout(ctx, p.settings.VectorLimit)
		defer cancel()
		_ = task.Embed(patient) // without vectors words decide
		return task
	})
	if p.drafter != nil {
		go c.support() // while the model writes
	}
	var names []pii.Known
	for _, name := range []string{in.Ticket.Customer.DisplayName, in.Agent, a.brand.Company} {
		if greetable(name) {
			names = append(names, pii.Known{Kind: pii.KindName, Value: name})
		}
	}
	c.names = pii.NewFinder(a.draftLocale, names)
	c.frame = framedBy(p.frame(in, a))
	return c
}

// framed is a text of the house's own with what it is for, one word a blank.
type framed struct {
	line string
	kind suggest.ClaimKind
}

func framedBy(f Frame) []framed {
	return []framed{
		{oneLine(f.Greeting), suggest.ClaimGreeting},
		{oneLine(f.Closing), suggest.ClaimClosing},
		{oneLine(f.Signature), suggest.ClaimSignature},
		{oneLine(f.Disclosure), suggest.ClaimSignature},
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// frameKind knows what the house itself begins and ends its replies with, and lines
// that are nothing but the name of the customer, the agent or the house: first in
// the draft they greet, later they sign.
func (c *draftCheck) frameKind(s string, at int) (suggest.ClaimKind, bool) {
	line := oneLine(s)
	for _, f := range c.frame {
		if f.line != "" && strings.Contains(" "+f.line+" ", " "+line+" ") {
			return f.kind, true
		}
	}
	rest := s
	for _, span := range slices.Backward(c.names.FindGiven(s)) {
		rest = rest[:span.Start] + rest[span.End:]
	}
	switch {
	case rest == s || strings.ContainsFunc(rest, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return "", false
	case at == 0:
		return suggest.ClaimGreeting, true
	}
	return suggest.ClaimSignature, true
}

// customerTexts are what the customer wrote in this ticket, as they meant it. A
// message that tries to instruct the drafter vouches for nothing.
func customerTexts(in suggest.Input, a asked) []string {
	if len(a.instructions) > 0 {
		return nil
	}
	var out []string
	for _, m := range in.Messages {
		if m.Author == suggest.AuthorCustomer && m.ID != a.message.ID {
			out = append(out, m.Text)
		}
	}
	return append(out, in.Ticket.Subject+"\n"+a.full)
}

// Check returns the claim that a sentence makes, without id and offsets, or the harm
// for which it is left out. at is where in the draft it would stand.
func (c *draftCheck) Check(ctx context.Context, s suggest.DraftSentence, trusted bool, at int) (suggest.DraftClaim, *suggest.LeftOut) {
	begin := c.p.now()
	defer func() { c.spent += c.p.now().Sub(begin) }()
	claim := suggest.DraftClaim{Text: s.Text}
	if harm := c.guard.Check(s.Text); harm != nil {
		return claim, c.leave(harm, at)
	}
	if trusted { // it quotes word for word, and knows what its frame is for
		claim.Kind, claim.Standing, claim.Citations = s.Kind, suggest.StandingNeedsNone, s.Citations
		if len(s.Citations) > 0 {
			claim.Standing = suggest.StandingSupported
		}
		return claim, nil
	}
	if k, ok := c.frameKind(s.Text, at); ok {
		claim.Kind, claim.Standing = k, suggest.StandingNeedsNone
		return claim, nil
	}
	c.judge(ctx, &claim, s.Numbers)
	return claim, nil
}

// leave notes what was left out.
func (c *draftCheck) leave(harm *suggest.LeftOut, at int) *suggest.LeftOut {
	harm.At = at
	c.leftOut = append(c.leftOut, *harm)
	return harm
}

// BlockPlaceholder leaves out a sentence whose placeholders can't be restored.
func (c *draftCheck) BlockPlaceholder(at int) { c.leave(c.guard.BlockPlaceholder(), at) }

// surely is the probability from which what a sentence does weighs more than that the
// evidence says so: a rule that the evidence states may sound like a deed.
const surely = .5

// judge gives a claim its kind and standing. cited are the numbers of the evidence
// that the drafter named for it.
func (c *draftCheck) judge(ctx context.Context, claim *suggest.DraftClaim, cited []int) {
	// An embedder that hangs costs a sentence its vectors, and not the draft.
	ctx, cancel := context.WithTimeout(ctx, c.p.settings.VectorLimit)
	defer cancel()
	told := c.kindOf(ctx, claim.Text)
	claim.Kind = told.Kind
	finding := c.support().Judge(ctx, claim.Text, cited)
	needs := told.Needs()
	matter := needs || len(cited) > 0 || hasDigit(claim.Text)
	switch {
	case told.Kind == suggest.ClaimQuestion && !told.Promises() && !told.Acts() && (finding.Standing != suggest.StandingUnverified || !isFigure(finding.Reason)):
		claim.Standing = suggest.StandingNeedsNone
	case told.AdmitsFault() && (told.Liability >= surely || finding.Standing.Open()):
		open(claim, suggest.ReasonLiability, "It takes blame upon the house; no evidence decides that.")
	case told.Acts() && told.Kind != suggest.ClaimStep && (told.Action >= surely || finding.Standing.Open()):
		c.judgeAction(ctx, claim)
	case !matter:
		claim.Standing = suggest.StandingNeedsNone
	case !needs && finding.Standing == suggest.StandingUnverified && !isFigure(finding.Reason), !needs && !told.Kind.Says() && !finding.Standing.Open():
		// A courtesy with a mark, or with a figure that speaks of nothing.
		claim.Standing = suggest.StandingNeedsNone
	case c.tellsFacts(claim.Text, &finding):
		claim.Standing, claim.FactNames = suggest.StandingCustomersOwn, finding.Facts
	default:
		c.apply(claim, &finding)
		switch {
		case told.Promises() && (claim.Standing.Open() || claim.Standing == suggest.StandingCustomersOwn):
			c.judgePromise(ctx, claim)
		case !told.Known && claim.Standing == suggest.StandingCustomersOwn && !c.isFact(ctx, claim.Text):
			// It may be a promise that the customer wrote; nothing tells.
			open(claim, suggest.ReasonNoSource, "The customer wrote it; no article or fact says so.")
		}
	}
	c.judgeWords(claim)
}

// kindOf tells what a sentence is for. Where meaning can't be asked, a question mark
// tells a question, and what no phrase knows states something.
func (c *draftCheck) kindOf(ctx context.Context, s string) kind.Result {
	told := kind.Result{Kind: suggest.ClaimStatement, NeedsSource: 1}
	if c.p.kinds != nil {
		if results, err := c.p.kinds.Classify(ctx, []string{s}, c.locale); len(results) == 1 && (err == nil || results[0].Kind != "") {
			told = results[0]
		}
	}
	if !told.Known && told.Kind == suggest.ClaimStatement && endsAsking(s) {
		told = kind.Result{Kind: suggest.ClaimQuestion}
	}
	return told
}

// endsAsking reports whether a sentence ends in a question mark, whatever the script.
func endsAsking(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, "\"”»’)"))
	return strings.ContainsRune("?？؟", last)
}

// otherWords is how many words a sentence that tells a fact may have beside those of
// the fact.
const otherWords = 3

// tellsFacts reports whether a sentence tells facts about the customer and little
// else: "Your booking code is …".
func (c *draftCheck) tellsFacts(s string, f *support.Finding) bool {
	if len(f.Facts) == 0 || f.Standing == suggest.StandingContradicted || isFigure(f.Reason) {
		return false
	}
	told := map[string]bool{}
	for _, fact := range c.told {
		if slices.Contains(f.Facts, fact.Name) {
			for _, l := range c.p.analyzer.Lexemes(c.locale, strings.ReplaceAll(fact.Name, "_", " ")+" "+fact.Value) {
				told[l] = true
			}
		}
	}
	others := map[string]bool{}
	for _, l := range c.p.analyzer.Lexemes(c.locale, s) {
		if !told[l] {
			others[l] = true
		}
	}
	return len(others) <= otherWords
}

// judgeAction decides on a sentence that says that something was done: only a fact
// shows it. That the customer asked for it does not.
func (c *draftCheck) judgeAction(ctx context.Context, claim *suggest.DraftClaim) {
	if known := c.facts().Judge(ctx, claim.Text, nil); known.Standing == suggest.StandingCustomersOwn {
		c.apply(claim, &known)
		return
	}
	open(claim, suggest.ReasonAction, "It says that something was done or is being done, and no fact shows it; do it first.")
}

// judgePromise decides on a promise that no evidence makes: a fact may, or a mandate
// cover it. That the customer wrote it does not.
func (c *draftCheck) judgePromise(ctx context.Context, claim *suggest.DraftClaim) {
	if claim.Standing == suggest.StandingCustomersOwn {
		if c.isFact(ctx, claim.Text) {
			return
		}
		claim.Standing = suggest.StandingUnverified
	}
	if m, ok := c.mandate(claim.Text); ok {
		claim.Standing, claim.Reason, claim.Citations = suggest.StandingSupported, "", nil
		claim.Explanation = "The mandate \"" + m.Name + "\" covers it."
		return
	}
	claim.Reason = suggest.ReasonPromise
	if claim.Standing == suggest.StandingUnverified {
		claim.Explanation = "It promises what nothing offered to the drafter promises; make sure that it will be kept."
	}
}

// isFact reports whether the facts alone say what a sentence does.
func (c *draftCheck) isFact(ctx context.Context, s string) bool {
	return c.facts().Judge(ctx, s, nil).Standing == suggest.StandingCustomersOwn
}

// mandate finds a mandate of the house that covers a promise: for this reason of
// contact, and not more than its amount or days.
func (c *draftCheck) mandate(s string) (house.Mandate, bool) {
	return c.house.Covers(s, c.locale, c.reason)
}

// apply takes over what the search for support found.
func (c *draftCheck) apply(claim *suggest.DraftClaim, f *support.Finding) {
	claim.Standing = f.Standing
	claim.FactNames = f.Facts
	switch claim.Standing {
	case suggest.StandingDerived:
		claim.Explanation = f.Calculation
	case suggest.StandingUnverified, suggest.StandingContradicted:
		claim.Reason, claim.Explanation = f.Reason, sentenceCase(f.Detail)
	case suggest.StandingSupported, suggest.StandingCustomersOwn, suggest.StandingNeedsNone:
	}
	switch claim.Standing {
	case suggest.StandingSupported, suggest.StandingDerived, suggest.StandingContradicted:
		for _, p := range f.Places {
			claim.Citations = append(claim.Citations, suggest.Citation{Number: p.Number, Start: p.Start, End: p.End})
		}
	case suggest.StandingUnverified, suggest.StandingCustomersOwn, suggest.StandingNeedsNone:
	}
}

// judgeWords marks a sentence in another language than the draft, and phrases that
// the house does not use.
func (c *draftCheck) judgeWords(claim *suggest.DraftClaim) {
	if claim.Standing.Open() {
		return
	}
	lower := strings.ToLower(claim.Text)
	for _, phrase := range c.voice {
		if strings.Contains(lower, phrase) {
			open(claim, suggest.ReasonForbiddenPhrase, "It holds \""+phrase+"\", which the house does not write.")
			return
		}
	}
	if claim.Kind.Says() && !c.inLanguage(claim.Text) {
		open(claim, suggest.ReasonLanguage, "It seems to be written in another language than the draft.")
	}
}

// minLanguageLetters is how many letters a sentence needs for its language to be
// judged.
const minLanguageLetters = 40

func (c *draftCheck) inLanguage(s string) bool {
	if c.p.detector == nil {
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
	ok, sure := c.p.detector.IsLanguage(s, text.BaseLanguage(c.locale))
	return ok || !sure
}

func open(claim *suggest.DraftClaim, r suggest.ClaimReason, why string) {
	claim.Standing, claim.Reason, claim.Explanation, claim.Citations = suggest.StandingUnverified, r, why, nil
}

// isFigure reports whether what speaks against a claim is a figure in it.
func isFigure(r suggest.ClaimReason) bool {
	return r == suggest.ReasonNumber || r == suggest.ReasonUnit || r == suggest.ReasonSubject
}

// sentenceCase makes a sentence of a part of one.
func sentenceCase(s string) string {
	if s == "" {
		return ""
	}
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return strings.TrimSuffix(string(r), ".") + "."
}

func hasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }
