package suggest

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

// Assessment is by what a suggestion's confidence was told.
type Assessment struct {
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
