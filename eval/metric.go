package eval

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/eval/overlap"
	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

// Kind says how a metric is made from its cases.
type Kind int

// The kinds.
const (
	// KindShare: each case is met or not; Wilson's interval.
	KindShare Kind = iota + 1
	// KindMean: each case has a value; bootstrap interval.
	KindMean
	// KindWhole: made from all cases together.
	KindWhole
)

// Better says which way a metric should go.
type Better int

// The ways.
const (
	Neither Better = 0
	Higher  Better = 1
	Lower   Better = -1
)

// MetricInfo describes a metric.
type MetricInfo struct {
	Name   string
	Kind   Kind
	Better Better
	// About says in a line what it is and which cases count.
	About string
}

// Names of metrics that are asked for by name.
const (
	HitAt1             = "hit_at_1"
	HitAt3             = "hit_at_3"
	HitAt5             = "hit_at_5"
	MRRAt10            = "mrr_at_10"
	DraftRate          = "draft_rate"
	SilentOnUnanswered = "silent_on_unanswerable"
	SilentOnAnswerable = "silent_on_answerable"
	AUROC              = "auroc"
	RougeL             = "rouge_l"
	HumanRecall        = "human_recall"
	HumanFalseAlarm    = "human_false_alarm"
	ReasonRight        = "reason_right"
	CitationPrecision  = "citation_precision"
	CitationRecall     = "citation_recall"
	MustSayKept        = "must_say"
	MustNotSayKept     = "must_not_say"
	RightLanguage      = "right_language"
	LengthKept         = "length_kept"
)

// Metrics lists every metric in the order in which it is shown.
func Metrics() []MetricInfo {
	return []MetricInfo{
		{HitAt1, KindShare, Higher, "a gold article comes first; tickets with gold articles"},
		{HitAt3, KindShare, Higher, "a gold article among the first three; tickets with gold articles"},
		{HitAt5, KindShare, Higher, "a gold article among the first five; tickets with gold articles"},
		{MRRAt10, KindMean, Higher, "one over the place of the first gold article, 0 beyond ten; tickets with gold articles"},
		{DraftRate, KindShare, Neither, "a draft was given; all tickets"},
		{SilentOnUnanswered, KindShare, Higher, "no draft was given; tickets with expect none"},
		{SilentOnAnswerable, KindShare, Lower, "no draft was given; tickets with expect answer"},
		{AUROC, KindWhole, Higher, "an answerable ticket's confidence is above that of one with expect none"},
		{RougeL, KindMean, Higher, "longest common subsequence with the gold reply, F1; drafts given where there is a gold reply"},
		{HumanRecall, KindShare, Higher, "left to a person; tickets with expect human"},
		{HumanFalseAlarm, KindShare, Lower, "left to a person; all other tickets"},
		{ReasonRight, KindShare, Higher, "no draft, for the reason expected; tickets that expect one"},
		{CitationPrecision, KindMean, Higher, "share of the cited articles that are gold; drafts that cite, for tickets with gold articles"},
		{CitationRecall, KindShare, Higher, "a gold article is cited; drafts given for tickets with gold articles"},
		{MustSayKept, KindShare, Higher, "says all that it must; drafts given where something must be said"},
		{MustNotSayKept, KindShare, Higher, "says nothing that it must not; drafts given where something must not be said"},
		{RightLanguage, KindShare, Higher, "is in the customer's language; drafts long enough to tell"},
		{LengthKept, KindShare, Higher, "is no longer than allowed; drafts given where length is bounded"},
	}
}

// metricInfo finds a metric by name.
func metricInfo(name string) (MetricInfo, bool) {
	all := Metrics()
	if i := slices.IndexFunc(all, func(m MetricInfo) bool { return m.Name == name }); i >= 0 {
		return all[i], true
	}
	return MetricInfo{}, false
}

// score gives the case its part in each metric that it counts for.
func (r *CaseResult) score(c *Case, detect func(string) text.Guess) {
	drafted := r.Outcome == suggest.OutcomeDraft
	put := func(name string, met bool) {
		r.Scores[name] = 0
		if met {
			r.Scores[name] = 1
		}
	}
	if len(c.GoldIDs) > 0 {
		place := slices.IndexFunc(r.Ranked, func(key string) bool { return slices.Contains(c.GoldIDs, key) })
		put(HitAt1, place == 0)
		put(HitAt3, place >= 0 && place < 3)
		put(HitAt5, place >= 0 && place < 5)
		r.Scores[MRRAt10] = 0
		if place >= 0 {
			r.Scores[MRRAt10] = 1 / float64(place+1)
		}
	}
	put(DraftRate, drafted)
	switch c.Expect {
	case ExpectNone:
		put(SilentOnUnanswered, !drafted)
	case ExpectAnswer:
		put(SilentOnAnswerable, !drafted)
	case ExpectHuman:
	}
	human := r.Outcome == suggest.OutcomeHumanOnly
	if c.Expect == ExpectHuman {
		put(HumanRecall, human)
	} else {
		put(HumanFalseAlarm, human)
	}
	if c.Reason != "" {
		put(ReasonRight, r.Reason == c.Reason)
	}
	if drafted {
		r.scoreDraft(c, detect, put)
	}
}

// scoreDraft judges a draft that was given.
func (r *CaseResult) scoreDraft(c *Case, detect func(string) text.Guess, put func(name string, met bool)) {
	if c.GoldReply != "" {
		r.Scores[RougeL] = overlap.RougeL(r.Text, c.GoldReply)
	}
	if len(c.GoldIDs) > 0 {
		cited, gold := r.cited(c.GoldIDs)
		put(CitationRecall, gold > 0)
		if cited > 0 {
			r.Scores[CitationPrecision] = float64(gold) / float64(cited)
		}
	}
	plain := fold(r.Text)
	says := func(s string) bool { return strings.Contains(plain, fold(s)) }
	if len(c.MustSay) > 0 {
		put(MustSayKept, !slices.ContainsFunc(c.MustSay, func(s string) bool { return !says(s) }))
	}
	if len(c.MustNotSay) > 0 {
		put(MustNotSayKept, !slices.ContainsFunc(c.MustNotSay, says))
	}
	if c.MaxChars > 0 {
		put(LengthKept, utf8.RuneCountInString(r.Text) <= c.MaxChars)
	}
	want := c.ReplyLang
	if want == "" {
		want = c.Lang
	}
	if want != "" && detect != nil {
		if g := detect(r.Text); g.Locale != "" {
			put(RightLanguage, text.BaseLanguage(g.Locale) == text.BaseLanguage(want))
		}
	}
}

// cited counts the distinct articles that the draft cites, and those of them
// that are gold.
func (r *CaseResult) cited(gold []string) (all, right int) {
	keys := map[int]string{}
	for i := range r.Evidence {
		keys[r.Evidence[i].Number] = r.Evidence[i].Key
	}
	seen := map[string]bool{}
	for i := range r.Claims {
		for _, c := range r.Claims[i].Citations {
			key, ok := keys[c.Number]
			if !ok || seen[key] {
				continue
			}
			seen[key] = true
			all++
			if slices.Contains(gold, key) {
				right++
			}
		}
	}
	return all, right
}

// fold makes texts comparable without regard to case and blanks.
func fold(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

// Measure computes metrics, slices, errors and times from the cases.
func (r *Report) Measure() {
	r.Errors, r.Degraded = 0, nil
	byLang := map[string][]CaseResult{}
	good := make([]CaseResult, 0, len(r.Cases))
	for i := range r.Cases {
		c := r.Cases[i]
		if c.Error != "" {
			r.Errors++
			continue
		}
		good = append(good, c)
		for _, code := range c.Degraded {
			if r.Degraded == nil {
				r.Degraded = map[suggest.NoticeCode]int{}
			}
			r.Degraded[code]++
		}
		lang := text.BaseLanguage(c.Lang)
		if lang == "" {
			lang = unknownLang
		}
		byLang[lang] = append(byLang[lang], c)
	}
	r.Metrics = measure(good)
	r.Slices.Lang = make(map[string]map[string]Metric, len(byLang))
	for lang, cases := range byLang {
		r.Slices.Lang[lang] = measure(cases)
	}
	r.Timing.Steps = stepTimes(good)
}

// unknownLang groups the cases whose language is not stated, as BCP 47 names it.
const unknownLang = "und"

func measure(cases []CaseResult) map[string]Metric {
	out := map[string]Metric{}
	for _, m := range Metrics() {
		out[m.Name] = m.measure(cases)
	}
	return out
}

func (m MetricInfo) measure(cases []CaseResult) Metric {
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
	return metricOf(stat.Mean(values, seedOf(m.Name)))
}

// seedOf gives each metric chance of its own that never changes.
func seedOf(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash never fails
	return h.Sum64()
}

// whole computes what no single case has a part in.
func whole(name string, cases []CaseResult) Metric {
	if name != AUROC {
		return Metric{}
	}
	var with, without []float64
	for i := range cases {
		switch cases[i].Expect {
		case ExpectAnswer:
			with = append(with, cases[i].Confidence)
		case ExpectNone:
			without = append(without, cases[i].Confidence)
		case ExpectHuman:
		}
	}
	return metricOf(stat.AUROC(with, without))
}
