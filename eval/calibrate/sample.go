package calibrate

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
)

// Sample is one ticket with what became of it.
type Sample struct {
	// ID names it in its set.
	Set, ID string
	// Articles that it is about: samples that share one are never split.
	Articles   []string
	Features   map[string]float64
	Answerable bool
	// Stands is how many tickets the sample stands for, in a set that was sampled
	// from more; 0 means as many as the others do on average.
	Stands float64
	// Weight is what it counts for; Fit sets it.
	Weight float64
}

// FromRun takes the tickets of a run that are answerable or are known not to
// be: none that failed, that a person must write, that get no draft for another
// reason than the knowledge, or that were searched by words alone while others
// were not. A ticket without a gold article is about those that were hidden from
// it or, without any, about the article that was found first.
func FromRun(r *eval.Report) ([]Sample, confidence.Set) {
	var samples []Sample
	set := confidence.Set{Name: r.Suite.Name, Hash: r.Suite.Hash}
	base := cmp.Or(r.Suite.KnowledgeHash, set.Name)
	for i := range r.Cases {
		c := &r.Cases[i]
		if !usable(c, len(r.Configuration.Spaces) > 0) {
			continue
		}
		s := Sample{Set: set.Name, ID: c.ID, Features: c.Features, Answerable: c.Expect == suite.ExpectAnswer, Stands: c.Weight}
		about := c.GoldIDs
		if len(about) == 0 {
			about = c.ExcludeIDs
		}
		if len(about) == 0 {
			about = c.Ranked[:min(1, len(c.Ranked))]
		}
		for _, key := range about {
			s.Articles = append(s.Articles, base+"/"+key)
		}
		if s.Answerable {
			set.Answerable++
		} else {
			set.Unanswerable++
		}
		samples = append(samples, s)
	}
	return samples, set
}

// usable reports whether a case tells something of the confidence.
func usable(c *eval.CaseResult, byMeaning bool) bool {
	switch {
	case c.Error != "", len(c.Features) == 0, c.Expect != suite.ExpectAnswer && c.Expect != suite.ExpectNone:
		return false
	case c.Want != "" && c.Want != suggest.ReasonNoKnowledge && c.Want != suggest.ReasonLowConfidence:
		return false
	default:
		return !byMeaning || !slices.Contains(c.Degraded, suggest.DegradedWordsOnly)
	}
}

// sizes are features that say how large the knowledge is. They tell sets apart,
// not answers, and count one article less where the gold one was hidden.
func sizes() []string { return []string{"articles", "embedded"} }

// estimate is the search's own confidence, a formula of features that there are.
const estimate = "confidence"

// fewestArticles among which a sample was searched; 0 when one does not tell.
func fewestArticles(samples []Sample) int {
	fewest := math.Inf(1)
	for i := range samples {
		fewest = min(fewest, samples[i].Features["articles"])
	}
	return int(fewest)
}

// commonFeatures are those that every sample has, less those that vary nowhere,
// those that are left out, the sizes, and the search's own estimate.
func commonFeatures(samples []Sample, without []string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(samples[0].Features)) {
		if name == estimate || slices.Contains(without, name) || slices.Contains(sizes(), name) {
			continue
		}
		usable, varies := true, false
		first := samples[0].Features[name]
		for i := range samples {
			v, ok := samples[i].Features[name]
			usable = usable && ok && !math.IsNaN(v) && !math.IsInf(v, 0)
			varies = varies || v != first
		}
		if usable && varies {
			names = append(names, name)
		}
	}
	return names
}

// folds splits samples into parts of about the same size and mix, so that no
// article is in two of them. It returns each sample's part.
func folds(samples []Sample, parts int, seed uint64) []int {
	groups := articleGroups(samples)
	chance := func(g []int) uint64 {
		h := fnv.New64a()
		_, _ = fmt.Fprintf(h, "%d/%s/%s", seed, samples[g[0]].Set, samples[g[0]].ID)
		return h.Sum64()
	}
	slices.SortFunc(groups, func(a, b []int) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(chance(a), chance(b)), cmp.Compare(a[0], b[0]))
	})
	count, negative := make([]int, parts), make([]int, parts)
	negatives := 1
	for i := range samples {
		if !samples[i].Answerable {
			negatives++
		}
	}
	out := make([]int, len(samples))
	for _, g := range groups {
		without := 0
		for _, i := range g {
			if !samples[i].Answerable {
				without++
			}
		}
		// The part that is emptiest of what the group brings.
		load := func(p int) float64 {
			return float64(len(g)*count[p])/float64(len(samples)) + float64(without*negative[p])/float64(negatives)
		}
		best := 0
		for p := range parts {
			if load(p) < load(best) {
				best = p
			}
		}
		for _, i := range g {
			out[i] = best
		}
		count[best] += len(g)
		negative[best] += without
	}
	return out
}

// setsToHold is from how many sets on a fit is steered by sets that it did not
// see.
const setsToHold = 3

// partitionStep keeps the seeds of partitions apart from those within their fits.
const partitionStep = 1000

// repeats is how many partitions the samples are evaluated by.
func repeats(samples []Sample) int { return max(1, min(5, 1500/len(samples))) }

// innerFolds are the parts by which features, penalty and floor are chosen: the
// sets, where there are enough of them, so that what is chosen carries over to
// knowledge that was never seen, else folds by article, several times over where
// the samples are few.
func innerFolds(samples []Sample, o Options) (divisions [][]int, parts int) {
	sets := map[string]int{}
	part := make([]int, len(samples))
	for i := range samples {
		name := samples[i].Set
		if _, known := sets[name]; !known {
			sets[name] = len(sets)
		}
		part[i] = sets[name]
	}
	if len(sets) < setsToHold {
		for r := range repeats(samples) {
			divisions = append(divisions, folds(samples, o.Folds, o.Seed+1+uint64(r)))
		}
		return divisions, o.Folds
	}
	return [][]int{part}, len(sets)
}

// articleGroups joins the samples that share an article, directly or by way of
// others (union–find).
func articleGroups(samples []Sample) [][]int {
	parent := make([]int, len(samples))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := map[string]int{}
	for i := range samples {
		for _, a := range samples[i].Articles {
			if j, ok := first[a]; ok {
				parent[find(i)] = find(j)
			} else {
				first[a] = i
			}
		}
	}
	members := map[int][]int{}
	for i := range samples {
		members[find(i)] = append(members[find(i)], i)
	}
	groups := make([][]int, 0, len(members))
	for _, root := range slices.Sorted(maps.Keys(members)) {
		groups = append(groups, members[root])
	}
	return groups
}
