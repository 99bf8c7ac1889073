package overlap

import (
	"strings"
	"unicode"
)

// Words are two texts cut into words, for several scores of the same pair.
type Words struct{ draft, gold []int }

// NewWords cuts both texts as Tokens does.
func NewWords(draft, gold string) Words {
	a, b := Tokens(draft), Tokens(gold)
	numbers := make(map[string]int, len(a)+len(b))
	return Words{number(numbers, a), number(numbers, b)}
}

// RougeL is the F1 of the longest common subsequence of words of a draft and a
// gold text, 0 to 1 (Lin, "ROUGE: a package for automatic evaluation of
// summaries", 2004, with β = 1). It is 0 when either has no words.
//
// Words are those of Tokens, without stemming. For texts in ASCII letters the
// result is that of the reference implementation in Python, rouge-score, with
// use_stemmer off.
func (w Words) RougeL() float64 {
	common := float64(commonSubsequence(w.draft, w.gold))
	if common == 0 {
		return 0
	}
	precision, recall := common/float64(len(w.draft)), common/float64(len(w.gold))
	return 2 * precision * recall / (precision + recall)
}

// Tokens cuts a text into lower-case runs of letters, marks and digits. The
// reference implementation of ROUGE keeps runs of a–z and 0–9 alone, which
// breaks "Gepäck" in two and leaves nothing of Greek: the classes of Unicode
// take their place here, so that nothing changes for ASCII and every script
// counts. In scripts that are written without blanks between words (Han, kana,
// Thai, Lao, Khmer, Burmese) each letter with its marks is a word.
func Tokens(s string) []string {
	var out []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	unspaced := false
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if unspaced {
				flush()
			}
			b.WriteRune(r)
		case r <= unicode.MaxASCII:
			flush()
		case unicode.IsMark(r):
			if b.Len() > 0 {
				b.WriteRune(r)
			}
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao,
			unicode.Khmer, unicode.Myanmar):
			flush()
			b.WriteRune(r)
			unspaced = true
			continue
		default:
			if unspaced {
				flush()
			}
			b.WriteRune(r)
		}
		if !unicode.IsMark(r) {
			unspaced = false
		}
	}
	flush()
	return out
}

// commonSubsequence is the length of the longest one.
func commonSubsequence(x, y []int) int {
	if len(y) > len(x) {
		x, y = y, x
	}
	row := make([]int, len(y)+1)
	for _, w := range x {
		diagonal := 0
		for j, v := range y {
			above := row[j+1]
			switch {
			case w == v:
				row[j+1] = diagonal + 1
			case row[j] > above:
				row[j+1] = row[j]
			}
			diagonal = above
		}
	}
	return row[len(y)]
}

// number gives each word a number, so that comparing is cheap.
func number(words map[string]int, list []string) []int {
	out := make([]int, len(list))
	for i, w := range list {
		n, ok := words[w]
		if !ok {
			n = len(words)
			words[w] = n
		}
		out[i] = n
	}
	return out
}
