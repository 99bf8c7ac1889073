package langid

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/pemistahl/lingua-go"

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
// It joins three sources: the script, where one script has one language;
// letter trigrams (lingua's low accuracy mode); and the small words that each
// language has and others lack, which decide short messages.
type Detector struct {
	lingua lingua.LanguageDetector
	small  smallWords
	known  map[string]bool // the languages that can be told
}

// NewDetector makes a Detector. Its trigram models are loaded when first
// needed; call Warm to have that behind you.
func NewDetector() *Detector {
	languages := detectable()
	d := &Detector{
		lingua: lingua.NewLanguageDetectorBuilder().FromLanguages(languages...).WithLowAccuracyMode().Build(),
		small:  newSmallWords(),
		known:  map[string]bool{},
	}
	for _, l := range languages {
		d.known[isoCode(l)] = true
	}
	return d
}

// detectable are the languages that are told apart: all that the models hold
// but those that customers do not write to companies in, whose models only
// take short texts away from others.
func detectable() []lingua.Language {
	seldom := []lingua.Language{
		lingua.Latin, lingua.Esperanto, lingua.Ganda, lingua.Maori, lingua.Shona, lingua.Sotho, lingua.Tsonga,
		lingua.Tswana, lingua.Xhosa, lingua.Zulu, lingua.Yoruba, lingua.Unknown,
	}
	return slices.DeleteFunc(lingua.AllLanguages(), func(l lingua.Language) bool { return slices.Contains(seldom, l) })
}

// Warm loads every language model, which takes a few hundred milliseconds, so
// that the first Detect is as fast as the next. It may be called from any
// goroutine, more than once.
func (d *Detector) Warm() {
	for _, s := range []string{
		"please tell me when the next train is leaving from here", "скажите когда отправляется следующий поезд", "متى يغادر القطار التالي", "अगली रेलगाड़ी कब निकलती है",
	} {
		d.lingua.ComputeLanguageConfidenceValues(s)
	}
}

const (
	// maxProse is how many bytes of a text its language is told by.
	maxProse = 2000
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
	scores map[string]float64 // confidence by language; nil when nothing was weighed
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
	if l := languageOfScript(prose); l != "" {
		w.best = Guess{Locale: l, Confidence: 1}
		w.scores = map[string]float64{l: 1}
		return w
	}
	votes, hits := d.small.votes(prose)
	if len(prose) < 4 && hits == 0 || namesOnly && hits == 0 && words < 4 {
		return w
	}
	w.scores = d.scores(prose, votes, hits)
	for l, p := range w.scores {
		if p > w.best.Confidence || p == w.best.Confidence && l < w.best.Locale {
			w.best = Guess{Locale: l, Confidence: p}
		}
	}
	if w.best.Confidence < leastConfidence {
		w.best = Guess{}
	}
	return w
}

// scores joins trigrams, small words and how often a language is met, and
// scales them to a sum of 1.
func (d *Detector) scores(prose string, votes map[string]float64, hits int) map[string]float64 {
	logs := map[string]float64{}
	if hits < leastHits || !areDecisive(votes) {
		for _, v := range d.lingua.ComputeLanguageConfidenceValues(prose) {
			l := isoCode(v.Language())
			logs[l] = max(logs[l], v.Value())
		}
	} else {
		for l := range votes {
			logs[l] = 1 // trigrams would change nothing, and take most of the time
		}
	}
	top := math.Inf(-1)
	// Trigrams of a few words say little.
	trust := min(1, .4+float64(len(prose))/100)
	for l, p := range logs {
		logs[l] = trust*math.Log(p+1e-3) + votes[l] + rarity(l) + letterVote(prose, l)
		top = max(top, logs[l])
	}
	sum := 0.0
	for l, v := range logs {
		logs[l] = math.Exp(v - top)
		sum += logs[l]
	}
	for l := range logs {
		logs[l] /= sum
	}
	return logs
}

const (
	// leastHits is how many small words it takes to decide without trigrams.
	leastHits = 4
	// decisiveLead is how far ahead, as a logarithm of odds, the first language
	// must then be.
	decisiveLead = 7
)

// areDecisive reports whether one language leads by so much that trigrams could
// not change it.
func areDecisive(votes map[string]float64) bool {
	first, second := 0.0, 0.0
	for l, v := range votes {
		switch v += rarity(l); {
		case v > first:
			first, second = v, first
		case v > second:
			second = v
		}
	}
	return first-second >= decisiveLead
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

// letterVote counts letters and signs that one language writes and its
// neighbours do not.
func letterVote(prose, l string) float64 {
	var signs string
	switch l {
	case "es":
		signs = "¿¡ñ"
	case "de":
		signs = "ß"
	case "pl":
		signs = "łąęż"
	case "pt":
		signs = "ãõ"
	case "fr":
		signs = "œùê"
	case "uk":
		signs = "іїєґ"
	case "ru":
		signs = "ыэё"
	case "tr":
		signs = "ğışİ"
	case "ro":
		signs = "țșă"
	case "hu":
		signs = "őű"
	case "cs":
		signs = "ěřů"
	case "no", "da":
		signs = "øæ"
	default:
		return 0
	}
	if strings.ContainsAny(prose, signs) {
		return 2
	}
	return 0
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
	decided := w.best.Confidence >= .85 && w.scores[want] < .05 && (enough || isScriptLanguage(w.best.Locale))
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

func isoCode(l lingua.Language) string {
	return text.BaseLanguage(strings.ToLower(l.IsoCode639_1().String()))
}

// proseOf keeps the words of s that a language can be told by, in lower case
// but for signs such as "¿". namesOnly tells that every word begins with a
// capital.
func proseOf(s string) (prose string, words int, namesOnly bool) {
	var b strings.Builder
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
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strings.ToLower(strings.Trim(f, ".,;:!?\"()*#“”„«»…")))
		words++
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
func languageOfScript(prose string) string {
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
		if l := scriptLanguage(r); l != "" {
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

func scriptLanguage(r rune) string {
	switch {
	case unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return "ja"
	case unicode.Is(unicode.Han, r):
		return "zh"
	case unicode.Is(unicode.Hangul, r):
		return "ko"
	case unicode.Is(unicode.Thai, r):
		return "th"
	case unicode.Is(unicode.Hebrew, r):
		return "he"
	case unicode.Is(unicode.Greek, r):
		return "el"
	case unicode.Is(unicode.Armenian, r):
		return "hy"
	case unicode.Is(unicode.Georgian, r):
		return "ka"
	case unicode.Is(unicode.Bengali, r):
		return "bn"
	case unicode.Is(unicode.Tamil, r):
		return "ta"
	case unicode.Is(unicode.Telugu, r):
		return "te"
	case unicode.Is(unicode.Gujarati, r):
		return "gu"
	case unicode.Is(unicode.Gurmukhi, r):
		return "pa"
	case unicode.Is(unicode.Devanagari, r):
		return "hi"
	}
	return ""
}

func isScriptLanguage(l string) bool {
	switch l {
	case "ja", "zh", "ko", "th", "he", "el", "hy", "ka", "bn", "ta", "te", "gu", "pa", "hi":
		return true
	}
	return false
}
