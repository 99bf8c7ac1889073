package judge

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/stat"
)

// Agreement is how a judge agrees with people.
type Agreement = eval.JudgeAgreement

// RatedVerdict is what people and the judge said of one rated reply.
type RatedVerdict struct {
	ID      string `json:"id"`
	Ratings []int  `json:"ratings"`
	// Verdict and Votes are those of eval.Verdict.
	Verdict string   `json:"verdict"`
	Votes   []string `json:"votes,omitempty"`
}

// Calibrate has the judge judge what people rated. It fails when ctx ends, when
// the budget is used up, with an error of the model that other replies would
// meet too, when more than a twentieth of the replies could not be judged, and
// with *NonsenseError when most got no verdict. A model behind a cache is asked
// only what is left when it is called again.
func Calibrate(ctx context.Context, j *Judge, rated []Rated, o Options) ([]RatedVerdict, error) {
	if len(rated) == 0 {
		return nil, errors.New("there are no rated replies to calibrate on")
	}
	tasks, out := make([]Task, len(rated)), make([]RatedVerdict, len(rated))
	for i := range rated {
		tasks[i] = rated[i].Task
		out[i] = RatedVerdict{ID: rated[i].ID, Ratings: rated[i].Ratings}
	}
	w := &work{judge: j, o: o}
	err := w.all(ctx, tasks, func(i int, o eval.Verdict) { out[i].Verdict, out[i].Votes = o.Result, o.Votes })
	if err != nil {
		return nil, err
	}
	if float64(w.failed) > mostFailures*float64(len(rated)) {
		return nil, fmt.Errorf("%d of %d replies could not be judged; what was answered is kept, so run again: %w", w.failed, len(rated), w.last)
	}
	if 2*w.undecided > len(rated) {
		return nil, j.nonsense(w.undecided, len(rated))
	}
	return out, nil
}

// Agree measures how the verdicts agree with people's ratings.
func Agree(verdicts []RatedVerdict) Agreement {
	var a Agreement
	var people, judged []int
	var passed, failed, right, refused, steady, votes, nonsense int
	for i := range verdicts {
		v := &verdicts[i]
		votes += len(v.Votes)
		for _, vote := range v.Votes {
			nonsense += number(vote == eval.JudgedNonsense)
		}
		switch v.Verdict {
		case eval.JudgedPass, eval.JudgedFail:
		case eval.JudgedError:
			a.Failed++
			continue
		default:
			a.Undecided++
			continue
		}
		pass := v.Verdict == eval.JudgedPass
		people, judged = append(people, number(majority(v.Ratings))), append(judged, number(pass))
		if majority(v.Ratings) {
			passed++
			right += number(pass)
		} else {
			failed++
			refused += number(!pass)
		}
		steady += number(unanimous(v.Votes))
	}
	a.Kappa = stat.CohenKappa(people, judged)
	a.TruePositive, a.TrueNegative = stat.Share(right, passed), stat.Share(refused, failed)
	a.Steady, a.Nonsense = stat.Share(steady, len(judged)), stat.Share(nonsense, votes)
	a.Single, a.SinglePositive, a.SingleNegative = single(verdicts)
	a.Among = amongKappa(verdicts)
	return a
}

func unanimous(votes []string) bool {
	for _, v := range votes {
		if v != votes[0] {
			return false
		}
	}
	return true
}

// single pools, over raters, each one's verdict with that of the others: what a
// judge can be measured by. Intervals are made as if each reply were one
// observation: the pairs of one reply are not independent.
func single(verdicts []RatedVerdict) (kappa, positive, negative stat.Estimate) {
	var one, others []int
	replies := 0
	for i := range verdicts {
		r := verdicts[i].Ratings
		if len(r) < 2 {
			continue
		}
		replies++
		for k, v := range r {
			rest := append(append([]int{}, r[:k]...), r[k+1:]...)
			one, others = append(one, number(v >= PassingRating)), append(others, number(majority(rest)))
		}
	}
	if replies == 0 {
		return kappa, positive, negative
	}
	each := float64(len(one)) / float64(replies)
	if kappa = stat.CohenKappa(one, others); kappa.N > 0 {
		wider := math.Sqrt(each)
		kappa.Low = max(-1, kappa.Value-wider*(kappa.Value-kappa.Low))
		kappa.High = min(1, kappa.Value+wider*(kappa.High-kappa.Value))
		kappa.N = replies
	}
	return kappa, rate(one, others, 1, each), rate(one, others, 0, each)
}

// rate is the share of what the others gave that verdict on which one did, too,
// each observations counting as one.
func rate(one, others []int, verdict int, each float64) stat.Estimate {
	same, all := 0, 0
	for i := range one {
		if others[i] == verdict {
			all++
			same += number(one[i] == verdict)
		}
	}
	if all == 0 {
		return stat.Estimate{}
	}
	n := max(1, int(math.Round(float64(all)/each)))
	share := float64(same) / float64(all)
	e := stat.Share(int(math.Round(share*float64(n))), n)
	e.Low, e.High = min(e.Low, share), max(e.High, share)
	e.Value = share
	return e
}

// amongKappa is Fleiss's κ of the raters, over the replies with as many ratings
// as the first one has.
func amongKappa(verdicts []RatedVerdict) stat.Estimate {
	var counts [][]int
	for i := range verdicts {
		r := verdicts[i].Ratings
		if len(r) != len(verdicts[0].Ratings) {
			continue
		}
		passing := 0
		for _, v := range r {
			passing += number(v >= PassingRating)
		}
		counts = append(counts, []int{passing, len(r) - passing})
	}
	return stat.FleissKappa(counts, 1)
}

// Bounds of the κ that a judge must reach: fair and moderate agreement (Landis
// and Koch, "The measurement of observer agreement for categorical data", 1977).
const (
	FairKappa     = .21
	ModerateKappa = .41
)

// LeastKappa is the κ that a judge must reach with its whole interval: that of
// one person with the others, since no judge need agree with people better than
// they do among themselves, but at least FairKappa, and no more than
// ModerateKappa, which also holds where each reply has one rating.
func LeastKappa(a Agreement) float64 {
	if a.Single.N == 0 {
		return ModerateKappa
	}
	return min(ModerateKappa, max(FairKappa, a.Single.Value))
}

// LeastRate is the rate that a judge must pass with its whole interval: a
// coin's, or that of one person with the others where this is below.
func LeastRate(singleRater stat.Estimate) float64 {
	if singleRater.N == 0 {
		return .5
	}
	return min(.5, singleRater.Value)
}

// Distrust says why a judge's verdicts may not count, one sentence for each
// reason; none when they may. They may when κ reaches LeastKappa and both rates
// pass LeastRate, with their whole intervals, and few answers are nonsense.
func Distrust(a Agreement) []string {
	var why []string
	say := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }
	if least := LeastKappa(a); a.Kappa.N == 0 {
		say("κ can't be told: people or judge gave every reply the same verdict")
	} else if a.Kappa.Low < least {
		say("κ with people is %.2f (%.2f – %.2f) and must be at least %.2f with its whole interval", a.Kappa.Value, a.Kappa.Low, a.Kappa.High, least)
	}
	check := func(e stat.Estimate, least float64, people, judge string) {
		switch {
		case e.N == 0:
			say("no reply that people %s was judged", people)
		case e.Low <= least:
			say("of %d replies that people %s it %s %.2f (%.2f – %.2f), and must be above %.2f with the whole interval", e.N, people, judge, e.Value, e.Low, e.High, least)
		}
	}
	check(a.TruePositive, LeastRate(a.SinglePositive), "pass", "passes")
	check(a.TrueNegative, LeastRate(a.SingleNegative), "fail", "fails")
	if a.Nonsense.Value > MaxNonsense {
		say("%.0f%% of its answers were no verdict, and at most %.0f%% may be", 100*a.Nonsense.Value, 100*MaxNonsense)
	}
	return why
}

// Trusted reports whether verdicts may count.
func Trusted(a Agreement) bool { return len(Distrust(a)) == 0 }
