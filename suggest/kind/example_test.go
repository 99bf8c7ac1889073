package kind_test

import (
	"context"
	"fmt"

	"github.com/purser-desk/purser/suggest/kind"
)

// Without an embedder certain phrases are known, and what is not is in doubt.
func ExampleClassifier_Classify() {
	results, err := kind.New(nil).Classify(context.Background(), []string{"Dear Ms Smith,", "We have cancelled your booking."}, "en")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range results {
		fmt.Println(r.Kind, r.Needs(), r.Known)
	}
	// Output:
	// GREETING false false
	// STATEMENT true false
}
