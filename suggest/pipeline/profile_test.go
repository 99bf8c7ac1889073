package pipeline_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest/confidence"
)

// parsed reads a profile of these features, with these other fields.
func parsed(features string, more ...string) (confidence.Profile, error) {
	fields := append([]string{`"version":1`, `"name":"p"`, `"features":[` + features + `]`}, more...)
	return confidence.Parse([]byte("{" + strings.Join(fields, ",") + "}"))
}

func TestProfilesThatCannotBe(t *testing.T) {
	t.Parallel()
	const lead = `{"name":"lead","mean":1,"scale":2,"weight":3}`
	for name, c := range map[string]struct {
		features string
		more     string
		said     string
	}{
		"no features":                 {"", "", "names no features"},
		"a huge weight":               {`{"name":"lead","scale":1,"weight":-1.7e308}`, "", `feature "lead" is damaged: mean 0, scale 1, weight -1.7e+308`},
		"a huge mean":                 {`{"name":"lead","scale":1,"mean":1e300}`, "", "mean 1e+300"},
		"a huge scale":                {`{"name":"lead","scale":1e7}`, "", "scale 1e+07"},
		"no scale":                    {`{"name":"lead"}`, "", "the scale above 0"},
		"a scale below 0":             {`{"name":"lead","scale":-1}`, "", "the scale above 0"},
		"a feature twice":             {lead + "," + lead, "", `weighs the feature "lead" twice`},
		"an unknown feature":          {`{"name":"leed","scale":1}`, "", `weighs the feature "leed", which is not measured; fit it again with this version; did you mean lead`},
		"nothing like any feature":    {lead + `,{"name":"nosuch-thing-at-all","scale":1}`, "", `"nosuch-thing-at-all", which is not measured`},
		"a feature without a name":    {`{"scale":1}`, "", `weighs the feature "", which is not measured`},
		"a huge intercept":            {lead, `"intercept":1.7e308`, "the intercept 1.7e+308"},
		"a floor above 1":             {lead, `"floor":1.5`, "the floor 1.5, and it must be from 0 to 1"},
		"a floor below 0":             {lead, `"floor":-0.1`, "the floor -0.1"},
		"silence beyond all":          {lead, `"false_abstention":2`, "the false_abstention 2"},
		"more than all answerable":    {lead, `"answerable":1e9`, "the answerable 1e+09"},
		"fewer than no articles":      {lead, `"articles":-1`, "among -1 articles"},
		"a step to nowhere":           {lead, `"isotonic":[{"from":0,"to":1.5}]`, "a point from 0 to 1.5"},
		"a step from nowhere":         {lead, `"isotonic":[{"from":-1e300,"to":0},{"from":1e300,"to":1}]`, "a point from -1e+300 to 0"},
		"a map that falls":            {lead, `"isotonic":[{"from":0,"to":0.5},{"from":1,"to":0.4}]`, "does not rise"},
		"a map that stands still":     {lead, `"isotonic":[{"from":0.5,"to":0.5},{"from":0.5,"to":0.6}]`, "does not rise"},
		"a number that is none":       {`{"name":"lead","scale":1,"weight":1e999}`, "", "broken JSON"},
		"no name":                     {lead, `"name":" "`, "name is empty"},
		"another version":             {lead, `"version":9`, "has version 9, and 1 is read"},
		"a feature that only a clock": {`{"name":"first_words_ms","scale":1}`, "", "is not measured"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var more []string
			if c.more != "" {
				more = []string{c.more}
			}
			if _, err := parsed(c.features, more...); err == nil || !strings.Contains(err.Error(), c.said) {
				t.Errorf("error is %v, want %q", err, c.said)
			}
		})
	}
	for name, p := range map[string]string{"as fitted": lead, "the search's own estimate": `{"name":"confidence","scale":0.1,"weight":2}`} {
		if _, err := parsed(p, `"isotonic":[{"from":0,"to":0},{"from":1,"to":1}]`, `"floor":1`); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryFeatureCanBeWeighed(t *testing.T) {
	t.Parallel()
	for _, name := range append(knowledge.FeatureNames(), confidence.FeatureEstimate) {
		if _, err := parsed(`{"name":"` + name + `","scale":1}`); err != nil {
			t.Error(err)
		}
	}
}

func TestConfidenceNeedsItsFeatures(t *testing.T) {
	t.Parallel()
	p := leading(.5)
	p.Isotonic = []confidence.Step{{From: 0, To: .2}, {From: 1, To: .8}}
	for name, features := range map[string]map[string]float64{"another": {"gap": 1}, "none": nil, "no number": {"lead": math.NaN()}} {
		if c, ok := p.Confidence(features); ok {
			t.Errorf("%s: confidence is %v", name, c)
		}
	}
	if c, ok := p.Confidence(map[string]float64{"lead": math.Inf(1)}); !ok || c <= .7 || c > .8 {
		t.Errorf("beyond all that was seen: confidence %v, %v", c, ok)
	}
	p.Features = append(p.Features, confidence.Feature{Name: "gap", Scale: 1, Weight: math.MaxFloat64}, confidence.Feature{Name: "score", Scale: 1, Weight: -math.MaxFloat64})
	if c, ok := p.Confidence(map[string]float64{"lead": 1, "gap": 4, "score": 4}); ok {
		t.Errorf("of sums that are no number: confidence is %v", c)
	}
}

// Whatever can be read gives a probability, or none.
func FuzzParseProfile(f *testing.F) {
	f.Add([]byte(`{"version":1,"name":"p","features":[{"name":"lead","scale":1,"weight":2}],"isotonic":[{"from":0,"to":0.1},{"from":1,"to":0.4}]}`), 1., -2.)
	f.Add([]byte(`{"version":1,"name":"p","features":[{"name":"lead","scale":1,"weight":1.7e308},{"name":"gap","scale":1,"weight":-1.7e308}]}`), 4., 4.)
	f.Add([]byte(`{"version":1,"name":"p","features":[{"name":"lead","scale":5e-324,"weight":1e6},{"name":"lead","scale":1}],"intercept":-1e6,"floor":1}`), math.MaxFloat64, 0.)
	f.Add([]byte(`{"version":1,"name":"p","features":[{"name":"neighbours","scale":1e6,"mean":-1e6,"weight":0.3}],"isotonic":[{"from":0.1,"to":0.1},{"from":0.10000000000000002,"to":0.7}]}`), -math.MaxFloat64, 1e-300)
	f.Fuzz(func(t *testing.T, raw []byte, one, other float64) {
		p, err := confidence.Parse(raw)
		if err != nil {
			return
		}
		if math.IsInf(one, 0) || math.IsInf(other, 0) || math.IsNaN(one) || math.IsNaN(other) {
			return
		}
		features := map[string]float64{}
		for i, feature := range p.Features {
			features[feature.Name] = one
			if i%2 == 1 {
				features[feature.Name] = other
			}
		}
		if len(features) != len(p.Features) {
			t.Errorf("%d features, of which %d have names of their own", len(p.Features), len(features))
		}
		if c, ok := p.Confidence(features); ok && !(c >= 0 && c <= 1) {
			t.Errorf("confidence is %v", c)
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := confidence.Parse(again); err != nil || back.Hash() != p.Hash() {
			t.Errorf("written and read again: %v", err)
		}
	})
}
