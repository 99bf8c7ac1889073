package overlap

// ChangedShare is how many of the words have to be changed to make gold of a
// draft: Levenshtein's distance in words ("Binary codes capable of correcting
// deletions, insertions and reversals", 1966) over the words of the longer of
// the two, 0 to 1. Words are those of Tokens. Two texts without words need no
// change.
func ChangedShare(draft, gold string) float64 { return NewWords(draft, gold).ChangedShare() }

// ChangedShare is the score of that name.
func (w Words) ChangedShare() float64 {
	longer := max(len(w.draft), len(w.gold))
	if longer == 0 {
		return 0
	}
	return float64(wordDistance(w.draft, w.gold)) / float64(longer)
}

func wordDistance(x, y []int) int {
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, w := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, v := range y {
			above := row[j+1]
			cost := diagonal
			if w != v {
				cost = 1 + min(diagonal, above, row[j])
			}
			row[j+1] = cost
			diagonal = above
		}
	}
	return row[len(y)]
}
