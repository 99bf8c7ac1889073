package stat

import (
	"cmp"
	"math"
	"slices"
)

// Holm adjusts p values so that, of all tests together, a wrong "different" is
// told with at most the level's probability (Holm, "A simple sequentially
// rejective multiple test procedure", 1979). The order is kept. One that is not known,
// NaN, counts as 1.
func Holm(p []float64) []float64 {
	p = slices.Clone(p)
	for i, v := range p {
		if math.IsNaN(v) {
			p[i] = 1
		}
	}
	out := make([]float64, len(p))
	least := 0.
	for place, i := range byValue(p) {
		least = max(least, min(1, p[i]*float64(len(p)-place)))
		out[i] = least
	}
	return out
}

func byValue(p []float64) []int {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	return order
}
