package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/suggest"
)

// ProfileUse says for how many cases the confidence profile gave the confidence.
// Where it was passed over, the search's own estimate did.
type ProfileUse struct {
	Applied int `json:"applied"`
	// PassedOver counts the others, by why.
	PassedOver map[suggest.PassedOver]int `json:"passed_over,omitempty"`
}

// assessedBy takes over which profile gave the confidence, or why it did not.
func (r *CaseResult) assessedBy(j suggest.Assessment) {
	if r.PassedOver = j.PassedOver; r.PassedOver == "" {
		r.Profile = j.Profile
	}
}

// countProfile adds a case to the profile's use.
func (r *Report) countProfile(c *CaseResult) {
	if c.Profile == "" && c.PassedOver == "" {
		return
	}
	if r.Profile == nil {
		r.Profile = &ProfileUse{}
	}
	if c.PassedOver == "" {
		r.Profile.Applied++
		return
	}
	if r.Profile.PassedOver == nil {
		r.Profile.PassedOver = map[suggest.PassedOver]int{}
	}
	r.Profile.PassedOver[c.PassedOver]++
}

// ProfilePassedOver says for how many tickets the
// profile that was to give the confidence did not, and why; empty when it always
// did, when there was none, and when all it was passed over for were tickets for which
// nothing was found: there no profile has a say.
func (r *Report) ProfilePassedOver() string {
	if r.Profile == nil {
		return ""
	}
	n := 0
	var why []string
	for _, code := range slices.Sorted(maps.Keys(r.Profile.PassedOver)) {
		n += r.Profile.PassedOver[code]
		why = append(why, fmt.Sprintf("%d because %s", r.Profile.PassedOver[code], r.because(code)))
	}
	if n == r.Profile.PassedOver[suggest.PassedOverFeatures] {
		return ""
	}
	if len(why) == 1 {
		_, why[0], _ = strings.Cut(why[0], " because ")
	}
	return fmt.Sprintf("the profile was passed over in %d of %s: %s; there the search's own estimate counts", n, say.Count(r.Profile.Applied+n, "ticket"), strings.Join(why, ", "))
}

func (r *Report) because(code suggest.PassedOver) string {
	switch code {
	case suggest.PassedOverSpace:
		if len(r.Configuration.Spaces) == 0 {
			return "they were searched by words alone, and it was fitted in an embedding space"
		}
		return "it was fitted in another embedding space than " + strings.Join(r.Configuration.Spaces, ", ")
	case suggest.PassedOverEmbedding:
		return "articles still waited for their vectors"
	case suggest.PassedOverFew:
		return "they were searched among less than half as many articles as it was ever fitted to"
	case suggest.PassedOverFeatures:
		return "nothing was found for them"
	}
	return string(code)
}
