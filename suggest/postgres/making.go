package postgres

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/suggest"
)

// maxBegunMessages bounds the messages that a suggestion is made from.
const maxBegunMessages = 50

// beginSuggestion inserts a running row for the newest message of the customer
// or, in a ticket of notes, the newest note. Where the request began one
// before, it takes that over if its lease has run out or was given up, or if
// this very attempt made it and never heard so.
const beginSuggestion = `
	INSERT INTO suggestions AS s (workspace_id, suggestion_id, ticket_id, message_id, message_sequence, key_id, request_id,
		payload_hash, actor, phase, revision, lease_owner, lease_time, create_time)
	SELECT t.workspace_id, $3, t.ticket_id, m.message_id, t.message_count, $4, $5, $6, $7, 'RUNNING', 1, $8, now() + $9::interval, $10
	FROM tickets t CROSS JOIN LATERAL (
		(SELECT message_id, 0 AS rank FROM messages
		 WHERE workspace_id = $1 AND ticket_id = t.ticket_id AND author = 'CUSTOMER' ORDER BY sequence DESC LIMIT 1)
		UNION ALL
		(SELECT message_id, 1 FROM messages
		 WHERE workspace_id = $1 AND ticket_id = t.ticket_id AND author = 'NOTE' ORDER BY sequence DESC LIMIT 1)
		ORDER BY rank LIMIT 1) m
	WHERE t.workspace_id = $1 AND t.ticket_id = $2
	ON CONFLICT (workspace_id, key_id, request_id) DO UPDATE SET
		phase = 'RUNNING', lease_owner = excluded.lease_owner, lease_time = excluded.lease_time,
		message_id = excluded.message_id, message_sequence = excluded.message_sequence
	WHERE s.payload_hash = excluded.payload_hash AND s.ticket_id = excluded.ticket_id
		AND (s.phase = 'ABANDONED' OR s.phase = 'RUNNING' AND (s.lease_time <= now()
			OR s.suggestion_id = excluded.suggestion_id AND s.lease_owner = excluded.lease_owner))
	RETURNING s.suggestion_id`

// begunMessages are the newest that the request's suggestion is made from, and
// the one it answers where that is older.
const begunMessages = `
	WITH b AS (SELECT s.message_id, s.message_sequence FROM suggestions s
		WHERE s.workspace_id = $1 AND s.key_id = $2 AND s.request_id = $3)
	(SELECT ` + messageColumns + ` FROM b JOIN messages m ON m.workspace_id = $1 AND m.ticket_id = $4
		AND m.sequence <= b.message_sequence AND m.sequence > b.message_sequence - $5::int)
	UNION ALL
	(SELECT ` + messageColumns + ` FROM b JOIN messages m ON m.workspace_id = $1 AND m.ticket_id = $4
		AND m.message_id = b.message_id AND m.sequence <= b.message_sequence - $5::int)
	ORDER BY sequence`

// Begin implements suggest.SuggestionStore. Owner names one attempt: the same
// newID and owner again are the same attempt. The messages are the newest 50
// that the suggestion is made from, and the one it answers.
func (s *Store) Begin(ctx context.Context, w suggest.Workspace, r suggest.Request, id, owner string, lease time.Duration, now time.Time) (suggest.Begun, error) {
	ticket, ok := parseID(r.TicketID)
	if !ok {
		return suggest.Begun{}, suggest.ErrTicketNotFound
	}
	newID, err := newID("the new suggestion's id", id)
	if err != nil {
		return suggest.Begun{}, err
	}
	key, err := keyID(r.KeyID)
	if err != nil {
		return suggest.Begun{}, err
	}
	actor, err := encodeActor(r.Actor)
	if err != nil {
		return suggest.Begun{}, err
	}
	request := storable(r.RequestID)
	hash := append([]byte{}, r.PayloadHash...)
	var begun suggest.Begun
	err = s.db.WriteBatch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(beginSuggestion, string(w), ticket, newID, key, request, hash, actor, storable(owner), lease, moment(now))
		b.Queue(`SELECT `+suggestionColumns+`, s.payload_hash`+suggestionFrom+`
			WHERE s.workspace_id = $1 AND s.key_id = $2 AND s.request_id = $3`, string(w), key, request)
		b.Queue(`SELECT `+ticketColumns+ticketFrom+` WHERE t.workspace_id = $1 AND t.ticket_id = $2`, string(w), ticket)
		b.Queue(begunMessages, string(w), key, request, ticket, maxBegunMessages)
	}, func(r pgx.BatchResults) (err error) {
		begun, err = readBegun(r, newID, ticket, hash)
		return err
	})
	if err != nil {
		return suggest.Begun{}, err
	}
	return begun, nil
}

// readBegun reads the results of Begin's statements.
func readBegun(r pgx.BatchResults, newID, asked uuid.UUID, hash []byte) (suggest.Begun, error) {
	var begun suggest.Begun
	var mine uuid.UUID
	err := r.QueryRow().Scan(&mine)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return begun, err
	}
	begun.Mine = err == nil
	var theirs []byte
	found, missing := scanSuggestion(r.QueryRow(), &theirs)
	if missing != nil && !errors.Is(missing, suggest.ErrSuggestionNotFound) {
		return begun, missing
	}
	ticket, err := scanTicket(r.QueryRow())
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return begun, suggest.ErrTicketNotFound
	case err != nil:
		return begun, err
	case missing != nil:
		return begun, suggest.ErrNothingToAnswer
	case !bytes.Equal(hash, theirs) || found.TicketID != asked.String():
		return begun, suggest.ErrRequestReused
	}
	begun.Suggestion, begun.Ticket = found, ticket
	begun.Joined = found.ID != newID.String()
	begun.Messages, err = collectMessages(r)
	return begun, err
}

// keyID reads the id of an API key; a call without a key has none.
func keyID(s string) (uuid.UUID, error) {
	if s == "" {
		return uuid.Nil, nil
	}
	return newID("the key's id", s)
}

// Renew implements suggest.SuggestionStore.
func (s *Store) Renew(ctx context.Context, w suggest.Workspace, id, owner string, lease time.Duration) error {
	return s.leased(ctx, w, id, `
		UPDATE suggestions SET lease_time = now() + $4::interval
		WHERE workspace_id = $1 AND suggestion_id = $2 AND lease_owner = $3 AND phase = 'RUNNING'`, owner, lease)
}

// Abandon implements suggest.SuggestionStore. Where the lease was lost there
// is nothing to give up, which is no error.
func (s *Store) Abandon(ctx context.Context, w suggest.Workspace, id, owner string) error {
	err := s.leased(ctx, w, id, `
		UPDATE suggestions SET phase = 'ABANDONED', lease_owner = NULL, lease_time = now()
		WHERE workspace_id = $1 AND suggestion_id = $2 AND lease_owner = $3 AND phase = 'RUNNING'`, owner)
	if errors.Is(err, suggest.ErrLeaseLost) {
		return nil
	}
	return err
}

func (s *Store) leased(ctx context.Context, w suggest.Workspace, id, update, owner string, more ...any) error {
	key, ok := parseID(id)
	if !ok {
		return suggest.ErrLeaseLost
	}
	return s.db.WriteBatch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(update, append([]any{string(w), key, storable(owner)}, more...)...)
	}, func(r pgx.BatchResults) error {
		tag, err := r.Exec()
		if err == nil && tag.RowsAffected() == 0 {
			err = suggest.ErrLeaseLost
		}
		return err
	})
}

// finishSuggestion records the suggestion and what it cites in one statement,
// so that a lost lease records neither.
const finishSuggestion = `
	WITH done AS (
		UPDATE suggestions SET phase = 'GENERATED', revision = revision + 1, lease_owner = NULL, lease_time = NULL,
			outcome = $4, reason = nullif($5, ''), confidence = $6, content = $7, record = $8, finish_time = coalesce($9, now())
		WHERE workspace_id = $1 AND suggestion_id = $2 AND lease_owner = $3 AND phase = 'RUNNING'
		RETURNING workspace_id, suggestion_id
	), cited AS (
		INSERT INTO suggestion_citations (workspace_id, suggestion_id, article_id, revision)
		SELECT d.workspace_id, d.suggestion_id, c.article_id, c.revision
		FROM done d CROSS JOIN unnest($10::uuid[], $11::int[]) AS c (article_id, revision)
	)
	SELECT count(*) FROM done`

// Finish implements suggest.SuggestionStore. Of s it takes the outcome with
// what belongs to it; who asked and for what stands already.
func (s *Store) Finish(ctx context.Context, w suggest.Workspace, owner string, made suggest.Suggestion, record suggest.Record) (suggest.Suggestion, error) {
	id, ok := parseID(made.ID)
	if !ok {
		return suggest.Suggestion{}, suggest.ErrLeaseLost
	}
	c := contentOf(&made)
	written, err := marshal(c)
	if err != nil {
		return suggest.Suggestion{}, err
	}
	body := storableJSON(written)
	kept, err := encode(record)
	if err != nil {
		return suggest.Suggestion{}, err
	}
	articles, revisions, err := cited(made)
	if err != nil {
		return suggest.Suggestion{}, err
	}
	var stored suggest.Suggestion
	err = s.db.WriteBatch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(finishSuggestion, string(w), id, storable(owner), string(made.Outcome), string(made.Reason), made.Confidence,
			body, kept, at(made.FinishTime), articles, revisions)
		b.Queue(oneHead, string(w), id)
	}, func(r pgx.BatchResults) error {
		var done int
		if err := r.QueryRow().Scan(&done); err != nil {
			return err
		}
		if done == 0 {
			return suggest.ErrLeaseLost
		}
		var err error
		stored, err = scanSuggestion(r.QueryRow())
		return err
	})
	if err != nil {
		return suggest.Suggestion{}, err
	}
	// What JSON can't hold as it is was written with an escape; all else is read
	// back as it was given.
	if bytes.Contains(written, []byte(`\u`)) {
		c = content{}
		err = decode(body, &c)
	}
	c.into(&stored)
	return stored, err
}

// cited lists the articles that the draft's claims rest on, each once.
func cited(s suggest.Suggestion) (articles []uuid.UUID, revisions []int32, err error) {
	if s.Draft == nil {
		return nil, nil, nil
	}
	used := map[int]bool{}
	for _, claim := range s.Draft.Claims {
		for _, c := range claim.Citations {
			used[c.Number] = true
		}
	}
	for _, e := range s.Evidence {
		if !used[e.Number] {
			continue
		}
		id, err := newID("the article of cited evidence", e.ArticleID)
		if err != nil {
			return nil, nil, err
		}
		if !slices.Contains(articles, id) {
			articles = append(articles, id)
			revisions = append(revisions, int32(e.Revision)) //nolint:gosec // an int4 in its table
		}
	}
	return articles, revisions, nil
}
