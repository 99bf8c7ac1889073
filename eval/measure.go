package eval

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

// Measure computes metrics, slices, errors and times from the cases.
func (r *Report) Measure() {
	r.Degraded, r.Profile = nil, nil
	if r.Judge == nil {
		forgetVerdicts(r.Cases)
	} else {
		r.Judge.measure(r.Cases)
	}
	r.Usage = Usage{}
	if r.Configuration.Prices != nil {
		r.Usage.Currency = r.Configuration.Prices.Currency
	}
	r.Confusion = map[suite.Expect]map[suggest.Outcome]int{}
	good := r.good()
	r.Errors = len(r.Cases) - len(good)
	for _, c := range good {
		r.count(c)
	}
	r.Metrics, r.Weighted = measure(good, false), weighted(good)
	if r.Judge != nil && r.Judge.Counts {
		r.Metrics[JudgePassCorrected] = r.Judge.Corrected
	}
	r.Slices = Slices[Metric]{GroupLang: {}, GroupChannel: {}, GroupTag: {}, GroupReason: {}}
	for g, cases := range Grouped(good, (*CaseResult).Groups) {
		r.Slices.Put(g, measure(cases, false))
	}
	r.Reliability = reliability(good)
	r.Timing.Steps = stepTimes(good)
}

// good are the cases that did not fail.
func (r *Report) good() []*CaseResult {
	good := make([]*CaseResult, 0, len(r.Cases))
	for i := range r.Cases {
		if r.Cases[i].Error == "" {
			good = append(good, &r.Cases[i])
		}
	}
	return good
}

// count adds a case to the tables that only count.
func (r *Report) count(c *CaseResult) {
	if c.Knows(FieldText) {
		if r.Confusion[c.Expect] == nil {
			r.Confusion[c.Expect] = map[suggest.Outcome]int{}
		}
		r.Confusion[c.Expect][c.Outcome]++
	}
	r.Usage.add(c)
	r.countProfile(c)
	for _, code := range c.Degraded {
		if r.Degraded == nil {
			r.Degraded = map[suggest.NoticeCode]int{}
		}
		r.Degraded[code]++
	}
}

// The kinds of group.
const (
	GroupLang    = "lang"
	GroupChannel = "channel"
	GroupTag     = "tag"
	GroupReason  = "reason"
)

// Group is a group of cases: a kind of group and one of its names.
type Group struct{ Kind, Name string }

// String is the group as policies name it, such as "lang/de".
func (g Group) String() string { return g.Kind + "/" + g.Name }

// Slices are figures of metrics of groups of cases, by kind of group and name.
type Slices[F any] map[string]map[string]map[string]F

// Put sets a group's figures.
func (s Slices[F]) Put(g Group, figures map[string]F) {
	if s[g.Kind] == nil {
		s[g.Kind] = map[string]map[string]F{}
	}
	s[g.Kind][g.Name] = figures
}

// Named are the figures of a group as policies name it; nil where it is none.
func (s Slices[F]) Named(slice string) map[string]F {
	kind, name, _ := strings.Cut(slice, "/")
	return s[kind][name]
}

// All are the groups, sorted, with their figures.
func (s Slices[F]) All() iter.Seq2[Group, map[string]F] {
	return func(yield func(Group, map[string]F) bool) {
		for _, kind := range slices.Sorted(maps.Keys(s)) {
			for _, name := range slices.Sorted(maps.Keys(s[kind])) {
				if !yield(Group{kind, name}, s[kind][name]) {
					return
				}
			}
		}
	}
}

// Grouped parts what belongs to groups by them.
func Grouped[T any](all []T, groupsOf func(T) []Group) map[Group][]T {
	out := map[Group][]T{}
	for _, one := range all {
		for _, g := range groupsOf(one) {
			out[g] = append(out[g], one)
		}
	}
	return out
}

// Groups are what the case belongs to.
func (r *CaseResult) Groups() []Group {
	lang := text.BaseLanguage(r.Lang)
	if lang == "" {
		lang = unknownLang
	}
	out := []Group{{GroupLang, lang}, {GroupChannel, string(r.Channel)}}
	for _, tag := range r.Tags {
		out = append(out, Group{GroupTag, tag})
	}
	if r.Want != "" {
		out = append(out, Group{GroupReason, string(r.Want)})
	}
	return out
}

// unknownLang groups the cases whose language is not stated, as BCP 47 names it.
const unknownLang = "und"

func reliability(cases []*CaseResult) []ReliabilityRow {
	rows := []ReliabilityRow{}
	if !bothKinds(cases) {
		return rows
	}
	for _, b := range stat.Reliability(Forecasts(cases), stat.CalibrationBins) {
		rows = append(rows, ReliabilityRow{
			N: b.N, Confidence: b.Forecast, Answerable: b.Happened.Value, Low: b.Happened.Low, High: b.Happened.High,
		})
	}
	return rows
}

// measure computes the metrics; weighted, shares and means as they would be over
// the population that the cases were sampled from. What no single case has a part
// in, such as the area under a curve, is not computed then.
func measure(cases []*CaseResult, weighted bool) map[string]Metric {
	out := map[string]Metric{}
	for _, m := range Metrics() {
		switch {
		case weighted && (m.Kind == KindWhole || !m.Tells(cases)):
		case !m.Tells(cases):
			out[m.Name] = Metric{}
		case m.Kind == KindWhole:
			out[m.Name] = whole(m, cases)
		default:
			out[m.Name] = metricOf(m.estimate(cases, weighted))
		}
	}
	return out
}

// weighted measures the cases that carry a weight; nil when none does. Others,
// such as those that a person added to the sample, are left out.
func weighted(cases []*CaseResult) map[string]Metric {
	sampled := slices.DeleteFunc(slices.Clone(cases), func(c *CaseResult) bool { return c.Weight <= 0 })
	if len(sampled) == 0 {
		return nil
	}
	return measure(sampled, true)
}

func (m MetricInfo) estimate(cases []*CaseResult, weighted bool) stat.Estimate {
	values, weights := make([]float64, 0, len(cases)), make([]float64, 0, len(cases))
	met := 0
	for _, c := range cases {
		if v, counts := c.Scores[m.Name]; counts {
			values, weights = append(values, v), append(weights, c.Weight)
			if v == 1 {
				met++
			}
		}
	}
	switch bounded := m.Unit == ""; {
	case m.Kind == KindShare && weighted:
		return stat.WeightedShare(values, weights)
	case m.Kind == KindShare:
		return stat.Share(met, len(values))
	case bounded && weighted:
		return stat.BoundedWeightedMean(values, weights, m.Seed())
	case bounded:
		return stat.BoundedMean(values, m.Seed())
	case weighted:
		return stat.WeightedMean(values, weights, m.Seed())
	}
	return stat.Mean(values, m.Seed())
}

// whole computes what no single case has a part in.
func whole(m MetricInfo, cases []*CaseResult) Metric {
	switch m.Name {
	case AUROC:
		with, without := Confidences(cases)
		return metricOf(stat.AUROC(with, without))
	case AURC:
		return metricOf(stat.AURC(Losses(cases), m.Seed()))
	case CalibrationError:
		return metricOf(stat.CalibrationError(Forecasts(cases), m.Seed()))
	default:
		return Metric{}
	}
}

// bothKinds reports whether some cases are answerable and some are not.
func bothKinds(cases []*CaseResult) bool {
	with, without := Confidences(cases)
	return len(with) > 0 && len(without) > 0
}

// Confidences of the cases that are answerable, and of those that are not, as far
// as they are known.
func Confidences(cases []*CaseResult) (with, without []float64) {
	for _, f := range Forecasts(cases) {
		if f.Happened {
			with = append(with, f.Probability)
		} else {
			without = append(without, f.Probability)
		}
	}
	return with, without
}

// Losses say what answering each case would have lost, as far as that and its
// confidence are known.
func Losses(cases []*CaseResult) []stat.Answer {
	out := make([]stat.Answer, 0, len(cases))
	for i := range cases {
		c := cases[i]
		if c.Expect != suite.ExpectAnswer && c.Expect != suite.ExpectNone || !c.Knows(FieldConfidence, FieldRanked) {
			continue
		}
		hit, ranked := c.Scores[HitAt3]
		wrong := c.Expect == suite.ExpectNone || ranked && hit == 0
		out = append(out, stat.Answer{Confidence: c.Confidence, Loss: outcome(wrong)})
	}
	return out
}

// Forecasts takes confidences, where they are known, for probabilities that the
// ticket is answerable.
func Forecasts(cases []*CaseResult) []stat.Forecast {
	out := make([]stat.Forecast, 0, len(cases))
	for i := range cases {
		if c := cases[i]; (c.Expect == suite.ExpectAnswer || c.Expect == suite.ExpectNone) && c.KnowsConfidence() {
			out = append(out, stat.Forecast{Probability: c.Confidence, Happened: c.Expect == suite.ExpectAnswer})
		}
	}
	return out
}

// RiskCoverage is what answering only the most confident tickets would risk; a
// loss is as for the metric AURC. Tickets that a person must write are left out.
func (r *Report) RiskCoverage() []stat.RiskPoint {
	return stat.RiskCoverage(Losses(r.good()))
}
