package eval

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// Pipeline makes a suggestion without storing it; *suggest.Pipeline is one. It
// must be safe for concurrent use.
type Pipeline interface {
	Run(ctx context.Context, w suggest.Workspace, in suggest.Input, emit func(suggest.Event) error) (suggest.Suggestion, suggest.Record, error)
}

// Names of steps that the runner times itself.
const (
	stepTotal  = "total"
	stepSearch = "search"
)

// Depths of the ranking.
const (
	rankedMost  = 10
	searchLimit = 50
)

// Options set up a run.
type Options struct {
	Suite Suite
	// Pipeline drafts; Searcher ranks articles for the retrieval metrics, before
	// any silence, with the question that the pipeline searched for.
	Pipeline Pipeline
	Searcher knowledge.Searcher
	// Workspace holds the suite's knowledge.
	Workspace knowledge.Workspace
	// Concurrency is how many cases run at once; 0 means 1.
	Concurrency int
	// Progress is told after each case, one call at a time; may be nil.
	Progress func(done, total int)
	// Detect tells a draft's language; nil leaves that unmeasured.
	Detect func(s string) text.Guess
	// Resume is an earlier run of the same suite and knowledge that was ended:
	// what it did well is taken over. Nil begins anew.
	Resume *Report
	// Budget ends the run when it is used up.
	Budget Budget
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Run runs every case of the suite. A case that fails is reported with its
// error and stands in no metric. When ctx ends, what is done is kept: the
// report says that it is partial and comes with the error of ctx. So it is with
// ErrBudget when the budget is used up. It fails with *MismatchError when the
// run to resume was made of or with something else.
func Run(ctx context.Context, o Options) (Report, error) {
	if o.Pipeline == nil || o.Searcher == nil {
		return Report{}, errors.New("a run needs a pipeline and a searcher")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &runner{Options: o, done: make([]bool, len(o.Suite.Cases)), results: make([]CaseResult, len(o.Suite.Cases))}
	if err := r.resume(); err != nil {
		return Report{}, err
	}
	start := o.Now()
	ctx, r.stop = context.WithCancelCause(ctx)
	defer r.stop(nil)
	if r.spent {
		r.stop(ErrBudget)
	}
	r.all(ctx)
	if r.mixed != nil {
		return Report{}, r.mixed
	}
	report := Report{
		Format: Format,
		Suite: SuiteInfo{
			Name: o.Suite.Name, Hash: o.Suite.Hash, KnowledgeHash: o.Suite.KnowledgeHash, Cases: len(o.Suite.Cases),
		},
		Made:  r.made,
		Cases: make([]CaseResult, 0, len(r.results)),
	}
	for i, ok := range r.done {
		if ok {
			report.Cases = append(report.Cases, r.results[i])
		}
	}
	report.Partial = len(report.Cases) < len(r.done)
	report.Measure()
	report.Timing.Start, report.Timing.Seconds = start.UTC(), o.Now().Sub(start).Seconds()
	if report.Partial {
		return report, context.Cause(ctx)
	}
	return report, nil
}

// runner is one run under way.
type runner struct {
	Options
	mu      sync.Mutex
	done    []bool
	results []CaseResult
	count   int
	made    Made
	usage   Usage
	money   float64
	spent   bool
	stop    context.CancelCauseFunc
	mixed   error
}

func (r *runner) all(ctx context.Context) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(max(r.Concurrency, 1), max(len(r.results), 1)) {
		workers.Go(func() {
			for i := range next {
				r.one(ctx, i)
			}
		})
	}
	r.hand(ctx, next)
	close(next)
	workers.Wait()
}

// hand tells the workers what is to be done, until it is or ctx ends.
func (r *runner) hand(ctx context.Context, next chan<- int) {
	var open []int
	for i, done := range r.done {
		if !done {
			open = append(open, i)
		}
	}
	for _, i := range open {
		if ctx.Err() != nil {
			return
		}
		select {
		case next <- i:
		case <-ctx.Done():
			return
		}
	}
}

// one runs a case. What fails because the run was ended is not done rather
// than wrong.
func (r *runner) one(ctx context.Context, i int) {
	c := &r.Suite.Cases[i]
	result := expected(c)
	s, record, err := r.draft(ctx, c, &result)
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
		result.score(c, r.Detect)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[i], r.done[i] = result, true
	r.count++
	if err == nil {
		r.account(s, record, &r.results[i])
	}
	if r.Progress != nil {
		r.Progress(r.count, len(r.results))
	}
}

// expected begins a result with what the case says.
func expected(c *Case) CaseResult {
	return CaseResult{
		ID: c.ID, Lang: c.Lang, Channel: c.Channel, Tags: c.Tags, Expect: c.Expect, Want: c.Reason,
		GoldIDs: nonNil(c.GoldIDs), GoldReply: c.GoldReply, Question: c.Question(),
		Hash:   c.hash(),
		Ranked: []string{}, Scores: map[string]float64{}, Timing: map[string]float64{},
	}
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (r *runner) draft(ctx context.Context, c *Case, result *CaseResult) (suggest.Suggestion, suggest.Record, error) {
	start := r.Now()
	s, record, err := r.Pipeline.Run(ctx, r.Workspace, c.Input(), nil)
	if err != nil {
		return s, record, fmt.Errorf("draft: %w", err)
	}
	result.Timing[stepTotal] = milliseconds(r.Now().Sub(start))
	for _, t := range s.Timings {
		result.Timing[t.Step] += milliseconds(t.Duration)
	}
	return s, record, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// search ranks articles by the question that the pipeline made of the ticket.
func (r *runner) search(ctx context.Context, c *Case, record suggest.Record, result *CaseResult) error {
	if text.IsBlank(record.Question) {
		return nil
	}
	q := knowledge.Query{
		Text: record.Question, Locale: c.Lang, ExcludeLocales: c.ExcludeLangs, Labels: c.Labels,
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
	result.Timing[stepSearch] = milliseconds(r.Now().Sub(start))
	for i := range found.Hits {
		key := found.Hits[i].Key
		if len(result.Ranked) < rankedMost && !slices.Contains(result.Ranked, key) {
			result.Ranked = append(result.Ranked, key)
		}
	}
	return nil
}

// fill takes over what the pipeline made.
func (r *CaseResult) fill(s suggest.Suggestion, record suggest.Record) {
	r.Outcome, r.Reason, r.Confidence = s.Outcome, s.Reason, s.Confidence
	if s.Draft != nil && s.Outcome == suggest.OutcomeDraft {
		r.Text, r.Claims = s.Draft.Text, s.Draft.Claims
	}
	for i := range s.Evidence {
		e := &s.Evidence[i]
		r.Evidence = append(r.Evidence, EvidenceShown{
			Number: e.Number, Key: e.Key, Locale: e.Locale, Title: e.Title, Text: e.Text, Score: e.Score,
		})
	}
	r.Warnings, r.Degraded = codes(s.Warnings), codes(s.Degraded)
	r.Model = s.Provenance.Model
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

// add notes what made a suggestion.
func (m *Made) add(s suggest.Suggestion, record suggest.Record) {
	m.Versions = insert(m.Versions, s.Provenance.PurserVersion)
	m.Drafters = insert(m.Drafters, s.Provenance.Drafter)
	m.Models = insert(m.Models, s.Provenance.Model)
	m.Spaces = insert(m.Spaces, s.Provenance.Space)
	prompt := s.Provenance.PromptVersion
	if s.Provenance.PromptHash != "" {
		prompt = strings.TrimSpace(prompt + " " + s.Provenance.PromptHash)
	}
	m.Prompts = insert(m.Prompts, prompt)
	if m.Settings == nil {
		m.Settings = record.Settings
	}
}

// insert keeps a sorted list without repeats or blanks.
func insert(list []string, s string) []string {
	if s == "" {
		return list
	}
	i, there := slices.BinarySearch(list, s)
	if there {
		return list
	}
	return slices.Insert(list, i, s)
}
