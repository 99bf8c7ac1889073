package console

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
)

// IsUUID reports whether s is a UUID in its usual form.
func IsUUID(s string) bool { return uuid.Validate(s) == nil && len(s) == 36 }

// ShellWord quotes s for a command that people paste.
func ShellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// ProgramName is how a person in this folder calls this program.
func ProgramName() string {
	path, err := os.Executable()
	if err != nil {
		return "purser"
	}
	if found, err := exec.LookPath("purser"); err == nil && SameFile(found, path) {
		return "purser"
	}
	if here, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(rel, "..") {
			return ShellWord("./" + rel)
		}
	}
	return ShellWord(path)
}

// SameFile reports whether two paths lead to one file.
func SameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
