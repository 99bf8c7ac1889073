package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"

	gonum "gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/internal/say"
)

// Options set up a simulation; the zero value is ready to use.
type Options struct {
	Assumptions Assumptions
	// Weeks of each replication, 1 to MostWeeks; 0 means 2. Replications, 1 to
	// MostReplications; 0 means 20.
	Weeks, Replications int
	Seed                uint64
	// Missing is what the tickets lack of the suite that they are of, for the
	// result.
	Missing Missing
	// SkipSensitivity leaves out what is most of the work.
	SkipSensitivity bool
}

// Result is what a simulation came to. Intervals of Figures are over
// replications, that of the gain over the run's tickets: they tell chance, never
// whether assumptions are right.
type Result struct {
	Assumptions  Assumptions `json:"assumptions"`
	Weeks        int         `json:"weeks"`
	Replications int         `json:"replications"`
	Seed         uint64      `json:"seed"`
	Basis        Basis       `json:"basis"`
	Agents       AgentHours  `json:"agents"`
	Without      Figures     `json:"without_drafts"`
	With         Figures     `json:"with_drafts"`
	// Gain is replies per hour of work with drafts over those without, less 1; its
	// interval is that of other tickets from where the run's came from.
	Gain stat.Estimate `json:"gain"`
	// Sensitivity says what becomes of it when one assumption changes.
	Sensitivity []Sensitivity `json:"sensitivity"`
	Caveats     []string      `json:"caveats"`
}

// Basis is what the play rests on, in tickets of the run.
type Basis struct {
	Tickets int `json:"tickets"`
	Drafts  int `json:"drafts"`
	// Assumed are the drafts whose good replies are not known.
	Assumed int `json:"drafts_without_gold_reply"`
	// Failed are the tickets that are left out because they failed in the run.
	Failed int `json:"failed"`
	// Coverage says what of its suite the run holds; empty when that is all of it.
	Coverage string `json:"coverage,omitempty"`
}

func basisOf(tickets []Ticket, missing Missing) Basis {
	b := Basis{Tickets: len(tickets), Failed: missing.Failed, Coverage: missing.Coverage}
	for _, t := range tickets {
		if t.DraftWords > 0 {
			b.Drafts++
		}
		if t.Assumed {
			b.Assumed++
		}
	}
	return b
}

// AgentHours is the staffing, the same with drafts and without.
type AgentHours struct {
	PerWeek float64 `json:"hours_per_week"`
	Most    int     `json:"most_at_once"`
	// EnoughWithDrafts is how many hours would do the same work with drafts.
	EnoughWithDrafts float64 `json:"hours_per_week_enough_with_drafts"`
}

// Figures are those without drafts or with them.
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

// Bounds of a play: with more, the figures hardly change and the wait does.
const (
	MostWeeks        = 52
	MostReplications = 500
	// mostArrivals of one replication.
	mostArrivals = 2_000_000
)

func (o Options) withDefaults() Options {
	if o.Assumptions == (Assumptions{}) {
		o.Assumptions = Defaults()
	}
	if o.Weeks == 0 {
		o.Weeks = 2
	}
	if o.Replications == 0 {
		o.Replications = 20
	}
	return o
}

// validate says what can't be played.
func (o Options) validate(tickets []Ticket) error {
	if len(tickets) == 0 {
		return errors.New("there are no tickets to play; take them from a run")
	}
	if o.Weeks < 1 || o.Weeks > MostWeeks {
		return fmt.Errorf("%d weeks can't be played; give 1 to %d", o.Weeks, MostWeeks)
	}
	if o.Replications < 1 || o.Replications > MostReplications {
		return fmt.Errorf("%d replications can't be played; give 1 to %d", o.Replications, MostReplications)
	}
	if err := o.Assumptions.Validate(); err != nil {
		return fmt.Errorf("assumptions: %w", err)
	}
	if n := o.Assumptions.TicketsPerWeek * float64(o.Weeks); n > mostArrivals {
		return fmt.Errorf("%.0f tickets take too long to play; give fewer weeks, or fewer tickets_per_week", n)
	}
	for i, t := range tickets {
		if err := t.validate(); err != nil {
			return fmt.Errorf("ticket %d: %w", i+1, err)
		}
		if without, with := t.seconds(o.Assumptions); without <= 0 || with <= 0 {
			return fmt.Errorf("ticket %d would take no time at all; give lookup_seconds or decide_seconds above 0", i+1)
		}
	}
	return nil
}

// Run plays the centre with drafts and without, on the same arrivals. It fails
// for tickets, assumptions and options that can't be, and when ctx ends.
func Run(ctx context.Context, tickets []Ticket, o Options) (Result, error) {
	o = o.withDefaults()
	if err := o.validate(tickets); err != nil {
		return Result{}, err
	}
	r := Result{
		Assumptions: o.Assumptions, Weeks: o.Weeks, Replications: o.Replications, Seed: o.Seed, Caveats: caveats(), Basis: basisOf(tickets, o.Missing),
	}
	staff := o.Assumptions.staff(tickets)
	for _, n := range staff {
		r.Agents.PerWeek += float64(n)
		r.Agents.Most = max(r.Agents.Most, n)
	}
	var err error
	if r.Without, r.With, err = playAll(ctx, tickets, o, staff); err != nil {
		return Result{}, err
	}
	r.Gain = gain(tickets, o.Assumptions, o.Seed)
	r.Agents.EnoughWithDrafts = r.Agents.PerWeek / (1 + r.Gain.Value)
	if !o.SkipSensitivity {
		r.Sensitivity, err = sensitivity(ctx, tickets, o)
	}
	return r, err
}

// figure is one of Figures: what a play gives of it, and how it is shown.
type figure struct {
	of     func(*Figures) *stat.Estimate
	value  func(played) float64
	most   float64 // it can't be above this; 0 for no bound
	name   string
	format string
}

func figures(a Assumptions) []figure {
	promise := fmt.Sprintf("first reply within %.0f minutes", a.PromiseSeconds/60)
	return []figure{
		{func(f *Figures) *stat.Estimate { return &f.RepliesPerHour }, played.repliesPerHour, 0, "replies per agent hour at work", "%.2f"},
		{func(f *Figures) *stat.Estimate { return &f.Busy }, func(p played) float64 { return p.busySeconds / p.paidSeconds }, 0, "share of paid hours at work", "%.3f"},
		{func(f *Figures) *stat.Estimate { return &f.WithinPromise }, func(p played) float64 { return p.within(a.PromiseSeconds) }, 1, promise, "%.3f"},
		{func(f *Figures) *stat.Estimate { return &f.ReplyMedian }, func(p played) float64 { return stat.Quantile(p.waits, .5) / 60 }, 0, "first reply, median, minutes", "%.1f"},
		{func(f *Figures) *stat.Estimate { return &f.ReplyP90 }, func(p played) float64 { return stat.Quantile(p.waits, .9) / 60 }, 0, "first reply, 90th percentile", "%.1f"},
		{func(f *Figures) *stat.Estimate { return &f.QueueMean }, func(p played) float64 { return p.queueMean }, 0, "queue, mean", "%.1f"},
		{func(f *Figures) *stat.Estimate { return &f.QueueMost }, func(p played) float64 { return float64(p.queueMost) }, 0, "queue, longest", "%.0f"},
	}
}

// playAll plays every replication without drafts and with them.
func playAll(ctx context.Context, tickets []Ticket, o Options, staff []int) (without, with Figures, err error) {
	all := figures(o.Assumptions)
	values := [2][][]float64{make([][]float64, len(all)), make([][]float64, len(all))}
	for i := range o.Replications {
		random := rand.New(rand.NewPCG(o.Seed, uint64(i)+1)) //nolint:gosec // reproducible chance is wanted
		arrivals, err := o.Assumptions.arrivals(ctx, random, tickets, o.Weeks)
		if err != nil {
			return without, with, err
		}
		for k := range values {
			if len(arrivals) == 0 {
				break
			}
			p, err := play(ctx, arrivals, staff, o.Weeks, k == 1)
			if err != nil {
				return without, with, err
			}
			for m, f := range all {
				values[k][m] = append(values[k][m], f.value(p))
			}
		}
	}
	if len(values[0][0]) == 0 {
		return without, with, errors.New("no ticket arrived; give more tickets per week, or more weeks")
	}
	for m, f := range all {
		*f.of(&without), *f.of(&with) = meanOf(values[0][m], f.most), meanOf(values[1][m], f.most)
	}
	return without, with, nil
}

// meanOf is a mean with Student's interval, which ends where the values can't go
// on: at 0 and, unless that is 0, at most.
func meanOf(values []float64, most float64) stat.Estimate {
	mean, deviation := gonum.MeanStdDev(values, nil)
	half := 0.
	if n := float64(len(values)); n > 1 {
		half = distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(1-stat.Alpha/2) * gonum.StdErr(deviation, n)
	}
	e := stat.Estimate{Value: mean, N: len(values), Low: max(0, mean-half), High: mean + half}
	if most > 0 {
		e.High = min(most, e.High)
	}
	return e
}

func caveats() []string {
	return []string{
		"This is a planning tool: it works out what the assumptions imply, and measures nothing.",
		"Agents are taken to read every draft and its sources; in life some approve unread, and some ignore drafts.",
		"Intervals tell the chance of arrivals and of the run's tickets; none tells whether an assumption is right.",
		"The run's tickets are taken to be like those that arrive, and its gold replies like what agents would send.",
		"A randomised trial would have to measure: handling time per ticket with and without drafts (assigned by chance, by agent and day), the share approved, edited and thrown away, the words really changed, mistakes that reach customers with drafts and without, reopened tickets, and the customers' own rating.",
	}
}

// WriteText writes the result for people.
func (r *Result) WriteText(w io.Writer) error {
	text := fmt.Sprintf("Drawn from %d tickets of the run, %d with a draft%s%s\n", r.Basis.Tickets, r.Basis.Drafts, r.Basis.assumed(), r.Basis.missing())
	text += fmt.Sprintf("%d replications of %s, %.0f agent hours a week, at most %s at once\n\n",
		r.Replications, say.Count(r.Weeks, "week"), r.Agents.PerWeek, say.Count(r.Agents.Most, "agent"))
	text += fmt.Sprintf("%-34s %-28s %s\n", "", "without drafts", "with drafts")
	for _, f := range figures(r.Assumptions) {
		cell := func(e *stat.Estimate) string {
			return fmt.Sprintf(f.format+" ("+f.format+" – "+f.format+")", e.Value, e.Low, e.High)
		}
		text += fmt.Sprintf("%-34s %-28s %s\n", f.name, cell(f.of(&r.Without)), cell(f.of(&r.With)))
	}
	text += fmt.Sprintf("\nWith drafts agents send %+.1f%% replies per hour of work (95%% interval, over the run's tickets: %+.1f to %+.1f); %.0f agent hours a week would do the same work.\n",
		100*r.Gain.Value, 100*r.Gain.Low, 100*r.Gain.High, r.Agents.EnoughWithDrafts)
	if len(r.Sensitivity) > 0 {
		text += r.sensitivityText()
	}
	text += "\n"
	for _, c := range r.Caveats {
		text += c + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

func (b Basis) assumed() string {
	if b.Assumed == 0 {
		return ""
	}
	return fmt.Sprintf("; %d of them without a gold reply, taken to be changed as much as the others on average", b.Assumed)
}

func (b Basis) missing() string {
	text := ""
	switch {
	case b.Failed == 1:
		text = "; 1 more failed and is left out"
	case b.Failed > 1:
		text = fmt.Sprintf("; %d more failed and are left out", b.Failed)
	}
	if b.Coverage != "" {
		text += fmt.Sprintf("\nThe run is partial: %s. The other tickets of the suite may tell something else.", b.Coverage)
	}
	return text
}

// sensitivityText is a table: for each assumption, what gain and promise become
// when it is halved and doubled.
func (r *Result) sensitivityText() string {
	text := "\nIf one assumption is halved or doubled, as far as it goes: gain in replies per hour, and first replies in time without and with drafts.\n\n"
	text += fmt.Sprintf("%-21s %10s   %-32s   %-32s   %s\n", "assumption", "taken", "halved", "doubled", "what it is")
	about := map[string]Assumed{}
	for _, d := range AssumedList() {
		about[d.Name] = d
	}
	cell := func(s Sensitivity) string {
		return fmt.Sprintf("%-8s %+6.1f%%  %.3f → %.3f", short(s.Value), 100*s.Gain.Value, s.WithoutPromise.Value, s.WithPromise.Value)
	}
	for i := 0; i+1 < len(r.Sensitivity); i += 2 {
		half, double := r.Sensitivity[i], r.Sensitivity[i+1]
		d := about[half.Assumption]
		text += fmt.Sprintf("%-21s %10s   %-32s   %-32s   %s\n", half.Assumption, short(d.Value(r.Assumptions)), cell(half), cell(double), d.About)
	}
	return text
}

func short(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }
