package suite

import (
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/purser-desk/purser/eval/overlap"
)

// Two questions count as nearly the same from alikeShare of their shingles on,
// when they have at least alikeLeast. Shingles that more than alikeCommon cases
// have, such as those of a greeting, lead to no comparison by themselves.
const (
	alikeWords  = 3
	alikeShare  = .7
	alikeLeast  = 8
	alikeCommon = 50
)

// sameWords is the same for texts of the same words in the same order, however
// they are written: case, blanks and punctuation do not count. Signs that say
// something, as in "5 €" or "C#" or a thumb up, count as words; a text without
// words is compared as Fold does.
func sameWords(s string) string {
	var words []string
	from := 0
	for i, r := range s {
		if unicode.In(r, unicode.Sc, unicode.Sm, unicode.So) || strings.ContainsRune("#%&@", r) {
			words = append(append(words, overlap.Tokens(s[from:i])...), string(r))
			from = i
		}
	}
	if words = append(words, overlap.Tokens(s[from:])...); len(words) == 0 {
		return Fold(s)
	}
	return strings.Join(words, " ")
}

// shingles are the hashes of all runs of words, sorted and without repeats.
func shingles(tokens []string, words int) []uint64 {
	out := make([]uint64, 0, max(0, len(tokens)-words+1))
	h := fnv.New64a()
	for i := 0; i+words <= len(tokens); i++ {
		h.Reset()
		for _, token := range tokens[i : i+words] {
			_, _ = io.WriteString(h, token+" ") // a hash never fails
		}
		out = append(out, h.Sum64())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// nearly finds questions that are nearly the same as an earlier one: their sets
// of shingles overlap (Broder, "On the resemblance and containment of
// documents", 1997). Those of which the question is the same are told by others, or
// differ in what surrounds it.
func (c *checker) nearly(cases []Case) {
	sets := make([][]uint64, len(cases))
	holders := map[uint64][]int{}
	for i := range cases {
		sets[i] = shingles(overlap.Tokens(cases[i].Subject+"\n"+cases[i].Question()), alikeWords)
		if len(sets[i]) < alikeLeast {
			continue
		}
		if j, share := closest(i, sets, holders); share >= alikeShare && sameWords(cases[i].Question()) != sameWords(cases[j].Question()) {
			c.sayNearly(&cases[i], &cases[j], share)
		}
		for _, s := range sets[i] {
			holders[s] = append(holders[s], i)
		}
	}
}

// closest is the earlier case whose set is most like that of case i.
func closest(i int, sets [][]uint64, holders map[uint64][]int) (at int, share float64) {
	common := map[int]int{}
	for _, s := range sets[i] {
		if list := holders[s]; len(list) <= alikeCommon {
			for _, j := range list {
				common[j]++
			}
		}
	}
	for j := range common {
		both := intersection(sets[i], sets[j])
		s := float64(both) / float64(len(sets[i])+len(sets[j])-both)
		if s > share || s == share && j < at {
			at, share = j, s
		}
	}
	return at, share
}

func intersection(a, b []uint64) (n int) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			n++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return n
}

func (c *checker) sayNearly(k, other *Case, share float64) {
	message := fmt.Sprintf("asks nearly the same as %q (%.0f%% of their runs of three words are the same)", other.ID, 100*share)
	if sameExpectation(k, other) {
		message += "; figures count it nearly twice"
	} else {
		message += " and expects something else; make sure that what differs makes the difference"
	}
	c.warn(k, ProblemDuplicateCase, message)
}

func sameExpectation(a, b *Case) bool {
	return a.Expect == b.Expect && a.Reason == b.Reason && share(a.GoldIDs, b.GoldIDs)
}
