package eval

import (
	"math"

	"github.com/purser-desk/purser/eval/stat"
)

// differences compares the metrics for which at least one pair counts.
func differences(pairs []pairOf, of []MetricInfo, effect float64) map[string]Difference {
	out := map[string]Difference{}
	first, _ := split(pairs)
	both := bothKinds(first)
	for _, m := range of {
		d := m.difference(pairs, effect)
		if d.N == 0 || m.bothKinds && !both {
			continue
		}
		d.Corrected = d.P
		d.Verdict = m.verdict(d)
		out[m.Name] = d
	}
	return out
}

// verdict judges a change at the usual level. For means the interval must agree
// with the p value: the two are bootstrapped apart and differ at the border.
func (m MetricInfo) verdict(d Difference) Verdict {
	switch way := float64(m.Better) * d.Change; {
	case d.Corrected >= stat.Alpha || d.Change == 0:
		return VerdictCantTell
	case m.Kind == KindMean && d.Low <= 0 && d.High >= 0:
		return VerdictCantTell
	case m.Better == Neither:
		return VerdictDifferent
	case way > 0:
		return VerdictBetter
	default:
		return VerdictWorse
	}
}

func (m MetricInfo) difference(pairs []pairOf, effect float64) Difference {
	if m.Kind == KindWhole {
		return m.wholeDifference(pairs)
	}
	var first, second []float64
	for _, p := range pairs {
		x, inA := p.a.Scores[m.Name]
		y, inB := p.b.Scores[m.Name]
		if inA && inB {
			first, second = append(first, x), append(second, y)
		}
	}
	if len(first) == 0 {
		return Difference{}
	}
	if m.Kind == KindShare {
		return shareDifference(first, second, effect)
	}
	e, p := stat.MeansDifference(first, second, seedOf(m.Name))
	d := differenceOf(e, p)
	d.A, d.B = average(first), average(second)
	d.Smallest = finite(stat.SmallestMeanEffect(first, second))
	return d
}

func split(pairs []pairOf) (first, second []*CaseResult) {
	first, second = make([]*CaseResult, len(pairs)), make([]*CaseResult, len(pairs))
	for i, p := range pairs {
		first[i], second[i] = p.a, p.b
	}
	return first, second
}

func differenceOf(e stat.Estimate, p float64) Difference {
	return Difference{Change: e.Value, Low: e.Low, High: e.High, N: e.N, P: p}
}

func average(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
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
	d.Smallest = finite(stat.SmallestShareEffect(n, disagree))
	d.Power = finite(stat.McNemarPower(n, disagree, effect))
	return d
}

func (m MetricInfo) wholeDifference(pairs []pairOf) Difference {
	first, second := split(pairs)
	var e stat.Estimate
	var p float64
	switch m.Name {
	case AUROC:
		withA, withoutA := confidences(first)
		withB, withoutB := confidences(second)
		e, p = stat.AUROCsDifference([2][]float64{withA, withB}, [2][]float64{withoutA, withoutB})
	case AURC:
		e, p = stat.AURCsDifference(judged(first), judged(second), seedOf(m.Name))
	case CalibrationError:
		e, p = stat.CalibrationErrorsDifference(forecasts(first), forecasts(second), seedOf(m.Name))
	}
	if e.N == 0 {
		return Difference{}
	}
	d := differenceOf(e, p)
	d.A, d.B = whole(m.Name, first).Value, whole(m.Name, second).Value
	return d
}
