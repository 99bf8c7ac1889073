package entity

import (
	"strings"

	"github.com/purser-desk/purser/internal/lexicon"
)

// numberWords are the words of one language for whole numbers: of 1 to 99, of
// hundreds, and what multiplies. Phrases of several words are joined by single
// blanks, also where they are written with hyphens.
type numberWords struct {
	value map[string]int
	// doubtful words are articles or mean something else as often ("one",
	// "ein", "sei"): they count only before a unit or a currency.
	doubtful *lexicon.List
	longest  int // words in the longest phrase
	and      string
}

// newNumberWords makes the numbers of a language from its lists: "numbers" has
// what can't be put together, "numbers-one" what stands for one inside a number,
// and "numbers-glued" what is written in one word with what precedes it.
func newNumberWords(lang string) *numberWords {
	w := &numberWords{value: numbered(entries(lang, "numbers")), doubtful: lexicon.Of(lang, "numbers-doubtful"), longest: 1}
	for w.and = range lexicon.Of(lang, "numbers-and").All() {
	}
	units := w.between(2, 9, 1)
	for one := range lexicon.Of(lang, "numbers-one").All() {
		units[one] = 1
	}
	w.addTens(lang, units)
	w.glue(numbered(entries(lang, "numbers-glued")), units)
	for phrase := range w.value {
		w.longest = max(w.longest, strings.Count(phrase, " ")+1)
	}
	return w
}

// addTens adds the numbers from 21 to 99 as the language puts them together.
func (w *numberWords) addTens(lang string, units map[string]int) {
	tens := w.between(20, 90, 10)
	for t, tv := range tens {
		below := units
		if lang == "fr" && (tv == 60 || tv == 80) {
			below = w.between(1, 19, 1) // "quatre-vingt-dix-sept"
		}
		for u, uv := range below {
			for _, phrase := range w.tenAndUnit(lang, t, u) {
				if _, known := w.value[phrase]; !known {
					w.value[phrase] = tv + uv
				}
			}
		}
	}
}

func (w *numberWords) tenAndUnit(lang, ten, unit string) []string {
	switch lang {
	case "de", "da":
		return []string{unit + w.and + ten}
	case "nl":
		return []string{unit + w.and + ten, unit + "ë" + w.and[1:] + ten}
	case "no":
		return []string{ten + unit, ten + " " + unit, unit + w.and + ten}
	case "sv":
		return []string{ten + unit, ten + " " + unit}
	case "es", "pt":
		return []string{ten + " " + w.and + " " + unit}
	case "fr":
		return []string{ten + " " + unit, ten + " " + w.and + " " + unit}
	case "it":
		if unit[0] == 'u' || unit[0] == 'o' {
			ten = ten[:len(ten)-1]
		}
		return []string{ten + unit}
	}
	return []string{ten + " " + unit}
}

// glue adds the numbers that are written in one word: "zweihundertfünfzig",
// "dreitausend", "duecento". glued are the words for a hundred and a thousand.
func (w *numberWords) glue(glued, units map[string]int) {
	low := w.between(1, 99, 1)
	for g, gv := range glued {
		if gv == 1000 {
			for l, lv := range low {
				w.value[l+g] = lv * 1000
			}
			continue
		}
		w.value[g] = gv
		for u, uv := range units {
			w.value[u+g] = uv * gv
		}
		for h, hv := range w.between(100, 900, 100) {
			for l, lv := range low {
				w.value[h+l] = hv + lv
				w.value[h+w.and+l] = hv + lv
			}
		}
	}
}

// between are the words whose values lie from low to high in steps.
func (w *numberWords) between(low, high, step int) map[string]int {
	out := map[string]int{}
	for word, v := range w.value {
		if v >= low && v <= high && v%step == 0 {
			out[word] = v
		}
	}
	return out
}
