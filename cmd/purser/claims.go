package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/proto/purser/v1"
)

// acceptClaims is the person's word for the claims named; "others" stands for all
// that need not be named one by one.
func acceptClaims(names []string) *purserv1.AcceptClaims {
	a := &purserv1.AcceptClaims{}
	for _, name := range names {
		if name == "others" {
			a.Others = true
		} else {
			a.ClaimIds = append(a.ClaimIds, name)
		}
	}
	return a
}

// isOpen reports whether nothing was found for a claim, or something against it.
func isOpen(c *purserv1.DraftClaim) bool {
	return c.GetStanding() == purserv1.Standing_STANDING_UNVERIFIED || c.GetStanding() == purserv1.Standing_STANDING_CONTRADICTED
}

// keptClaims is the draft with what must be confirmed of the sentences that text
// keeps.
func keptClaims(d *purserv1.Draft, text string) *purserv1.Draft {
	kept := func(id string) bool {
		return slices.ContainsFunc(d.GetClaims(), func(c *purserv1.DraftClaim) bool {
			return c.GetClaimId() == id && strings.Contains(strings.Join(strings.Fields(text), " "), strings.Join(strings.Fields(c.GetText()), " "))
		})
	}
	need := &purserv1.ApprovalNeeded{}
	for _, id := range d.GetApprovalNeeded().GetSingleClaimIds() {
		if kept(id) {
			need.SingleClaimIds = append(need.SingleClaimIds, id)
		}
	}
	for _, id := range d.GetApprovalNeeded().GetOtherClaimIds() {
		if kept(id) {
			need.OtherClaimIds = append(need.OtherClaimIds, id)
		}
	}
	return &purserv1.Draft{Claims: d.GetClaims(), ApprovalNeeded: need}
}

// askClaims has the agent answer for the claims that nothing was found for; nil when
// they would not.
func askClaims(e *console.Env, in *bufio.Reader, d *purserv1.Draft) (*purserv1.AcceptClaims, error) {
	accepted := &purserv1.AcceptClaims{}
	need := d.GetApprovalNeeded()
	ask := func(question string) (bool, error) {
		fmt.Fprint(e.Stdout, question+" [y/N] ")
		line, err := in.ReadString('\n')
		line = strings.ToLower(strings.TrimSpace(line))
		return line == "y" || line == "yes", err
	}
	for _, id := range need.GetSingleClaimIds() {
		printClaim(e.Stdout, d, id)
		if yes, err := ask("Is it so?"); err != nil || !yes {
			return nil, err
		}
		accepted.ClaimIds = append(accepted.ClaimIds, id)
	}
	if len(need.GetOtherClaimIds()) == 0 {
		return accepted, nil
	}
	for _, id := range need.GetOtherClaimIds() {
		printClaim(e.Stdout, d, id)
	}
	yes, err := ask("Have you checked them?")
	if err != nil || !yes {
		return nil, err
	}
	accepted.Others = true
	return accepted, nil
}

func printClaim(w io.Writer, d *purserv1.Draft, id string) {
	for _, c := range d.GetClaims() {
		if c.GetClaimId() == id {
			fmt.Fprintf(w, "  ? %s  %s\n    %s\n", id, console.Plain(c.GetText()), console.Plain(c.GetExplanation()))
		}
	}
}
