package text

import (
	"strings"
	"unicode"

	"github.com/pemistahl/lingua-go"
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
type Detector struct {
	lingua lingua.LanguageDetector
}

// NewDetector makes a Detector. Its models are loaded when first needed; call
// Warm to have that behind you.
func NewDetector() *Detector {
	return &Detector{
		lingua: lingua.NewLanguageDetectorBuilder().FromLanguages(detectable()...).WithLowAccuracyMode().Build(),
	}
}

// detectable are the languages that are told apart: all that the models hold
// but those that customers do not write to companies in, whose models only
// take short texts away from others.
func detectable() []lingua.Language {
	var out []lingua.Language
	for _, l := range lingua.AllLanguages() {
		switch l {
		case lingua.Latin, lingua.Esperanto, lingua.Ganda, lingua.Maori, lingua.Shona, lingua.Sotho, lingua.Tsonga,
			lingua.Tswana, lingua.Xhosa, lingua.Zulu, lingua.Yoruba, lingua.Unknown:
		default:
			out = append(out, l)
		}
	}
	return out
}

// Warm loads every language model, so that the first Detect is as fast as the
// next. It may be called from any goroutine, more than once.
func (d *Detector) Warm() {
	d.lingua.ComputeLanguageConfidenceValues("Please tell me when the next train is leaving from here")
	d.lingua.ComputeLanguageConfidenceValues("Скажите пожалуйста когда отправляется следующий поезд")
}

// Detect guesses the language of s from its prose: web and e-mail addresses,
// numbers, codes and placeholders do not count. Texts too short to tell give an
// empty Guess, unless their script decides.
func (d *Detector) Detect(s string) Guess {
	prose := proseOf(s)
	if len(prose) < 4 {
		return Guess{}
	}
	values := d.lingua.ComputeLanguageConfidenceValues(prose)
	if len(values) == 0 || values[0].Value() == 0 {
		return Guess{}
	}
	return Guess{Locale: isoCode(values[0].Language()), Confidence: values[0].Value()}
}

// IsLanguage reports whether s is written in locale, and whether that is sure.
func (d *Detector) IsLanguage(s, locale string) (ok, sure bool) {
	g := d.Detect(s)
	if g.Locale == "" {
		return true, false
	}
	return g.Locale == BaseLanguage(locale), g.Confidence > .5
}

func isoCode(l lingua.Language) string {
	return BaseLanguage(strings.ToLower(l.IsoCode639_1().String()))
}

// proseOf keeps the words of s that a language can be told by.
func proseOf(s string) string {
	var b strings.Builder
	for _, f := range strings.Fields(s) {
		if strings.ContainsAny(f, "@/_\\<>[]{}0123456789") {
			continue
		}
		f = strings.TrimFunc(f, func(r rune) bool { return !unicode.IsLetter(r) })
		if f == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(f)
	}
	return b.String()
}
