package knowledge_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/purser-desk/purser/knowledge"
)

// finder answers with what it holds, and keeps what it was asked.
type finder struct {
	found knowledge.Found
	err   error
	asked knowledge.Question
	calls int
}

func (f *finder) FindAll(_ context.Context, _ knowledge.Workspace, qs []knowledge.Question) ([]knowledge.Found, error) {
	f.calls++
	f.asked = qs[0]
	found := make([]knowledge.Found, len(qs))
	for i := range found {
		found[i] = f.found
		found[i].Hits = slices.Clone(f.found.Hits)
	}
	return found, f.err
}

// embedder counts its calls.
type embedder struct{ calls, texts int }

func (*embedder) Space(context.Context) (knowledge.Space, error) {
	return knowledge.Space{Name: "e", Dimensions: 2}, nil
}

func (e *embedder) Embed(_ context.Context, _ knowledge.TextKind, texts []string) ([][]float32, error) {
	e.calls++
	e.texts += len(texts)
	vectors := make([][]float32, len(texts))
	for i := range texts {
		vectors[i] = []float32{1, 2}
	}
	return vectors, nil
}

func search(t *testing.T, o knowledge.SearchOptions, q knowledge.Query) knowledge.Results {
	t.Helper()
	o.Analyzer, o.Now = sharedAnalyzer(), time.Now
	r, err := knowledge.NewSearch(o).Search(t.Context(), "w", q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// found is a search whose best answers have these scores above the score of an
// article of which nothing speaks, 83.3.
func found(articles int, words float64, scores ...float64) knowledge.Found {
	f := knowledge.Found{Shape: knowledge.Shape{Articles: articles, Embedded: articles, Dense: .87, Title: .87, Words: words, Worth: 10}}
	for i, s := range scores {
		f.Shape.Answers = append(f.Shape.Answers, knowledge.Answer{Score: 83.3 + s})
		f.Hits = append(f.Hits, knowledge.Hit{Key: fmt.Sprint(i), Score: 83.3 + s, SubScores: knowledge.SubScores{Words: words}})
	}
	return f
}

func TestConfidenceGrowsWithTheLead(t *testing.T) {
	cases := []struct {
		name  string
		found knowledge.Found
	}{
		{"nothing", found(100, 0)},
		{"all alike", found(100, 5, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3)},
		{"a little ahead", found(100, 5, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3)},
		{"a little ahead, with more of the words", found(100, 15, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3)},
		{"far ahead", found(100, 15, 9, 3, 3, 3, 3, 3, 3, 3, 3, 3)},
	}
	last := -1.0
	for _, c := range cases {
		r := search(t, knowledge.SearchOptions{Finder: &finder{found: c.found}, Embedder: &embedder{}}, knowledge.Query{Text: "bag", Locale: "en", Limit: 10})
		if r.Confidence <= last || r.Confidence < 0 || r.Confidence > 1 {
			t.Errorf("%s: confidence %v, after %v", c.name, r.Confidence, last)
		}
		last = r.Confidence
		for name, value := range r.Features {
			if math.IsNaN(value) || math.IsInf(value, 0) {
				t.Errorf("%s: %s is %v", c.name, name, value)
			}
		}
	}
}

func TestFeatureNamesAreThoseThatASearchGives(t *testing.T) {
	r := search(t, knowledge.SearchOptions{Finder: &finder{found: found(100, 5, 4, 3, 2)}}, knowledge.Query{Text: "bag", Locale: "en", Limit: 10})
	want := slices.Sorted(maps.Keys(r.Features))
	got := knowledge.FeatureNames()
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-given by a search +named):\n%s", diff)
	}
}

func TestPhrases(t *testing.T) {
	f := found(5, 1, 1)
	f.Hits[0].Title, f.Hits[0].Passages = "Carry-on bags", []knowledge.FoundPassage{{Text: "How large may a bag be? It may weigh 8 kg."}, {Text: "my old bag"}}
	for _, test := range []struct {
		question string
		shared   float64
		all      float64
	}{
		{"How LARGE may my bag be", 3, 5},
		{"bag", 0, 0},
		{"", 0, 0},
		{"on bags how", 1, 2}, // the title's end and the passage's beginning are no neighbours
		{"8 kg, 8 kg", 2, 3},
		{"my old bag", 0, 2}, // of a passage that is not the best
	} {
		m := search(t, knowledge.SearchOptions{Finder: &finder{found: f}}, knowledge.Query{Text: test.question, Locale: "en"}).Features
		if math.Abs(m["phrases"]-math.Log1p(test.shared)) > 1e-9 || math.Abs(m["phrase_share"]-(test.shared+.5)/(test.all+2)) > 1e-9 {
			t.Errorf("%q: %v phrases, share %v", test.question, math.Expm1(m["phrases"]), m["phrase_share"])
		}
	}
}

func TestLoneAnswerIsNotCertain(t *testing.T) {
	ask := func(f knowledge.Found) float64 {
		return search(t, knowledge.SearchOptions{Finder: &finder{found: f}, Embedder: &embedder{}}, knowledge.Query{Text: "bag", Locale: "en", Limit: 10}).Confidence
	}
	if lone, many := ask(found(1, 0, 0)), ask(found(100, 0, 20, 0, 0, 0, 0, 0)); lone >= many {
		t.Errorf("the only article has confidence %v, one that stands out of a hundred %v", lone, many)
	}
	// A hundred articles of which nothing speaks are still there.
	if alone, among := ask(found(1, 0, .5)), ask(found(100, 0, .5)); among >= alone || among > .4 {
		t.Errorf("a faint hit among a hundred has confidence %v, alone %v", among, alone)
	}
}

func TestScoresAreOrderedAndBounded(t *testing.T) {
	r := search(t, knowledge.SearchOptions{Finder: &finder{found: found(9, 1, 1000, 12, 6, 3, 0, -5, -1000)}}, knowledge.Query{Text: "bag", Limit: 10})
	for i, h := range r.Hits {
		if h.Score < 0 || h.Score > 1 || i > 0 && h.Score > r.Hits[i-1].Score {
			t.Errorf("hit %d scores %v", i, h.Score)
		}
	}
}

func TestQuestionIsMadeReady(t *testing.T) {
	f := &finder{}
	search(t, knowledge.SearchOptions{Finder: f, Language: func(string) string { return "en" }}, knowledge.Query{Text: "The bags, the BAGS and a bag", Limit: 1000})
	if f.asked.Limit != 50 || f.asked.PassagesPerArticle != 1 || f.asked.Locale != "en" || f.asked.Vector != nil {
		t.Errorf("%+v", f.asked)
	}
	if len(f.asked.Lexemes) != 1 {
		t.Errorf("lexemes %q: not distinct, or with stop words", f.asked.Lexemes)
	}
	search(t, knowledge.SearchOptions{Finder: f, Language: func(string) string { return "en" }}, knowledge.Query{Text: "x", Locale: "de"})
	if f.asked.Locale != "de" || f.asked.Limit != 1 {
		t.Errorf("a locale that was given: %+v", f.asked.Query)
	}
}

func TestRecentQuestionsAreForgotten(t *testing.T) {
	e := &embedder{}
	s := knowledge.NewSearch(knowledge.SearchOptions{Finder: &finder{}, Embedder: e, Analyzer: sharedAnalyzer(), Now: time.Now, Remember: 2})
	for _, step := range []struct {
		question string
		calls    int
	}{{"a", 1}, {"b", 2}, {"a", 2}, {"c", 3}, {"a", 3}, {"b", 4}, {"c", 5}} {
		if _, err := s.Search(t.Context(), "w", knowledge.Query{Text: step.question}); err != nil {
			t.Fatal(err)
		}
		if e.calls != step.calls {
			t.Errorf("after %q the embedder was asked %d times, expected %d", step.question, e.calls, step.calls)
		}
	}
}

func TestSeveralQuestionsTakeOneCallOfEach(t *testing.T) {
	e, f := &embedder{}, &finder{found: found(100, 5, 4, 3, 2)}
	s := knowledge.NewSearch(knowledge.SearchOptions{Finder: f, Embedder: e, Analyzer: sharedAnalyzer(), Now: time.Now})
	alone, err := s.Search(t.Context(), "w", knowledge.Query{Text: "bag", Locale: "en"})
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.SearchAll(t.Context(), "w", []knowledge.Query{{Text: "bag", Locale: "en"}, {Text: "dog", Locale: "en"}, {Text: "cat", Locale: "en"}, {Text: "dog", Locale: "en"}})
	if err != nil || len(all) != 4 {
		t.Fatal(all, err)
	}
	if e.calls != 2 || e.texts != 3 || f.calls != 2 {
		t.Errorf("the embedder was asked %d times for %d texts, the store %d times", e.calls, e.texts, f.calls)
	}
	ignoring := cmpopts.IgnoreFields(knowledge.Results{}, "Embed", "Retrieve")
	if diff := cmp.Diff(alone, all[0], ignoring); diff != "" {
		t.Errorf("one of several is found otherwise (-alone +together):\n%s", diff)
	}
	if none, err := s.SearchAll(t.Context(), "w", nil); err != nil || len(none) > 0 || f.calls != 2 {
		t.Errorf("no question: %v, %v", none, err)
	}
}

func TestFinderFails(t *testing.T) {
	gone := errors.New("gone")
	s := knowledge.NewSearch(knowledge.SearchOptions{Finder: &finder{err: gone}, Analyzer: sharedAnalyzer(), Now: time.Now})
	if _, err := s.Search(t.Context(), "w", knowledge.Query{Text: "x"}); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}

func TestVectorsAreChecked(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	tests := []struct {
		name    string
		vectors [][]float32
		reason  string
	}{
		{"good", [][]float32{{1, 2}, {0, 1e-4}}, ""},
		{"one too few", [][]float32{{1, 2}}, knowledge.EmbedWrongCount},
		{"none", nil, knowledge.EmbedWrongCount},
		{"one too many", [][]float32{{1, 2}, {1, 2}, {1, 2}}, knowledge.EmbedWrongCount},
		{"short", [][]float32{{1, 2}, {1}}, knowledge.EmbedWrongDimensions},
		{"long", [][]float32{{1, 2, 3}, {1, 2}}, knowledge.EmbedWrongDimensions},
		{"missing", [][]float32{{1, 2}, nil}, knowledge.EmbedWrongDimensions},
		{"NaN", [][]float32{{1, 2}, {nan, 1}}, knowledge.EmbedBadVector},
		{"infinite", [][]float32{{1, inf}, {1, 2}}, knowledge.EmbedBadVector},
		{"zero", [][]float32{{0, 0}, {1, 2}}, knowledge.EmbedBadVector},
		{"zero in half precision", [][]float32{{1, 2}, {1e-9, 1e-9}}, knowledge.EmbedBadVector},
		{"infinite in half precision", [][]float32{{1, 2}, {70000, 1}}, knowledge.EmbedBadVector},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := knowledge.CheckVectors(test.vectors, 2, 2)
			if (err == nil) != (test.reason == "") || err != nil && knowledge.EmbedReason(err) != test.reason {
				t.Errorf("got %v, expected %q", err, test.reason)
			}
		})
	}
}
