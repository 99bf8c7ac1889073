// Package pace spaces in time what begins, evenly.
package pace

import (
	"context"
	"sync"
	"time"
)

// Pace spaces what begins evenly; it is safe for concurrent use.
type Pace struct {
	every time.Duration
	mu    sync.Mutex
	next  time.Time
	// moved is closed, and made anew, when next comes nearer.
	moved chan struct{}
}

// New makes a Pace of so many beginnings a minute; 0 leaves them free.
func New(perMinute float64) *Pace {
	p := &Pace{moved: make(chan struct{})}
	if perMinute > 0 {
		p.every = time.Duration(float64(time.Minute) / perMinute)
	}
	return p
}

// Take waits for a turn; it reports false when ctx ends first.
func (p *Pace) Take(ctx context.Context) bool {
	if p.every <= 0 {
		return ctx.Err() == nil
	}
	for {
		wait, moved := p.try()
		if wait <= 0 {
			return ctx.Err() == nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-moved:
		case <-ctx.Done():
			timer.Stop()
			return false
		}
		timer.Stop()
	}
}

// try takes a turn, or tells how long to wait for the next.
func (p *Pace) try() (wait time.Duration, moved <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if wait = p.next.Sub(now); wait > 0 {
		return wait, p.moved
	}
	p.next = now.Add(p.every)
	return 0, nil
}

// Release returns a turn that was not used.
func (p *Pace) Release() {
	if p.every <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = p.next.Add(-p.every)
	close(p.moved)
	p.moved = make(chan struct{})
}
