package suggest

import (
	"context"
	"errors"
	"sync"
)

// errNobodyListens ends a run whose last subscriber has gone.
var errNobodyListens = errors.New("the last subscriber has gone")

// run is a suggestion that is being made on this server. Its events are kept in
// order, so that a late subscriber receives all of them; each reads at its own
// pace and none holds up another, nor the making.
type run struct {
	workspace Workspace
	id        string
	owner     string // of the lease
	cancel    context.CancelCauseFunc

	mu          sync.Mutex
	events      []Event
	grown       chan struct{} // closed and made anew whenever events grows
	over        bool
	err         error
	subscribers int
}

// newRun is a run with one subscriber, whoever begins it.
func newRun(w Workspace, id, owner string, cancel context.CancelCauseFunc) *run {
	return &run{workspace: w, id: id, owner: owner, cancel: cancel, grown: make(chan struct{}), subscribers: 1}
}

// publish adds an event.
func (r *run) publish(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	r.wake()
}

// end says that nothing more comes; err is what subscribers then get.
func (r *run) end(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over, r.err = true, err
	r.wake()
}

// wake tells all that follow to look again; the lock is held.
func (r *run) wake() {
	close(r.grown)
	r.grown = make(chan struct{})
}

// subscribe counts a subscriber; false when it is too late, because the run is
// being given up.
func (r *run) subscribe() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.subscribers == 0 {
		return false
	}
	r.subscribers++
	return true
}

// unsubscribe counts a subscriber out; the last one ends the run.
func (r *run) unsubscribe() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.subscribers--
	if r.subscribers == 0 && !r.over {
		r.cancel(errNobodyListens)
	}
}

// follow hands every event to emit, from the first, until the run is over.
func (r *run) follow(ctx context.Context, emit func(Event) error) error {
	for next := 0; ; {
		r.mu.Lock()
		events, grown, over, err := r.events[next:], r.grown, r.over, r.err
		r.mu.Unlock()
		for _, e := range events {
			if err := emit(e); err != nil {
				return err
			}
		}
		next += len(events)
		if len(events) > 0 {
			continue
		}
		if over {
			return err
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// subscriber is one caller's end of the stream. It keeps the stream's promises
// when another server takes the making over in the middle: Started and Evidence
// come once, and text that comes anew replaces what was received.
type subscriber struct {
	emit                    func(Event) error
	joined                  bool
	started, evidence, text bool
	again                   bool
}

// restart expects the same suggestion from the beginning.
func (s *subscriber) restart() { s.again = s.text }

func (s *subscriber) receive(e Event) error {
	switch {
	case e.Started != nil:
		if s.started {
			return nil
		}
		s.started = true
		started := *e.Started
		started.Joined = s.joined
		e.Started = &started
	case e.Evidence != nil:
		if s.evidence {
			return nil
		}
		s.evidence = true
	case e.Text != nil:
		s.text = true
		if s.again {
			s.again = false
			e = Event{Replace: &TextReplaced{Text: e.Text.Text, Claims: e.Text.Claims, Reason: NewNotice(ReplacedTakenOver)}}
		}
	case e.Replace != nil:
		s.text, s.again = true, false
	}
	return s.emit(e)
}
