package eval

import (
	"fmt"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// ProblemUneven is that some lines of another system's answers lack what others
// tell.
const ProblemUneven knowledge.ProblemKind = "UNEVEN_LINES"

// notes are what is no error, and may well be a mistake.
func (r *answers) notes() []knowledge.Problem {
	var out []knowledge.Problem
	add := func(kind knowledge.ProblemKind, line int, format string, args ...any) {
		out = append(out, knowledge.Problem{
			Kind: kind, Severity: knowledge.SeverityWarning, Origin: r.origin, Line: line, Message: fmt.Sprintf(format, args...),
		})
	}
	for _, name := range r.unreadNames() {
		u := r.unread[name]
		add(suite.ProblemUnread, u.line, "the field %q is not read (%s)%s", say.Clip(name, idShown), say.Count(u.times, "time"), hintOf(name))
	}
	for _, lack := range lacks() {
		first, n := 0, 0
		for i := range r.cases {
			if a := r.byID[r.cases[i].ID]; a.failed == "" && r.lacks(lack.field, a, &r.cases[i]) {
				if n++; first == 0 || a.line < first {
					first = a.line
				}
			}
		}
		if n > 0 {
			add(ProblemUneven, first, "%s is missing here and told on other lines; %s (%s)", lack.field, lack.taken, say.Count(n, "line"))
		}
	}
	repeats, first := 0, 0
	for _, a := range r.all {
		if a.repeats {
			if repeats++; first == 0 {
				first = a.line
			}
		}
	}
	if repeats > 0 {
		add(knowledge.ProblemDuplicateKey, first, "ranked names an article more than once; its first place counts (%s)", say.Count(repeats, "line"))
	}
	return out
}

// lack is a field that a line can do without while others tell it, and what it is
// taken for then.
type lack struct{ field, taken string }

func lacks() []lack {
	const known = "; write null where it is not known"
	return []lack{
		{FieldRanked, "nothing was found, it is taken" + known},
		{FieldText, "it is taken for silence"},
		{FieldOutcome, "silence without outcome and reason is taken for NO_DRAFT"},
		{FieldReason, "it is taken for no reason"},
		{FieldCited, "it is taken for a text that cites nothing" + known},
		{FieldEvidence, "it is taken for a text that had nothing to draw on" + known},
		{FieldConfidence, "such a line counts for no metric of confidence"},
		{FieldTokens, "they are taken for none" + known},
	}
}

// lacks reports whether an answer leaves out what others tell, where that weighs.
func (r *answers) lacks(field string, a *answer, c *suite.Case) bool {
	drafted := a.derived() == suggest.OutcomeDraft
	silent := !drafted && r.knows(a, FieldText)
	switch field {
	case FieldRanked:
		return !a.has[nameRanked] && !a.null[nameRanked] && r.says(nameRanked) && len(c.GoldIDs) > 0
	case FieldText:
		return !a.has[nameText] && !a.null[nameText] && !a.has[nameOutcome] && !a.has[nameReason] && r.says(nameText)
	case FieldOutcome:
		return silent && !a.has[nameOutcome] && !a.has[nameReason] && r.says(nameOutcome, nameReason)
	case FieldReason:
		return silent && !a.has[nameReason] && r.says(nameReason) && c.Reason != ""
	case FieldCited:
		return drafted && !a.citing && !a.null[nameCited] && r.citing > 0
	case FieldEvidence:
		return drafted && !a.has[nameEvidence] && !a.null[nameEvidence] && r.says(nameEvidence)
	case FieldConfidence:
		return !a.has[nameConfidence] && r.says(nameConfidence) && (c.Expect == suite.ExpectAnswer || c.Expect == suite.ExpectNone)
	case FieldTokens:
		return drafted && !a.has[namePrompt] && !a.has[nameCompletion] && !a.null[namePrompt] && r.says(namePrompt, nameCompletion)
	default:
		return false
	}
}
