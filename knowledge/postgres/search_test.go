package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/purser-desk/purser/knowledge"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func ask(t testing.TB, s *knowledge.Search, w knowledge.Workspace, q knowledge.Query) knowledge.Results {
	t.Helper()
	if q.Time.IsZero() {
		q.Time = noon
	}
	if q.Limit == 0 {
		q.Limit = 10
	}
	r, err := s.Search(t.Context(), w, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// library has an article on pets in three languages, one that is dated, and some
// others.
func library(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t)
	pets := doc("pets", "en", "Travelling with pets", "Dogs and cats travel in the cabin in a carrier.")
	pets.Labels = []string{"cabin", "animals"}
	british := doc("pets", "en-GB", "Travelling with pets from Britain", "Dogs and cats travel as cargo.")
	british.Labels = []string{"animals"}
	haustiere := doc("pets", "de", "Reisen mit Haustieren", "Hunde und Katzen reisen in der Kabine in einer Transportbox.")
	strike := doc("strike", "en", "Strike in June", "Dogs can't be taken along during the strike.")
	strike.ValidFrom, strike.ValidUntil = noon.Add(-time.Hour), noon.Add(time.Hour)
	f.load(t, pets, british, haustiere, strike,
		doc("baggage", "en", "Checked baggage", "You may check one bag of 23 kg."),
		doc("gepaeck", "de", "Aufgegebenes Gepäck", "Sie dürfen einen Koffer mit 23 kg aufgeben."),
		doc("seats", "en", "Seats", "Choose a seat with more legroom. A dog sits at your feet."))
	return f
}

func TestFilters(t *testing.T) {
	t.Parallel()
	f := library(t)
	f.embedAll(t, newFakeEmbedder())
	tests := []struct {
		name     string
		query    knowledge.Query
		expected []string
	}{
		{"none", knowledge.Query{}, []string{"pets de", "pets en", "pets en-GB", "strike en"}},
		{"a language takes its regions in", knowledge.Query{Locales: []string{"en"}}, []string{"pets en", "pets en-GB", "strike en"}},
		{"a region alone", knowledge.Query{Locales: []string{"en-GB", "fr"}}, []string{"pets en-GB"}},
		{"without a language and its regions", knowledge.Query{ExcludeLocales: []string{"en"}}, []string{"pets de"}},
		{"without a region", knowledge.Query{ExcludeLocales: []string{"en-GB"}}, []string{"pets de", "pets en", "strike en"}},
		{"without an article, in every language", knowledge.Query{ExcludeKeys: []string{"pets", "nothing"}}, []string{"strike en"}},
		{"a label", knowledge.Query{Labels: []string{"animals"}}, []string{"pets en", "pets en-GB"}},
		{"all of two labels", knowledge.Query{Labels: []string{"animals", "cabin"}}, []string{"pets en"}},
		{"an unknown label", knowledge.Query{Labels: []string{"animals", "sea"}}, nil},
		{"an unknown locale", knowledge.Query{Locales: []string{"xx"}}, nil},
		{"before it is valid", knowledge.Query{Time: noon.Add(-2 * time.Hour)}, []string{"pets de", "pets en", "pets en-GB"}},
		{"the first moment", knowledge.Query{Time: noon.Add(-time.Hour)}, []string{"pets de", "pets en", "pets en-GB", "strike en"}},
		{"the last moment is over", knowledge.Query{Time: noon.Add(time.Hour)}, []string{"pets de", "pets en", "pets en-GB"}},
	}
	for _, s := range []struct {
		name   string
		search *knowledge.Search
	}{{"by words", f.search(nil)}, {"by words and vectors", f.search(newFakeEmbedder())}} {
		for _, test := range tests {
			t.Run(s.name+", "+test.name, func(t *testing.T) {
				// Dogs and their German name: what is about them is found, whatever else.
				test.query.Text, test.query.Locale = "Dogs Hunde", "en"
				var got []string
				for _, h := range ask(t, s.search, f.workspace, test.query).Hits {
					if h.Key == "pets" || h.Key == "strike" {
						got = append(got, h.Key+" "+h.Locale)
					}
				}
				slices.Sort(got)
				if s.name == "by words" { // of which the German article has its own stems
					test.expected = slices.DeleteFunc(slices.Clone(test.expected), func(s string) bool { return s == "pets de" })
					got = slices.DeleteFunc(got, func(s string) bool { return s == "pets de" })
				}
				if diff := cmp.Diff(test.expected, got); diff != "" && len(test.expected)+len(got) > 0 {
					t.Error(diff)
				}
			})
		}
	}
}

func TestHits(t *testing.T) {
	t.Parallel()
	f := library(t)
	f.embedAll(t, newFakeEmbedder())
	r := ask(t, f.search(newFakeEmbedder()), f.workspace, knowledge.Query{Text: "Can my dog travel in the cabin?", Locale: "en", Limit: 3, PassagesPerArticle: 5})
	if len(r.Hits) != 3 || r.Hits[0].Key != "pets" || r.Hits[0].Locale != "en" || r.WordsOnly || r.Space != "fake" || r.Degraded != "" {
		t.Fatalf("%+v", r)
	}
	h := r.Hits[0]
	if h.Revision != 1 || h.Title != "Travelling with pets" || len(h.Passages) != 1 || !strings.Contains(h.Passages[0].Text, "Dogs") {
		t.Errorf("%+v", h)
	}
	if h.SubScores.Dense <= 0 || h.SubScores.Dense > 1 || h.SubScores.Title <= 0 || h.SubScores.Words <= 0 || h.SubScores.TitleWords <= 0 || h.Passages[0].Dense != h.SubScores.Dense || h.Passages[0].Words != h.SubScores.Words {
		t.Errorf("sub-scores: %+v, %+v", h.SubScores, h.Passages[0])
	}
	for i := 1; i < len(r.Hits); i++ {
		if r.Hits[i].Score > r.Hits[i-1].Score {
			t.Errorf("hit %d scores above the one before", i)
		}
	}
	if r.Confidence <= 0 || r.Confidence >= 1 {
		t.Errorf("confidence %v", r.Confidence)
	}
	for name, value := range r.Features {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			t.Errorf("feature %s is %v", name, value)
		}
	}
}

// TestBM25 compares the words' score with the formula, computed by hand from
// what is stored.
func TestBM25(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.load(t,
		doc("a", "en", "One", "zebra zebra zebra lion"),
		doc("b", "en", "Two", "zebra tiger tiger tiger tiger tiger tiger"),
		doc("c", "en", "Three", "bear"),
		doc("d", "de", "Vier", "zebra"))
	lengths := map[string]float64{}
	for _, key := range []string{"a", "b", "c"} {
		var n float64
		err := f.Owner.QueryRow(t.Context(), `SELECT sum(l.length)::float8 FROM passage_lexemes l JOIN articles a USING (workspace_id, article_id) WHERE a.key = $1`, key).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		lengths[key] = n
	}
	average := (lengths["a"] + lengths["b"] + lengths["c"]) / 3
	bm25 := func(key string, tf, df float64) float64 {
		idf := math.Log(1 + (3-df+.5)/(df+.5))
		return idf * tf * 2.2 / (tf + 1.2*(.25+.75*lengths[key]/average))
	}
	r := ask(t, f.search(nil), f.workspace, knowledge.Query{Text: "zebra tiger unicorn", Locale: "en"})
	expected := map[string]float64{"a": bm25("a", 3, 2), "b": bm25("b", 1, 2) + bm25("b", 4, 1)} // tiger counts as four times
	for _, h := range r.Hits {
		want, ok := expected[h.Key]
		if h.Key == "d" {
			continue
		}
		if !ok || math.Abs(h.SubScores.Words-want) > 1e-5*want {
			t.Errorf("%s scores %v, expected %v", h.Key, h.SubScores.Words, want)
		}
		delete(expected, h.Key)
	}
	if len(expected) > 0 {
		t.Errorf("not found: %v", expected)
	}
}

func TestArticleWithoutVectorIsFoundByWords(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var docs []knowledge.Document
	for i := range 40 {
		docs = append(docs, doc(fmt.Sprintf("k%02d", i), "en", fmt.Sprintf("Baggage rule %d", i), "How many bags you may check in, and how heavy your bags may be."))
	}
	f.load(t, docs...)
	e := newFakeEmbedder()
	f.embedAll(t, e)
	f.load(t, append(docs, doc("drums", "en", "Drums", "A drum kit travels as cargo when its cymbals are wider than a metre."))...)
	r := ask(t, f.search(e), f.workspace, knowledge.Query{Text: "How do I check in my drum kit with cymbals?", Locale: "en", Limit: 3})
	if r.WordsOnly || !slices.Contains(keys(r), "drums") {
		t.Errorf("%v", keys(r))
	}
}

// slow is an embedder that answers only when its caller has given up.
type slow struct{ *fakeEmbedder }

func (slow) Embed(ctx context.Context, _ knowledge.TextKind, _ []string) ([][]float32, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestDegraded(t *testing.T) {
	t.Parallel()
	f := library(t)
	good := newFakeEmbedder()
	query := knowledge.Query{Text: "my dog in the cabin", Locale: "en"}
	if r := ask(t, f.search(good), f.workspace, query); !r.WordsOnly || r.Degraded != knowledge.DegradedNoVectors || len(r.Hits) == 0 || r.Space != "" {
		t.Errorf("before the vectors: %+v", r)
	}
	f.embedAll(t, good)
	broken := newFakeEmbedder()
	broken.fail = func([]string) error {
		return &knowledge.EmbedError{Reason: knowledge.EmbedUnauthorized, Err: errors.New("no")}
	}
	if r := ask(t, f.search(broken), f.workspace, query); !r.WordsOnly || r.Degraded != "EMBEDDER_UNAUTHORIZED" || r.Hits[0].Key != "pets" {
		t.Errorf("with a broken embedder: %+v", r)
	}
	if r := ask(t, f.search(nil), f.workspace, query); !r.WordsOnly || r.Degraded != knowledge.DegradedNoEmbedder {
		t.Errorf("without an embedder: %+v", r)
	}

	// A slow embedder takes its share of the time and no more.
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	s := knowledge.NewSearch(knowledge.SearchOptions{Finder: f.store, Analyzer: f.analyzer, Embedder: slow{good}, Now: time.Now, EmbedTimeout: 50 * time.Millisecond})
	query.Limit, query.Time = 5, noon
	r, err := s.Search(ctx, f.workspace, query)
	if err != nil || r.Degraded != "EMBEDDER_TIMEOUT" || len(r.Hits) == 0 || r.Embed > time.Second {
		t.Errorf("with a slow embedder: %+v %v", r, err)
	}
	s = knowledge.NewSearch(knowledge.SearchOptions{Finder: f.store, Analyzer: f.analyzer, Embedder: slow{good}, Now: time.Now})
	r, err = s.Search(ctx, f.workspace, query)
	if err != nil || r.Degraded != "EMBEDDER_TIMEOUT" || r.Embed > 2*time.Second {
		t.Errorf("with a slow embedder under a deadline: %+v %v", r, err)
	}
	cancel()
	if _, err := s.Search(ctx, f.workspace, query); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that has gone: %v", err)
	}
}

func TestQuestionVectorsAreKept(t *testing.T) {
	t.Parallel()
	f := library(t)
	e := newFakeEmbedder()
	f.embedAll(t, e)
	other := knowledge.Workspace(f.Workspace(t))
	cached := knowledge.SearchOptions{Finder: f.store, Analyzer: f.analyzer, Embedder: e, Now: time.Now, Cache: f.store}
	first := knowledge.NewSearch(cached)
	query := knowledge.Query{Text: "my dog", Locale: "en"}
	count := func(s *knowledge.Search, w knowledge.Workspace) int {
		before := e.calls
		ask(t, s, w, query)
		return e.calls - before
	}
	if n := count(first, f.workspace); n != 1 {
		t.Errorf("asked %d times at first", n)
	}
	if n := count(first, f.workspace); n != 0 {
		t.Errorf("asked %d times again", n)
	}
	if n := count(knowledge.NewSearch(cached), f.workspace); n != 0 {
		t.Errorf("asked %d times after a restart", n)
	}
	if n := count(first, other); n != 1 {
		t.Errorf("a workspace that did not ask before asked %d times: it is told what another one asks", n)
	}
	a := ask(t, first, f.workspace, query)
	b := ask(t, knowledge.NewSearch(cached), f.workspace, query)
	if a.Hits[0].Key != b.Hits[0].Key || math.Abs(a.Hits[0].SubScores.Dense-b.Hits[0].SubScores.Dense) > 1e-3 {
		t.Errorf("the kept vector is another: %+v, %+v", a.Hits[0], b.Hits[0])
	}
}

func TestHostileQuestions(t *testing.T) {
	t.Parallel()
	f := library(t)
	f.embedAll(t, newFakeEmbedder())
	s := f.search(newFakeEmbedder())
	for _, text := range []string{
		"'", "''", `\`, `\'`, "dog' | 'cat", "!dog & (cat", "a:*", "<->", "dog:A", strings.Repeat("dog ", 2500), strings.Repeat("x", 10000),
		"?", "\u202edog", "🐶", "%_", "$1", "@vector", "the of and", strings.Join(strings.Split(strings.Repeat("abcdefghijklmnop", 50), ""), " "),
	} {
		r, err := s.Search(t.Context(), f.workspace, knowledge.Query{Text: text, Locale: "en", Limit: 5, Time: noon})
		if err != nil {
			t.Errorf("%.40q: %v", text, err)
		}
		for _, h := range r.Hits {
			if h.Score < 0 || h.Score > 1 || math.IsNaN(h.Score) {
				t.Errorf("%.40q: score %v", text, h.Score)
			}
		}
	}
}

func TestSeveralQuestionsAreFoundAsAlone(t *testing.T) {
	t.Parallel()
	f := library(t)
	e := newFakeEmbedder()
	f.embedAll(t, e)
	s := f.search(e)
	queries := []knowledge.Query{
		{Text: "my dog", Locale: "en", Limit: 5, PassagesPerArticle: 2, Time: noon},
		{Text: "a lost bag", Locale: "en", Limit: 5, Time: noon, ExcludeKeys: []string{"pets"}},
		{Text: "zzz", Limit: 5, Time: noon},
	}
	all, err := s.SearchAll(t.Context(), f.workspace, queries)
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range queries {
		alone := ask(t, s, f.workspace, q)
		if diff := cmp.Diff(alone, all[i], cmpopts.IgnoreFields(knowledge.Results{}, "Embed", "Retrieve")); diff != "" {
			t.Errorf("%q (-alone +together):\n%s", q.Text, diff)
		}
	}
}

func TestTiesBreakByKey(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var docs []knowledge.Document
	for _, key := range []string{"c", "a", "d", "b"} {
		docs = append(docs, doc(key, "en", "Zebras", "A zebra."), doc(key, "de", "Zebras", "A zebra."))
	}
	f.load(t, docs...)
	var got []string
	for _, h := range ask(t, f.search(nil), f.workspace, knowledge.Query{Text: "zebra", Locale: "en", Locales: []string{"en"}}).Hits {
		got = append(got, h.Key)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestEmptyWorkspace(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	r := ask(t, f.search(newFakeEmbedder()), f.workspace, knowledge.Query{Text: "anything", Locale: "en"})
	if len(r.Hits) != 0 || r.Confidence != 0 || !r.WordsOnly {
		t.Errorf("%+v", r)
	}
	status, err := f.store.Status(t.Context(), f.workspace)
	if err != nil || status != (knowledge.IndexStatus{}) {
		t.Errorf("%+v %v", status, err)
	}
}
