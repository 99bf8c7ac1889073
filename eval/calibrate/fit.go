package calibrate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/purser-desk/purser/suggest"
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
	// FalseSilence is the share of answerable tickets that may fall below the
	// floor; 0 means .1.
	FalseSilence float64
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
		"(those that the knowledge does not answer with expect none), or run the suite with --take-gold-away, which makes unanswerable ones",
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

func (e *TooFewError) enough() bool { return min(e.Answerable, e.Unanswerable) >= LeastOfEach }

var errNoFeatures = errors.New("the tickets have no feature in common; run the suites with the same version and settings")

// Fit fits a profile. Sets that are many weigh by the square root of their size
// (see weights), and each is judged by itself too. It fails with *TooFewError, or
// with the error of ctx.
func Fit(ctx context.Context, samples []Sample, sets []suggest.ProfileSet, o Options) (suggest.Profile, error) {
	if o.Folds == 0 {
		o.Folds = 5
	}
	if o.FalseSilence == 0 {
		o.FalseSilence = .1
	}
	if few := count(samples); !few.enough() {
		return suggest.Profile{}, &few
	}
	names := commonFeatures(samples, o.Without)
	if len(names) == 0 {
		return suggest.Profile{}, errNoFeatures
	}
	j := newJudge(samples, names, o)
	if err := j.run(ctx); err != nil {
		return suggest.Profile{}, err
	}
	p := j.whole
	p.Version, p.Name, p.Space, p.FalseSilence = suggest.ProfileVersion, o.Name, o.Space, o.FalseSilence
	p.Quality, p.Sets = j.quality(), j.sets(sets)
	return p, nil
}

func divide(samples []Sample, part []int, f int) (train, test []Sample) {
	for i := range samples {
		if part[i] == f {
			test = append(test, samples[i])
		} else {
			train = append(train, samples[i])
		}
	}
	return train, test
}

// fitOne chooses features and penalty by cross-validation within the samples,
// and takes floor and isotonic map from the predictions made there: predictions
// on what a model was fitted to are too sure.
func fitOne(ctx context.Context, samples []Sample, names []string, o Options) (suggest.Profile, error) {
	weigh(samples)
	divisions, parts := innerFolds(samples, o)
	names, err := choose(ctx, samples, divisions[0], names, parts)
	if err != nil {
		return suggest.Profile{}, err
	}
	best, least := 0., math.Inf(1)
	var held []float64
	for _, penalty := range penalties() {
		predictions := make([]float64, len(samples))
		for _, part := range divisions {
			for i, v := range heldOut(samples, part, names, parts, penalty) {
				predictions[i] += v / float64(len(divisions))
			}
		}
		if loss := logLoss(samples, predictions); loss < least {
			best, least, held = penalty, loss, predictions
		}
	}
	p := fitLogistic(samples, names, best)
	if len(samples) >= LeastForIsotonic {
		p.Isotonic = isotonic(samples, held)
		for i := range held {
			held[i] = p.Straighten(held[i])
		}
	}
	p.Floor = floorOf(samples, held, o.FalseSilence)
	return p, nil
}

// heldOut predicts each sample by a model that was fitted without its part.
func heldOut(samples []Sample, part []int, names []string, parts int, penalty float64) []float64 {
	predictions := make([]float64, len(samples))
	for f := range parts {
		train, _ := divide(samples, part, f)
		p := fitLogistic(train, names, penalty)
		for i := range samples {
			if part[i] == f {
				predictions[i], _ = p.Confidence(samples[i].Features)
			}
		}
	}
	return predictions
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
)

// coreFeatures are taken up before any is chosen, where the samples have them:
// how the first answer stands out from the next, from all, and how crowded the
// place is in which it stands. They told answerable tickets from others on sets
// of every kind, and choosing among many needs more tickets than most have.
func coreFeatures() []string { return []string{"lead", "deviation", "crowd"} }

// choose takes up features one by one, always the one that predicts held-out
// samples best with those there are, until none gains enough (forward
// selection, see Hastie, Tibshirani and Friedman, section 3.3.2). A gain must also
// be greater than its own standard error, and the features few for the samples:
// with few tickets of one kind, each further feature costs more than it brings.
func choose(ctx context.Context, samples []Sample, part []int, names []string, parts int) ([]string, error) {
	var chosen []string
	for _, name := range coreFeatures() {
		if slices.Contains(names, name) {
			chosen = append(chosen, name)
		}
	}
	n := count(samples)
	most := min(len(names), max(1, len(chosen), min(n.Answerable, n.Unanswerable)/samplesPerFeature))
	held := func(tried []string) []float64 {
		return losses(samples, heldOut(samples, part, tried, parts, choosingPenalty))
	}
	least := held(chosen)
	for len(chosen) < most {
		var best string
		var bestLosses []float64
		bestGain := math.Inf(-1)
		for _, name := range names {
			if slices.Contains(chosen, name) {
				continue
			}
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			tried := held(append(slices.Clone(chosen), name))
			if gain, _ := gained(samples, least, tried); gain > bestGain {
				best, bestGain, bestLosses = name, gain, tried
			}
		}
		gain, deviation := gained(samples, least, bestLosses)
		if len(chosen) > 0 && gain < max(leastGain, deviation) {
			break
		}
		chosen, least = append(chosen, best), bestLosses
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

// fitLogistic fits by iteratively reweighted least squares (Newton's method,
// see Hastie, Tibshirani and Friedman, "The elements of statistical learning",
// 2009, section 4.4.1) with the penalty on all weights but the intercept.
func fitLogistic(samples []Sample, names []string, penalty float64) suggest.Profile {
	p := suggest.Profile{Penalty: penalty, Features: scales(samples, names)}
	columns := len(names) + 1
	rows := make([]float64, len(samples)*columns)
	for i := range samples {
		row := rows[i*columns : (i+1)*columns]
		row[0] = 1
		for j, f := range p.Features {
			row[j+1] = f.Standard(samples[i].Features[f.Name])
		}
	}
	weights := make([]float64, columns)
	for range 100 {
		step, ok := newton(rows, samples, weights, penalty)
		if !ok {
			break
		}
		var largest float64
		for j := range weights {
			// A bounded step keeps Newton from overshooting far from the optimum.
			d := max(-2, min(2, step[j]))
			weights[j] += d
			largest = max(largest, math.Abs(d))
		}
		if largest < 1e-10 {
			break
		}
	}
	p.Intercept = weights[0]
	for j := range p.Features {
		p.Features[j].Weight = weights[j+1]
	}
	return p
}

// newton is one step towards the optimum; rows hold the samples' values, a column
// for each weight.
func newton(rows []float64, samples []Sample, weights []float64, penalty float64) ([]float64, bool) {
	columns := len(weights)
	gradient := make([]float64, columns)
	hessian := make([]float64, columns*columns) // the upper triangle
	for i := range samples {
		row := rows[i*columns : (i+1)*columns]
		var odds float64
		for j, v := range row {
			odds += v * weights[j]
		}
		p := 1 / (1 + math.Exp(-odds))
		y := 0.
		if samples[i].Answerable {
			y = 1
		}
		w := samples[i].Weight
		left, spread := w*(y-p), w*max(p*(1-p), 1e-9)
		for j, v := range row {
			gradient[j] += left * v
			line, s := hessian[j*columns:(j+1)*columns], spread*v
			for k := j; k < columns; k++ {
				line[k] += s * row[k]
			}
		}
	}
	for j := 1; j < columns; j++ {
		gradient[j] -= penalty * weights[j]
		hessian[j*columns+j] += penalty
	}
	var c mat.Cholesky
	if !c.Factorize(mat.NewSymDense(columns, hessian)) {
		return nil, false
	}
	var step mat.VecDense
	if err := c.SolveVecTo(&step, mat.NewVecDense(columns, gradient)); err != nil {
		return nil, false
	}
	return step.RawVector().Data, true
}

// scales measures each feature's mean and standard deviation.
func scales(samples []Sample, names []string) []suggest.ProfileFeature {
	out := make([]suggest.ProfileFeature, 0, len(names))
	var n float64
	for i := range samples {
		n += samples[i].Weight
	}
	for _, name := range names {
		var sum, square float64
		for i := range samples {
			sum += samples[i].Weight * samples[i].Features[name]
		}
		mean := sum / n
		for i := range samples {
			d := samples[i].Features[name] - mean
			square += samples[i].Weight * d * d
		}
		scale := math.Sqrt(square / n)
		if scale < 1e-12 {
			scale = 1
		}
		out = append(out, suggest.ProfileFeature{Name: name, Mean: mean, Scale: scale})
	}
	return out
}

// isotonic fits the rising map from prediction to probability that is closest
// to what happened, by pooling adjacent violators (Ayer, Brunk, Ewing, Reid and
// Silverman, "An empirical distribution function for sampling with incomplete
// information", 1955). Each pool becomes a point at its mean; each gets half a
// ticket of either kind, so that none is certain.
func isotonic(samples []Sample, predictions []float64) []suggest.ProfileStep {
	order := make([]int, len(samples))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case predictions[a] < predictions[b]:
			return -1
		case predictions[a] > predictions[b]:
			return 1
		default:
			return 0
		}
	})
	type pool struct{ from, happened, n float64 }
	var pools []pool
	for _, i := range order {
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
	var steps []suggest.ProfileStep
	for _, q := range pools {
		s := suggest.ProfileStep{From: q.from / q.n, To: (q.happened + .5) / (q.n + 1)}
		if n := len(steps); n > 0 && (s.From <= steps[n-1].From || s.To < steps[n-1].To) {
			continue
		}
		steps = append(steps, s)
	}
	return steps
}
