package pipeline_test

import (
	"context"
	"fmt"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/extractive"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// oneArticle is a knowledge.Searcher that always finds the same;
// knowledge.Search with knowledge/postgres is the one that servers use.
type oneArticle struct{}

func (oneArticle) Search(context.Context, knowledge.Workspace, knowledge.Query) (knowledge.Results, error) {
	body := "One cabin bag of up to 8 kg is free. A heavier bag must be checked in at the airport for 45 EUR."
	return knowledge.Results{Confidence: .9, Hits: []knowledge.Hit{{
		ArticleID: "1", Key: "hand-baggage", Locale: "en", Revision: 1, Title: "Hand baggage", Score: .9,
		Passages: []knowledge.FoundPassage{{ID: "1/1/0", End: len(body), Text: body}},
	}}}, nil
}

func (o oneArticle) SearchAll(ctx context.Context, w knowledge.Workspace, qs []knowledge.Query) ([]knowledge.Results, error) {
	all := make([]knowledge.Results, len(qs))
	for i, q := range qs {
		all[i], _ = o.Search(ctx, w, q)
	}
	return all, nil
}

// A suggestion without a model, a database or a server.
func ExamplePipeline_Run() {
	analyzer := analysis.NewAnalyzer()
	p, err := pipeline.New(pipeline.Deps{Searcher: oneArticle{}, Extractive: extractive.New(analyzer), Analyzer: analyzer}, pipeline.Settings{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _, err := p.Run(context.Background(), "11111111-1111-1111-1111-111111111111", suggest.Input{
		Ticket:   suggest.Ticket{ID: "t", Channel: suggest.ChannelEmail, Locale: "en"},
		Messages: []suggest.Message{{ID: "m", Author: suggest.AuthorCustomer, Text: "How heavy may my cabin bag be?"}},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Outcome)
	for _, e := range s.Evidence {
		fmt.Printf("[%d] %s\n", e.Number, e.Title)
	}
	for _, c := range s.Draft.Claims {
		fmt.Println(c.Kind, c.Text)
	}
	// Output:
	// DRAFT
	// [1] Hand baggage
	// GREETING Hello,
	// EMPATHY Thank you for your message.
	// STATEMENT One cabin bag of up to 8 kg is free.
	// STATEMENT A heavier bag must be checked in at the airport for 45 EUR.
	// CLOSING Kind regards
}
