package suggest

import (
	"context"
	"slices"
	"sync"
)

// registry knows the runs of this server, and ends them all when it closes.
type registry struct {
	mu      sync.Mutex
	closing bool
	// busy counts calls that may begin a run, and runs; only while closing is
	// false does it grow from zero.
	busy sync.WaitGroup
	// runs of one suggestion, the newest last: an older one has lost its lease
	// and is about to end.
	runs map[runKey][]*run
}

type runKey struct {
	workspace Workspace
	id        string
}

// enter counts a call that may begin a run, which leave counts out; false when
// the registry closes.
func (g *registry) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closing {
		return false
	}
	g.busy.Add(1)
	return true
}

func (g *registry) leave() { g.busy.Done() }

// add makes a run known and counts it, which leave counts out; false when the
// registry closes.
func (g *registry) add(r *run) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closing {
		return false
	}
	g.busy.Add(1)
	key := runKey{r.workspace, r.id}
	g.runs[key] = append(g.runs[key], r)
	return true
}

// remove forgets a run, so that nobody subscribes to it any more.
func (g *registry) remove(r *run) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := runKey{r.workspace, r.id}
	left := slices.DeleteFunc(g.runs[key], func(o *run) bool { return o == r })
	if len(left) == 0 {
		delete(g.runs, key)
		return
	}
	g.runs[key] = left
}

// find is the newest run of a suggestion; nil without one.
func (g *registry) find(w Workspace, id string) *run {
	g.mu.Lock()
	defer g.mu.Unlock()
	runs := g.runs[runKey{w, id}]
	if len(runs) == 0 {
		return nil
	}
	return runs[len(runs)-1]
}

// close ends every run with cause, lets none begin, and waits until all is
// over, as long as ctx allows.
func (g *registry) close(ctx context.Context, cause error) error {
	g.mu.Lock()
	g.closing = true
	for _, runs := range g.runs {
		for _, r := range runs {
			r.cancel(cause)
		}
	}
	g.mu.Unlock()
	done := make(chan struct{})
	go func() {
		g.busy.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
