package eval

import (
	"context"
	"sync"
	"time"
)

// pace spaces what begins evenly. The zero value leaves it free.
type pace struct {
	every time.Duration
	mu    sync.Mutex
	next  time.Time
	// moved is closed, and made anew, when next comes nearer.
	moved chan struct{}
}

func newPace(perMinute float64) *pace {
	p := &pace{moved: make(chan struct{})}
	if perMinute > 0 {
		p.every = time.Duration(float64(time.Minute) / perMinute)
	}
	return p
}

// take waits for a turn; it reports false when ctx ends first.
func (p *pace) take(ctx context.Context) bool {
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
func (p *pace) try() (wait time.Duration, moved <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if wait = p.next.Sub(now); wait > 0 {
		return wait, p.moved
	}
	p.next = now.Add(p.every)
	return 0, nil
}

// giveBack returns a turn that was not used.
func (p *pace) giveBack() {
	if p.every <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = p.next.Add(-p.every)
	close(p.moved)
	p.moved = make(chan struct{})
}
