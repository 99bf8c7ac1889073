package simulate

import (
	"context"

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
			without, with, err := playAll(ctx, tickets, changed, duty)
			if err != nil {
				return nil, err
			}
			out = append(out, Sensitivity{
				Assumption: d.Name, Value: d.Value(changed.Assumptions), Gain: gain(tickets, changed.Assumptions, o.Seed),
				WithoutPromise: without.WithinPromise, WithPromise: with.WithinPromise,
				WithoutQueue: without.QueueMean, WithQueue: with.QueueMean,
			})
		}
	}
	return out, nil
}

// gain is by how much more replies an hour of work gives with drafts, from the
// mean time of a ticket without them and with them. Its interval is a bootstrap
// over the run's tickets (percentiles): another suite of the same size would have
// given other drafts.
func gain(tickets []Ticket, a Assumptions, seed uint64) stat.Estimate {
	return stat.Bootstrap(len(tickets), seed, func(counts []int) float64 {
		var x, y float64
		for i, t := range tickets {
			without, with := t.seconds(a)
			n := float64(counts[i]) * t.stands()
			x, y = x+n*without, y+n*with
		}
		return x/y - 1
	})
}
