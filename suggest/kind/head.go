package kind

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"sync"

	"github.com/purser-desk/purser/internal/logistic"
	"github.com/purser-desk/purser/suggest"
)

// Head is what was learnt from the examples in one space of vectors. It does not
// change once made.
type Head struct {
	space string
	features
	// kinds tells suggest.ClaimKinds apart, each of the others one thing.
	kinds, source, action, promise, liability *logistic.Model
}

//go:embed e5.head
var shipped []byte

var readShipped = sync.OnceValue(func() *Head {
	h, err := ReadHead(shipped)
	if err != nil {
		return &Head{}
	}
	return h
})

// Shipped is the head for the embedding model that Purser brings along.
func Shipped() *Head { return readShipped() }

// Space is the name of the space that the head was fitted in.
func (h *Head) Space() string { return h.space }

// Fits reports whether the head can read vectors of a space.
func (h *Head) Fits(space string) bool {
	return h.space != "" && sameVectors(h.space) == sameVectors(space)
}

// templateVersion is that part of a space's name which counts how passages are
// dressed before they are embedded; sentences are embedded bare.
var templateVersion = regexp.MustCompile(`(/\d+)/v\d+`)

func sameVectors(space string) string { return templateVersion.ReplaceAllString(space, "$1") }

// tell says what a plain sentence with this vector is.
func (h *Head) tell(sentence string, vector []float32) Result {
	x := h.of(sentence, vector)
	yes := func(m *logistic.Model) float64 { return m.Predict(x)[1] }
	r := Result{Known: true, NeedsSource: yes(h.source)}
	// What says nothing of the case does not act or promise either, however close its
	// words come ("is there anything else we can do for you").
	r.Action, r.Promise, r.Liability = min(yes(h.action), r.NeedsSource), min(yes(h.promise), r.NeedsSource), min(yes(h.liability), r.NeedsSource)
	// The kind is the likeliest of those that agree with whether a source is needed.
	needs, best := r.Needs(), -1.
	for k, p := range h.kinds.Predict(x) {
		if kind := suggest.ClaimKinds()[k]; kind.Says() == needs && p > best {
			r.Kind, best = kind, p
		}
	}
	return r
}

// vectorsOf embeds texts and checks what came; dimensions may be 0 for those of the
// first vector.
func vectorsOf(ctx context.Context, e Embedder, texts []string, dimensions int) ([][]float32, error) {
	vectors, err := e.Embed(ctx, texts)
	if err != nil {
		return nil, err
	}
	if len(vectors) != len(texts) {
		return nil, fmt.Errorf("%d sentences were embedded, and %d vectors came", len(texts), len(vectors))
	}
	if dimensions == 0 && len(vectors) > 0 {
		dimensions = len(vectors[0])
	}
	for _, v := range vectors {
		if len(v) != dimensions || len(v) == 0 {
			return nil, fmt.Errorf("a vector of %d dimensions came where one of %d was expected", len(v), dimensions)
		}
	}
	return vectors, nil
}

// magic begins a head's bytes; its last byte counts what features are.
const magic = "purser kind\x02"

// ErrNotAHead says that bytes are not what Bytes returned in this version.
var ErrNotAHead = errors.New("these bytes hold no head of this version; fit it again")

func (h *Head) models() []**logistic.Model {
	return []**logistic.Model{&h.kinds, &h.source, &h.action, &h.promise, &h.liability}
}

// Bytes is the head as ReadHead reads it.
func (h *Head) Bytes() []byte {
	b := append([]byte(magic), byte(len(h.space))) //nolint:gosec // Fit bounds the name
	b = append(b, h.space...)
	b = h.append(b)
	for _, m := range h.models() {
		b = (*m).Append(b)
	}
	return b
}

// ReadHead reads a head. It fails with ErrNotAHead.
func ReadHead(b []byte) (*Head, error) {
	b, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok || len(b) < 1 || len(b) < 1+int(b[0]) {
		return nil, ErrNotAHead
	}
	h := &Head{space: string(b[1 : 1+int(b[0])])}
	if b, ok = h.read(b[1+len(h.space):]); !ok {
		return nil, ErrNotAHead
	}
	for i, m := range h.models() {
		var err error
		if *m, b, err = logistic.Read(b); err != nil {
			return nil, ErrNotAHead
		}
		lines := 1
		if i == 0 {
			lines = len(suggest.ClaimKinds())
		}
		if len((*m).Weights) != lines || (*m).Features() != h.count() {
			return nil, ErrNotAHead
		}
	}
	if len(b) > 0 {
		return nil, ErrNotAHead
	}
	return h, nil
}
