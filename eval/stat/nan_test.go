package stat_test

import (
	"math"
	"testing"
	"time"

	"github.com/purser-desk/purser/eval/stat"
)

// What is no number must neither keep a measurement busy for ever nor bring it
// down, wherever among the values it stands: then there is nothing to say.
func TestValuesThatAreNoNumbers(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]float64{"NaN": math.NaN(), "∞": math.Inf(1), "-∞": math.Inf(-1)} {
		for where, values := range map[string][]float64{
			"alone": {bad}, "first": {bad, .2, .2, .7}, "last": {.1, .2, .2, bad}, "all": {bad, bad, bad, bad}, "twice": {.3, bad, .3, bad},
		} {
			n := len(values)
			good, weights := make([]float64, n), make([]float64, n)
			judged, asked := make([]stat.Answer, n), make([]stat.Forecast, n)
			fine, known := make([]stat.Answer, n), make([]stat.Forecast, n)
			lossy := make([]stat.Answer, n)
			for i, v := range values {
				good[i], weights[i] = float64(i)/10, float64(i+1)
				judged[i], asked[i] = stat.Answer{Confidence: v, Loss: .5}, stat.Forecast{Probability: v, Happened: i%2 == 0}
				fine[i], known[i] = stat.Answer{Confidence: good[i], Loss: .5}, stat.Forecast{Probability: good[i], Happened: i%2 == 0}
				lossy[i] = stat.Answer{Confidence: good[i], Loss: v}
			}
			for what, measure := range map[string]func() (stat.Estimate, float64){
				"AUROC, positives": one(func() stat.Estimate { return stat.AUROC(values, good) }),
				"AUROC, negatives": one(func() stat.Estimate { return stat.AUROC(good, values) }),
				"Mean":             one(func() stat.Estimate { return stat.Mean(values, 1) }),
				"BoundedMean":      one(func() stat.Estimate { return stat.BoundedMean(values, 1) }),
				"Brier":            one(func() stat.Estimate { return stat.Brier(asked, 1) }),
				"CalibrationError": one(func() stat.Estimate { return stat.CalibrationError(asked, 1) }),
				"AURC":             one(func() stat.Estimate { return stat.AURC(judged, 1) }),
				"AURC, losses":     one(func() stat.Estimate { return stat.AURC(lossy, 1) }),
				"WeightedShare":    one(func() stat.Estimate { return stat.WeightedShare(values, weights) }),
				"WeightedMean":     one(func() stat.Estimate { return stat.WeightedMean(values, weights, 1) }),
				"its weights":      one(func() stat.Estimate { return stat.WeightedMean(good, values, 1) }),
				"BoundedWeighted":  one(func() stat.Estimate { return stat.BoundedWeightedMean(values, weights, 1) }),
				"MeansDifference":  func() (stat.Estimate, float64) { return stat.MeansDifference(values, good, 1) },
				"BoundedMeans":     func() (stat.Estimate, float64) { return stat.BoundedMeansDifference(good, values, 1) },
				"WeightedMeans":    func() (stat.Estimate, float64) { return stat.WeightedMeansDifference(values, good, weights, 1) },
				"BoundedWeightedMeans": func() (stat.Estimate, float64) {
					return stat.BoundedWeightedMeansDifference(good, values, weights, 1)
				},
				"AUROCs": func() (stat.Estimate, float64) {
					return stat.AUROCsDifference([2][]float64{good, values}, [2][]float64{good, good})
				},
				"AURCs":             func() (stat.Estimate, float64) { return stat.AURCsDifference(fine, judged, 1) },
				"CalibrationErrors": func() (stat.Estimate, float64) { return stat.CalibrationErrorsDifference(asked, known, 1) },
			} {
				e, p, done := soon(measure)
				if !done {
					t.Fatalf("%s with %s %s takes for ever", what, name, where)
				}
				if e != (stat.Estimate{}) || p != 1 {
					t.Errorf("%s with %s %s is %+v, p %v; want nothing", what, name, where, e, p)
				}
			}
		}
	}
}

func one(measure func() stat.Estimate) func() (stat.Estimate, float64) {
	return func() (stat.Estimate, float64) { return measure(), 1 }
}

// soon reports whether what is measured comes to an end.
func soon(measure func() (stat.Estimate, float64)) (e stat.Estimate, p float64, done bool) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e, p = measure()
	}()
	select {
	case <-ended:
		return e, p, true
	case <-time.After(20 * time.Second):
		return stat.Estimate{}, 0, false
	}
}

// What gives no estimate says NaN, or leaves the value where it belongs.
func TestNaNIsPassedOn(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for name, v := range map[string]float64{
		"Quantile":              stat.Quantile([]float64{3, nan, 1}, .5),
		"Quantile at NaN":       stat.Quantile([]float64{3, 2, 1}, nan),
		"QuantileOf":            stat.QuantileOf([]float64{3, nan, 1}, .5).Value,
		"QuantileOf at NaN":     stat.QuantileOf([]float64{3, 2, 1}, nan).Value,
		"AURCValue":             stat.AURCValue([]stat.Answer{{Confidence: nan}, {Confidence: 1}}),
		"CalibrationErrorValue": stat.CalibrationErrorValue([]stat.Forecast{{Probability: nan}, {Probability: 1}}),
		"SmallestShareEffect":   stat.SmallestShareEffect(100, nan),
		"McNemarPower":          stat.McNemarPower(100, nan, .1),
		"its effect":            stat.McNemarPower(100, .2, nan),
		"MeanPower":             stat.MeanPower([]float64{1, nan, 2}, []float64{2, 1, 1}, .1),
		"SmallestMeanEffect":    stat.SmallestMeanEffect([]float64{1, nan, 2}, []float64{2, 1, 1}),
		"SmallestOf":            stat.SmallestOf(stat.Estimate{N: 2, Low: nan, High: 1}),
	} {
		if !math.IsNaN(v) {
			t.Errorf("%s is %v", name, v)
		}
	}
	if e := stat.Prevalence(stat.Share(3, 10), stat.Estimate{N: 3, Value: nan}, stat.Share(9, 10)); e != (stat.Estimate{}) {
		t.Errorf("Prevalence is %+v", e)
	}
	adjusted := stat.Holm([]float64{.01, nan, .02})
	if math.Abs(adjusted[0]-.03) > 1e-12 || adjusted[1] != 1 || math.Abs(adjusted[2]-.04) > 1e-12 {
		t.Errorf("Holm: a p value that is not known spoils the others: %v", adjusted)
	}
	if points := stat.RiskCoverage([]stat.Answer{{Confidence: nan}, {Confidence: .5, Loss: 1}, {Confidence: nan}}); len(points) > 3 {
		t.Errorf("RiskCoverage: %v", points)
	}
	n := 0
	for _, bin := range stat.Reliability([]stat.Forecast{{Probability: nan}, {Probability: .5}, {Probability: nan}, {Probability: .7}}, 2) {
		n += bin.N
	}
	if n != 2 {
		t.Errorf("Reliability counts %d of 2 forecasts that are numbers", n)
	}
}
