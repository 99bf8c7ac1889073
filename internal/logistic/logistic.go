package logistic

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// Model gives the odds of each class from a row of features.
type Model struct {
	// Weights hold one line a class, each with the intercept first and then one
	// weight a feature. A model of two classes has one line, the odds of class 1
	// against class 0.
	Weights [][]float64
}

// Options set up a fit.
type Options struct {
	// Classes there are, 2 or more.
	Classes int
	// Penalty is what the half sum of squared weights, intercepts apart, costs
	// beside the sum of log losses; above 0.
	Penalty float64
	// Weight of each row; nil means 1 for each.
	Weight []float64
}

// ErrNothingToLearn says that the rows show fewer than two classes.
var ErrNothingToLearn = errors.New("a fit needs rows of at least two classes")

// Fit fits a model to rows, whose features should be of comparable size, and their
// classes, counted from 0. It minimises the log loss with the penalty by L-BFGS
// (Liu and Nocedal, "On the limited memory BFGS method for large scale
// optimization", 1989). It fails where the rows do not fit together, with
// ErrNothingToLearn, or with the cause of ctx's end.
func Fit(ctx context.Context, rows [][]float64, classes []int, o Options) (*Model, error) {
	p, err := newProblem(rows, classes, o)
	if err != nil {
		return nil, err
	}
	start := make([]float64, p.lines*(p.features+1))
	var known []float64 // the place that value and gradient were last asked for
	var loss float64
	gradient := make([]float64, len(start))
	compute := func(at []float64) {
		if known != nil && equal(known, at) {
			return
		}
		known = append(known[:0], at...)
		loss = p.loss(at, gradient)
	}
	result, err := optimize.Minimize(optimize.Problem{
		Func: func(at []float64) float64 { compute(at); return loss },
		Grad: func(to, at []float64) { compute(at); copy(to, gradient) },
		Status: func() (optimize.Status, error) {
			if ctx.Err() != nil {
				return optimize.Failure, context.Cause(ctx)
			}
			return optimize.NotTerminated, nil
		},
	}, start, &optimize.Settings{
		// The loss grows with the rows, so that what counts as flat does too.
		GradientThreshold: 1e-6 * p.total,
		Converger:         &optimize.FunctionConverge{Relative: 1e-9, Iterations: 10},
		MajorIterations:   2000,
		Concurrent:        1,
	}, &optimize.LBFGS{Store: 10})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	// A line search that finds no lower place near the optimum is no failure: what it
	// had reached is returned with the error.
	if result == nil || (err != nil && !isFlat(result, p.total)) {
		return nil, fmt.Errorf("fitting: %w", err)
	}
	return p.model(result.X), nil
}

// isFlat reports whether a fit that ended early had all but arrived.
func isFlat(r *optimize.Result, total float64) bool {
	var square float64
	for _, g := range r.Gradient {
		square += g * g
	}
	return len(r.Gradient) > 0 && math.Sqrt(square) < 1e-3*total
}

func equal(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// problem is what a fit minimises.
type problem struct {
	x               *mat.Dense // rows by features, with a column of ones before
	classes         []int
	weight          []float64
	total           float64 // of the weights
	lines, features int
	penalty         float64
	logits, left    *mat.Dense // rows by lines, kept between calls
}

func newProblem(rows [][]float64, classes []int, o Options) (*problem, error) {
	switch {
	case len(rows) != len(classes) || (o.Weight != nil && len(o.Weight) != len(rows)):
		return nil, fmt.Errorf("a fit needs a class and a weight for each row; these are %d rows, %d classes and %d weights", len(rows), len(classes), len(o.Weight))
	case o.Classes < 2 || o.Penalty <= 0 || math.IsNaN(o.Penalty):
		return nil, fmt.Errorf("a fit needs two classes or more and a penalty above 0, not %d and %g", o.Classes, o.Penalty)
	}
	seen := make([]bool, o.Classes)
	different := 0
	for _, c := range classes {
		if c < 0 || c >= o.Classes {
			return nil, fmt.Errorf("class %d is not one of the %d that there are", c, o.Classes)
		}
		if !seen[c] {
			seen[c], different = true, different+1
		}
	}
	if different < 2 {
		return nil, ErrNothingToLearn
	}
	p := &problem{classes: classes, weight: o.Weight, features: len(rows[0]), penalty: o.Penalty, lines: o.Classes}
	if o.Classes == 2 {
		p.lines = 1
	}
	p.x = mat.NewDense(len(rows), p.features+1, nil)
	for i, row := range rows {
		if len(row) != p.features {
			return nil, fmt.Errorf("row %d has %d features, the first has %d", i, len(row), p.features)
		}
		for _, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("row %d holds what is no number", i)
			}
		}
		to := p.x.RawRowView(i)
		to[0] = 1
		copy(to[1:], row)
		p.total += p.weightOf(i)
	}
	p.logits = mat.NewDense(len(rows), p.lines, nil)
	p.left = mat.NewDense(len(rows), p.lines, nil)
	return p, nil
}

func (p *problem) weightOf(i int) float64 {
	if p.weight == nil {
		return 1
	}
	return p.weight[i]
}

// loss is the penalised log loss at a place, whose gradient it writes.
func (p *problem) loss(at, gradient []float64) float64 {
	w := mat.NewDense(p.lines, p.features+1, at)
	p.logits.Mul(p.x, w.T())
	var sum float64
	for i, class := range p.classes {
		odds, left := p.logits.RawRowView(i), p.left.RawRowView(i)
		probabilities(odds, left)
		weight := p.weightOf(i)
		sum += weight * logLoss(odds, class)
		for k := range left {
			if k == class || (p.lines == 1 && class == 1) {
				if p.lines > 1 || class == 1 {
					left[k]--
				}
			}
			left[k] *= weight
		}
	}
	g := mat.NewDense(p.lines, p.features+1, gradient)
	g.Mul(p.left.T(), p.x)
	for k := range p.lines {
		line, to := w.RawRowView(k), g.RawRowView(k)
		for j := 1; j < len(line); j++ {
			sum += p.penalty / 2 * line[j] * line[j]
			to[j] += p.penalty * line[j]
		}
	}
	return sum
}

func (p *problem) model(at []float64) *Model {
	m := &Model{}
	for k := range p.lines {
		m.Weights = append(m.Weights, append([]float64(nil), at[k*(p.features+1):(k+1)*(p.features+1)]...))
	}
	return m
}

// probabilities writes those of each line's class: with one line of class 1, with
// more a distribution over them.
func probabilities(odds, to []float64) {
	if len(odds) == 1 {
		to[0] = 1 / (1 + math.Exp(-odds[0]))
		return
	}
	most := math.Inf(-1)
	for _, v := range odds {
		most = max(most, v)
	}
	var sum float64
	for k, v := range odds {
		to[k] = math.Exp(v - most)
		sum += to[k]
	}
	for k := range to {
		to[k] /= sum
	}
}

// logLoss is that of a row whose class is known, exact where probabilities are not.
func logLoss(odds []float64, class int) float64 {
	if len(odds) == 1 {
		v := odds[0]
		if class == 1 {
			v = -v
		}
		return max(v, 0) + math.Log1p(math.Exp(-math.Abs(v)))
	}
	most := math.Inf(-1)
	for _, v := range odds {
		most = max(most, v)
	}
	var sum float64
	for _, v := range odds {
		sum += math.Exp(v - most)
	}
	return most + math.Log(sum) - odds[class]
}

// Features is how many a row has.
func (m *Model) Features() int {
	if len(m.Weights) == 0 {
		return 0
	}
	return len(m.Weights[0]) - 1
}

// Predict is the probability of each class for a row, which has as many features as
// those that the model was fitted to.
func (m *Model) Predict(row []float64) []float64 {
	odds := make([]float64, len(m.Weights))
	for k, line := range m.Weights {
		odds[k] = line[0]
		for j, v := range row {
			odds[k] += line[j+1] * v
		}
	}
	out := make([]float64, len(odds))
	probabilities(odds, out)
	if len(out) == 1 {
		return []float64{1 - out[0], out[0]}
	}
	return out
}
