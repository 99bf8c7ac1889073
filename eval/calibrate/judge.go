package calibrate

import (
	"cmp"
	"context"
	"maps"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/suggest/confidence"
)

// weigh gives every sample what it counts for: sets count by the square root of
// their size, so that a large one is heard more than a small one and drowns none
// (the tempered sampling of multilingual training; Conneau and others,
// "Unsupervised cross-lingual representation learning at scale", 2020, with
// exponent one half). Within a set samples count for what they stand for, and the
// answerable ones together for a share, unless that is 0. The mean weight is 1.
func weigh(samples []Sample, share float64) {
	type total struct{ n, stating, stand float64 }
	sets := map[string]*total{}
	for i := range samples {
		s := &samples[i]
		if sets[s.Set] == nil {
			sets[s.Set] = &total{}
		}
		sets[s.Set].n++
		if s.Stands > 0 {
			sets[s.Set].stating++
			sets[s.Set].stand += s.Stands
		}
	}
	var roots float64
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		roots += math.Sqrt(sets[name].n)
	}
	for i := range samples {
		t := sets[samples[i].Set]
		samples[i].Weight = math.Sqrt(t.n) / roots * float64(len(samples)) / t.n
		if samples[i].Stands > 0 {
			samples[i].Weight *= samples[i].Stands * t.stating / t.stand
		}
	}
	if share > 0 {
		balance(samples, share)
	}
}

// balance has the answerable samples of each set weigh the share of the set.
func balance(samples []Sample, share float64) {
	type kind struct {
		set        string
		answerable bool
	}
	sums := map[kind]float64{}
	for i := range samples {
		sums[kind{samples[i].Set, samples[i].Answerable}] += samples[i].Weight
	}
	for i := range samples {
		s := &samples[i]
		mine, others := sums[kind{s.Set, s.Answerable}], sums[kind{s.Set, !s.Answerable}]
		if others == 0 {
			continue
		}
		part := share
		if !s.Answerable {
			part = 1 - share
		}
		s.Weight *= part * (mine + others) / mine
	}
}

// mixed leaves out forecasts of the kind that is too frequent, evenly, until the
// share of the answerable is right; 0 leaves out none.
func mixed(forecasts []stat.Forecast, share float64) []stat.Forecast {
	with := 0
	for _, f := range forecasts {
		if f.Happened {
			with++
		}
	}
	without := len(forecasts) - with
	if share <= 0 || with == 0 || without == 0 {
		return forecasts
	}
	keep := map[bool]float64{true: 1, false: 1}
	if odds := share / (1 - share); float64(with) > odds*float64(without) {
		keep[true] = odds * float64(without) / float64(with)
	} else {
		keep[false] = float64(with) / odds / float64(without)
	}
	var out []stat.Forecast
	due := map[bool]float64{}
	for _, f := range forecasts {
		if due[f.Happened] += keep[f.Happened]; due[f.Happened] >= 1-1e-9 {
			due[f.Happened]--
			out = append(out, f)
		}
	}
	return out
}

// quantile is the value below which the share of further draws is expected, by
// weight and linear between values: the k-th of n equal ones has k/(n+1) of them
// below it (Hyndman and Fan, "Sample quantiles in statistical packages", 1996,
// definition 6). The quantile of the values themselves would silence more than
// the share.
func quantile(values, weights []float64, share float64) float64 {
	order := make([]int, len(values))
	var total float64
	for i := range order {
		order[i] = i
		total += weights[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	mean := total / float64(len(values))
	before, last, at := 0., 0., values[order[0]]
	for _, i := range order {
		place := (before + weights[i]/2 + mean/2) / (total + mean)
		if place >= share {
			if place == last {
				return values[i]
			}
			return at + (values[i]-at)*max(0, share-last)/(place-last)
		}
		before, last, at = before+weights[i], place, values[i]
	}
	return at
}

// told is what a profile that had not seen a sample said of it.
type told struct {
	confidence float64
	silent     bool
}

// judge fits the profile on everything, and others without a part of it, whose
// word on that part tells how good such a profile is.
type judge struct {
	samples []Sample
	names   []string
	o       Options
	// parts are the partitions, several where the samples are few, since figures
	// from one would hang on chance.
	parts  [][]int
	sample map[string][]int // by set

	whole confidence.Profile
	// held is by partition; unseen by set, and absent where the others do not
	// suffice.
	held   [][]told
	unseen map[string][]told

	mu   sync.Mutex
	done int
	err  error
}

func newJudge(samples []Sample, names []string, o Options) *judge {
	j := &judge{
		samples: samples, names: names, o: o, sample: map[string][]int{}, unseen: map[string][]told{},
	}
	for r := range repeats(samples) {
		j.parts = append(j.parts, folds(samples, o.Folds, o.Seed+uint64(r)*partitionStep))
		j.held = append(j.held, make([]told, len(samples)))
	}
	for i := range samples {
		j.sample[samples[i].Set] = append(j.sample[samples[i].Set], i)
	}
	return j
}

// run makes all fits, as many at once as there are cores. Each is the same
// whatever the order.
func (j *judge) run(ctx context.Context) error {
	fits := []func(context.Context) error{j.fitWhole}
	for r := range j.parts {
		for f := range j.o.Folds {
			fits = append(fits, func(ctx context.Context) error { return j.fitWithout(ctx, r, f) })
		}
	}
	if len(j.sample) > 1 {
		for _, set := range slices.Sorted(maps.Keys(j.sample)) {
			fits = append(fits, func(ctx context.Context) error { return j.fitUnseen(ctx, set) })
		}
	}
	next := make(chan func(context.Context) error)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(fits)) {
		workers.Go(func() {
			for fit := range next {
				j.finished(fit(ctx), len(fits))
			}
		})
	}
	for _, fit := range fits {
		next <- fit
	}
	close(next)
	workers.Wait()
	return j.err
}

func (j *judge) finished(err error, total int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = err
	}
	if j.err != nil {
		return
	}
	j.done++
	if j.o.Progress != nil {
		j.o.Progress(j.done, total)
	}
}

func (j *judge) fitWhole(ctx context.Context) error {
	p, err := fitOne(ctx, slices.Clone(j.samples), j.names, j.o)
	j.whole = p
	return err
}

// fitWithout fits on all folds of a partition but one, and asks of that one.
func (j *judge) fitWithout(ctx context.Context, r, f int) error {
	part := j.parts[r]
	var train []Sample
	for i := range j.samples {
		if part[i] != f {
			train = append(train, j.samples[i])
		}
	}
	if n := count(train); min(n.Answerable, n.Unanswerable) == 0 {
		return &n
	}
	p, err := fitOne(ctx, train, j.names, j.o)
	if err != nil {
		return err
	}
	for i := range j.samples {
		if part[i] == f {
			j.held[r][i] = ask(&p, &j.samples[i])
		}
	}
	return nil
}

// fitUnseen fits on all sets but one, and asks of that one.
func (j *judge) fitUnseen(ctx context.Context, set string) error {
	var train []Sample
	for i := range j.samples {
		if j.samples[i].Set != set {
			train = append(train, j.samples[i])
		}
	}
	if n := count(train); !n.enough() {
		return nil
	}
	p, err := fitOne(ctx, train, j.names, j.o)
	if err != nil {
		return err
	}
	answers := make([]told, 0, len(j.sample[set]))
	for _, i := range j.sample[set] {
		answers = append(answers, ask(&p, &j.samples[i]))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.unseen[set] = answers
	return nil
}

func ask(p *confidence.Profile, s *Sample) told {
	c, _ := p.Confidence(s.Features) // the features are common to all
	return told{c, c < p.Floor}
}

// quality is that on all samples.
func (j *judge) quality() confidence.Quality {
	all := make([]int, len(j.samples))
	for i := range all {
		all[i] = i
	}
	return j.within(all)
}

// within is the quality on some of the samples, the mean over the partitions.
func (j *judge) within(members []int) confidence.Quality {
	each := make([]confidence.Quality, 0, len(j.held))
	var pooled []stat.Forecast
	for _, held := range j.held {
		answers := make([]told, 0, len(members))
		for _, m := range members {
			answers = append(answers, held[m])
			pooled = append(pooled, stat.Forecast{Probability: held[m].confidence, Happened: j.samples[m].Answerable})
		}
		each = append(each, j.figures(members, answers))
	}
	q := meanQuality(each)
	q.Folds = j.o.Folds
	q.Reliability = reliability(mixed(pooled, j.o.Answerable), len(each))
	return q
}

// meanQuality is the mean of each figure and of its bounds: the partitions are of
// the same samples, so that more of them make no interval narrower.
func meanQuality(each []confidence.Quality) confidence.Quality {
	q := each[0]
	mean := func(figure func(*confidence.Quality) *confidence.Measured) {
		sum := confidence.Measured{N: figure(&q).N}
		for i := range each {
			f := figure(&each[i])
			sum.Value, sum.Low, sum.High = sum.Value+f.Value, sum.Low+f.Low, sum.High+f.High
		}
		n := float64(len(each))
		*figure(&q) = confidence.Measured{Value: sum.Value / n, N: sum.N, Low: sum.Low / n, High: sum.High / n}
	}
	mean(func(q *confidence.Quality) *confidence.Measured { return &q.AUROC })
	mean(func(q *confidence.Quality) *confidence.Measured { return &q.Brier })
	mean(func(q *confidence.Quality) *confidence.Measured { return &q.CalibrationError })
	mean(func(q *confidence.Quality) *confidence.Measured { return &q.FalseAbstention })
	mean(func(q *confidence.Quality) *confidence.Measured { return &q.RightAbstention })
	return q
}

// estimate is what the search's own estimate said of the samples; false when
// they do not hold it.
func (j *judge) estimate(members []int) (*confidence.Quality, bool) {
	answers := make([]told, 0, len(members))
	for _, m := range members {
		c, ok := j.samples[m].Features[confidence.FeatureEstimate]
		if !ok {
			return nil, false
		}
		answers = append(answers, told{c, c < confidence.EstimateFloor})
	}
	q := j.figures(members, answers)
	q.Reliability = nil
	return &q, len(members) > 0
}

// sets fills in the quality of each, of which a profile of one set needs only the
// estimate's.
func (j *judge) sets(sets []confidence.Set) []confidence.Set {
	out := slices.Clone(sets)
	for i := range out {
		members := j.sample[out[i].Name]
		if q, ok := j.estimate(members); ok {
			out[i].Estimate = q
		}
		if len(j.sample) < 2 {
			continue
		}
		within := j.within(members)
		within.Reliability = nil
		out[i].Within = &within
		if answers, ok := j.unseen[out[i].Name]; ok {
			unseen := j.figures(members, answers)
			unseen.Reliability = nil
			out[i].Unseen = &unseen
		}
	}
	return out
}

// figures of what was told of some samples.
func (j *judge) figures(members []int, answers []told) confidence.Quality {
	var forecasts []stat.Forecast
	var with, without []float64
	falseAbstention, rightAbstention := 0, 0
	for k, m := range members {
		a := answers[k]
		forecasts = append(forecasts, stat.Forecast{Probability: a.confidence, Happened: j.samples[m].Answerable})
		if j.samples[m].Answerable {
			with = append(with, a.confidence)
			if a.silent {
				falseAbstention++
			}
			continue
		}
		without = append(without, a.confidence)
		if a.silent {
			rightAbstention++
		}
	}
	forecasts = mixed(forecasts, j.o.Answerable)
	q := confidence.Quality{
		Samples: len(members), AUROC: confidence.Measured(stat.AUROC(with, without)), Brier: confidence.Measured(stat.Brier(forecasts, j.o.Seed)),
		CalibrationError: confidence.Measured(stat.CalibrationError(forecasts, j.o.Seed)),
		FalseAbstention:     confidence.Measured(stat.Share(falseAbstention, len(with))),
		RightAbstention:     confidence.Measured(stat.Share(rightAbstention, len(without))),
	}
	q.Reliability = reliability(forecasts, 1)
	return q
}

// reliability sets confidence against what happened, in groups; forecasts hold
// each ticket so many times.
func reliability(forecasts []stat.Forecast, times int) []confidence.Group {
	var out []confidence.Group
	for _, b := range stat.Reliability(forecasts, stat.CalibrationBins) {
		happened := stat.Share(int(math.Round(b.Happened.Value*float64(b.N)/float64(times))), int(math.Round(float64(b.N)/float64(times))))
		out = append(out, confidence.Group{
			N: happened.N, Confidence: b.Forecast, Answerable: b.Happened.Value, Low: happened.Low, High: happened.High,
		})
	}
	return out
}
