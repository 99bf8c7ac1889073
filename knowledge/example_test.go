package knowledge_test

import (
	"context"
	"fmt"
	"time"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/knowledge"
)

// An article is cut where it costs least: at headings first.
func ExampleCut() {
	body := `One cabin bag of up to 8 kg is free.

## Heavier bags

They must be checked in at the airport, for 45 EUR.

## Instruments

A guitar may travel on a seat of its own.`
	for _, p := range knowledge.Cut("Hand baggage", body, knowledge.CutOptions{Target: 70, Max: 120, Locale: "en"}) {
		fmt.Printf("%d %q bytes %d to %d\n", p.Ordinal, p.HeadingPath, p.Start, p.End)
	}
	// Output:
	// 0 [] bytes 0 to 36
	// 1 ["Heavier bags"] bytes 38 to 106
	// 2 ["Instruments"] bytes 108 to 165
}

// emptyPlans is a knowledge.PlanStore of a workspace without articles;
// knowledge/postgres has the one that servers use.
type emptyPlans struct{ knowledge.PlanStore }

func (emptyPlans) Snapshot(context.Context, knowledge.Workspace, string, []string) (knowledge.Snapshot, error) {
	return knowledge.Snapshot{}, nil
}

func (emptyPlans) SavePlan(context.Context, knowledge.Workspace, knowledge.Plan, []knowledge.PlannedChange) error {
	return nil
}

// Planning changes nothing: it tells what applying would do.
func ExampleImporter_Plan() {
	importer := knowledge.NewImporter(emptyPlans{}, nil, analysis.NewAnalyzer(), time.Now)
	plan, err := importer.Plan(context.Background(), "11111111-1111-1111-1111-111111111111",
		knowledge.PlanRequest{Source: "help"}, knowledge.Documents([]knowledge.Document{
			{Key: "bags", Locale: "en", Title: "Hand baggage", Body: "One cabin bag is free.", Origin: "bags.md"},
			{Key: "pets", Locale: "en", Title: "", Body: "Dogs up to 8 kg travel in the cabin.", Origin: "pets.md"},
		}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("added:", plan.Added, "blocked:", plan.Blocked)
	for _, p := range plan.Problems {
		fmt.Println(p)
	}
	// Output:
	// added: 1 blocked: true
	// pets.md: article "pets" (en) has no title; give it one
}
