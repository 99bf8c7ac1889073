package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/proto/purser/v1"
)

// draftPrinter shows a suggestion as it comes: the message, the evidence, the
// draft sentence by sentence, its sources.
type draftPrinter struct {
	w       io.Writer
	json    bool
	columns int
	drafted bool
}

func (p *draftPrinter) event(ev *purserv1.SuggestReplyResponse) error {
	if p.json {
		return printJSON(p.w, ev)
	}
	switch {
	case ev.GetStarted() != nil:
		p.started(ev.GetStarted())
	case ev.GetEvidence() != nil:
		p.evidence(ev.GetEvidence().GetEvidence())
		p.requests(ev.GetEvidence().GetRequests())
	case ev.GetText() != nil:
		p.heading()
		p.text(ev.GetText().GetText(), ev.GetText().GetClaims())
	case ev.GetReplace() != nil:
		p.heading()
		fmt.Fprintf(p.w, "\n\n(The draft begins anew: %s)\n\n", console.Plain(ev.GetReplace().GetReason().GetMessage()))
		p.text(ev.GetReplace().GetText(), ev.GetReplace().GetClaims())
	case ev.GetSuggestion() != nil:
		p.suggestion(ev.GetSuggestion())
	}
	return nil
}

func (p *draftPrinter) started(s *purserv1.SuggestionStarted) {
	fmt.Fprintf(p.w, "%s\n", rule("The customer wrote", p.columns))
	fmt.Fprint(p.w, console.Wrap(console.Plain(s.GetMessage().GetText()), "  ", p.columns))
}

func (p *draftPrinter) evidence(all []*purserv1.Evidence) {
	fmt.Fprintf(p.w, "\n%s\n", rule("Found", p.columns))
	if len(all) == 0 {
		fmt.Fprintln(p.w, "  Nothing.")
	}
	for _, e := range all {
		title := console.Plain(e.GetTitle())
		if len(e.GetHeadingPath()) > 0 {
			title += " › " + console.Plain(strings.Join(e.GetHeadingPath(), " › "))
		}
		fmt.Fprintf(p.w, "  [%d] %s  (%s, %s, revision %d, score %.2f)\n", e.GetNumber(), title, console.Plain(e.GetArticleKey()), e.GetLocale(), e.GetRevision(), e.GetScore())
	}
}

// requests lists what the customer wants, where that is more than one thing.
func (p *draftPrinter) requests(all []*purserv1.CustomerRequest) {
	if len(all) < 2 {
		return
	}
	fmt.Fprintf(p.w, "\n%s\n", rule("Asked", p.columns))
	for _, r := range all {
		marks := ""
		for _, n := range r.GetEvidenceNumbers() {
			marks += fmt.Sprintf("[%d]", n)
		}
		fmt.Fprintf(p.w, "  %d. %s  %s\n", r.GetNumber(), console.Plain(strings.Join(strings.Fields(r.GetText()), " ")), marks)
	}
}

func (p *draftPrinter) heading() {
	if !p.drafted {
		p.drafted = true
		fmt.Fprintf(p.w, "\n%s\n", rule("Draft", p.columns))
	}
}

// text prints what was added, each sentence behind its citation marks.
func (p *draftPrinter) text(s string, claims []*purserv1.DraftClaim) {
	out := console.Plain(s)
	for _, c := range claims {
		if marks := citationMarks(c); marks != "" {
			sentence := console.Plain(c.GetText())
			out = strings.Replace(out, sentence, sentence+" "+marks, 1)
		}
	}
	fmt.Fprint(p.w, out)
}

func citationMarks(c *purserv1.DraftClaim) string {
	if isOpen(c) {
		return "[?]"
	}
	var b strings.Builder
	seen := map[int32]bool{}
	for _, k := range c.GetCitations() {
		if !seen[k.GetEvidenceNumber()] {
			seen[k.GetEvidenceNumber()] = true
			fmt.Fprintf(&b, "[%d]", k.GetEvidenceNumber())
		}
	}
	return b.String()
}

func (p *draftPrinter) suggestion(s *purserv1.Suggestion) {
	switch s.GetOutcome() {
	case purserv1.Outcome_OUTCOME_DRAFT:
		fmt.Fprintf(p.w, "\n\n%s\n", rule("", p.columns))
	case purserv1.Outcome_OUTCOME_NO_DRAFT:
		fmt.Fprintf(p.w, "\n%s\n  No draft: %s.\n", rule("", p.columns), reasonSentence(s.GetReason()))
	case purserv1.Outcome_OUTCOME_UNSPECIFIED:
		return
	case purserv1.Outcome_OUTCOME_HUMAN_ONLY:
		fmt.Fprintf(p.w, "\n%s\n  A person must write this one: %s.\n", rule("", p.columns), reasonSentence(s.GetReason()))
	}
	fmt.Fprintf(p.w, "  confidence %.2f", s.GetConfidence())
	if v := s.GetProvenance(); v.GetDrafter() != "" {
		fmt.Fprintf(p.w, ", drafted by %s", strings.TrimSpace(console.Plain(v.GetDrafter()+" "+v.GetModel())))
	}
	fmt.Fprintf(p.w, ", %s\n", s.GetFinishTime().AsTime().Sub(s.GetCreateTime().AsTime()).Round(time.Millisecond))
	for _, c := range s.GetDraft().GetClaims() {
		if isOpen(c) {
			printClaim(p.w, s.GetDraft(), c.GetClaimId())
		}
	}
	for _, l := range s.GetDraft().GetLeftOut() {
		fmt.Fprintf(p.w, "  ! %s %s\n", console.Plain(l.GetExplanation()), console.Plain(l.GetText()))
	}
	for _, r := range s.GetRequests() {
		if len(s.GetRequests()) > 1 && r.GetCoverage() != purserv1.RequestCoverage_REQUEST_COVERAGE_ANSWERED && s.GetDraft() != nil {
			fmt.Fprintf(p.w, "  ! %s: %s\n", map[bool]string{true: "Not answered", false: "Answered in part"}[r.GetCoverage() == purserv1.RequestCoverage_REQUEST_COVERAGE_NOT],
				console.Plain(strings.Join(strings.Fields(r.GetText()), " ")))
		}
	}
	for _, n := range s.GetWarnings() {
		fmt.Fprintf(p.w, "  ! %s\n", console.Plain(n.GetMessage()))
	}
	for _, n := range s.GetDegraded() {
		fmt.Fprintf(p.w, "  ~ %s\n", console.Plain(n.GetMessage()))
	}
}

func reasonSentence(r purserv1.OutcomeReason) string {
	switch r {
	case purserv1.OutcomeReason_OUTCOME_REASON_NO_KNOWLEDGE:
		return "the articles hold nothing on this"
	case purserv1.OutcomeReason_OUTCOME_REASON_LOW_CONFIDENCE:
		return "what was found is too weak to draft from"
	case purserv1.OutcomeReason_OUTCOME_REASON_NOTHING_TO_ANSWER:
		return "the message asks nothing"
	case purserv1.OutcomeReason_OUTCOME_REASON_UNSUPPORTED_LANGUAGE:
		return "no draft can be made in this language"
	case purserv1.OutcomeReason_OUTCOME_REASON_BLOCKED_OUTPUT:
		return "nothing was left of the draft once what could do harm was taken out"
	default:
		return word(r, "OUTCOME_REASON_")
	}
}

// rule is a line across the screen with a title in it.
func rule(title string, columns int) string {
	if title != "" {
		title = " " + title + " "
	}
	return "──" + title + strings.Repeat("─", max(columns-4-len([]rune(title)), 4))
}
