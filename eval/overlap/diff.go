package overlap

import "strings"

// DiffKind says in which of two texts a piece stands.
type DiffKind string

// The kinds.
const (
	DiffSame DiffKind = "same"
	DiffGone DiffKind = "gone"
	DiffNew  DiffKind = "new"
)

// DiffPiece is a run of words that both texts have, or one of them.
type DiffPiece struct {
	Kind DiffKind
	Text string
}

// maxDiffCells bounds the table of a difference; longer texts are shown as
// wholly exchanged.
const maxDiffCells = 1_000_000

// Diff tells by words what makes the second text of the first, along their
// longest common subsequence. Words are what blanks part. Where there is a
// choice, what went comes before what is new.
func Diff(first, second string) []DiffPiece {
	a, b := strings.Fields(first), strings.Fields(second)
	var out []DiffPiece
	add := func(kind DiffKind, words ...string) {
		for _, w := range words {
			if n := len(out); n > 0 && out[n-1].Kind == kind {
				out[n-1].Text += " " + w
			} else {
				out = append(out, DiffPiece{kind, w})
			}
		}
	}
	if len(a)*len(b) > maxDiffCells {
		add(DiffGone, a...)
		add(DiffNew, b...)
		return out
	}
	// length[i*width+j] is that of the common subsequence of a[i:] and b[j:].
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
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			add(DiffSame, a[i])
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && length[(i+1)*width+j] >= length[i*width+j+1]:
			add(DiffGone, a[i])
			i++
		default:
			add(DiffNew, b[j])
			j++
		}
	}
	return out
}
