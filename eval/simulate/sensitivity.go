package simulate

import (
	"context"
	"math/rand/v2"

	"github.com/purser-desk/purser/eval/stat"
)

// Sensitivity is what becomes of the figures when one assumption is halved or
// doubled, as far as its bounds allow, and all others stay.
type Sensitivity struct {
	Assumption string  `json:"assumption"`
	Value      float64 `json:"value"`
	// Gain is as in Result. The others are means over replications.
	Gain           stat.Estimate `json:"gain"`
	WithoutPromise stat.Estimate `json:"within_promise_without_drafts"`
	WithPromise    stat.Estimate `json:"within_promise_with_drafts"`
	WithoutQueue   stat.Estimate `json:"queue_mean_without_drafts"`
	WithQueue      stat.Estimate `json:"queue_mean_with_drafts"`
}

// What each changed assumption is played with at most, since there are two
// plays for each.
const (
	sensitivityReplications = 6
	sensitivityWeeks        = 2
)

// sensitivity plays every assumption halved and doubled. Agents are on duty as
// the unchanged assumptions say, but where the changed one is what sets them.
func sensitivity(ctx context.Context, tickets []Ticket, o Options) ([]Sensitivity, error) {
	o.Replications, o.Weeks = min(o.Replications, sensitivityReplications), min(o.Weeks, sensitivityWeeks)
	staff := o.Assumptions.staff(tickets)
	var out []Sensitivity
	for _, d := range AssumedList() {
		value := d.Value(o.Assumptions)
		for _, v := range []float64{value / 2, value * 2} {
			if value == 0 {
				v = d.Value(Defaults()) * v // 0: there is nothing to halve or double
			}
			changed := o
			changed.Assumptions = d.With(o.Assumptions, min(d.Most, max(d.Least, v)))
			duty := staff
			if d.Name == "occupancy" {
				duty = changed.Assumptions.staff(tickets)
			}
			p, err := playAll(ctx, tickets, changed, duty)
			if err != nil {
				return nil, err
			}
			without, with := p.without.figures(), p.with.figures()
			out = append(out, Sensitivity{
				Assumption: d.Name, Value: d.Value(changed.Assumptions), Gain: gain(tickets, changed.Assumptions, o.Seed),
				WithoutPromise: without.WithinPromise, WithPromise: with.WithinPromise,
				WithoutQueue: without.QueueMean, WithQueue: with.QueueMean,
			})
		}
	}
	return out, nil
}

// gainResamples are those of the gain's interval.
const gainResamples = 1000

// gain is by how much more replies an hour of work gives with drafts, from the
// mean time of a ticket in both arms. Its interval is a bootstrap over the
// run's tickets (percentiles): another suite of the same size would have given
// other drafts.
func gain(tickets []Ticket, a Assumptions, seed uint64) stat.Estimate {
	without, with := make([]float64, len(tickets)), make([]float64, len(tickets))
	ratio := func(pick func(i int) int) float64 {
		var x, y float64
		for i := range tickets {
			k := pick(i)
			x += tickets[k].stands() * without[k]
			y += tickets[k].stands() * with[k]
		}
		return x/y - 1
	}
	for i, t := range tickets {
		without[i], with[i] = t.seconds(a)
	}
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // reproducible chance is wanted
	values := make([]float64, gainResamples)
	for r := range values {
		values[r] = ratio(func(int) int { return random.IntN(len(tickets)) })
	}
	e := stat.Estimate{Value: ratio(func(i int) int { return i }), N: len(tickets)}
	e.Low, e.High = stat.Quantile(values, stat.Alpha/2), stat.Quantile(values, 1-stat.Alpha/2)
	return e
}
