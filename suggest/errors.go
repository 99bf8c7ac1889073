package suggest

import (
	"errors"
	"fmt"
	"time"

	"github.com/purser-desk/purser/knowledge"
)

// Errors that callers tell apart.
var (
	ErrTicketNotFound     = errors.New("there is no such ticket")
	ErrSuggestionNotFound = errors.New("there is no such suggestion")
	// ErrChannelMissing says that a new ticket must name its channel.
	ErrChannelMissing = errors.New("a new ticket needs a channel")
	ErrBlankText      = errors.New("the text is blank once control characters are removed; send what was written")
	// ErrNothingToAnswer says that nobody has asked anything yet.
	ErrNothingToAnswer = errors.New("the ticket holds no message of the customer and no note; append one first")
	ErrRequestReused   = errors.New("this request_id was used with another payload; use a new one")
	ErrLeaseLost       = errors.New("another server took this suggestion over")
	// ErrStale says that a newer message came, or cited knowledge changed.
	ErrStale = errors.New("a newer message came or the knowledge it cites changed; ask for a new suggestion, or set accept_stale")
	// ErrRevision says that the suggestion changed since the person read it.
	ErrRevision    = errors.New("the suggestion changed since you read it; read it again")
	ErrNotFinished = errors.New("the suggestion is still being made; wait for its last event")
	// ErrNoDraft says that there is no draft to approve, edit or discard.
	ErrNoDraft = errors.New("this suggestion holds no draft; record your own reply instead")
	// ErrNotReleased says that nobody approved what was reported as delivered.
	ErrNotReleased      = errors.New("no decision released this suggestion; decide first, or report the reply without it")
	ErrAlreadyDelivered = errors.New("the delivery of this suggestion was reported already")
	// ErrOtherTicket says that the suggestion belongs to another ticket.
	ErrOtherTicket = errors.New("the suggestion belongs to another ticket")
	// ErrNoRecord says that the suggestion was never finished.
	ErrNoRecord = errors.New("this suggestion has no record, since it was not finished")
	// ErrTextMissing says that a reply without a suggestion must be told.
	ErrTextMissing = errors.New("a reply without a suggestion needs its text")
)

// DecidedError says that somebody decided before.
type DecidedError struct {
	By   Actor
	Kind DecisionKind
	Time time.Time
}

func (e *DecidedError) Error() string {
	name := e.By.Name
	if name == "" {
		name = e.By.ID
	}
	return fmt.Sprintf("%s decided on this suggestion first (%s, %s)", name, e.Kind, e.Time.UTC().Format(time.RFC3339))
}

// ClaimedError says that somebody else is on the ticket.
type ClaimedError struct {
	By    Actor
	Until time.Time
}

func (e *ClaimedError) Error() string {
	name := e.By.Name
	if name == "" {
		name = e.By.ID
	}
	return fmt.Sprintf("%s is on this ticket until %s", name, e.Until.UTC().Format(time.RFC3339))
}

// UnverifiedError says that a text keeps claims for which nothing was found, and
// that nobody has given their word for.
type UnverifiedError struct{ Need ApprovalNeeded }

func (e *UnverifiedError) Error() string {
	return fmt.Sprintf("the text keeps %d claims that nothing was found for; check them, and name them in accept_claims or edit them out",
		len(e.Need.Single)+len(e.Need.Others))
}

// FieldError says which field of a request can't be, and what was expected.
type FieldError = knowledge.FieldError
