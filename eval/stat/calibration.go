package stat

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Forecast is one probability with what happened.
type Forecast struct {
	Probability float64
	Happened    bool
}

func (f Forecast) outcome() float64 {
	if f.Happened {
		return 1
	}
	return 0
}

// Brier is the mean squared error of probabilities (Brier, "Verification of
// forecasts expressed in terms of probability", 1950; the form for two
// outcomes, 0 to 1, lower is better), with Mean's interval.
func Brier(forecasts []Forecast, seed uint64) Estimate {
	values := make([]float64, len(forecasts))
	for i, f := range forecasts {
		d := f.Probability - f.outcome()
		values[i] = d * d
	}
	return Mean(values, seed)
}

// CalibrationBins is how many bins Reliability and CalibrationError make.
const CalibrationBins = 10

// ReliabilityBin is one row of a reliability table.
type ReliabilityBin struct {
	N int
	// Forecast is the mean probability, Happened how often it came true with
	// Wilson's interval.
	Forecast float64
	Happened Estimate
}

// Reliability groups forecasts into at most bins groups of about the same size,
// by probability; equal probabilities stay together. A probability that is no
// number stands in none.
func Reliability(forecasts []Forecast, bins int) []ReliabilityBin {
	sorted, _ := byProbability(forecasts)
	sorted = slices.DeleteFunc(sorted, func(f Forecast) bool { return !isNumber(f.Probability) })
	ends := binEnds(sorted, bins)
	table := make([]ReliabilityBin, 0, len(ends))
	start := 0
	for _, end := range ends {
		var sum float64
		happened := 0
		for _, f := range sorted[start:end] {
			sum += f.Probability
			if f.Happened {
				happened++
			}
		}
		n := end - start
		table = append(table, ReliabilityBin{N: n, Forecast: sum / float64(n), Happened: Share(happened, n)})
		start = end
	}
	return table
}

func binEnds(sorted []Forecast, bins int) []int {
	n := len(sorted)
	var ends []int
	last := 0
	for b := 1; b <= bins; b++ {
		end := n * b / bins
		for end > last && end < n && sorted[end].Probability == sorted[end-1].Probability {
			end++
		}
		if end > last {
			ends = append(ends, end)
			last = end
		}
	}
	return ends
}

// CalibrationError is the root of the mean squared gap between what was
// forecast and what happened, over CalibrationBins bins of equal size, debiased:
// the plain one is above 0 for perfect forecasts too, since each bin's rate is
// itself uncertain (Kumar, Liang and Ma, "Verified uncertainty calibration",
// 2019, the debiased estimator). Below 0 it is cut to 0. The interval is a
// basic bootstrap of the square, centred on the debiased value. N is 0 for fewer
// than two forecasts, and where a probability is no number.
func CalibrationError(forecasts []Forecast, seed uint64) Estimate {
	n := len(forecasts)
	if n < 2 || !probable(forecasts) {
		return Estimate{}
	}
	sorted, _ := byProbability(forecasts)
	gap := squaredGap(sorted)
	square, drawn := gap(once(n)), bootstrap(n, seed, gap)
	low, high := percentiles(drawn)
	centre := stat.Mean(drawn, nil)
	return Estimate{Value: root(square), N: n, Low: root(square - (high - centre)), High: root(square - (low - centre))}
}

// CalibrationErrorValue is the value of CalibrationError alone; NaN where that says
// nothing.
func CalibrationErrorValue(forecasts []Forecast) float64 {
	if len(forecasts) < 2 || !probable(forecasts) {
		return math.NaN()
	}
	return root(squaredGap(forecasts)(once(len(forecasts))))
}

func root(square float64) float64 { return math.Sqrt(max(0, square)) }

// probable reports whether all probabilities are numbers.
func probable(forecasts []Forecast) bool {
	return !slices.ContainsFunc(forecasts, func(f Forecast) bool { return !isNumber(f.Probability) })
}

// byProbability are the forecasts from the least probable on, and their places.
func byProbability(forecasts []Forecast) (sorted []Forecast, order []int) {
	values := make([]float64, len(forecasts))
	for i, f := range forecasts {
		values[i] = f.Probability
	}
	order = Order(values)
	sorted = make([]Forecast, len(forecasts))
	for place, i := range order {
		sorted[place] = forecasts[i]
	}
	return sorted, order
}

// squaredGap is the debiased square of the error of forecasts, each counted as
// often as is said.
func squaredGap(forecasts []Forecast) func(counts []int) float64 {
	sorted, order := byProbability(forecasts)
	ends := binEnds(sorted, CalibrationBins)
	return func(counts []int) float64 {
		var total, sum float64
		start := 0
		for _, end := range ends {
			var n, forecast, happened float64
			for place := start; place < end; place++ {
				c := float64(counts[order[place]])
				n += c
				forecast += c * sorted[place].Probability
				happened += c * sorted[place].outcome()
			}
			start = end
			total += n
			if n == 0 {
				continue
			}
			rate := happened / n
			gap := forecast/n - rate
			noise := 0.
			if n > 1 {
				noise = rate * (1 - rate) / (n - 1)
			}
			sum += n * (gap*gap - noise)
		}
		return sum / max(total, 1)
	}
}
