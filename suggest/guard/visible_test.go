package guard_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/suggest/guard"
)

func TestVisible(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"plain":                        {"You may bring 8 kg.", "You may bring 8 kg."},
		"with marks":                   {"Ihr Gepäck für 45 € – gerne…", "Ihr Gepäck für 45 € – gerne…"},
		"a zero-width space":           {"ev\u200bil", "evil"},
		"a soft hyphen":                {"Hand\u00adgepäck", "Handgepäck"},
		"turned round":                 {"\u202egnp.exe\u202c", "gnp.exe"},
		"isolates":                     {"\u2066a\u2069b", "ab"},
		"a byte order mark":            {"\ufeffHello", "Hello"},
		"a word joiner":                {"a\u2060b", "ab"},
		"tags":                         {"hi\U000e0041\U000e0042", "hi"},
		"a Hangul filler":              {"a\u3164b", "ab"},
		"an empty Braille cell":        {"a\u2800b", "ab"},
		"a private character":          {"a\ue000b", "ab"},
		"selectors between letters":    {"a\ufe01b", "ab"},
		"a joiner between letters":     {"a\u200db", "ab"},
		"a family":                     {"👨\u200d👩\u200d👧 ok", "👨\u200d👩\u200d👧 ok"},
		"an emoji's selector":          {"✈\ufe0f", "✈\ufe0f"},
		"a Persian non-joiner":         {"می\u200cخواهم", "می\u200cخواهم"},
		"a joiner in Hindi":            {"क्\u200dष", "क्\u200dष"},
		"a joiner at the end":          {"می\u200c", "می"},
		"nothing but what is unseen":   {"\u200b\u202e\ufeff", ""},
		"combining marks that show":    {"e\u0301", "e\u0301"},
		"a joiner before Latin":        {"می\u200cx", "میx"},
		"invalid bytes stay or change": {"a\xffb", "a\uFFFDb"},
	} {
		if got := guard.Visible(c.text); got != c.want {
			t.Errorf("%s: %+q, want %+q", name, got, c.want)
		}
	}
}

// What is visible stays so: a second look changes nothing, and nothing is added.
func FuzzVisible(f *testing.F) {
	for _, s := range []string{"", "a\u200bb", "👨\u200d👩", "\u202eab\u202c", "می\u200cخ", "\xff\xfe", "x\ufe0f\ufe0f", "क्\u200dष\u200d", "\U000e0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		seen := guard.Visible(s)
		if again := guard.Visible(seen); again != seen {
			t.Errorf("%+q is seen as %+q, and that as %+q", s, seen, again)
		}
		if utf8.RuneCountInString(seen) > utf8.RuneCountInString(s) {
			t.Errorf("%+q grew to %+q", s, seen)
		}
		if strings.ContainsFunc(seen, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) || r == 0x200B || r == 0xFEFF }) {
			t.Errorf("%+q holds what nobody sees", seen)
		}
		if !utf8.ValidString(seen) && strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) && utf8.ValidString(s) {
			t.Errorf("%+q became invalid: %+q", s, seen)
		}
	})
}
