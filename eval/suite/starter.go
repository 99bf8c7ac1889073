package suite

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/disk"
)

//go:embed starter
var starter embed.FS

// Init writes a small suite that works into a folder, which is made when
// it is not there: articles, tickets, a policy and a description. It never
// overwrites: it fails when one of the files exists, or tickets or articles under
// another name, and writes none then. It returns the names of the files.
func Init(dir string) ([]string, error) {
	entries, err := starter.ReadDir("starter")
	if err != nil {
		return nil, fmt.Errorf("read the suite to begin with: %w", err)
	}
	if file := fileOn(dir); file != "" {
		return nil, fmt.Errorf("%s is a file; name a folder", file)
	}
	var names, there []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	taken := append(append(slices.Clone(names), ticketFiles()...), KnowledgeFile, KnowledgeDir)
	slices.Sort(taken)
	for _, name := range slices.Compact(taken) {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			there = append(there, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("look at the folder: %w", err)
		}
	}
	if len(there) > 0 {
		return nil, fmt.Errorf("%s holds %s already; name another folder", dir, strings.Join(there, ", "))
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	for _, name := range names {
		content, err := starter.ReadFile("starter/" + name)
		if err != nil {
			return nil, fmt.Errorf("read the suite to begin with: %w", err)
		}
		if err := disk.Write(filepath.Join(dir, name), content); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// fileOn is the path itself, or what is there of the way to it, where that is no
// folder; else empty.
func fileOn(path string) string {
	for at := filepath.Clean(path); ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		switch {
		case err == nil && !info.IsDir():
			return at
		case err == nil, at == filepath.Dir(at):
			return ""
		}
	}
}
