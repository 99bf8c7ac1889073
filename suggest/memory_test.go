package suggest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/purser-desk/purser/suggest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a SuggestionStore for one suggestion at a time, made of functions
// where a test needs others.
type memory struct {
	mu     sync.Mutex
	rows   map[string]*row
	ticket suggest.Ticket
	msgs   []suggest.Message
	calls  map[string]int
	begin  func()
	finish func() error
	renew  func() error
}

type row struct {
	s      suggest.Suggestion
	r      suggest.Record
	hash   string
	owner  string
	lease  time.Time
	reqKey string
}

func newMemory(in suggest.Input) *memory {
	return &memory{rows: map[string]*row{}, ticket: in.Ticket, msgs: in.Messages, calls: map[string]int{}}
}

func (m *memory) count(name string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls[name]
}

func (m *memory) row(id string) *row {
	for _, r := range m.rows {
		if r.s.ID == id {
			return r
		}
	}
	return nil
}

func (m *memory) Begin(_ context.Context, _ suggest.Workspace, r suggest.Request, newID, owner string, lease time.Duration, now time.Time) (suggest.Begun, error) {
	if m.begin != nil {
		m.begin()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls["begin"]++
	key := r.KeyID + "/" + r.RequestID
	if old := m.rows[key]; old != nil {
		if old.hash != string(r.PayloadHash) {
			return suggest.Begun{}, suggest.ErrRequestReused
		}
		b := suggest.Begun{Suggestion: old.s, Joined: true, Ticket: m.ticket, Messages: m.msgs}
		if old.s.State == suggest.StateAbandoned || old.s.State == suggest.StateRunning && old.lease.Before(time.Now()) {
			old.s.State, old.owner, old.lease = suggest.StateRunning, owner, time.Now().Add(lease)
			b.Mine, b.Suggestion = true, old.s
		}
		return b, nil
	}
	n := &row{hash: string(r.PayloadHash), owner: owner, lease: time.Now().Add(lease), reqKey: key}
	n.s = suggest.Suggestion{ID: newID, TicketID: r.TicketID, MessageID: m.msgs[len(m.msgs)-1].ID, State: suggest.StateRunning, Revision: 1, Actor: r.Actor, CreateTime: now}
	m.rows[key] = n
	return suggest.Begun{Suggestion: n.s, Ticket: m.ticket, Messages: m.msgs, Mine: true}, nil
}

func (m *memory) Renew(_ context.Context, _ suggest.Workspace, id, owner string, lease time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls["renew"]++
	if m.renew != nil {
		return m.renew()
	}
	r := m.row(id)
	if r.owner != owner {
		return suggest.ErrLeaseLost
	}
	r.lease = time.Now().Add(lease)
	return nil
}

func (m *memory) Finish(_ context.Context, _ suggest.Workspace, owner string, s suggest.Suggestion, rec suggest.Record) (suggest.Suggestion, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls["finish"]++
	if m.finish != nil {
		if err := m.finish(); err != nil {
			return suggest.Suggestion{}, err
		}
	}
	r := m.row(s.ID)
	if r.owner != owner {
		return suggest.Suggestion{}, suggest.ErrLeaseLost
	}
	s.Revision++
	r.s, r.r = s, rec
	return s, nil
}

func (m *memory) Abandon(_ context.Context, _ suggest.Workspace, id, owner string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls["abandon"]++
	if r := m.row(id); r != nil && r.owner == owner && r.s.State == suggest.StateRunning {
		r.s.State = suggest.StateAbandoned
	}
	return nil
}

func (m *memory) Suggestion(_ context.Context, _ suggest.Workspace, id string) (suggest.Suggestion, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.row(id); r != nil {
		return r.s, nil
	}
	return suggest.Suggestion{}, suggest.ErrSuggestionNotFound
}

func (m *memory) Record(_ context.Context, _ suggest.Workspace, id string) (suggest.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.row(id); r != nil {
		return r.r, nil
	}
	return suggest.Record{}, suggest.ErrSuggestionNotFound
}

func (m *memory) Suggestions(context.Context, suggest.Workspace, suggest.SuggestionFilter) ([]suggest.Suggestion, error) {
	return nil, nil
}

func (m *memory) Decide(_ context.Context, _ suggest.Workspace, r suggest.DecideRequest, changes func(suggest.Draft) []suggest.SentenceChange) (suggest.Suggestion, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	row := m.row(r.SuggestionID)
	if row == nil {
		return suggest.Suggestion{}, suggest.ErrSuggestionNotFound
	}
	d := r.Decision
	if d.Kind == suggest.DecisionEdit {
		d.Changes = changes(*row.s.Draft)
	}
	row.s.Decision = &d
	return row.s, nil
}

func (m *memory) Deliver(_ context.Context, _ suggest.Workspace, r suggest.DeliveryReport, id string, _ time.Time) (suggest.Message, *suggest.Suggestion, error) {
	return suggest.Message{ID: id, Text: r.Text}, nil, nil
}
