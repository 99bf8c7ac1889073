package compare

import (
	"math"
	"slices"

	gonum "gonum.org/v1/gonum/stat"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/stat"
)

// differences compares the metrics that count for at least one pair; all of
// them, to no avail, where there is no pair.
func differences(pairs []pairOf, of []eval.MetricInfo, effect float64, weighted bool) map[string]Difference {
	out := map[string]Difference{}
	for _, m := range of {
		d := difference(m, pairs, effect, weighted)
		if !tells(m, pairs) {
			d = Difference{}
		}
		if d.N+d.OnlyA+d.OnlyB == 0 && len(pairs) > 0 {
			continue
		}
		d.Corrected = d.P
		d.Verdict = verdict(m, d)
		out[m.Name] = d
	}
	return out
}

// weightedDifferences compares shares and means as they would be over all
// tickets that the suite is a sample of; nil when no pair carries a weight.
// Pairs without one are left out, and so is what no single case has a part in.
func weightedDifferences(pairs []pairOf, of []eval.MetricInfo) map[string]Difference {
	sampled := slices.DeleteFunc(slices.Clone(pairs), func(p pairOf) bool { return p.a.Weight <= 0 })
	if len(sampled) == 0 {
		return nil
	}
	// All are bootstrapped, so decided as means are.
	means := slices.DeleteFunc(slices.Clone(of), func(m eval.MetricInfo) bool { return m.Kind == eval.KindWhole })
	for i := range means {
		means[i].Kind = eval.KindMean
	}
	return differences(sampled, means, 0, true)
}

// verdict decides on a change at the usual level. But for shares the interval must
// agree with the p value: the two are drawn apart and differ at the border.
func verdict(m eval.MetricInfo, d Difference) Verdict {
	switch way := float64(m.Better) * d.Change; {
	case d.N == 0 || d.Corrected >= stat.Alpha || d.Change == 0:
		return CantTell
	case m.Kind != eval.KindShare && d.Low <= 0 && d.High >= 0:
		return CantTell
	case m.Better == eval.Neither:
		return Different
	case way > 0:
		return Better
	default:
		return Worse
	}
}

// difference compares a metric; weighted, as it would be over all tickets that
// the pairs are a sample of.
func difference(m eval.MetricInfo, pairs []pairOf, effect float64, weighted bool) Difference {
	if m.Kind == eval.KindWhole {
		return wholeDifference(m, pairs)
	}
	var first, second, weights []float64
	onlyA, onlyB := 0, 0
	for _, p := range pairs {
		x, inA := p.a.Scores[m.Name]
		y, inB := p.b.Scores[m.Name]
		switch {
		case inA && inB:
			first, second, weights = append(first, x), append(second, y), append(weights, p.a.Weight)
		case inA:
			onlyA++
		case inB:
			onlyB++
		}
	}
	var d Difference
	switch {
	case len(first) == 0:
	case m.Kind == eval.KindShare:
		d = shareDifference(first, second, effect)
	default:
		d = meanDifference(m, first, second, weights, effect, weighted)
	}
	d.OnlyA, d.OnlyB = onlyA, onlyB
	return d
}

func meanDifference(m eval.MetricInfo, first, second, weights []float64, effect float64, weighted bool) Difference {
	var e stat.Estimate
	var p float64
	switch bounded := m.Unit == ""; {
	case bounded && weighted:
		e, p = stat.BoundedWeightedMeansDifference(first, second, weights, m.Seed())
	case weighted:
		e, p = stat.WeightedMeansDifference(first, second, weights, m.Seed())
	case bounded:
		e, p = stat.BoundedMeansDifference(first, second, m.Seed())
	default:
		e, p = stat.MeansDifference(first, second, m.Seed())
	}
	d := differenceOf(e, p)
	if weighted {
		d.Smallest = stat.Finite(stat.SmallestOf(e))
	} else {
		weights = nil
		d.Smallest = stat.Finite(stat.SmallestMeanEffect(first, second))
		if m.Unit == "" {
			d.Power = stat.Finite(stat.MeanPower(first, second, effect))
		}
	}
	d.A, d.B = gonum.Mean(first, weights), gonum.Mean(second, weights)
	return d
}

// tells reports whether the metric says anything of the pairs that both know.
func tells(m eval.MetricInfo, pairs []pairOf) bool {
	if m.Tells(nil) {
		return true // of any cases
	}
	first, _ := split(known(m, pairs))
	return m.Tells(first)
}

// known are the pairs of which both tell what the metric is made from: what one
// does not tell can't be paired.
func known(m eval.MetricInfo, pairs []pairOf) []pairOf {
	unknown := func(p pairOf) bool { return !m.IsKnown(p.a) || !m.IsKnown(p.b) }
	if !slices.ContainsFunc(pairs, unknown) {
		return pairs
	}
	return slices.DeleteFunc(slices.Clone(pairs), unknown)
}

func split(pairs []pairOf) (first, second []*eval.CaseResult) {
	first, second = make([]*eval.CaseResult, len(pairs)), make([]*eval.CaseResult, len(pairs))
	for i, p := range pairs {
		first[i], second[i] = p.a, p.b
	}
	return first, second
}

func differenceOf(e stat.Estimate, p float64) Difference {
	return Difference{Change: e.Value, Low: e.Low, High: e.High, N: e.N, P: p}
}

func shareDifference(first, second []float64, effect float64) Difference {
	n, both, gained, lost := len(first), 0, 0, 0
	for i := range first {
		switch a, b := first[i] == 1, second[i] == 1; {
		case a && b:
			both++
		case b:
			gained++
		case a:
			lost++
		}
	}
	d := differenceOf(stat.SharesDifference(both, gained, lost, n), stat.McNemar(gained, lost))
	d.A, d.B = float64(both+lost)/float64(n), float64(both+gained)/float64(n)
	d.Gained, d.Lost = gained, lost
	disagree := float64(gained+lost) / float64(n)
	d.Smallest = stat.Finite(stat.SmallestShareEffect(n, disagree))
	d.Power = stat.Finite(stat.McNemarPower(n, disagree, effect))
	return d
}

func wholeDifference(m eval.MetricInfo, pairs []pairOf) Difference {
	first, second := split(known(m, pairs))
	var e stat.Estimate
	var p float64
	switch m.Name {
	case eval.AUROC:
		withA, withoutA := eval.Confidences(first)
		withB, withoutB := eval.Confidences(second)
		e, p = stat.AUROCsDifference([2][]float64{withA, withB}, [2][]float64{withoutA, withoutB})
	case eval.AURC:
		e, p = changed(eval.Losses(first), eval.Losses(second), m.Seed(), stat.AURCsDifference)
	case eval.CalibrationError:
		e, p = changed(eval.Forecasts(first), eval.Forecasts(second), m.Seed(), stat.CalibrationErrorsDifference)
	}
	if e.N == 0 {
		return Difference{}
	}
	d := differenceOf(e, p)
	d.A, d.B = wholeValue(m.Name, first), wholeValue(m.Name, second)
	d.Smallest = stat.Finite(stat.SmallestOf(e))
	return d
}

// wholeValue is the value of whole without its interval, which is bootstrapped.
func wholeValue(name string, cases []*eval.CaseResult) float64 {
	switch name {
	case eval.AUROC:
		with, without := eval.Confidences(cases)
		return stat.AUROC(with, without).Value
	case eval.AURC:
		return stat.AURCValue(eval.Losses(cases))
	case eval.CalibrationError:
		return stat.CalibrationErrorValue(eval.Forecasts(cases))
	default:
		return math.NaN()
	}
}

// changed spares a bootstrap where nothing changed.
func changed[T comparable](a, b []T, seed uint64, differ func(a, b []T, seed uint64) (stat.Estimate, float64)) (stat.Estimate, float64) {
	if slices.Equal(a, b) {
		return stat.Estimate{N: len(a)}, 1
	}
	return differ(a, b, seed)
}
