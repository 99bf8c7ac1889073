package support

import (
	"context"
	"time"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// Source is one piece of evidence as it was offered: whole sections of an
// article, tables with their header.
type Source struct {
	// Number by which the draft cites it.
	Number int
	// Locale of the text, BCP 47.
	Locale string
	Title  string
	// HeadingPath holds the headings above the text, outermost first.
	HeadingPath []string
	// Text is Markdown.
	Text string
	// Start is where Text begins in the article's body, in bytes.
	Start int
	URL   string
	// Context is what stands further up in the body and without which Text can't be
	// read, such as the head of a table.
	Context []knowledge.Part
}

// Fact is what the desktop handed over about the customer and may be said.
type Fact struct{ Name, Value string }

// Context is what the sentences of one draft are held against.
type Context struct {
	Sources []Source
	Facts   []Fact
	// Customer are the messages of the customer, oldest first.
	Customer []string
	// CustomerLocale is their language; empty: that of the draft.
	CustomerLocale string
	// Locale of the draft, BCP 47.
	Locale string
	// Embedder is that of Options when nil.
	Embedder Embedder
	// Now is when the draft is made, in the workspace's time zone.
	Now time.Time
}

// Place is where something is said: byte offsets in the body of the article that
// the source with this number is from, End exclusive.
type Place struct{ Number, Start, End int }

// Finding is what a check of one sentence came to.
type Finding struct {
	Standing suggest.Standing
	// Places that support the claim or contradict it, best first.
	Places []Place
	// Reason is set for UNVERIFIED and CONTRADICTED.
	Reason suggest.ClaimReason
	// Detail is one plain English sentence for an agent; empty where nothing
	// speaks against the claim.
	Detail string
	// Calculation is how a DERIVED figure comes about, such as "2 × 55 EUR = 110 EUR".
	Calculation string
	// Facts are the names of the facts that the claim repeats.
	Facts []string
	// Score is how likely the claim is to be so, 0 to 1.
	Score float64
}

// Embedder turns texts of any language into vectors that can be compared with
// each other, one for each text, in order.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Options are what a Checker works with. Analyzer is needed.
type Options struct {
	Analyzer *analysis.Analyzer
	// Embedder may be nil: then words decide alone, and what is said in another
	// language than the evidence is judged by its figures and names.
	Embedder Embedder
}

// Checker checks claims. It is safe for concurrent use.
type Checker struct {
	analyzer *analysis.Analyzer
	embedder Embedder
	lists    phraseLists
}

// New makes a Checker.
func New(o Options) *Checker { return &Checker{analyzer: o.Analyzer, embedder: o.Embedder} }
