package suggest

import (
	"slices"
	"strings"
)

// ClaimKind says what a sentence of a draft is for.
type ClaimKind string

// The kinds of claim.
const (
	ClaimGreeting  ClaimKind = "GREETING"
	ClaimEmpathy   ClaimKind = "EMPATHY"
	ClaimLeadIn    ClaimKind = "LEAD_IN"
	ClaimStatement ClaimKind = "STATEMENT"
	ClaimStep      ClaimKind = "STEP"
	ClaimQuestion  ClaimKind = "QUESTION"
	ClaimGap       ClaimKind = "GAP"
	ClaimClosing   ClaimKind = "CLOSING"
	ClaimSignature ClaimKind = "SIGNATURE"
)

// ClaimKinds are all kinds.
func ClaimKinds() []ClaimKind {
	return []ClaimKind{
		ClaimGreeting, ClaimEmpathy, ClaimLeadIn, ClaimStatement, ClaimStep, ClaimQuestion, ClaimGap, ClaimClosing, ClaimSignature,
	}
}

// Says reports whether a sentence of this kind tells the reader something of the
// matter.
func (k ClaimKind) Says() bool { return k == ClaimStatement || k == ClaimStep }

// Standing says what a sentence of a draft rests on.
type Standing string

// The standings.
const (
	// StandingSupported: evidence says so, at the place cited.
	StandingSupported Standing = "SUPPORTED"
	// StandingDerived: it follows by a calculation that was done again.
	StandingDerived Standing = "DERIVED"
	// StandingCustomersOwn: the message, or a fact that may be mentioned, says so.
	StandingCustomersOwn Standing = "CUSTOMERS_OWN"
	// StandingNeedsNone: it says nothing of the matter, the house or a promise.
	StandingNeedsNone Standing = "NEEDS_NONE"
	// StandingUnverified: nothing was found that says so.
	StandingUnverified Standing = "UNVERIFIED"
	// StandingContradicted: evidence or a fact says otherwise.
	StandingContradicted Standing = "CONTRADICTED"
)

// Open reports whether a person must give their word before such a claim is sent.
func (s Standing) Open() bool { return s == StandingUnverified || s == StandingContradicted }

// ClaimReason says why a claim is open.
type ClaimReason string

// Why a claim is unverified or contradicted.
const (
	ReasonAction          ClaimReason = "ACTION"
	ReasonPromise         ClaimReason = "PROMISE"
	ReasonLiability       ClaimReason = "LIABILITY"
	ReasonNoSource        ClaimReason = "NO_SOURCE"
	ReasonNumber          ClaimReason = "NUMBER"
	ReasonUnit            ClaimReason = "UNIT"
	ReasonSubject         ClaimReason = "SUBJECT"
	ReasonCondition       ClaimReason = "CONDITION"
	ReasonNegation        ClaimReason = "NEGATION"
	ReasonStrength        ClaimReason = "STRENGTH"
	ReasonConflict        ClaimReason = "CONFLICT"
	ReasonTried           ClaimReason = "TRIED"
	ReasonUnaskedFact     ClaimReason = "UNASKED_FACT"
	ReasonLanguage        ClaimReason = "LANGUAGE"
	ReasonForbiddenPhrase ClaimReason = "FORBIDDEN_PHRASE"
)

// Single reports whether a claim that is open for this reason must be accepted by
// itself: what was claimed to be done, promised, or admitted.
func (r ClaimReason) Single() bool {
	return r == ReasonAction || r == ReasonPromise || r == ReasonLiability
}

// DraftClaim is one sentence of a draft with its standing. Start and End are byte
// offsets in the draft's text.
type DraftClaim struct {
	// ID names it within the suggestion, such as "c3".
	ID       string    `json:"claim_id"`
	Text     string    `json:"text"`
	Start    int       `json:"start"`
	End      int       `json:"end"`
	Kind     ClaimKind `json:"kind"`
	Standing Standing  `json:"standing"`
	// Reason is set for an open claim.
	Reason ClaimReason `json:"reason,omitempty"`
	// Explanation is one sentence for the agent: why, or the calculation of a
	// derived claim.
	Explanation string `json:"explanation,omitempty"`
	// Citations are what says so, or, of a contradicted claim, what says otherwise.
	Citations []Citation `json:"citations,omitempty"`
	FactNames []string   `json:"fact_names,omitempty"`
	// Requests holds the numbers of the requests that it answers.
	Requests []int `json:"request_numbers,omitempty"`
}

// LeftOutReason says what harm a sentence that was left out would have done.
type LeftOutReason string

// Why sentences are left out.
const (
	LeftOutContact      LeftOutReason = "CONTACT"
	LeftOutAccount      LeftOutReason = "ACCOUNT"
	LeftOutSecret       LeftOutReason = "SECRET"
	LeftOutHiddenData   LeftOutReason = "HIDDEN_DATA"
	LeftOutPersonalData LeftOutReason = "PERSONAL_DATA"
	LeftOutPrompt       LeftOutReason = "PROMPT"
	LeftOutInternal     LeftOutReason = "INTERNAL"
	LeftOutInsult       LeftOutReason = "INSULT"
	LeftOutPlaceholder  LeftOutReason = "PLACEHOLDER"
	LeftOutLength       LeftOutReason = "LENGTH"
)

// LeftOut is a sentence that the drafter wrote and that stands in no draft.
type LeftOut struct {
	Reason LeftOutReason `json:"reason"`
	// Explanation is one sentence for the agent that says what and why.
	Explanation string `json:"explanation"`
	// Text is the sentence with what could do harm replaced by "…"; empty where all
	// of it could.
	Text string `json:"text,omitempty"`
	// At is the byte offset in the draft at which it would have stood.
	At int `json:"at_byte"`
}

// Draft is the text proposed to the agent.
type Draft struct {
	Text    string       `json:"text"`
	Locale  string       `json:"locale"`
	Claims  []DraftClaim `json:"claims"`
	LeftOut []LeftOut    `json:"left_out,omitempty"`
	// Supervisor says why a supervisor must agree; empty when none must.
	Supervisor string `json:"supervisor_reason,omitempty"`
}

// ApprovalNeeded is what a person must confirm before a text is sent.
type ApprovalNeeded struct {
	// Single holds the ids of claims that must each be named, Others those that one
	// word accepts.
	Single, Others []string
}

// Approval tells what a person must confirm of the claims whose sentences final
// keeps; empty final is the draft as it is. An edited sentence is the person's own.
func (d *Draft) Approval(final string) ApprovalNeeded {
	var need ApprovalNeeded
	kept := " " + strings.Join(strings.Fields(final), " ") + " "
	for _, c := range d.Claims {
		if !c.Standing.Open() || final != "" && !strings.Contains(kept, " "+strings.Join(strings.Fields(c.Text), " ")+" ") {
			continue
		}
		if c.Reason.Single() {
			need.Single = append(need.Single, c.ID)
		} else {
			need.Others = append(need.Others, c.ID)
		}
	}
	return need
}

// Without are the ids that still need a person's word when accepted, and with
// others every claim of Others, have it.
func (n ApprovalNeeded) Without(accepted []string, others bool) ApprovalNeeded {
	left := ApprovalNeeded{}
	for _, id := range n.Single {
		if !slices.Contains(accepted, id) {
			left.Single = append(left.Single, id)
		}
	}
	if others {
		return left
	}
	for _, id := range n.Others {
		if !slices.Contains(accepted, id) {
			left.Others = append(left.Others, id)
		}
	}
	return left
}

// None reports whether nothing needs a person's word.
func (n ApprovalNeeded) None() bool { return len(n.Single)+len(n.Others) == 0 }
