package calibrate

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/purser-desk/purser/eval/stat"
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
// definition 6). The quantile of the values themselves would withhold more than
// the share.
func quantile(values, weights []float64, share float64) float64 {
	order, total := stat.Order(values), floats.Sum(weights)
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
