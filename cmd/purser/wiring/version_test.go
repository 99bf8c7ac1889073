package wiring

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	for _, c := range []struct {
		name     string
		info     *debug.BuildInfo
		released bool
		want     string
	}{
		{name: "made by make release", info: &debug.BuildInfo{Settings: []debug.BuildSetting{commit}}, released: true, want: Release},
		{name: "installed by its tag", info: &debug.BuildInfo{Main: debug.Module{Version: "v" + Release}}, want: Release},
		{name: "of a checkout", info: &debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20261130000000-0123456789ab"}, Settings: []debug.BuildSetting{commit}}, want: Release + "-dev+0123456789ab"},
		{name: "of a changed checkout", info: &debug.BuildInfo{Settings: []debug.BuildSetting{commit, {Key: "vcs.modified", Value: "true"}}}, want: Release + "-dev+0123456789ab.modified"},
		{name: "of an archive", info: &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, want: Release + "-dev"},
		{name: "that tells nothing", want: Release + "-dev"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := version(c.info, c.info != nil, c.released); got != c.want {
				t.Errorf("version is %q, want %q", got, c.want)
			}
		})
	}
}

func TestReleaseIsTheChangelogsNewest(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		raw, err := os.ReadFile(filepath.Join("..", "..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	newest := regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$`).FindStringSubmatch(read("CHANGELOG.md"))
	if newest == nil || newest[1] != Release {
		t.Errorf("the newest version of CHANGELOG.md is %v, that of the build %s", newest, Release)
	}
	if mark := "-X github.com/purser-desk/purser/cmd/purser/wiring.released=true"; !strings.Contains(read("Makefile"), mark) {
		t.Errorf("\"make release\" does not link with %q", mark)
	}
}
