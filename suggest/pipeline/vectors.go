package pipeline

import (
	"context"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/support"
)

// keptVectors is how many sentences' vectors are kept in memory, some 6 MB of 384
// dimensions: the same articles answer again and again.
const keptVectors = 4000

// sentenceVectors embeds sentences of evidence and of drafts, and keeps the vectors
// by workspace, so that none learns by timing what another one has.
type sentenceVectors struct {
	embedder support.Embedder
	kept     *lru.Cache[sentenceKey, []float32]
}

// sentenceBatch is how many sentences are embedded by one call: while an endpoint
// embeds them, a question waits.
const sentenceBatch = 4

type sentenceKey struct {
	workspace suggest.Workspace
	text      string
}

// newSentenceVectors is nil without an embedder.
func newSentenceVectors(e support.Embedder) *sentenceVectors {
	if e == nil {
		return nil
	}
	kept, _ := lru.New[sentenceKey, []float32](keptVectors) // it fails for sizes below 1 alone
	return &sentenceVectors{e, kept}
}

// of embeds for one workspace; nil where nobody embeds.
func (v *sentenceVectors) of(w suggest.Workspace) support.Embedder {
	if v == nil {
		return nil
	}
	return workspaceVectors{v, w}
}

type workspaceVectors struct {
	*sentenceVectors
	workspace suggest.Workspace
}

// Embed implements support.Embedder.
func (v workspaceVectors) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	var missing []string
	var at []int
	for i, s := range texts {
		if known, ok := v.kept.Get(sentenceKey{v.workspace, s}); ok {
			out[i] = known
			continue
		}
		missing, at = append(missing, s), append(at, i)
	}
	for len(missing) > 0 {
		part := missing[:min(len(missing), sentenceBatch)]
		made, err := v.batch(ctx, part)
		if err != nil {
			return nil, err
		}
		for k, vector := range made {
			out[at[k]] = vector
		}
		missing, at = missing[len(part):], at[len(part):]
	}
	return out, nil
}

// batch embeds a few sentences and keeps them. Who can't wait goes on without, and
// the call goes on to be kept: ended in the middle, it would look like a fault of the
// endpoint, and its work would be done again.
func (v workspaceVectors) batch(ctx context.Context, part []string) ([][]float32, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type answer struct {
		vectors [][]float32
		err     error
	}
	answered := make(chan answer, 1)
	go func() {
		made, err := v.embedder.Embed(context.WithoutCancel(ctx), part)
		if err == nil && len(made) != len(part) {
			err = fmt.Errorf("embed sentences: %d vectors for %d texts", len(made), len(part))
		}
		if err == nil {
			for k, vector := range made {
				v.kept.Add(sentenceKey{v.workspace, part[k]}, vector)
			}
		}
		answered <- answer{made, err}
	}()
	select {
	case a := <-answered:
		return a.vectors, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
