package openai

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/knowledge"
)

// query is what all requests of one call have in common.
type query struct{ model, prefix string }

// request asks for vectors.
type request struct {
	Input          []string `json:"input"`
	Model          string   `json:"model"`
	Dimensions     int      `json:"dimensions,omitempty"`
	EncodingFormat string   `json:"encoding_format,omitempty"`
}

// response is what comes.
type response struct {
	Data []item `json:"data"`
}

type item struct {
	Index     int    `json:"index"`
	Embedding vector `json:"embedding"`
}

// vector is read from numbers, and from base64 of them, whichever was asked for.
type vector []float32

// UnmarshalJSON implements json.Unmarshaler.
func (v *vector) UnmarshalJSON(raw []byte) error {
	if len(raw) == 0 || raw[0] != '"' {
		var numbers []float32
		err := json.Unmarshal(raw, &numbers)
		*v = numbers
		return err
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(bytes)%4 != 0 {
		return errNotVector
	}
	*v = make(vector, len(bytes)/4)
	for i := range *v {
		(*v)[i] = math.Float32frombits(binary.LittleEndian.Uint32(bytes[4*i:]))
	}
	return nil
}

var errNotVector = errors.New("no base64 of numbers")

// The parameters that providers refuse, and the values of one of them.
const (
	paramDimensions = "dimensions"
	paramEncoding   = "encoding_format"

	encodingFloat, encodingBase64 = "float", "base64"
)

// manner is how a provider wants to be asked, as its refusals have taught.
type manner struct {
	// noDimensions leaves them out; encoding is asked for, empty for none; refused
	// is how many values of it were.
	noDimensions bool
	encoding     string
	refused      int
	// batch is how many texts are taken at once; 0 while no bound is known.
	batch int
	// told is true once it was said that texts are cut.
	told bool
}

func (e *Embedder) now() manner {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.manner
}

// mostTries bounds how often the same is asked for in another manner.
const mostTries = 5

// send asks once for each manner that the provider wants it in.
func (e *Embedder) send(ctx context.Context, q query, texts []string) ([][]float32, error) {
	input := texts
	if q.prefix != "" {
		input = make([]string, len(texts))
		for i, t := range texts {
			input[i] = q.prefix + t
		}
	}
	for try := 1; ; try++ {
		m := e.now()
		r := request{Input: input, Model: q.model, EncodingFormat: m.encoding}
		if !m.noDimensions {
			r.Dimensions = e.o.Dimensions
		}
		data, err := e.post(ctx, r)
		if err == nil {
			return inOrder(data, len(texts))
		}
		var refused *llm.StatusError
		if try == mostTries || !errors.As(err, &refused) || !refused.Invalid() || !e.adapt(ctx, refused, r, m) {
			return nil, err
		}
	}
}

func (e *Embedder) post(ctx context.Context, r request) ([]item, error) {
	answer, err := e.endpoint.Post(ctx, e.o.Client, llm.PathEmbeddings, r, "application/json")
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }() // nothing is left to do about it
	var out response
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		return nil, &readError{err}
	}
	return out.Data, nil
}

// readError says that an answer had begun.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// adapt learns from a refusal what to leave out; false when nothing can be.
func (e *Embedder) adapt(ctx context.Context, refused *llm.StatusError, r request, m manner) bool {
	names := []string{paramEncoding}
	if r.Dimensions > 0 {
		names = append(names, paramDimensions)
	}
	part := refused.Parameter(names...)
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case part == paramDimensions || part == "" && r.Dimensions > 0 && refused.Mentions("matryoshka"):
		part, e.manner.noDimensions = paramDimensions, true
	case part == paramEncoding && m.refused < 3:
		e.manner.refused++
		e.manner.encoding = otherEncoding(r.EncodingFormat, refused)
	default:
		return false
	}
	e.o.Logger.WarnContext(ctx, "the embedding endpoint refuses a part of the request, which is sent otherwise from now on",
		"part", part, "encoding_format", e.manner.encoding, "status", refused.Status)
	return true
}

// otherEncoding is what to ask for after a refusal.
func otherEncoding(sent string, refused *llm.StatusError) string {
	switch {
	case sent == "" && refused.Mentions(encodingBase64) && !refused.Mentions(encodingFloat):
		return encodingBase64
	case sent == "":
		return encodingFloat
	case sent == encodingFloat && refused.Mentions(encodingBase64):
		return encodingBase64
	}
	return ""
}

// learnBatch notes how many texts are too many at once: the provider may say how
// many it takes.
func (e *Embedder) learnBatch(ctx context.Context, refused *llm.StatusError, sent int) {
	most := sent / 2
	if n := refused.NumberBelow(sent); n > 0 {
		most = n
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.manner.batch == 0 || most < e.manner.batch {
		e.manner.batch = most
		e.o.Logger.WarnContext(ctx, "the embedding endpoint takes fewer texts at once than EMBEDDING_BATCH says; they are sent in smaller parts from now on", "texts", most)
	}
}

// tellOnce says something the first time.
func (e *Embedder) tellOnce(ctx context.Context, what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.manner.told {
		e.manner.told = true
		e.o.Logger.WarnContext(ctx, what)
	}
}

// inOrder puts vectors in the order of their texts. Servers that number none
// are taken at their word that the order is right.
func inOrder(data []item, texts int) ([][]float32, error) {
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
func embedError(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	var known *knowledge.EmbedError
	var refused *llm.StatusError
	var read *readError
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &refused):
		return statusError(refused)
	case errors.Is(err, llm.ErrStalled), isTimeout(err):
		return &knowledge.EmbedError{Reason: knowledge.EmbedTimeout, Err: errors.New("the provider took too long")}
	case errors.As(err, &read), errors.Is(err, io.ErrUnexpectedEOF):
		return &knowledge.EmbedError{Reason: knowledge.EmbedNotJSON, Err: errors.New("the provider's answer is not the JSON of an embeddings API; check EMBEDDING_BASE_URL")}
	}
	return &knowledge.EmbedError{Reason: knowledge.EmbedUnreachable, Err: errors.New("the provider can't be reached; check EMBEDDING_BASE_URL and that it runs")}
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

func statusError(s *llm.StatusError) error {
	e := &knowledge.EmbedError{RetryAfter: s.RetryAfter}
	switch {
	case s.Status == http.StatusUnauthorized || s.Status == http.StatusForbidden:
		e.Reason, e.Permanent = knowledge.EmbedUnauthorized, true
		e.Err = fmt.Errorf("the provider refuses the key (%d)", s.Status)
	case s.Status == http.StatusNotFound:
		e.Reason, e.Permanent = knowledge.EmbedModelNotFound, true
		e.Err = errors.New("the provider does not know the model, or its address is wrong (404)")
	case s.Status == http.StatusTooManyRequests:
		e.Reason = knowledge.EmbedRateLimited
		e.Err = errors.New("the provider limits the rate of requests (429)")
	case s.Status >= http.StatusBadRequest && s.Status < http.StatusInternalServerError:
		e.Reason, e.Permanent = knowledge.EmbedRejected, true
		e.Err = fmt.Errorf("the provider refuses the text (%d)", s.Status)
	default:
		e.Reason = knowledge.EmbedProviderError
		e.Err = fmt.Errorf("the provider failed (%d)", s.Status)
	}
	return e
}
