package wiring

import (
	"runtime/debug"
)

// Release is the newest version that CHANGELOG.md tells of.
const Release = "0.1.0"

// released is set by the linker where "make release" builds.
var released string

// Version is what the build knows of itself: the release, or for what is built
// from a checkout the release with "-dev" and, where it is known, the commit.
func Version() string {
	info, known := debug.ReadBuildInfo()
	return version(info, known, released != "")
}

func version(info *debug.BuildInfo, known, released bool) string {
	if released || known && info.Main.Version == "v"+Release {
		return Release
	}
	name := Release + "-dev"
	if !known {
		return name
	}
	said := map[string]string{}
	for _, s := range info.Settings {
		said[s.Key] = s.Value
	}
	if commit := said["vcs.revision"]; len(commit) >= 12 {
		name += "+" + commit[:12]
		if said["vcs.modified"] == "true" {
			name += ".modified"
		}
	}
	return name
}
