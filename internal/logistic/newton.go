package logistic

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Few is a fit of two classes to a few features, given column by column, so that
// many fits can take theirs from one table.
type Few struct {
	// Columns hold a value for each sample.
	Columns [][]float64
	// Rows are the samples to learn from.
	Rows []int
	// Class and Weight of each sample.
	Class  []bool
	Weight []float64
	// Penalty is as in Options.
	Penalty float64
}

// maxSteps is far more than Newton's method needs, and bounds what it takes where
// classes can be told apart without error.
const maxSteps = 100

// Fit fits by iteratively reweighted least squares (Newton's method, see Hastie,
// Tibshirani and Friedman, "The elements of statistical learning", 2009, section
// 4.4.1). It takes a few steps where Fit of this package takes dozens, each of which
// costs the square of the features. It begins with the weights of start, intercept
// first; those that are missing are 0. It ends when no weight moves by more than
// tolerance, and returns the weights, intercept first.
func (f *Few) Fit(start []float64, tolerance float64) []float64 {
	weights := make([]float64, len(f.Columns)+1)
	copy(weights, start)
	for range maxSteps {
		step, ok := f.step(weights)
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
		if largest < tolerance {
			break
		}
	}
	return weights
}

// step is one step towards the optimum.
func (f *Few) step(weights []float64) ([]float64, bool) {
	size := len(weights)
	gradient, hessian := make([]float64, size), make([]float64, size*size) // the upper triangle
	row := make([]float64, size)
	row[0] = 1
	for _, i := range f.Rows {
		odds := weights[0]
		for j, column := range f.Columns {
			row[j+1] = column[i]
			odds += row[j+1] * weights[j+1]
		}
		p := 1 / (1 + math.Exp(-odds))
		y := 0.
		if f.Class[i] {
			y = 1
		}
		w := f.Weight[i]
		left, spread := w*(y-p), w*max(p*(1-p), 1e-9)
		for j, v := range row {
			gradient[j] += left * v
			line, sv := hessian[j*size:(j+1)*size], spread*v
			for k := j; k < size; k++ {
				line[k] += sv * row[k]
			}
		}
	}
	for j := 1; j < size; j++ {
		gradient[j] -= f.Penalty * weights[j]
		hessian[j*size+j] += f.Penalty
	}
	var c mat.Cholesky
	if !c.Factorize(mat.NewSymDense(size, hessian)) {
		return nil, false
	}
	var step mat.VecDense
	if err := c.SolveVecTo(&step, mat.NewVecDense(size, gradient)); err != nil {
		return nil, false
	}
	return step.RawVector().Data, true
}
