package suggest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/purser-desk/purser/suggest"
)

func TestSentenceChanges(t *testing.T) {
	kept := func(s string) suggest.SentenceChange {
		return suggest.SentenceChange{Kind: suggest.ChangeKept, Before: s, After: s}
	}
	changed := func(a, b string) suggest.SentenceChange {
		return suggest.SentenceChange{Kind: suggest.ChangeChanged, Before: a, After: b}
	}
	added := func(s string) suggest.SentenceChange {
		return suggest.SentenceChange{Kind: suggest.ChangeAdded, After: s}
	}
	removed := func(s string) suggest.SentenceChange {
		return suggest.SentenceChange{Kind: suggest.ChangeRemoved, Before: s}
	}
	const a, b, c = "Bags may weigh 8 kg.", "A heavier bag costs 45 EUR.", "Payment is by card."
	cases := []struct {
		name, draft, final string
		want               []suggest.SentenceChange
	}{
		{"nothing changed", a + " " + b, a + " " + b, []suggest.SentenceChange{kept(a), kept(b)}},
		{"only blanks changed", a + " " + b, a + "\n\n" + b, []suggest.SentenceChange{kept(a), kept(b)}},
		{"one word", a + " " + b, a + " A heavier bag costs 50 EUR.", []suggest.SentenceChange{kept(a), changed(b, "A heavier bag costs 50 EUR.")}},
		{"added in front", a, "Hi! " + a, []suggest.SentenceChange{added("Hi!"), kept(a)}},
		{"removed in the middle", a + " " + b + " " + c, a + " " + c, []suggest.SentenceChange{kept(a), removed(b), kept(c)}},
		{"something else", a, "Please write to our colleagues at the lounge desk.", []suggest.SentenceChange{removed(a), added("Please write to our colleagues at the lounge desk.")}},
		{"swapped", a + " " + b, b + " " + a, []suggest.SentenceChange{removed(a), kept(b), added(a)}},
		{"from nothing", "", a, []suggest.SentenceChange{added(a)}},
		{"changed between kept ones", a + " " + b + " " + c, a + " A much heavier bag costs 45 EUR. " + c, []suggest.SentenceChange{kept(a), changed(b, "A much heavier bag costs 45 EUR."), kept(c)}},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			if diff := cmp.Diff(k.want, suggest.SentenceChanges(k.draft, k.final, "en")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSentenceChangesHoldsBoth: read in order, the changes hold every sentence
// of the draft and of the final text exactly once.
func TestSentenceChangesHoldsBoth(t *testing.T) {
	sentences := rapid.SliceOfN(rapid.SampledFrom([]string{
		"Bags may weigh 8 kg.", "Bags may weigh 9 kg.", "Payment is by card.", "Payment is in cash.", "Hello!", "We fly daily to Oslo.", "Thank you.",
	}), 0, 12)
	rapid.Check(t, func(t *rapid.T) {
		before, after := sentences.Draw(t, "before"), sentences.Draw(t, "after")
		var gotBefore, gotAfter []string
		for _, c := range suggest.SentenceChanges(strings.Join(before, " "), strings.Join(after, " "), "en") {
			if c.Before != "" {
				gotBefore = append(gotBefore, c.Before)
			}
			if c.After != "" {
				gotAfter = append(gotAfter, c.After)
			}
			if (c.Kind == suggest.ChangeKept) != (c.Before == c.After) {
				t.Fatalf("%+v", c)
			}
		}
		if fmt.Sprint(gotBefore) != fmt.Sprint(before) || fmt.Sprint(gotAfter) != fmt.Sprint(after) {
			t.Fatalf("before %q became %q, after %q became %q", before, gotBefore, after, gotAfter)
		}
	})
}

func TestSentenceChangesOfLongTexts(t *testing.T) {
	var before, after strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&before, "Sentence number %d says something. ", i)
		fmt.Fprintf(&after, "Line %d is about another matter altogether. ", i)
	}
	if got := suggest.SentenceChanges(before.String(), after.String(), "en"); len(got) != 5000 {
		t.Errorf("%d changes", len(got))
	}
}
