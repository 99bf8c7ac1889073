package support

import (
	"context"
	"math"
	"slices"

	"github.com/purser-desk/purser/suggest"
)

// measured is what tells whether a claim is said, beside its figures.
type measured struct {
	// features are as Features names them.
	features []float64
	embedded bool
	// same tells that some evidence is in the claim's language.
	same bool
	// covered is the share of the claim's words, by rarity, that the best place has;
	// own that of what the customer wrote.
	covered, own float64
	best         []*place
	// doubt is what speaks most against the claim, and against what.
	doubt suggest.ClaimReason
	// conflict makes the claim false whatever its score.
	conflict suggest.ClaimReason
	detail   string
	vector   []float32
}

// Features are the names of what Measure measures, in its order.
func Features() []string {
	return []string{
		"cosine", "ahead", "covered", "source", "names", "quoted",
		"claim denies", "evidence denies", "denied beside its words", "all", "some dropped", "only dropped", "only added", "must", "may dropped",
		"other language", "opposite", "opposite of may or must", "denied word", "another row",
	}
}

// The places in a row of features.
const (
	atCosine = iota
	atAhead
	atCovered
	atSource
	atNames
	atQuoted
	atClaimDenies
	atPlaceDenies
	atDeniedBeside
	atAll
	atSomeDropped
	atOnlyDropped
	atOnlyAdded
	atMust
	atMayDropped
	atOtherLanguage
	atOpposite
	atMayNot
	atDeniedWord
	atSibling
	features
)

const (
	wordsBesideVector = .15 // what shared words add to a cosine
	citedCosine       = .01 // what a citation adds
	peerWithin        = .015
	maxPeers          = 3
	nearWithin        = .03
	maxNear           = 4
	// cosineMiddle and cosineScale bring cosines to the size of the other features:
	// those of the embedded model lie between .75 and 1.
	cosineMiddle = .88
	cosineScale  = 20
)

// quotes reports whether all of a claim's words stand in one place and nothing
// turns them round: a step of a long list is not like the whole of it.
func (m *measured) quotes() bool {
	f := m.features
	return f[atQuoted] > 0 && f[atDeniedBeside] == 0 && f[atClaimDenies] == 0 && f[atOpposite] == 0 && f[atAll] == 0 && f[atMust] == 0 && f[atDeniedWord] == 0
}

// all are the words of a text, each once.
func (rd *reading) all() map[string]float64 {
	out := map[string]float64{}
	for _, w := range rd.words {
		if w.figure < 0 {
			raise(out, w.lexeme, 1)
		}
	}
	return out
}

// ranked is a place with how close a claim is to it.
type ranked struct {
	place           *place
	score           float64
	covered, cosine float64
	back            float64
}

// Measure gives the features of a claim, for the fit. embedded tells whether they
// hold those of its vector.
func (t *Task) Measure(ctx context.Context, sentence string, cited []int) (features []float64, embedded bool) {
	m := t.measure(ctx, t.reader.read(cut(sentence, maxClaim), t.context.Locale), t.indexes(cited))
	return m.features, m.embedded
}

func (t *Task) measure(ctx context.Context, c *reading, cited []int) measured {
	m := measured{features: make([]float64, features)}
	m.vector = t.vectorOf(ctx, c)
	m.embedded = m.vector != nil
	words := c.all()
	for _, o := range t.own {
		m.own = max(m.own, t.alike(words, o.all()))
	}
	list := t.rank(c, words, m.vector, cited)
	if len(list) == 0 {
		return m
	}
	best := list[0]
	peers := list[:1]
	for _, r := range list[1:min(len(list), maxPeers)] {
		if best.score-r.score <= peerWithin {
			peers = append(peers, r)
		}
	}
	for _, r := range peers {
		m.best = append(m.best, r.place)
	}
	m.same = t.hasLanguage(c.lang)
	m.covered = best.covered
	f := m.features
	f[atCovered], f[atSource] = best.covered, t.coveredBy(words, best.place.source, c.lang)
	f[atNames] = t.namesMissing(c)
	if best.covered > wordForWord && best.place.lang == c.lang {
		f[atQuoted] = 1
	}
	if best.place.lang != c.lang {
		f[atOtherLanguage] = 1
	}
	if m.embedded {
		f[atCosine], f[atAhead] = cosineScale*(best.cosine-cosineMiddle), ahead(list)
	}
	near := list[:1]
	for _, r := range list[1:min(len(list), maxNear)] {
		if best.score-r.score <= nearWithin {
			near = append(near, r)
		}
	}
	t.against(c, &m, peers, near)
	return m
}

// ahead is how many standard deviations the best place is above the others.
func ahead(list []ranked) float64 {
	var sum, square float64
	for _, r := range list {
		sum += r.cosine
		square += r.cosine * r.cosine
	}
	n := float64(len(list))
	deviation := math.Sqrt(max(0, square/n-sum*sum/n/n))
	return (list[0].cosine - sum/n) / (deviation + .02)
}

// rank orders the places by how close a claim is to them.
func (t *Task) rank(c *reading, words map[string]float64, vector []float32, cited []int) []ranked {
	var list []ranked
	for _, p := range t.places {
		if p.heading {
			continue
		}
		r := ranked{place: p}
		if p.lang == c.lang {
			said := p.all()
			r.back = t.alike(said, words)
			for l, v := range p.around {
				raise(said, l, v)
			}
			r.covered = t.alike(words, said)
		}
		if vector != nil && p.vector != nil {
			r.cosine = cosine(vector, p.vector)
			r.score = r.cosine + wordsBesideVector*r.covered
		} else {
			r.score = r.covered
		}
		if slices.Contains(cited, p.source) {
			r.score += citedCosine
		}
		list = append(list, r)
	}
	slices.SortStableFunc(list, func(a, b ranked) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	return list
}

// coveredBy is the share of the claim's words that all of a source has.
func (t *Task) coveredBy(words map[string]float64, source int, lang string) float64 {
	all := map[string]float64{}
	for _, p := range t.places {
		if p.source == source && p.lang == lang {
			for _, w := range p.words {
				raise(all, w.lexeme, 1)
			}
		}
	}
	return t.alike(words, all)
}

// namesMissing is the share of the claim's names that neither the evidence nor the
// customer has.
func (t *Task) namesMissing(c *reading) float64 {
	if len(c.names) == 0 {
		return 0
	}
	missing := 0
	for _, n := range c.names {
		if !t.known(n) {
			missing++
		}
	}
	return float64(missing) / float64(len(c.names))
}

func (t *Task) known(name string) bool {
	has := func(rd *reading) bool {
		return slices.ContainsFunc(rd.words, func(w word) bool { return w.lower == name })
	}
	return slices.ContainsFunc(t.places, func(p *place) bool { return has(p.reading) }) ||
		slices.ContainsFunc(t.own, func(o ownText) bool { return has(o.reading) })
}

// vectorOf embeds a claim; nil where there is no embedder, or it fails.
func (t *Task) vectorOf(ctx context.Context, c *reading) []float32 {
	if !t.embedded || c.text == "" {
		return nil
	}
	vectors, err := t.embedder().Embed(ctx, []string{cut(c.text, maxPlaceText)})
	if err != nil || len(vectors) != 1 {
		return nil
	}
	return unit(vectors[0])
}
