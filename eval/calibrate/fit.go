package calibrate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/suggest/confidence"
)

// Least numbers of samples.
const (
	// LeastOfEach kind are needed to fit at all.
	LeastOfEach = 20
	// LeastForIsotonic is from where on isotonic regression is better than
	// none; with less it fits chance (Niculescu-Mizil and Caruana, "Predicting
	// good probabilities with supervised learning", 2005).
	LeastForIsotonic = 1000
)

// Options set up a fit; the zero value is ready to use.
type Options struct {
	Name string
	// Space is the embedding space that the samples were searched in.
	Space string
	// Folds of the cross-validation; 0 means 5.
	Folds int
	Seed  uint64
	// FalseAbstention is the share of answerable tickets that may fall below the
	// floor; 0 means .1.
	FalseAbstention float64
	// Answerable is the share of tickets, between 0 and 1, that the knowledge is
	// taken to answer: in each set the two kinds weigh so, and calibration is measured
	// on such a mix. 0 means as many as there are in the samples. Sets whose shares
	// differ teach a fit what tells sets apart instead of what tells answers.
	Answerable float64
	// Without are features to leave out; those that say how large the
	// knowledge is, or repeat another confidence, do not carry over.
	Without []string
	// Progress is told after each of the fits, one call at a time; may be nil.
	Progress func(done, total int)
}

// penalties are tried from weak to strong.
func penalties() []float64 { return []float64{.3, 1, 3, 10, 30, 100, 300} }

// TooFewError says that the samples do not suffice.
type TooFewError struct{ Answerable, Unanswerable int }

func (e *TooFewError) Error() string {
	return fmt.Sprintf("a fit needs at least %d answerable tickets and %d that are not, with features; these are %d and %d: add cases "+
		"(those that the knowledge does not answer with expect none), or run the suite with --ablate-gold, which makes unanswerable ones",
		LeastOfEach, LeastOfEach, e.Answerable, e.Unanswerable)
}

func count(samples []Sample) TooFewError {
	var n TooFewError
	for i := range samples {
		if samples[i].Answerable {
			n.Answerable++
		} else {
			n.Unanswerable++
		}
	}
	return n
}

var errNoFeatures = errors.New("the tickets have no feature in common; run the suites with the same version and settings")

// Fit fits a profile. Sets that are many weigh by the square root of their size
// (see weights), and each is evaluated by itself too. It fails with *TooFewError, or
// with the error of ctx.
func Fit(ctx context.Context, samples []Sample, sets []confidence.Set, o Options) (confidence.Profile, error) {
	if o.Folds == 0 {
		o.Folds = 5
	}
	if o.FalseAbstention == 0 {
		o.FalseAbstention = .1
	}
	if few := count(samples); min(few.Answerable, few.Unanswerable) < LeastOfEach {
		return confidence.Profile{}, &few
	}
	names := commonFeatures(samples, o.Without)
	if len(names) == 0 {
		return confidence.Profile{}, errNoFeatures
	}
	e := newEvaluation(samples, names, o)
	if err := e.run(ctx); err != nil {
		return confidence.Profile{}, err
	}
	p := e.whole
	p.Version, p.Name, p.Space, p.FalseAbstention, p.Answerable = confidence.Version, o.Name, o.Space, o.FalseAbstention, o.Answerable
	p.Quality, p.Sets, p.Articles = e.quality(), e.sets(sets), fewestArticles(samples)
	return p, nil
}

// fitOne chooses features and penalty by cross-validation within the samples,
// and takes floor and isotonic map from the predictions made there: predictions
// on what a model was fitted to are too sure.
func fitOne(ctx context.Context, samples []Sample, names []string, o Options) (confidence.Profile, error) {
	weigh(samples, o.Answerable)
	divisions := newDivisions(samples, names, o)
	h := divisions[0]
	columns, err := h.choose(ctx)
	if err != nil {
		return confidence.Profile{}, err
	}
	best, least := 0., math.Inf(1)
	var held []float64
	for _, penalty := range penalties() {
		predictions := make([]float64, len(samples))
		for _, division := range divisions {
			each, _ := division.predict(columns, penalty, nil, exact)
			for i, v := range each {
				predictions[i] += v / float64(len(divisions))
			}
		}
		if loss := logLoss(samples, predictions); loss < least {
			best, least, held = penalty, loss, predictions
		}
	}
	p := h.all.profile(columns, h.all.fit(columns, best, nil, exact), best)
	if len(samples) >= LeastForIsotonic {
		p.Isotonic = isotonic(samples, held)
		for i := range held {
			held[i] = p.Straighten(held[i])
		}
	}
	p.Floor = floorOf(samples, held, o.FalseAbstention)
	return p, nil
}

// heldOut predicts samples by models that were fitted without their part.
type heldOut struct {
	samples []Sample
	all     *standard
	without []*standard // by part that is left out
	tests   [][]int     // the samples of that part
}

// newDivisions divides the samples by each partition.
func newDivisions(samples []Sample, names []string, o Options) []*heldOut {
	partitions, parts := innerFolds(samples, o)
	t := newTable(samples, names)
	divisions := make([]*heldOut, 0, len(partitions))
	for _, part := range partitions {
		divisions = append(divisions, newHeldOut(t, part, parts))
	}
	return divisions
}

func newHeldOut(t *table, part []int, parts int) *heldOut {
	samples := t.samples
	h := &heldOut{samples: samples, tests: make([][]int, parts)}
	every, train := make([]int, len(samples)), make([][]int, parts)
	for i := range samples {
		every[i] = i
		h.tests[part[i]] = append(h.tests[part[i]], i)
		for f := range train {
			if f != part[i] {
				train[f] = append(train[f], i)
			}
		}
	}
	h.all = t.standardise(every)
	for _, rows := range train {
		h.without = append(h.without, t.standardise(rows))
	}
	return h
}

// predict predicts every sample from some columns. It returns the weights of each
// fit too, and begins with those of start, where there are any.
func (h *heldOut) predict(columns []int, penalty float64, start [][]float64, tolerance float64) ([]float64, [][]float64) {
	predictions := make([]float64, len(h.samples))
	fitted := make([][]float64, len(h.without))
	for f, s := range h.without {
		var begin []float64
		if start != nil {
			begin = start[f]
		}
		fitted[f] = s.fit(columns, penalty, begin, tolerance)
		for _, i := range h.tests[f] {
			predictions[i] = s.predict(columns, fitted[f], i)
		}
	}
	return predictions, fitted
}

const (
	// choosingPenalty is the penalty while features are chosen.
	choosingPenalty = 3
	// leastGain is how much a feature must lower the log loss to be taken up.
	leastGain = .002
	// samplesPerFeature of the rarer kind are needed for each feature; with fewer
	// than ten, chosen features fit chance (Peduzzi and others, "A simulation
	// study of the number of events per variable in logistic regression analysis",
	// 1996).
	samplesPerFeature = 12
	// exact and near are the largest steps of a weight after which a fit ends;
	// near will do where fits are compared.
	exact = 1e-10
	near  = 1e-5
)

// coreFeatures are taken up before any is chosen, where the samples have them:
// how the first answer stands out from the next, from all, and how near others'
// titles are to it. They told answerable tickets from others on sets
// of every kind, and choosing among many needs more tickets than most have.
func coreFeatures() []string { return []string{"lead", "deviation", "neighbours"} }

// choose takes up features one by one, always the one that predicts held-out
// samples best with those there are, until none gains enough (forward
// selection, see Hastie, Tibshirani and Friedman, section 3.3.2). A gain must also
// be greater than its own standard error, and the features few for the samples:
// with few tickets of one kind, each further feature costs more than it brings. It
// returns their columns.
func (h *heldOut) choose(ctx context.Context) ([]int, error) {
	names := h.all.names
	var chosen []int
	for _, name := range coreFeatures() {
		if k := slices.Index(names, name); k >= 0 {
			chosen = append(chosen, k)
		}
	}
	n := count(h.samples)
	most := min(len(names), max(1, len(chosen), min(n.Answerable, n.Unanswerable)/samplesPerFeature))
	predictions, start := h.predict(chosen, choosingPenalty, nil, near)
	least := losses(h.samples, predictions)
	for len(chosen) < most {
		best, bestGain := -1, math.Inf(-1)
		var bestLosses []float64
		var bestStart [][]float64
		for k := range names {
			if slices.Contains(chosen, k) {
				continue
			}
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			predictions, fitted := h.predict(append(slices.Clone(chosen), k), choosingPenalty, start, near)
			tried := losses(h.samples, predictions)
			if gain, _ := gained(h.samples, least, tried); gain > bestGain {
				best, bestGain, bestLosses, bestStart = k, gain, tried, fitted
			}
		}
		if best < 0 {
			break
		}
		gain, deviation := gained(h.samples, least, bestLosses)
		if len(chosen) > 0 && gain < max(leastGain, deviation) {
			break
		}
		chosen, least, start = append(chosen, best), bestLosses, bestStart
	}
	return chosen, nil
}

// gained is by how much the mean loss falls from before to after, with its
// standard error.
func gained(samples []Sample, before, after []float64) (gain, deviation float64) {
	var total, squares float64
	for i := range samples {
		total += samples[i].Weight
		gain += samples[i].Weight * (before[i] - after[i])
	}
	gain /= total
	for i := range samples {
		d := samples[i].Weight * (before[i] - after[i] - gain)
		squares += d * d
	}
	return gain, math.Sqrt(squares) / total
}

// losses is each sample's log loss.
func losses(samples []Sample, predictions []float64) []float64 {
	out := make([]float64, len(predictions))
	for i, v := range predictions {
		v = min(max(v, 1e-9), 1-1e-9)
		if !samples[i].Answerable {
			v = 1 - v
		}
		out[i] = -math.Log(v)
	}
	return out
}

func logLoss(samples []Sample, predictions []float64) float64 {
	var sum, n float64
	for i, loss := range losses(samples, predictions) {
		sum += samples[i].Weight * loss
		n += samples[i].Weight
	}
	return sum / n
}

// floorOf is the confidence below which the share of the answerable falls.
func floorOf(samples []Sample, predictions []float64, share float64) float64 {
	var with, weights []float64
	for i, v := range predictions {
		if samples[i].Answerable {
			with = append(with, v)
			weights = append(weights, samples[i].Weight)
		}
	}
	return quantile(with, weights, share)
}

// isotonic fits the rising map from prediction to probability that is closest
// to what happened, by pooling adjacent violators (Ayer, Brunk, Ewing, Reid and
// Silverman, "An empirical distribution function for sampling with incomplete
// information", 1955). Each pool becomes a point at its mean; each gets half a
// ticket of either kind, so that none is certain.
func isotonic(samples []Sample, predictions []float64) []confidence.Step {
	type pool struct{ from, happened, n float64 }
	var pools []pool
	for _, i := range stat.Order(predictions) {
		w := samples[i].Weight
		next := pool{from: w * predictions[i], n: w}
		if samples[i].Answerable {
			next.happened = w
		}
		pools = append(pools, next)
		for len(pools) > 1 {
			a, b := pools[len(pools)-2], pools[len(pools)-1]
			if a.happened*b.n < b.happened*a.n {
				break
			}
			pools = append(pools[:len(pools)-2], pool{a.from + b.from, a.happened + b.happened, a.n + b.n})
		}
	}
	var steps []confidence.Step
	for _, q := range pools {
		s := confidence.Step{From: min(1, q.from/q.n), To: (q.happened + .5) / (q.n + 1)}
		if n := len(steps); n > 0 && (s.From <= steps[n-1].From || s.To < steps[n-1].To) {
			continue
		}
		steps = append(steps, s)
	}
	return steps
}
