package simulate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/simulate"
	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

func run(t *testing.T, tickets []simulate.Ticket, o simulate.Options) simulate.Result {
	t.Helper()
	o.SkipSensitivity = true
	return runAll(t, tickets, o)
}

// runAll is run with the sensitivity, which takes its time.
func runAll(t *testing.T, tickets []simulate.Ticket, o simulate.Options) simulate.Result {
	t.Helper()
	r, err := simulate.Run(t.Context(), tickets, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// drafted has a good draft, silent none.
func drafted() simulate.Ticket {
	return simulate.Ticket{MessageWords: 60, ReplyWords: 100, HasArticle: true, DraftWords: 90, ChangedShare: .1}
}

func silent() simulate.Ticket {
	return simulate.Ticket{MessageWords: 60, ReplyWords: 100, HasArticle: true}
}

func TestTimesAreThoseOfTheAssumptions(t *testing.T) {
	t.Parallel()
	a := simulate.Defaults()
	a.Spread, a.DisruptionsPerWeek = 0, 0
	r := run(t, []simulate.Ticket{drafted()}, simulate.Options{Assumptions: a, Replications: 2, Weeks: 1})
	without := 60./238*60 + 60 + 100./33*60 + 8
	with := 60./238*60 + (90+80.)/238*60 + 10 + 8 + .1*.5*100/33*60
	for name, pair := range map[string][2]float64{
		"without": {r.Without.RepliesPerHour.Value, 3600 / without}, "with": {r.With.RepliesPerHour.Value, 3600 / with},
		"gain": {r.Gain.Value, without/with - 1},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-6*pair[1] {
			t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
		}
	}
}

func TestDraftsThatNeverComeGainNothing(t *testing.T) {
	t.Parallel()
	r := run(t, []simulate.Ticket{silent()}, simulate.Options{Replications: 3})
	if r.Gain.Value != 0 {
		t.Errorf("gain is %v", r.Gain.Value)
	}
	if diff := cmp.Diff(r.Without, r.With); diff != "" {
		t.Errorf("the arms differ:\n%s", diff)
	}
}

func TestBadDraftsCostTime(t *testing.T) {
	t.Parallel()
	bad := drafted()
	bad.HasArticle, bad.ChangedShare = false, 1
	if r := run(t, []simulate.Ticket{bad}, simulate.Options{Replications: 3}); r.Gain.Value >= 0 {
		t.Errorf("drafts that are thrown away gain %v", r.Gain.Value)
	}
}

func TestWorkThatFitsTheStaffKeepsThePromise(t *testing.T) {
	t.Parallel()
	a := simulate.Defaults()
	a.DisruptionsPerWeek = 0
	r := run(t, []simulate.Ticket{drafted(), silent()}, simulate.Options{Assumptions: a, Replications: 5})
	if b := r.Without.Busy.Value; b < .6 || b > .85 {
		t.Errorf("agents are busy for %v of the time, and were staffed for .85", b)
	}
	if r.Without.WithinPromise.Value < .99 || r.With.WithinPromise.Value < r.Without.WithinPromise.Value {
		t.Errorf("within the promise: %v without drafts, %v with", r.Without.WithinPromise.Value, r.With.WithinPromise.Value)
	}
	if r.With.QueueMean.Value > r.Without.QueueMean.Value {
		t.Errorf("queues: %v without drafts, %v with", r.Without.QueueMean.Value, r.With.QueueMean.Value)
	}
	a.DisruptionsPerWeek, a.DisruptionFactor = 2, 6
	worse := run(t, []simulate.Ticket{drafted(), silent()}, simulate.Options{Assumptions: a, Replications: 5})
	if worse.Without.ReplyP90.Value <= r.Without.ReplyP90.Value {
		t.Errorf("disruptions do not lengthen replies: %v, then %v", r.Without.ReplyP90.Value, worse.Without.ReplyP90.Value)
	}
}

// With one agent always on duty, Poisson arrivals and exponential-like spread
// the queue is near that of Pollaczek and Khinchine: ρ²(1+c²)/(2(1−ρ)).
func TestQueueIsAsTheorySays(t *testing.T) {
	t.Parallel()
	a := simulate.Defaults()
	a.NightShare, a.WeekendShare, a.DisruptionsPerWeek, a.Spread = 1, 1, 0, .8
	ticket := silent()
	service := 60./238*60 + 60 + 100./33*60 + 8
	a.TicketsPerWeek = .7 * 7 * 24 * 3600 / service
	a.Occupancy = 1
	r := run(t, []simulate.Ticket{ticket}, simulate.Options{Assumptions: a, Weeks: 20, Replications: 10})
	want := .7 * .7 * (1 + .8*.8) / (2 * .3)
	if got := r.Without.QueueMean.Value; r.Agents.Most != 1 || math.Abs(got-want) > .1*want {
		t.Errorf("with %d agents the queue is %v on average, want %v", r.Agents.Most, got, want)
	}
}

func TestResultIsReproducible(t *testing.T) {
	t.Parallel()
	o := simulate.Options{Weeks: 1, Replications: 2, Seed: 5}
	a, b := runAll(t, []simulate.Ticket{drafted(), silent()}, o), runAll(t, []simulate.Ticket{drafted(), silent()}, o)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("two plays differ:\n%s", diff)
	}
	o.Seed = 6
	if c := run(t, []simulate.Ticket{drafted(), silent()}, o); cmp.Equal(a.Without, c.Without) {
		t.Error("another seed plays the same")
	}
}

func TestWrongAssumptionsAreNamed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(a *simulate.Assumptions)
		want   string
	}{
		{"negative", func(a *simulate.Assumptions) { a.LookupSeconds = -1 }, "lookup_seconds is -1"},
		{"no number", func(a *simulate.Assumptions) { a.Spread = math.NaN() }, "spread is NaN"},
		{"no speed", func(a *simulate.Assumptions) { a.WritingWPM = 0 }, "writing_wpm is 0"},
		{"too busy", func(a *simulate.Assumptions) { a.Occupancy = 1.2 }, "occupancy"},
		{"too many", func(a *simulate.Assumptions) { a.TicketsPerWeek = 1e9 }, "tickets_per_week is 1e+09; give a number from 1 to 200000"},
		{"hardly writing", func(a *simulate.Assumptions) { a.WritingWPM = 1e-300 }, "writing_wpm is 1e-300; give a number from 2 to 500"},
		{"disruption upon disruption", func(a *simulate.Assumptions) { a.DisruptionsPerWeek = 1e12 }, "disruptions_per_week"},
		{"for ever", func(a *simulate.Assumptions) { a.DisruptionHours = math.Inf(1) }, "disruption_hours is +Inf"},
		{"more by night than by day", func(a *simulate.Assumptions) { a.NightShare = 1.5 }, "night_share is 1.5; give a number from 0 to 1"},
		{"more than all words", func(a *simulate.Assumptions) { a.RewriteShare = 2 }, "rewrite_share is 2"},
		{"the first of several", func(a *simulate.Assumptions) { a.PromiseSeconds, a.Spread, a.NightShare = 0, -1, -1 }, "night_share is -1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := simulate.Defaults()
			test.change(&a)
			_, err := simulate.Run(t.Context(), []simulate.Ticket{silent()}, simulate.Options{Assumptions: a})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestWhatCantBePlayedIsNamed(t *testing.T) {
	t.Parallel()
	strange := func(change func(*simulate.Ticket)) []simulate.Ticket {
		ticket := drafted()
		change(&ticket)
		return []simulate.Ticket{silent(), ticket}
	}
	idle, busy := simulate.Defaults(), simulate.Defaults()
	idle.DecideSeconds, idle.LookupSeconds = 0, 0
	busy.TicketsPerWeek = 200_000
	tests := []struct {
		name    string
		tickets []simulate.Ticket
		o       simulate.Options
		want    string
	}{
		{"no tickets", nil, simulate.Options{}, "no tickets to play"},
		{"a century", []simulate.Ticket{silent()}, simulate.Options{Weeks: 5200}, "give 1 to 52"},
		{"before the start", []simulate.Ticket{silent()}, simulate.Options{Weeks: -1}, "-1 weeks"},
		{"too often", []simulate.Ticket{silent()}, simulate.Options{Replications: 501}, "give 1 to 500"},
		{"too much", []simulate.Ticket{silent()}, simulate.Options{Assumptions: busy, Weeks: 52}, "10400000 tickets take too long"},
		{"no time", []simulate.Ticket{{}}, simulate.Options{Assumptions: idle}, "ticket 1 would take no time"},
		{"a negative length", strange(func(t *simulate.Ticket) { t.DraftWords = -1 }), simulate.Options{}, "ticket 2: the words of the draft are -1"},
		{"no length", strange(func(t *simulate.Ticket) { t.ReplyWords = math.NaN() }), simulate.Options{}, "ticket 2: the words of the reply are NaN"},
		{"an endless message", strange(func(t *simulate.Ticket) { t.MessageWords = math.Inf(1) }), simulate.Options{}, "ticket 2: the words of the message"},
		{"more than all", strange(func(t *simulate.Ticket) { t.ChangedShare = 1.1 }), simulate.Options{}, "the changed share are 1.1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := simulate.Run(t.Context(), test.tickets, test.o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

// Every assumption may be set to either of its bounds, alone, without a play
// that hangs or a figure that is none.
func TestPlaysAtTheBounds(t *testing.T) {
	t.Parallel()
	for _, d := range simulate.AssumedList() {
		for _, v := range []float64{d.Least, d.Most} {
			a := simulate.Defaults()
			if d.Name != "tickets_per_week" {
				a.TicketsPerWeek = 50
			} else if v == d.Most {
				v = 5000 // the bound itself takes seconds, and nothing else
			}
			a = d.With(a, v)
			r, err := simulate.Run(t.Context(), []simulate.Ticket{drafted(), silent()}, simulate.Options{Assumptions: a, Weeks: 1, Replications: 1, Seed: 3, SkipSensitivity: true})
			if err != nil && !strings.Contains(err.Error(), "no ticket arrived") {
				t.Errorf("%s %v: %v", d.Name, v, err)
				continue
			}
			if _, err := json.Marshal(r); err != nil {
				t.Errorf("%s %v: %v", d.Name, v, err)
			}
		}
	}
}

func TestSensitivityTellsOfEveryAssumption(t *testing.T) {
	t.Parallel()
	r := runAll(t, []simulate.Ticket{drafted(), silent()}, simulate.Options{Weeks: 1, Replications: 4})
	seen := map[string][]simulate.Sensitivity{}
	for _, s := range r.Sensitivity {
		seen[s.Assumption] = append(seen[s.Assumption], s)
	}
	for _, d := range simulate.AssumedList() {
		if len(seen[d.Name]) != 2 || seen[d.Name][0].Value >= seen[d.Name][1].Value {
			t.Errorf("%s: %+v", d.Name, seen[d.Name])
		}
	}
	half, double := seen["writing_wpm"][0], seen["writing_wpm"][1]
	if half.Gain.Value <= r.Gain.Value || double.Gain.Value >= r.Gain.Value || r.Gain.Low >= r.Gain.Value || r.Gain.High <= r.Gain.Value {
		t.Errorf("who writes slowly gains %v, who writes fast %v, between them %+v", half.Gain.Value, double.Gain.Value, r.Gain)
	}
	if few, many := seen["tickets_per_week"][0], seen["tickets_per_week"][1]; few.WithoutPromise.Value <= many.WithoutPromise.Value || few.WithoutQueue.Value >= many.WithoutQueue.Value {
		t.Errorf("with half the tickets %v are in time, with twice as many %v", few.WithoutPromise.Value, many.WithoutPromise.Value)
	}
	if r.Agents.EnoughWithDrafts >= r.Agents.PerWeek {
		t.Errorf("agents: %+v", r.Agents)
	}
}

// What disruptions bring is part of the tickets of a week, also where they
// overlap.
func TestDisruptionsKeepTheWeeklyNumber(t *testing.T) {
	t.Parallel()
	a := simulate.Defaults()
	a.TicketsPerWeek, a.DisruptionsPerWeek, a.DisruptionHours, a.DisruptionFactor, a.Spread = 1000, 10, 24, 5, 0
	r := run(t, []simulate.Ticket{silent()}, simulate.Options{Assumptions: a, Weeks: 20, Replications: 5})
	// Share of paid hours at work, times those hours, over the time of a ticket.
	got := r.Without.Busy.Value * r.Agents.PerWeek * r.Without.RepliesPerHour.Value
	if math.Abs(got-1000) > 40 {
		t.Errorf("%v tickets a week, want 1000", got)
	}
}

func TestPlayEndsInTheMiddleOfAReplication(t *testing.T) {
	t.Parallel()
	a := simulate.Defaults()
	a.TicketsPerWeek = 200_000
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := simulate.Run(ctx, []simulate.Ticket{silent()}, simulate.Options{Assumptions: a, Weeks: 10, Replications: 1})
	if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > 2*time.Second {
		t.Errorf("after %v: %v", took, err)
	}
}

func TestPlayEndsWithItsContext(t *testing.T) {
	t.Parallel()
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := simulate.Run(ctx, []simulate.Ticket{silent()}, simulate.Options{}); !errors.Is(err, stop) {
		t.Errorf("error is %v", err)
	}
}

func TestFromRun(t *testing.T) {
	t.Parallel()
	r := &eval.Report{Cases: []eval.CaseResult{
		{ID: "good", Question: "a b c", Expect: suite.ExpectAnswer, GoldIDs: []string{"x"}, GoldReply: "one two three four", Outcome: suggest.OutcomeDraft, Text: "one two three five"},
		{ID: "silent", Question: "a b", Expect: suite.ExpectAnswer, Outcome: suggest.OutcomeNoDraft},
		{ID: "wrong", Question: "a", Expect: suite.ExpectNone, Outcome: suggest.OutcomeDraft, Text: "one two"},
		{ID: "unknown", Question: "a", Expect: suite.ExpectAnswer, Outcome: suggest.OutcomeDraft, Text: "one two"},
		{ID: "undecided", Question: "a", Expect: suite.ExpectOpen, GoldReply: "one two three four", Outcome: suggest.OutcomeDraft, Text: "one two six five"},
	}}
	tickets, missing, err := simulate.FromRun(r)
	if err != nil {
		t.Fatal(err)
	}
	if missing != (simulate.Missing{}) {
		t.Errorf("nothing is missing: %+v", missing)
	}
	want := []simulate.Ticket{
		{MessageWords: 3, ReplyWords: 4, HasArticle: true, DraftWords: 4, ChangedShare: .25},
		{MessageWords: 2, ReplyWords: 4},
		{MessageWords: 1, ReplyWords: 4, DraftWords: 2, ChangedShare: 1},
		{MessageWords: 1, ReplyWords: 4, DraftWords: 2, ChangedShare: .375, Assumed: true},
		{MessageWords: 1, ReplyWords: 4, DraftWords: 4, ChangedShare: .5},
	}
	if diff := cmp.Diff(want, tickets); diff != "" {
		t.Errorf("tickets (-want +got):\n%s", diff)
	}
	if _, _, err := simulate.FromRun(&eval.Report{}); err == nil {
		t.Error("an empty run gave tickets")
	}
	r.Cases = r.Cases[3:4]
	if _, _, err := simulate.FromRun(r); err == nil || !strings.Contains(err.Error(), "gold_reply") {
		t.Errorf("drafts without any gold reply: %v", err)
	}
}

// Failures fall on the tickets that reach a drafter, so what a run of many
// failures is left with says nothing of drafts.
func TestFromRunRefusesFailures(t *testing.T) {
	t.Parallel()
	of := func(good, failed int, change func(*eval.CaseResult)) *eval.Report {
		r := &eval.Report{Suite: eval.SuiteInfo{Cases: good + failed}}
		for i := range good + failed {
			c := eval.CaseResult{Question: "a b", Expect: suite.ExpectAnswer, GoldReply: "one two", Outcome: suggest.OutcomeDraft, Text: "one two"}
			if i >= good {
				c.Error = "down"
				if change != nil {
					change(&c)
				}
			}
			r.Cases = append(r.Cases, c)
		}
		return r
	}
	weighty := of(199, 1, func(c *eval.CaseResult) { c.Weight = 500 })
	for i := range weighty.Cases[:199] {
		weighty.Cases[i].Weight = 1
	}
	for name, c := range map[string]struct {
		run    *eval.Report
		said   string
		failed int
	}{
		"none":                          {of(20, 0, nil), "", 0},
		"one in a hundred":              {of(198, 2, nil), "", 2},
		"more":                          {of(198, 3, nil), "3 of the run's 201 tickets failed", 0},
		"few, and one is many":          {weighty, "1 of the run's 200 tickets failed", 0},
		"counterparts, which no one is": {of(20, 5, func(c *eval.CaseResult) { c.Tags = []string{suite.TagGoldHidden} }), "", 0},
		"all":                           {of(0, 4, nil), "4 of the run's 4 tickets failed", 0},
	} {
		tickets, missing, err := simulate.FromRun(c.run)
		if c.said != "" {
			if err == nil || !strings.Contains(err.Error(), c.said) || !strings.Contains(err.Error(), "--resume") {
				t.Errorf("%s: error is %v", name, err)
			}
			continue
		}
		if err != nil || missing.Failed != c.failed || missing.Coverage != "" || len(tickets) == 0 {
			t.Errorf("%s: %d tickets, missing %+v, %v", name, len(tickets), missing, err)
		}
	}
}

func TestResultSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	r := run(t, []simulate.Ticket{drafted(), silent()}, simulate.Options{
		Weeks: 1, Replications: 2, Missing: simulate.Missing{Failed: 1, Coverage: "3 of 5 cases were run"},
	})
	if r.Basis.Failed != 1 || r.Basis.Coverage != "3 of 5 cases were run" {
		t.Errorf("basis: %+v", r.Basis)
	}
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 more failed and is left out", "The run is partial: 3 of 5 cases were run."} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, b.String())
		}
	}
}

func TestTextSaysWhatItIs(t *testing.T) {
	t.Parallel()
	r := runAll(t, []simulate.Ticket{drafted(), silent()}, simulate.Options{Weeks: 1, Replications: 2})
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Drawn from 2 tickets of the run, 1 with a draft", "replies per agent hour", "first reply within 60 minutes", "planning tool", "randomised trial", "writing_wpm"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, b.String())
		}
	}
}

func TestTicketsStandForAsManyAsTheyWeigh(t *testing.T) {
	t.Parallel()
	copies := runAll(t, []simulate.Ticket{drafted(), silent(), silent(), silent()}, simulate.Options{Replications: 10, SkipSensitivity: true})
	one, three := drafted(), silent()
	one.Weight, three.Weight = 1, 3
	weighed := runAll(t, []simulate.Ticket{one, three}, simulate.Options{Replications: 10, SkipSensitivity: true})
	if diff := math.Abs(copies.Gain.Value - weighed.Gain.Value); diff > 1e-12 || copies.Agents.PerWeek != weighed.Agents.PerWeek {
		t.Errorf("four tickets gain %v with %v hours, two that weigh as much %v with %v",
			copies.Gain.Value, copies.Agents.PerWeek, weighed.Gain.Value, weighed.Agents.PerWeek)
	}
	if a, b := copies.With.RepliesPerHour, weighed.With.RepliesPerHour; b.Value < a.Low-.5 || b.Value > a.High+.5 {
		t.Errorf("%v replies an hour, and %v by weight", a, b)
	}
}

func TestFromRunTakesThoseThatArrive(t *testing.T) {
	t.Parallel()
	r := &eval.Report{Cases: []eval.CaseResult{
		{ID: "a", Question: "a b c", Expect: suite.ExpectOpen, Outcome: suggest.OutcomeNoDraft, Weight: 12},
		{ID: "added", Question: "a b", Expect: suite.ExpectOpen, Outcome: suggest.OutcomeNoDraft},
		{ID: "a without gold", Question: "a b c", Expect: suite.ExpectNone, Outcome: suggest.OutcomeNoDraft, Tags: []string{suite.TagGoldHidden}, Weight: 12},
	}}
	tickets, _, err := simulate.FromRun(r)
	if err != nil || len(tickets) != 1 || tickets[0].Weight != 12 {
		t.Errorf("tickets are %v, %v", tickets, err)
	}
}

func TestFiguresAreWhatTheyCanBe(t *testing.T) {
	t.Parallel()
	a := simulate.Defaults()
	a.TicketsPerWeek, a.DisruptionFactor, a.DisruptionHours = 60, 50, 100
	r := runAll(t, []simulate.Ticket{drafted(), silent()}, simulate.Options{Assumptions: a, Replications: 3, SkipSensitivity: true})
	for name, e := range map[string]stat.Estimate{
		"median": r.Without.ReplyMedian, "p90": r.Without.ReplyP90, "queue": r.Without.QueueMean, "longest": r.Without.QueueMost,
	} {
		if e.Low < 0 {
			t.Errorf("%s goes below nothing: %v", name, e)
		}
	}
	if e := r.With.WithinPromise; e.High > 1 || e.Low < 0 {
		t.Errorf("a share is %v", e)
	}
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil || strings.Contains(b.String(), "at most 1 agents") {
		t.Errorf("%v: %s", err, b.String())
	}
}

func TestFromRunHoldsDraftsAgainstWhatIsKnown(t *testing.T) {
	t.Parallel()
	r := &eval.Report{Cases: []eval.CaseResult{
		{ID: "open", Question: "a", Expect: suite.ExpectOpen, GoldReply: "one two three four", Outcome: suggest.OutcomeDraft, Text: "one two three five"},
		{ID: "unknown", Question: "a", Expect: suite.ExpectAnswer, Outcome: suggest.OutcomeDraft, Text: "one two"},
		{ID: "human", Question: "a", Expect: suite.ExpectHuman, GoldReply: "one", Outcome: suggest.OutcomeDraft, Text: "one"},
	}}
	tickets, _, err := simulate.FromRun(r)
	if err != nil || tickets[0].ChangedShare != .25 || tickets[1].ChangedShare != .25 || tickets[2].ChangedShare != 1 {
		t.Errorf("tickets are %v, %v", tickets, err)
	}
	r.Cases[0].GoldReply = ""
	if _, _, err := simulate.FromRun(r); err == nil || !strings.Contains(err.Error(), "a gold_reply") {
		t.Errorf("error is %v", err)
	}
}
