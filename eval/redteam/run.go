package redteam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// Options set up a run.
type Options struct {
	// Pipeline drafts: with the configured model, or with an AdversarialModel.
	Pipeline eval.Pipeline
	// Attempts are those that the pipeline's drafter notes what it saw in.
	Attempts  *Attempts
	Workspace knowledge.Workspace
	Attacks   []Attack
	// Harmless are texts that are no attacks, for false alarms.
	Harmless []Harmless
	// Poison makes these articles, and no other poisoned ones, part of the
	// workspace. When some can't be imported it imports none and fails with
	// *knowledge.BlockedError, whose problems name the documents' Origin; it is
	// asked for the others then. It is asked before each batch of attacks through articles; may
	// be nil when there are none.
	Poison func(ctx context.Context, articles []knowledge.Document) error
	// Embedded says that questions are embedded, so that searching by words alone
	// is a failure.
	Embedded bool
	// Budget bounds what is asked of a model; nil leaves it free.
	Budget *eval.Budget
	// Cached reports whether a ticket's draft was taken from answers that were
	// kept, so that it cost nothing; nil means none was.
	Cached func(id string) bool
	// Concurrency is how many tickets run at once; 0 means 1.
	Concurrency int
	// Progress is told after each ticket, one call at a time; may be nil.
	Progress func(done, total int)
}

// Harmless is a ticket that attacks nothing.
type Harmless struct {
	Case suite.Case
	// Source is "suite", or the file that it was read from.
	Source string
	// Writes is what an AdversarialModel writes, citing all evidence; empty: it quotes.
	Writes string
}

// outcome is what became of one ticket.
type outcome struct {
	done      bool
	err       string
	draft     string
	sure      string // the sentences of the draft that no mark stands at
	reached   bool
	canaries  []string
	alarm     bool
	ended     string // reason of a suggestion without a draft
	drafted   bool   // a drafter was asked
	lost      bool   // it wrote, and nothing of it could be shown
	sentences int    // of the draft
	blocked   map[string]int
	evidence  []string // keys of the articles
}

// escaped reports whether an attack got out.
func (o *outcome) escaped(a *Attack) bool {
	if a.Goal.harms() {
		return escaped(o.canaries, o.draft)
	}
	return escaped(o.canaries, o.sure)
}

// marked reports whether an attack stands in the draft, and only where the draft
// marks it.
func (o *outcome) marked(a *Attack) bool { return !o.escaped(a) && escaped(o.canaries, o.draft) }

// runner is one run under way.
type runner struct {
	Options
	attacks  []outcome
	harmless []outcome
	// stop ends the beginning of tickets.
	stop context.CancelCauseFunc

	mu    sync.Mutex
	count int
}

// Run runs every attack and every harmless ticket. One for which a provider
// failed is an error, as in eval.Run, and stands in no figure: what was made
// without the model says nothing of it. Where the attack got out all the same, it
// counts. When ctx ends, or poisoned
// articles can't be imported, what is done is kept: the result says that it is
// partial and comes with the error. So it is with eval.ErrBudget when the
// budget is used up; tickets under way are finished then.
func Run(ctx context.Context, o Options) (Result, error) {
	if o.Pipeline == nil || o.Attempts == nil || len(o.Attacks) == 0 {
		return Result{}, errors.New("a run needs a pipeline, what its drafter notes and attacks; generate them from a suite with tickets that can be answered")
	}
	r := &runner{Options: o, attacks: make([]outcome, len(o.Attacks)), harmless: make([]outcome, len(o.Harmless))}
	begin, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.stop = stop
	err := r.all(begin, ctx)
	result := r.result()
	if result.NotRun == 0 {
		err = nil // it ended when all was done
	}
	result.Partial = err != nil
	return result, err
}

// all runs the tickets: none begins after begin has ended, and those that have
// may take until work does.
func (r *runner) all(begin, work context.Context) error {
	var clean []func(context.Context)
	batches := r.batches()
	for i := range r.Attacks {
		if r.Attacks[i].Document == nil {
			clean = append(clean, r.attack(i))
		}
	}
	for i := range r.Harmless {
		clean = append(clean, func(ctx context.Context) {
			r.harmless[i] = r.answer(ctx, &r.Harmless[i].Case, &attempt{writes: r.Harmless[i].Writes})
		})
	}
	if len(batches) > 0 && r.Poison == nil {
		return errors.New("attacks through articles need a way to import them")
	}
	// What needs no poisoned article runs first, on the good ones alone.
	r.together(begin, work, clean)
	for _, batch := range batches {
		if err := context.Cause(begin); err != nil {
			return err
		}
		imported, err := r.poison(work, batch)
		if err != nil {
			return errors.Join(fmt.Errorf("import the poisoned articles: %w", err), context.Cause(work))
		}
		var tickets []func(context.Context)
		for _, i := range imported {
			tickets = append(tickets, r.attack(i))
		}
		r.together(begin, work, tickets)
	}
	return context.Cause(begin)
}

// poison has the articles of a batch imported, and returns those attacks whose
// article was. One that an import does not take, as one too long, has not reached
// anything.
func (r *runner) poison(ctx context.Context, batch []int) ([]int, error) {
	for {
		var articles []knowledge.Document
		for _, i := range batch {
			articles = append(articles, *r.Attacks[i].Document)
		}
		err := r.Poison(ctx, articles)
		var blocked *knowledge.BlockedError
		if !errors.As(err, &blocked) {
			return batch, err
		}
		refused := map[string]bool{}
		for _, p := range blocked.Problems {
			refused[p.Origin] = refused[p.Origin] || p.Severity == knowledge.SeverityError
		}
		var rest []int
		for _, i := range batch {
			if refused[r.Attacks[i].Document.Origin] {
				r.attacks[i] = outcome{done: true, ended: stoppedRefused}
				r.report(ctx)
				continue
			}
			rest = append(rest, i)
		}
		if len(rest) == len(batch) {
			return nil, err
		}
		batch = rest
	}
}

// batches part the attacks through articles so that no ticket has two of them
// at once.
func (r *runner) batches() [][]int {
	var out [][]int
	taken := map[string]int{}
	for i := range r.Attacks {
		a := &r.Attacks[i]
		if a.Document == nil {
			continue
		}
		n := taken[a.Case.Question()]
		taken[a.Case.Question()]++
		if n == len(out) {
			out = append(out, nil)
		}
		out[n] = append(out[n], i)
	}
	return out
}

// together runs tickets, some at once.
func (r *runner) together(begin, work context.Context, tickets []func(context.Context)) {
	var running errgroup.Group
	running.SetLimit(max(r.Concurrency, 1))
	for _, run := range tickets {
		if begin.Err() != nil {
			break
		}
		running.Go(func() error {
			if r.Budget.Take(begin) {
				run(work)
				r.report(work)
			}
			return nil
		})
	}
	_ = running.Wait() // what failed is told of its ticket
}

// report tells how far the run is.
func (r *runner) report(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count++; r.Progress != nil && ctx.Err() == nil {
		r.Progress(r.count, len(r.attacks)+len(r.harmless))
	}
}

func (r *runner) attack(i int) func(context.Context) {
	return func(ctx context.Context) {
		a := &r.Attacks[i]
		try := &attempt{attack: a}
		out := r.answer(ctx, &a.Case, try)
		// A drafter without a prompt reads the ticket and the evidence.
		out.reached = try.reached || !try.noted && out.drafted && (a.Document == nil || slices.Contains(out.evidence, a.Document.Key))
		out.canaries = append(slices.Clone(a.Canaries), try.canaries...)
		if out.escaped(a) {
			out.err = "" // whatever failed besides
		}
		r.attacks[i] = out
	}
}

// answer runs one ticket. What fails because the run was ended is not done
// rather than wrong.
func (r *runner) answer(ctx context.Context, c *suite.Case, try *attempt) outcome {
	r.Attempts.byTicket.Store(c.ID, try)
	defer r.Attempts.byTicket.Delete(c.ID)
	s, record, err := r.Pipeline.Run(ctx, r.Workspace, c.Input(), nil)
	if err != nil {
		if ctx.Err() != nil {
			return outcome{}
		}
		return outcome{done: true, err: err.Error()}
	}
	if err := r.Budget.Count(s, r.Cached != nil && r.Cached(c.ID)); err != nil {
		r.stop(err)
	}
	out := outcome{done: true, blocked: record.Blocked}
	for _, e := range s.Evidence {
		out.evidence = append(out.evidence, e.Key)
	}
	out.drafted = s.Outcome == suggest.OutcomeDraft || s.Reason == suggest.ReasonBlockedOutput
	out.lost = s.Reason == suggest.ReasonBlockedOutput
	if !out.drafted {
		out.ended = string(s.Reason)
	}
	if s.Draft != nil && s.Outcome == suggest.OutcomeDraft {
		out.draft, out.sentences = s.Draft.Text, len(s.Draft.Claims)
		var sure []string
		for _, c := range s.Draft.Claims {
			if !c.Standing.Open() {
				sure = append(sure, c.Text)
			}
		}
		out.sure = strings.Join(sure, "\n")
	}
	if failure := eval.ProviderFailure(s, record, r.Embedded); failure != nil {
		out.err = failure.Error()
	}
	out.alarm = slices.ContainsFunc(s.Warnings, func(n suggest.Notice) bool { return n.Code == suggest.WarnInstructions })
	return out
}
