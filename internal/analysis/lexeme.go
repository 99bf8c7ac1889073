package analysis

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/clipperhouse/uax29/v2/words"
	"golang.org/x/text/unicode/norm"

	"github.com/purser-desk/purser/internal/text"
)

// Lexemes returns the lexemes of s in order, repeats kept.
//
// Words are lower-cased, stop words dropped, the rest stemmed by the rules of
// locale's language and freed of diacritics; a language without rules keeps its
// words whole. Chinese, Japanese, Korean and the scripts of South East Asia,
// which have no or few blanks, give pairs of neighbouring characters. Codes,
// versions and names with inner points or underscores are kept whole and also
// give their parts: "SK1234" gives "sk1234" and "1234", "4.1.1.2" also "4.1.1"
// and "4.1", "e-mail" also "email".
//
// No lexeme is empty, holds a blank or NUL, or is longer than 64 bytes.
func (a *Analyzer) Lexemes(locale, s string) []string {
	lang := text.BaseLanguage(locale)
	l := lexer{chain: a.chains[lang], lang: lang, stems: a.stems[lang], out: make([]string, 0, len(s)/7+4)}
	l.run(strings.ReplaceAll(norm.NFKC.String(s), "’", "'"))
	return l.out
}

// lexer goes through one text.
type lexer struct {
	chain []analysis.TokenFilter
	lang  string
	stems *stemCache
	out   []string
	// pending is the last character of a run without blanks, single tells that
	// it has no neighbour yet.
	pending    string
	pendingEnd int
	single     bool
	// compound are the parts of a word with hyphens so far.
	compound    []string
	compoundEnd int
}

func (l *lexer) run(s string) {
	it := words.FromString(s)
	for it.Next() {
		w := it.Value()
		switch {
		case !text.HasLetterOrDigit(w):
			continue
		case text.IsPaired(w):
			l.endCompound()
			l.pair(w, it.Start())
			continue
		}
		l.endPair()
		l.compoundPart(s, w, it.Start(), it.End())
		if strings.HasPrefix(s[it.End():], "++") || strings.HasPrefix(s[it.End():], "#") && len(w) == 1 {
			l.add(strings.ToLower(w) + s[it.End():it.End()+1+strings.Count(s[it.End():min(len(s), it.End()+2)], "+")/2])
		}
		l.word(w)
	}
	l.endPair()
	l.endCompound()
}

// pair adds the pairs of characters of a segment, the first with the last
// character of the segment before if that touches it.
func (l *lexer) pair(w string, start int) {
	if l.pendingEnd != start {
		l.endPair()
	}
	for i := 0; i < len(w); {
		size := clusterLen(w[i:])
		c := w[i : i+size]
		if l.pending != "" {
			l.add(l.pending + c)
		}
		l.single = l.pending == ""
		l.pending = c
		i += size
	}
	l.pendingEnd = start + len(w)
}

// clusterLen is the length of the first character with its marks.
func clusterLen(w string) int {
	_, n := utf8.DecodeRuneInString(w)
	for n < len(w) {
		r, size := utf8.DecodeRuneInString(w[n:])
		if !unicode.IsMark(r) {
			break
		}
		n += size
	}
	return n
}

func (l *lexer) endPair() {
	if l.pending != "" && l.single {
		l.add(l.pending)
	}
	l.pending, l.pendingEnd = "", -1
}

// maxCompound is how many parts of a word with hyphens are joined.
const maxCompound = 4

// compoundPart remembers w when hyphens join it to its neighbours.
func (l *lexer) compoundPart(s, w string, start, end int) {
	if l.compoundEnd != start-1 || start == 0 || s[start-1] != '-' || len(l.compound) == 0 {
		l.endCompound()
	}
	l.compound = append(l.compound, w)
	l.compoundEnd = end
}

// endCompound adds what the parts of a word with hyphens make when written
// together.
func (l *lexer) endCompound() {
	if n := len(l.compound); n > 1 && n <= maxCompound {
		joined := strings.ToLower(strings.Join(l.compound, ""))
		if strings.ContainsAny(joined, "0123456789") {
			l.add(joined)
		} else {
			l.stem(joined)
		}
	}
	l.compound = l.compound[:0]
}

// word adds the lexemes of one word.
func (l *lexer) word(w string) {
	lower := l.lower(w)
	hasDigit := strings.ContainsAny(lower, "0123456789")
	switch {
	case hasDigit && isNumeric(lower):
		l.number(lower)
	case hasDigit:
		if !isQuantity(lower) { // "23kg" is "23 kg"
			l.add(lower)
		}
		l.codeParts(lower)
	case strings.ContainsAny(lower, "._:"):
		l.add(lower)
		for p := range strings.FieldsFuncSeq(lower, func(r rune) bool { return r == '.' || r == '_' || r == ':' }) {
			l.stem(p)
		}
	default:
		l.stem(lower)
		l.humps(w)
	}
}

func (l *lexer) lower(w string) string {
	if l.lang == "tr" || l.lang == "az" {
		return strings.ToLowerSpecial(unicode.TurkishCase, w)
	}
	return strings.ToLower(w)
}

func isNumeric(w string) bool { return strings.Trim(w, "0123456789.,'_") == "" }

// number adds a number without the commas that group its digits, or a version
// with its beginnings.
func (l *lexer) number(w string) {
	if strings.ContainsAny(w, "'_") {
		w = strings.ReplaceAll(strings.ReplaceAll(w, "'", ""), "_", "")
	}
	if strings.Count(w, ".") >= 2 && !strings.Contains(w, ",") {
		l.add(w)
		for range 3 {
			w = w[:strings.LastIndexByte(w, '.')]
			if !strings.Contains(w, ".") {
				return
			}
			l.add(w)
		}
		return
	}
	if i := strings.LastIndexByte(w, ','); i >= 0 {
		if len(w)-i-1 == 3 || strings.Count(w, ",") > 1 || strings.Contains(w[i:], ".") {
			w = strings.ReplaceAll(w, ",", "")
		} else {
			w = strings.ReplaceAll(w[:i], ".", "") + "." + w[i+1:]
		}
	}
	l.add(w)
}

// codeParts adds the runs of letters and of digits in a code that are long
// enough to be looked for; those of "23kg" always.
func (l *lexer) codeParts(w string) {
	quantity := isQuantity(w)
	for i := 0; i < len(w); {
		j := i
		digits := text.IsDigit(w[i])
		for j < len(w) && text.IsDigit(w[j]) == digits && w[j] != '.' && w[j] != '_' && w[j] != ':' && w[j] != '\'' && w[j] != ',' {
			j++
		}
		if j == i {
			i++
			continue
		}
		if n := j - i; n < len(w) && (n >= 3 || quantity) {
			if digits {
				l.add(w[i:j])
			} else {
				l.stem(w[i:j])
			}
		}
		i = j
	}
}

// isQuantity reports digits with a short word after them.
func isQuantity(w string) bool {
	digits := strings.TrimLeft(w, "0123456789.,")
	return text.IsDigit(w[0]) && len(w) <= 8 && digits != "" && len(digits) <= 3 && !strings.ContainsAny(digits, "0123456789._:'")
}

// humps adds the parts of a name in camel case: "OutOfMemoryError".
func (l *lexer) humps(w string) {
	if len(w) < 6 {
		return
	}
	var parts []string
	start := 0
	for i := 1; i < len(w); i++ {
		if w[i] >= 'A' && w[i] <= 'Z' && w[i-1] >= 'a' && w[i-1] <= 'z' {
			parts = append(parts, w[start:i])
			start = i
		}
	}
	if start == 0 || len(parts) > 6 {
		return
	}
	for _, p := range append(parts, w[start:]) {
		l.stem(l.lower(p))
	}
}

// stem sends a lower-case word through the filters of the language.
func (l *lexer) stem(w string) {
	if l.chain == nil || len(w) > maxLexeme {
		l.add(w)
		return
	}
	if stems, ok := l.stems.get(w); ok {
		l.out = append(l.out, stems...)
		return
	}
	from := len(l.out)
	stream := analysis.TokenStream{{Term: []byte(w), Type: analysis.AlphaNumeric}}
	for _, f := range l.chain {
		stream = f.Filter(stream)
	}
	for _, t := range stream {
		stemmed := string(t.Term)
		if l.lang == "pl" {
			stemmed = polishStem(w, stemmed)
		}
		l.add(stemmed)
	}
	l.stems.put(w, l.out[from:])
}

// maxStems is how many words of a language are remembered with their stems:
// texts repeat few words, and stemming is most of the work.
const maxStems = 20_000

// stemCache remembers the stems of the words of one language.
type stemCache struct {
	mu    sync.RWMutex
	stems map[string][]string
}

func (c *stemCache) get(w string) ([]string, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	s, ok := c.stems[w]
	return s, ok
}

func (c *stemCache) put(w string, stems []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.stems) >= maxStems {
		clear(c.stems)
	}
	// The word may be a piece of a large text, which it must not keep alive.
	c.stems[strings.Clone(w)] = slices.Clone(stems)
}

// polishStem mends the table-driven Polish stemmer, which gives forms of other
// words for some: a stem must begin as its word does. Its results are dictionary
// forms, so the vowel at the end is cut, that forms it does not know meet those
// it does.
func polishStem(word, stem string) string {
	want := min(3, utf8.RuneCountInString(word)-1)
	if common := commonRunes(word, stem); common < want {
		stem = word
	}
	cut := strings.TrimRight(stem, "aąeęioóuy")
	if utf8.RuneCountInString(cut) < 3 {
		return stem
	}
	return cut
}

// commonRunes counts the characters that a and b begin with, diacritics apart.
func commonRunes(a, b string) int {
	x, y := []rune(foldMarks(a)), []rune(foldMarks(b))
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

// add appends a lexeme in its final form.
func (l *lexer) add(w string) {
	w = capLexeme(foldMarks(w))
	if w != "" {
		l.out = append(l.out, w)
	}
}

// foldMarks removes the diacritics of the Latin, Greek, Cyrillic, Arabic and
// Hebrew scripts. Marks of other scripts are letters to their readers.
func foldMarks(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf || s[i] <= ' ' {
			ascii = false
			break
		}
	}
	if ascii {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	folds := true // the base character before is one that gives up its marks
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
			if !folds {
				b.WriteRune(r)
			}
			continue
		case r <= ' ' || r == utf8.RuneError || unicode.IsSpace(r) || unicode.Is(unicode.C, r):
			continue
		}
		folds = r < 0x0900 // Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, …
		if f := foldedLetter(r); f != "" {
			b.WriteString(f)
			continue
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// foldedLetter gives letters that Unicode does not take apart.
func foldedLetter(r rune) string {
	switch r {
	case 'ł':
		return "l"
	case 'ø':
		return "o"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ß':
		return "ss"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	case 'ς':
		return "σ"
	}
	return ""
}

func capLexeme(s string) string {
	if len(s) <= maxLexeme {
		return s
	}
	n := maxLexeme
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
