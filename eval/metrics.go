package eval

import (
	"hash/fnv"
	"strings"

	"github.com/purser-desk/purser/internal/say"
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
	// Unit of an amount, such as "tokens"; empty for what lies between 0 and 1.
	Unit string
	// bothKinds is true for what means nothing unless some tickets are
	// answerable and some are not.
	bothKinds bool
}

// UnitMoney stands for the currency of the run's prices.
const UnitMoney = "money"

// Names of metrics that are asked for by name.
const (
	HitAt1                  = "hit_at_1"
	HitAt3                  = "hit_at_3"
	HitAt5                  = "hit_at_5"
	MRRAt10                 = "mrr_at_10"
	DraftRate               = "draft_rate"
	AbstainedOnUnanswerable = "abstained_on_unanswerable"
	AbstainedOnAnswerable   = "abstained_on_answerable"
	AUROC                   = "auroc"
	RougeL                  = "rouge_l"
	RecallAt5               = "recall_at_5"
	NDCGAt10                = "ndcg_at_10"
	AURC                    = "aurc"
	Brier                   = "brier"
	CalibrationError        = "calibration_error"
	ChrF                    = "chrf"
	LightEdit               = "light_edit"
	HumanRecall             = "human_recall"
	HumanFalseAlarm         = "human_false_alarm"
	ReasonRight             = "reason_right"
	CitationPrecision       = "citation_precision"
	CitationRecall          = "citation_recall"
	MustSayKept             = "must_say"
	MustNotSayKept          = "must_not_say"
	MustFindKept            = "must_find"
	GoldInEvidence          = "gold_in_evidence"
	ReplyInEvidence         = "reply_in_evidence"
	EvidenceChars           = "evidence_chars"
	RightLanguage           = "right_language"
	LengthKept              = "length_kept"
	ClaimsSupported         = "claims_supported"
	DraftChars              = "draft_chars"
	DraftWords              = "draft_words"
	TokensPerDraft          = "tokens_per_draft" //nolint:gosec // no secret: a metric
	CostPerDraft            = "cost_per_draft"
	CostPer1000Tickets      = "cost_per_1000_tickets"
	JudgePass               = "judge_pass"
	JudgePassCorrected      = "judge_pass_corrected"
)

// Metrics lists every metric in the order in which it is shown.
func Metrics() []MetricInfo {
	return []MetricInfo{
		{Name: HitAt1, Kind: KindShare, Better: Higher, About: "a gold article comes first; tickets with gold articles"},
		{Name: HitAt3, Kind: KindShare, Better: Higher, About: "a gold article among the first three; tickets with gold articles"},
		{Name: HitAt5, Kind: KindShare, Better: Higher, About: "a gold article among the first five; tickets with gold articles"},
		{Name: MRRAt10, Kind: KindMean, Better: Higher, About: "one over the place of the first gold article, 0 beyond ten; tickets with gold articles"},
		{Name: RecallAt5, Kind: KindMean, Better: Higher, About: "share of the gold articles among the first five; tickets with gold articles"},
		{Name: NDCGAt10, Kind: KindMean, Better: Higher, About: "normalised discounted gain of the first ten; tickets with gold articles"},
		{Name: GoldInEvidence, Kind: KindShare, Better: Higher, About: "the evidence is also of a gold article; tickets with gold articles that were searched for"},
		{Name: ReplyInEvidence, Kind: KindMean, Better: Higher, About: "share of the gold reply's pairs of words that stand in the evidence; tickets with a gold reply that were searched for"},
		{Name: MustFindKept, Kind: KindShare, Better: Higher, About: "the evidence holds what it must; tickets with must_find that were searched for"},
		{Name: EvidenceChars, Kind: KindMean, Better: Neither, Unit: "characters", About: "length of the evidence in characters; tickets with evidence"},
		{Name: DraftRate, Kind: KindShare, Better: Neither, About: "a draft was given; all tickets"},
		{Name: AbstainedOnUnanswerable, Kind: KindShare, Better: Higher, About: "no draft was given; tickets with expect none"},
		{Name: AbstainedOnAnswerable, Kind: KindShare, Better: Lower, About: "no draft was given; tickets with expect answer"},
		{Name: AUROC, Kind: KindWhole, Better: Higher, About: "an answerable ticket's confidence is above that of one with expect none"},
		{Name: AURC, Kind: KindWhole, Better: Lower, About: "area under risk over coverage; a loss is expect none, or no gold article among the first three; all but expect human"},
		{Name: Brier, Kind: KindMean, Better: Lower, About: "squared error of the confidence as probability that the ticket is answerable", bothKinds: true},
		{Name: CalibrationError, Kind: KindWhole, Better: Lower, About: "debiased gap between the confidence and how often the ticket was answerable", bothKinds: true},
		{Name: RougeL, Kind: KindMean, Better: Higher, About: "longest common subsequence with the gold reply, F1; drafts given where there is a gold reply"},
		{Name: ChrF, Kind: KindMean, Better: Higher, About: "character n-grams shared with the gold reply, chrF2, 0 to 1; as rouge_l"},
		{Name: LightEdit, Kind: KindShare, Better: Higher, About: "less than a fifth of the words must be changed to get the gold reply; as rouge_l"},
		{Name: HumanRecall, Kind: KindShare, Better: Higher, About: "left to a person; tickets with expect human"},
		{Name: HumanFalseAlarm, Kind: KindShare, Better: Lower, About: "left to a person; all other tickets"},
		{Name: ReasonRight, Kind: KindShare, Better: Higher, About: "no draft, for the reason expected; tickets that expect one"},
		{Name: CitationPrecision, Kind: KindMean, Better: Higher, About: "share of the cited articles that are gold; drafts that cite, for tickets with gold articles"},
		{Name: CitationRecall, Kind: KindShare, Better: Higher, About: "a gold article is cited; drafts given for tickets with gold articles"},
		{Name: MustSayKept, Kind: KindShare, Better: Higher, About: "says all that it must; drafts given where something must be said"},
		{Name: MustNotSayKept, Kind: KindShare, Better: Higher, About: "says nothing that it must not; drafts given where something must not be said"},
		{Name: RightLanguage, Kind: KindShare, Better: Higher, About: "is in the customer's language; drafts long enough to tell"},
		{Name: LengthKept, Kind: KindShare, Better: Higher, About: "is no longer than allowed; drafts given where length is bounded"},
		{Name: ClaimsSupported, Kind: KindMean, Better: Higher, About: "share of its statements that stand in what they cite, by figures and words; drafts whose cited texts are there to read"},
		{Name: DraftChars, Kind: KindMean, Better: Neither, Unit: "characters", About: "length in characters; drafts given"},
		{Name: DraftWords, Kind: KindMean, Better: Neither, Unit: "words", About: "length in words; drafts given"},
		{Name: TokensPerDraft, Kind: KindMean, Better: Lower, Unit: "tokens", About: "tokens of prompt and answer; drafts given that a model was asked for"},
		{Name: CostPerDraft, Kind: KindMean, Better: Lower, Unit: UnitMoney, About: "cost by the table of prices; drafts given"},
		{Name: CostPer1000Tickets, Kind: KindMean, Better: Lower, Unit: UnitMoney, About: "cost by the table of prices, a thousand times; all tickets"},
		{Name: JudgePass, Kind: KindShare, Better: Higher, About: "passed by a calibrated judge; drafts given that it came to a verdict on"},
		{Name: JudgePassCorrected, Kind: KindWhole, Better: Higher, About: "what people would pass, from judge_pass and how the judge errs; in all cases together only"},
	}
}

// MetricNamed describes a metric by its name; ok is false when there is none.
func MetricNamed(name string) (m MetricInfo, ok bool) {
	for _, m := range Metrics() {
		if m.Name == name {
			return m, true
		}
	}
	return MetricInfo{}, false
}

// UnknownMetric says that there is no metric of the name, and which may have been
// meant: all of them when none is alike.
func UnknownMetric(name string) string {
	var names []string
	for _, m := range Metrics() {
		names = append(names, m.Name)
	}
	if hint := say.Alike(name, names); strings.HasPrefix(hint, "; did you mean") {
		return "there is no metric \"" + name + "\"" + hint
	}
	return "there is no metric \"" + name + "\"; give one of " + strings.Join(names, ", ")
}

// Tells reports whether the metric says anything of these cases: some mean
// nothing unless some tickets are answerable and some are not.
func (m MetricInfo) Tells(cases []*CaseResult) bool { return !m.bothKinds || bothKinds(cases) }

// Seed gives each metric chance of its own that never changes.
func (m MetricInfo) Seed() uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(m.Name)) // a hash never fails
	return h.Sum64()
}
