package suggest

import "time"

// Event is one step of a suggestion that is being made; exactly one field is
// set.
type Event struct {
	// Started comes first, before anything slow.
	Started *Started
	// Evidence comes once, before any text.
	Evidence *EvidenceFound
	// Text appends whole sentences with their standing.
	Text *TextAdded
	// Replace exchanges the whole draft shown so far.
	Replace *TextReplaced
	// Claims gives sentences that were shown another standing.
	Claims *ClaimsChanged
	// Suggestion comes last and says everything.
	Suggestion *Suggestion
}

// Started opens a stream.
type Started struct {
	SuggestionID, TicketID string
	// Message that is being answered.
	Message Message
	// Joined is true when an earlier call with the same request had begun it.
	Joined bool
}

// EvidenceFound carries what was found, and what for.
type EvidenceFound struct {
	Evidence []Evidence
	Requests []CustomerRequest
}

// ClaimsChanged gives sentences that were shown another standing.
type ClaimsChanged struct{ Claims []DraftClaim }

// TextAdded appends to the draft.
type TextAdded struct {
	// Text with the blanks that part it from what was before.
	Text   string
	Claims []DraftClaim
}

// TextReplaced exchanges the whole draft, because its drafter was given up.
type TextReplaced struct {
	Text   string
	Claims []DraftClaim
	Reason Notice
}

// Input is what a suggestion is made from.
type Input struct {
	Ticket Ticket
	// Messages in order.
	Messages []Message
	// MessageID names the message being answered; empty: the newest of the
	// customer, or the newest note where no customer wrote.
	MessageID string
	// Locale to draft in, BCP 47; empty: the customer's.
	Locale string
	// ExcludeLocales drops articles in these languages from the search.
	ExcludeLocales []string
	// ExcludeKeys drops the articles with these keys, in every language.
	ExcludeKeys []string
	// Agent is the name of who will answer, for the signature; empty when not known.
	Agent string
	// Guidance is the agent's hint, or what they have typed so far; no evidence.
	Guidance string
	// Limit is the time within which the draft must be whole; 0 means the
	// service's setting.
	Limit time.Duration
	// Deadline is the caller's own, before which the draft must be whole, too;
	// zero when there is none.
	Deadline time.Time
}

// SuggestRequest asks for a suggestion on a stored ticket.
type SuggestRequest struct {
	Request
	Locale   string
	Limit    time.Duration
	Guidance string
}
