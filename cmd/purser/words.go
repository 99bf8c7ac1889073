package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

// word is an enum value as people read it: "CHANNEL_WEB_FORM" is "web form".
func word(e interface{ String() string }, prefix string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(e.String(), prefix)), "_", " ")
}

func nameOf(a *purserv1.Actor) string { return firstOf(a.GetDisplayName(), a.GetId()) }

func isUUID(s string) bool { return uuid.Validate(s) == nil && len(s) == 36 }

// shellWord quotes s for a command that people paste.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// counted is a number with its word, such as "1 error" or "2 errors".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// programName is how a person in this folder calls this program.
func programName() string {
	path, err := os.Executable()
	if err != nil {
		return "purser"
	}
	if found, err := exec.LookPath("purser"); err == nil && sameFile(found, path) {
		return "purser"
	}
	if here, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(rel, "..") {
			return shellWord("./" + rel)
		}
	}
	return shellWord(path)
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
