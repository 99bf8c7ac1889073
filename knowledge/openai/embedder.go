// Package openai turns texts into vectors through any endpoint that speaks
// OpenAI's embeddings API. What its provider refuses of a request is left out
// from then on, and a text that is too long for the model is embedded in parts.
// It never returns a vector that could not be searched, and none of its errors
// holds a text that was to be embedded.
package openai

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"

	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/knowledge"
)

// Options of an Embedder.
type Options struct {
	// BaseURL of the API, such as "https://api.openai.com/v1", also an address of
	// Azure with its deployment and version.
	BaseURL string
	// Key is sent as bearer token, or as Azure wants it; empty sends none.
	Key string
	// QuestionModel and PassageModel are the names that the provider knows; they
	// may be the same.
	QuestionModel, PassageModel string
	// QuestionPrefix and PassagePrefix are put before each text, for models that
	// were trained with some and servers that do not add them.
	QuestionPrefix, PassagePrefix string
	// Dimensions of a vector, which the provider is asked for; 0 takes what it
	// gives, and asks once by embedding a word.
	Dimensions int
	// Base64 asks for vectors as base64 rather than numbers.
	Base64 bool
	// Client sends; nil means one with llm's defaults.
	Client *http.Client
	// Logger is told what a provider refuses; nil tells nobody.
	Logger *slog.Logger
}

// Embedder implements knowledge.Embedder. It is safe for concurrent use.
type Embedder struct {
	o        Options
	endpoint *llm.Endpoint
	// probe holds the dimensions once they are known; who takes it asks for them
	// alone, and others can give up waiting.
	probe chan int

	mu     sync.Mutex
	manner manner
}

// NewEmbedder makes one. It sends nothing yet. It fails when no endpoint can be
// at BaseURL.
func NewEmbedder(o Options) (*Embedder, error) {
	endpoint, err := llm.NewEndpoint(o.BaseURL, o.Key)
	if err != nil {
		return nil, fmt.Errorf("the embedding model's address %w", err)
	}
	if o.Client == nil {
		o.Client = llm.NewClient(llm.Options{})
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	e := &Embedder{o: o, endpoint: endpoint, probe: make(chan int, 1)}
	if o.Base64 {
		e.manner.encoding = encodingBase64
	}
	e.probe <- o.Dimensions
	return e, nil
}

// Space implements knowledge.Embedder.
func (e *Embedder) Space(ctx context.Context) (knowledge.Space, error) {
	var dimensions int
	select {
	case dimensions = <-e.probe:
	case <-ctx.Done():
		return knowledge.Space{}, ctx.Err()
	}
	defer func() { e.probe <- dimensions }()
	if dimensions == 0 {
		asked, err := e.askDimensions(ctx)
		if err != nil {
			return knowledge.Space{}, err
		}
		dimensions = asked
	}
	return knowledge.Space{Name: e.spaceName(dimensions), Dimensions: dimensions}, nil
}

// Check embeds a word as passage and as question, and fails where what comes
// can't be searched, or is not what was asked for.
func (e *Embedder) Check(ctx context.Context) error {
	if _, err := e.Space(ctx); err != nil {
		return err
	}
	for _, kind := range []knowledge.TextKind{knowledge.PassageText, knowledge.QuestionText} {
		if _, err := e.Embed(ctx, kind, []string{probeText}); err != nil {
			return err
		}
	}
	return nil
}

// probeText is a harmless word.
const probeText = "baggage"

func (e *Embedder) askDimensions(ctx context.Context) (int, error) {
	vectors, err := e.ask(ctx, knowledge.PassageText, []string{probeText})
	if err != nil {
		return 0, err
	}
	n := len(vectors[0])
	if n > knowledge.MaxDimensions {
		return 0, &knowledge.EmbedError{Reason: knowledge.EmbedWrongDimensions, Permanent: true, Err: fmt.Errorf(
			"the model's vectors have %d numbers, and at most %d can be searched: set EMBEDDING_DIMENSIONS, if the model can give fewer, or choose another one", n, knowledge.MaxDimensions)}
	}
	return n, knowledge.CheckVectors(vectors, 1, n)
}

// spaceName differs for everything that changes a vector.
func (e *Embedder) spaceName(dimensions int) string {
	name := e.o.PassageModel
	if e.o.QuestionModel != e.o.PassageModel {
		name = e.o.QuestionModel + "+" + name
	}
	name = fmt.Sprintf("%s/%d/v%d", name, dimensions, knowledge.EmbeddingTemplateVersion)
	if e.o.QuestionPrefix+e.o.PassagePrefix != "" {
		sum := sha256.Sum256([]byte(e.o.QuestionPrefix + "\x00" + e.o.PassagePrefix))
		name += "/" + hex.EncodeToString(sum[:4])
	}
	return name
}

// Embed implements knowledge.Embedder.
func (e *Embedder) Embed(ctx context.Context, kind knowledge.TextKind, texts []string) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	space, err := e.Space(ctx)
	if err != nil {
		return nil, err
	}
	vectors, err := e.ask(ctx, kind, texts)
	if err != nil {
		return nil, err
	}
	if n, same := lengthOf(vectors); same && n != space.Dimensions {
		return nil, e.wrongLength(ctx, n, space.Dimensions)
	}
	return vectors, knowledge.CheckVectors(vectors, len(texts), space.Dimensions)
}

// lengthOf is how many numbers each vector has, if all have as many, and some.
func lengthOf(vectors [][]float32) (n int, same bool) {
	for i, v := range vectors {
		if i > 0 && len(v) != n {
			return 0, false
		}
		n = len(v)
	}
	return n, n > 0
}

// wrongLength tells that a model gives other vectors than were asked for, or
// than it gave. In the latter case it is asked anew how long they are, so that
// they have a space of their own.
func (e *Embedder) wrongLength(ctx context.Context, n, expected int) error {
	if e.o.Dimensions > 0 {
		return &knowledge.EmbedError{Reason: knowledge.EmbedWrongDimensions, Permanent: true, Err: fmt.Errorf(
			"the model's vectors have %d numbers, not the %d that EMBEDDING_DIMENSIONS asks for: set it to %d, or to 0 for what the model gives", n, expected, n)}
	}
	select {
	case <-e.probe:
		e.probe <- 0
	default: // somebody asks already
	}
	e.o.Logger.WarnContext(ctx, "the embedding model was changed behind its name: all texts are embedded anew", "dimensions", n, "before", expected)
	return &knowledge.EmbedError{Reason: knowledge.EmbedWrongDimensions, Err: fmt.Errorf(
		"the model's vectors have %d numbers, and had %d before: it was changed behind its name", n, expected)}
}

// ask returns a vector for each text.
func (e *Embedder) ask(ctx context.Context, kind knowledge.TextKind, texts []string) ([][]float32, error) {
	q := query{model: e.o.PassageModel, prefix: e.o.PassagePrefix}
	if kind == knowledge.QuestionText {
		q = query{model: e.o.QuestionModel, prefix: e.o.QuestionPrefix}
	}
	vectors, err := e.batches(ctx, q, texts)
	var refused *llm.StatusError
	switch {
	case err == nil:
		return vectors, nil
	case errors.As(err, &refused) && tooLong(refused):
		return nil, &knowledge.EmbedError{Reason: knowledge.EmbedTooLong, Permanent: true, Err: fmt.Errorf("the provider finds even parts of the text too long (%d)", refused.Status)}
	}
	return nil, embedError(ctx, err)
}

// batches asks for as many texts at once as the provider takes.
func (e *Embedder) batches(ctx context.Context, q query, texts []string) ([][]float32, error) {
	vectors := make([][]float32, 0, len(texts))
	for len(texts) > 0 {
		n := len(texts)
		if most := e.now().batch; most > 0 {
			n = min(n, most)
		}
		part, err := e.batch(ctx, q, texts[:n])
		if err != nil {
			return nil, err
		}
		vectors, texts = append(vectors, part...), texts[n:]
	}
	return vectors, nil
}

// batch asks for texts together, then in halves where that is too much, and for
// a text in parts where it alone is.
func (e *Embedder) batch(ctx context.Context, q query, texts []string) ([][]float32, error) {
	vectors, err := e.send(ctx, q, texts)
	var refused *llm.StatusError
	if !errors.As(err, &refused) || !refused.Invalid() {
		return vectors, err
	}
	many := tooMany(refused)
	switch {
	case len(texts) > 1 && many:
		e.learnBatch(ctx, refused, len(texts))
		return e.batches(ctx, q, texts)
	case len(texts) > 1 && tooLong(refused):
		half := len(texts) / 2
		first, err := e.batch(ctx, q, texts[:half])
		if err != nil {
			return nil, err
		}
		second, err := e.batch(ctx, q, texts[half:])
		return slices.Concat(first, second), err
	case len(texts) == 1 && tooLong(refused):
		vector, err := e.inParts(ctx, q, texts[0], refused)
		return [][]float32{vector}, err
	}
	return nil, err
}

var _ knowledge.Embedder = (*Embedder)(nil)
