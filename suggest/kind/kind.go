package kind

import (
	"context"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// Thresholds of the shipped head, from what "go run ./suggest/kind/fit" prints of the
// examples of this package, each told without its batch in any language.
const (
	// SourceThreshold: about as many courtesies, questions and the like are taken to
	// need a source as statements are missed.
	SourceThreshold = .6
	// ActionThreshold: 3% of the sentences that do none of the three are taken to.
	ActionThreshold = .12
	// PromiseThreshold: 2% of them. A rule of the house reads like a promise, and what
	// evidence says needs nobody's word.
	PromiseThreshold = .3
	// LiabilityThreshold: 2% of them.
	LiabilityThreshold = .05
)

// Result is what a sentence is taken for.
type Result struct {
	Kind suggest.ClaimKind
	// Known is false where nothing but phrases could be asked: the probabilities
	// then say only whether one of them was met, and Action, Promise and Liability
	// are 0 whatever the sentence says.
	Known bool
	// NeedsSource is the probability, from 0 to 1, that the sentence says something
	// of the matter, the house or the case, which must rest on something.
	NeedsSource float64
	// Action is the probability that it says that we did, checked or are doing
	// something, or that something of the customer's is so because of that.
	Action float64
	// Promise is the probability that it promises money, an exception, a time or
	// goodwill to this customer, rather than telling a rule.
	Promise float64
	// Liability is the probability that it admits fault in the sense of the law.
	Liability float64
}

// Acts reports whether it is to be taken for a claim that something was done.
func (r Result) Acts() bool { return r.Action >= ActionThreshold }

// Promises reports whether it is to be taken for a promise.
func (r Result) Promises() bool { return r.Promise >= PromiseThreshold }

// AdmitsFault reports whether it is to be taken for an admission of fault.
func (r Result) AdmitsFault() bool { return r.Liability >= LiabilityThreshold }

// Needs reports whether it must rest on something: what acts, promises or admits
// does, whatever else it is.
func (r Result) Needs() bool {
	return r.NeedsSource >= SourceThreshold || r.Acts() || r.Promises() || r.AdmitsFault()
}

// Embedder turns sentences into vectors of one space.
type Embedder interface {
	// Space names what the vectors come from. Vectors of different names can't be
	// compared.
	Space(ctx context.Context) (string, error)
	// Embed returns one vector for each text, all of the same length.
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Passages embeds sentences as e embeds passages: measured, that tells them apart
// a little better than embedding them as questions.
func Passages(e knowledge.Embedder) Embedder { return passages{e} }

type passages struct{ embedder knowledge.Embedder }

func (p passages) Space(ctx context.Context) (string, error) {
	s, err := p.embedder.Space(ctx)
	return s.Name, err
}

func (p passages) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	return p.embedder.Embed(ctx, knowledge.PassageText, texts)
}

// Classifier tells sentences apart. It is safe for concurrent use.
type Classifier struct {
	embedder Embedder
	heads    []*Head
}

// New makes one. embedder may be nil: then phrases alone decide. Beside the head
// that ships it knows the given ones, which Fit made; the first that is of the
// embedder's space is asked.
func New(embedder Embedder, heads ...*Head) *Classifier {
	return &Classifier{embedder: embedder, heads: heads}
}

// batch is how many sentences are embedded by one call.
const batch = 32

// Classify tells the kinds of sentences in the language of locale, a BCP 47 tag,
// in their order. It costs one short embedding for each sentence that no phrase
// decides. Where embedding fails it returns the error, and with it what the phrases
// say, so that a caller may go on in doubt.
func (c *Classifier) Classify(ctx context.Context, sentences []string, locale string) ([]Result, error) {
	out := make([]Result, len(sentences))
	var open []int
	for i, s := range sentences {
		kind, known := phrase(s, locale)
		if !known {
			open = append(open, i)
			out[i] = Result{Kind: suggest.ClaimStatement, NeedsSource: 1}
			continue
		}
		out[i] = Result{Kind: kind}
	}
	head, err := c.head(ctx)
	if head == nil || err != nil {
		return out, err
	}
	for i := range out {
		out[i].Known = true
	}
	told := make([]Result, 0, len(open))
	for start := 0; start < len(open); start += batch {
		part := open[start:min(start+batch, len(open))]
		texts := make([]string, len(part))
		for k, i := range part {
			texts[k] = plain(sentences[i])
		}
		vectors, err := vectorsOf(ctx, c.embedder, texts, len(head.mean))
		if err != nil {
			for _, i := range open {
				out[i].Known = false
			}
			return out, err
		}
		for k := range part {
			told = append(told, head.tell(texts[k], vectors[k]))
		}
	}
	for k, i := range open {
		out[i] = told[k]
	}
	return out, nil
}

// Tells reports whether sentences are told by meaning: whether somebody embeds, and
// a head is of that space. It fails when the space can't be asked for.
func (c *Classifier) Tells(ctx context.Context) (bool, error) {
	h, err := c.head(ctx)
	return h != nil, err
}

// head is the one of the embedder's space; nil where there is none.
func (c *Classifier) head(ctx context.Context) (*Head, error) {
	if c.embedder == nil {
		return nil, nil //nolint:nilnil // no head is no error
	}
	space, err := c.embedder.Space(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range c.heads {
		if h.Fits(space) {
			return h, nil
		}
	}
	if h := Shipped(); h.Fits(space) {
		return h, nil
	}
	return nil, nil //nolint:nilnil // no head is no error
}
