package eval

import (
	"strings"

	"github.com/purser-desk/purser/eval/overlap"
	"github.com/purser-desk/purser/knowledge"
)

// leakWords is how many words must stand together for a leak.
const leakWords = 8

// A text stands nearly word for word in an article that holds leakShare of its
// runs of leakRun words, of which it must have leakRuns.
const (
	leakRun   = 5
	leakRuns  = 8
	leakShare = .8
)

func (c *checker) leak(k *Case) {
	const quoted, easier = "; quoting it scores as well as understanding it", "; finding it is easier than in life"
	if key, nearly := c.leaks.find(k.GoldReply); key != "" {
		c.warn(k, ProblemLeak, "the gold reply stands "+nearly+"word for word in article \""+key+"\""+quoted)
	}
	if key, nearly := c.leaks.find(k.Question()); key != "" {
		c.warn(k, ProblemLeak, "the question stands "+nearly+"word for word in article \""+key+"\""+easier)
	}
}

// leakIndex finds texts that stand whole, or nearly, in an article.
type leakIndex struct {
	byStart map[string][]int // documents by runs of leakWords words
	byRun   map[uint64][]int // documents by runs of leakRun words
	words   []string         // of each document, each between blanks
	keys    []string
}

func newLeakIndex(docs []knowledge.Document) leakIndex {
	x := leakIndex{byStart: map[string][]int{}, byRun: map[uint64][]int{}}
	for i := range docs {
		tokens := overlap.Tokens(docs[i].Title + "\n" + docs[i].Body)
		x.keys = append(x.keys, docs[i].Key)
		x.words = append(x.words, " "+strings.Join(tokens, " ")+" ")
		for j := 0; j+leakWords <= len(tokens); j++ {
			start := strings.Join(tokens[j:j+leakWords], " ")
			if list := x.byStart[start]; len(list) == 0 || list[len(list)-1] != i {
				x.byStart[start] = append(list, i)
			}
		}
		for _, run := range shingles(tokens, leakRun) {
			x.byRun[run] = append(x.byRun[run], i)
		}
	}
	return x
}

// find names the article in which the text stands, and says "nearly " when not
// quite; key is empty when none does, or when it is too short to tell.
func (x *leakIndex) find(s string) (key, nearly string) {
	tokens := overlap.Tokens(s)
	if len(tokens) < leakWords {
		return "", ""
	}
	whole := " " + strings.Join(tokens, " ") + " "
	for _, i := range x.byStart[strings.Join(tokens[:leakWords], " ")] {
		if strings.Contains(x.words[i], whole) {
			return x.keys[i], ""
		}
	}
	runs := shingles(tokens, leakRun)
	if len(runs) < leakRuns {
		return "", ""
	}
	held := map[int]int{}
	best, most := 0, 0
	for _, run := range runs {
		for _, i := range x.byRun[run] {
			if held[i]++; held[i] > most || held[i] == most && i < best {
				best, most = i, held[i]
			}
		}
	}
	if float64(most) < leakShare*float64(len(runs)) {
		return "", ""
	}
	return x.keys[best], "nearly "
}
