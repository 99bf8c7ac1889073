package logistic_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/purser-desk/purser/internal/logistic"
)

// draw makes rows of a few features and a class for each, drawn by a model.
func draw(n int, m *logistic.Model, seed uint64) (rows [][]float64, classes []int) {
	r := rand.New(rand.NewPCG(seed, 1))
	for range n {
		row := make([]float64, m.Features())
		for j := range row {
			row[j] = r.NormFloat64()
		}
		u, class := r.Float64(), 0
		for k, p := range m.Predict(row) {
			if u -= p; u < 0 {
				class = k
				break
			}
		}
		rows, classes = append(rows, row), append(classes, class)
	}
	return rows, classes
}

func TestFitFindsWhatDrewTheRows(t *testing.T) {
	t.Parallel()
	for name, truth := range map[string]*logistic.Model{
		"two classes":   {Weights: [][]float64{{-.5, 2, -1, 0}}},
		"three classes": {Weights: [][]float64{{.3, 1, 0, -1}, {0, -1, 1, 0}, {-.3, 0, -1, 1}}},
	} {
		rows, classes := draw(20000, truth, 7)
		got, err := logistic.Fit(t.Context(), rows, classes, logistic.Options{Classes: max(2, len(truth.Weights)), Penalty: 1e-3})
		if err != nil {
			t.Fatal(name, err)
		}
		for k := range truth.Weights {
			for j, want := range truth.Weights[k] {
				if math.Abs(got.Weights[k][j]-want) > .1 {
					t.Errorf("%s: weights %v, want %v", name, got.Weights, truth.Weights)
				}
			}
		}
		var sum float64
		for _, p := range got.Predict(rows[0]) {
			sum += p
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("%s: probabilities sum to %v", name, sum)
		}
	}
}

// At the optimum the penalty balances what the rows pull: for every weight, its
// penalty equals the sum of features times what the prediction misses.
func TestFitEndsAtTheOptimum(t *testing.T) {
	t.Parallel()
	rows, classes := draw(300, &logistic.Model{Weights: [][]float64{{.2, 1, -1, .5, 0, 3}}}, 3)
	weight := make([]float64, len(rows))
	for i := range weight {
		weight[i] = 1 + float64(i%3)
	}
	const penalty = 5
	m, err := logistic.Fit(t.Context(), rows, classes, logistic.Options{Classes: 2, Penalty: penalty, Weight: weight})
	if err != nil {
		t.Fatal(err)
	}
	pull := make([]float64, m.Features()+1)
	for i, row := range rows {
		missed := weight[i] * (float64(classes[i]) - m.Predict(row)[1])
		pull[0] += missed
		for j, v := range row {
			pull[j+1] += missed * v
		}
	}
	for j, v := range m.Weights[0] {
		want := penalty * v
		if j == 0 {
			want = 0
		}
		if math.Abs(pull[j]-want) > 1e-2 {
			t.Errorf("weight %d: the rows pull by %g, the penalty by %g", j, pull[j], want)
		}
	}
}

// Both ways to fit minimise the same loss.
func TestFewFeaturesAreFittedAlike(t *testing.T) {
	t.Parallel()
	rows, classes := draw(400, &logistic.Model{Weights: [][]float64{{-1, 2, 0, -.7}}}, 5)
	few := logistic.Few{Columns: make([][]float64, 3), Penalty: 2}
	for i, row := range rows {
		for j, v := range row {
			few.Columns[j] = append(few.Columns[j], v)
		}
		few.Rows, few.Class, few.Weight = append(few.Rows, i), append(few.Class, classes[i] == 1), append(few.Weight, 1)
	}
	m, err := logistic.Fit(t.Context(), rows, classes, logistic.Options{Classes: 2, Penalty: 2})
	if err != nil {
		t.Fatal(err)
	}
	for j, v := range few.Fit(nil, 1e-10) {
		if math.Abs(v-m.Weights[0][j]) > 1e-4 {
			t.Errorf("weight %d: %g and %g", j, v, m.Weights[0][j])
		}
	}
}

func TestFitRefuses(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancelCause(t.Context())
	cause := errors.New("the caller gave up")
	end(cause)
	row := [][]float64{{1}, {2}}
	if _, err := logistic.Fit(ended, row, []int{0, 1}, logistic.Options{Classes: 2, Penalty: 1}); !errors.Is(err, cause) {
		t.Errorf("an ended context: %v", err)
	}
	if _, err := logistic.Fit(t.Context(), row, []int{1, 1}, logistic.Options{Classes: 2, Penalty: 1}); !errors.Is(err, logistic.ErrNothingToLearn) {
		t.Errorf("one class: %v", err)
	}
	for name, c := range map[string]struct {
		rows    [][]float64
		classes []int
		o       logistic.Options
	}{
		"no penalty":     {row, []int{0, 1}, logistic.Options{Classes: 2}},
		"a class beyond": {row, []int{0, 2}, logistic.Options{Classes: 2, Penalty: 1}},
		"uneven rows":    {[][]float64{{1}, {1, 2}}, []int{0, 1}, logistic.Options{Classes: 2, Penalty: 1}},
		"no number":      {[][]float64{{1}, {math.NaN()}}, []int{0, 1}, logistic.Options{Classes: 2, Penalty: 1}},
		"few classes":    {row, []int{0}, logistic.Options{Classes: 2, Penalty: 1}},
	} {
		if m, err := logistic.Fit(t.Context(), c.rows, c.classes, c.o); err == nil {
			t.Errorf("%s: fitted %v", name, m)
		}
	}
}

// Rows of one group that share a feature nobody else has must not be told by it.
func TestCrossValidateLeavesWholeGroupsOut(t *testing.T) {
	t.Parallel()
	var rows [][]float64
	var classes []int
	var groups []string
	for g := range 12 {
		for range 4 {
			row := make([]float64, 12)
			row[g] = 1 // tells the group, and the group its class
			rows, classes, groups = append(rows, row), append(classes, g%2), append(groups, string(rune('a'+g)))
		}
	}
	o := logistic.Options{Classes: 2, Penalty: .1}
	told, err := logistic.CrossValidate(t.Context(), rows, classes, groups, 0, o)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range told {
		if p[classes[i]] > .6 {
			t.Errorf("row %d is told by its own group: %v", i, p)
		}
	}
	m, err := logistic.Fit(t.Context(), rows, classes, o)
	if err != nil {
		t.Fatal(err)
	}
	if p := m.Predict(rows[0]); p[0] < .7 {
		t.Errorf("with its group a row is told: %v", p)
	}
}

func TestModelsSurviveBytes(t *testing.T) {
	t.Parallel()
	m := &logistic.Model{Weights: [][]float64{{1, -.5}, {0, 2}}}
	got, rest, err := logistic.Read(append(m.Append(nil), 9))
	if err != nil || len(rest) != 1 || got.Weights[0][1] != -.5 || got.Weights[1][1] != 2 {
		t.Errorf("%v, %v, %v", got, rest, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add((&logistic.Model{Weights: [][]float64{{1, -.5}}}).Append(nil))
	f.Add([]byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, rest, err := logistic.Read(b)
		if err != nil {
			if !errors.Is(err, logistic.ErrNotAModel) {
				t.Errorf("%v", err)
			}
			return
		}
		again, _, err := logistic.Read(m.Append(nil))
		if err != nil || len(rest) > len(b) || again.Features() != m.Features() {
			t.Errorf("%v does not survive: %v, %v", m, again, err)
		}
	})
}
