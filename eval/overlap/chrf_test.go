package overlap_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/purser-desk/purser/eval/overlap"
)

// All values are those of sacreBLEU 2.6.0's sentence_chrf, a hundredth.
func TestChrFAgreesWithTheReference(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, draft, gold string
		want              float64
	}{
		{"fox", "The quick brown fox jumps over the lazy dog", "The quick brown dog jumps on the log.", 0.5797672297297438},
		{"German", "Gepäck bis 23 kg ist frei.", "Ein Gepäckstück bis 23 kg ist kostenlos.", 0.4442752811316224},
		{"the same", "abc", "abc", 1},
		{"shorter than six", "ab", "abcdef", 0.3125},
		{"nothing", "", "x", 0},
		{"Chinese", "我要退款", "我想要退款。", 0.3571925431274346},
		{"repeated", "aaaa", "aa", 0.7812499999999999},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := overlap.ChrF(test.draft, test.gold); math.Abs(got-test.want) > 1e-12 {
				t.Errorf("got %.16v, want %v", got, test.want)
			}
		})
	}
}

// slowChrF counts n-grams in maps.
func slowChrF(draft, gold string) float64 {
	a, b := []rune(strings.ReplaceAll(draft, " ", "")), []rune(strings.ReplaceAll(gold, " ", ""))
	var precision, recall float64
	orders := 0
	for n := 1; n <= 6 && n <= len(a) && n <= len(b); n++ {
		count := map[string]int{}
		for i := range len(b) - n + 1 {
			count[string(b[i:i+n])]++
		}
		match := 0
		for i := range len(a) - n + 1 {
			if g := string(a[i : i+n]); count[g] > 0 {
				count[g]--
				match++
			}
		}
		precision += float64(match) / float64(len(a)-n+1)
		recall += float64(match) / float64(len(b)-n+1)
		orders++
	}
	if orders == 0 || precision+recall == 0 {
		return 0
	}
	precision, recall = precision/float64(orders), recall/float64(orders)
	return 5 * precision * recall / (4*precision + recall)
}

func TestChrFCountsEveryGram(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.StringMatching(`[abc ]{0,40}`)
		a, b := texts.Draw(t, "draft"), texts.Draw(t, "gold")
		if got, want := overlap.ChrF(a, b), slowChrF(a, b); math.Abs(got-want) > 1e-12 {
			t.Errorf("ChrF(%q, %q) is %v, want %v", a, b, got, want)
		}
	})
}

func TestChangedShare(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, draft, gold string
		want              float64
	}{
		{"the same but for case and marks", "One bag, free.", "one bag free", 0},
		{"one of four words", "one bag is free", "one bag is paid", .25},
		{"one word put in", "one is free", "one bag is free", .25},
		{"everything", "one bag", "no idea at all", 1},
		{"nothing at all", "", "", 0},
		{"from nothing", "", "one bag", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := overlap.ChangedShare(test.draft, test.gold); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
