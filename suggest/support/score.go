package support

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"sync"
)

// weightsFile has what "go run ./suggest/support/fit -write" fitted: for claims
// with and without vectors the intercept, the weights in the order of Features, and
// the score below which a claim counts as not said.
//
//go:embed weights.txt
var weightsFile string

type weights struct {
	intercept, least float64
	of               []float64
}

var fitted = sync.OnceValue(func() map[string]weights {
	out := map[string]weights{}
	for line := range strings.Lines(weightsFile) {
		f := strings.Fields(line)
		if len(f) != features+3 || f[0] == "#" {
			continue
		}
		numbers := make([]float64, len(f)-1)
		for i := range numbers {
			numbers[i], _ = strconv.ParseFloat(f[i+1], 64)
		}
		out[f[0]] = weights{intercept: numbers[0], of: numbers[1 : len(numbers)-1], least: numbers[len(numbers)-1]}
	}
	return out
})

func (m *measured) weights() weights {
	if m.embedded {
		return fitted()["vectors"]
	}
	return fitted()["words"]
}

// score is how likely the claim is to be said. In another language than all
// evidence, and without vectors, nobody can tell.
func (m *measured) score() float64 {
	w := m.weights()
	if len(m.best) == 0 || !m.embedded && !m.same || len(w.of) == 0 {
		return .5
	}
	x := w.intercept
	for i, v := range m.features {
		x += w.of[i] * v
	}
	return 1 / (1 + math.Exp(-x))
}

func (m *measured) least() float64 { return m.weights().least }
