package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

func TestSearchThroughTheWire(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	admin := s.workspace(t, "one")
	c := s.as(t, admin)
	german := &purserv1.ImportDocument{Key: "baggage.delayed", Locale: "de", Title: "Verspätetes Gepäck", Body: "Melden Sie fehlendes Gepäck am Schalter, bevor Sie den Flughafen verlassen.", Labels: []string{"Gepäck"}}
	labelled := petArticle()
	labelled.Labels = []string{"pets", "cabin"}
	gone := &purserv1.ImportDocument{Key: "old.pets", Locale: "en", Title: "Dogs in the cabin last year", Body: "Last year a dog in the cabin was carried for nothing.", ValidUntil: timestamppb.New(s.clock.now().Add(-time.Hour))}
	c.imports(t, "help", bagArticle(), german, labelled, gone)
	find := func(t *testing.T, r *purserv1.SearchRequest) []string {
		t.Helper()
		answer, err := c.knowledge.Search(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, answer.GetWordsOnly(), true)
		var keys []string
		for _, h := range answer.GetHits() {
			keys = append(keys, h.GetArticleKey()+" "+h.GetLocale())
			if h.GetScore() < 0 || h.GetScore() > 1 {
				t.Errorf("score %v", h.GetScore())
			}
		}
		return keys
	}
	for name, w := range map[string]struct {
		r    *purserv1.SearchRequest
		want []string
	}{
		"by words":              {&purserv1.SearchRequest{Query: "a dog in the cabin"}, []string{"pets.cabin en"}},
		"in German":             {&purserv1.SearchRequest{Query: "Mein Gepäck ist nicht angekommen, was mache ich am Schalter?"}, []string{"baggage.delayed de"}},
		"only English":          {&purserv1.SearchRequest{Query: "Gepäck Schalter missing bag", ArticleLocales: []string{"EN"}}, []string{"baggage.delayed en"}},
		"no English":            {&purserv1.SearchRequest{Query: "Gepäck Schalter missing bag", ExcludeLocales: []string{"en"}}, []string{"baggage.delayed de"}},
		"by label":              {&purserv1.SearchRequest{Query: "the cabin, the desk, the airport", Labels: []string{"Pets", "cabin"}}, []string{"pets.cabin en"}},
		"by a label that isn't": {&purserv1.SearchRequest{Query: "dog cabin", Labels: []string{"nothing"}}, nil},
		"nothing alike":         {&purserv1.SearchRequest{Query: "quantum chromodynamics"}, nil},
		"stop words only":       {&purserv1.SearchRequest{Query: "the of and"}, nil},
		"signs only":            {&purserv1.SearchRequest{Query: "?!… %_' \" & | ( :* <->"}, nil},
		"one at most":           {&purserv1.SearchRequest{Query: "bag desk airport dog cabin", Locale: "en", Limit: 1}, []string{"baggage.delayed en"}},
	} {
		t.Run(name, func(t *testing.T) { equal(t, find(t, w.r), w.want, cmpopts.EquateEmpty()) })
	}
	for name, r := range map[string]*purserv1.SearchRequest{
		"empty": {}, "blank": {Query: " \n\u200b"}, "NUL": {Query: "\x00"}, "long": {Query: strings.Repeat("a", 10_001)},
		"many": {Query: "dog", Limit: 51}, "fewer than none": {Query: "dog", Limit: -1},
		"unknown locale":          {Query: "dog", Locale: "klingonish-?"},
		"unknown article locale":  {Query: "dog", ArticleLocales: []string{"en", "?"}},
		"unknown excluded locale": {Query: "dog", ExcludeLocales: []string{"?"}},
	} {
		t.Run("refused "+name, func(t *testing.T) {
			_, err := c.knowledge.Search(t.Context(), r)
			wantReason(t, err, codes.InvalidArgument, "INVALID_FIELD")
		})
	}
	status, err := c.knowledge.GetIndexStatus(t.Context(), &purserv1.GetIndexStatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, []any{status.GetArticles(), status.GetEmbedded(), status.GetSpace()}, []any{int32(4), int32(0), ""})
	equal(t, c.articles(t, &purserv1.ListArticlesRequest{Locale: "de"}), []string{"baggage.delayed de"})
	equal(t, c.articles(t, &purserv1.ListArticlesRequest{Labels: []string{"pets"}}), []string{"pets.cabin en"})
}

func TestAnotherTenantsKnowledgeDoesNotExist(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	one, two := s.as(t, s.workspace(t, "one")), s.as(t, s.workspace(t, "two"))
	one.imports(t, "help", bagArticle())
	plan := one.mustPlan(t, header(t, "help"), bagArticle(), petArticle())
	_, err := two.apply(t, plan)
	theirs := wantReason(t, err, codes.NotFound, "PLAN_NOT_FOUND")
	_, err = two.apply(t, &purserv1.ImportPlan{PlanId: id(t)})
	equal(t, theirs.Message(), wantReason(t, err, codes.NotFound, "PLAN_NOT_FOUND").Message())
	_, err = two.knowledge.ListPlanChanges(t.Context(), &purserv1.ListPlanChangesRequest{PlanId: plan.GetPlanId()})
	wantReason(t, err, codes.NotFound, "PLAN_NOT_FOUND")
	_, err = two.knowledge.GetArticle(t.Context(), &purserv1.GetArticleRequest{Key: "baggage.delayed", Locale: "en"})
	wantReason(t, err, codes.NotFound, "ARTICLE_NOT_FOUND")
	found, err := two.knowledge.Search(t.Context(), &purserv1.SearchRequest{Query: bagQuestion})
	if err != nil || len(found.GetHits()) != 0 {
		t.Errorf("found %v, %v", found, err)
	}
	equal(t, len(two.articles(t, &purserv1.ListArticlesRequest{})), 0)
	status, err := two.knowledge.GetIndexStatus(t.Context(), &purserv1.GetIndexStatusRequest{})
	if err != nil || status.GetArticles() != 0 || status.GetPassages() != 0 {
		t.Errorf("status %v, %v", status, err)
	}
	// The same key in both is two articles.
	two.imports(t, "help", bagArticle())
	if _, err := one.apply(t, plan); err != nil {
		t.Errorf("the other's import outdated this plan: %v", err)
	}
}
