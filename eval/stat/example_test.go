package stat_test

import (
	"fmt"

	"github.com/purser-desk/purser/eval/stat"
)

// The right article came first for 37 tickets of 52.
func ExampleShare() {
	e := stat.Share(37, 52)
	fmt.Printf("%.3f, 95%% interval %.3f to %.3f, of %d\n", e.Value, e.Low, e.High, e.N)
	// Output:
	// 0.712, 95% interval 0.577 to 0.817, of 52
}

// Two runs of the same cases: the second met 14 that the first did not, and lost
// 3 that the first met.
func ExampleMcNemar() {
	fmt.Printf("p = %.4f\n", stat.McNemar(14, 3))
	// Output:
	// p = 0.0075
}
