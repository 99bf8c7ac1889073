package overlap

import (
	"slices"
	"strings"
	"unicode"
)

// Order and beta of ChrF are those of chrF2.
const (
	chrFOrder = 6
	chrFBeta  = 2
)

// ChrF is the character n-gram F-score of a draft against a gold text, 0 to 1
// (Popović, "chrF: character n-gram F-score for automatic MT evaluation",
// 2015), with n from 1 to 6, β 2, white space removed, letter case kept, and
// precision and recall averaged over the orders that both texts have. It is a
// hundredth of what sacreBLEU's sentence_chrf gives with its defaults.
func ChrF(draft, gold string) float64 {
	a, b := squeeze(draft), squeeze(gold)
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	alphabet := map[rune]uint64{}
	x, bits := grams(a, b, alphabet)
	var precision, recall float64
	orders := min(chrFOrder, len(a), len(b))
	for order := 1; order <= orders; order++ {
		match := float64(matches(x[0], x[1], uint(chrFOrder-order)*bits, bits))
		precision += match / float64(len(a)-order+1)
		recall += match / float64(len(b)-order+1)
	}
	if orders == 0 || precision+recall == 0 {
		return 0
	}
	precision, recall = precision/float64(orders), recall/float64(orders)
	const square = chrFBeta * chrFBeta
	return (1 + square) * precision * recall / (square*precision + recall)
}

func squeeze(s string) []rune {
	return []rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
}

// maxBits bounds what one character takes in a packed n-gram; a text with more
// than 1,023 different characters shares codes among the rest.
const maxBits = 10

// grams packs, for both texts, the six characters from each place on into one
// number and sorts them: sorted by six characters, they are sorted by fewer,
// too. Places beyond the end are 0, so that they belong to no longer n-gram.
func grams(a, b []rune, alphabet map[rune]uint64) (out [2][]uint64, bits uint) {
	bits = maxBits
	for k, text := range [][]rune{a, b} {
		codes := make([]uint64, len(text)+chrFOrder)
		for i, r := range text {
			code, ok := alphabet[r]
			if !ok {
				code = uint64(len(alphabet))%(1<<maxBits-1) + 1
				alphabet[r] = code
			}
			codes[i] = code
		}
		packed := make([]uint64, len(text))
		for i := range text {
			var g uint64
			for j := range chrFOrder {
				g = g<<bits | codes[i+j]
			}
			packed[i] = g
		}
		slices.Sort(packed)
		out[k] = packed
	}
	return out, bits
}

// matches counts the n-grams that both hold, each as often as in the poorer
// one; shift drops the characters beyond n.
func matches(a, b []uint64, shift, bits uint) int {
	last := uint64(1)<<bits - 1
	i, j, n := 0, 0, 0
	for i < len(a) && j < len(b) {
		x, y := a[i]>>shift, b[j]>>shift
		switch {
		case x == y:
			if x&last != 0 { // else the text ends before n characters
				n++
			}
			i++
			j++
		case x < y:
			i++
		default:
			j++
		}
	}
	return n
}
