package eval_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/evaltest"
)

// Of 40 sampled cases the ten that stand for most tickets lose; case by case it
// is a quarter, over all tickets nearly everything.
func sampled() (base, worse eval.Report) {
	hits := make([]bool, 40)
	for i := range hits {
		hits[i] = true
	}
	base = evaltest.Planted(hits)
	for i := range 10 {
		hits[i] = false
	}
	worse = evaltest.Planted(hits)
	for _, r := range []*eval.Report{&base, &worse} {
		for i := range r.Cases {
			r.Cases[i].Weight = 1
			if i < 10 {
				r.Cases[i].Weight = 90
			}
		}
		r.Measure()
	}
	return base, worse
}

func TestGateOverAllTickets(t *testing.T) {
	t.Parallel()
	base, worse := sampled()
	for weighted, met := range map[string]bool{"false": true, "true": false} {
		g, err := policy(t, "limits: [{metric: hit_at_1, at_least: 0.7, weighted: "+weighted+"}]\n"+
			"no_worse: [{metric: hit_at_1, margin: 0.5, weighted: "+weighted+"}]").Check(worse, &base)
		if err != nil || g.Met != met {
			t.Errorf("weighted %s: met %v, %v: %+v", weighted, g.Met, err, g.Checks)
		}
	}
	plain := evaltest.Planted(make([]bool, 40))
	plain.Measure()
	g, err := policy(t, "limits: [{metric: hit_at_1, at_least: 0, weighted: true}]").Check(plain, nil)
	if err != nil || g.Met || !strings.Contains(checked(t, g, "over all tickets").Detail, "carries a weight") {
		t.Errorf("a suite that is no sample: met %v, %v", g.Met, err)
	}
}

func TestComparisonOverAllTickets(t *testing.T) {
	t.Parallel()
	base, worse := sampled()
	c := compare(t, base, worse)
	if d := c.Weighted[eval.HitAt1]; d.Verdict != eval.VerdictWorse || math.Abs(d.Change+900./930) > 1e-12 || d.N != 40 {
		t.Errorf("weighted: %+v", d)
	}
	if d := c.Metrics[eval.HitAt1]; d.Change != -.25 {
		t.Errorf("by cases: %+v", d)
	}
	var out bytes.Buffer
	if err := c.WriteTable(&out, 0); err != nil || !strings.Contains(out.String(), "over all tickets") {
		t.Errorf("the table: %v %s", err, out.String())
	}
	if c := compare(t, evaltest.Planted(make([]bool, 4)), evaltest.Planted(make([]bool, 4))); c.Weighted != nil {
		t.Errorf("a suite that is no sample: %+v", c.Weighted)
	}
}
