package judge

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/purser-desk/purser/eval/stat"
)

// Rated is a reply that people rated.
type Rated struct {
	Task
	// Ratings are people's, each 1 (useless) to 5 (perfect).
	Ratings []int
}

// PassingRating is the mean rating from which on people pass a reply.
const PassingRating = 4

// Passes reports whether people pass the reply.
func (r Rated) Passes() bool {
	sum := 0
	for _, v := range r.Ratings {
		sum += v
	}
	return len(r.Ratings) > 0 && float64(sum)/float64(len(r.Ratings)) >= PassingRating
}

// ReadRated reads one JSON object a line: system_reply, accuracy (ratings 1 to
// 5), and where known question, human_reply and gold_knowledge.
func ReadRated(r io.Reader) ([]Rated, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	var out []Rated
	for number := 1; lines.Scan(); number++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var raw struct {
			Question  string   `json:"question"`
			Reply     string   `json:"system_reply"`
			Gold      string   `json:"human_reply"`
			Knowledge []string `json:"gold_knowledge"`
			Ratings   []int    `json:"accuracy"`
		}
		if err := json.Unmarshal(lines.Bytes(), &raw); err != nil {
			return nil, fmt.Errorf("line %d is no rated reply; each line must hold one JSON object: %w", number, err)
		}
		if raw.Reply == "" || len(raw.Ratings) == 0 {
			return nil, fmt.Errorf("line %d lacks system_reply or accuracy", number)
		}
		for _, v := range raw.Ratings {
			if v < 1 || v > 5 {
				return nil, fmt.Errorf("line %d: rating %d is not between 1 and 5", number, v)
			}
		}
		out = append(out, Rated{Task{raw.Question, raw.Reply, raw.Gold, raw.Knowledge}, raw.Ratings})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read rated replies: %w", err)
	}
	if len(out) == 0 {
		return nil, errors.New("there are no rated replies in it; put one JSON object on each line")
	}
	return out, nil
}

// Agreement is how a judge agrees with people.
type Agreement struct {
	// Judge is the judge's hash: the agreement holds for that one alone.
	Judge string `json:"judge"`
	// Kappa is Cohen's κ of the judge with people's mean verdict.
	Kappa stat.Estimate `json:"kappa"`
	// TruePositive is the share of replies that people pass which the judge
	// passes, TrueNegative that of replies that people fail which it fails.
	TruePositive stat.Estimate `json:"true_positive_rate"`
	TrueNegative stat.Estimate `json:"true_negative_rate"`
	// Single is the mean κ of one person with the mean of the others: what a
	// judge can be expected to reach.
	Single stat.Estimate `json:"single_rater_kappa"`
	// Steady is the share of replies on which all runs of the judge agree.
	Steady stat.Estimate `json:"steady"`
	// Nonsense counts replies that got no verdict; they stand in no figure.
	Nonsense int `json:"nonsense"`
}

// LeastKappa is the κ from which on agreement is called moderate (Landis and
// Koch, "The measurement of observer agreement for categorical data", 1977).
const LeastKappa = .41

// Trusted reports whether verdicts may count: κ is at least moderate with its
// whole interval, and both rates are above .5 with theirs.
func (a Agreement) Trusted() bool {
	return a.Kappa.N > 0 && a.Kappa.Low >= LeastKappa && a.TruePositive.Low > .5 && a.TrueNegative.Low > .5
}

// Calibrate has the judge judge what people rated. It fails when ctx ends, with
// an error of the model, and when no reply got a verdict.
func Calibrate(ctx context.Context, j *Judge, rated []Rated) (Agreement, error) {
	a := Agreement{Judge: j.Hash()}
	var people, judged []int
	var passed, failed, right, refused, steady int
	for i := range rated {
		v, err := j.Judge(ctx, rated[i].Task)
		var nonsense *NonsenseError
		if errors.As(err, &nonsense) {
			a.Nonsense++
			continue
		}
		if err != nil {
			return Agreement{}, err
		}
		people, judged = append(people, number(rated[i].Passes())), append(judged, number(v.Pass))
		switch {
		case rated[i].Passes():
			passed++
			right += number(v.Pass)
		default:
			failed++
			refused += number(!v.Pass)
		}
		steady += number(unanimous(v.Votes))
	}
	if len(judged) == 0 {
		return Agreement{}, &NonsenseError{j.name}
	}
	a.Kappa = stat.CohenKappa(people, judged)
	a.TruePositive, a.TrueNegative = stat.Share(right, passed), stat.Share(refused, failed)
	a.Steady = stat.Share(steady, len(judged))
	a.Single = singleKappa(rated)
	return a, nil
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func unanimous(votes []bool) bool {
	for _, v := range votes {
		if v != votes[0] {
			return false
		}
	}
	return true
}

// singleKappa pools, over raters, each one's verdict with that of the others.
func singleKappa(rated []Rated) stat.Estimate {
	var one, others []int
	for i := range rated {
		r := rated[i].Ratings
		if len(r) < 2 {
			continue
		}
		for k, v := range r {
			rest := Rated{Ratings: append(append([]int{}, r[:k]...), r[k+1:]...)}
			one, others = append(one, number(v >= PassingRating)), append(others, number(rest.Passes()))
		}
	}
	return stat.CohenKappa(one, others)
}

// Correct turns the share of replies that the judge passed into an estimate of
// the share that people would (Rogan and Gladen, "Estimating prevalence from
// the results of a screening test", 1978), with a normal interval that counts
// the chance in the judged share and in both rates. It is N 0 when the judge
// tells nothing (the rates add up to one or less).
func (a Agreement) Correct(passed stat.Estimate) stat.Estimate {
	slope := a.TruePositive.Value + a.TrueNegative.Value - 1
	if passed.N == 0 || a.TruePositive.N == 0 || a.TrueNegative.N == 0 || slope <= 0 {
		return stat.Estimate{}
	}
	value := (passed.Value + a.TrueNegative.Value - 1) / slope
	spread := func(e stat.Estimate) float64 { return e.Value * (1 - e.Value) / float64(e.N) }
	variance := (spread(passed) + value*value*spread(a.TruePositive) + (1-value)*(1-value)*spread(a.TrueNegative)) / (slope * slope)
	half := 1.959963984540054 * math.Sqrt(variance)
	clip := func(v float64) float64 { return min(1, max(0, v)) }
	return stat.Estimate{Value: clip(value), N: passed.N, Low: clip(value - half), High: clip(value + half)}
}
