package gate_test

import (
	"fmt"

	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/gate"
)

// A run that finds the right article for 95 tickets of 100.
func ExamplePolicy_Check() {
	policy, err := gate.ParsePolicy([]byte(`
version: 1
limits:
  - {metric: hit_at_1, at_least: 0.9}
  - {metric: hit_at_1, at_least: 0.9, by: interval}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	hits := make([]bool, 100)
	for i := range hits {
		hits[i] = i < 95
	}
	run := evaltest.Planted(hits)
	result, err := policy.Check(run, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("met:", result.Met)
	for _, c := range result.Checks {
		fmt.Println(c.Met, c.Name, c.Detail)
	}
	// Output:
	// met: false
	// true the run is whole 100 of 100 cases were run
	// true at most 1% of the cases failed 0 of 100 cases failed
	// true at most 5% of the cases were degraded a model or embedder was given up in 0 of 100 cases
	// false hit_at_1 at least 0.900 only 0 of the cases count for it, and 1 must
	// false hit_at_1 at least 0.900 by its interval only 0 of the cases count for it, and 1 must
}
