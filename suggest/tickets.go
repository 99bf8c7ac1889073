package suggest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/internal/text"
)

// MaxMessageBytes bounds one message once it is cleaned.
const MaxMessageBytes = 400_000

// LanguageGuesser tells the language of a text.
type LanguageGuesser interface {
	Detect(s string) langid.Guess
}

// Tickets takes in what desktops say of tickets: it cleans texts, fills in what
// a desktop may leave out, and keeps the rest to the store.
type Tickets struct {
	store   TicketStore
	guesser LanguageGuesser
	now     func() time.Time
}

// NewTickets joins a store, a guesser of languages and a clock.
func NewTickets(store TicketStore, guesser LanguageGuesser, now func() time.Time) *Tickets {
	return &Tickets{store: store, guesser: guesser, now: now}
}

// In is the same on another store, such as one in a transaction that is open.
func (t *Tickets) In(store TicketStore) *Tickets {
	in := *t
	in.store = store
	return &in
}

// Upsert creates a ticket or changes what is given of it. It fails with
// *FieldError and ErrChannelMissing.
func (t *Tickets) Upsert(ctx context.Context, w Workspace, c TicketChange) (Ticket, bool, error) {
	c.ExternalID = strings.TrimSpace(text.Clean(c.ExternalID))
	if c.ExternalID == "" {
		return Ticket{}, false, &FieldError{Field: "external_id", Message: "is blank; send the desktop's id of the ticket"}
	}
	c.Subject = oneLine(c.Subject)
	c.ContactReason = oneLine(c.ContactReason)
	now := t.now().UTC()
	var err error
	if c.Locale, err = optionalLocale("locale", c.Locale); err != nil {
		return Ticket{}, false, err
	}
	if c.Facts, err = cleanFacts(c.Facts, now); err != nil {
		return Ticket{}, false, err
	}
	if err := cleanCustomer(c.Customer); err != nil {
		return Ticket{}, false, err
	}
	c.Labels = cleanLabels(c.Labels)
	id, err := uuid.NewV7()
	if err != nil {
		return Ticket{}, false, err
	}
	return t.store.UpsertTicket(ctx, w, c, id.String(), now)
}

// Append adds a message; the text is cleaned, its language guessed when the
// desktop does not state it. It fails with ErrBlankText, *FieldError and
// ErrTicketNotFound. Channel and visibility may be empty.
func (t *Tickets) Append(ctx context.Context, w Workspace, ticketID string, m Message) (Message, bool, error) {
	m.Text = text.Clean(m.Text)
	if text.IsBlank(m.Text) {
		return Message{}, false, ErrBlankText
	}
	if len(m.Text) > MaxMessageBytes {
		return Message{}, false, &FieldError{Field: "text", Message: fmt.Sprintf("holds %d bytes; send at most %d", len(m.Text), MaxMessageBytes)}
	}
	var err error
	if m.Locale, err = optionalLocale("locale", m.Locale); err != nil {
		return Message{}, false, err
	}
	if m.Locale == "" {
		m.Locale = t.guesser.Detect(m.Text).Locale
	}
	m.ExternalID = strings.TrimSpace(text.Clean(m.ExternalID))
	now := t.now().UTC()
	if m.SentTime.IsZero() {
		m.SentTime = now
	}
	for i := range m.Attachments {
		m.Attachments[i].Name = oneLine(m.Attachments[i].Name)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Message{}, false, err
	}
	m.ID = id.String()
	return t.store.AppendMessage(ctx, w, ticketID, m, now)
}

// View returns a ticket with its newest messages, at most limit.
func (t *Tickets) View(ctx context.Context, w Workspace, ref TicketRef, limit int) (TicketView, error) {
	return t.store.View(ctx, w, ref, limit)
}

// Queue lists tickets, the most pressing first.
func (t *Tickets) Queue(ctx context.Context, w Workspace, f QueueFilter) ([]QueueItem, error) {
	if len(f.Statuses) == 0 {
		f.Statuses = []Status{StatusOpen, StatusReopened}
	}
	return t.store.Queue(ctx, w, f)
}

// DefaultClaim is how long a claim lasts when nobody says.
const DefaultClaim = 5 * time.Minute

// Claim says that the actor is on the ticket for a time; 0 means DefaultClaim.
// It fails with *ClaimedError while another actor's claim lasts.
func (t *Tickets) Claim(ctx context.Context, w Workspace, ticketID string, a Actor, d time.Duration) (Claim, error) {
	if d == 0 {
		d = DefaultClaim
	}
	return t.store.Claim(ctx, w, ticketID, a, d)
}

// Release ends the actor's own claim, if any.
func (t *Tickets) Release(ctx context.Context, w Workspace, ticketID string, a Actor) error {
	return t.store.Release(ctx, w, ticketID, a)
}

func cleanFacts(facts []Fact, now time.Time) ([]Fact, error) {
	seen := map[string]bool{}
	for i := range facts {
		f := &facts[i]
		field := fmt.Sprintf("facts[%d]", i)
		f.Name = oneLine(f.Name)
		if f.Name == "" {
			return nil, &FieldError{Field: field + ".name", Message: "is blank; name the fact"}
		}
		if seen[f.Name] {
			return nil, &FieldError{Field: field + ".name", Message: "stands twice; name each fact once"}
		}
		seen[f.Name] = true
		f.Text = strings.TrimSpace(text.Clean(f.Text))
		f.Source = oneLine(f.Source)
		if f.ReadTime.IsZero() {
			f.ReadTime = now
		}
		if err := checkValue(f); err != nil {
			return nil, &FieldError{Field: field, Message: err.Error()}
		}
	}
	return facts, nil
}

func checkValue(f *Fact) error {
	switch f.Kind {
	case FactText, FactCode:
		if f.Text == "" {
			return fmt.Errorf("its value is blank")
		}
	case FactDate:
		d := time.Date(f.Date.Year, time.Month(f.Date.Month), f.Date.Day, 0, 0, 0, 0, time.UTC)
		if d.Day() != f.Date.Day || int(d.Month()) != f.Date.Month {
			return fmt.Errorf("its date does not exist")
		}
	case FactAmount:
		if f.Amount.Currency == "" {
			return fmt.Errorf("its amount names no currency")
		}
		if f.Amount.Units > 0 && f.Amount.Nanos < 0 || f.Amount.Units < 0 && f.Amount.Nanos > 0 {
			return fmt.Errorf("units and nanos differ in sign")
		}
	default:
		return fmt.Errorf("its kind is not known")
	}
	return nil
}

func cleanCustomer(c *Customer) error {
	if c == nil {
		return nil
	}
	c.DisplayName = oneLine(c.DisplayName)
	for i := range c.Identities {
		c.Identities[i].Value = oneLine(c.Identities[i].Value)
		if c.Identities[i].Value == "" {
			return &FieldError{Field: fmt.Sprintf("customer.identities[%d].value", i), Message: "is blank; send the address or leave it out"}
		}
	}
	return nil
}

func cleanLabels(labels []string) []string {
	var kept []string
	for _, l := range labels {
		if l = strings.ToLower(oneLine(l)); l != "" {
			kept = append(kept, l)
		}
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

func optionalLocale(field, s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", nil
	}
	locale, err := text.CanonicalLocale(s)
	if err != nil {
		return "", &FieldError{Field: field, Message: "is not a BCP 47 language tag, such as \"en\" or \"pt-BR\""}
	}
	return locale, nil
}

func oneLine(s string) string {
	return strings.Join(strings.Fields(text.Clean(s)), " ")
}
