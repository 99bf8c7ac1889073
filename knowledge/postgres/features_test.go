package postgres_test

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/purser-desk/purser/knowledge"
)

// menagerie has articles that overlap, one of several passages, and translations.
func menagerie(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t)
	long := strings.Repeat("A carrier must be large enough for the animal to turn around. ", 40) + "\n\n## Papers\n\nA dog needs passport form X412 and a vaccination."
	docs := []knowledge.Document{
		doc("dogs", "en", "Travelling with dogs", long),
		doc("dogs", "de", "Reisen mit Hunden", "Ein Hund reist in der Kabine in einer Transportbox."),
		doc("cats", "en", "Travelling with cats", "A cat travels in the cabin in a carrier."),
		doc("birds", "en", "Travelling with birds", "A bird travels in the hold."),
	}
	for _, name := range strings.Fields("seats meals bags upgrades miles delays refunds lounges strollers skis") {
		docs = append(docs, doc(name, "en", "About "+name, "What you should know of "+name+" when you travel with us."))
	}
	f.load(t, docs...)
	f.embedAll(t, newFakeEmbedder())
	return f
}

// fusedScore is a hit's score by the documented sum.
func fusedScore(a knowledge.SubScores) float64 {
	f := knowledge.DefaultFusion()
	return f.Best*a.Dense + f.Second*cmp.Or(a.Second, a.Dense) + f.Title*a.Title + f.Words*a.Words + f.TitleWords*a.TitleWords
}

func meanAndSpread(list []float64) (mean, spread float64) {
	for _, v := range list {
		mean += v / float64(len(list))
	}
	for _, v := range list {
		spread += (v - mean) * (v - mean) / float64(len(list))
	}
	return mean, math.Sqrt(spread)
}

// TestFeatures works every feature of the sub-scores, the scores and the words out
// anew, from all hits and from what is stored.
func TestFeatures(t *testing.T) {
	t.Parallel()
	f := menagerie(t)
	s := f.search(newFakeEmbedder())
	query := knowledge.Query{Text: "Travelling with dogs: must a carrier be large enough for the animal to turn around, in the cabin, with form X412 or X9000, and a giraffe?", Locale: "en", Limit: 50, PassagesPerArticle: 50}
	r := ask(t, s, f.workspace, query)
	if len(r.Hits) != 14 || r.Hits[0].Key != "dogs" || r.Hits[0].Locale != "en" || len(r.Hits[0].Passages) < 2 {
		t.Fatalf("%d hits, %+v first", len(r.Hits), r.Hits[0])
	}
	want := map[string]float64{"articles": 14, "embedded": 14}
	answers := slices.Clone(r.Hits)
	answers = slices.DeleteFunc(answers, func(h knowledge.Hit) bool { return h.Key == "dogs" && h.Locale == "de" })
	var scores []float64
	for _, h := range r.Hits {
		scores = append(scores, fusedScore(h.SubScores))
	}
	mean, spread := meanAndSpread(scores)
	want["above"], want["deviation"] = scores[0]-mean, (scores[0]-mean)/spread
	next := 0.
	for _, h := range answers[1:5] {
		next += fusedScore(h.SubScores) / 4
	}
	want["gap"], want["gap_mean"] = scores[0]-fusedScore(answers[1].SubScores), scores[0]-next
	for name, sub := range map[string]func(knowledge.SubScores) float64{
		"dense":       func(a knowledge.SubScores) float64 { return a.Dense },
		"title":       func(a knowledge.SubScores) float64 { return a.Title },
		"words":       func(a knowledge.SubScores) float64 { return a.Words },
		"title_words": func(a knowledge.SubScores) float64 { return a.TitleWords },
	} {
		var values []float64
		rank := 1.
		for _, h := range r.Hits {
			values = append(values, sub(h.SubScores))
			if sub(h.SubScores) > sub(r.Hits[0].SubScores) {
				rank++
			}
		}
		gap := values[0]
		for _, h := range answers[1:5] {
			gap -= sub(h.SubScores) / 4
		}
		want[name+"_first"], want[name+"_gap"], want[name+"_top"], want[name+"_rank"] = values[0], gap, slices.Max(values), rank
		if name != "title_words" {
			want[name+"_mean"], want[name+"_spread"] = meanAndSpread(values)
		}
	}
	want["second_first"] = r.Hits[0].SubScores.Second
	err := f.Owner.QueryRow(t.Context(), `
		SELECT avg(c.cosine) FROM (
			SELECT 1 - (t.vector <=> p.vector) AS cosine
			FROM passage_vectors p JOIN articles a USING (workspace_id, article_id)
			JOIN title_vectors t USING (workspace_id) JOIN articles o ON o.workspace_id = t.workspace_id AND o.article_id = t.article_id
			WHERE a.key = 'dogs' AND a.locale = 'en' AND p.ordinal = (SELECT ordinal FROM passages x WHERE x.article_id = a.article_id AND x.text = $1) AND o.key <> 'dogs'
			ORDER BY 1 DESC LIMIT 5) c`, r.Hits[0].Passages[0].Text).Scan(ptr(want, "neighbours"))
	if err != nil {
		t.Fatal(err)
	}
	wantWords(want, f, query, answers)
	for name, value := range want {
		if got, ok := r.Features[name]; !ok || math.Abs(got-value) > 1e-6*max(1, math.Abs(value)) {
			t.Errorf("%s is %v, worked out %v", name, got, value)
		}
	}
	query.Limit, query.PassagesPerArticle = 1, 1
	if diff := gocmp.Diff(r.Features, ask(t, s, f.workspace, query).Features, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Errorf("features change with the number of hits asked for:\n%s", diff)
	}
}

// ptr lets a query scan into a map.
func ptr(m map[string]float64, name string) *mapValue { return &mapValue{m, name} }

type mapValue struct {
	m    map[string]float64
	name string
}

// Scan implements sql.Scanner.
func (v *mapValue) Scan(src any) error {
	v.m[v.name], _ = src.(float64)
	return nil
}

// wantWords works out the features of words from the texts.
func wantWords(want map[string]float64, f *fixture, q knowledge.Query, answers []knowledge.Hit) {
	lexemes := f.analyzer.Lexemes("en", q.Text)
	slices.Sort(lexemes)
	lexemes = slices.Compact(lexemes)
	holds := func(h knowledge.Hit, lexeme string) bool {
		text := h.Title
		for _, p := range h.Passages {
			text += "\n" + strings.Join(p.HeadingPath, " ") + "\n" + p.Text
		}
		return slices.Contains(f.analyzer.Lexemes("en", text), lexeme)
	}
	var worth, held, knownMissing, unknown, missing, numbers, unknowns float64
	for _, l := range lexemes {
		df := 0.
		for _, h := range answers { // all are in English
			if holds(h, l) {
				df++
			}
		}
		n := float64(len(answers))
		idf := math.Log(1 + (n-df+.5)/(df+.5))
		worth += idf
		switch {
		case holds(answers[0], l):
			held += idf
			continue
		case df == 0:
			unknown += idf
			unknowns++
		default:
			knownMissing += idf
		}
		missing++
		if strings.ContainsAny(l, "0123456789") && len(l) >= 3 {
			numbers++
		}
	}
	want["words_worth"], want["words_unknown"], want["question_words"] = worth, unknowns, float64(len(lexemes))
	want["covered"], want["known_missing"], want["unknown_share"] = held/worth, knownMissing/worth, unknown/worth
	want["missing"], want["missing_worth"], want["numbers_missing"] = math.Log1p(missing), math.Log1p(worth-held), numbers
	want["coverage"] = answers[0].SubScores.Words / (2.2 * worth)
}

// A hit that is there by words alone has no vectors to compare.
func TestFeaturesByWordsAlone(t *testing.T) {
	t.Parallel()
	f := menagerie(t)
	r := ask(t, f.search(nil), f.workspace, knowledge.Query{Text: "form X413 for a dog", Locale: "en"})
	if r.Features["neighbours"] != 0 || r.Features["dense_gap"] != 0 || r.Features["numbers_missing"] != 2 || r.Features["covered"] <= 0 || r.Features["covered"] >= 1 {
		t.Errorf("%v", r.Features)
	}
}
