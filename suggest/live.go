package suggest

import (
	"context"
	"errors"
	"sync"
)

// errNobodyListens ends a run whose last listener has gone.
var errNobodyListens = errors.New("the last listener has gone")

// live is a suggestion that is being made on this server. Its events are kept
// in order, so that a late listener hears all of them; each listener reads at
// its own pace and none holds up another, nor the making.
type live struct {
	workspace Workspace
	id        string
	owner     string // of the lease
	cancel    context.CancelCauseFunc

	mu        sync.Mutex
	events    []Event
	grown     chan struct{} // closed and made anew whenever events grows
	over      bool
	err       error
	listeners int
}

func newLive(w Workspace, id, owner string, cancel context.CancelCauseFunc) *live {
	return &live{workspace: w, id: id, owner: owner, cancel: cancel, grown: make(chan struct{})}
}

// tell adds an event.
func (l *live) tell(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
	close(l.grown)
	l.grown = make(chan struct{})
}

// end says that nothing more comes; err is what listeners then get.
func (l *live) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over, l.err = true, err
	close(l.grown)
	l.grown = make(chan struct{})
}

// join counts a listener; false when it is too late, because the run is being
// given up.
func (l *live) join() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listeners == 0 {
		return false
	}
	l.listeners++
	return true
}

// leave counts a listener out; the last one ends the run.
func (l *live) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listeners--
	if l.listeners == 0 && !l.over {
		l.cancel(errNobodyListens)
	}
}

// follow hands every event to emit, from the first, until the run is over.
func (l *live) follow(ctx context.Context, emit func(Event) error) error {
	for next := 0; ; {
		l.mu.Lock()
		events, grown, over, err := l.events[next:], l.grown, l.over, l.err
		l.mu.Unlock()
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

// hub knows what is being made on this server.
type hub struct {
	mu   sync.Mutex
	runs map[hubKey]*live
}

type hubKey struct {
	workspace Workspace
	id        string
}

func (h *hub) add(l *live) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.runs[hubKey{l.workspace, l.id}] = l
}

// remove forgets l, unless a newer run has its place.
func (h *hub) remove(l *live) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := hubKey{l.workspace, l.id}
	if h.runs[key] == l {
		delete(h.runs, key)
	}
}

func (h *hub) find(w Workspace, id string) *live {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.runs[hubKey{w, id}]
}

func (h *hub) all() []*live {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*live, 0, len(h.runs))
	for _, l := range h.runs {
		out = append(out, l)
	}
	return out
}

// listener is one caller's ear. It keeps the stream's promises when another
// server takes the making over in the middle: Started and Evidence come once,
// and text that comes anew exchanges what was heard.
type listener struct {
	emit                    func(Event) error
	joined                  bool
	started, evidence, text bool
	again                   bool
}

// restart expects the same suggestion from the beginning.
func (l *listener) restart() { l.again = l.text }

func (l *listener) hear(e Event) error {
	switch {
	case e.Started != nil:
		if l.started {
			return nil
		}
		l.started = true
		started := *e.Started
		started.Joined = l.joined
		e.Started = &started
	case e.Evidence != nil:
		if l.evidence {
			return nil
		}
		l.evidence = true
	case e.Text != nil:
		l.text = true
		if l.again {
			l.again = false
			e = Event{Replace: &TextReplaced{Text: e.Text.Text, Claims: e.Text.Claims, Reason: notice(ReplacedTakenOver)}}
		}
	case e.Replace != nil:
		l.text, l.again = true, false
	}
	return l.emit(e)
}
