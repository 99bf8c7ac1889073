package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/purser-desk/purser/internal/pii"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/guard"
	"github.com/purser-desk/purser/suggest/message"
)

// drafted is what drafting came to.
type drafted struct {
	draft *suggest.Draft
	// reason is set when there is no draft.
	reason     suggest.Reason
	warnings   []suggest.Notice
	degraded   []suggest.Notice
	provenance suggest.Provenance
	report     Report
	fault      *DraftError
	blocked    map[string]int
	checking   time.Duration
	// placeholders are what the model was told for what.
	placeholders map[string]string
}

// fallbackStep is one drafter of those that have their turn one after the other.
type fallbackStep struct {
	drafter Drafter
	// until is when the draft must be whole, thinking by how much later where a
	// model is seen to think.
	until    time.Time
	thinking time.Duration
	// trusted drafters quote evidence word for word and write no greeting but
	// their own.
	trusted bool
}

// draft tries the model, then the drafter without one, each with what is left of
// the time until the deadline.
func (p *Pipeline) draft(ctx context.Context, w suggest.Workspace, in suggest.Input, a asked, f found, deadline time.Time, emit func(suggest.Event) error) (d drafted, err error) {
	c := &composer{emit: emit}
	check := p.newCheck(ctx, w, in, a, f)
	defer func() { d.blocked, d.checking = check.guard.Blocked(), check.spent }()

	if p.drafter == nil {
		d.degraded = append(d.degraded, suggest.NewNotice(suggest.DegradedNoModel))
	} else {
		until := deadline.Add(-p.reserve(deadline))
		step := fallbackStep{drafter: p.drafter, until: until, thinking: p.thinkingTime(ctx, in, until)}
		done, err := p.try(ctx, step, in, a, f, c, check, &d)
		deadline = deadline.Add(min(d.report.Thought, step.thinking))
		if err != nil || done {
			return d, err
		}
	}
	left := len(check.leftOut) > 0
	unquotable, quotable := f.unquotable()
	if p.extractive != nil && quotable && f.assessed.Confidence >= f.assessed.QuoteFloor {
		check.leftOut = nil // the quoting draft's own count
		if done, err := p.try(ctx, fallbackStep{drafter: p.extractive, until: deadline, trusted: true}, in, a, f, c, check, &d); err != nil || done {
			return d, err
		}
	}
	switch {
	case left || len(check.leftOut) > 0:
		d.reason = suggest.ReasonBlockedOutput
	case !quotable:
		d.reason = unquotable
	default:
		d.reason = suggest.ReasonLowConfidence
	}
	return d, c.finish()
}

// reserve is the time kept for the drafter without a model and the record.
func (p *Pipeline) reserve(deadline time.Time) time.Duration {
	return min(p.settings.Reserve, deadline.Sub(p.now())/5)
}

// thinkingTime is by how much a draft may be later than until where a model
// thinks: never so late that the caller has gone.
func (p *Pipeline) thinkingTime(ctx context.Context, in suggest.Input, until time.Time) time.Duration {
	if t, ok := p.drafter.(Timed); !ok || !t.KeepsTime() {
		return 0
	}
	most := max(p.settings.ThinkingLimit, 0)
	caller, _ := ctx.Deadline()
	for _, end := range [...]time.Time{in.Deadline, caller} {
		if !end.IsZero() {
			left := end.Sub(until)
			most = min(most, max(0, left-left/20-p.settings.Reserve))
		}
	}
	return most
}

// shorter makes prompts with half of the evidence each time, and tells each as
// the one that was sent.
func (p *Pipeline) shorter(in suggest.Input, a asked, f found, redactor *pii.Redactor, sent func(*Prompt)) func() *Prompt {
	return func() *Prompt {
		if len(f.evidence) < 2 {
			return nil
		}
		f.evidence = f.evidence[:len(f.evidence)/2]
		prompt := p.buildPrompt(in, a, f, redactor)
		sent(&prompt)
		return &prompt
	}
}

// try gives one drafter its turn; done is true when drafting is over, with a draft or with
// a reason in d.
func (p *Pipeline) try(ctx context.Context, r fallbackStep, in suggest.Input, a asked, f found, c *composer, check *draftCheck, d *drafted) (done bool, err error) {
	task := Task{
		TicketID: in.Ticket.ExternalID,
		Question: joinQuestion(message.Subject(in.Ticket.Subject), a.question), Evidence: f.evidence, Locale: a.draftLocale,
		Channel: replyChannel(in, a), Visibility: a.message.Visibility,
		MaxChars: replyLimit(in, a), FirstWords: p.settings.FirstWordsLimit, Until: r.until, Thinking: r.thinking, Frame: p.frame(in, a),
	}
	if !a.public && greetable(in.Ticket.Customer.DisplayName) {
		task.CustomerName = in.Ticket.Customer.DisplayName
	}
	var redactor *pii.Redactor
	if u, ok := r.drafter.(Prompted); ok && u.UsesPrompt() {
		redactor = p.redactor(in, a, f.evidence)
		prompt := p.buildPrompt(in, a, f, redactor)
		task.Prompt = &prompt
		task.Shorter = p.shorter(in, a, f, redactor, func(sent *Prompt) { task.Prompt = sent })
		task.CustomerName, task.Question = "", ""
	}
	written := redactor // what the placeholders in the answer stand for
	if recorded, ok := r.drafter.(*recordedDrafter); ok && recorded.redactor != nil {
		written = recorded.redactor
	}
	var told error
	stepCtx, cancel := context.WithDeadline(ctx, r.until.Add(r.thinking))
	defer cancel()
	report, draftErr := r.drafter.Draft(stepCtx, task, func(s suggest.DraftSentence) error {
		restored, whole := restore(written, s.Text)
		if !whole {
			check.BlockPlaceholder(c.text.Len())
			c.skip(s)
			return nil
		}
		s.Text = guard.Visible(restored)
		claim, harm := check.Check(stepCtx, s, r.trusted, c.text.Len())
		if harm != nil {
			c.skip(s)
			return nil
		}
		told = c.add(s, claim)
		return told
	})
	if told != nil {
		return false, told
	}
	if err := ctx.Err(); err != nil {
		return false, context.Cause(ctx)
	}
	p.note(r, task, report, d)
	if redactor != nil {
		d.placeholders = written.Map()
	}
	fault := p.faultOf(ctx, r, draftErr)
	return p.concludeStep(r, c, check, d, fault, task.Frame.Disclosure)
}

// restore puts personal data back; whole is false when a placeholder was made up
// or came back damaged, so that the sentence must be left out.
func restore(redactor *pii.Redactor, s string) (restored string, whole bool) {
	if redactor == nil {
		return s, true
	}
	restored, err := redactor.Restore(s)
	return restored, err == nil
}

// note keeps what is known of a drafter's work; that of the model is kept also
// when the next one drafts.
func (p *Pipeline) note(r fallbackStep, task Task, report Report, d *drafted) {
	d.provenance.Drafter = r.drafter.Name()
	if task.Prompt == nil {
		return
	}
	d.report = report
	d.provenance.Model = report.Model
	d.provenance.PromptVersion = task.Prompt.Version
	d.provenance.PromptHash = task.Prompt.Hash()
	d.provenance.PromptTokens = report.PromptTokens
	d.provenance.CompletionTokens = report.CompletionTokens
}

// faultOf is what went wrong, nil when nothing did.
func (p *Pipeline) faultOf(ctx context.Context, r fallbackStep, err error) *DraftError {
	if err == nil {
		return nil
	}
	var fault *DraftError
	switch {
	case errors.As(err, &fault):
	case errors.Is(err, context.DeadlineExceeded):
		fault = &DraftError{Fault: suggest.FaultTooSlow}
	default:
		fault = &DraftError{Fault: suggest.FaultProvider, Detail: "unexpected error"}
	}
	if fault.Fault != suggest.FaultNoAnswer && fault.Fault != suggest.FaultOtherLanguage {
		p.log.LogAttrs(ctx, slog.LevelWarn, "a drafter failed",
			slog.String("drafter", r.drafter.Name()), slog.String("fault", string(fault.Fault)),
			slog.Int("status", fault.Status), slog.String("detail", fault.Detail), slog.Duration("retry_after", fault.RetryAfter))
	}
	return fault
}

// concludeStep decides what a drafter's work is worth: what says or asks something is
// kept, also of one that was stopped; without any the next one has its turn.
func (p *Pipeline) concludeStep(r fallbackStep, c *composer, check *draftCheck, d *drafted, fault *DraftError, disclosure string) (done bool, err error) {
	if fault != nil && !r.trusted {
		d.fault = fault
	}
	if fault != nil && fault.Fault == suggest.FaultThoughts {
		// Nothing of it was meant for anyone.
		c.restart(suggest.NewNotice(suggest.DegradedModelUnusable))
	}
	if c.isReply(fault == nil && len(check.leftOut) == 0 && !r.trusted) {
		if fault != nil {
			d.warnings = append(d.warnings, suggest.NewNotice(suggest.WarnIncomplete))
		}
		if len(check.leftOut) > 0 {
			d.warnings = append(d.warnings, suggest.NewNotice(suggest.WarnSentenceBlocked))
		}
		if disclosure != "" {
			claim := suggest.DraftClaim{Text: disclosure, Kind: suggest.ClaimSignature, Standing: suggest.StandingNeedsNone}
			if err := c.add(suggest.DraftSentence{Break: "\n\n", Text: disclosure}, claim); err != nil {
				return false, err
			}
		}
		d.draft = c.draft(check.locale)
		d.draft.LeftOut = check.leftOut
		return true, nil
	}
	if r.trusted {
		// Nothing comes after it; a greeting alone is no draft.
		c.restart(suggest.NewNotice(suggest.DegradedModelUnusable))
		d.provenance.Drafter = ""
		return false, nil
	}
	if fault != nil && fault.Fault == suggest.FaultNoAnswer {
		c.restart(suggest.NewNotice(suggest.DegradedModelUnusable))
		d.reason = suggest.ReasonNoKnowledge
		return true, c.finish()
	}
	why := suggest.NewNotice(degradedBy(fault))
	d.degraded = append(d.degraded, why)
	c.restart(why)
	return false, nil
}

// degradedBy names the reason for which the model was given up.
func degradedBy(fault *DraftError) suggest.NoticeCode {
	if fault == nil {
		return suggest.DegradedModelUnusable
	}
	switch fault.Fault {
	case suggest.FaultTooSlow:
		return suggest.DegradedModelSlow
	case suggest.FaultFiltered:
		return suggest.DegradedModelRefused
	case suggest.FaultUnreachable, suggest.FaultUnauthorized, suggest.FaultModelNotFound, suggest.FaultRateLimited, suggest.FaultProvider,
		suggest.FaultRejected, suggest.FaultNotJSON, suggest.FaultContext:
		return suggest.DegradedModelFailed
	case suggest.FaultCut, suggest.FaultEmpty, suggest.FaultLength, suggest.FaultNoAnswer, suggest.FaultOtherLanguage, suggest.FaultOverlong,
		suggest.FaultThoughts:
	}
	return suggest.DegradedModelUnusable
}
