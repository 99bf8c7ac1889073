package eval

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Fields of another system's answers without which nothing can be told of some
// metrics, as CaseResult.Unknown and Configuration.Unknown name them. What else such an
// answer may lack shows by itself, such as a model.
const (
	FieldRanked = "ranked"
	// FieldText: neither text nor outcome says whether there was a draft.
	FieldText = "text"
	// FieldOutcome: neither outcome nor reason says whether no draft means that it left the
	// ticket to a person.
	FieldOutcome    = "outcome"
	FieldReason     = "reason"
	FieldCited      = "cited"
	FieldEvidence   = "evidence"
	FieldConfidence = "confidence"
	// FieldTokens: neither prompt_tokens nor completion_tokens is there, while there
	// are prices for them.
	FieldTokens = "tokens"
)

// needs are the fields that a metric is made from.
func needs(metric string) []string {
	switch metric {
	case HitAt1, HitAt3, HitAt5, MRRAt10, RecallAt5, NDCGAt10:
		return []string{FieldRanked}
	case GoldInEvidence, ReplyInEvidence, MustFindKept, EvidenceChars:
		return []string{FieldEvidence}
	case HumanRecall, HumanFalseAlarm:
		return []string{FieldText, FieldOutcome}
	case ReasonRight:
		return []string{FieldText, FieldReason}
	case CitationPrecision, CitationRecall:
		return []string{FieldText, FieldCited}
	case ClaimsSupported:
		return []string{FieldText, FieldCited, FieldEvidence}
	case AUROC, Brier, CalibrationError:
		return []string{FieldConfidence}
	case AURC:
		return []string{FieldConfidence, FieldRanked}
	case TokensPerDraft, CostPerDraft:
		return []string{FieldText, FieldTokens}
	case CostPer1000Tickets:
		return []string{FieldTokens}
	case JudgePass, JudgePassCorrected:
		return []string{FieldText, FieldEvidence}
	default:
		return []string{FieldText}
	}
}

// Knows reports whether the case tells these fields. Purser's own runs tell all.
func (r *CaseResult) Knows(fields ...string) bool {
	return !slices.ContainsFunc(fields, func(f string) bool { return slices.Contains(r.Unknown, f) })
}

// KnowsConfidence reports whether Confidence is one, and not merely left out.
func (r *CaseResult) KnowsConfidence() bool { return r.Knows(FieldConfidence) }

// IsKnown reports whether the case tells what the metric is made from; whether it
// counts for it is another question.
func (m MetricInfo) IsKnown(c *CaseResult) bool {
	return len(c.Unknown) == 0 || c.Knows(needs(m.Name)...)
}

// forgetUnknown takes back the scores that what is not known would have made up.
func (r *CaseResult) forgetUnknown() {
	if len(r.Unknown) == 0 {
		return
	}
	for _, m := range Metrics() {
		if !m.IsKnown(r) {
			delete(r.Scores, m.Name)
		}
	}
}

// Ignorance says what another system's answers leave unknown, and which metrics
// are therefore not measured, as the rest of a sentence; empty for Purser's own.
func (m *Configuration) Ignorance() string {
	if len(m.Unknown) == 0 {
		return ""
	}
	var names []string
	for _, info := range Metrics() {
		if slices.ContainsFunc(needs(info.Name), func(f string) bool { return slices.Contains(m.Unknown, f) }) {
			names = append(names, info.Name)
		}
	}
	return fmt.Sprintf("tells nothing of %s, so these are not measured: %s", strings.Join(m.Unknown, ", "), strings.Join(names, ", "))
}

// MarshalJSON writes null for a confidence that is not known, so that it can't be
// read as a zero.
func (r *CaseResult) MarshalJSON() ([]byte, error) {
	type plain CaseResult // without this method
	var v any = (*plain)(r)
	if !r.KnowsConfidence() {
		v = struct {
			*plain
			Confidence *float64 `json:"confidence"`
		}{plain: (*plain)(r)}
	}
	// Whoever encodes the whole decides what is escaped.
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
