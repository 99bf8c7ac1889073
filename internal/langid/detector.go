package langid

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
)

// Guess is what a Detector thinks of a text.
type Guess struct {
	// Locale is an ISO 639-1 code, as BaseLanguage gives it ("no" for
	// Norwegian), or "" when the text says too little.
	Locale string
	// Confidence is between 0 and 1; 0 when Locale is "".
	Confidence float64
}

// Detector tells languages apart. Make one with NewDetector and share it: it
// is safe for concurrent use.
//
// It joins four sources: the script, where one script has one language; how
// likely the letters are in each language; the small words that each language
// has and others lack; and how seldom a language is met.
type Detector struct {
	trigrams  *trigrams
	languages []string  // that have trigrams
	ofModel   []int     // the number of the language of each model
	rarity    []float64 // by number of language
	small     smallWords
	scripts   []script
	known     map[string]bool // the languages that can be told
}

// NewDetector makes a Detector.
func NewDetector() *Detector {
	d := &Detector{trigrams: openTrigrams(modelData), scripts: scripts(), known: map[string]bool{"mr": true}}
	for _, m := range d.trigrams.models {
		l := text.BaseLanguage(m)
		if !d.known[l] { // Norwegian has two models
			d.languages = append(d.languages, l)
			d.rarity = append(d.rarity, rarity(l))
			d.known[l] = true
		}
		d.ofModel = append(d.ofModel, slices.Index(d.languages, l))
	}
	d.small = newSmallWords(d.languages)
	for _, s := range d.scripts {
		d.known[s.language] = true
	}
	return d
}

const (
	// maxProse is how many bytes of a text its language is told by.
	maxProse = 2000
	// leastLetters is how many letters a text needs that its script does not tell.
	leastLetters = 4
	// leastConfidence is what a guess needs not to be dropped.
	leastConfidence = 0.45
)

// Detect guesses the language of s from its prose: web and e-mail addresses,
// numbers, codes and placeholders do not count. Texts too short to tell, or
// that hold only names, give an empty Guess, unless their script decides.
func (d *Detector) Detect(s string) Guess {
	return d.weigh(s).best
}

// weighed is how a text looks to a Detector.
type weighed struct {
	best   Guess
	scores []float64 // confidence by number of language; nil when its letters were not weighed
	words  int
}

func (d *Detector) weigh(s string) weighed {
	if len(s) > 8*maxProse {
		s = s[:8*maxProse]
	}
	prose, words, namesOnly := proseOf(s)
	w := weighed{words: words}
	if words == 0 {
		return w
	}
	if l := d.languageOfScript(prose); l != "" {
		w.best = Guess{Locale: l, Confidence: 1}
		return w
	}
	votes, hits := d.small.votes(prose, len(d.languages))
	if utf8.RuneCountInString(prose) < leastLetters || namesOnly && hits == 0 && words < 4 {
		return w
	}
	w.scores = d.scores(prose, votes)
	for i, p := range w.scores {
		if p > w.best.Confidence {
			w.best = Guess{Locale: d.languages[i], Confidence: p}
		}
	}
	if w.best.Confidence < leastConfidence {
		w.best = Guess{}
	}
	return w
}

const (
	// letterTrust is what a nat of the letters' likelihood weighs. Neighbouring
	// letters tell partly the same, so it is less than one.
	letterTrust = 0.5
	// maxLetterLead is the most that letters can speak against a language.
	maxLetterLead = 20
)

// scores joins letters, small words and how often a language is met, and scales
// them to a sum of 1.
func (d *Detector) scores(prose string, votes []float64) []float64 {
	costs := d.trigrams.costs(prose)
	least := slices.Min(costs)
	scores := slices.Repeat([]float64{math.Inf(-1)}, len(d.languages))
	for m, i := range d.ofModel {
		lead := min(maxLetterLead, letterTrust*float64(costs[m]-least)/stepsPerNat)
		scores[i] = max(scores[i], votes[i]+d.rarity[i]-lead)
	}
	top, sum := slices.Max(scores), 0.0
	for i, s := range scores {
		scores[i] = math.Exp(s - top)
		sum += scores[i]
	}
	for i := range scores {
		scores[i] /= sum
	}
	return scores
}

// score is the confidence that a text is in a language.
func (d *Detector) score(w weighed, language string) float64 {
	if i := slices.Index(d.languages, language); i >= 0 && w.scores != nil {
		return w.scores[i]
	}
	return 0
}

// rarity is the logarithm of how seldom a language is met in letters to
// companies, against the common ones.
func rarity(l string) float64 {
	switch l {
	case "en", "de", "nl", "pl", "fr", "no", "es", "it", "pt", "sv", "ru", "ja", "zh", "ar", "ko":
		return 0
	case "fi", "cs", "hu", "ro", "tr", "uk", "el", "he", "th", "hi", "vi", "id":
		return -0.7
	case "da", "ca", "bg", "sk", "hr", "sr", "sl", "lt", "lv", "et", "fa", "ms", "ur", "mr", "bn", "ta":
		return -1.4
	case "gl", "eu", "bs", "mk", "sq", "be", "is", "af", "tl", "ga", "cy", "kk", "az", "hy", "ka":
		return -2.3
	}
	return -3
}

// leastSureWords is how many words a sentence needs before it can be said not
// to be in a language.
const leastSureWords = 4

// IsLanguage reports whether s is written in locale, and whether that is sure.
// It serves to check what was written: sentences that are too short, or only
// names and figures, are not sure and taken for right. Languages that even
// readers confuse in a sentence (Norwegian and Danish, Czech and Slovak,
// Serbian, Croatian and Bosnian, …) pass for each other.
func (d *Detector) IsLanguage(s, locale string) (ok, sure bool) {
	want := text.BaseLanguage(locale)
	w := d.weigh(s)
	if w.best.Locale == "" || !d.known[want] {
		return true, false
	}
	enough := w.words >= leastSureWords
	if w.best.Locale == want || areClose(w.best.Locale, want) {
		return true, enough && w.best.Confidence >= .8
	}
	decided := w.best.Confidence >= .85 && d.score(w, want) < .05 && (enough || d.isScriptLanguage(w.best.Locale))
	return !decided, decided
}

// areClose reports pairs of languages that a sentence may not tell apart.
func areClose(a, b string) bool {
	for _, group := range []string{" no da ", " nl af ", " hr sr bs sl ", " cs sk ", " pt gl ", " es gl ca ", " id ms ", " ru uk be bg mk ", " hi mr ", " ar fa ur "} {
		if strings.Contains(group, " "+a+" ") && strings.Contains(group, " "+b+" ") {
			return true
		}
	}
	return false
}

// proseOf keeps the words of s that a language can be told by, in lower case, and
// each once, since a repeated one tells nothing new. namesOnly tells that every
// word begins with a capital.
func proseOf(s string) (prose string, words int, namesOnly bool) {
	var b strings.Builder
	seen := map[string]bool{}
	namesOnly = true
	for f := range strings.FieldsSeq(withoutCode(s)) {
		if b.Len() > maxProse {
			break
		}
		if len(f) > maxProse/10 && !text.IsPaired(f) {
			continue
		}
		if strings.ContainsAny(f, "@/_\\<>[]{}=0123456789") || strings.Contains(strings.Trim(f, ".…"), ".") {
			continue
		}
		first := firstLetter(f)
		if first == 0 {
			continue
		}
		if !unicode.IsUpper(first) && !unicode.IsTitle(first) {
			namesOnly = false
		}
		words++
		word := strings.ToLower(strings.Trim(f, ".,;:!?\"()*#“”„«»…"))
		if seen[word] {
			continue
		}
		seen[word] = true
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String(), words, namesOnly
}

func firstLetter(f string) rune {
	for _, r := range f {
		if unicode.IsLetter(r) {
			return r
		}
	}
	return 0
}

// withoutCode drops what stands between backquotes.
func withoutCode(s string) string {
	if strings.Count(s, "`") < 2 {
		return s
	}
	parts := strings.Split(s, "`")
	var b strings.Builder
	for i := 0; i < len(parts); i += 2 {
		b.WriteString(parts[i])
		b.WriteByte(' ')
	}
	return b.String()
}

// languageOfScript names the language of a text whose letters are mostly of a
// script that one language is written in.
func (d *Detector) languageOfScript(prose string) string {
	counts := map[string]int{}
	letters := 0
	for _, r := range prose {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		if r < 0x370 {
			continue
		}
		if l := d.scriptLanguage(r); l != "" {
			counts[l]++
		}
	}
	if counts["ja"] > 0 && counts["ja"]*5 >= counts["zh"] && (counts["ja"]+counts["zh"])*2 >= letters {
		return "ja" // kana among Chinese characters
	}
	for l, n := range counts {
		if n*2 > letters {
			return l
		}
	}
	return ""
}

// script is one that one language alone is written in, of those that are told.
type script struct {
	table    *unicode.RangeTable
	language string
}

func scripts() []script {
	return []script{
		{unicode.Hiragana, "ja"},
		{unicode.Katakana, "ja"},
		{unicode.Han, "zh"},
		{unicode.Hangul, "ko"},
		{unicode.Thai, "th"},
		{unicode.Hebrew, "he"},
		{unicode.Greek, "el"},
		{unicode.Armenian, "hy"},
		{unicode.Georgian, "ka"},
		{unicode.Bengali, "bn"},
		{unicode.Tamil, "ta"},
		{unicode.Telugu, "te"},
		{unicode.Gujarati, "gu"},
		{unicode.Gurmukhi, "pa"},
		{unicode.Devanagari, "hi"}, // Marathi passes for it
	}
}

func (d *Detector) scriptLanguage(r rune) string {
	for _, s := range d.scripts {
		if unicode.Is(s.table, r) {
			return s.language
		}
	}
	return ""
}

func (d *Detector) isScriptLanguage(l string) bool {
	return slices.ContainsFunc(d.scripts, func(s script) bool { return s.language == l })
}
