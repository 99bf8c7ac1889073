package pipeline

import (
	"context"
	"strings"
	"time"
	"unicode"

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
	p       *Pipeline
	guard   *guard.Checker
	house   *house.Settings
	voice   []string // forbidden phrases, in small letters
	locale  string
	reason  string // the ticket's contact reason
	support func() *support.Task
	leftOut []suggest.LeftOut
	spent   time.Duration
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
		Locale: a.draftLocale, CustomerLocale: a.locale, Now: p.now().In(a.house.Location()), Customer: customerTexts(in, a),
	}
	for _, e := range f.evidence {
		if e.Kind.Quotable() {
			told.Sources = append(told.Sources, support.Source{
				Number: e.Number, Locale: e.Locale, Title: e.Title, HeadingPath: e.HeadingPath, Text: e.Text, Start: e.Start, URL: e.URL, Context: e.Context,
			})
		}
	}
	for _, fact := range p.mentionable(in.Ticket, a) {
		told.Facts = append(told.Facts, support.Fact{Name: fact.Name, Value: suggest.FactValue(fact)})
	}
	ready := make(chan *support.Task, 1)
	go func() { ready <- p.support.For(told) }()
	var task *support.Task
	c.support = func() *support.Task {
		if task == nil {
			task = <-ready
		}
		return task
	}
	return c
}

// customerTexts are what the customer wrote in this ticket, as they meant it.
func customerTexts(in suggest.Input, a asked) []string {
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
	if harm := c.guard.Check(s.Text, trusted); harm != nil {
		return claim, c.leave(harm, at)
	}
	if trusted { // it quotes word for word, and knows what its frame is for
		claim.Kind, claim.Standing, claim.Citations = s.Kind, suggest.StandingNeedsNone, s.Citations
		if len(s.Citations) > 0 {
			claim.Standing = suggest.StandingSupported
		}
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

// judge gives a claim its kind and standing. cited are the numbers of the evidence
// that the drafter named for it.
func (c *draftCheck) judge(ctx context.Context, claim *suggest.DraftClaim, cited []int) {
	told := c.kindOf(ctx, claim.Text)
	claim.Kind = told.Kind
	finding := c.support().Judge(ctx, claim.Text, cited)
	needs := told.Needs()
	matter := needs || len(cited) > 0 || hasDigit(claim.Text)
	switch {
	case told.Kind == suggest.ClaimQuestion && !told.Promises() && !told.Acts():
		claim.Standing = suggest.StandingNeedsNone
	case told.AdmitsFault():
		open(claim, suggest.ReasonLiability, "It takes blame upon the house; no evidence decides that.")
	case told.Acts():
		c.judgeAction(claim, &finding)
	case !matter:
		claim.Standing = suggest.StandingNeedsNone
	case !needs && finding.Standing == suggest.StandingUnverified && !isFigure(finding.Reason):
		// A courtesy with a mark, or with a figure that speaks of nothing.
		claim.Standing = suggest.StandingNeedsNone
	default:
		c.apply(claim, &finding)
		if told.Promises() && claim.Standing == suggest.StandingUnverified {
			c.judgePromise(claim)
		}
	}
	c.judgeWords(claim)
}

// kindOf tells what a sentence is for. Where nothing tells kinds, a question mark
// does, and all else states something.
func (c *draftCheck) kindOf(ctx context.Context, s string) kind.Result {
	if c.p.kinds != nil {
		if results, err := c.p.kinds.Classify(ctx, []string{s}, c.locale); len(results) == 1 && (err == nil || results[0].Kind != "") {
			return results[0]
		}
	}
	if strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") {
		return kind.Result{Kind: suggest.ClaimQuestion}
	}
	return kind.Result{Kind: suggest.ClaimStatement, NeedsSource: 1}
}

// judgeAction decides on a sentence that says that something was done: only a fact
// or what the customer wrote shows it.
func (c *draftCheck) judgeAction(claim *suggest.DraftClaim, f *support.Finding) {
	if f.Standing == suggest.StandingCustomersOwn {
		c.apply(claim, f)
		return
	}
	open(claim, suggest.ReasonAction, "It says that something was done or is being done, and no fact shows it; do it first.")
}

// judgePromise decides on a promise that no evidence makes: a mandate may cover it.
func (c *draftCheck) judgePromise(claim *suggest.DraftClaim) {
	if m, ok := c.mandate(claim.Text); ok {
		claim.Standing, claim.Reason = suggest.StandingSupported, ""
		claim.Explanation = "The mandate \"" + m.Name + "\" covers it."
		return
	}
	claim.Reason = suggest.ReasonPromise
	claim.Explanation = "It promises what nothing offered to the drafter promises; make sure that it will be kept."
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
	for _, p := range f.Places {
		claim.Citations = append(claim.Citations, suggest.Citation{Number: p.Number, Start: p.Start, End: p.End})
	}
	switch claim.Standing {
	case suggest.StandingDerived:
		claim.Explanation = f.Calculation
	case suggest.StandingUnverified, suggest.StandingContradicted:
		claim.Reason, claim.Explanation = f.Reason, sentenceCase(f.Detail)
	case suggest.StandingSupported, suggest.StandingCustomersOwn, suggest.StandingNeedsNone:
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
