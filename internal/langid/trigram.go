package langid

import (
	_ "embed"
	"unicode"
)

// modelData is made by the command in model, whose encode tells the layout.
// It is read in place, so that it costs no time at the start and no memory
// that the system could not take back.
//
//go:embed trigrams.bin
var modelData string

const (
	letterBits  = 10 // of a pair's key, for each letter
	stepsPerNat = 12 // of a cost, which is a negative logarithm
	backOff     = stepsPerNat
)

// trigrams tells how likely the letters of a text are in each language: a naive
// Bayes over the probability of each letter of a word after the one or two
// before it, which falls back to fewer where a language's model lacks them.
type trigrams struct {
	models  []string
	letters []uint16 // by rune, numbered from 1
	pairs   []uint16 // by key, numbered from 1
	rows    string   // what the second letter of each pair costs in every language
	firsts  string   // where the triples of each pair begin
	thirds  string   // the third letters of the triples
	starts  string   // where the entries of each triple begin
	entries string   // a language and what the third letter costs in it
}

func openTrigrams(data string) *trigrams {
	take := func(n int) string {
		part := data[:n]
		data = data[n:]
		return part
	}
	counts := take(4 * 4)
	letters, models, pairs, triples := int(word(counts, 0)), int(word(counts, 1)), int(word(counts, 2)), int(word(counts, 3))
	runes := take(4 * letters)
	t := &trigrams{
		letters: make([]uint16, word(runes, letters-1)+1),
		pairs:   make([]uint16, (letters+1)<<letterBits),
	}
	for i := range letters {
		t.letters[word(runes, i)] = uint16(i + 1)
	}
	for range models {
		t.models = append(t.models, take(2))
	}
	keys := take(4 * pairs)
	for i := range pairs {
		t.pairs[word(keys, i)] = uint16(i + 1)
	}
	t.rows = take(pairs * models)
	t.firsts, t.thirds = take(4*(pairs+1)), take(2*triples)
	t.starts, t.entries = take(4*(triples+1)), data
	return t
}

// word is the i-th number of four bytes, little-endian.
func word(s string, i int) uint32 {
	s = s[4*i : 4*i+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// costs gives for each of t.models how unlikely the words of prose, in lower
// case, are in it. Only differences between languages mean something.
func (t *trigrams) costs(prose string) []int {
	sums := make([]int, len(t.models))
	letter, pair := 0, 0 // the one before, and the pair that it ends; 0 is none
	for _, r := range prose {
		if int(r) >= len(t.letters) || t.letters[r] == 0 {
			if !unicode.IsMark(r) {
				letter, pair = 0, 0
			}
			continue
		}
		c := int(t.letters[r])
		next := int(t.pairs[letter<<letterBits|c])
		known := next
		if known == 0 {
			known = int(t.pairs[c])
		}
		row := t.rows[(known-1)*len(sums):][:len(sums)]
		for i := range sums {
			sums[i] += int(row[i])
		}
		if pair > 0 {
			e := t.triple(pair-1, c)
			for ; e != ""; e = e[2:] {
				sums[e[0]] += int(e[1]) - int(row[e[0]]) - backOff
			}
		}
		letter, pair = c, next
	}
	return sums
}

// triple gives the entries of the triple that a letter makes with the pair
// before it.
func (t *trigrams) triple(pair, letter int) string {
	from, to := int(word(t.firsts, pair)), int(word(t.firsts, pair+1))
	for from < to {
		middle := (from + to) / 2
		switch l := int(t.thirds[2*middle]) | int(t.thirds[2*middle+1])<<8; {
		case l == letter:
			return t.entries[2*word(t.starts, middle) : 2*word(t.starts, middle+1)]
		case l < letter:
			from = middle + 1
		default:
			to = middle
		}
	}
	return ""
}
