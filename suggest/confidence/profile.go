package confidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/say"
)

// Version is the version of the profile's JSON and of what it means.
const Version = 1

// Profile turns the features of a suggestion into a confidence: a logistic model
// that package calibrate fits.
type Profile struct {
	Version int `json:"version"`
	// Name tells profiles apart for people.
	Name string `json:"name"`
	// Sets are what it was fitted on.
	Sets []Set `json:"sets"`
	// Space is the embedding space of the runs that it was fitted on; empty when
	// they were searched by words alone. In others it says nothing, because what
	// it weighs lies on another scale there.
	Space string `json:"space"`
	// Articles is the fewest among which a ticket that it was fitted to was
	// searched; 0 when that is not known. Among much fewer, how the first stands out
	// is another matter.
	Articles int `json:"articles,omitempty"`
	// Intercept and Weights are on standardised features, natural log-odds.
	Intercept float64   `json:"intercept"`
	Features  []Feature `json:"features"`
	// Penalty is the L2 penalty that was chosen.
	Penalty float64 `json:"penalty"`
	// Isotonic maps the logistic probability on; empty where data did not
	// suffice.
	Isotonic []Step `json:"isotonic,omitempty"`
	// Floor is the confidence below which silence is better, chosen so that
	// about FalseAbstention of the answerable tickets fall below it.
	Floor           float64 `json:"floor"`
	FalseAbstention float64 `json:"false_abstention"`
	// Answerable is the share of tickets that the knowledge was taken to answer; 0
	// when it was that of the sets.
	Answerable float64 `json:"answerable,omitempty"`
	// Quality is what cross-validation found.
	Quality Quality `json:"quality"`
}

// Set is one suite that a profile was fitted on.
type Set struct {
	Name         string `json:"name"`
	Hash         string `json:"hash"`
	Answerable   int    `json:"answerable"`
	Unanswerable int    `json:"unanswerable"`
	// Estimate is how the search's own estimate does on the set with the floor that
	// counts without a profile and without a model: what a profile has to beat.
	// Nil where the runs do not hold it.
	Estimate *Quality `json:"estimate,omitempty"`
	// Within is the quality on this set's tickets alone, with tickets about other
	// articles of it, and the other sets, to learn from; Unseen is that of a
	// profile which was fitted on the other sets, so what a base that was never
	// seen may expect. Both are nil where there is one set.
	Within *Quality `json:"within,omitempty"`
	Unseen *Quality `json:"unseen,omitempty"`
}

// Feature is one input: its value is brought to (value − Mean) / Scale, cut at
// ±ProfileBound, and weighed.
type Feature struct {
	Name   string  `json:"name"`
	Mean   float64 `json:"mean"`
	Scale  float64 `json:"scale"`
	Weight float64 `json:"weight"`
}

// Quality is what cross-validation found, every figure from samples that
// neither fit, nor penalty, nor floor had seen.
type Quality struct {
	Samples int `json:"samples"`
	// Folds of the cross-validation; 0 where no sample of the set was learnt from.
	Folds int `json:"folds"`
	// AUROC of answerable against not; Brier and CalibrationError as of
	// probabilities.
	AUROC            Measured `json:"auroc"`
	Brier            Measured `json:"brier"`
	CalibrationError Measured `json:"calibration_error"`
	// FalseAbstention is the share of answerable tickets below the floor, and
	// RightAbstention that of the others.
	FalseAbstention Measured `json:"false_abstention"`
	RightAbstention Measured `json:"right_abstention"`
	// Reliability sets confidence against how often the ticket was answerable, in
	// groups of about the same size.
	Reliability []Group `json:"reliability,omitempty"`
}

// Group is one line of a reliability table: a group's mean confidence and
// the share of it that was answerable, with its 95% interval.
type Group struct {
	N          int     `json:"n"`
	Confidence float64 `json:"confidence"`
	Answerable float64 `json:"answerable"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
}

// Measured is a figure of n samples with its 95% interval.
type Measured struct {
	Value float64 `json:"value"`
	N     int     `json:"n"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// maxProfileName bounds a profile's name, in bytes.
const maxProfileName = 100

// Bound is how far, in standard deviations, a feature may reach: what lies
// beyond everything seen counts no more than the edge.
const Bound = 4

// Step is a point of the isotonic map; between points it is linear.
type Step struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

// Confidence is the probability that the knowledge answers the ticket, 0 to 1.
// It reports false when a feature that it needs is missing, or what comes of it is
// no number, so that the caller keeps its own estimate.
func (p *Profile) Confidence(features map[string]float64) (float64, bool) {
	odds := p.Intercept
	for _, f := range p.Features {
		v, ok := features[f.Name]
		if !ok {
			return 0, false
		}
		odds += f.Weight * f.Standard(v)
	}
	if math.IsNaN(odds) {
		return 0, false
	}
	return p.Straighten(logistic(odds)), true
}

// Hash tells profiles apart: SHA-256 of the profile's JSON, hexadecimal.
func (p *Profile) Hash() string {
	raw, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Standard brings a value to standard deviations from the mean, cut at the bound.
func (f Feature) Standard(v float64) float64 {
	return max(-Bound, min(Bound, (v-f.Mean)/f.Scale))
}

// Straighten maps a logistic probability on by the isotonic map.
func (p *Profile) Straighten(v float64) float64 {
	if len(p.Isotonic) == 0 {
		return v
	}
	return interpolate(p.Isotonic, v)
}

func interpolate(steps []Step, v float64) float64 {
	i, _ := slices.BinarySearchFunc(steps, v, func(s Step, v float64) int {
		switch {
		case s.From < v:
			return -1
		case s.From > v:
			return 1
		default:
			return 0
		}
	})
	switch {
	case i == 0:
		return steps[0].To
	case i == len(steps):
		return steps[i-1].To
	}
	a, b := steps[i-1], steps[i]
	return min(b.To, a.To+(b.To-a.To)*(v-a.From)/(b.From-a.From)) // rounding may lead beyond
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// mostProfileNumber bounds every number that a confidence is reckoned with: beyond
// it nothing was ever fitted, and sums could leave the numbers there are.
const mostProfileNumber = 1e6

// Parse reads a profile and checks that it can be used: what it returns
// gives a confidence from 0 to 1, or none, for any features.
func Parse(raw []byte) (Profile, error) {
	var p Profile
	if err := json.Unmarshal(raw, &p); err != nil {
		return Profile{}, fmt.Errorf("the confidence profile is broken JSON; write it again: %w", err)
	}
	if p.Version != Version {
		return Profile{}, fmt.Errorf("the confidence profile has version %d, and %d is read; fit it again with this version", p.Version, Version)
	}
	if err := p.checkFeatures(); err != nil {
		return Profile{}, err
	}
	if err := p.checkNumbers(); err != nil {
		return Profile{}, fmt.Errorf("the confidence profile %w; fit it again", err)
	}
	if strings.TrimSpace(p.Name) == "" || len(p.Name) > maxProfileName {
		return Profile{}, fmt.Errorf("the confidence profile's name is empty or longer than %d bytes; name it", maxProfileName)
	}
	return p, nil
}

// checkFeatures finds features that no search gives, and damaged ones.
func (p *Profile) checkFeatures() error {
	if len(p.Features) == 0 {
		return errors.New("the confidence profile names no features; fit it again")
	}
	known := featureNames()
	seen := make(map[string]bool, len(p.Features))
	for _, f := range p.Features {
		switch {
		case !slices.Contains(known, f.Name):
			return fmt.Errorf("the confidence profile weighs the feature %q, which is not measured; fit it again with this version%s", say.Clip(f.Name, maxProfileName), say.Alike(f.Name, known))
		case seen[f.Name]:
			return fmt.Errorf("the confidence profile weighs the feature %q twice; fit it again", f.Name)
		case !withinBound(f.Mean) || !withinBound(f.Weight) || !withinBound(f.Scale) || f.Scale <= 0:
			return fmt.Errorf("the confidence profile's feature %q is damaged: mean %g, scale %g, weight %g, and they must lie within ±%g, the scale above 0; fit it again",
				f.Name, f.Mean, f.Scale, f.Weight, mostProfileNumber)
		}
		seen[f.Name] = true
	}
	return nil
}

func withinBound(v float64) bool { return math.Abs(v) <= mostProfileNumber }

func isShare(v float64) bool { return v >= 0 && v <= 1 }

// checkNumbers finds what no fit writes. Its error goes on a sentence.
func (p *Profile) checkNumbers() error {
	for _, share := range []struct {
		name  string
		value float64
	}{{"floor", p.Floor}, {"false_abstention", p.FalseAbstention}, {"answerable", p.Answerable}} {
		if !isShare(share.value) {
			return fmt.Errorf("has the %s %g, and it must be from 0 to 1", share.name, share.value)
		}
	}
	switch {
	case !withinBound(p.Intercept):
		return fmt.Errorf("has the intercept %g, and it must lie within ±%g", p.Intercept, mostProfileNumber)
	case p.Articles < 0:
		return fmt.Errorf("was fitted among %d articles, which can't be", p.Articles)
	}
	for i, s := range p.Isotonic {
		switch {
		case !isShare(s.From) || !isShare(s.To):
			return fmt.Errorf("has an isotonic map with a point from %g to %g, and they must be from 0 to 1", s.From, s.To)
		case i > 0 && (s.From <= p.Isotonic[i-1].From || s.To < p.Isotonic[i-1].To):
			return errors.New("has an isotonic map that does not rise")
		}
	}
	return nil
}
