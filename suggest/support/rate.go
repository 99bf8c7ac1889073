package support

import (
	"slices"
	"strings"
	"unicode"

	"github.com/purser-desk/purser/internal/lexicon"
)

// ratesOf are what an amount is for each of: "per person and direction", "a
// day", "täglich".
func (r *reader) ratesOf(rd *reading, f *figure) []string {
	var out []string
	end := f.last + 1
	for end < len(rd.words) && end <= f.last+rateWithin && rd.isFree(end) && rd.words[end].clause == rd.words[f.last].clause {
		end++
	}
	out = r.ratesIn(rd, f.last+1, end, f.last+1)
	if len(out) > 0 {
		return out
	}
	begin := f.first
	for begin > 0 && begin > f.first-rateWithin && rd.words[begin-1].figure < 0 && rd.words[begin-1].clause == rd.words[f.first].clause {
		begin--
	}
	return append(out, r.ratesIn(rd, begin, f.first, -looseWithin)...)
}

// isFree reports words of no figure but the "a night" of "EUR 18 a night".
func (rd *reading) isFree(i int) bool {
	k := rd.words[i].figure
	return k < 0 || rd.figures[k].dimension == "duration" && strings.HasPrefix(rd.figures[k].Value, "1 ") && !strings.ContainsFunc(rd.figures[k].Text, unicode.IsDigit)
}

// ratesIn finds the rates among the words from i up to end. Marks that are also
// ordinary words, such as "a", count within two words of near alone.
func (r *reader) ratesIn(rd *reading, i, end, near int) []string {
	marks, nouns, single := r.lists.of(rd.lang, "rate-marks"), r.lists.of(rd.lang, "rate-nouns"), r.lists.of(rd.lang, "rate-words")
	var out []string
	add := func(v string) {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	for i < end {
		if ph, ok := single.at(rd.words, i); ok && i+len(ph.words) <= end {
			add(ph.value)
			i += len(ph.words)
			continue
		}
		slash := strings.Contains(rd.gap(i), "/")
		ph, ok := marks.at(rd.words, i)
		strict := ok && ph.value == "strict" || slash
		next := i + len(ph.words)
		if slash && !ok {
			next = i
		}
		if !ok && !slash || !strict && (i-near < 0 || i-near > looseWithin) {
			i++
			continue
		}
		if k, found := nounAt(rd, nouns, next, end, strict); found != "" {
			add(found)
			for k+1 < end && lexicon.Of(rd.lang, "joins").Has(rd.words[k].lower) { // "and direction"
				after, another := nounAt(rd, nouns, k+1, end, true)
				if another == "" {
					break
				}
				add(another)
				k = after
			}
			i = k
			continue
		}
		if strict && next < end && rd.words[next].lexeme != "" {
			add("~" + rd.words[next].lexeme)
		}
		i++
	}
	return out
}

// nounAt is what an amount is for each of, at word i or behind adjectives.
func nounAt(rd *reading, nouns phraseList, i, end int, strict bool) (after int, noun string) {
	reach := 1
	if strict {
		reach = 3
	}
	for k := i; k < end && k < i+reach; k++ {
		if ph, ok := nouns.at(rd.words, k); ok {
			return k + len(ph.words), ph.value
		}
	}
	return i, ""
}
