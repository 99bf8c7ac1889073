package compare_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/evaltest"
)

func TestComparisonOverAllTickets(t *testing.T) {
	t.Parallel()
	base, worse := evaltest.Sampled()
	c := compared(t, base, worse)
	if d := c.Weighted[eval.HitAt1]; d.Verdict != compare.Worse || math.Abs(d.Change+900./930) > 1e-12 || d.N != 40 {
		t.Errorf("weighted: %+v", d)
	}
	if d := c.Metrics[eval.HitAt1]; d.Change != -.25 {
		t.Errorf("by cases: %+v", d)
	}
	var out bytes.Buffer
	if err := c.WriteTable(&out, 0); err != nil || !strings.Contains(out.String(), "over all tickets") {
		t.Errorf("the table: %v %s", err, out.String())
	}
	if c := compared(t, evaltest.Planted(make([]bool, 4)), evaltest.Planted(make([]bool, 4))); c.Weighted != nil {
		t.Errorf("a suite that is no sample: %+v", c.Weighted)
	}
}
