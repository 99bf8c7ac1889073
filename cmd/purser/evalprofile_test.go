package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/suggest"
)

// A profile that has no say must not pass for one that changed nothing.
func TestEvalRunSaysThatTheProfileWasPassedOver(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.vars = append(l.vars, "OPENAI_MODEL", "")
	none, stderr := l.runs(t, exitDone, "none.json", "--profile", "none")
	if none.Profile != nil || strings.Contains(stderr, "passed over") {
		t.Errorf("without a profile: %+v, %s", none.Profile, stderr)
	}
	elsewhere, stderr := l.runs(t, exitDone, "elsewhere.json", "--profile", writeProfile(t, "elsewhere", "another space", .1))
	const said = "warning: the profile was passed over in 7 of 7 tickets: it was fitted in another embedding space than "
	if n := elsewhere.Profile; n == nil || n.Applied != 0 || n.PassedOver[suggest.PassedOverSpace] != 7 || !strings.Contains(stderr, said) {
		t.Errorf("in another space: %+v, %s", n, stderr)
	}
	if m := cmp.Diff(none.Metrics, elsewhere.Metrics); m != "" {
		t.Errorf("a profile that was passed over changed figures:\n%s", m)
	}
	here, stderr := l.runs(t, exitDone, "here.json", "--profile", writeProfile(t, "here", none.Configuration.Spaces[0], .1))
	if n := here.Profile; n == nil || n.Applied != 7 || len(n.PassedOver) != 0 || here.Cases[0].Profile != "here" || strings.Contains(stderr, "passed over") {
		t.Errorf("in its own space: %+v, %s", n, stderr)
	}
	again, _ := l.runs(t, exitDone, "again.json", "--profile", writeProfile(t, "here", none.Configuration.Spaces[0], .1), "--concurrency", "3")
	sameRuns(t, "two runs with a profile differ", here, again)
	l.vars = append(l.vars, "EMBEDDING_BASE_URL", "")
	if _, stderr := l.runs(t, exitDone, "words.json", "--profile", writeProfile(t, "here", none.Configuration.Spaces[0], .1)); !strings.Contains(stderr, "searched by words alone, and it was fitted in an embedding space") {
		t.Errorf("by words alone: %s", stderr)
	}
}
