package stat

import "math"

// Prevalence estimates the true share from the share that a test calls
// positive and the test's sensitivity and specificity, each measured on items
// of its own (Rogan and Gladen, "Estimating prevalence from the results of a
// screening test", 1978). The interval counts the chance in all three, and
// keeps its width where one of them is 0 or 1 (Lang and Reiczigel, "Confidence
// limits for prevalence of disease adjusted for estimated sensitivity and
// specificity", 2014). N is that of positive; it is 0, with nothing else, when
// one of the three has no observations or when the test tells nothing
// (sensitivity and specificity add up to one or less).
func Prevalence(positive, sensitivity, specificity Estimate) Estimate {
	slope := sensitivity.Value + specificity.Value - 1
	if positive.N == 0 || sensitivity.N == 0 || specificity.N == 0 || !(slope > 0) || !isNumber(positive.Value) {
		return Estimate{}
	}
	const z2 = z95 * z95
	n := float64(positive.N)
	p := (n*positive.Value + z2/2) / (n + z2)
	share := func(e Estimate) (shrunk, variance float64) {
		m := float64(e.N)
		shrunk = (m*e.Value + 1) / (m + 2)
		return shrunk, shrunk * (1 - shrunk) / (m + 2)
	}
	se, seVariance := share(sensitivity)
	sp, spVariance := share(specificity)
	value := clipShare((positive.Value + specificity.Value - 1) / slope)
	steep := se + sp - 1
	if steep <= 0 {
		return Estimate{Value: value, N: positive.N, Low: 0, High: 1}
	}
	centre := (p + sp - 1) / steep
	shift := 2 * z2 * (centre*seVariance - (1-centre)*spVariance)
	half := z95 / steep * math.Sqrt(p*(1-p)/(n+z2)+(1-centre)*(1-centre)*spVariance+centre*centre*seVariance)
	return Estimate{
		Value: value, N: positive.N,
		Low: min(value, clipShare(centre+shift-half)), High: max(value, clipShare(centre+shift+half)),
	}
}

func clipShare(v float64) float64 { return min(1, max(0, v)) }
