package compare_test

import (
	"fmt"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/evaltest"
)

// Two runs of 400 cases of which the second finds 20 more and loses 4.
// eval.ReadReport reads those that "purser eval run --json" wrote.
func ExampleRuns() {
	before, after := make([]bool, 400), make([]bool, 400)
	for i := range before {
		before[i] = i < 300
		after[i] = i < 296 || i >= 300 && i < 320
	}
	c, err := compare.Runs(evaltest.Planted(before), evaltest.Planted(after), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	d := c.Metrics[eval.HitAt1]
	fmt.Printf("%s: %s by %.3f (%.3f to %.3f), %d gained, %d lost\n", eval.HitAt1, d.Verdict, d.Change, d.Low, d.High, d.Gained, d.Lost)
	// Output:
	// hit_at_1: better by 0.040 (0.016 to 0.065), 20 gained, 4 lost
}
