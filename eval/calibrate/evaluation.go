package calibrate

import (
	"context"
	"errors"
	"maps"
	"math"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/suggest/confidence"
)

// prediction is what a profile that had not seen a sample says of it.
type prediction struct {
	confidence float64
	abstains   bool
}

func predict(p *confidence.Profile, s *Sample) prediction {
	c, _ := p.Confidence(s.Features) // the features are common to all
	return prediction{c, c < p.Floor}
}

// evaluation fits the profile on everything, and others without a part of it, whose
// predictions of that part tell how good such a profile is.
type evaluation struct {
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
	held   [][]prediction
	unseen map[string][]prediction
}

func newEvaluation(samples []Sample, names []string, o Options) *evaluation {
	e := &evaluation{
		samples: samples, names: names, o: o, sample: map[string][]int{}, unseen: map[string][]prediction{},
	}
	for r := range repeats(samples) {
		e.parts = append(e.parts, folds(samples, o.Folds, o.Seed+uint64(r)*partitionStep))
		e.held = append(e.held, make([]prediction, len(samples)))
	}
	for i := range samples {
		e.sample[samples[i].Set] = append(e.sample[samples[i].Set], i)
	}
	return e
}

// run makes all fits, as many at once as there are cores. Each is the same
// whatever the order.
func (e *evaluation) run(ctx context.Context) error {
	var mu sync.Mutex // guards unseen and done
	done := 0
	fits := []func(context.Context) error{func(ctx context.Context) (err error) {
		e.whole, err = fitOne(ctx, slices.Clone(e.samples), e.names, e.o)
		return err
	}}
	for r, part := range e.parts {
		for f := range e.o.Folds {
			fits = append(fits, func(ctx context.Context) error {
				members := within(len(part), func(i int) bool { return part[i] == f })
				predictions, err := e.predictUnseen(ctx, members, 1)
				for k, p := range predictions {
					e.held[r][members[k]] = p
				}
				return err
			})
		}
	}
	for _, set := range slices.Sorted(maps.Keys(e.sample)) {
		if len(e.sample) == 1 {
			break
		}
		fits = append(fits, func(ctx context.Context) error {
			predictions, err := e.predictUnseen(ctx, e.sample[set], LeastOfEach)
			var few *TooFewError
			if errors.As(err, &few) {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			e.unseen[set] = predictions
			return err
		})
	}
	running, ctx := errgroup.WithContext(ctx)
	running.SetLimit(runtime.GOMAXPROCS(0))
	for _, fit := range fits {
		running.Go(func() error {
			if err := fit(ctx); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if done++; e.o.Progress != nil {
				e.o.Progress(done, len(fits))
			}
			return nil
		})
	}
	return running.Wait()
}

// within are the places below n that belong.
func within(n int, belongs func(i int) bool) []int {
	var out []int
	for i := range n {
		if belongs(i) {
			out = append(out, i)
		}
	}
	return out
}

// predictUnseen fits on all samples but some, and predicts these. It fails with
// *TooFewError where fewer than least of a kind are left to fit on.
func (e *evaluation) predictUnseen(ctx context.Context, members []int, least int) ([]prediction, error) {
	left := make([]bool, len(e.samples))
	for _, i := range members {
		left[i] = true
	}
	var train []Sample
	for i := range e.samples {
		if !left[i] {
			train = append(train, e.samples[i])
		}
	}
	if n := count(train); min(n.Answerable, n.Unanswerable) < least {
		return nil, &n
	}
	p, err := fitOne(ctx, train, e.names, e.o)
	if err != nil {
		return nil, err
	}
	predictions := make([]prediction, len(members))
	for k, i := range members {
		predictions[k] = predict(&p, &e.samples[i])
	}
	return predictions, nil
}

// quality is that on all samples.
func (e *evaluation) quality() confidence.Quality {
	return e.heldOut(within(len(e.samples), func(int) bool { return true }))
}

// heldOut is the quality on some of the samples, the mean over the partitions.
func (e *evaluation) heldOut(members []int) confidence.Quality {
	each := make([]confidence.Quality, 0, len(e.held))
	var pooled []stat.Forecast
	for _, held := range e.held {
		answers := make([]prediction, 0, len(members))
		for _, m := range members {
			answers = append(answers, held[m])
			pooled = append(pooled, stat.Forecast{Probability: held[m].confidence, Happened: e.samples[m].Answerable})
		}
		each = append(each, e.figures(members, answers))
	}
	q := meanQuality(each)
	q.Folds = e.o.Folds
	q.Reliability = reliability(mixed(pooled, e.o.Answerable), len(each))
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
func (e *evaluation) estimate(members []int) (*confidence.Quality, bool) {
	answers := make([]prediction, 0, len(members))
	for _, m := range members {
		c, ok := e.samples[m].Features[confidence.FeatureEstimate]
		if !ok {
			return nil, false
		}
		answers = append(answers, prediction{c, c < confidence.EstimateFloor})
	}
	q := e.figures(members, answers)
	q.Reliability = nil
	return &q, len(members) > 0
}

// sets fills in the quality of each, of which a profile of one set needs only the
// estimate's.
func (e *evaluation) sets(sets []confidence.Set) []confidence.Set {
	out := slices.Clone(sets)
	for i := range out {
		members := e.sample[out[i].Name]
		if q, ok := e.estimate(members); ok {
			out[i].Estimate = q
		}
		if len(e.sample) < 2 {
			continue
		}
		heldOut := e.heldOut(members)
		heldOut.Reliability = nil
		out[i].Within = &heldOut
		if answers, ok := e.unseen[out[i].Name]; ok {
			unseen := e.figures(members, answers)
			unseen.Reliability = nil
			out[i].Unseen = &unseen
		}
	}
	return out
}

// figures of what was predicted of some samples.
func (e *evaluation) figures(members []int, answers []prediction) confidence.Quality {
	var forecasts []stat.Forecast
	var with, without []float64
	falseAbstention, rightAbstention := 0, 0
	for k, m := range members {
		a := answers[k]
		forecasts = append(forecasts, stat.Forecast{Probability: a.confidence, Happened: e.samples[m].Answerable})
		if e.samples[m].Answerable {
			with = append(with, a.confidence)
			if a.abstains {
				falseAbstention++
			}
			continue
		}
		without = append(without, a.confidence)
		if a.abstains {
			rightAbstention++
		}
	}
	forecasts = mixed(forecasts, e.o.Answerable)
	q := confidence.Quality{
		Samples: len(members), AUROC: confidence.Measured(stat.AUROC(with, without)), Brier: confidence.Measured(stat.Brier(forecasts, e.o.Seed)),
		CalibrationError: confidence.Measured(stat.CalibrationError(forecasts, e.o.Seed)),
		FalseAbstention:  confidence.Measured(stat.Share(falseAbstention, len(with))),
		RightAbstention:  confidence.Measured(stat.Share(rightAbstention, len(without))),
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
