package judge

import (
	"context"

	"github.com/purser-desk/purser/eval/responses"
)

// Cached answers from a cache what was asked before, and asks the model behind
// it the rest: a judgement that was interrupted goes on where it stopped, and
// one that is repeated costs nothing. It is safe for concurrent use when the
// model behind is.
type Cached struct {
	behind Model
	cache  responses.Cache
}

// NewCached puts a cache before a model.
func NewCached(behind Model, c responses.Cache) *Cached { return &Cached{behind, c} }

// Answer implements Model. An answer that can't be kept or read is asked for
// again.
func (c *Cached) Answer(ctx context.Context, system, prompt string, seed int) (Answer, error) {
	path, err := c.cache.Path(system, prompt, seed)
	if err != nil {
		return Answer{}, err
	}
	var a Answer
	if c.cache.Load(path, &a) {
		a.Kept = true
		return a, nil
	}
	if a, err = c.behind.Answer(ctx, system, prompt, seed); err == nil {
		_ = c.cache.Store(path, a) // what can't be kept is only asked for again
	}
	return a, err
}
