package knowledge

import (
	"container/list"
	"sync"
)

type vectorKey struct {
	workspace Workspace
	space     string
	hash      [32]byte
}

// recentVectors keeps the vectors of the questions asked last. Keys hold the
// workspace, so that none learns by timing what another one asked.
type recentVectors struct {
	mu    sync.Mutex
	limit int
	order *list.List // of recentVector, latest first
	by    map[vectorKey]*list.Element
}

type recentVector struct {
	key    vectorKey
	vector []float32
}

func newRecentVectors(limit int) *recentVectors {
	return &recentVectors{limit: limit, order: list.New(), by: map[vectorKey]*list.Element{}}
}

func (r *recentVectors) get(k vectorKey) []float32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.by[k]
	if !ok {
		return nil
	}
	r.order.MoveToFront(e)
	kept, _ := e.Value.(recentVector)
	return kept.vector
}

func (r *recentVectors) put(k vectorKey, v []float32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.by[k]; ok {
		r.order.MoveToFront(e)
		return
	}
	r.by[k] = r.order.PushFront(recentVector{k, v})
	for r.order.Len() > r.limit {
		oldest := r.order.Back()
		kept, _ := r.order.Remove(oldest).(recentVector)
		delete(r.by, kept.key)
	}
}
