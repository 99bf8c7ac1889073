package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/suggest"
)

// asksPage is how many tickets one statement looks at, so that each stays far
// below the statement timeout however long the history is.
const asksPage = 1000

const (
	// askPage are the tickets of a page that may have a message in the window: one
	// that was taken in late may have been written long before, and one whose
	// desktop's clock is fast a little after.
	askPage = `
	SELECT t.ticket_id FROM tickets t
	WHERE t.workspace_id = $1 AND t.ticket_id > $2 AND t.update_time >= $3::timestamptz - interval '1 day'
	ORDER BY t.ticket_id LIMIT $4`

	// asksOf finds the asks of tickets. Who asks is the customer, or in a ticket
	// without a customer's message whoever made notes; an ask is the last message
	// of a run, and the run begins behind the agent's message before it.
	asksOf = `
	WITH everything AS (
		SELECT m.ticket_id, m.sequence, m.message_id, m.author, m.sent_time,
			bool_or(m.author = 'CUSTOMER') OVER (PARTITION BY m.ticket_id) AS by_customer
		FROM messages m WHERE m.workspace_id = $1 AND m.ticket_id = ANY($2::uuid[])
	), said AS (
		SELECT m.ticket_id, m.sequence, m.message_id, m.author, m.sent_time,
			lead(m.author) OVER later AS next_author,
			coalesce(max(m.sequence) FILTER (WHERE m.author = 'AGENT') OVER earlier, 0) AS answered
		FROM everything m
		WHERE m.author IN ('AGENT', CASE WHEN by_customer THEN 'CUSTOMER' ELSE 'NOTE' END)
		WINDOW later AS (PARTITION BY m.ticket_id ORDER BY m.sequence),
			earlier AS (PARTITION BY m.ticket_id ORDER BY m.sequence ROWS UNBOUNDED PRECEDING)
	)
	SELECT a.ticket_id, a.message_id, a.sequence, a.sent_time, a.next_author IS NOT NULL,
		a.next_author IS NULL AND t.status = 'RESOLVED',
		coalesce(s.suggestion_id::text, ''), coalesce(s.outcome, ''), coalesce(s.reason, ''), coalesce(s.kind, ''), coalesce(s.discard_reason, '')
	FROM said a
	JOIN tickets t ON t.workspace_id = $1 AND t.ticket_id = a.ticket_id
	LEFT JOIN LATERAL (
		SELECT s.suggestion_id, s.outcome, s.reason, d.kind, d.discard_reason
		FROM suggestions s
		JOIN messages m ON m.workspace_id = $1 AND m.message_id = s.message_id
		LEFT JOIN decisions d ON d.workspace_id = $1 AND d.suggestion_id = s.suggestion_id
		WHERE s.workspace_id = $1 AND s.ticket_id = a.ticket_id AND m.sequence > a.answered AND m.sequence <= a.sequence
			AND s.phase NOT IN ('RUNNING', 'ABANDONED') AND (d.kind IS NOT NULL OR s.message_sequence >= a.sequence)
		ORDER BY d.kind IS NOT NULL DESC, d.kind IS DISTINCT FROM 'DISCARD' DESC, coalesce(d.decide_time, s.create_time) DESC, s.suggestion_id DESC
		LIMIT 1) s ON true
	WHERE a.author <> 'AGENT' AND (a.next_author IS NULL OR a.next_author = 'AGENT') AND a.sent_time >= $3 AND a.sent_time < $4
	ORDER BY a.ticket_id, a.sequence`
)

// Asks tells yield every ask of the workspace that was written from a time up
// to, not including, another, by ticket and place, and stops with yield's error.
// It reads page by page, so that memory does not grow with the history; what
// changes meanwhile may or may not be seen.
func (s *Store) Asks(ctx context.Context, w suggest.Workspace, begin, end time.Time, yield func(suggest.Ask) error) error {
	after := uuid.Nil
	for {
		tickets, err := s.ticketsSince(ctx, w, after, begin)
		if err != nil || len(tickets) == 0 {
			return err
		}
		after = tickets[len(tickets)-1]
		asks, err := s.asksOf(ctx, w, tickets, begin, end)
		if err != nil {
			return err
		}
		for _, a := range asks {
			if err := yield(a); err != nil {
				return err
			}
		}
	}
}

func (s *Store) ticketsSince(ctx context.Context, w suggest.Workspace, after uuid.UUID, begin time.Time) ([]uuid.UUID, error) {
	var tickets []uuid.UUID
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(askPage, string(w), after, moment(begin), asksPage)
	}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		tickets, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	})
	return tickets, err
}

func (s *Store) asksOf(ctx context.Context, w suggest.Workspace, tickets []uuid.UUID, begin, end time.Time) ([]suggest.Ask, error) {
	var asks []suggest.Ask
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(asksOf, string(w), tickets, moment(begin), orInfinity(end))
	}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		asks, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (suggest.Ask, error) {
			var a suggest.Ask
			err := row.Scan(&a.TicketID, &a.MessageID, &a.Sequence, &a.Time, &a.Replied, &a.Resolved,
				&a.SuggestionID, &a.Outcome, &a.Reason, &a.Decision, &a.DiscardReason)
			a.Time = a.Time.UTC()
			return a, err
		})
		return err
	})
	return asks, err
}

const (
	// askedMessages are the newest up to the ask.
	askedMessages = `
	SELECT * FROM (SELECT ` + messageColumns + ` FROM messages m
		WHERE m.workspace_id = $1 AND m.ticket_id = $2 AND m.sequence <= $3
		ORDER BY m.sequence DESC LIMIT $4) l ORDER BY l.sequence`

	// askReplies are the agents' messages up to the asker's next.
	askReplies = `
	SELECT ` + messageColumns + ` FROM messages m
	WHERE m.workspace_id = $1 AND m.ticket_id = $2 AND m.sequence > $3 AND m.author = 'AGENT'
		AND m.sequence < coalesce((SELECT min(n.sequence) FROM messages n
			WHERE n.workspace_id = $1 AND n.ticket_id = $2 AND n.sequence > $3
				AND n.author = (SELECT a.author FROM messages a WHERE a.workspace_id = $1 AND a.ticket_id = $2 AND a.sequence = $3)), 2147483647)
	ORDER BY m.sequence`

	askRecord = `
	SELECT s.record -> 'ticket', s.record -> 'facts' FROM suggestions s
	WHERE s.workspace_id = $1 AND s.suggestion_id = $2`
)

// AskHistory reads what surrounds an ask, in one round trip. It fails with
// suggest.ErrTicketNotFound when it is gone.
func (s *Store) AskHistory(ctx context.Context, w suggest.Workspace, a suggest.Ask) (suggest.AskHistory, error) {
	h := suggest.AskHistory{Ask: a}
	ticket, ok := parseID(a.TicketID)
	if !ok {
		return h, suggest.ErrTicketNotFound
	}
	suggestion, suggested := parseID(a.SuggestionID)
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(`SELECT `+ticketColumns+ticketFrom+` WHERE t.workspace_id = $1 AND t.ticket_id = $2`, string(w), ticket)
		b.Queue(askedMessages, string(w), ticket, a.Sequence, maxBegunMessages)
		b.Queue(askReplies, string(w), ticket, a.Sequence)
		if suggested {
			b.Queue(oneSuggestion, string(w), suggestion)
			b.Queue(askRecord, string(w), suggestion)
		}
	}, func(r pgx.BatchResults) (err error) {
		if h.Ticket, err = scanTicket(r.QueryRow()); err != nil {
			if errors.Is(err, pgx.ErrNoRows) {
				err = suggest.ErrTicketNotFound
			}
			return err
		}
		if h.Messages, err = collectMessages(r); err != nil {
			return err
		}
		if h.Replies, err = collectMessages(r); err != nil || !suggested {
			return err
		}
		found, err := scanSuggestion(r.QueryRow())
		if err != nil {
			return err
		}
		h.Suggestion = &found
		return asRecorded(r, &h)
	})
	return h, err
}

// asRecorded gives the ticket what the record of its suggestion says of it.
func asRecorded(r pgx.BatchResults, h *suggest.AskHistory) error {
	var ticket, facts []byte
	if err := r.QueryRow().Scan(&ticket, &facts); err != nil {
		return err
	}
	if len(ticket) == 0 {
		return nil
	}
	was := suggest.Record{Ticket: ticket}
	if err := decode(facts, &was.Facts); err != nil {
		return err
	}
	in, err := was.Input()
	if err != nil {
		return err
	}
	t := &h.Ticket
	t.Subject, t.Channel, t.Labels, t.Locale = in.Ticket.Subject, in.Ticket.Channel, in.Ticket.Labels, in.Ticket.Locale
	t.Facts, h.Before = in.Ticket.Facts, in.Ticket.Customer
	return nil
}
