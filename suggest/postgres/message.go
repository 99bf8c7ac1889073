package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

const (
	// maxPreview is the length of a preview in characters.
	maxPreview = 200
	// sameReply is how far apart a reported reply and the message that the
	// desktop hands over for it may have been sent.
	sameReply = 48 * time.Hour
)

const messageColumns = `
	m.message_id, m.external_id, m.sequence, m.author, m.actor, m.channel, m.visibility, m.locale, m.text,
	m.sent_time, m.attachments, coalesce(m.suggestion_id::text, '')`

func scanMessage(row pgx.Row) (suggest.Message, error) { return scanMessageAnd(row) }

// scanMessageAnd scans messageColumns and what follows them.
func scanMessageAnd(row pgx.Row, more ...any) (suggest.Message, error) {
	var m suggest.Message
	var actor, attachments []byte
	err := row.Scan(append([]any{
		&m.ID, &m.ExternalID, &m.Sequence, &m.Author, &actor, &m.Channel, &m.Visibility, &m.Locale,
		&m.Text, &m.SentTime, &attachments, &m.SuggestionID,
	}, more...)...)
	if err != nil {
		return m, err
	}
	m.SentTime = m.SentTime.UTC()
	if m.Actor, err = decodeActor(actor); err != nil {
		return m, err
	}
	err = decode(attachments, &m.Attachments)
	if len(m.Attachments) == 0 {
		m.Attachments = nil
	}
	return m, err
}

func collectMessages(r pgx.BatchResults) ([]suggest.Message, error) {
	rows, err := r.Query()
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (suggest.Message, error) { return scanMessage(row) })
}

// lockedTicket is what a writer of messages needs of a ticket whose row it
// holds.
type lockedTicket struct {
	workspace suggest.Workspace
	id        uuid.UUID
	channel   suggest.Channel
	count     int
}

// lockTicket holds the ticket's row until the transaction ends; statements
// behind it see the ticket under that lock. Rows that refer to the ticket can
// still be added: its key stays as it is.
const lockTicket = `
	SELECT channel, message_count FROM tickets
	WHERE workspace_id = $1 AND ticket_id = $2 FOR NO KEY UPDATE`

func scanLocked(row pgx.Row, w suggest.Workspace, id uuid.UUID) (lockedTicket, error) {
	t := lockedTicket{workspace: w, id: id}
	err := row.Scan(&t.channel, &t.count)
	if errors.Is(err, pgx.ErrNoRows) {
		err = suggest.ErrTicketNotFound
	}
	return t, err
}

// AppendMessage implements suggest.TicketStore. A customer's message makes a
// resolved ticket reopened and a pending one open.
func (s *Store) AppendMessage(ctx context.Context, w suggest.Workspace, ticketID string, m suggest.Message, now time.Time) (suggest.Message, bool, error) {
	ticket, ok := parseID(ticketID)
	if !ok {
		return suggest.Message{}, false, suggest.ErrTicketNotFound
	}
	id, err := newID("the new message's id", m.ID)
	if err != nil {
		return suggest.Message{}, false, err
	}
	m = storableMessage(m, now)
	var stored suggest.Message
	var created bool
	err = s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		b := &pgx.Batch{}
		b.Queue(lockTicket, string(w), ticket)
		b.Queue(recogniseMessage, string(w), ticket, id, m.ExternalID, m.Author == suggest.AuthorAgent, m.Text,
			m.SentTime.Add(-sameReply), m.SentTime.Add(sameReply))
		t, known, err := readRecognised(tx.SendBatch(ctx, b), w, ticket)
		switch {
		case err != nil:
			return err
		case known == nil:
			created = true
			stored, err = insertMessage(ctx, tx, t, inTicket(m, t), now)
			return err
		}
		stored = *known
		return echo(ctx, tx, w, &stored, m.ExternalID, now)
	})
	if err != nil {
		return suggest.Message{}, false, err
	}
	return stored, created, nil
}

// recogniseMessage finds the message in the ticket: by its ids, or as a reply
// whose delivery was reported and whose own message has not come yet.
const recogniseMessage = `
	(SELECT ` + messageColumns + `, 1 AS rank FROM messages m
	 WHERE m.workspace_id = $1 AND m.ticket_id = $2 AND m.external_id = $4 AND m.external_id <> '')
	UNION ALL
	(SELECT ` + messageColumns + `, 2 FROM messages m
	 WHERE m.workspace_id = $1 AND m.message_id = $3 AND m.ticket_id = $2)
	UNION ALL
	(SELECT ` + messageColumns + `, 3 FROM deliveries d
	 JOIN messages m ON m.workspace_id = d.workspace_id AND m.message_id = d.message_id
	 WHERE $5 AND d.workspace_id = $1 AND d.ticket_id = $2 AND d.echo_time IS NULL
		AND m.text = $6 AND m.sent_time BETWEEN $7 AND $8 AND (m.external_id = '' OR $4 = '')
	 ORDER BY m.sequence LIMIT 1)
	ORDER BY rank LIMIT 1`

// readRecognised reads the answers to a lock and recogniseMessage; known is
// nil for a message that is new.
func readRecognised(r pgx.BatchResults, w suggest.Workspace, id uuid.UUID) (t lockedTicket, known *suggest.Message, err error) {
	defer func() { _ = r.Close() }()
	if t, err = scanLocked(r.QueryRow(), w, id); err != nil {
		return t, nil, err
	}
	var rank int
	m, err := scanMessageAnd(r.QueryRow(), &rank)
	switch {
	case err == nil:
		known = &m
	case !errors.Is(err, pgx.ErrNoRows):
		return t, nil, err
	}
	return t, known, r.Close()
}

// storableMessage makes the message storable, sent now unless it says when.
func storableMessage(m suggest.Message, now time.Time) suggest.Message {
	if m.SentTime.IsZero() {
		m.SentTime = now
	}
	m.SentTime = moment(m.SentTime)
	m.ExternalID, m.Text, m.Locale = storable(m.ExternalID), storable(m.Text), storable(m.Locale)
	return m
}

// inTicket fills in what follows from the ticket.
func inTicket(m suggest.Message, t lockedTicket) suggest.Message {
	if m.Channel == "" {
		m.Channel = t.channel
	}
	if m.Visibility == "" {
		m.Visibility = suggest.VisibilityPrivate
		if m.Channel == suggest.ChannelReview {
			m.Visibility = suggest.VisibilityPublic
		}
	}
	return m
}

// echo notes that a reported reply's own message has come, with the id that
// the desktop gives it.
func echo(ctx context.Context, tx pgx.Tx, w suggest.Workspace, known *suggest.Message, externalID string, now time.Time) error {
	b := &pgx.Batch{}
	b.Queue(`UPDATE deliveries SET echo_time = $3 WHERE workspace_id = $1 AND message_id = $2 AND echo_time IS NULL`,
		string(w), known.ID, moment(now))
	if known.ExternalID == "" && externalID != "" {
		known.ExternalID = externalID
		b.Queue(`UPDATE messages SET external_id = $3 WHERE workspace_id = $1 AND message_id = $2`,
			string(w), known.ID, externalID)
	}
	return tx.SendBatch(ctx, b).Close()
}

// insertMessage adds the message at the ticket's end.
func insertMessage(ctx context.Context, tx pgx.Tx, t lockedTicket, m suggest.Message, now time.Time) (suggest.Message, error) {
	id, err := newID("the new message's id", m.ID)
	if err != nil {
		return m, err
	}
	var actor []byte
	if m.Actor != (suggest.Actor{}) {
		if actor, err = encodeActor(m.Actor); err != nil {
			return m, err
		}
	}
	attachments, err := encode(append([]suggest.Attachment{}, m.Attachments...))
	if err != nil {
		return m, err
	}
	var suggestion *uuid.UUID
	if m.SuggestionID != "" {
		s, err := newID("the message's suggestion", m.SuggestionID)
		if err != nil {
			return m, err
		}
		suggestion = &s
	}
	b := &pgx.Batch{}
	b.Queue(`
		INSERT INTO messages AS m (workspace_id, ticket_id, sequence, message_id, external_id, author, actor, channel,
			visibility, locale, text, sent_time, attachments, suggestion_id, create_time)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		RETURNING `+messageColumns,
		string(t.workspace), t.id, t.count+1, id, m.ExternalID, string(m.Author), actor, string(m.Channel),
		string(m.Visibility), m.Locale, m.Text, m.SentTime, attachments, suggestion, moment(now))
	b.Queue(`
		UPDATE tickets SET message_count = $3, update_time = greatest(update_time, $4),
			status = CASE WHEN NOT $5 THEN status WHEN status = 'RESOLVED' THEN 'REOPENED'
				WHEN status = 'PENDING' THEN 'OPEN' ELSE status END,
			preview = CASE WHEN $5 AND $6 >= coalesce(last_customer_time, '-infinity') THEN $7 ELSE preview END,
			last_customer_time = CASE WHEN $5 THEN greatest(last_customer_time, $6) ELSE last_customer_time END
		WHERE workspace_id = $1 AND ticket_id = $2`,
		string(t.workspace), t.id, t.count+1, moment(now), m.Author == suggest.AuthorCustomer, m.SentTime, text.Truncate(m.Text, maxPreview))
	results := tx.SendBatch(ctx, b)
	defer func() { _ = results.Close() }()
	stored, err := scanMessage(results.QueryRow())
	if err != nil {
		return stored, err
	}
	return stored, results.Close()
}
