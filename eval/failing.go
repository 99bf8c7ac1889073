package eval

import (
	"fmt"
	"maps"
	"slices"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

// Failing says why the case does not pass; empty when it does. A case passes
// when it did not fail, its outcome is the expected one (a draft, none, or
// left to a person; and for the reason expected, if any), and a draft says all
// that it must, nothing that it must not, in the right language and length, and
// cites a gold article where there is one. What another system's answer does not
// tell does not count, unless it tells not even whether there was a draft.
func (r *CaseResult) Failing() string {
	if r.Error != "" {
		return "it failed: " + r.Error
	}
	drafted, human := r.Outcome == suggest.OutcomeDraft, r.Outcome == suggest.OutcomeHumanOnly
	switch {
	case !r.Knows(FieldText):
		return "nothing tells whether there was a draft"
	case r.Expect == suite.ExpectAnswer && !drafted:
		return "no draft was given"
	case r.Expect == suite.ExpectNone && drafted:
		return "a draft was given, and none was expected"
	case r.Expect == suite.ExpectHuman && drafted:
		return "a draft was given, and a person was to write"
	case r.Expect == suite.ExpectHuman && !human && r.Knows(FieldOutcome):
		return "it was not left to a person"
	case r.Want != "" && r.Reason != r.Want && r.Knows(FieldReason):
		return fmt.Sprintf("the reason is %q, not %q", r.Reason, r.Want)
	}
	for _, check := range []struct{ metric, why string }{
		{MustNotSayKept, "the draft says what it must not"},
		{MustSayKept, "the draft does not say all that it must"},
		{RightLanguage, "the draft is in another language"},
		{LengthKept, "the draft is too long"},
		{CitationRecall, "the draft cites none of the gold articles"},
	} {
		if score, counts := r.Scores[check.metric]; counts && score < 1 {
			return check.why
		}
	}
	return ""
}

// FailingBeside is Failing by what both the case and its other answer tell, so
// that neither passes merely because less is known of it.
func (r *CaseResult) FailingBeside(other *CaseResult) string {
	if len(other.Unknown) == 0 {
		return r.Failing()
	}
	c := *r
	c.Unknown = slices.Concat(r.Unknown, other.Unknown)
	c.Scores = maps.Clone(r.Scores)
	c.forgetUnknown()
	return c.Failing()
}
