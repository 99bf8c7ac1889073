package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
)

// Decide implements suggest.SuggestionStore. Whoever holds the ticket's row
// decides; all others then find the decision.
func (s *Store) Decide(ctx context.Context, w suggest.Workspace, r suggest.DecideRequest, changes func(draft suggest.Draft) []suggest.SentenceChange) (suggest.Suggestion, error) {
	id, ok := parseID(r.SuggestionID)
	if !ok {
		return suggest.Suggestion{}, suggest.ErrSuggestionNotFound
	}
	var decided suggest.Suggestion
	err := s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		b := &pgx.Batch{}
		b.Queue(`
			SELECT FROM tickets t WHERE t.workspace_id = $1
				AND t.ticket_id = (SELECT s.ticket_id FROM suggestions s WHERE s.workspace_id = $1 AND s.suggestion_id = $2)
			FOR NO KEY UPDATE`, string(w), id)
		b.Queue(oneSuggestion, string(w), id)
		found, err := lockedSuggestion(tx.SendBatch(ctx, b))
		if err != nil {
			return err
		}
		if err := decidable(found, r); err != nil {
			return err
		}
		if r.Decision.AcceptedClaims, err = takenOver(found, r); err != nil {
			return err
		}
		decided, err = putDecision(ctx, tx, w, found, complete(found, r.Decision, changes), phaseAfter(r.Decision.Kind))
		return err
	})
	if err != nil {
		return suggest.Suggestion{}, err
	}
	return decided, nil
}

// lockedSuggestion reads the answer to a lock and the suggestion as it is
// under that lock.
func lockedSuggestion(r pgx.BatchResults) (suggest.Suggestion, error) {
	defer func() { _ = r.Close() }()
	if _, err := r.Exec(); err != nil {
		return suggest.Suggestion{}, err
	}
	found, err := scanSuggestion(r.QueryRow())
	if err != nil {
		return found, err
	}
	return found, r.Close()
}

// decidable says why the decision can't be recorded, the reason that makes all
// others idle first.
func decidable(s suggest.Suggestion, r suggest.DecideRequest) error {
	switch {
	case s.State == suggest.StateRunning || s.State == suggest.StateAbandoned:
		return suggest.ErrNotFinished
	case s.Decision != nil:
		return &suggest.DecidedError{By: s.Decision.Actor, Kind: s.Decision.Kind, Time: s.Decision.Time}
	case s.Revision != r.Revision:
		return suggest.ErrRevision
	case s.Draft == nil && r.Decision.Kind != suggest.DecisionOwn:
		return suggest.ErrNoDraft
	case s.SupersededBy != "" && !r.Decision.AcceptedStale:
		return suggest.ErrStale
	}
	return nil
}

// takenOver are the claims without support that the person takes upon themselves;
// it fails with *suggest.UnverifiedError when the text keeps others.
func takenOver(s suggest.Suggestion, r suggest.DecideRequest) ([]string, error) {
	if r.Decision.Kind != suggest.DecisionApprove && r.Decision.Kind != suggest.DecisionEdit {
		return nil, nil
	}
	need := s.Draft.Approval(r.Decision.FinalText)
	if left := need.Without(r.Decision.AcceptedClaims, r.AcceptOthers); !left.None() {
		return nil, &suggest.UnverifiedError{Need: left}
	}
	return append(need.Single, need.Others...), nil
}

// complete fills in what follows from the draft.
func complete(s suggest.Suggestion, d suggest.Decision, changes func(draft suggest.Draft) []suggest.SentenceChange) suggest.Decision {
	switch d.Kind {
	case suggest.DecisionApprove:
		d.FinalText = s.Draft.Text
	case suggest.DecisionEdit:
		if changes != nil {
			d.Changes = changes(*s.Draft)
		}
	case suggest.DecisionDiscard:
		d.FinalText = ""
	case suggest.DecisionOwn:
	}
	return d
}

func phaseAfter(k suggest.DecisionKind) suggest.State {
	if k == suggest.DecisionDiscard {
		return suggest.StateDecided
	}
	return suggest.StateReleased
}

// putDecision records the decision on a suggestion whose ticket is locked.
func putDecision(ctx context.Context, tx pgx.Tx, w suggest.Workspace, s suggest.Suggestion, d suggest.Decision, phase suggest.State) (suggest.Suggestion, error) {
	actor, err := encodeActor(d.Actor)
	if err != nil {
		return s, err
	}
	changes, err := encode(append([]suggest.SentenceChange{}, d.Changes...))
	if err != nil {
		return s, err
	}
	key, err := keyID(d.KeyID)
	if err != nil {
		return s, err
	}
	b := &pgx.Batch{}
	b.Queue(`
		INSERT INTO decisions (workspace_id, suggestion_id, kind, actor, key_id, final_text, changes, discard_reason,
			comment, accepted_stale, superseded_by, decide_time, accepted_claims)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12, now()), $13)`,
		string(w), s.ID, string(d.Kind), actor, key, storable(d.FinalText), changes, string(d.DiscardReason),
		storable(d.Comment), d.AcceptedStale, string(s.SupersededBy), at(d.Time), storables(d.AcceptedClaims))
	b.Queue(`
		UPDATE suggestions SET phase = $3, revision = revision + 1
		WHERE workspace_id = $1 AND suggestion_id = $2 AND phase = 'GENERATED'`, string(w), s.ID, string(phase))
	b.Queue(oneSuggestion, string(w), s.ID)
	results := tx.SendBatch(ctx, b)
	defer func() { _ = results.Close() }()
	if _, err := results.Exec(); err != nil {
		return s, err
	}
	tag, err := results.Exec()
	if err == nil && tag.RowsAffected() != 1 {
		err = errors.New("the suggestion changed although its ticket was locked")
	}
	if err != nil {
		return s, err
	}
	if s, err = scanSuggestion(results.QueryRow()); err != nil {
		return s, err
	}
	return s, results.Close()
}
