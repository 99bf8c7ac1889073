package postgres

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/purser-desk/purser/suggest"
)

// The queue is read from one of two partial indexes, or merged from both: the
// conditions on status are spelled out so that the planner can tell which.
const (
	queueOrder = ` ORDER BY t.due_time, t.event_time, t.create_time, t.ticket_id LIMIT $7`
	queuePart  = `
	SELECT ` + ticketColumns + `, t.preview, t.last_customer_time,
		coalesce((SELECT s.suggestion_id::text FROM suggestions s
			WHERE s.workspace_id = t.workspace_id AND s.ticket_id = t.ticket_id
			ORDER BY s.create_time DESC, s.suggestion_id DESC LIMIT 1), '')` + ticketFrom + `
	WHERE t.workspace_id = $1
		AND (t.due_time, t.event_time, t.create_time, t.ticket_id) > ($2::timestamptz, $3::timestamptz, $4::timestamptz, $5::uuid)
		AND t.status = ANY($6::text[])
		AND t.status `
)

// queueSQL is the statement for what waits, what is done, or both; the comment
// in front names it in the server's statistics. As in listSQL, only conditions
// that are asked for stand in it.
func queueSQL(f suggest.QueueFilter, statuses []suggest.Status, args []any) (string, []any) {
	var where string
	if len(f.Channels) > 0 {
		args = append(args, storables(f.Channels))
		where += ` AND t.channel = ANY($` + strconv.Itoa(len(args)) + `)`
	}
	if f.UnclaimedOrBy != "" {
		args = append(args, storable(f.UnclaimedOrBy))
		where += ` AND (t.claim_expire_time IS NULL OR t.claim_expire_time <= now() OR t.claim_actor ->> 'id' = $` + strconv.Itoa(len(args)) + `)`
	}
	waiting := queuePart + `<> 'RESOLVED'` + where + queueOrder
	done := queuePart + `= 'RESOLVED'` + where + queueOrder
	switch {
	case !slices.Contains(statuses, suggest.StatusResolved):
		return `/* queue_waiting */` + waiting, args
	case !slices.ContainsFunc(statuses, func(s suggest.Status) bool { return s != suggest.StatusResolved }):
		return `/* queue_resolved */` + done, args
	}
	return `/* queue_all */ (` + waiting + `) UNION ALL (` + done + `)
		ORDER BY due_time, event_time, create_time, ticket_id LIMIT $7`, args
}

// Queue implements suggest.TicketStore.
func (s *Store) Queue(ctx context.Context, w suggest.Workspace, f suggest.QueueFilter) ([]suggest.QueueItem, error) {
	statuses := f.Statuses
	if len(statuses) == 0 {
		statuses = []suggest.Status{suggest.StatusOpen, suggest.StatusReopened}
	}
	place, err := queueAfter(f.After)
	if err != nil {
		return nil, err
	}
	args := append([]any{string(w)}, place...)
	statement, args := queueSQL(f, statuses, append(args, storables(statuses), max(f.Limit, 1)))
	var items []suggest.QueueItem
	err = s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(statement, args...)
	}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		items, err = pgx.CollectRows(rows, scanQueueItem)
		return err
	})
	return items, err
}

// queueAfter is the place behind which a page begins; the beginning is before
// all that can be.
func queueAfter(p *suggest.QueuePlace) ([]any, error) {
	if p == nil {
		before := pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
		return []any{before, before, before, uuid.Nil}, nil
	}
	id, ok := parseID(p.ID)
	if !ok {
		return nil, &suggest.FieldError{Field: "page_token", Message: "is not one that this list gave; begin without one"}
	}
	return []any{orInfinity(p.Due), orInfinity(p.Event), moment(p.Create), id}, nil
}

func scanQueueItem(row pgx.CollectableRow) (suggest.QueueItem, error) {
	var r ticketRow
	var i suggest.QueueItem
	var last *time.Time
	if err := row.Scan(append(r.targets(), &i.Preview, &last, &i.LatestSuggestionID)...); err != nil {
		return i, err
	}
	i.LastCustomerTime = from(last)
	var err error
	i.Ticket, err = r.read()
	return i, err
}

// Claim implements suggest.TicketStore.
func (s *Store) Claim(ctx context.Context, w suggest.Workspace, ticketID string, a suggest.Actor, d time.Duration) (suggest.Claim, error) {
	id, ok := parseID(ticketID)
	if !ok {
		return suggest.Claim{}, suggest.ErrTicketNotFound
	}
	actor, err := encodeActor(a)
	if err != nil {
		return suggest.Claim{}, err
	}
	var claim suggest.Claim
	err = s.db.WriteBatch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(`SELECT FROM tickets WHERE workspace_id = $1 AND ticket_id = $2 FOR NO KEY UPDATE`, string(w), id)
		b.Queue(`
			UPDATE tickets SET claim_actor = $3, claim_expire_time = now() + $4::interval
			WHERE workspace_id = $1 AND ticket_id = $2
				AND (claim_expire_time IS NULL OR claim_expire_time <= now() OR claim_actor ->> 'id' = $5)`,
			string(w), id, actor, d, storable(a.ID))
		b.Queue(`SELECT claim_actor, claim_expire_time FROM tickets WHERE workspace_id = $1 AND ticket_id = $2`, string(w), id)
	}, func(r pgx.BatchResults) error {
		if _, err := r.Exec(); err != nil {
			return err
		}
		tag, err := r.Exec()
		if err != nil {
			return err
		}
		claim, err = scanClaim(r.QueryRow())
		if err == nil && tag.RowsAffected() == 0 {
			err = &suggest.ClaimedError{By: claim.Actor, Until: claim.Expire}
		}
		return err
	})
	if err != nil {
		return suggest.Claim{}, err
	}
	return claim, nil
}

func scanClaim(row pgx.Row) (suggest.Claim, error) {
	var c suggest.Claim
	var actor []byte
	var expire *time.Time
	err := row.Scan(&actor, &expire)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, suggest.ErrTicketNotFound
	}
	if err != nil {
		return c, err
	}
	c.Expire = from(expire)
	c.Actor, err = decodeActor(actor)
	return c, err
}

// Release implements suggest.TicketStore.
func (s *Store) Release(ctx context.Context, w suggest.Workspace, ticketID string, a suggest.Actor) error {
	id, ok := parseID(ticketID)
	if !ok {
		return suggest.ErrTicketNotFound
	}
	return s.db.WriteBatch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(`
			UPDATE tickets SET claim_actor = NULL, claim_expire_time = NULL
			WHERE workspace_id = $1 AND ticket_id = $2 AND claim_actor ->> 'id' = $3`, string(w), id, storable(a.ID))
		b.Queue(`SELECT claim_actor, claim_expire_time FROM tickets WHERE workspace_id = $1 AND ticket_id = $2`, string(w), id)
	}, func(r pgx.BatchResults) error {
		if _, err := r.Exec(); err != nil {
			return err
		}
		_, err := scanClaim(r.QueryRow())
		return err
	})
}
