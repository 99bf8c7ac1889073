package kind

import (
	"context"
	"fmt"

	"github.com/purser-desk/purser/internal/logistic"
	"github.com/purser-desk/purser/suggest"
)

// Penalty of each of a head's regressions, chosen among .3, 1 and 3 by
// "go run ./suggest/kind/fit".
const Penalty = 1

// Fit fits a head to the examples in the space of e, which embeds each of them
// once: with a local model that takes a minute or two. progress is told how many are
// embedded, and may be nil.
func Fit(ctx context.Context, e Embedder, progress func(done, total int)) (*Head, error) {
	all, err := Examples()
	if err != nil {
		return nil, err
	}
	space, err := e.Space(ctx)
	if err != nil {
		return nil, err
	}
	vectors, err := EmbedExamples(ctx, e, all, progress)
	if err != nil {
		return nil, err
	}
	return FitTo(ctx, space, all, vectors, Penalty)
}

// EmbedExamples embeds the sentences of examples as Classify would.
func EmbedExamples(ctx context.Context, e Embedder, all []Example, progress func(done, total int)) ([][]float32, error) {
	var vectors [][]float32
	dimensions := 0
	for start := 0; start < len(all); start += batch {
		var texts []string
		for _, x := range all[start:min(start+batch, len(all))] {
			texts = append(texts, plain(x.Sentence))
		}
		part, err := vectorsOf(ctx, e, texts, dimensions)
		if err != nil {
			return nil, fmt.Errorf("embedding the examples: %w", err)
		}
		vectors, dimensions = append(vectors, part...), len(part[0])
		if progress != nil {
			progress(len(vectors), len(all))
		}
	}
	return vectors, nil
}

// maxSpaceName is as long as a space's name may be.
const maxSpaceName = 255

// FitTo fits a head to some examples with their vectors.
func FitTo(ctx context.Context, space string, all []Example, vectors [][]float32, penalty float64) (*Head, error) {
	if len(all) == 0 || len(all) != len(vectors) || len(space) > maxSpaceName {
		return nil, fmt.Errorf("a head needs examples with a vector each, and a space whose name has at most %d bytes", maxSpaceName)
	}
	for _, v := range vectors {
		if len(v) != len(vectors[0]) || len(v) == 0 {
			return nil, fmt.Errorf("vectors of %d and %d dimensions are not of one space", len(vectors[0]), len(v))
		}
	}
	f, err := learn(vectors)
	if err != nil {
		return nil, err
	}
	h := &Head{space: space, features: f}
	rows := make([][]float64, len(all))
	for i := range all {
		rows[i] = h.of(plain(all[i].Sentence), vectors[i])
	}
	kinds := make([]int, len(all))
	for i := range all {
		for k, kind := range suggest.ClaimKinds() {
			if kind == all[i].Kind {
				kinds[i] = k
			}
		}
	}
	if h.kinds, err = logistic.Fit(ctx, rows, kinds, logistic.Options{Classes: len(suggest.ClaimKinds()), Penalty: penalty}); err != nil {
		return nil, err
	}
	for _, one := range []struct {
		to *(*logistic.Model)
		is func(Example) bool
	}{
		{&h.source, func(e Example) bool { return e.NeedsSource }},
		{&h.action, func(e Example) bool { return e.Action }},
		{&h.promise, func(e Example) bool { return e.Promise }},
		{&h.liability, func(e Example) bool { return e.Liability }},
	} {
		labels := make([]int, len(all))
		for i := range all {
			if one.is(all[i]) {
				labels[i] = 1
			}
		}
		if *one.to, err = logistic.Fit(ctx, rows, labels, logistic.Options{Classes: 2, Penalty: penalty}); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// Tell is what the head makes of a sentence with its vector, which EmbedExamples
// would give it.
func (h *Head) Tell(sentence string, vector []float32) Result { return h.tell(plain(sentence), vector) }

func mean(vectors [][]float32) []float32 {
	sums := make([]float64, len(vectors[0]))
	for _, v := range vectors {
		for j := range min(len(v), len(sums)) {
			sums[j] += float64(v[j])
		}
	}
	out := make([]float32, len(sums))
	for j, v := range sums {
		out[j] = float32(v / float64(len(vectors)))
	}
	return out
}
