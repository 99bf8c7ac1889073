package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/purser-desk/purser/internal/text"
)

func TestClean(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"empty":                        {"", ""},
		"plain":                        {"Where is my bag?", "Where is my bag?"},
		"NUL and controls":             {"a\x00b\x07c\x1bd\x7fe", "abcde"},
		"C1 controls":                  {"a\u0080b\u009fc", "abc"},
		"tab and line feed stay":       {"a\tb\nc", "a\tb\nc"},
		"CRLF":                         {"a\r\nb\rc", "a\nb\nc"},
		"other line ends":              {"a\vb\fc\u2028d\u2029e\u0085f", "a\nb\nc\nd\ne\nf"},
		"trailing blanks":              {"a  \nb\t\n\n \n", "a\nb"},
		"leading blanks stay":          {"  a\n  b", "  a\n  b"},
		"invalid UTF-8":                {"a\xffb\xc3", "a\uFFFDb\uFFFD"},
		"composed":                     {"e\u0301", "é"},
		"right-to-left override":       {"file\u202Efdp.exe", "filefdp.exe"},
		"embeddings and isolates":      {"\u202Aa\u202Bb\u202Cc\u202Dd\u2066e\u2067f\u2068g\u2069", "abcdefg"},
		"zero width":                   {"re\u200Bfu\u2060nd\uFEFF", "refund"},
		"soft hyphen":                  {"re\u00ADfund", "refund"},
		"joiner in Latin":              {"re\u200Dfund\u200C", "refund"},
		"joiner in emoji":              {"👩\u200D👩\u200D👧", "👩\u200D👩\u200D👧"},
		"emoji presentation":           {"❤\uFE0F 1\uFE0F\u20E3", "❤\uFE0F 1\uFE0F\u20E3"},
		"non-joiner in Persian":        {"می\u200Cخواهم", "می\u200Cخواهم"},
		"joiner in Hindi":              {"क्\u200Dष", "क्\u200Dष"},
		"directional mark in Hebrew":   {"שלום\u200F!", "שלום\u200F!"},
		"directional mark in Latin":    {"a\u200Fb\u200E", "ab"},
		"tag characters":               {"hi\U000E0041\U000E0042", "hi"},
		"a flag of tags":               {"🏴\U000E0067\U000E0062\U000E007F", "🏴\U000E0067\U000E0062\U000E007F"},
		"variation selectors on text":  {"a\uFE0Fb\U000E0100", "ab"},
		"Hangul filler":                {"a\u3164b", "ab"},
		"piled marks":                  {"a" + strings.Repeat("\u0316", 100), "a" + strings.Repeat("\u0316", 12)},
		"noncharacter":                 {"a\uFFFEb\uFDD0", "ab"},
		"visible Arabic sign":          {"\u06DD٢", "\u06DD٢"},
		"no-break space stays":         {"1\u00A0250 €", "1\u00A0250 €"},
		"only what is not seen":        {"\u200B\u202E\x00", ""},
		"only blanks":                  {" \n\t ", ""},
		"joiner freed by what is gone": {"a\u200D\u202E\u200Db", "ab"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := text.Clean(tt.in); got != tt.want {
				t.Errorf("Clean(%+q) = %+q, want %+q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a\r\n", "\xff\x00", "e\u0301\u200D", "\u202E\u200Bx", "🏴\U000E0067", "क्\u200Dष", "\u1100\u1160\u11A8", "a" + strings.Repeat("\u0301", 40), "\ufdd0\r", "\u0958"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := text.Clean(s)
		if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) {
			t.Fatalf("Clean(%+q) = %+q is not valid, normal text", s, got)
		}
		for _, r := range got {
			if r == 0 || unicode.Is(unicode.Cc, r) && r != '\n' && r != '\t' || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
				t.Fatalf("Clean(%+q) = %+q holds %U", s, got, r)
			}
		}
		if again := text.Clean(got); again != got {
			t.Fatalf("Clean(%+q) = %+q, and cleaned again %+q", s, got, again)
		}
		if text.IsBlank(s) && !text.IsBlank(got) {
			t.Fatalf("Clean(%+q) = %+q is seen, though it was blank", s, got)
		}
	})
}

func TestIsBlank(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, "\n\t\u0020": true, "\u200B\u202E": true, "\x00": true, "\u3164": true, "\u2800": true, "\u00A0": true, "\u0301": true,
		"a": false, ".": false, "👍": false, "\uFFFD": false, "\u200Bx": false,
	} {
		if got := text.IsBlank(s); got != want {
			t.Errorf("IsBlank(%+q) = %v, want %v", s, got, want)
		}
	}
}

func TestHash(t *testing.T) {
	seen := map[[32]byte][]string{}
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}} {
		h := text.Hash(parts...)
		if other, ok := seen[h]; ok {
			t.Errorf("Hash(%q) is that of %q", parts, other)
		}
		seen[h] = parts
		if text.Hash(parts...) != h {
			t.Errorf("Hash(%q) differs from itself", parts)
		}
	}
}

func TestTruncate(t *testing.T) {
	tests := []struct {
		name, in string
		max      int
		want     string
	}{
		{"short", "abc", 5, "abc"},
		{"exact", "abcde", 5, "abcde"},
		{"none", "abc", 0, ""},
		{"negative", "abc", -1, ""},
		{"at a word", "where is my bag today", 15, "where is my bag"},
		{"inside a word", "where is my bag today", 14, "where is my"},
		{"one long word", "abcdefghij", 5, "abcde"},
		{"family emoji", "ab👩\u200D👩\u200D👧cd", 4, "ab"},
		{"combining mark", "abe\u0301", 3, "ab"},
		{"Japanese", "荷物が届きません", 4, "荷物が届"},
		{"trailing blanks", "ab   cdefgh", 4, "ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := text.Truncate(tt.in, tt.max)
			if got != tt.want {
				t.Errorf("Truncate(%q, %d) = %q, want %q", tt.in, tt.max, got, tt.want)
			}
			if n := utf8.RuneCountInString(got); n > max(tt.max, 0) {
				t.Errorf("Truncate(%q, %d) has %d characters", tt.in, tt.max, n)
			}
		})
	}
}
