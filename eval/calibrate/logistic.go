package calibrate

import (
	"math"

	"github.com/purser-desk/purser/internal/logistic"
	"github.com/purser-desk/purser/suggest/confidence"
)

// table holds samples column by column, for many fits to the same ones.
type table struct {
	samples []Sample
	names   []string
	columns [][]float64 // by name, then by sample
}

func newTable(samples []Sample, names []string) *table {
	t := &table{samples: samples, names: names, columns: make([][]float64, len(names))}
	for k, name := range names {
		t.columns[k] = make([]float64, len(samples))
		for i := range samples {
			t.columns[k][i] = samples[i].Features[name]
		}
	}
	return t
}

// standard is a table as rows to learn from see it: every column, of all samples,
// brought to the mean and standard deviation of those rows.
type standard struct {
	*table
	rows     []int
	features []confidence.Feature
	values   [][]float64
}

// standardise measures the rows.
func (t *table) standardise(rows []int) *standard {
	s := &standard{table: t, rows: rows, values: make([][]float64, len(t.names))}
	var n float64
	for _, i := range rows {
		n += t.samples[i].Weight
	}
	for k, column := range t.columns {
		var sum, square float64
		for _, i := range rows {
			sum += t.samples[i].Weight * column[i]
		}
		mean := sum / n
		for _, i := range rows {
			d := column[i] - mean
			square += t.samples[i].Weight * d * d
		}
		scale := math.Sqrt(square / n)
		if scale < 1e-12 {
			scale = 1
		}
		f := confidence.Feature{Name: t.names[k], Mean: mean, Scale: scale}
		s.features = append(s.features, f)
		s.values[k] = make([]float64, len(column))
		for i, v := range column {
			s.values[k][i] = f.Standard(v)
		}
	}
	return s
}

// fit fits to some of the columns, with the penalty on all weights but the
// intercept. It begins with the weights of start, intercept first; those that are
// missing are 0.
func (s *standard) fit(columns []int, penalty float64, start []float64, tolerance float64) []float64 {
	f := logistic.Few{
		Rows: s.rows, Penalty: penalty,
		Class: make([]bool, len(s.samples)), Weight: make([]float64, len(s.samples)),
	}
	for _, k := range columns {
		f.Columns = append(f.Columns, s.values[k])
	}
	for i := range s.samples {
		f.Class[i], f.Weight[i] = s.samples[i].Answerable, s.samples[i].Weight
	}
	return f.Fit(start, tolerance)
}

// predict is what the weights make of one sample.
func (s *standard) predict(columns []int, weights []float64, i int) float64 {
	odds := weights[0]
	for j, k := range columns {
		odds += s.values[k][i] * weights[j+1]
	}
	return 1 / (1 + math.Exp(-odds))
}

// profile is what the weights come to.
func (s *standard) profile(columns []int, weights []float64, penalty float64) confidence.Profile {
	p := confidence.Profile{Penalty: penalty, Intercept: weights[0]}
	for j, k := range columns {
		f := s.features[k]
		f.Weight = weights[j+1]
		p.Features = append(p.Features, f)
	}
	return p
}
