package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
)

// maxContacts bounds the customer's other tickets in a view.
const maxContacts = 50

// ticketColumns are read by ticketRow; t is the ticket, c its customer.
const (
	ticketColumns = `
	t.ticket_id, t.external_id, t.subject, t.channel, t.status, coalesce(t.customer_id::text, ''),
	coalesce(c.display_name, ''),
	(SELECT json_agg(json_build_object('kind', i.kind, 'value', i.value) ORDER BY i.kind, i.folded)
	 FROM customer_identities i WHERE i.workspace_id = t.workspace_id AND i.customer_id = t.customer_id),
	t.facts, t.contact_reason, t.labels, t.locale, t.brand,
	nullif(t.due_time, 'infinity') AS due_time, nullif(t.event_time, 'infinity') AS event_time,
	CASE WHEN t.claim_expire_time > now() THEN t.claim_actor END, t.claim_expire_time,
	t.create_time, t.update_time, t.resolve_time, t.message_count`
	ticketFrom = `
	FROM tickets t
	LEFT JOIN customers c ON c.workspace_id = t.workspace_id AND c.customer_id = t.customer_id`
)

// ticketRow receives ticketColumns.
type ticketRow struct {
	ticket                    suggest.Ticket
	identities, facts, actor  []byte
	due, event, claim, resolv *time.Time
}

func (r *ticketRow) targets() []any {
	t := &r.ticket
	return []any{
		&t.ID, &t.ExternalID, &t.Subject, &t.Channel, &t.Status, &t.Customer.ID, &t.Customer.DisplayName,
		&r.identities, &r.facts, &t.ContactReason, &t.Labels, &t.Locale, &t.Brand, &r.due, &r.event, &r.actor, &r.claim,
		&t.CreateTime, &t.UpdateTime, &r.resolv, &t.MessageCount,
	}
}

// read makes the ticket of what was scanned.
func (r *ticketRow) read() (suggest.Ticket, error) {
	t := &r.ticket
	t.CreateTime, t.UpdateTime = t.CreateTime.UTC(), t.UpdateTime.UTC()
	t.DueTime, t.EventTime, t.ResolveTime = from(r.due), from(r.event), from(r.resolv)
	if len(t.Labels) == 0 {
		t.Labels = nil
	}
	if len(r.actor) > 0 { // of a claim that lasts
		a, err := decodeActor(r.actor)
		if err != nil {
			return *t, err
		}
		t.Claim = &suggest.Claim{Actor: a, Expire: from(r.claim)}
	}
	if err := decode(r.identities, &t.Customer.Identities); err != nil {
		return *t, err
	}
	err := decode(r.facts, &t.Facts)
	if len(t.Facts) == 0 {
		t.Facts = nil
	}
	return *t, err
}

func scanTicket(row pgx.Row) (suggest.Ticket, error) {
	var r ticketRow
	if err := row.Scan(r.targets()...); err != nil {
		return suggest.Ticket{}, err
	}
	return r.read()
}

// ticketCall is one call of UpsertTicket.
type ticketCall struct {
	workspace  uuid.UUID
	newID      uuid.UUID
	externalID string
	change     suggest.TicketChange
	now        time.Time
}

const upsertTicket = `
	INSERT INTO tickets AS t (workspace_id, ticket_id, external_id, subject, channel, status, customer_id, facts,
		contact_reason, labels, locale, due_time, event_time, create_time, update_time, resolve_time, brand)
	SELECT $1, $2, $3, $4, $5::text, coalesce(nullif($6::text, ''), 'OPEN'), $7, coalesce($8::jsonb, '[]'),
		$9, $10, $11, $12, $13, $14, $14, CASE WHEN $6::text = 'RESOLVED' THEN $14::timestamptz END, $16
	WHERE $5::text <> '' OR EXISTS (SELECT FROM tickets e WHERE e.workspace_id = $1 AND e.external_id = $3)
	ON CONFLICT (workspace_id, external_id) DO UPDATE SET
		subject = CASE WHEN excluded.subject <> '' OR 'subject' = ANY($15::text[]) THEN excluded.subject ELSE t.subject END,
		channel = coalesce(nullif(excluded.channel, ''), t.channel),
		status = CASE WHEN $6::text = '' OR $6::text = 'OPEN' AND t.status = 'REOPENED' THEN t.status ELSE $6::text END,
		customer_id = coalesce(excluded.customer_id, t.customer_id),
		facts = CASE WHEN $8::jsonb IS NOT NULL OR 'facts' = ANY($15::text[]) THEN excluded.facts ELSE t.facts END,
		contact_reason = CASE WHEN excluded.contact_reason <> '' OR 'contact_reason' = ANY($15::text[]) THEN excluded.contact_reason ELSE t.contact_reason END,
		labels = CASE WHEN excluded.labels <> '{}' OR 'labels' = ANY($15::text[]) THEN excluded.labels ELSE t.labels END,
		locale = CASE WHEN excluded.locale <> '' OR 'locale' = ANY($15::text[]) THEN excluded.locale ELSE t.locale END,
		due_time = CASE WHEN excluded.due_time < 'infinity' OR 'due_time' = ANY($15::text[]) THEN excluded.due_time ELSE t.due_time END,
		event_time = CASE WHEN excluded.event_time < 'infinity' OR 'event_time' = ANY($15::text[]) THEN excluded.event_time ELSE t.event_time END,
		brand = CASE WHEN excluded.brand <> '' OR 'brand' = ANY($15::text[]) THEN excluded.brand ELSE t.brand END,
		update_time = greatest(t.update_time, excluded.update_time),
		resolve_time = CASE WHEN $6::text = 'RESOLVED' AND t.status <> 'RESOLVED' THEN $14::timestamptz ELSE t.resolve_time END
	RETURNING ticket_id = $2`

// UpsertTicket implements suggest.TicketStore. A status of OPEN leaves a
// reopened ticket reopened.
func (s *Store) UpsertTicket(ctx context.Context, w suggest.Workspace, change suggest.TicketChange, id string, now time.Time) (suggest.Ticket, bool, error) {
	workspace, err := newID("the workspace", string(w))
	if err != nil {
		return suggest.Ticket{}, false, err
	}
	ticket, err := newID("the new ticket's id", id)
	if err != nil {
		return suggest.Ticket{}, false, err
	}
	c := ticketCall{workspace: workspace, newID: ticket, externalID: storable(change.ExternalID), change: change, now: moment(now)}
	var stored suggest.Ticket
	var created bool
	err = s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		var customer *uuid.UUID
		if change.Customer != nil {
			id, err := customerFor(ctx, tx, c)
			if err != nil {
				return err
			}
			customer = &id
		}
		stored, created, err = putTicket(ctx, tx, c, customer)
		return err
	})
	return stored, created, err
}

func putTicket(ctx context.Context, tx pgx.Tx, c ticketCall, customer *uuid.UUID) (suggest.Ticket, bool, error) {
	facts, err := encodeFacts(c.change.Facts)
	if err != nil {
		return suggest.Ticket{}, false, err
	}
	change := c.change
	var created bool
	b := &pgx.Batch{}
	b.Queue(upsertTicket, c.workspace, c.newID, c.externalID, storable(change.Subject), string(change.Channel),
		string(change.Status), customer, facts, storable(change.ContactReason), storables(change.Labels),
		storable(change.Locale), orInfinity(change.DueTime), orInfinity(change.EventTime), c.now, storables(change.Clear), storable(change.Brand))
	b.Queue(`SELECT `+ticketColumns+ticketFrom+` WHERE t.workspace_id = $1 AND t.external_id = $2`, c.workspace, c.externalID)
	results := tx.SendBatch(ctx, b)
	defer func() { _ = results.Close() }()
	if err := results.QueryRow().Scan(&created); err != nil {
		if errors.Is(err, pgx.ErrNoRows) {
			err = suggest.ErrChannelMissing
		}
		return suggest.Ticket{}, false, err
	}
	t, err := scanTicket(results.QueryRow())
	if err != nil {
		return t, created, err
	}
	return t, created, results.Close()
}

// encodeFacts returns nil for no facts, which leaves those of a ticket.
func encodeFacts(facts []suggest.Fact) ([]byte, error) {
	if len(facts) == 0 {
		return nil, nil
	}
	facts = slices.Clone(facts)
	for i := range facts {
		if !facts[i].ReadTime.IsZero() {
			facts[i].ReadTime = moment(facts[i].ReadTime)
		}
	}
	return encode(facts)
}

// View implements suggest.TicketStore. Facts of the contacts stay with their
// tickets.
func (s *Store) View(ctx context.Context, w suggest.Workspace, ref suggest.TicketRef, limit int) (suggest.TicketView, error) {
	id, ok := parseID(ref.ID)
	if ref.ID != "" && !ok {
		return suggest.TicketView{}, suggest.ErrTicketNotFound
	}
	which, key := `t.ticket_id = $2`, any(id)
	if ref.ID == "" {
		which, key = `t.external_id = $2`, storable(ref.ExternalID)
	}
	ticketID := `(SELECT t.ticket_id FROM tickets t WHERE t.workspace_id = $1 AND ` + which + `)`
	var v suggest.TicketView
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(`SELECT `+ticketColumns+ticketFrom+` WHERE t.workspace_id = $1 AND `+which, string(w), key)
		b.Queue(`SELECT `+messageColumns+` FROM messages m
			WHERE m.workspace_id = $1 AND m.ticket_id = `+ticketID+` ORDER BY m.sequence DESC LIMIT $3`, string(w), key, max(limit, 0))
		b.Queue(`SELECT `+ticketColumns+ticketFrom+`
			WHERE t.workspace_id = $1 AND NOT (`+which+`)
				AND t.customer_id = (SELECT t.customer_id FROM tickets t WHERE t.workspace_id = $1 AND `+which+`)
			ORDER BY t.create_time DESC, t.ticket_id LIMIT $3`, string(w), key, maxContacts)
		b.Queue(`SELECT s.suggestion_id FROM suggestions s
			WHERE s.workspace_id = $1 AND s.ticket_id = `+ticketID+`
			ORDER BY s.create_time DESC, s.suggestion_id DESC LIMIT 1`, string(w), key)
	}, func(r pgx.BatchResults) (err error) {
		v, err = readView(r)
		return err
	})
	return v, err
}

func readView(r pgx.BatchResults) (v suggest.TicketView, err error) {
	if v.Ticket, err = scanTicket(r.QueryRow()); err != nil {
		if errors.Is(err, pgx.ErrNoRows) {
			err = suggest.ErrTicketNotFound
		}
		return v, err
	}
	if v.Messages, err = collectMessages(r); err != nil {
		return v, err
	}
	slices.Reverse(v.Messages)
	rows, err := r.Query()
	if err != nil {
		return v, err
	}
	v.Contacts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (suggest.Ticket, error) {
		t, err := scanTicket(row)
		t.Facts = nil
		return t, err
	})
	if err != nil {
		return v, err
	}
	err = r.QueryRow().Scan(&v.LatestSuggestionID)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return v, err
}
