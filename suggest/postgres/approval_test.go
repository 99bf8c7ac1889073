package postgres_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/suggest"
)

// openDraft makes a suggestion whose second claim says that something was done, and
// whose third one says what nothing supports.
func openDraft(d *desk, ticket string) suggest.Suggestion {
	s := d.begin(ticket).Suggestion
	text := "Bags come later. We have sent yours. It has a new lock."
	s.Outcome, s.FinishTime = suggest.OutcomeDraft, d.now()
	s.Draft = &suggest.Draft{Text: text, Locale: "en", Claims: []suggest.DraftClaim{
		{ID: "c1", Text: text[:16], End: 16, Kind: suggest.ClaimStatement, Standing: suggest.StandingSupported},
		{ID: "c2", Text: text[17:36], Start: 17, End: 36, Kind: suggest.ClaimStatement, Standing: suggest.StandingUnverified, Reason: suggest.ReasonAction},
		{ID: "c3", Text: text[37:], Start: 37, End: len(text), Kind: suggest.ClaimStatement, Standing: suggest.StandingUnverified, Reason: suggest.ReasonNoSource},
	}}
	done, err := d.Finish(d.ctx, d.w, "server", s, suggest.Record{Question: "Where is my bag?"})
	d.ok(err)
	return done
}

func TestOpenClaimsNeedAWord(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
	for _, c := range []struct {
		name     string
		kind     suggest.DecisionKind
		text     string
		ids      []string
		others   bool
		left     suggest.ApprovalNeeded
		accepted []string
	}{
		{name: "approve without a word", kind: suggest.DecisionApprove, left: suggest.ApprovalNeeded{Single: []string{"c2"}, Others: []string{"c3"}}},
		{name: "one word is not enough for what was done", kind: suggest.DecisionApprove, others: true, left: suggest.ApprovalNeeded{Single: []string{"c2"}}},
		{name: "the action alone", kind: suggest.DecisionApprove, ids: []string{"c2"}, left: suggest.ApprovalNeeded{Others: []string{"c3"}}},
		{name: "both", kind: suggest.DecisionApprove, ids: []string{"c2"}, others: true, accepted: []string{"c2", "c3"}},
		{name: "both by their ids", kind: suggest.DecisionApprove, ids: []string{"c2", "c3"}, accepted: []string{"c2", "c3"}},
		{name: "an edit that keeps one", kind: suggest.DecisionEdit, text: "Bags come later.\nWe have sent  yours.", left: suggest.ApprovalNeeded{Single: []string{"c2"}}},
		{name: "an edit that keeps none", kind: suggest.DecisionEdit, text: "Bags come later. We have sent yours back."},
		{name: "an own reply", kind: suggest.DecisionOwn, text: "We have sent yours."},
		{name: "discarded", kind: suggest.DecisionDiscard},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openDraft(d, ticket)
			got, err := d.Decide(d.ctx, d.w, suggest.DecideRequest{
				SuggestionID: s.ID, Revision: s.Revision, AcceptOthers: c.others,
				Decision: suggest.Decision{Kind: c.kind, Actor: kari, FinalText: c.text, AcceptedClaims: c.ids},
			}, nil)
			var open *suggest.UnverifiedError
			if errors.As(err, &open) {
				if diff := cmp.Diff(c.left, open.Need); diff != "" {
					t.Error(diff)
				}
				return
			}
			d.ok(err)
			if !c.left.None() {
				t.Fatalf("decided without a word for %v", c.left)
			}
			if !slices.Equal(got.Decision.AcceptedClaims, c.accepted) || !slices.Equal(d.suggestion(s.ID).Decision.AcceptedClaims, c.accepted) {
				t.Errorf("accepted %v, want %v", got.Decision.AcceptedClaims, c.accepted)
			}
		})
	}
}
