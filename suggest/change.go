package suggest

import (
	"strings"

	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/internal/text"
)

// Costs of the alignment: leaving a sentence alone costs nothing, taking one out
// or putting one in costs gapCost, changing one costs what of it is not alike.
const (
	gapCost = 0.6
	// likeness is how alike two sentences must be to be one that was changed.
	likeness = 0.4
	// maxCells bounds the table; longer texts are compared by equal sentences
	// at both ends alone.
	maxCells = 1_000_000
)

// SentenceChanges are the differences between a draft and the text that was made
// of it, sentence by sentence, in the order of the final text; what was taken
// out stands where it was.
//
// The sentences are aligned at the least total cost by dynamic programming
// (Needleman and Wunsch, "A general method applicable to the search for
// similarities in the amino acid sequence of two proteins", 1970). Two sentences
// are alike by Dice's coefficient over their words (Dice, "Measures of the
// amount of ecologic association between species", 1945); below two fifths they
// count as one taken out and another put in. Blanks do not count.
func SentenceChanges(draft, final, locale string) []SentenceChange {
	before, after := sentenceLines(draft, locale), sentenceLines(final, locale)
	head := 0
	for head < len(before) && head < len(after) && before[head].key == after[head].key {
		head++
	}
	tail := 0
	for tail < len(before)-head && tail < len(after)-head &&
		before[len(before)-1-tail].key == after[len(after)-1-tail].key {
		tail++
	}
	out := make([]SentenceChange, 0, max(len(before), len(after)))
	for _, l := range after[:head] {
		out = append(out, SentenceChange{ChangeKept, l.text, l.text})
	}
	out = append(out, align(before[head:len(before)-tail], after[head:len(after)-tail])...)
	for i := range tail {
		l, was := after[len(after)-tail+i], before[len(before)-tail+i]
		out = append(out, SentenceChange{ChangeKept, was.text, l.text})
	}
	return out
}

type sentenceLine struct {
	text, key string
	words     map[string]int
	count     int
}

func sentenceLines(s, locale string) []sentenceLine {
	var out []sentenceLine
	for line := range strings.SplitSeq(s, "\n") {
		for _, span := range sentence.Split(line, locale) {
			l := sentenceLine{text: span.In(line)}
			l.key = strings.Join(strings.Fields(l.text), " ")
			out = append(out, l)
		}
	}
	return out
}

func countWords(l *sentenceLine) {
	l.words = map[string]int{}
	for _, w := range text.Words(l.text) {
		l.words[strings.ToLower(w.In(l.text))]++
		l.count++
	}
}

// alike is Dice's coefficient, 0 to 1.
func alike(a, b *sentenceLine) float64 {
	if a.key == b.key {
		return 1
	}
	if a.count+b.count == 0 {
		return 0
	}
	if most := 2 * float64(min(a.count, b.count)) / float64(a.count+b.count); most < likeness {
		return 0
	}
	if len(b.words) < len(a.words) {
		a, b = b, a
	}
	both := 0
	for w, n := range a.words {
		both += min(n, b.words[w])
	}
	return 2 * float64(both) / float64(a.count+b.count)
}

func align(before, after []sentenceLine) []SentenceChange {
	if len(before)*len(after) > maxCells || len(before) == 0 || len(after) == 0 {
		return replaceAll(before, after)
	}
	for i := range before {
		countWords(&before[i])
	}
	for i := range after {
		countWords(&after[i])
	}
	n, m := len(before), len(after)
	cost := make([]float64, (n+1)*(m+1)) // cost of aligning before[i:] with after[j:]
	at := func(i, j int) *float64 { return &cost[i*(m+1)+j] }
	like := make([]float64, n*m)
	for i := n; i >= 0; i-- {
		for j := m; j >= 0; j-- {
			switch {
			case i == n:
				*at(i, j) = float64(m-j) * gapCost
			case j == m:
				*at(i, j) = float64(n-i) * gapCost
			default:
				best := min(*at(i+1, j), *at(i, j+1)) + gapCost
				l := alike(&before[i], &after[j])
				like[i*m+j] = l
				if l >= likeness {
					best = min(best, *at(i+1, j+1)+1-l)
				}
				*at(i, j) = best
			}
		}
	}
	var out []SentenceChange
	i, j := 0, 0
	for i < n && j < m {
		l, here := like[i*m+j], *at(i, j)
		switch {
		case l >= likeness && here == *at(i+1, j+1)+1-l:
			kind := ChangeChanged
			if before[i].key == after[j].key {
				kind = ChangeKept
			}
			out = append(out, SentenceChange{kind, before[i].text, after[j].text})
			i, j = i+1, j+1
		case here == *at(i+1, j)+gapCost:
			out = append(out, SentenceChange{Kind: ChangeRemoved, Before: before[i].text})
			i++
		default:
			out = append(out, SentenceChange{Kind: ChangeAdded, After: after[j].text})
			j++
		}
	}
	return append(out, replaceAll(before[i:], after[j:])...)
}

func replaceAll(before, after []sentenceLine) []SentenceChange {
	out := make([]SentenceChange, 0, len(before)+len(after))
	for _, l := range before {
		out = append(out, SentenceChange{Kind: ChangeRemoved, Before: l.text})
	}
	for _, l := range after {
		out = append(out, SentenceChange{Kind: ChangeAdded, After: l.text})
	}
	return out
}
