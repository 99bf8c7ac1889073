package knowledge

import (
	"context"
	"slices"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/text"
)

// Question is a query made ready for the store.
type Question struct {
	Query
	// Space and Vector of the question; Vector is nil when only words can be
	// searched.
	Space  string
	Vector []float32
	// Lexemes of the question, distinct.
	Lexemes []string
	Fusion  Fusion
}

// Found is what the store found.
type Found struct {
	// Hits, best first, their Score in Fusion's units.
	Hits []Hit
	// Shape tells how the best stand out.
	Shape Shape
}

// Finder is the store's side of search.
type Finder interface {
	// FindAll looks for the passages of each question, in one round trip.
	FindAll(ctx context.Context, w Workspace, qs []Question) ([]Found, error)
}

// QuestionCache keeps the vectors of questions beyond this process, so that an
// evaluation's second run is fast. It is not for serving: it costs a round trip
// for each new question, and would keep what was made of customers' words.
type QuestionCache interface {
	// QuestionVector returns nil when there is none.
	QuestionVector(ctx context.Context, w Workspace, s Space, hash [32]byte) ([]float32, error)
	SaveQuestionVector(ctx context.Context, w Workspace, s Space, hash [32]byte, vector []float32) error
}

// SearchOptions sets up a Search.
type SearchOptions struct {
	Finder   Finder
	Analyzer *analysis.Analyzer
	// Embedder may be nil: search is by words then.
	Embedder Embedder
	// Language tells the language of a question whose locale is not given; nil
	// leaves it unknown, so that words are compared without stems.
	Language func(question string) (locale string)
	// Cache may be nil.
	Cache QuestionCache
	// EmbedTimeout is the longest that a question's vector is waited for; 0
	// means two seconds. It never takes more than EmbedShare of the time left.
	EmbedTimeout time.Duration
	// Remember is how many questions' vectors are kept in memory; 0 means 1,000.
	Remember int
	// Now is the clock, for Embed and Retrieve in Results.
	Now func() time.Time
	// Fusion is zero for DefaultFusion.
	Fusion Fusion
}

// EmbedShare is the part of the time left that a question's vector may take.
const EmbedShare = .4

// Search implements Searcher. It is safe for concurrent use.
type Search struct {
	o SearchOptions
	// recent are the vectors of the questions asked last.
	recent *lru.Cache[vectorKey, []float32]
}

// vectorKey holds the workspace, so that none learns by timing what another one
// asked.
type vectorKey struct {
	workspace Workspace
	space     string
	hash      [32]byte
}

// NewSearch makes one.
func NewSearch(o SearchOptions) *Search {
	if o.EmbedTimeout == 0 {
		o.EmbedTimeout = 2 * time.Second
	}
	if o.Remember <= 0 {
		o.Remember = 1000
	}
	if o.Fusion == (Fusion{}) {
		o.Fusion = DefaultFusion()
	}
	recent, _ := lru.New[vectorKey, []float32](o.Remember) // it fails for sizes below 1 alone
	return &Search{o: o, recent: recent}
}

// Search implements Searcher.
func (s *Search) Search(ctx context.Context, w Workspace, q Query) (Results, error) {
	all, err := s.SearchAll(ctx, w, []Query{q})
	if err != nil {
		return Results{}, err
	}
	return all[0], nil
}

// SearchAll implements Searcher.
func (s *Search) SearchAll(ctx context.Context, w Workspace, qs []Query) ([]Results, error) {
	if len(qs) == 0 {
		return nil, nil
	}
	start := s.o.Now()
	questions, texts := make([]Question, len(qs)), make([]string, len(qs))
	for i, q := range qs {
		q.Limit, q.PassagesPerArticle = min(max(q.Limit, 1), 50), max(q.PassagesPerArticle, 1)
		if q.Locale == "" && s.o.Language != nil {
			q.Locale = s.o.Language(q.Text)
		}
		questions[i], texts[i] = Question{Query: q, Lexemes: s.lexemes(q), Fusion: s.o.Fusion}, q.Text
	}
	space, vectors, err := s.embed(ctx, w, texts)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for i, v := range vectors {
		questions[i].Space, questions[i].Vector = space.Name, v
	}
	embedded := s.o.Now()
	found, failed := s.o.Finder.FindAll(ctx, w, questions)
	if failed != nil {
		return nil, failed
	}
	took := s.o.Now().Sub(embedded)
	all := make([]Results, len(qs))
	for i := range all {
		all[i] = s.results(&questions[i], &found[i], space, err)
		all[i].Embed, all[i].Retrieve = embedded.Sub(start), took
	}
	return all, nil
}

// results are what the store found for one question; failed is why it has no
// vector, if it should have.
func (s *Search) results(q *Question, found *Found, space Space, failed error) Results {
	r := Results{Hits: found.Hits}
	switch {
	case s.o.Embedder == nil:
		r.WordsOnly, r.Degraded = true, DegradedNoEmbedder
	case failed != nil:
		r.WordsOnly, r.Degraded = true, DegradedEmbedder+EmbedReason(failed)
	case found.Shape.Embedded == 0:
		r.WordsOnly, r.Degraded = true, DegradedNoVectors
	default:
		r.Space, r.Partial = space.Name, found.Shape.Embedded < found.Shape.Articles
	}
	r.Features = found.Shape.features(q, r.Hits)
	for name, v := range r.Features {
		r.Features[name] = steady(v)
	}
	r.Confidence = confidence(r.Features)
	for i := range r.Hits {
		r.Hits[i].Score = steady(s.o.Fusion.relevance(r.Hits[i].Score))
	}
	return r
}

// steadyDigits is how many digits of a figure are kept.
const steadyDigits = 10

// steady leaves out the last digits, which hang on the order in which the
// database adds up: the same question has the same figures, to the bit.
func steady(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', steadyDigits, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// Why a search was by words alone, in Results.Degraded.
const (
	DegradedNoEmbedder = "NO_EMBEDDER"
	// DegradedNoVectors says that no article in scope has a vector yet.
	DegradedNoVectors = "NO_VECTORS_YET"
	// DegradedEmbedder is followed by the reason of the EmbedError.
	DegradedEmbedder = "EMBEDDER_"
)

func (s *Search) lexemes(q Query) []string {
	list := s.o.Analyzer.Lexemes(q.Locale, q.Text)
	slices.Sort(list)
	return slices.Compact(list)
}

// embed returns the space and the vector of each question, asking the embedder
// once for those that it does not know. Either all have one or none has.
func (s *Search) embed(ctx context.Context, w Workspace, questions []string) (Space, [][]float32, error) {
	if s.o.Embedder == nil {
		return Space{}, nil, nil
	}
	// Each further text may take a quarter of the time of the first.
	limit := s.o.EmbedTimeout * time.Duration(3+len(questions)) / 4
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Duration(float64(time.Until(deadline))*EmbedShare))
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	space, err := s.o.Embedder.Space(ctx)
	if err != nil {
		return space, nil, err
	}
	vectors := make([][]float32, len(questions))
	var missing []string
	for i, q := range questions {
		if vectors[i] = s.known(ctx, w, space, q); vectors[i] == nil && !slices.Contains(missing, q) {
			missing = append(missing, q)
		}
	}
	if len(missing) == 0 {
		return space, vectors, nil
	}
	made, err := s.askEmbedder(ctx, space, missing)
	if err != nil {
		return space, nil, err
	}
	for i, q := range missing {
		hash := QuestionHash(q)
		s.recent.Add(vectorKey{w, space.Name, hash}, made[i])
		if s.o.Cache != nil {
			// A cache that can't be written to only makes the next run slower.
			_ = s.o.Cache.SaveQuestionVector(ctx, w, space, hash, made[i])
		}
	}
	for i, q := range questions {
		if vectors[i] == nil {
			vectors[i] = made[slices.Index(missing, q)]
		}
	}
	return space, vectors, nil
}

// known is the vector of a question that was asked before, or nil.
func (s *Search) known(ctx context.Context, w Workspace, space Space, question string) []float32 {
	key := vectorKey{w, space.Name, QuestionHash(question)}
	if v, ok := s.recent.Get(key); ok {
		return v
	}
	if s.o.Cache != nil {
		v, err := s.o.Cache.QuestionVector(ctx, w, space, key.hash)
		if err == nil && len(v) == space.Dimensions {
			s.recent.Add(key, v)
			return v
		}
	}
	return nil
}

// maxQuestionRunes bounds what is embedded of a question; models read about a
// thousand words at most, and the time to embed grows with the length.
const maxQuestionRunes = 4000

func (s *Search) askEmbedder(ctx context.Context, space Space, questions []string) ([][]float32, error) {
	texts := make([]string, len(questions))
	for i, q := range questions {
		texts[i] = text.Truncate(q, maxQuestionRunes)
	}
	vectors, err := s.o.Embedder.Embed(ctx, QuestionText, texts)
	if err == nil {
		err = CheckVectors(vectors, len(texts), space.Dimensions)
	}
	return vectors, err
}

var _ Searcher = (*Search)(nil)
