package text

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/language"
)

// ErrLocale is what CanonicalLocale's errors wrap.
var ErrLocale = errors.New("not a language tag")

// norwegian is the one tag for Norwegian everywhere: "nb" and "nn" become it.
// Readers, articles and full-text search do not tell the written forms apart.
const norwegian = "no"

// BaseLanguage is the language of a locale without region, script or variant:
// "pt-BR" gives "pt", "nb" and "nn-NO" give "no", "iw" gives "he". It is what
// word lists and analysis go by. It never fails: what can't be read gives "".
func BaseLanguage(locale string) string {
	if isLowerLetters(locale) && (len(locale) == 2 || len(locale) == 3) {
		switch locale {
		case "nb", "nn":
			return norwegian
		case "en", "de", "nl", "pl", "fr", "no", "es", "it", "pt", "sv", "da", "fi":
			return locale
		}
	}
	tag, err := canonicalTag(locale)
	if err != nil {
		return ""
	}
	base, _ := tag.Base()
	return base.String()
}

func isLowerLetters(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}

// CanonicalLocale gives the one form of a BCP 47 tag that Purser stores and
// compares: usual letter case, deprecated tags replaced, no superfluous script,
// no extensions, and "no" for all of Norwegian. "EN_us" gives "en-US", "nb" gives "no",
// "iw" gives "he". The error wraps ErrLocale and says what was expected.
func CanonicalLocale(s string) (string, error) {
	tag, err := canonicalTag(s)
	if err != nil {
		return "", err
	}
	return tag.String(), nil
}

func canonicalTag(s string) (language.Tag, error) {
	if len(s) > 64 {
		return language.Und, fmt.Errorf("%w: %d bytes are too long; give a BCP 47 tag such as \"en\" or \"pt-BR\"", ErrLocale, len(s))
	}
	tag, err := language.Raw.Parse(strings.TrimSpace(s))
	if err != nil {
		return language.Und, fmt.Errorf("%w: %q; give a BCP 47 tag such as \"en\" or \"pt-BR\"", ErrLocale, s)
	}
	tag, err = (language.DeprecatedBase | language.SuppressScript | language.Macro).Canonicalize(tag)
	if err != nil {
		return language.Und, fmt.Errorf("%w: %q; give a BCP 47 tag such as \"en\" or \"pt-BR\"", ErrLocale, s)
	}
	base, script, region := tag.Raw()
	if base.String() == "und" || base.String() == "mul" {
		return language.Und, fmt.Errorf("%w: %q names no language; give a BCP 47 tag such as \"en\" or \"pt-BR\"", ErrLocale, s)
	}
	if b := base.String(); b == "nb" || b == "nn" {
		base = language.MustParseBase(norwegian)
	}
	parts := []any{base}
	if script != (language.Script{}) {
		parts = append(parts, script)
	}
	if region != (language.Region{}) {
		parts = append(parts, region)
	}
	out, err := language.Raw.Compose(parts...)
	if err != nil {
		return language.Und, fmt.Errorf("%w: %q; give a BCP 47 tag such as \"en\" or \"pt-BR\"", ErrLocale, s)
	}
	return out, nil
}
