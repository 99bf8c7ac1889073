package suite

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/purser-desk/purser/internal/disk"
)

//go:embed starter
var starter embed.FS

// Init writes a small suite that works into a folder, which is made when
// it is not there: articles, tickets, a policy and a description. It never
// overwrites: it fails when one of the files exists, and writes none then. It
// returns the names of the files.
func Init(dir string) ([]string, error) {
	entries, err := starter.ReadDir("starter")
	if err != nil {
		return nil, fmt.Errorf("read the suite to begin with: %w", err)
	}
	var names, there []string
	for _, e := range entries {
		names = append(names, e.Name())
		if _, err := os.Lstat(filepath.Join(dir, e.Name())); err == nil {
			there = append(there, e.Name())
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
