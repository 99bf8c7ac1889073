package bench_test

import (
	"math/rand/v2"
	"slices"
	"time"
)

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// ratio is that of two medians, with the bounds between which 95 of 100 runs
// like this one would find it: a bootstrap over the pairs of measurements
// (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993).
func ratio(a, b []time.Duration) (r, low, high float64) {
	random := rand.New(rand.NewPCG(1, 2))
	drawn := make([]float64, 1000)
	x, y := make([]time.Duration, len(a)), make([]time.Duration, len(a))
	for i := range drawn {
		for k := range x {
			n := random.IntN(len(a))
			x[k], y[k] = a[n], b[n]
		}
		drawn[i] = float64(median(x)) / float64(median(y))
	}
	slices.Sort(drawn)
	return float64(median(a)) / float64(median(b)), drawn[25], drawn[974]
}
