package postgres

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
)

// Deliver implements suggest.SuggestionStore. A reply that the desktop handed
// over as a message before it reported the delivery is recognised: by its
// external id, or as an agent's message of the same text within two days.
func (s *Store) Deliver(ctx context.Context, w suggest.Workspace, r suggest.DeliveryReport, newMessageID string, now time.Time) (suggest.Message, *suggest.Suggestion, error) {
	r.ExternalMessageID, r.Text = storable(r.ExternalMessageID), storable(r.Text)
	if r.Time.IsZero() {
		r.Time = now
	}
	r.Time = moment(r.Time)
	ticket, ok := parseID(r.TicketID)
	if !ok {
		return suggest.Message{}, nil, suggest.ErrTicketNotFound
	}
	var message suggest.Message
	var delivered *suggest.Suggestion
	err := s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		t, err := scanLocked(tx.QueryRow(ctx, lockTicket, string(w), ticket), w, ticket)
		if err != nil {
			return err
		}
		of, err := released(ctx, tx, t, &r)
		if err != nil {
			return err
		}
		known, err := alreadyAppended(ctx, tx, t, r, of)
		if err != nil {
			return err
		}
		if of == nil {
			if of, err = undecided(ctx, tx, t, known); err != nil {
				return err
			}
		}
		d := delivery{ticket: t, report: r, of: of, now: now}
		if known != nil {
			message, err = d.link(ctx, tx, *known)
		} else {
			message, err = d.add(ctx, tx, newMessageID)
		}
		if err != nil {
			return err
		}
		delivered, err = d.record(ctx, tx, message, known != nil)
		return err
	})
	if err != nil {
		return suggest.Message{}, nil, err
	}
	return message, delivered, nil
}

// released finds the suggestion that the report names, ready to be delivered,
// and completes the report's text from its decision. It is nil when the report
// names none.
func released(ctx context.Context, tx pgx.Tx, t lockedTicket, r *suggest.DeliveryReport) (*suggest.Suggestion, error) {
	if r.SuggestionID == "" {
		if strings.TrimSpace(r.Text) == "" {
			return nil, suggest.ErrTextMissing
		}
		return nil, nil
	}
	id, ok := parseID(r.SuggestionID)
	if !ok {
		return nil, suggest.ErrSuggestionNotFound
	}
	s, err := scanSuggestion(tx.QueryRow(ctx, oneSuggestion, string(t.workspace), id))
	switch {
	case err != nil:
		return nil, err
	case s.TicketID != t.id.String():
		return nil, suggest.ErrOtherTicket
	case s.State == suggest.StateDelivered:
		return nil, suggest.ErrAlreadyDelivered
	case s.State != suggest.StateReleased || s.Decision == nil:
		return nil, suggest.ErrNotReleased
	}
	if strings.TrimSpace(r.Text) == "" {
		r.Text = s.Decision.FinalText
	}
	return &s, nil
}

// alreadyAppended finds the agent's message that the report is about, when
// the desktop handed it over first.
func alreadyAppended(ctx context.Context, tx pgx.Tx, t lockedTicket, r suggest.DeliveryReport, of *suggest.Suggestion) (*suggest.Message, error) {
	var reported bool
	if r.ExternalMessageID != "" {
		m, err := scanMessageAnd(tx.QueryRow(ctx, `
			SELECT `+messageColumns+`,
				EXISTS (SELECT FROM deliveries d WHERE d.workspace_id = m.workspace_id AND d.message_id = m.message_id)
			FROM messages m WHERE m.workspace_id = $1 AND m.ticket_id = $2 AND m.external_id = $3`,
			string(t.workspace), t.id, r.ExternalMessageID), &reported)
		switch {
		case err == nil && m.Author != suggest.AuthorAgent:
			return nil, &suggest.FieldError{Field: "external_message_id", Message: "is that of a message which no agent sent; name the reply that went out"}
		case err == nil && reported:
			return nil, suggest.ErrAlreadyDelivered
		case err == nil:
			return &m, nil
		case !errors.Is(err, pgx.ErrNoRows):
			return nil, err
		}
	}
	answered := ""
	if of != nil {
		answered = of.ID
	}
	m, err := scanMessage(tx.QueryRow(ctx, `
		SELECT `+messageColumns+` FROM messages m
		WHERE m.workspace_id = $1 AND m.ticket_id = $2 AND m.author = 'AGENT' AND m.text = $3
			AND m.sent_time BETWEEN $4 AND $5 AND (m.external_id = '' OR $6 = '')
			AND m.sequence > coalesce((SELECT s.message_sequence FROM suggestions s
				WHERE s.workspace_id = $1 AND s.suggestion_id = nullif($7, '')::uuid), 0)
			AND NOT EXISTS (SELECT FROM deliveries d WHERE d.workspace_id = m.workspace_id AND d.message_id = m.message_id)
		ORDER BY m.sequence DESC LIMIT 1`,
		string(t.workspace), t.id, r.Text, r.Time.Add(-sameReply), r.Time.Add(sameReply), r.ExternalMessageID, answered))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return &m, err
}

// undecided finds the newest suggestion for the ticket's newest message that
// nobody has decided on; the reply itself, appended before, is no newer
// message.
func undecided(ctx context.Context, tx pgx.Tx, t lockedTicket, reply *suggest.Message) (*suggest.Suggestion, error) {
	sequence := 0
	if reply != nil {
		sequence = reply.Sequence
	}
	s, err := scanSuggestion(tx.QueryRow(ctx, `SELECT `+suggestionColumns+suggestionFrom+`
		WHERE s.workspace_id = $1 AND s.ticket_id = $2 AND s.phase = 'GENERATED'
			AND NOT EXISTS (SELECT FROM messages m WHERE m.workspace_id = $1 AND m.ticket_id = $2
				AND m.sequence > s.message_sequence AND m.author IN ('CUSTOMER', 'AGENT') AND m.sequence <> $3)
		ORDER BY s.create_time DESC, s.suggestion_id DESC LIMIT 1`, string(t.workspace), t.id, sequence))
	if errors.Is(err, suggest.ErrSuggestionNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if reply != nil && s.SupersededBy == suggest.SupersededByMessage {
		s.SupersededBy = ""
	}
	return &s, nil
}

// delivery is one report on a locked ticket.
type delivery struct {
	ticket lockedTicket
	report suggest.DeliveryReport
	// of is the suggestion, nil when there is none.
	of  *suggest.Suggestion
	now time.Time
}

// link ties a message that is there to the suggestion and the desktop's id.
func (d delivery) link(ctx context.Context, tx pgx.Tx, known suggest.Message) (suggest.Message, error) {
	if d.of != nil {
		known.SuggestionID = d.of.ID
	}
	if known.ExternalID == "" {
		known.ExternalID = d.report.ExternalMessageID
	}
	_, err := tx.Exec(ctx, `
		UPDATE messages SET external_id = $3, suggestion_id = nullif($4, '')::uuid
		WHERE workspace_id = $1 AND message_id = $2`, string(d.ticket.workspace), known.ID, known.ExternalID, known.SuggestionID)
	return known, err
}

// add makes the reply a message of the ticket.
func (d delivery) add(ctx context.Context, tx pgx.Tx, id string) (suggest.Message, error) {
	r := d.report
	m := suggest.Message{
		ID: id, ExternalID: r.ExternalMessageID, Author: suggest.AuthorAgent, Actor: r.Actor, Channel: r.Channel,
		Visibility: r.Visibility, Text: r.Text, SentTime: r.Time,
	}
	if d.of != nil {
		m.SuggestionID = d.of.ID
		if d.of.Draft != nil {
			m.Locale = d.of.Draft.Locale
		}
	}
	if m.Visibility == "" {
		err := tx.QueryRow(ctx, `
			SELECT visibility FROM messages WHERE workspace_id = $1 AND ticket_id = $2 AND author = 'CUSTOMER'
			ORDER BY sequence DESC LIMIT 1`, string(d.ticket.workspace), d.ticket.id).Scan(&m.Visibility)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return m, err
		}
	}
	return insertMessage(ctx, tx, d.ticket, inTicket(storableMessage(m, d.now), d.ticket), d.now)
}

// record notes the delivery, and the decision where nobody had decided.
func (d delivery) record(ctx context.Context, tx pgx.Tx, m suggest.Message, echoed bool) (*suggest.Suggestion, error) {
	actor, err := encodeActor(d.report.Actor)
	if err != nil {
		return nil, err
	}
	var echo *time.Time
	if echoed {
		echo = at(d.now)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO deliveries (workspace_id, message_id, ticket_id, suggestion_id, actor, delivered_time, create_time, echo_time)
		VALUES ($1, $2, $3, nullif($4, '')::uuid, $5, $6, $7, $8)`,
		string(d.ticket.workspace), m.ID, d.ticket.id, m.SuggestionID, actor, d.report.Time, moment(d.now), echo)
	if err != nil || d.of == nil {
		return nil, err
	}
	if d.of.Decision == nil {
		own := suggest.Decision{
			Kind: suggest.DecisionOwn, Actor: d.report.Actor, KeyID: d.report.KeyID, Time: d.now, FinalText: m.Text,
		}
		s, err := putDecision(ctx, tx, d.ticket.workspace, *d.of, own, suggest.StateDelivered)
		return &s, err
	}
	b := &pgx.Batch{}
	b.Queue(`
		UPDATE suggestions SET phase = 'DELIVERED', revision = revision + 1
		WHERE workspace_id = $1 AND suggestion_id = $2 AND phase = 'RELEASED'`, string(d.ticket.workspace), d.of.ID)
	b.Queue(oneSuggestion, string(d.ticket.workspace), d.of.ID)
	s, err := lockedSuggestion(tx.SendBatch(ctx, b))
	return &s, err
}
