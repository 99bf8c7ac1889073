package gate_test

import (
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval/evaltest"
)

func TestGateOverAllTickets(t *testing.T) {
	t.Parallel()
	base, worse := evaltest.Sampled()
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
