package simulate

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// arrival is one ticket that comes in.
type arrival struct {
	at            float64 // seconds from Monday, 0 o'clock
	without, with float64 // how long it takes
}

const (
	hour = 3600.
	week = 7 * 24 * hour
)

// rate is the relative rate of arrivals at a time of the week, without
// disruptions: a plateau by day, a valley by night, less at weekends.
func (a Assumptions) rate(at float64) float64 {
	h := math.Mod(at/hour, 24)
	day := int(at / (24 * hour))
	r := 1.
	switch {
	case h < 6 || h >= 22:
		r = a.NightShare
	case h < 9:
		r = a.NightShare + (1-a.NightShare)*(h-6)/3
	case h >= 18:
		r = a.NightShare + (1-a.NightShare)*(22-h)/4
	}
	if day%7 >= 5 {
		r *= a.WeekendShare
	}
	return r
}

// meanRate is the mean of rate over a week.
func (a Assumptions) meanRate() float64 {
	var sum float64
	for i := range 7 * 24 * 4 {
		sum += a.rate((float64(i) + .5) * hour / 4)
	}
	return sum / (7 * 24 * 4)
}

// perSecond is the rate of arrivals where rate is 1 and nothing is disrupted,
// such that a week has TicketsPerWeek on average. Disruptions that overlap
// count once.
func (a Assumptions) perSecond() float64 {
	covered := -math.Expm1(-a.DisruptionsPerWeek * a.DisruptionHours / (7 * 24))
	return a.TicketsPerWeek / week / a.meanRate() / (1 + covered*(a.DisruptionFactor-1))
}

// disruptions draws when they begin, those under way at the start included.
func (a Assumptions) disruptions(random *rand.Rand, end float64) []float64 {
	var out []float64
	if a.DisruptionsPerWeek == 0 {
		return nil
	}
	for at := -a.DisruptionHours * hour; ; {
		at += random.ExpFloat64() / a.DisruptionsPerWeek * week
		if at >= end {
			return out
		}
		out = append(out, at)
	}
}

// between is how often a play asks whether it is still wanted, in events.
const between = 1 << 12

// arrivals draws the tickets of some weeks: a Poisson process whose rate
// changes, by thinning (Lewis and Shedler, "Simulation of nonhomogeneous
// Poisson processes by thinning", 1979).
func (a Assumptions) arrivals(ctx context.Context, random *rand.Rand, tickets []Ticket, weeks int) ([]arrival, error) {
	end := float64(weeks) * week
	disruptions := a.disruptions(random, end)
	last := math.Inf(-1) // when the newest disruption began
	factor := func(at float64) float64 {
		for len(disruptions) > 0 && disruptions[0] <= at {
			last, disruptions = disruptions[0], disruptions[1:]
		}
		if at < last+a.DisruptionHours*hour {
			return a.DisruptionFactor
		}
		return 1
	}
	plain := a.perSecond()
	most := plain
	if len(disruptions) > 0 {
		most *= a.DisruptionFactor
	}
	// Log-normal with mean 1 and the coefficient of variation asked for.
	sigma := math.Sqrt(math.Log1p(a.Spread * a.Spread))
	var out []arrival
	drawn := 0
	pick := picker(tickets)
	for at := random.ExpFloat64() / most; at < end; at += random.ExpFloat64() / most {
		if drawn++; drawn%between == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if random.Float64()*most >= plain*a.rate(at)*factor(at) {
			continue
		}
		t := tickets[pick(random)]
		without, with := t.seconds(a)
		slow := math.Exp(sigma*random.NormFloat64() - sigma*sigma/2)
		out = append(out, arrival{at, without * slow, with * slow})
	}
	return out, context.Cause(ctx)
}

// picker draws the place of a ticket, each as often as it stands for tickets.
func picker(tickets []Ticket) func(*rand.Rand) int {
	up := make([]float64, len(tickets))
	var sum float64
	same := true
	for i, t := range tickets {
		sum += t.stands()
		up[i] = sum
		same = same && t.stands() == tickets[0].stands()
	}
	if same {
		return func(random *rand.Rand) int { return random.IntN(len(tickets)) }
	}
	return func(random *rand.Rand) int {
		i, _ := slices.BinarySearch(up, math.Nextafter(random.Float64()*sum, math.Inf(1)))
		return min(i, len(tickets)-1)
	}
}

// staff is how many agents are on duty in each hour of a week: enough for the
// work without drafts and disruptions at the occupancy asked for, at least one.
func (a Assumptions) staff(tickets []Ticket) []int {
	var mean, stand float64
	for _, t := range tickets {
		without, _ := t.seconds(a)
		mean += without * t.stands()
		stand += t.stands()
	}
	mean /= stand
	out := make([]int, 7*24)
	plain := a.perSecond()
	for i := range out {
		load := plain * a.rate((float64(i)+.5)*hour) * mean
		out[i] = max(1, int(math.Ceil(load/a.Occupancy)))
	}
	return out
}

// played is what became of some weeks.
type played struct {
	busySeconds float64
	paidSeconds float64
	waits       []float64 // seconds to the reply
	queueMean   float64
	queueMost   int
}

func (p played) repliesPerHour() float64 { return float64(len(p.waits)) / (p.busySeconds / hour) }

// within is the share of first replies in so many seconds.
func (p played) within(seconds float64) float64 {
	in, _ := slices.BinarySearch(p.waits, math.Nextafter(seconds, math.Inf(1)))
	return float64(in) / float64(len(p.waits))
}

// play serves the tickets in order of arrival. An agent whose shift ends
// finishes the ticket at hand. Tickets that are waiting at the end are served
// by the agents of the hours that follow. It ends early, with the cause, when ctx
// does.
func play(ctx context.Context, arrivals []arrival, staff []int, weeks int, drafts bool) (played, error) {
	var p played
	var busy []float64 // when the agents at work are done, the first one first
	var queueSeconds, now float64
	queue := 0 // first arrival that waits
	next := 0  // first arrival that has not come
	advance := func(to float64) {
		queueSeconds += float64(next-queue) * (to - now)
		now = to
	}
	for events := 0; queue < len(arrivals); events++ {
		if events%between == 0 && ctx.Err() != nil {
			return p, context.Cause(ctx)
		}
		// What happens first: an arrival, an agent done, or the hour strikes.
		at := (math.Floor(now/hour) + 1) * hour
		if next < len(arrivals) {
			at = min(at, arrivals[next].at)
		}
		if len(busy) > 0 {
			at = min(at, busy[0])
		}
		advance(at)
		for next < len(arrivals) && arrivals[next].at <= now {
			next++
		}
		for len(busy) > 0 && busy[0] <= now {
			busy = busy[1:]
		}
		duty := staff[int(now/hour)%len(staff)]
		for queue < next && len(busy) < duty {
			a := arrivals[queue]
			queue++
			takes := a.without
			if drafts {
				takes = a.with
			}
			at, _ := slices.BinarySearch(busy, now+takes)
			busy = slices.Insert(busy, at, now+takes)
			p.busySeconds += takes
			p.waits = append(p.waits, now+takes-a.at)
		}
		p.queueMost = max(p.queueMost, next-queue)
	}
	for _, n := range staff {
		p.paidSeconds += float64(n) * hour * float64(weeks)
	}
	if now > 0 {
		p.queueMean = queueSeconds / now
	}
	slices.Sort(p.waits)
	return p, nil
}
