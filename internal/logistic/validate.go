package logistic

import (
	"context"
	"errors"
	"slices"
)

// CrossValidate predicts each row by a model that was fitted without the rows of
// its group: what was written together, or by one hand, is alike, and would tell a
// model more than it will know. The groups are dealt into folds in the order of their
// names, so that two runs give the same; with 0 folds, or more than there are groups,
// each group is a fold. It returns what Model.Predict does for each row.
func CrossValidate(ctx context.Context, rows [][]float64, classes []int, groups []string, folds int, o Options) ([][]float64, error) {
	if len(groups) != len(rows) {
		return nil, errors.New("cross-validation needs a group for each row")
	}
	fold, folds := foldsOf(groups, folds)
	out := make([][]float64, len(rows))
	for f := range folds {
		var held []int
		var train [][]float64
		var labels []int
		part := o
		part.Weight = nil
		for i := range rows {
			if fold[groups[i]] == f {
				held = append(held, i)
				continue
			}
			train, labels = append(train, rows[i]), append(labels, classes[i])
			if o.Weight != nil {
				part.Weight = append(part.Weight, o.Weight[i])
			}
		}
		m, err := Fit(ctx, train, labels, part)
		if err != nil {
			return nil, err
		}
		for _, i := range held {
			out[i] = m.Predict(rows[i])
		}
	}
	return out, nil
}

// foldsOf deals groups into folds.
func foldsOf(groups []string, folds int) (map[string]int, int) {
	names := slices.Clone(groups)
	slices.Sort(names)
	names = slices.Compact(names)
	if folds <= 0 || folds > len(names) {
		folds = len(names)
	}
	fold := make(map[string]int, len(names))
	for i, name := range names {
		fold[name] = i % folds
	}
	return fold, folds
}
