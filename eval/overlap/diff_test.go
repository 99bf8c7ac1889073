package overlap_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/purser-desk/purser/eval/overlap"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	same, gone, added := overlap.DiffSame, overlap.DiffGone, overlap.DiffNew
	tests := []struct {
		name, first, second string
		want                []overlap.DiffPiece
	}{
		{"nothing", "", "", nil},
		{"the same but for blanks", "one  bag", "one bag\n", []overlap.DiffPiece{{same, "one bag"}}},
		{"one word exchanged", "one bag is free", "one bag is paid", []overlap.DiffPiece{{same, "one bag is"}, {gone, "free"}, {added, "paid"}}},
		{"put in", "one is", "one bag is", []overlap.DiffPiece{{same, "one"}, {added, "bag"}, {same, "is"}}},
		{"from nothing", "", "one bag", []overlap.DiffPiece{{added, "one bag"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, overlap.Diff(test.first, test.second)); diff != "" {
				t.Errorf("pieces (-want +got):\n%s", diff)
			}
		})
	}
	long := strings.Repeat("a ", 2000)
	if pieces := overlap.Diff(long, long+"b"); len(pieces) != 2 || pieces[0].Kind != gone || pieces[1].Kind != added {
		t.Errorf("a text that is too long is cut into %d pieces", len(pieces))
	}
}

func TestDiffHoldsBothTexts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.StringMatching(`[ab ]{0,30}`)
		first, second := texts.Draw(t, "first"), texts.Draw(t, "second")
		var a, b []string
		for _, p := range overlap.Diff(first, second) {
			if p.Kind != overlap.DiffNew {
				a = append(a, p.Text)
			}
			if p.Kind != overlap.DiffGone {
				b = append(b, p.Text)
			}
		}
		plain := func(s string) string { return strings.Join(strings.Fields(s), " ") }
		if strings.Join(a, " ") != plain(first) || strings.Join(b, " ") != plain(second) {
			t.Errorf("the pieces make %q and %q", a, b)
		}
	})
}
