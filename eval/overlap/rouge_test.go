package overlap_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval/overlap"
)

// The first case is the example in the reference implementation's own
// description, the next two are Lin's (2004, section 3.1); all values are those
// of rouge-score 0.1.2 without stemming.
func TestRougeLAgreesWithTheReference(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, draft, gold string
		want              float64
	}{
		{"fox", "The quick brown fox jumps over the lazy dog", "The quick brown dog jumps on the log.", 0.5882352941176471},
		{"Lin's first", "police kill the gunman", "police killed the gunman", .75},
		{"Lin's second", "the gunman kill police", "police killed the gunman", .5},
		{"figures and hyphens", "You can't re-book; it's EUR 30.50 per bag.", "You can not rebook: it is EUR 30.50 per bag (see e-mail).", 0.6153846153846153},
		{"backwards", "a b c d e", "e d c b a", .2},
		{"nothing shared", "nothing", "shared here", 0},
		{"no draft", "", "x", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := overlap.NewWords(test.draft, test.gold).RougeL(); math.Abs(got-test.want) > 1e-12 {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestTokensKeepEveryScript(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []string
	}{
		{"German", "Gepäck: 23-kg!", []string{"gepäck", "23", "kg"}},
		{"Greek", "Καλημέρα σας", []string{"καλημέρα", "σας"}},
		{"decomposed", "cafe\u0301 a", []string{"cafe\u0301", "a"}},
		{"Chinese beside Latin", "我要退款ABC", []string{"我", "要", "退", "款", "abc"}},
		{"Thai with marks", "ที่a", []string{"ที่", "a"}},
		{"nothing", " –!", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, overlap.Tokens(test.in)); diff != "" {
				t.Errorf("tokens (-want +got):\n%s", diff)
			}
		})
	}
}
