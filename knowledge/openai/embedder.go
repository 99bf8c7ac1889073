// Package openai turns texts into vectors through any endpoint that speaks
// OpenAI's embeddings API. It never returns a vector that could not be searched,
// and none of its errors holds a text that was to be embedded.
package openai

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/sashabaranov/go-openai"

	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/knowledge"
)

// Options of an Embedder.
type Options struct {
	// BaseURL of the API, such as "https://api.openai.com/v1".
	BaseURL string
	// Key is sent as bearer token; empty sends none.
	Key string
	// QuestionModel and PassageModel are the names that the provider knows; they
	// may be the same.
	QuestionModel, PassageModel string
	// QuestionPrefix and PassagePrefix are put before each text, for models that
	// were trained with some and servers that do not add them.
	QuestionPrefix, PassagePrefix string
	// Dimensions of a vector; 0 asks the provider once, by embedding a word.
	Dimensions int
	// Base64 asks for vectors as base64 rather than numbers.
	Base64 bool
	// Client sends; nil means one with llm's defaults.
	Client *http.Client
}

// Embedder implements knowledge.Embedder. It is safe for concurrent use.
type Embedder struct {
	o Options
	// probe holds the dimensions once they are known; who takes it asks for them
	// alone, and others can give up waiting.
	probe chan int
}

// NewEmbedder makes one. It sends nothing yet.
func NewEmbedder(o Options) *Embedder {
	if o.Client == nil {
		o.Client = llm.NewClient(llm.Options{})
	}
	e := &Embedder{o: o, probe: make(chan int, 1)}
	e.probe <- o.Dimensions
	return e
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

func (e *Embedder) askDimensions(ctx context.Context) (int, error) {
	vectors, err := e.ask(ctx, knowledge.PassageText, []string{"baggage"})
	if err != nil {
		return 0, err
	}
	n := len(vectors[0])
	if n > knowledge.MaxDimensions {
		return 0, &knowledge.EmbedError{Reason: knowledge.EmbedWrongDimensions, Permanent: true, Err: fmt.Errorf("the model's vectors have %d dimensions; at most %d can be searched", n, knowledge.MaxDimensions)}
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
	return vectors, knowledge.CheckVectors(vectors, len(texts), space.Dimensions)
}

func (e *Embedder) ask(ctx context.Context, kind knowledge.TextKind, texts []string) ([][]float32, error) {
	model, prefix := e.o.PassageModel, e.o.PassagePrefix
	if kind == knowledge.QuestionText {
		model, prefix = e.o.QuestionModel, e.o.QuestionPrefix
	}
	input := texts
	if prefix != "" {
		input = make([]string, len(texts))
		for i, t := range texts {
			input[i] = prefix + t
		}
	}
	request := openai.EmbeddingRequestStrings{Input: input, Model: openai.EmbeddingModel(model)}
	if e.o.Base64 {
		request.EncodingFormat = openai.EmbeddingEncodingFormatBase64
	}
	call := &llm.Call{Client: e.o.Client}
	config := openai.DefaultConfig(e.o.Key)
	config.BaseURL = e.o.BaseURL
	config.HTTPClient = call
	response, err := openai.NewClientWithConfig(config).CreateEmbeddings(ctx, request)
	if err != nil {
		return nil, embedError(ctx, err, call)
	}
	return inOrder(response.Data, len(texts))
}

// inOrder puts vectors in the order of their texts. Servers that number none
// are taken at their word that the order is right.
func inOrder(data []openai.Embedding, texts int) ([][]float32, error) {
	if len(data) != texts {
		return nil, &knowledge.EmbedError{Reason: knowledge.EmbedWrongCount, Err: fmt.Errorf("the provider answered %d vectors for %d texts", len(data), texts)}
	}
	vectors := make([][]float32, texts)
	numbered := true
	for _, d := range data {
		if d.Index < 0 || d.Index >= texts || vectors[d.Index] != nil {
			numbered = false
			break
		}
		vectors[d.Index] = d.Embedding
		if d.Embedding == nil {
			vectors[d.Index] = []float32{}
		}
	}
	if !numbered {
		for i, d := range data {
			if d.Index != 0 {
				return nil, &knowledge.EmbedError{Reason: knowledge.EmbedWrongCount, Err: errors.New("the provider numbered its vectors twice or beyond the texts")}
			}
			vectors[i] = d.Embedding
		}
	}
	return vectors, nil
}

// embedError tells what failed. The provider's own words stay out: some repeat
// the text.
func embedError(ctx context.Context, err error, call *llm.Call) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	var api *openai.APIError
	var request *openai.RequestError
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	switch {
	case errors.As(err, &api):
		return statusError(api.HTTPStatusCode, call)
	case errors.As(err, &request):
		return statusError(request.HTTPStatusCode, call)
	case errors.Is(err, llm.ErrTooLarge), errors.As(err, &syntax), errors.As(err, &shape), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &knowledge.EmbedError{Reason: knowledge.EmbedNotJSON, Err: errors.New("the provider's answer is not the JSON of an embeddings API; check EMBEDDING_BASE_URL")}
	case errors.Is(err, llm.ErrStalled), isTimeout(err):
		return &knowledge.EmbedError{Reason: knowledge.EmbedTimeout, Err: errors.New("the provider took too long")}
	case call.Status == http.StatusOK:
		return &knowledge.EmbedError{Reason: knowledge.EmbedNotJSON, Err: errors.New("the provider's answer can't be read as vectors")}
	}
	return &knowledge.EmbedError{Reason: knowledge.EmbedUnreachable, Err: errors.New("the provider can't be reached; check EMBEDDING_BASE_URL and that it runs")}
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

func statusError(status int, call *llm.Call) error {
	e := &knowledge.EmbedError{RetryAfter: call.RetryAfter}
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Reason, e.Permanent = knowledge.EmbedUnauthorized, true
		e.Err = fmt.Errorf("the provider refuses the key (%d)", status)
	case status == http.StatusNotFound:
		e.Reason, e.Permanent = knowledge.EmbedModelNotFound, true
		e.Err = errors.New("the provider does not know the model, or its address is wrong (404)")
	case status == http.StatusTooManyRequests:
		e.Reason = knowledge.EmbedRateLimited
		e.Err = errors.New("the provider limits the rate of requests (429)")
	case status >= http.StatusBadRequest && status < http.StatusInternalServerError:
		e.Reason, e.Permanent = knowledge.EmbedRejected, true
		e.Err = fmt.Errorf("the provider refuses the text (%d)", status)
	default:
		e.Reason = knowledge.EmbedProviderError
		e.Err = fmt.Errorf("the provider failed (%d)", status)
	}
	return e
}

var _ knowledge.Embedder = (*Embedder)(nil)
