package support

import (
	"context"
	"time"

	"github.com/purser-desk/purser/internal/analysis"
)

// Standing is how a claim stands to what is known.
type Standing string

// The standings that a claim can have.
const (
	Supported    Standing = "SUPPORTED"
	Derived      Standing = "DERIVED"
	CustomersOwn Standing = "CUSTOMERS_OWN"
	Unverified   Standing = "UNVERIFIED"
	Contradicted Standing = "CONTRADICTED"
)

// Why is the stable name of what speaks against a claim; empty where nothing does.
type Why string

// What can speak against a claim.
const (
	WhyNumber      Why = "NUMBER"        // a figure that is not there, or another one is
	WhyRow         Why = "ROW"           // the figure of another row, column or case
	WhyUnit        Why = "UNIT"          // per day instead of per person, another unit
	WhyLimit       Why = "LIMIT"         // at most instead of at least
	WhyTime        Why = "TIME"          // before instead of after, or a time nobody names
	WhyNegation    Why = "NEGATION"      // denies what is affirmed, or the other way round
	WhyCondition   Why = "CONDITION"     // a condition that makes the difference is left out
	WhyQuantifier  Why = "QUANTIFIER"    // all instead of some
	WhyStrength    Why = "STRENGTH"      // must instead of may
	WhyDisagree    Why = "DISAGREE"      // the evidence contradicts itself, or a fact
	WhyNoSource    Why = "NO_SOURCE"     // nothing was offered
	WhyNotInSource Why = "NOT_IN_SOURCE" // nothing offered says so
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
	// Now is when the draft is made, in the workspace's time zone.
	Now time.Time
}

// Place is where something is said: byte offsets in the body of the article that
// the source with this number is from, End exclusive.
type Place struct{ Number, Start, End int }

// Finding is what a check of one sentence came to.
type Finding struct {
	Standing Standing
	// Places that support the claim or contradict it, best first.
	Places []Place
	// Why is set for UNVERIFIED and CONTRADICTED.
	Why Why
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
