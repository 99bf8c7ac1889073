package evaltest

import (
	"github.com/purser-desk/purser/eval"
)

// Sampled are two runs of 40 sampled cases, of which the ten that stand for most
// tickets lose: case by case it is a quarter, over all tickets nearly everything.
func Sampled() (base, worse eval.Report) {
	hits := make([]bool, 40)
	for i := range hits {
		hits[i] = true
	}
	base = Planted(hits)
	for i := range 10 {
		hits[i] = false
	}
	worse = Planted(hits)
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
