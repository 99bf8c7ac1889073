package suggest

import "time"

// Ask is something that could have been answered: the last of a run of messages
// of the customer, or of notes in a ticket in which no customer wrote. With it
// comes, without any text, what became of it.
type Ask struct {
	TicketID, MessageID string
	// Sequence of the message in its ticket.
	Sequence int
	// Time is when it was written.
	Time time.Time
	// Replied is true when an agent's message came before the asker's next.
	Replied bool
	// Resolved is true when the ticket was resolved and nothing was asked since.
	Resolved bool
	// SuggestionID is the suggestion that counts: the one that was decided on, a
	// released one before a discarded one, else the newest that was made for all
	// of the run. Empty when there is none; the fields below are empty then.
	SuggestionID string
	Outcome      Outcome
	Reason       Reason
	// Decision and DiscardReason are empty when nobody decided.
	Decision      DecisionKind
	DiscardReason DiscardReason
}

// AskHistory is an ask with all that surrounds it.
type AskHistory struct {
	Ask
	// Ticket with its facts as they were when the suggestion was made, else as
	// they are now.
	Ticket Ticket
	// Before is the customer as the suggestion's record names them, which may be
	// otherwise than now.
	Before Customer
	// Messages up to the one asked about, in order, the newest 50.
	Messages []Message
	// Replies are the agents' messages after it, in order, up to the asker's next
	// message.
	Replies []Message
	// Suggestion is the one that counts, with its decision; nil when there is
	// none.
	Suggestion *Suggestion
}
