package openai

import (
	"context"
	"math"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/llm"
)

// shortestPart is how few characters a part of a text may have: a model that
// refuses those for their length refuses everything.
const shortestPart = 40

// tooMany reports whether a refusal is about the number of texts; tooLong whether
// it is about their length.
func tooMany(r *llm.StatusError) bool {
	return r.Mentions("batch size", "batch_size", "too many inputs", "too many texts", "number of inputs", "array length", "input array", "array is too long", "maximum allowed batch") &&
		!r.Mentions("physical batch size") // llama.cpp's word for its context
}

func tooLong(r *llm.StatusError) bool {
	return r.TooLong() || r.Status == http.StatusRequestEntityTooLarge && !tooMany(r)
}

// inParts is the vector of a text that is too long for the model: the mean of
// those of its halves, by their length, each of which may be halved again.
func (e *Embedder) inParts(ctx context.Context, q query, s string, refused *llm.StatusError) ([]float32, error) {
	if utf8.RuneCountInString(s) < 2*shortestPart {
		return nil, refused
	}
	e.tellOnce(ctx, "a text is too long for the embedding model, so its parts are embedded and their mean is taken")
	first, second := halves(s)
	vectors, err := e.batch(ctx, q, []string{first, second})
	if err != nil {
		return nil, err
	}
	return mean(vectors[0], vectors[1], float64(len(first)), float64(len(second))), nil
}

// halves cuts a text at the blank nearest to its middle, else between characters.
func halves(s string) (first, second string) {
	middle := len(s) / 2
	before, after := strings.LastIndexAny(s[:middle], " \n"), strings.IndexAny(s[middle:], " \n")
	at := middle
	switch {
	case before >= 0 && (after < 0 || middle-before <= after):
		at = before
	case after >= 0:
		at = middle + after
	}
	if at < len(s)/4 || at > 3*len(s)/4 {
		for at = middle; !utf8.RuneStart(s[at]); {
			at++
		}
	}
	return strings.TrimSpace(s[:at]), strings.TrimSpace(s[at:])
}

// mean is the mean of two vectors by weight, as long as their directions say: of
// length 1, as models give them.
func mean(a, b []float32, weightA, weightB float64) []float32 {
	if len(a) != len(b) {
		return a // told by whoever checks lengths
	}
	out := make([]float32, len(a))
	var square float64
	for i := range a {
		v := float64(a[i])*weightA + float64(b[i])*weightB
		out[i] = float32(v)
		square += v * v
	}
	if square == 0 {
		return a
	}
	norm := float32(1 / math.Sqrt(square))
	for i := range out {
		out[i] *= norm
	}
	return out
}
