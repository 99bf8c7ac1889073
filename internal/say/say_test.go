package say_test

import (
	"testing"

	"github.com/purser-desk/purser/internal/say"
)

func TestSentencesReadWell(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, got, want string }{
		{"one", say.Count(1, "case"), "1 case"},
		{"none", say.Count(0, "case"), "0 cases"},
		{"a list", say.Few([]string{"a", "b"}), "a, b"},
		{"a long list", say.Few([]string{"a", "b", "c", "d", "e", "f"}), "a, b, c, d, e, …"},
		{"short text", say.Clip(" one\n two ", 7), "one two"},
		{"long text", say.Clip("Grüße aus Köln", 5), "Grüße…"},
		{"a slip", say.Alike("bag", []string{"pets", "bags"}), "; did you mean bags?"},
		{"part of a name", say.Alike("LEG", []string{"PRESS", "LEGAL"}), "; did you mean LEGAL?"},
		{"unlike any", say.Alike("boats", []string{"tag/pets"}), "; it has tag/pets"},
		{"unlike many", say.Alike("zzzzzzzz", []string{"a", "b", "c", "d", "e", "f", "g"}), "; it has a, b, c, d, e and 2 more"},
		{"nothing to mean", say.Alike("bag", nil), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.got != test.want {
				t.Errorf("got %q, want %q", test.got, test.want)
			}
		})
	}
}
