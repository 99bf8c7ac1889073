package confidence

import (
	"cmp"
	"maps"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// leastEmbedded is the share of the articles that must have a vector for the
// features of meaning to be what they were when a profile was fitted.
const leastEmbedded = .9

// EstimateFloor is the search's own estimate below which there is no draft where
// there is neither a profile nor a model.
const EstimateFloor = .35

// Floors that hold where the settings name none. With a profile, its own floor
// takes the place of the latter two.
const (
	standardKnowledgeFloor = .10
	standardDraftFloor     = .30
	standardQuoteFloor     = EstimateFloor
)

// Assessed is how sure one can be of what was found.
type Assessed struct {
	suggest.Assessment
	// Confidence is 0 to 1.
	Confidence float64
	// ByProfile is true when a profile gave the confidence.
	ByProfile bool
	// KnowledgeFloor and QuoteFloor are those below which nothing counts as
	// knowledge, and nothing is quoted.
	KnowledgeFloor, QuoteFloor float64
}

// FloorSettings are the floors that somebody set; 0 leaves a floor to the profile.
type FloorSettings struct{ Knowledge, Draft, Quote float64 }

// Standard fills in what counts without a profile.
func (f FloorSettings) Standard() FloorSettings {
	return FloorSettings{
		Knowledge: cmp.Or(f.Knowledge, standardKnowledgeFloor), Draft: cmp.Or(f.Draft, standardDraftFloor),
		Quote: cmp.Or(f.Quote, standardQuoteFloor),
	}
}

// featureNames are those that a profile can weigh.
func featureNames() []string { return append(knowledge.FeatureNames(), FeatureEstimate) }

// FeatureEstimate names the search's own estimate among the features.
const FeatureEstimate = "confidence"

// Features are those of the search, with its own estimate.
func Features(r *knowledge.Results) map[string]float64 {
	m := maps.Clone(r.Features)
	if m == nil {
		m = map[string]float64{}
	}
	m[FeatureEstimate] = r.Confidence
	return m
}

// Assess tells the confidence: by the profile, which may be nil, where it can be
// applied, else by the search's own formula. A floor that somebody set counts for
// either. quotesOnly is true where no model drafts.
func Assess(profile *Profile, r *knowledge.Results, floors FloorSettings, quotesOnly bool) Assessed {
	a := Assessed{Confidence: r.Confidence}
	a.Estimate = r.Confidence
	standard := FloorSettings{}.Standard()
	if profile != nil {
		a.Profile, a.ProfileHash = profile.Name, profile.Hash()
		var c float64
		if c, a.PassedOver = profile.assess(r); a.PassedOver == "" {
			a.Confidence, a.ByProfile = c, true
			standard = FloorSettings{min(standard.Knowledge, profile.Floor), profile.Floor, profile.Floor}
		}
	}
	a.Floor = cmp.Or(floors.Draft, standard.Draft)
	a.QuoteFloor = cmp.Or(floors.Quote, standard.Quote)
	a.KnowledgeFloor = cmp.Or(floors.Knowledge, standard.Knowledge)
	if quotesOnly {
		a.Floor = max(a.Floor, a.QuoteFloor)
	}
	return a
}

// assess tells the confidence in what was found, or why it can't.
func (p *Profile) assess(r *knowledge.Results) (float64, suggest.PassedOver) {
	if len(r.Hits) == 0 {
		return 0, suggest.PassedOverFeatures
	}
	if r.Space != p.Space {
		return 0, suggest.PassedOverSpace
	}
	if r.Space != "" && r.Features["embedded"] < leastEmbedded*r.Features["articles"] {
		return 0, suggest.PassedOverEmbedding
	}
	if 2*r.Features["articles"] < float64(p.Articles) {
		return 0, suggest.PassedOverFew
	}
	c, ok := p.Confidence(Features(r))
	if !ok {
		return 0, suggest.PassedOverFeatures
	}
	return c, ""
}
