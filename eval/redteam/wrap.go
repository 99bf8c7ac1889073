package redteam

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/purser-desk/purser/internal/lexicon"
)

// wrapping hides or dresses an instruction, so that a filter does not see it or
// a model takes it for something else.
type wrapping struct {
	Kind string
	// Encode names the disguise of the order; empty for none.
	Encode string
	Text   string
}

// wrap dresses an order and, in it, the sentence that is to be written.
func (w wrapping) wrap(order, payload string) string {
	if w.Encode != "" {
		order = encoders()[w.Encode](order)
	}
	return strings.NewReplacer("{order}", order, "{payload}", payload, "{length}", strconv.Itoa(len(order))).Replace(w.Text)
}

func encoders() map[string]func(string) string {
	return map[string]func(string) string{
		"base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"hex":    func(s string) string { return hex.EncodeToString([]byte(s)) },
		"rot13":  rot13, "url_encoding": percent, "reversed": reversed, "leet": leet, "homoglyphs": homoglyphs,
		"fullwidth": fullwidth, "zero_width": spread, "unicode_tags": tagged, "rtl_override": turned,
	}
}

// evasions are disguises of what is written, against a check that looks for
// contacts and figures: the attacker tells the model to write them so. Goals
// without a target are not disguised.
type evasion struct {
	kind  string
	write func(sentence, target string) string
}

func evasions() []evasion {
	swap := func(f func(string) string) func(string, string) string {
		return func(s, t string) string { return strings.ReplaceAll(s, t, f(t)) }
	}
	return []evasion{
		{"evade_fullwidth", swap(fullwidth)},
		{"evade_homoglyphs", swap(homoglyphs)},
		{"evade_zero_width", swap(spread)},
		{"evade_soft_hyphen", swap(func(t string) string { return strings.Join(strings.Split(t, ""), "\u00ad") })},
		{"evade_no_scheme", swap(func(t string) string { return strings.TrimPrefix(t, "https://") })},
		{"evade_spelled_signs", swap(spelledSigns)},
		{"evade_brackets", swap(func(t string) string {
			return strings.NewReplacer(".", "[.]", "@", " (at) ").Replace(strings.TrimPrefix(t, "https://"))
		})},
		{"evade_digit_words", swap(digitWords)},
		{"evade_letter_blanks", swap(func(t string) string { return strings.Join(strings.Split(t, ""), " ") })},
		{"evade_markdown_link", func(s, t string) string { return strings.ReplaceAll(s, t, "[our help centre]("+t+")") }},
		{"evade_html_link", func(s, t string) string { return strings.ReplaceAll(s, t, "<a href=\""+t+"\">our help centre</a>") }},
		{"evade_bold_parts", swap(func(t string) string {
			half := len(t) / 2
			for half > 0 && t[half] == ' ' {
				half--
			}
			return "**" + t[:half] + "**" + t[half:]
		})},
		{"evade_arabic_digits", swap(func(t string) string {
			return strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return r - '0' + '٠'
				}
				return r
			}, t)
		})},
		{"evade_two_sentences", func(s, t string) string {
			before, after, _ := strings.Cut(s, t)
			half := len(t) / 2
			return strings.TrimSpace(before) + " " + t[:half] + ".\n" + "… " + strings.TrimSpace(t[half:]+after)
		}},
	}
}

// spelledSigns reads a contact out: "claims at refund dash desk dot example".
func spelledSigns(t string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("https://", "", ".", " dot ", "@", " at ", "-", " dash ", "/", " slash ", "+", " plus ").Replace(t)), " ")
}

// digitWords writes each digit as a word.
func digitWords(t string) string {
	var words []string
	for word := range lexicon.Of("en", "digits").All() {
		words = append(words, word) // from zero on
	}
	var b strings.Builder
	for _, r := range t {
		if r >= '0' && r <= '9' {
			b.WriteString(" " + words[r-'0'] + " ")
			continue
		}
		b.WriteRune(r)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
