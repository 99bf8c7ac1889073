package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// full is an output on a disk that takes nothing more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestNoCommandIsDoneWhoseOutputIsLost(t *testing.T) {
	t.Parallel()
	suite := filepath.Join(t.TempDir(), "suite")
	for _, args := range [][]string{
		{"eval", "init", suite}, {"eval", "judge", "rubric"}, {"version"},
	} {
		var errs strings.Builder
		code := exitCode(&errs, run(t.Context(), args, strings.NewReader(""), full{}, &errs, noEnvironment))
		if code != exitFailed || !strings.Contains(errs.String(), "no space left on device") {
			t.Errorf("%v: exit %d: %s", args, code, errs.String())
		}
	}
}
