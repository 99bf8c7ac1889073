package stat

import "math"

// NDCG is the normalised discounted cumulative gain of a ranking cut at k: gains
// are those of the ranked items in order, ideal the gains of all relevant items,
// best first (Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR
// techniques", 2002, with the discount log2(place+1)). It is 0 when there is
// nothing to gain.
func NDCG(gains, ideal []float64, k int) float64 {
	best := discounted(ideal, k)
	if best == 0 {
		return 0
	}
	return discounted(gains, k) / best
}

func discounted(gains []float64, k int) float64 {
	var sum float64
	for i, g := range gains[:min(k, len(gains))] {
		sum += g / math.Log2(float64(i+2))
	}
	return sum
}

// RecallAt is the share of relevant items among the first k, when relevant of
// them exist; found tells for each ranked item whether it is relevant. It is
// NaN when none exist.
func RecallAt(found []bool, relevant, k int) float64 {
	if relevant <= 0 {
		return math.NaN()
	}
	n := 0
	for _, f := range found[:min(k, len(found))] {
		if f {
			n++
		}
	}
	return float64(n) / float64(relevant)
}
