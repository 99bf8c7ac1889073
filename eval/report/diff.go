package report

import "strings"

// piece is a run of words that both texts have, or one of them.
type piece struct {
	// Kind is "same", "gone" or "new".
	Kind, Text string
}

// maxDiffCells bounds the table of a difference; longer texts are shown as
// wholly exchanged.
const maxDiffCells = 1_000_000

// diff tells by words what makes the second text of the first, along their
// longest common subsequence.
func diff(first, second string) []piece {
	a, b := strings.Fields(first), strings.Fields(second)
	if len(a)*len(b) > maxDiffCells {
		return []piece{{"gone", first}, {"new", second}}
	}
	// length[i][j] is that of the common subsequence of a[i:] and b[j:].
	width := len(b) + 1
	length := make([]int, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i*width+j] = length[(i+1)*width+j+1] + 1
			} else {
				length[i*width+j] = max(length[(i+1)*width+j], length[i*width+j+1])
			}
		}
	}
	var out []piece
	add := func(kind, word string) {
		if n := len(out); n > 0 && out[n-1].Kind == kind {
			out[n-1].Text += " " + word
			return
		}
		out = append(out, piece{kind, word})
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			add("same", a[i])
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && length[(i+1)*width+j] >= length[i*width+j+1]:
			add("gone", a[i])
			i++
		default:
			add("new", b[j])
			j++
		}
	}
	return out
}
