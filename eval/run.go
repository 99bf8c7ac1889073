package eval

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// Pipeline makes a suggestion without storing it; *suggest.Pipeline is one. It
// must be safe for concurrent use.
type Pipeline interface {
	Run(ctx context.Context, w suggest.Workspace, in suggest.Input, emit func(suggest.Event) error) (suggest.Suggestion, suggest.Record, error)
}

// StepTotal is the whole pipeline among the timed steps.
const StepTotal = "total"

// stepSearch is the search of the retrieval metrics.
const stepSearch = "search"

// RankedMost is how many articles of a ranking count.
const RankedMost = 10

// searchLimit is how many articles are asked for.
const searchLimit = 50

// Options set up a run.
type Options struct {
	Suite suite.Suite
	// Pipeline drafts; Searcher ranks articles for the retrieval metrics, before
	// abstention, with the question that the pipeline searched for.
	Pipeline Pipeline
	Searcher knowledge.Searcher
	// Workspace holds the suite's knowledge.
	Workspace knowledge.Workspace
	// Concurrency is how many cases run at once; 0 means 1.
	Concurrency int
	// Progress is told after each case, one call at a time; may be nil.
	Progress func(done, total int)
	// ScorerOptions are what cases are scored with, and, for the record, how the
	// model is asked.
	ScorerOptions
	// Resume is an earlier run of the same suite and knowledge that was ended:
	// what it did well is taken over. Nil begins anew.
	Resume *Report
	// Part is what of the suite to run; the zero value is all of it.
	Part suite.Part
	// Limits bound what the run asks of a model, what it takes over from a run to
	// resume included; the run ends when they are reached.
	Limits Limits
	// Cached reports whether the draft of a case, by its id, was taken from
	// answers that were kept, so that it cost nothing; nil means none was.
	Cached func(id string) bool
	// Grace is how long cases that are under way may still take when ctx ends.
	Grace time.Duration
	// AllowDegraded counts what was drafted without the model because its
	// provider failed, or found by words alone because the embedder did, as if
	// nothing had happened. Otherwise such cases are errors.
	AllowDegraded bool
	// Embedded says that questions are embedded, so that searching by words
	// alone is a failure.
	Embedded bool
	// Checkpoint is given what is done every CheckpointEvery; may be nil.
	Checkpoint      func(Report)
	CheckpointEvery time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Run runs every case of the suite, or of a part of it. A case that fails is
// reported with its error and stands in no metric. When ctx ends, what is done
// is kept: the report says that it is partial and comes with the error of ctx.
// So it is with ErrBudget when Limits are reached. It fails with
// *ResumeError when the run to resume was made of or with something else, and
// with *PartError for a part that the suite does not hold.
func Run(ctx context.Context, o Options) (Report, error) {
	r, err := newRunner(o)
	if err != nil {
		return Report{}, err
	}
	start := r.Now()
	begin, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.stop = stop
	if err := r.resume(); err != nil {
		return Report{}, err
	}
	work, end := outlive(ctx, o.Grace)
	defer end(nil)
	checkpoints := r.checkpoints(start)
	r.all(begin, work)
	checkpoints()
	if r.refused != nil {
		return Report{}, r.refused
	}
	report := r.report(start)
	report.Measure()
	if len(report.Cases) < len(r.cases) {
		return report, context.Cause(begin)
	}
	return report, r.Prices.CheckAll(report.Cases, r.Asked)
}

// runner is one run under way.
type runner struct {
	Options
	scorer *Scorer
	cases  []suite.Case
	budget *Budget
	// stop ends the beginning of cases.
	stop context.CancelCauseFunc

	mu      sync.Mutex
	done    []bool
	results []CaseResult
	count   int
	config  Configuration
	refused error
}

func newRunner(o Options) (*runner, error) {
	if o.Pipeline == nil || o.Searcher == nil {
		return nil, errors.New("a run needs a pipeline and a searcher")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	cases, err := o.Suite.Select(o.Part)
	if err != nil {
		return nil, err
	}
	return &runner{
		Options: o, cases: cases, done: make([]bool, len(cases)), results: make([]CaseResult, len(cases)), budget: NewBudget(o.Limits, o.Prices, o.Asked),
		scorer: NewScorer(o.ScorerOptions), config: Configuration{Asked: o.Asked, Prices: o.Prices},
	}, nil
}

// outlive is a context that ends a while after ctx does.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelCauseFunc) {
	longer, end := context.WithCancelCause(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		if grace > 0 {
			select {
			case <-timer.C:
			case <-longer.Done():
			}
		}
		end(context.Cause(ctx))
	})
	return longer, end
}

// checkpoints hands out what is done, from time to time, until it is stopped.
func (r *runner) checkpoints(start time.Time) (stop func()) {
	if r.Checkpoint == nil || r.CheckpointEvery <= 0 {
		return func() {}
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		wait := time.NewTimer(r.CheckpointEvery)
		defer wait.Stop()
		for {
			select {
			case <-quit:
				return
			case <-wait.C:
			}
			begun := time.Now()
			if report := r.report(start); len(report.Cases) > 0 {
				report.Measure()
				r.Checkpoint(report)
			}
			// A large run is not held up by its checkpoints.
			wait.Reset(max(r.CheckpointEvery, 10*time.Since(begun)))
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}

// report is what is done so far, not yet measured.
func (r *runner) report(start time.Time) Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	report := Report{
		Format: Format,
		Suite: SuiteInfo{
			Name: r.Suite.Name, Hash: r.Suite.Hash, KnowledgeHash: r.Suite.KnowledgeHash, Cases: len(r.Suite.Cases),
		},
		Configuration: r.config,
		Cases:         make([]CaseResult, 0, len(r.results)),
	}
	for i, ok := range r.done {
		if ok {
			report.Cases = append(report.Cases, r.results[i])
		}
	}
	if !r.Part.IsWhole() {
		part := r.Part
		report.Part = &part
	}
	report.Partial = len(report.Cases) < len(r.Suite.Cases)
	report.Timing.Start, report.Timing.Seconds = start.UTC(), r.Now().Sub(start).Seconds()
	if r.Resume != nil {
		report.Timing.Start = r.Resume.Timing.Start
		report.Timing.Seconds += r.Resume.Timing.Seconds
	}
	return report
}

// all runs what is open: no case begins after begin has ended, and those that
// have may take until work does.
func (r *runner) all(begin, work context.Context) {
	var workers errgroup.Group
	workers.SetLimit(max(r.Concurrency, 1))
	for i, done := range slices.Clone(r.done) {
		if done || begin.Err() != nil {
			continue
		}
		workers.Go(func() error {
			if r.budget.Take(begin) {
				r.one(work, i)
			}
			return nil
		})
	}
	_ = workers.Wait() // none of them fails: a case that does is told by its result
}

// one runs a case. What fails because the run was ended is not done rather
// than wrong.
func (r *runner) one(ctx context.Context, i int) {
	c := &r.cases[i]
	result := Expected(c)
	s, record, err := r.draft(ctx, c, &result)
	cached := r.Cached != nil && r.Cached(c.ID)
	if s.Provenance.PromptVersion == "" && err == nil || cached {
		r.budget.pace.Release()
	}
	if err == nil {
		err = r.search(ctx, c, record, &result)
	}
	if err != nil {
		if ctx.Err() != nil {
			return
		}
		result.Error = err.Error()
		result.Timing = map[string]float64{}
	} else {
		result.fill(s, record)
		r.scorer.Score(&result, c)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[i], r.done[i] = result, true
	r.count++
	if err == nil {
		r.account(s, record, &r.results[i], cached)
	}
	if r.Progress != nil {
		r.Progress(r.count, len(r.results))
	}
}

// Expected begins a result with what the case says.
func Expected(c *suite.Case) CaseResult {
	return CaseResult{
		ID: c.ID, Lang: c.Lang, Channel: c.Channel, Tags: c.Tags, Weight: c.Weight, Expect: c.Expect, Want: c.Reason,
		GoldIDs: append([]string{}, c.GoldIDs...), ExcludeIDs: c.ExcludeIDs, GoldReply: c.GoldReply, Question: c.Question(), Ticket: ticketOf(c), Hash: c.Hash(),
		Ranked: []string{}, Scores: map[string]float64{}, Timing: map[string]float64{},
	}
}

func (r *runner) draft(ctx context.Context, c *suite.Case, result *CaseResult) (suggest.Suggestion, suggest.Record, error) {
	start := r.Now()
	s, record, err := r.Pipeline.Run(ctx, r.Workspace, c.Input(), nil)
	if err != nil {
		return s, record, fmt.Errorf("draft: %w", err)
	}
	if !r.AllowDegraded {
		if err := ProviderFailure(s, record, r.Embedded); err != nil {
			return s, record, err
		}
	}
	result.Timing[StepTotal] = milliseconds(r.Now().Sub(start))
	for _, t := range s.Timings {
		result.Timing[t.Step] += milliseconds(t.Duration)
	}
	return s, record, nil
}

// ProviderFailure is the error of a suggestion that was made although a provider
// failed, nil of others: what another drafter or another search made of a case
// is not to pass for what was to be measured. embedded says that questions are
// embedded, so that searching by words alone is a failure.
func ProviderFailure(s suggest.Suggestion, record suggest.Record, embedded bool) error {
	if IsProviderFault(record.Fault) {
		return fmt.Errorf("the model's provider failed: %s", record.Fault)
	}
	if embedded && slices.ContainsFunc(s.Degraded, func(n suggest.Notice) bool { return n.Code == suggest.DegradedWordsOnly }) {
		return errors.New("the embedder failed: searched by words alone")
	}
	return nil
}

// IsProviderFault tells failures of a provider from what a model did: an answer
// that is empty, filtered or too long is the model's own.
func IsProviderFault(f suggest.DraftFault) bool {
	switch f {
	case suggest.FaultUnreachable, suggest.FaultUnauthorized, suggest.FaultModelNotFound, suggest.FaultRateLimited,
		suggest.FaultProvider, suggest.FaultRejected, suggest.FaultNotJSON, suggest.FaultCut, suggest.FaultTooSlow:
		return true
	case suggest.FaultEmpty, suggest.FaultLength, suggest.FaultFiltered, suggest.FaultNoAnswer, suggest.FaultOtherLanguage, suggest.FaultOverlong,
		suggest.FaultContext, suggest.FaultThoughts:
	}
	return false
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// search ranks articles by the question that the pipeline made of the ticket.
func (r *runner) search(ctx context.Context, c *suite.Case, record suggest.Record, result *CaseResult) error {
	if text.IsBlank(record.Question) {
		return nil
	}
	q := knowledge.Query{
		Text: record.Question, Locale: c.Lang, ExcludeLocales: c.ExcludeLangs, ExcludeKeys: c.ExcludeIDs, Labels: c.Labels,
		Limit: searchLimit, PassagesPerArticle: 1, Time: r.Now(),
	}
	if q.Locale == "" {
		q.Locale = record.Locale
	}
	start := r.Now()
	found, err := r.Searcher.Search(ctx, r.Workspace, q)
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	if r.Embedded && found.WordsOnly && !r.AllowDegraded {
		return errors.New("the embedder failed: ranked by words alone")
	}
	result.Timing[stepSearch] = milliseconds(r.Now().Sub(start))
	for i := range found.Hits {
		key := found.Hits[i].Key
		if len(result.Ranked) < RankedMost && !slices.Contains(result.Ranked, key) {
			result.Ranked = append(result.Ranked, key)
		}
	}
	return nil
}

// fill takes over what the pipeline made.
func (r *CaseResult) fill(s suggest.Suggestion, record suggest.Record) {
	r.Outcome, r.Reason, r.Confidence = s.Outcome, s.Reason, s.Confidence
	r.Requests = s.Requests
	r.assessedBy(record.Assessment)
	if s.Draft != nil && s.Outcome == suggest.OutcomeDraft {
		r.Text, r.Claims, r.LeftOut = s.Draft.Text, s.Draft.Claims, s.Draft.LeftOut
	}
	for i := range s.Evidence {
		e := &s.Evidence[i]
		r.Evidence = append(r.Evidence, EvidenceShown{
			Number: e.Number, Key: e.Key, Locale: e.Locale, Title: e.Title, Text: e.Passage().Markdown(), Score: e.Score,
		})
	}
	r.Warnings, r.Degraded = codes(s.Warnings), codes(s.Degraded)
	r.Model, r.PromptHash = s.Provenance.Model, s.Provenance.PromptHash
	r.PromptTokens, r.CompletionTokens = s.Provenance.PromptTokens, s.Provenance.CompletionTokens
	for name, value := range record.Features {
		// What is measured in time differs from run to run.
		if step, isTime := strings.CutSuffix(name, "_ms"); isTime {
			r.Timing[step] = value
			continue
		}
		if r.Features == nil {
			r.Features = map[string]float64{}
		}
		r.Features[name] = value
	}
}

func codes(notices []suggest.Notice) []suggest.NoticeCode {
	var out []suggest.NoticeCode
	for _, n := range notices {
		if !slices.Contains(out, n.Code) {
			out = append(out, n.Code)
		}
	}
	return out
}
