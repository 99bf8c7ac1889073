package eval

import (
	"hash/fnv"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

// Measure computes metrics, slices, errors and times from the cases.
func (r *Report) Measure() {
	r.Errors, r.Degraded = 0, nil
	if r.Judge == nil {
		forgetOpinions(r.Cases)
	} else {
		r.Judge.measure(r.Cases)
	}
	r.Usage = Usage{}
	if r.Made.Prices != nil {
		r.Usage.Currency = r.Made.Prices.Currency
	}
	r.Slices, r.Confusion = Slices{}, map[suite.Expect]map[suggest.Outcome]int{}
	groups := map[string]map[string][]*CaseResult{}
	good := make([]*CaseResult, 0, len(r.Cases))
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.Error != "" {
			r.Errors++
			continue
		}
		good = append(good, c)
		r.count(c)
		for _, g := range c.groups() {
			if groups[g.kind] == nil {
				groups[g.kind] = map[string][]*CaseResult{}
			}
			groups[g.kind][g.name] = append(groups[g.kind][g.name], c)
		}
	}
	r.Metrics, r.Weighted = measure(good), weighted(good)
	if r.Judge != nil && r.Judge.Counts {
		r.Metrics[JudgePassCorrected] = r.Judge.Corrected
	}
	r.Slices = Slices{
		Lang: measureAll(groups[groupLang]), Channel: measureAll(groups[groupChannel]),
		Tag: measureAll(groups[groupTag]), Reason: measureAll(groups[groupReason]),
	}
	r.Reliability = reliability(good)
	r.Timing.Steps = stepTimes(good)
}

// count adds a case to the tables that only count.
func (r *Report) count(c *CaseResult) {
	if r.Confusion[c.Expect] == nil {
		r.Confusion[c.Expect] = map[suggest.Outcome]int{}
	}
	if c.Knows(FieldText) {
		r.Confusion[c.Expect][c.Outcome]++
	}
	r.Usage.add(c)
	for _, code := range c.Degraded {
		if r.Degraded == nil {
			r.Degraded = map[suggest.NoticeCode]int{}
		}
		r.Degraded[code]++
	}
}

// The kinds of group.
const (
	groupLang    = "lang"
	groupChannel = "channel"
	groupTag     = "tag"
	groupReason  = "reason"
)

type group struct{ kind, name string }

// groups are what the case belongs to.
func (r *CaseResult) groups() []group {
	lang := text.BaseLanguage(r.Lang)
	if lang == "" {
		lang = unknownLang
	}
	out := []group{{groupLang, lang}, {groupChannel, string(r.Channel)}}
	for _, tag := range r.Tags {
		out = append(out, group{groupTag, tag})
	}
	if r.Want != "" {
		out = append(out, group{groupReason, string(r.Want)})
	}
	return out
}

// unknownLang groups the cases whose language is not stated, as BCP 47 names it.
const unknownLang = "und"

func measureAll(groups map[string][]*CaseResult) map[string]map[string]Metric {
	out := make(map[string]map[string]Metric, len(groups))
	for name, cases := range groups {
		out[name] = measure(cases)
	}
	return out
}

func reliability(cases []*CaseResult) []ReliabilityRow {
	rows := []ReliabilityRow{}
	if !bothKinds(cases) {
		return rows
	}
	for _, b := range stat.Reliability(forecasts(cases), stat.CalibrationBins) {
		rows = append(rows, ReliabilityRow{
			N: b.N, Confidence: b.Forecast, Answerable: b.Happened.Value, Low: b.Happened.Low, High: b.Happened.High,
		})
	}
	return rows
}

func measure(cases []*CaseResult) map[string]Metric {
	out := map[string]Metric{}
	both := bothKinds(cases)
	for _, m := range Metrics() {
		if m.bothKinds && !both {
			out[m.Name] = Metric{}
			continue
		}
		out[m.Name] = m.measure(cases)
	}
	return out
}

func (m MetricInfo) measure(cases []*CaseResult) Metric {
	if m.Kind == KindWhole {
		return whole(m.Name, cases)
	}
	values := make([]float64, 0, len(cases))
	met := 0
	for i := range cases {
		v, counts := cases[i].Scores[m.Name]
		if !counts {
			continue
		}
		values = append(values, v)
		if v == 1 {
			met++
		}
	}
	if m.Kind == KindShare {
		return metricOf(stat.Share(met, len(values)))
	}
	if m.Unit == "" {
		return metricOf(stat.BoundedMean(values, seedOf(m.Name)))
	}
	return metricOf(stat.Mean(values, seedOf(m.Name)))
}

// seedOf gives each metric chance of its own that never changes.
func seedOf(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash never fails
	return h.Sum64()
}

// whole computes what no single case has a part in.
func whole(name string, cases []*CaseResult) Metric {
	switch name {
	case AUROC:
		with, without := confidences(cases)
		return metricOf(stat.AUROC(with, without))
	case AURC:
		return metricOf(stat.AURC(judged(cases), seedOf(name)))
	case CalibrationError:
		return metricOf(stat.CalibrationError(forecasts(cases), seedOf(name)))
	default:
		return Metric{}
	}
}

// bothKinds reports whether some cases are answerable and some are not.
func bothKinds(cases []*CaseResult) bool {
	with, without := confidences(cases)
	return len(with) > 0 && len(without) > 0
}

// confidences of the cases that are answerable, and of those that are not, as far
// as they are known.
func confidences(cases []*CaseResult) (with, without []float64) {
	for i := range cases {
		if !cases[i].KnowsConfidence() {
			continue
		}
		switch cases[i].Expect {
		case suite.ExpectAnswer:
			with = append(with, cases[i].Confidence)
		case suite.ExpectNone:
			without = append(without, cases[i].Confidence)
		case suite.ExpectHuman, suite.ExpectOpen:
		}
	}
	return with, without
}

// judged says what answering each case would have lost.
func judged(cases []*CaseResult) []stat.Judged {
	out := make([]stat.Judged, 0, len(cases))
	for i := range cases {
		c := cases[i]
		if c.Expect != suite.ExpectAnswer && c.Expect != suite.ExpectNone || !c.Knows(FieldConfidence, FieldRanked) {
			continue
		}
		hit, ranked := c.Scores[HitAt3]
		wrong := c.Expect == suite.ExpectNone || ranked && hit == 0
		out = append(out, stat.Judged{Confidence: c.Confidence, Loss: outcome(wrong)})
	}
	return out
}

// forecasts takes confidences for probabilities that the ticket is answerable.
func forecasts(cases []*CaseResult) []stat.Forecast {
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
	good := make([]*CaseResult, 0, len(r.Cases))
	for i := range r.Cases {
		if r.Cases[i].Error == "" {
			good = append(good, &r.Cases[i])
		}
	}
	return stat.RiskCoverage(judged(good))
}
