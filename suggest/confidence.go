package suggest

import (
	"context"
	"maps"

	"github.com/purser-desk/purser/knowledge"
)

// Profiles knows the confidence profile of each workspace.
type Profiles interface {
	// Profile returns the one in force, nil when the search's own estimate is
	// to count. It never fails: whoever implements it knows what to fall back on.
	// What it returns is not changed by anyone.
	Profile(ctx context.Context, w Workspace) *Profile
}

// PassedOver says why a workspace's profile did not judge a suggestion.
type PassedOver string

// Why a profile is passed over.
const (
	// PassedOverSpace: the search was by words alone, or in another embedding
	// space than those that the profile was fitted in, so that what it weighs
	// lies on another scale.
	PassedOverSpace PassedOver = "OTHER_SPACE"
	// PassedOverEmbedding: a part of the articles has no vector yet.
	PassedOverEmbedding PassedOver = "STILL_EMBEDDING"
	// PassedOverFew: the search was among less than half as many articles as in
	// any ticket that the profile was fitted to.
	PassedOverFew PassedOver = "FEW_ARTICLES"
	// PassedOverFeatures: a feature that the profile weighs was not measured,
	// as when nothing was found, or what it came to is no number.
	PassedOverFeatures PassedOver = "FEATURES_MISSING"
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

// Judgement is by what a suggestion's confidence was told.
type Judgement struct {
	// Estimate is that of the search's own formula, 0 to 1.
	Estimate float64 `json:"estimate"`
	// Profile and ProfileHash name the workspace's profile, whether it judged or
	// not; empty when there was none.
	Profile     string `json:"profile,omitempty"`
	ProfileHash string `json:"profile_hash,omitempty"`
	// PassedOver says why it did not judge; empty when it did.
	PassedOver PassedOver `json:"passed_over,omitempty"`
	// Floor is the confidence below which there was to be no draft.
	Floor float64 `json:"floor"`
}

// judged is how sure the pipeline is of what was found.
type judged struct {
	Judgement
	confidence float64
	// used is true when a profile gave the confidence.
	used                        bool
	knowledgeFloor, quotesFloor float64
}

// featureNames are those that a profile can weigh.
func featureNames() []string { return append(knowledge.FeatureNames(), FeatureEstimate) }

// FeatureEstimate names the search's own estimate among the features.
const FeatureEstimate = "confidence"

// features are those of the search, with its own estimate.
func (f found) features() map[string]float64 {
	m := maps.Clone(f.results.Features)
	if m == nil {
		m = map[string]float64{}
	}
	m[FeatureEstimate] = f.results.Confidence
	return m
}

// judge tells the confidence: by the workspace's profile where there is one and
// it can be applied, else by the search's own formula. A floor that the settings
// name counts for either.
func (p *Pipeline) judge(ctx context.Context, w Workspace, f found) judged {
	j := judged{confidence: f.results.Confidence}
	j.Estimate = f.results.Confidence
	var profile *Profile
	if p.profiles != nil {
		profile = p.profiles.Profile(ctx, w)
	}
	draft, quotes, knowledge := standardDraftFloor, standardQuoteFloor, standardKnowledgeFloor
	if profile != nil {
		j.Profile, j.ProfileHash = profile.Name, profile.Hash()
		var c float64
		if c, j.PassedOver = profile.judge(f); j.PassedOver == "" {
			j.confidence, j.used = c, true
			draft, quotes, knowledge = profile.Floor, profile.Floor, min(knowledge, profile.Floor)
		}
	}
	j.Floor = orOther(p.settings.DraftFloor, draft)
	j.quotesFloor = orOther(p.settings.QuoteFloor, quotes)
	j.knowledgeFloor = orOther(p.settings.KnowledgeFloor, knowledge)
	if p.drafter == nil {
		j.Floor = max(j.Floor, j.quotesFloor)
	}
	return j
}

func orOther(v, other float64) float64 {
	if v == 0 {
		return other
	}
	return v
}

// judge tells the confidence in what was found, or why it can't.
func (p *Profile) judge(f found) (float64, PassedOver) {
	r := &f.results
	if len(r.Hits) == 0 {
		return 0, PassedOverFeatures
	}
	if r.Space != p.Space {
		return 0, PassedOverSpace
	}
	if r.Space != "" && r.Features["embedded"] < leastEmbedded*r.Features["articles"] {
		return 0, PassedOverEmbedding
	}
	if 2*r.Features["articles"] < float64(p.Articles) {
		return 0, PassedOverFew
	}
	c, ok := p.Confidence(f.features())
	if !ok {
		return 0, PassedOverFeatures
	}
	return c, ""
}
