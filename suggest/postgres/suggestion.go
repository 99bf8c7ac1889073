package postgres

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/suggest"
)

// suggestionColumns are read by scanSuggestion; s is the suggestion, d its
// decision, v its delivery, o what overtook it.
//
// Being superseded is asked here and nowhere stored while nobody has decided,
// so its own delivery never counts: a later message of the customer or an agent, or a cited article that is no
// longer what was cited. OFFSET 0 has it asked once for each row, and a LIMIT
// in place of EXISTS keeps the planner from hashing the citations of all.
const (
	suggestionColumns = suggestionHead + `s.content` + suggestionTail
	suggestionHead    = `
	s.suggestion_id, s.ticket_id, s.message_id, coalesce(s.parent_suggestion_id::text, ''),
	CASE WHEN s.phase = 'GENERATED' AND o.superseded_by <> '' THEN 'SUPERSEDED' ELSE s.phase END AS state, o.superseded_by,
	s.revision, coalesce(s.outcome, ''), coalesce(s.reason, ''), coalesce(s.confidence, 0), `
	suggestionTail = `, s.actor,
	s.create_time, s.finish_time,
	d.kind, d.actor, d.key_id, d.final_text, d.changes, d.discard_reason, d.comment, d.accepted_stale, d.accepted_claims, d.decide_time,
	v.delivered_time, v.actor, v.message_id`
	suggestionFrom = `
	FROM suggestions s
	LEFT JOIN decisions d ON d.workspace_id = s.workspace_id AND d.suggestion_id = s.suggestion_id
	LEFT JOIN deliveries v ON v.workspace_id = s.workspace_id AND v.suggestion_id = s.suggestion_id
	CROSS JOIN LATERAL (SELECT CASE
		WHEN s.phase <> 'GENERATED' THEN coalesce(d.superseded_by, '')
		WHEN (SELECT true FROM messages m
			WHERE m.workspace_id = s.workspace_id AND m.ticket_id = s.ticket_id AND m.sequence > s.message_sequence
				AND m.author IN ('CUSTOMER', 'AGENT') LIMIT 1)
			THEN 'NEWER_MESSAGE'
		WHEN (SELECT true FROM suggestion_citations e
			LEFT JOIN articles a ON a.workspace_id = e.workspace_id AND a.article_id = e.article_id
			WHERE e.workspace_id = s.workspace_id AND e.suggestion_id = s.suggestion_id
				AND (a.revision IS DISTINCT FROM e.revision OR a.remove_time IS NOT NULL
					OR a.valid_from > now() OR a.valid_until <= now()) LIMIT 1)
			THEN 'KNOWLEDGE_CHANGED'
		ELSE '' END AS superseded_by OFFSET 0) o`
)

// content is what is kept of a suggestion in one column.
type content struct {
	Draft      *suggest.Draft     `json:"draft,omitempty"`
	Evidence   []suggest.Evidence `json:"evidence,omitempty"`
	Warnings   []suggest.Notice   `json:"warnings,omitempty"`
	Degraded   []suggest.Notice   `json:"degraded,omitempty"`
	Provenance suggest.Provenance `json:"provenance,omitzero"`
	Timings    []suggest.Timing   `json:"timings,omitempty"`

	Requests         []suggest.CustomerRequest `json:"requests,omitempty"`
	Fields           []suggest.MessageField    `json:"message_fields,omitempty"`
	Guidance         string                    `json:"guidance,omitempty"`
	Instructions     []string                  `json:"instructions,omitempty"`
	SettingsRevision int64                     `json:"settings_revision,omitempty"`
}

// contentOf is what of a suggestion is kept in one column.
func contentOf(s *suggest.Suggestion) content {
	return content{
		Draft: s.Draft, Evidence: s.Evidence, Warnings: s.Warnings, Degraded: s.Degraded, Provenance: s.Provenance, Timings: s.Timings,
		Requests: s.Requests, Fields: s.Fields, Guidance: s.Guidance, Instructions: s.Instructions, SettingsRevision: s.SettingsRevision,
	}
}

func (c *content) into(s *suggest.Suggestion) {
	s.Draft, s.Evidence, s.Warnings, s.Degraded = c.Draft, c.Evidence, c.Warnings, c.Degraded
	s.Provenance, s.Timings = c.Provenance, c.Timings
	s.Requests, s.Fields, s.Guidance, s.Instructions = c.Requests, c.Fields, c.Guidance, c.Instructions
	s.SettingsRevision = c.SettingsRevision
}

// suggestionRow receives suggestionColumns; what a row may lack is a pointer.
type suggestionRow struct {
	suggestion     suggest.Suggestion
	content, actor []byte
	finish         *time.Time

	kind, keyID, finalText, discard, comment *string
	decider, changes                         []byte
	acceptedStale                            *bool
	acceptedClaims                           []string
	decided                                  *time.Time

	delivered *time.Time
	deliverer []byte
	message   *string
}

func (r *suggestionRow) targets() []any {
	s := &r.suggestion
	return []any{
		&s.ID, &s.TicketID, &s.MessageID, &s.ParentID, &s.State, &s.SupersededBy, &s.Revision, &s.Outcome, &s.Reason,
		&s.Confidence, &r.content, &r.actor, &s.CreateTime, &r.finish,
		&r.kind, &r.decider, &r.keyID, &r.finalText, &r.changes, &r.discard, &r.comment, &r.acceptedStale, &r.acceptedClaims, &r.decided,
		&r.delivered, &r.deliverer, &r.message,
	}
}

func (r *suggestionRow) read() (suggest.Suggestion, error) {
	s := &r.suggestion
	s.CreateTime, s.FinishTime = s.CreateTime.UTC(), from(r.finish)
	var c content
	if err := decode(r.content, &c); err != nil {
		return *s, err
	}
	c.into(s)
	var err error
	if s.Actor, err = decodeActor(r.actor); err != nil {
		return *s, err
	}
	if err := r.readDecision(); err != nil {
		return *s, err
	}
	return *s, r.readDelivery()
}

func (r *suggestionRow) readDecision() error {
	if r.kind == nil {
		return nil
	}
	d := suggest.Decision{
		Kind: suggest.DecisionKind(*r.kind), KeyID: *r.keyID, Time: from(r.decided), FinalText: *r.finalText,
		DiscardReason: suggest.DiscardReason(*r.discard), Comment: *r.comment, AcceptedStale: *r.acceptedStale,
		AcceptedClaims: none(r.acceptedClaims),
	}
	r.suggestion.Decision = &d
	var err error
	if d.Actor, err = decodeActor(r.decider); err != nil {
		return err
	}
	err = decode(r.changes, &d.Changes)
	if len(d.Changes) == 0 {
		d.Changes = nil
	}
	return err
}

// none is nil for an empty list.
func none(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

func (r *suggestionRow) readDelivery() error {
	if r.delivered == nil {
		return nil
	}
	d := suggest.Delivery{Time: from(r.delivered), MessageID: *r.message}
	r.suggestion.Delivery = &d
	var err error
	d.Actor, err = decodeActor(r.deliverer)
	return err
}

func scanSuggestion(row pgx.Row, more ...any) (suggest.Suggestion, error) {
	var r suggestionRow
	if err := row.Scan(append(r.targets(), more...)...); err != nil {
		if errors.Is(err, pgx.ErrNoRows) {
			err = suggest.ErrSuggestionNotFound
		}
		return suggest.Suggestion{}, err
	}
	return r.read()
}

const (
	oneSuggestion = `SELECT ` + suggestionColumns + suggestionFrom + ` WHERE s.workspace_id = $1 AND s.suggestion_id = $2`
	// oneHead leaves the content out, for who has just written it.
	oneHead = `SELECT ` + suggestionHead + `NULL::json` + suggestionTail + suggestionFrom + ` WHERE s.workspace_id = $1 AND s.suggestion_id = $2`
)

// Suggestion implements suggest.SuggestionStore.
func (s *Store) Suggestion(ctx context.Context, w suggest.Workspace, id string) (suggest.Suggestion, error) {
	key, ok := parseID(id)
	if !ok {
		return suggest.Suggestion{}, suggest.ErrSuggestionNotFound
	}
	var found suggest.Suggestion
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(oneSuggestion, string(w), key)
	}, func(r pgx.BatchResults) (err error) {
		found, err = scanSuggestion(r.QueryRow())
		return err
	})
	return found, err
}

// Record implements suggest.SuggestionStore. It fails with
// suggest.ErrSuggestionNotFound; the record of one that still runs is empty.
func (s *Store) Record(ctx context.Context, w suggest.Workspace, id string) (suggest.Record, error) {
	var record suggest.Record
	key, ok := parseID(id)
	if !ok {
		return record, suggest.ErrSuggestionNotFound
	}
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(`SELECT record FROM suggestions WHERE workspace_id = $1 AND suggestion_id = $2`, string(w), key)
	}, func(r pgx.BatchResults) error {
		var b []byte
		err := r.QueryRow().Scan(&b)
		if errors.Is(err, pgx.ErrNoRows) {
			return suggest.ErrSuggestionNotFound
		}
		if err != nil {
			return err
		}
		return decode(b, &record)
	})
	return record, err
}

// listSQL lists suggestions of a workspace, or of one ticket. Only conditions
// that are asked for stand in it, so that a plan made for all values is a good
// one. The state asked for narrows first by what is stored, then by what is
// derived.
func listSQL(f suggest.SuggestionFilter, ticket uuid.UUID, args []any) (string, []any) {
	var where, states string
	and := func(condition string, arg any) string {
		args = append(args, arg)
		return " AND " + condition + "$" + strconv.Itoa(len(args))
	}
	name := `/* suggestions_all */ `
	if f.TicketID != "" {
		name = `/* suggestions_of_ticket */ `
		where += and(`s.ticket_id = `, ticket)
	}
	if !f.From.IsZero() {
		where += and(`s.create_time >= `, moment(f.From))
	}
	if len(f.Outcomes) > 0 {
		where += and(`s.outcome = ANY(`, storables(f.Outcomes)) + `)`
	}
	if len(f.States) > 0 {
		where += and(`s.phase = ANY(`, storables(phases(f.States))) + `)`
		states = ` WHERE true` + and(`l.state = ANY(`, storables(f.States)) + `)`
	}
	return name + `SELECT * FROM (SELECT ` + suggestionColumns + suggestionFrom + `
		WHERE s.workspace_id = $1 AND (s.create_time, s.suggestion_id) < ($2::timestamptz, $3::uuid)` + where + `
		ORDER BY s.create_time DESC, s.suggestion_id DESC) l` + states + `
		ORDER BY l.create_time DESC, l.suggestion_id DESC LIMIT $4`, args
}

// Suggestions implements suggest.SuggestionStore.
func (s *Store) Suggestions(ctx context.Context, w suggest.Workspace, f suggest.SuggestionFilter) ([]suggest.Suggestion, error) {
	before, id, err := listBefore(f)
	if err != nil {
		return nil, err
	}
	ticket, ok := parseID(f.TicketID)
	if f.TicketID != "" && !ok {
		return nil, nil
	}
	statement, args := listSQL(f, ticket, []any{string(w), before, id, max(f.Limit, 1)})
	var found []suggest.Suggestion
	err = s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(statement, args...)
	}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (suggest.Suggestion, error) {
			return scanSuggestion(row)
		})
		return err
	})
	return found, err
}

// listBefore is the place behind which a page begins: the page token's, or the
// end of the time asked for.
func listBefore(f suggest.SuggestionFilter) (any, uuid.UUID, error) {
	if f.AfterID == "" {
		return orInfinity(f.Before), uuid.Nil, nil
	}
	id, ok := parseID(f.AfterID)
	if !ok {
		return nil, id, &suggest.FieldError{Field: "page_token", Message: "is not one that this list gave; begin without one"}
	}
	return orInfinity(f.AfterTime), id, nil
}

// phases are the stored phases of which the states can be.
func phases(states []suggest.State) []string {
	var out []string
	for _, s := range states {
		if s == suggest.StateSuperseded {
			s = suggest.StateGenerated
		}
		if !slices.Contains(out, string(s)) {
			out = append(out, string(s))
		}
	}
	return out
}
