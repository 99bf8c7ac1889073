package report

import "github.com/purser-desk/purser/eval/overlap"

// piece is a run of words that both texts have ("same"), or one of them ("gone",
// "new").
type piece = overlap.DiffPiece

// diff tells by words what makes the second text of the first.
func diff(first, second string) []piece { return overlap.Diff(first, second) }
