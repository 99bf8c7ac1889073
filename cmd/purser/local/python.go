package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	minPythonMinor = 9 // 3.9
	probeTimeout   = 20 * time.Second
	// It prints: major minor executable has-pip. No newer syntax in here, so
	// that an old Python can say how old it is.
	probeScript = `import sys
try:
    from importlib.util import find_spec
    pip = find_spec("pip") is not None
except Exception:
    pip = False
sys.stdout.write("%d %d %d %s" % (sys.version_info[0], sys.version_info[1], pip, sys.executable))`
)

// A python is an interpreter that can be used.
type python struct {
	path  string // the interpreter itself, no launcher script
	pip   bool
	minor int
}

// findPython looks for Python 3.9 or newer, with pip if needPip. named is the
// user's own choice, or empty to look for the usual names in PATH.
func findPython(ctx context.Context, named string, needPip bool) (*python, error) {
	candidates := []string{"python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"}
	if named != "" {
		candidates = []string{named}
	}
	var tooOld, noPip string
	for _, name := range candidates {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		p, version, err := probePython(ctx, path)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			continue // e.g. a launcher without an interpreter behind it
		case p == nil:
			tooOld = fmt.Sprintf("%s is version %s", path, version)
		case needPip && !p.pip:
			noPip = p.path
		default:
			return p, nil
		}
	}
	switch {
	case noPip != "":
		return nil, fmt.Errorf("%s has no pip, which fetches the embedded runtime; install it (Debian, Ubuntu: apt install python3-pip; Fedora: dnf install python3-pip; else: %s -m ensurepip --user) and start again", noPip, noPip)
	case tooOld != "":
		return nil, fmt.Errorf("%s; the embedded runtime needs Python 3.%d or newer: install it, or set PURSER_PYTHON to its path", tooOld, minPythonMinor)
	case named != "":
		return nil, fmt.Errorf("PURSER_PYTHON is %q, which is not a Python that runs; set it to the path of Python 3.%d or newer", named, minPythonMinor)
	default:
		return nil, fmt.Errorf("no Python is found in PATH; install Python 3.%d or newer with pip (Debian, Ubuntu: apt install python3 python3-pip; macOS: xcode-select --install) and start again", minPythonMinor)
	}
}

// probePython asks an interpreter what it is. A nil python is one too old.
func probePython(ctx context.Context, path string) (*python, string, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-c", probeScript).Output()
	if err != nil {
		return nil, "", err
	}
	f := strings.SplitN(string(out), " ", 4)
	if len(f) != 4 {
		return nil, "", fmt.Errorf("%s does not answer like Python", path)
	}
	major, err1 := strconv.Atoi(f[0])
	minor, err2 := strconv.Atoi(f[1])
	if err := errors.Join(err1, err2); err != nil {
		return nil, "", fmt.Errorf("%s does not answer like Python: %w", path, err)
	}
	version := f[0] + "." + f[1]
	if major < 3 || (major == 3 && minor < minPythonMinor) {
		return nil, version, nil
	}
	return &python{path: f[3], pip: f[2] == "1", minor: minor}, version, nil
}

// fetch has pip download exactly the pinned file into dir, which is empty.
// pip's own scratch files stay in dir too, where their growth can be watched.
func (p *python) fetch(ctx context.Context, w wheel, dir, logPath string, lock *os.File) error {
	req := filepath.Join(dir, "requirement.txt")
	if err := os.WriteFile(req, []byte(w.requirement()), 0o600); err != nil {
		return err
	}
	scratch := filepath.Join(dir, "tmp")
	if err := os.Mkdir(scratch, 0o700); err != nil {
		return err
	}
	err := run(ctx, launchOrder{
		name:    "pip",
		logPath: logPath,
		lock:    lock,
		spec: childSpec{
			Args: []string{
				p.path, "-m", "pip", "download",
				"--quiet", "--no-input", "--disable-pip-version-check",
				"--require-hashes", "--only-binary=:all:", "--no-deps",
				// PostgreSQL's wheel is tagged for one Python, whatever runs here.
				"--implementation", "cp", "--python-version", "3.12",
				"--dest", dir, "--requirement", req,
			},
			Env:      pipEnv(os.Environ(), scratch),
			Dir:      dir,
			DeathSig: int(sigKill),
			Stop:     []stopStep{{Signal: sigTerm, Wait: 2 * time.Second}},
		},
	})
	var ended *ChildError
	if !errors.As(err, &ended) {
		return err
	}
	return fmt.Errorf("pip could not fetch %s %s: %s\nCheck the network, or point pip to another index or folder (PIP_INDEX_URL, PIP_FIND_LINKS), and start again: what is fetched already is kept",
		w.Name, w.Version, pipReason(ended))
}

// pipReason picks the lines that tell what is wrong out of pip's output.
func pipReason(e *ChildError) string {
	var lines []string
	for _, line := range strings.Split(e.Tail, "\n") {
		if strings.Contains(line, "ERROR") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	if strings.Contains(e.Tail, "No matching distribution") {
		lines = append(lines, "(this happens without network, on a system without glibc 2.28 such as Alpine, and with a 32-bit Python)")
	}
	if len(lines) == 0 {
		return e.Error()
	}
	return strings.Join(lines, " ")
}

// pipEnv keeps the user's settings of pip (indexes, proxies, certificates) and
// drops those that would change what or where to.
func pipEnv(env []string, scratch string) []string {
	drop := []string{
		"PIP_REQUIRE_VIRTUALENV=", "PIP_USER=", "PIP_TARGET=", "PIP_PREFIX=", "PIP_ROOT=", "PIP_DEST=",
		"PIP_PLATFORM=", "PIP_ABI=", "PIP_PYTHON_VERSION=", "PIP_IMPLEMENTATION=", "PIP_PYTHON=",
		"PIP_NO_BINARY=", "PIP_ONLY_BINARY=", "PIP_REQUIREMENT=", "PIP_CONSTRAINT=", "PIP_LOG=",
		"PIP_QUIET=", "PIP_VERBOSE=", "PIP_PRE=", "TMPDIR=", superviseEnv + "=",
	}
	var kept []string
next:
	for _, kv := range env {
		for _, d := range drop {
			if strings.HasPrefix(kv, d) {
				continue next
			}
		}
		kept = append(kept, kv)
	}
	return append(kept, "TMPDIR="+scratch, "PIP_REQUIRE_VIRTUALENV=0")
}
