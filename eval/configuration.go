package eval

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Configuration says what made the answers, each list sorted and without repeats.
type Configuration struct {
	Versions []string `json:"versions"`
	Drafters []string `json:"drafters"`
	Models   []string `json:"models"`
	// Prompts by version and hash of their rules; each case has the hash of its
	// own.
	Prompts []string `json:"prompts"`
	Spaces  []string `json:"spaces"`
	// Profiles that were to give the confidence: name and the beginning of the
	// hash; none when it was the search's own estimate.
	Profiles []string `json:"profiles,omitempty"`
	// Settings of the pipeline, as it records them.
	Settings json.RawMessage `json:"settings,omitempty"`
	// Asked is how a model was asked; nil without one.
	Asked *Asked `json:"asked,omitempty"`
	// Prices that the costs were reckoned with; nil without any.
	Prices *Prices `json:"prices,omitempty"`
	// Unknown names the fields that no answer of another system tells, so that the
	// metrics that need them count no case.
	Unknown []string `json:"unknown,omitempty"`
}

// Asked is everything about a model that its requests hold besides the prompt.
// It names no endpoint and no key.
type Asked struct {
	Model       string  `json:"model"`
	MaxTokens   int     `json:"max_tokens"`
	Temperature float64 `json:"temperature"`
	Seed        *int    `json:"seed,omitempty"`
	// Answers names the place of the answers that are kept: a digest of all of
	// the above and of the endpoint.
	Answers string `json:"answers,omitempty"`
}

// String tells people how the model was asked.
func (a *Asked) String() string {
	if a == nil {
		return "no model"
	}
	s := fmt.Sprintf("%s, at most %d tokens, temperature %v", a.Model, a.MaxTokens, a.Temperature)
	if a.Seed != nil {
		s += fmt.Sprintf(", seed %d", *a.Seed)
	}
	return s
}

// equals leaves out where answers are kept: the same model may be reached
// elsewhere.
func (a *Asked) equals(b *Asked) bool {
	x, y := Configuration{Asked: a}.WithoutPlace(), Configuration{Asked: b}.WithoutPlace()
	return reflect.DeepEqual(x, y)
}

// add notes what made a suggestion.
func (m *Configuration) add(s suggest.Suggestion, record suggest.Record) {
	m.Versions = insert(m.Versions, s.Provenance.PurserVersion)
	m.Drafters = insert(m.Drafters, s.Provenance.Drafter)
	m.Models = insert(m.Models, s.Provenance.Model)
	m.Spaces = insert(m.Spaces, s.Provenance.Space)
	if s.Provenance.PromptVersion != "" {
		m.Prompts = insert(m.Prompts, s.Provenance.PromptVersion+" "+pipeline.PromptRulesHash())
	}
	m.Profiles = insert(m.Profiles, profileOf(record))
	if m.Settings == nil {
		m.Settings = record.Settings
	}
}

// profileOf names the profile that a suggestion was judged by, or would have been
// had it not been passed over.
func profileOf(record suggest.Record) string {
	j := record.Assessment
	return strings.TrimSpace(j.Profile + " " + j.ProfileHash[:min(12, len(j.ProfileHash))])
}

// insert is a sorted list with one more, without repeats or blanks; the list
// given stays as it is.
func insert(list []string, s string) []string {
	i, there := slices.BinarySearch(list, s)
	if there || s == "" {
		return list
	}
	return slices.Concat(list[:i], []string{s}, list[i:])
}
