package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/purser-desk/purser/eval/stat"
)

// Options set up a simulation; the zero value is ready to use.
type Options struct {
	Assumptions Assumptions
	// Weeks of each replication; 0 means 2. Replications; 0 means 20.
	Weeks, Replications int
	Seed                uint64
}

// Result is what a simulation came to. Intervals are over replications: they
// tell the chance of arrivals and tickets, not whether assumptions are right.
type Result struct {
	Assumptions  Assumptions `json:"assumptions"`
	Weeks        int         `json:"weeks"`
	Replications int         `json:"replications"`
	Seed         uint64      `json:"seed"`
	Agents       AgentHours  `json:"agents"`
	Without      Figures     `json:"without_drafts"`
	With         Figures     `json:"with_drafts"`
	// Gain is replies per hour of work with drafts over those without, less 1.
	Gain stat.Estimate `json:"gain"`
	// Sensitivity says what the gain becomes when one assumption changes.
	Sensitivity []Sensitivity `json:"sensitivity"`
	Caveats     []string      `json:"caveats"`
}

// AgentHours is the staffing, the same with drafts and without.
type AgentHours struct {
	PerWeek float64 `json:"hours_per_week"`
	Most    int     `json:"most_at_once"`
}

// Figures are those of one arm.
type Figures struct {
	// RepliesPerHour is replies per hour that an agent is at work on tickets,
	// reading counted.
	RepliesPerHour stat.Estimate `json:"replies_per_agent_hour"`
	// Busy is the share of paid hours at work on tickets.
	Busy stat.Estimate `json:"busy_share"`
	// WithinPromise is the share of first replies in time; the median and the
	// 90th percentile are in minutes.
	WithinPromise stat.Estimate `json:"within_promise"`
	ReplyMedian   stat.Estimate `json:"first_reply_median_minutes"`
	ReplyP90      stat.Estimate `json:"first_reply_p90_minutes"`
	QueueMean     stat.Estimate `json:"queue_mean"`
	QueueMost     stat.Estimate `json:"queue_most"`
}

// Sensitivity is the gain with one assumption changed.
type Sensitivity struct {
	Assumption string  `json:"assumption"`
	Value      float64 `json:"value"`
	Gain       float64 `json:"gain"`
}

// Run plays the centre with drafts and without, on the same arrivals. It fails
// for assumptions that can't be, and when ctx ends.
func Run(ctx context.Context, tickets []Ticket, o Options) (Result, error) {
	if len(tickets) == 0 {
		return Result{}, errors.New("there are no tickets to play; take them from a run")
	}
	if o.Assumptions == (Assumptions{}) {
		o.Assumptions = Defaults()
	}
	if err := o.Assumptions.Validate(); err != nil {
		return Result{}, fmt.Errorf("assumptions: %w", err)
	}
	if o.Weeks <= 0 {
		o.Weeks = 2
	}
	if o.Replications <= 0 {
		o.Replications = 20
	}
	r := Result{
		Assumptions: o.Assumptions, Weeks: o.Weeks, Replications: o.Replications, Seed: o.Seed, Caveats: caveats(),
	}
	staff := o.Assumptions.staff(tickets)
	for _, n := range staff {
		r.Agents.PerWeek += float64(n)
		r.Agents.Most = max(r.Agents.Most, n)
	}
	var without, with arm
	var gains []float64
	for i := range o.Replications {
		if err := context.Cause(ctx); err != nil {
			return Result{}, err
		}
		random := rand.New(rand.NewPCG(o.Seed, uint64(i)+1)) //nolint:gosec // reproducible chance is wanted
		arrivals := o.Assumptions.arrivals(random, tickets, o.Weeks)
		if len(arrivals) == 0 {
			continue
		}
		a, b := play(arrivals, staff, o.Weeks, false), play(arrivals, staff, o.Weeks, true)
		without.add(a, o.Assumptions)
		with.add(b, o.Assumptions)
		gains = append(gains, a.busySeconds/b.busySeconds-1)
	}
	if len(gains) == 0 {
		return Result{}, errors.New("no ticket arrived; give more tickets per week, or more weeks")
	}
	r.Without, r.With, r.Gain = without.figures(), with.figures(), meanOf(gains)
	r.Sensitivity = sensitivity(tickets, o.Assumptions)
	return r, nil
}

// arm gathers an arm's figures, one for each replication.
type arm struct{ replies, busy, within, median, p90, queueMean, queueMost []float64 }

func (a *arm) add(p played, s Assumptions) {
	a.replies = append(a.replies, float64(p.replies)/(p.busySeconds/hour))
	a.busy = append(a.busy, p.busySeconds/p.paidSeconds)
	in, _ := slices.BinarySearch(p.waits, math.Nextafter(s.PromiseSeconds, math.Inf(1)))
	a.within = append(a.within, float64(in)/float64(len(p.waits)))
	a.median = append(a.median, stat.Quantile(p.waits, .5)/60)
	a.p90 = append(a.p90, stat.Quantile(p.waits, .9)/60)
	a.queueMean = append(a.queueMean, p.queueMean)
	a.queueMost = append(a.queueMost, float64(p.queueMost))
}

func (a *arm) figures() Figures {
	return Figures{
		RepliesPerHour: meanOf(a.replies), Busy: meanOf(a.busy), WithinPromise: meanOf(a.within),
		ReplyMedian: meanOf(a.median), ReplyP90: meanOf(a.p90), QueueMean: meanOf(a.queueMean), QueueMost: meanOf(a.queueMost),
	}
}

// meanOf is a mean with Student's interval.
func meanOf(values []float64) stat.Estimate {
	n := float64(len(values))
	var sum, square float64
	for _, v := range values {
		sum += v
	}
	e := stat.Estimate{Value: sum / n, N: len(values)}
	for _, v := range values {
		square += (v - e.Value) * (v - e.Value)
	}
	half := 0.
	if len(values) > 1 {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(1 - stat.Alpha/2)
		half = t * math.Sqrt(square/(n-1)/n)
	}
	e.Low, e.High = e.Value-half, e.Value+half
	return e
}

// sensitivity halves and doubles each assumption that a ticket's time hangs on,
// one at a time. The gain in work does not depend on arrivals, so it needs no
// play.
func sensitivity(tickets []Ticket, a Assumptions) []Sensitivity {
	gain := func(a Assumptions) float64 {
		var without, with float64
		for _, t := range tickets {
			x, y := t.seconds(a)
			without += x
			with += y
		}
		return without/with - 1
	}
	var out []Sensitivity
	for _, s := range []struct {
		name  string
		value func(*Assumptions) *float64
		most  float64
	}{
		{"reading_wpm", func(a *Assumptions) *float64 { return &a.ReadingWPM }, math.Inf(1)},
		{"writing_wpm", func(a *Assumptions) *float64 { return &a.WritingWPM }, math.Inf(1)},
		{"lookup_seconds", func(a *Assumptions) *float64 { return &a.LookupSeconds }, math.Inf(1)},
		{"check_seconds", func(a *Assumptions) *float64 { return &a.CheckSeconds }, math.Inf(1)},
		{"decide_seconds", func(a *Assumptions) *float64 { return &a.DecideSeconds }, math.Inf(1)},
		{"cited_words", func(a *Assumptions) *float64 { return &a.CitedWords }, math.Inf(1)},
		{"rewrite_share", func(a *Assumptions) *float64 { return &a.RewriteShare }, 1},
		{"discard_above", func(a *Assumptions) *float64 { return &a.DiscardAbove }, 1},
	} {
		for _, factor := range []float64{.5, 2} {
			changed := a
			v := s.value(&changed)
			*v = min(*v*factor, s.most)
			out = append(out, Sensitivity{s.name, *v, gain(changed)})
		}
	}
	return out
}

func caveats() []string {
	return []string{
		"This is a planning tool: it works out what the assumptions imply, and measures nothing.",
		"Agents are taken to read every draft and its sources; in life some approve unread, and some ignore drafts.",
		"The run's tickets are taken to be like those that arrive, and its gold replies like what agents would send.",
		"A randomised trial would have to measure: handling time per ticket with and without drafts (assigned by chance, by agent and day), the share approved, edited and thrown away, the words really changed, mistakes that reach customers in both arms, reopened tickets, and the customers' own rating.",
	}
}

// WriteText writes the result for people.
func (r *Result) WriteText(w io.Writer) error {
	line := func(name string, pick func(Figures) stat.Estimate, format string) string {
		a, b := pick(r.Without), pick(r.With)
		cell := func(e stat.Estimate) string {
			return fmt.Sprintf(format+" ("+format+" – "+format+")", e.Value, e.Low, e.High)
		}
		return fmt.Sprintf("%-34s %-28s %s\n", name, cell(a), cell(b))
	}
	text := fmt.Sprintf("%d replications of %d weeks, %.0f agent hours a week, at most %d agents at once\n\n", r.Replications, r.Weeks, r.Agents.PerWeek, r.Agents.Most)
	text += fmt.Sprintf("%-34s %-28s %s\n", "", "without drafts", "with drafts")
	text += line("replies per agent hour at work", func(f Figures) stat.Estimate { return f.RepliesPerHour }, "%.2f")
	text += line("share of paid hours at work", func(f Figures) stat.Estimate { return f.Busy }, "%.3f")
	text += line(fmt.Sprintf("first reply within %.0f minutes", r.Assumptions.PromiseSeconds/60), func(f Figures) stat.Estimate { return f.WithinPromise }, "%.3f")
	text += line("first reply, median, minutes", func(f Figures) stat.Estimate { return f.ReplyMedian }, "%.1f")
	text += line("first reply, 90th percentile", func(f Figures) stat.Estimate { return f.ReplyP90 }, "%.1f")
	text += line("queue, mean", func(f Figures) stat.Estimate { return f.QueueMean }, "%.1f")
	text += line("queue, longest", func(f Figures) stat.Estimate { return f.QueueMost }, "%.0f")
	text += fmt.Sprintf("\nWith drafts agents send %+.1f%% replies per hour of work (95%% interval %+.1f to %+.1f).\n\nIf one assumption changes:\n", 100*r.Gain.Value, 100*r.Gain.Low, 100*r.Gain.High)
	for _, s := range r.Sensitivity {
		text += fmt.Sprintf("  %-16s %8.2f  %+.1f%%\n", s.Assumption, s.Value, 100*s.Gain)
	}
	text += "\n"
	for _, c := range r.Caveats {
		text += c + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}
