package support

import (
	"context"
	"fmt"
	"math"

	"github.com/purser-desk/purser/internal/text"
)

// Task holds the sentences of one draft against what is known. It is for one
// goroutine.
type Task struct {
	checker *Checker
	context Context
	lang    string
	reader  *reader
	places  []*place
	tables  int
	lists   int
	idf     map[string]float64
	rarest  float64
	own     []ownText
	// embedded tells that the places have vectors; vectors are those of claims.
	embedded bool
}

// ownText is what the customer wrote, or one fact.
type ownText struct {
	*reading
	fact string // its name
}

// Bounds of what is read, so that no evidence makes a check slow.
const (
	maxPlaces    = 1500
	maxOwnBytes  = 20_000
	maxClaim     = 5_000 // bytes of a sentence that are read
	maxEmbedded  = 400
	maxPlaceText = 1_000
)

// For takes the evidence apart.
func (c *Checker) For(cx Context) *Task {
	t := &Task{checker: c, context: cx, lang: text.BaseLanguage(cx.Locale), reader: &reader{c.analyzer, &c.lists, map[listName]string{}}}
	for i := range cx.Sources {
		if len(t.places) < maxPlaces {
			t.take(i)
		}
	}
	t.weigh()
	for _, f := range cx.Facts {
		if f.Value != "" {
			t.own = append(t.own, ownText{t.reader.read(cut(f.Value, maxOwnBytes), cx.Locale), f.Name})
		}
	}
	locale := cx.CustomerLocale
	if locale == "" {
		locale = cx.Locale
	}
	for _, m := range cx.Customer {
		t.own = append(t.own, ownText{t.reader.read(cut(m, maxOwnBytes), locale), ""})
	}
	return t
}

// Embed makes the vectors of the evidence, so that what is said in other words or
// in another language is recognised. It is best called while the model writes;
// without it, and after an error, words decide alone.
func (t *Task) Embed(ctx context.Context) error {
	if t.embedder() == nil || t.embedded || len(t.places) == 0 {
		return nil
	}
	places := t.places[:min(len(t.places), maxEmbedded)]
	texts := make([]string, len(places))
	for i, p := range places {
		texts[i] = t.embeddedText(p)
	}
	vectors, err := t.embedder().Embed(ctx, texts)
	if err != nil {
		return fmt.Errorf("embed the evidence: %w", err)
	}
	if len(vectors) != len(texts) {
		return fmt.Errorf("embed the evidence: %d vectors for %d texts", len(vectors), len(texts))
	}
	for i, p := range places {
		p.vector = unit(vectors[i])
	}
	t.embedded = true
	return nil
}

// embedder is the context's, or the checker's; nil where nobody embeds.
func (t *Task) embedder() Embedder {
	if t.context.Embedder != nil {
		return t.context.Embedder
	}
	return t.checker.embedder
}

// embeddedText is a place with the heading that says what it is about.
func (t *Task) embeddedText(p *place) string {
	return cut(p.text, maxPlaceText)
}

func unit(v []float32) []float32 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return v
	}
	n := float32(1 / math.Sqrt(sum))
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = x * n
	}
	return out
}

func cosine(a, b []float32) float64 {
	sum := 0.0
	for i := range min(len(a), len(b)) {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// cut shortens s to at most n bytes at the border of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
