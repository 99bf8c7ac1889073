package knowledge

import (
	"context"
	"errors"
	"time"
)

// WaitingText is a text that waits for its vector.
type WaitingText struct {
	// ArticleID and Ordinal name the passage, or the title where Ordinal is -1.
	ArticleID string
	Ordinal   int
	// Hash is PassageHash of the text; what is stored under another hash by then
	// is left alone.
	Hash [32]byte
	// Attempts that failed before.
	Attempts int
	// Text to embed.
	Text string
}

// EmbeddedText is a text that came through, or did not.
type EmbeddedText struct {
	WaitingText
	// Vector is nil where embedding failed; Failure is its reason then, empty when
	// it was not tried, and RetryAfter the time until it is to be tried again, 0
	// for never.
	Vector     []float32
	Failure    string
	RetryAfter time.Duration
}

// Share is a part of a workspace's articles, from 0 to Shares-1: who works on one
// works on it alone, and others on the other ones.
type Share int

// Shares is how many there are; AllShares stands for all of them.
const (
	Shares          = 4
	AllShares Share = -1
)

// MissingVectors knows the texts of a workspace that wait for a vector.
type MissingVectors interface {
	// OpenSpace makes sure that the workspace has the space, all its texts waiting
	// when it is new, and returns its number. It fails when a space of that name
	// has other dimensions.
	OpenSpace(ctx context.Context, w Workspace, s Space) (int, error)
	// Due returns at most n texts of a share whose time has come.
	Due(ctx context.Context, w Workspace, space int, share Share, n int) ([]WaitingText, error)
	// Store keeps what came of texts in one transaction.
	Store(ctx context.Context, w Workspace, space int, texts []EmbeddedText) error
	// Waiting counts the texts that are still to get a vector, and those that were
	// given up.
	Waiting(ctx context.Context, w Workspace, space int) (waiting, givenUp int, err error)
}

// Embedding gives waiting texts their vectors.
type Embedding struct {
	missing  MissingVectors
	embedder Embedder
	o        EmbeddingOptions
}

// EmbeddingOptions bound the work. The zero value of each is good.
type EmbeddingOptions struct {
	// Batch is how many texts are embedded at once; 0 means 2, since a local
	// server answers questions in between.
	Batch int
	// MaxAttempts of one text; 0 means 6.
	MaxAttempts int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// NewEmbedding makes one.
func NewEmbedding(missing MissingVectors, embedder Embedder, o EmbeddingOptions) *Embedding {
	if o.Batch == 0 {
		o.Batch = 2
	}
	if o.MaxAttempts == 0 {
		o.MaxAttempts = 6
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Embedding{missing: missing, embedder: embedder, o: o}
}

// OneByOne is the same with batches of one text, for a provider that takes long.
func (e *Embedding) OneByOne() *Embedding {
	single := *e
	single.o.Batch = 1
	return &single
}

// Progress is what Work got done.
type Progress struct {
	// Done texts have their vectors, Failed ones do not and wait for another
	// attempt or for none.
	Done, Failed int
	// GivenUp are those of the failed ones that wait for none, and GivenUpReason
	// why the last of them failed.
	GivenUp       int
	GivenUpReason string
	// More is true when time ran out before the texts did.
	More bool
}

// Space is the one that vectors are made for.
func (e *Embedding) Space(ctx context.Context) (Space, error) { return e.embedder.Space(ctx) }

// Work embeds what waits in a share of a workspace, for about as long as budget.
// It fails with an *EmbedError when the provider, rather than one text, is at
// fault.
func (e *Embedding) Work(ctx context.Context, w Workspace, share Share, budget time.Duration) (Progress, error) {
	var p Progress
	end := e.o.Now().Add(budget)
	space, number, err := e.open(ctx, w)
	if err != nil {
		return p, err
	}
	for {
		if !e.o.Now().Before(end) {
			p.More = true
			return p, nil
		}
		texts, err := e.missing.Due(ctx, w, number, share, e.o.Batch)
		if err != nil || len(texts) == 0 {
			return p, err
		}
		results, fault := e.embedBatch(ctx, texts, space)
		if err := e.store(ctx, w, number, results); err != nil {
			return p, err
		}
		for _, r := range results {
			switch {
			case r.Vector != nil:
				p.Done++
			case r.Failure != "":
				p.Failed++
				if r.RetryAfter == 0 {
					p.GivenUp, p.GivenUpReason = p.GivenUp+1, r.Failure
				}
			}
		}
		if fault != nil {
			return p, fault
		}
	}
}

// Waiting counts the texts of a workspace that are still to get a vector, and
// those that were given up.
func (e *Embedding) Waiting(ctx context.Context, w Workspace) (waiting, givenUp int, err error) {
	_, number, err := e.open(ctx, w)
	if err != nil {
		return 0, 0, err
	}
	return e.missing.Waiting(ctx, w, number)
}

func (e *Embedding) open(ctx context.Context, w Workspace) (Space, int, error) {
	space, err := e.embedder.Space(ctx)
	if err != nil {
		return space, 0, err
	}
	number, err := e.missing.OpenSpace(ctx, w, space)
	return space, number, err
}

// store keeps results even when the caller has just gone: they were paid for.
func (e *Embedding) store(ctx context.Context, w Workspace, space int, results []EmbeddedText) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return e.missing.Store(ctx, w, space, results)
}

// embedBatch embeds texts together and, when that fails in a way that one of
// them may have caused, one by one. Its error says that the provider is at
// fault, so that no text is to blame.
func (e *Embedding) embedBatch(ctx context.Context, texts []WaitingText, space Space) ([]EmbeddedText, error) {
	results := make([]EmbeddedText, len(texts))
	for i, t := range texts {
		results[i].WaitingText = t
	}
	err := e.embed(ctx, results, space)
	if err == nil || !mayBeText(err) {
		return results, err
	}
	if len(results) == 1 {
		return results, e.blame(ctx, &results[0], err)
	}
	for i := range results {
		err := e.embed(ctx, results[i:i+1], space)
		if err == nil {
			continue
		}
		if !mayBeText(err) {
			return results, err
		}
		if err := e.blame(ctx, &results[i], err); err != nil {
			return results, err
		}
	}
	return results, nil
}

func (e *Embedding) embed(ctx context.Context, results []EmbeddedText, space Space) error {
	texts := make([]string, len(results))
	for i, r := range results {
		texts[i] = r.Text
	}
	vectors, err := e.embedder.Embed(ctx, PassageText, texts)
	if err != nil {
		return err
	}
	if err := CheckVectors(vectors, len(texts), space.Dimensions); err != nil {
		return err
	}
	for i, v := range vectors {
		results[i].Vector = v
	}
	return nil
}

// mayBeText reports whether one text of several can be what made a call fail.
func mayBeText(err error) bool {
	switch EmbedReason(err) {
	case EmbedRejected, EmbedTooLong, EmbedBadVector, EmbedWrongCount, EmbedNotJSON, EmbedProviderError, EmbedTimeout:
		var provider *EmbedError
		return errors.As(err, &provider)
	}
	return false
}

// blame notes the failure of one text: it waits twice as long after each, and
// for good after the last. Whether the text is to blame is found out by asking
// for a harmless one; when that fails, too, its error is returned.
func (e *Embedding) blame(ctx context.Context, r *EmbeddedText, err error) error {
	if _, err := e.embedder.Embed(ctx, PassageText, []string{"baggage"}); err != nil {
		return err
	}
	r.Failure = EmbedReason(err)
	if r.Failure == EmbedTooLong {
		return nil // it will be so the next time
	}
	if r.Attempts+1 < e.o.MaxAttempts {
		r.RetryAfter = 5 * time.Second << r.Attempts
	}
	return nil
}
