package compare_test

import (
	"testing"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/suite"
)

// BenchmarkComparisonOf10000Cases compares two such runs, of which every third
// case differs.
func BenchmarkComparisonOf10000Cases(b *testing.B) {
	hits := make([]bool, 10_000)
	runs := [2]eval.Report{evaltest.Planted(hits), evaltest.Planted(hits)}
	random := newRandom(1)
	for i := range hits {
		lang, hit := []string{"de", "en", "fr", "nl", "pl"}[i%5], outcome(random.Float64() < .8)
		for k := range runs {
			c := &runs[k].Cases[i]
			if c.Lang = lang; k == 1 && i%3 == 0 {
				hit = outcome(random.Float64() < .8)
			}
			c.Expect, c.Confidence = suite.ExpectAnswer, random.Float64()
			if i%5 == 0 {
				c.Expect = suite.ExpectNone
			}
			c.Scores = map[string]float64{eval.HitAt1: hit, eval.HitAt3: hit, eval.RougeL: random.Float64(), eval.Brier: c.Confidence * c.Confidence}
		}
	}
	b.ResetTimer()
	defer func() { b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/10000cases") }()
	for b.Loop() {
		if c, err := compare.Runs(runs[0], runs[1], 0); err != nil || c.Pairs != len(hits) {
			b.Fatal(err, c.Pairs)
		}
	}
}

func outcome(happened bool) float64 {
	if happened {
		return 1
	}
	return 0
}
