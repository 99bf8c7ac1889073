package suggest

import (
	"context"
	"time"

	"github.com/purser-desk/purser/knowledge"
)

// Workspace names a tenant.
type Workspace = knowledge.Workspace

// Actor is the person, or the system, behind a change.
type Actor = knowledge.Actor

// Channel is the way on which a message came.
type Channel string

// The channels.
const (
	ChannelEmail     Channel = "EMAIL"
	ChannelChat      Channel = "CHAT"
	ChannelSocial    Channel = "SOCIAL"
	ChannelPhone     Channel = "PHONE"
	ChannelWebForm   Channel = "WEB_FORM"
	ChannelMessenger Channel = "MESSENGER"
	ChannelReview    Channel = "REVIEW"
)

// Visibility tells who can read a message.
type Visibility string

// A public message can be read by anyone, so a reply to it must not repeat the
// customer's data.
const (
	VisibilityPublic  Visibility = "PUBLIC"
	VisibilityPrivate Visibility = "PRIVATE"
)

// Author tells who wrote a message.
type Author string

// A note is written for colleagues.
const (
	AuthorCustomer Author = "CUSTOMER"
	AuthorAgent    Author = "AGENT"
	AuthorNote     Author = "NOTE"
)

// Status is where a ticket stands.
type Status string

// A reopened ticket was resolved before the customer wrote again.
const (
	StatusOpen     Status = "OPEN"
	StatusPending  Status = "PENDING"
	StatusResolved Status = "RESOLVED"
	StatusReopened Status = "REOPENED"
)

// IdentityKind is a way to recognise a customer.
type IdentityKind string

// The kinds of identity.
const (
	IdentityEmail          IdentityKind = "EMAIL"
	IdentityHandle         IdentityKind = "HANDLE"
	IdentityPhone          IdentityKind = "PHONE"
	IdentityCustomerNumber IdentityKind = "CUSTOMER_NUMBER"
)

// Identity is one address at which a customer is known.
type Identity struct {
	Kind  IdentityKind `json:"kind"`
	Value string       `json:"value"`
}

// Customer is who writes.
type Customer struct {
	ID          string     `json:"id,omitempty"`
	DisplayName string     `json:"display_name,omitempty"`
	Identities  []Identity `json:"identities,omitempty"`
}

// FactKind is the type of a customer fact's value.
type FactKind string

// The kinds of fact.
const (
	FactText   FactKind = "TEXT"
	FactAmount FactKind = "AMOUNT"
	FactDate   FactKind = "DATE"
	FactCode   FactKind = "CODE"
)

// Money is an amount: Units whole units of Currency (ISO 4217) and Nanos
// billionths, both of the same sign.
type Money struct {
	Currency string `json:"currency"`
	Units    int64  `json:"units"`
	Nanos    int32  `json:"nanos,omitempty"`
}

// Date is a day without a time zone.
type Date struct {
	Year  int `json:"year"`
	Month int `json:"month"`
	Day   int `json:"day"`
}

// Fact is something the desktop knows about the customer or the matter.
type Fact struct {
	Name string   `json:"name"`
	Kind FactKind `json:"kind"`
	// Text is the value of a TEXT or CODE.
	Text   string `json:"text,omitempty"`
	Amount Money  `json:"amount,omitzero"`
	Date   Date   `json:"date,omitzero"`
	// Source is the system it was read from, ReadTime when.
	Source   string    `json:"source,omitempty"`
	ReadTime time.Time `json:"read_time"`
	// MayMention is false for a fact that guides the agent and never stands in
	// a draft.
	MayMention bool `json:"may_mention"`
}

// Claim says who is on a ticket, until when.
type Claim struct {
	Actor  Actor
	Expire time.Time
}

// Ticket is one matter of one customer.
type Ticket struct {
	ID, ExternalID string
	Subject        string
	Channel        Channel
	Status         Status
	// Customer has no ID when nobody is known.
	Customer      Customer
	Facts         []Fact
	ContactReason string
	Labels        []string
	// Brand names one of the house's; empty: the first.
	Brand string
	// Locale as the desktop states it; empty: detected from the messages.
	Locale string
	// DueTime and EventTime are zero when there is none.
	DueTime, EventTime time.Time
	// Claim is nil when nobody is on it now.
	Claim                  *Claim
	CreateTime, UpdateTime time.Time
	// ResolveTime is zero when it was never resolved.
	ResolveTime  time.Time
	MessageCount int
}

// Attachment names a file that came with a message.
type Attachment struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type,omitempty"`
	Size      int64  `json:"size,omitempty"`
}

// Message is one contribution to a ticket.
type Message struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id,omitempty"`
	// Sequence is its position in the ticket, from 1.
	Sequence int    `json:"sequence"`
	Author   Author `json:"author"`
	// Actor is who wrote it, for agents and notes.
	Actor      Actor      `json:"actor,omitzero"`
	Channel    Channel    `json:"channel"`
	Visibility Visibility `json:"visibility"`
	// Locale is empty when the text is too short to tell.
	Locale      string       `json:"locale,omitempty"`
	Text        string       `json:"text"`
	SentTime    time.Time    `json:"sent_time"`
	Attachments []Attachment `json:"attachments,omitempty"`
	// SuggestionID is the suggestion that it came from, if any.
	SuggestionID string `json:"suggestion_id,omitempty"`
}

// TicketChange creates a ticket or changes what is given of it: zero values
// leave an existing ticket as it is, except for fields named in Clear.
type TicketChange struct {
	ExternalID         string
	Subject            string
	Channel            Channel
	Status             Status
	Customer           *Customer
	Facts              []Fact
	ContactReason      string
	Labels             []string
	Locale, Brand      string
	DueTime, EventTime time.Time
	// Clear names fields to empty: "subject", "facts", "contact_reason",
	// "labels", "locale", "due_time", "event_time", "brand".
	Clear []string
}

// TicketRef names a ticket by one of its ids.
type TicketRef struct{ ID, ExternalID string }

// TicketView is a ticket with what surrounds it.
type TicketView struct {
	Ticket   Ticket
	Messages []Message
	// Contacts are the same customer's other tickets, newest first, at most 50.
	Contacts           []Ticket
	LatestSuggestionID string
}

// QueueFilter narrows the queue.
type QueueFilter struct {
	// Statuses and Channels keep any of these; empty Statuses mean OPEN and
	// REOPENED, empty Channels all.
	Statuses []Status
	Channels []Channel
	// UnclaimedOrBy drops tickets claimed by anyone but this actor id.
	UnclaimedOrBy string
	// After continues behind a place that an earlier page ended on; nil begins.
	After *QueuePlace
	// Limit is the most items, at least 1.
	Limit int
}

// QueuePlace is a place in the order of the queue; a zero time is none.
type QueuePlace struct {
	Due    time.Time `json:"due,omitzero"`
	Event  time.Time `json:"event,omitzero"`
	Create time.Time `json:"create"`
	ID     string    `json:"id"`
}

// QueueItem is one line of the queue.
type QueueItem struct {
	Ticket Ticket
	// Preview begins the newest customer message, at most 200 characters.
	Preview            string
	LastCustomerTime   time.Time
	LatestSuggestionID string
}

// TicketStore keeps tickets. Every method sees one workspace alone and fails
// with ErrTicketNotFound for a ticket of another. Claims run by the store's
// clock, so that servers whose clocks differ agree.
type TicketStore interface {
	// UpsertTicket creates (with id newID) or changes a ticket. A new ticket
	// without a channel fails with ErrChannelMissing. Identities given together
	// are joined: their customers become the oldest of them.
	UpsertTicket(ctx context.Context, w Workspace, c TicketChange, newID string, now time.Time) (t Ticket, created bool, err error)
	// AppendMessage adds a message, giving it its sequence; created is false
	// when the ticket held it already: the same external id, or an agent's
	// message whose delivery was reported. It holds the ticket's row lock, so
	// that no decision slips in between.
	AppendMessage(ctx context.Context, w Workspace, ticketID string, m Message, now time.Time) (stored Message, created bool, err error)
	// View returns a ticket with its newest messages, at most limit, in order.
	View(ctx context.Context, w Workspace, ref TicketRef, limit int) (TicketView, error)
	// Queue lists tickets by due time, event time, age and id.
	Queue(ctx context.Context, w Workspace, f QueueFilter) ([]QueueItem, error)
	// Claim claims or renews for as long from now; it fails with *ClaimedError
	// while another actor's claim lasts.
	Claim(ctx context.Context, w Workspace, ticketID string, a Actor, d time.Duration) (Claim, error)
	// Release ends the actor's own claim, if any.
	Release(ctx context.Context, w Workspace, ticketID string, a Actor) error
}
