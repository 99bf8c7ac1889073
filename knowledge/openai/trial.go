package openai

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/purser-desk/purser/knowledge"
)

// Trial is what trying an endpoint found.
type Trial struct {
	// Works is true when vectors came that can be searched.
	Works bool `json:"works"`
	// Fault is why not, a reason of knowledge.EmbedError, and Detail its sentence.
	Fault  string `json:"fault,omitempty"`
	Detail string `json:"detail,omitempty"`
	// Dimensions of a vector.
	Dimensions int `json:"dimensions"`
	// LeftOut are the parts of a request that the endpoint refuses; Encoding is
	// what is asked for because it wants it, empty for what it gives by itself.
	LeftOut  []string `json:"left_out,omitempty"`
	Encoding string   `json:"encoding,omitempty"`
	// First is the time to the first vector, Batch that of as many texts at once as
	// BatchTexts says; BatchMost is how many the endpoint takes, 0 when it took all.
	First      time.Duration `json:"first_ns"`
	Batch      time.Duration `json:"batch_ns"`
	BatchTexts int           `json:"batch_texts"`
	BatchMost  int           `json:"batch_most,omitempty"`
	// InParts is true when a text as long as the longest passage is too long for
	// the model, so that parts of it are embedded.
	InParts bool `json:"in_parts"`
	// Steady is true when the same text has the same vector twice.
	Steady bool `json:"steady"`
}

// trialLength is the longest passage with its title and headings, in characters.
const trialLength = 1400

// Try asks for vectors: of a word, of batch texts at once, and of texts as long
// as passages can be, in letters and in characters of which each is a token.
func (e *Embedder) Try(ctx context.Context, batch int) Trial {
	var t Trial
	begin := time.Now()
	if err := e.Check(ctx); err != nil {
		return t.failed(err)
	}
	t.First = time.Since(begin)
	space, err := e.Space(ctx)
	if err != nil {
		return t.failed(err)
	}
	t.Dimensions = space.Dimensions
	long := strings.Repeat("one bag per passenger. ", trialLength/23)
	texts := make([]string, max(batch, 2))
	for i := range texts {
		texts[i] = long[:200]
	}
	t.BatchTexts, begin = len(texts), time.Now()
	vectors, err := e.Embed(ctx, knowledge.PassageText, texts)
	if err != nil {
		return t.failed(err)
	}
	t.Batch, t.Steady = time.Since(begin), cosine(vectors[0], vectors[len(vectors)-1]) > .999
	for _, s := range []string{long, strings.Repeat("行李", trialLength/2)} {
		if _, err := e.Embed(ctx, knowledge.PassageText, []string{s}); err != nil {
			return t.failed(err)
		}
	}
	m := e.now()
	t.InParts, t.BatchMost, t.Encoding = m.told, m.batch, m.encoding
	if m.noDimensions {
		t.LeftOut = []string{paramDimensions}
	}
	t.Works = true
	return t
}

func (t Trial) failed(err error) Trial {
	t.Fault = knowledge.EmbedReason(err)
	var known *knowledge.EmbedError
	if errors.As(err, &known) {
		t.Detail = known.Err.Error()
	}
	return t
}

func cosine(a, b []float32) float64 {
	var dot, x, y float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		x += float64(a[i]) * float64(a[i])
		y += float64(b[i]) * float64(b[i])
	}
	return dot / math.Sqrt(x*y)
}
