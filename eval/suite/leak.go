package suite

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
	// byRun are the documents that hold a run of leakRun words, for the runs that
	// the suite's texts have.
	byRun map[uint64][]int
	words []string // of each document, each between blanks
	keys  []string
}

// newLeakIndex looks the documents through for what the cases say.
func newLeakIndex(docs []knowledge.Document, cases []Case) leakIndex {
	x := leakIndex{byRun: map[uint64][]int{}}
	for i := range cases {
		for _, s := range []string{cases[i].GoldReply, cases[i].Question()} {
			for _, run := range shingles(overlap.Tokens(s), leakRun) {
				x.byRun[run] = nil
			}
		}
	}
	for i := range docs {
		tokens := overlap.Tokens(docs[i].Title + "\n" + docs[i].Body)
		x.keys = append(x.keys, docs[i].Key)
		x.words = append(x.words, " "+strings.Join(tokens, " ")+" ")
		for _, run := range shingles(tokens, leakRun) {
			if list, sought := x.byRun[run]; sought {
				x.byRun[run] = append(list, i)
			}
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
	for _, i := range x.byRun[shingles(tokens[:leakRun], leakRun)[0]] {
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
