package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
	"github.com/purser-desk/purser/suggest/extractive"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// profiles is a pipeline.Profiles with the same profile for everyone.
type profiles struct{ held *confidence.Profile }

func (p profiles) Profile(context.Context, suggest.Workspace) *confidence.Profile { return p.held }

// leading is a profile whose log-odds are the feature "lead".
func leading(floor float64) *confidence.Profile {
	return &confidence.Profile{
		Version: confidence.Version, Name: "leading", Space: "test", Floor: floor, FalseAbstention: .1,
		Features: []confidence.Feature{{Name: "lead", Scale: 1, Weight: 1}},
	}
}

// leads is a search whose own estimate is one thing and whose features are
// another.
func leads(estimate float64, features map[string]float64) pipelinetest.Searcher {
	return func(ctx context.Context, q knowledge.Query) (knowledge.Results, error) {
		r, err := pipelinetest.Baggage()(ctx, q)
		r.Confidence, r.Features = estimate, features
		return r, err
	}
}

func odds(p float64) float64 { return math.Log(p / (1 - p)) }

func measured(p float64) map[string]float64 {
	return map[string]float64{"lead": odds(p), "articles": 100, "embedded": 100}
}

func TestProfileJudges(t *testing.T) {
	t.Parallel()
	byWords := func(ctx context.Context, q knowledge.Query) (knowledge.Results, error) {
		r, err := leads(.9, measured(.2))(ctx, q)
		r.Space, r.WordsOnly = "", true
		return r, err
	}
	model := pipelinetest.Writes(nil, pipelinetest.Cited("Your cabin bag may weigh up to 8 kg.", 1))
	for name, c := range map[string]struct {
		search     pipelinetest.Searcher
		profile    *confidence.Profile
		model      pipeline.Drafter
		settings   pipeline.Settings
		confidence float64
		reason     suggest.Reason
		passedOver suggest.PassedOver
		floor      float64
	}{
		"above its floor": {search: leads(.05, measured(.6)), profile: leading(.5), confidence: .6, floor: .5},
		"below its floor": {search: leads(.9, measured(.45)), profile: leading(.5), confidence: .45, reason: suggest.ReasonLowConfidence, floor: .5},
		"below its floor, with a model": {
			search: leads(.9, measured(.45)), profile: leading(.5), model: model, confidence: .45, floor: .5,
		},
		"far below":          {search: leads(.9, measured(.05)), profile: leading(.5), confidence: .05, reason: suggest.ReasonNoKnowledge, floor: .5},
		"its floor is lower": {search: leads(.9, measured(.07)), profile: leading(.06), confidence: .07, floor: .06},
		"the setting's floor is lower": {
			search: leads(.9, measured(.3)), profile: leading(.5), settings: pipeline.Settings{DraftFloor: .2, QuoteFloor: .25}, confidence: .3, floor: .25,
		},
		"the setting's floor is higher": {
			search: leads(.9, measured(.6)), profile: leading(.5), settings: pipeline.Settings{DraftFloor: .7}, confidence: .6, reason: suggest.ReasonLowConfidence, floor: .7,
		},
		"no profile": {search: leads(.33, measured(.9)), confidence: .33, reason: suggest.ReasonLowConfidence, floor: .35},
		"by words alone": {
			search: byWords, profile: leading(.5), confidence: .9, passedOver: suggest.PassedOverSpace, floor: .35,
		},
		"a profile for words alone": {
			search: byWords, profile: func() *confidence.Profile { p := leading(.5); p.Space = ""; return p }(), confidence: .2, reason: suggest.ReasonLowConfidence, floor: .5,
		},
		"still embedding": {
			search: leads(.9, map[string]float64{"lead": -3, "articles": 100, "embedded": 80}), profile: leading(.5), confidence: .9, passedOver: suggest.PassedOverEmbedding, floor: .35,
		},
		"too few articles": {
			search: leads(.9, map[string]float64{"lead": -3, "articles": 9, "embedded": 9}), profile: func() *confidence.Profile { p := leading(.5); p.Articles = 20; return p }(),
			confidence: .9, passedOver: suggest.PassedOverFew, floor: .35,
		},
		"half as many articles": {
			search: leads(.9, map[string]float64{"lead": odds(.6), "articles": 10, "embedded": 10}), profile: func() *confidence.Profile { p := leading(.5); p.Articles = 20; return p }(),
			confidence: .6, floor: .5,
		},
		"a feature is missing": {
			search: leads(.9, map[string]float64{"articles": 100, "embedded": 100}), profile: leading(.5), confidence: .9, passedOver: suggest.PassedOverFeatures, floor: .35,
		},
		"nothing found": {search: pipelinetest.Found(), profile: leading(.5), reason: suggest.ReasonNoKnowledge, passedOver: suggest.PassedOverFeatures, floor: .35},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := pipeline.Deps{Searcher: c.search, Drafter: c.model, Extractive: extractive.New(pipelinetest.Analyzer()), Detector: pipelinetest.Detector(), Analyzer: pipelinetest.Analyzer()}
			if c.profile != nil {
				d.Profiles = profiles{c.profile}
			}
			p, err := pipeline.New(d, c.settings)
			if err != nil {
				t.Fatal(err)
			}
			m := run(t, p, pipelinetest.Customer(pipelinetest.Question))
			if math.Abs(m.Confidence-c.confidence) > 1e-9 || m.Reason != c.reason {
				t.Errorf("confidence %v, %s %s; want %v, %s", m.Confidence, m.Outcome, m.Reason, c.confidence, c.reason)
			}
			j := m.record.Assessment
			if j.PassedOver != c.passedOver || j.Floor != c.floor {
				t.Errorf("judged %+v, want it passed over for %q, and the floor %v", j, c.passedOver, c.floor)
			}
			name, hash := "", ""
			if c.profile != nil {
				name, hash = "leading", c.profile.Hash()
			}
			if j.Profile != name || j.ProfileHash != hash {
				t.Errorf("the record names the profile %q %q", j.Profile, j.ProfileHash)
			}
			if c.passedOver != "" {
				name, hash = "", ""
			}
			if m.Provenance.Profile != name || m.Provenance.ProfileHash != hash {
				t.Errorf("the suggestion names the profile %q %q", m.Provenance.Profile, m.Provenance.ProfileHash)
			}
			if estimate, ok := m.record.Features["confidence"]; !ok || estimate != j.Estimate {
				t.Errorf("the search's own estimate is %v in the features and %v in the assessment", estimate, j.Estimate)
			}
		})
	}
}

func TestHashTellsProfilesApart(t *testing.T) {
	t.Parallel()
	a, b := leading(.5), leading(.6)
	raw, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	back, err := confidence.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if a.Hash() != back.Hash() || a.Hash() == b.Hash() || len(a.Hash()) != 64 {
		t.Errorf("hashes: %s, read back %s, another %s", a.Hash(), back.Hash(), b.Hash())
	}
}

func TestDefaultProfileCanBeUsed(t *testing.T) {
	t.Parallel()
	p, err := confidence.Default()
	if err != nil {
		t.Fatal(err)
	}
	if p != nil && (p.Space == "" || p.Floor <= 0 || len(p.Sets) < 2 || p.Quality.Samples == 0) {
		t.Errorf("the profile that ships: %+v", p)
	}
}

// profileStore is a confidence.Store made of a function.
type profileStore func(w suggest.Workspace) (confidence.Stored, error)

func (s profileStore) Profile(_ context.Context, w suggest.Workspace) (confidence.Stored, error) {
	return s(w)
}

func stored(t *testing.T, version int, p *confidence.Profile) confidence.Stored {
	t.Helper()
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return confidence.Stored{Version: version, JSON: raw}
}

// lines is a log in memory.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), s)
}

func TestProfileCache(t *testing.T) {
	t.Parallel()
	clock := time.Unix(0, 0)
	fallback := leading(.3)
	fallback.Name = "fallback"
	held, failure, asked := confidence.Stored{}, confidence.ErrNoProfile, 0
	log := &lines{}
	c := confidence.NewCache(profileStore(func(suggest.Workspace) (confidence.Stored, error) {
		asked++
		return held, failure
	}), fallback, func() time.Time { return clock }, slog.New(slog.NewTextHandler(log, nil)))
	nameNow := func() string {
		p := c.Profile(t.Context(), pipelinetest.Workspace)
		if p == nil {
			return "none"
		}
		return p.Name
	}
	for _, step := range []struct {
		name    string
		held    confidence.Stored
		failure error
		after   time.Duration
		want    string
		asks    int
		warned  string
	}{
		{"no profile", confidence.Stored{}, confidence.ErrNoProfile, 0, "fallback", 1, ""},
		{"set, and not yet asked for", stored(t, 1, leading(.5)), nil, 10 * time.Second, "fallback", 0, ""},
		{"asked for", stored(t, 1, leading(.5)), nil, 20 * time.Second, "leading", 1, ""},
		{"the database is gone", confidence.Stored{}, errors.New("down"), 30 * time.Second, "leading", 1, "can't be read"},
		{"not asked again at once", confidence.Stored{}, errors.New("down"), time.Second, "leading", 0, ""},
		{"cleared", confidence.Stored{Version: 2}, nil, 30 * time.Second, "fallback", 1, ""},
		{"without any", confidence.Stored{Version: 3, JSON: []byte("null")}, nil, 30 * time.Second, "none", 1, ""},
		{"damaged", confidence.Stored{Version: 4, JSON: []byte(`{"version":1}`)}, nil, 30 * time.Second, "fallback", 1, "names no features"},
		{"still damaged, told of once", confidence.Stored{Version: 4, JSON: []byte(`{"version":1}`)}, nil, 30 * time.Second, "fallback", 1, ""},
		{"of a newer version", confidence.Stored{Version: 5, JSON: []byte(`{"version":99}`)}, nil, 30 * time.Second, "fallback", 1, "has version 99"},
		{"rolled back", stored(t, 6, leading(.5)), nil, 30 * time.Second, "leading", 1, ""},
	} {
		held, failure = step.held, step.failure
		clock = clock.Add(step.after)
		before, warned := asked, log.count("level=WARN")
		if got := nameNow(); got != step.want || asked-before != step.asks {
			t.Errorf("%s: %q is in force and the store was asked %d times; want %q, %d", step.name, got, asked-before, step.want, step.asks)
		}
		want := 0
		if step.warned != "" {
			want = 1
		}
		if log.count("level=WARN")-warned != want || want == 1 && log.count(step.warned) == 0 {
			t.Errorf("%s: the log should warn %d times of %q:\n%s", step.name, want, step.warned, log.b.String())
		}
	}
}

// Many suggestions at once ask the store once, and each pipelinetest.Workspace gets its own.
func TestProfileCacheTogether(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked := map[suggest.Workspace]int{}
	c := confidence.NewCache(profileStore(func(w suggest.Workspace) (confidence.Stored, error) {
		mu.Lock()
		defer mu.Unlock()
		asked[w]++
		p := leading(.5)
		p.Name = string(w)
		raw, err := json.Marshal(p)
		return confidence.Stored{Version: 1, JSON: raw}, err
	}), nil, nil, nil)
	var all sync.WaitGroup
	for _, w := range []suggest.Workspace{"one", "two"} {
		for range 20 {
			all.Go(func() {
				if p := c.Profile(t.Context(), w); p == nil || p.Name != string(w) {
					t.Errorf("workspace %s got %+v", w, p)
				}
			})
		}
	}
	all.Wait()
	if asked["one"] != 1 || asked["two"] != 1 {
		t.Errorf("asked %v", asked)
	}
}

// A caller that goes away spoils nothing for the next one.
func TestProfileCacheForgivesCallersThatGo(t *testing.T) {
	t.Parallel()
	c := confidence.NewCache(profileStore(func(suggest.Workspace) (confidence.Stored, error) {
		return stored(t, 1, leading(.5)), nil
	}), nil, nil, nil)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_ = c.Profile(gone, pipelinetest.Workspace)
	if p := c.Profile(t.Context(), pipelinetest.Workspace); p == nil || p.Name != "leading" {
		t.Errorf("got %+v", p)
	}
}
