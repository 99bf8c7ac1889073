package eval_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/suggest"
)

// judgedOptions run the small suite with a profile that is passed over for these
// questions.
func judgedOptions(t *testing.T, profile string, over map[string]suggest.PassedOver) eval.Options {
	t.Helper()
	o, desk := evaltest.Options(t), evaltest.Desk()
	answer := desk.Answer
	desk.Answer = func(ctx context.Context, in suggest.Input) (suggest.Suggestion, suggest.Record, error) {
		s, record, err := answer(ctx, in)
		record.Assessment = suggest.Assessment{Profile: profile, ProfileHash: "0123456789abcdef", PassedOver: over[evaltest.Question(in)]}
		if profile == "" {
			record.Assessment = suggest.Assessment{}
		}
		s.Provenance.Space = "e5"
		return s, record, err
	}
	o.Pipeline = desk
	return o
}

func TestRunSaysWhereTheProfileWasPassedOver(t *testing.T) {
	t.Parallel()
	const few, space, missing, waits = suggest.PassedOverFew, suggest.PassedOverSpace, suggest.PassedOverFeatures, suggest.PassedOverEmbedding
	for name, c := range map[string]struct {
		profile string
		over    map[string]suggest.PassedOver
		want    *eval.ProfileUse
		said    string
	}{
		"no profile":  {"", nil, nil, ""},
		"it judges":   {"p", nil, &eval.ProfileUse{Applied: 4}, ""},
		"not all":     {"p", map[string]suggest.PassedOver{"bag?": few}, &eval.ProfileUse{Applied: 3, PassedOver: map[suggest.PassedOver]int{few: 1}}, "the profile was passed over in 1 of 4 tickets: they were searched among less than half as many articles"},
		"for reasons": {"p", map[string]suggest.PassedOver{"bag?": few, "Katze?": space, "weather?": space, "my mother died": waits}, &eval.ProfileUse{PassedOver: map[suggest.PassedOver]int{few: 1, space: 2, waits: 1}}, "in 4 of 4 tickets: 1 because they were searched among less than half as many articles as it was ever fitted to, 2 because it was fitted in another embedding space than e5, 1 because articles still waited"},
		"no hits":     {"p", map[string]suggest.PassedOver{"bag?": missing}, &eval.ProfileUse{Applied: 3, PassedOver: map[suggest.PassedOver]int{missing: 1}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := eval.Run(t.Context(), judgedOptions(t, c.profile, c.over))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, r.Profile); diff != "" {
				t.Errorf("use (-want +got):\n%s", diff)
			}
			if said := r.ProfilePassedOver(); !strings.Contains(said, c.said) || c.said == "" && said != "" {
				t.Errorf("said: %q", said)
			}
			var b bytes.Buffer
			if err := r.WriteTable(&b, 0); err != nil || strings.Contains(b.String(), "passed over") != (c.said != "") {
				t.Errorf("the table, %v:\n%s", err, b.String())
			}
		})
	}
}

// A run that goes on counts what it took over, too.
func TestProfileUseIsTheSameOfARunThatGoesOn(t *testing.T) {
	t.Parallel()
	over := map[string]suggest.PassedOver{"bag?": suggest.PassedOverFew, "weather?": suggest.PassedOverFew}
	o := judgedOptions(t, "p", over)
	whole, err := eval.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	part := whole
	part.Cases, part.Partial = whole.Cases[:2:2], true
	raw, err := part.JSON()
	if err != nil {
		t.Fatal(err)
	}
	read, err := eval.ParseReport(raw)
	if err != nil {
		t.Fatal(err)
	}
	o.Resume = &read
	again, err := eval.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	a, errA := whole.Untimed()
	b, errB := again.Untimed()
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if diff := cmp.Diff(string(a), string(b)); diff != "" {
		t.Errorf("a run that went on differs (-whole +gone on):\n%s", diff)
	}
}
