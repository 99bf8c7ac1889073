package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/purser-desk/purser/cmd/purser/local"
)

// devHome is a home of its own that shares nothing but the installed packages.
// It is not below the test's temporary folder, whose parents the children of a
// test run by root may not be able to enter.
func devHome(t *testing.T) string {
	t.Helper()
	shared, err := local.DefaultHome(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	installed := filepath.Join(shared, "runtime")
	if _, err := os.Stat(installed); err != nil {
		r, err := local.Start(t.Context(), local.Options{Home: shared, Instance: "install", Throwaway: true, Embedding: true, Progress: local.TextProgress(t.Output(), false)})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	base, err := os.MkdirTemp("/tmp", "purser-test-") //nolint:usetesting // see above: t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(base); err != nil {
			t.Error(err)
		}
	})
	home := filepath.Join(base, "home of data")
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{base, home} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(installed, filepath.Join(home, "runtime")); err != nil {
		t.Fatal(err)
	}
	return home
}

// devProcess prepares "purser dev" in a folder, as "make run" calls it.
func devProcess(t *testing.T, dir, home string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "dev")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), beProgram+"=1", "PURSER_HOME="+home, "PURSER_LISTEN=127.0.0.1:0", "OPENAI_MODEL=")
	return cmd
}

// The first minute of a newcomer: one command, a ticket is answered, what is
// printed can be pasted, Ctrl-C leaves nothing behind.
func TestDev(t *testing.T) {
	t.Parallel()
	home, dir := devHome(t), filepath.Join(t.TempDir(), "a checkout")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	first := devProcess(t, dir, home)
	pipe, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	first.Stderr = &errs
	began := time.Now()
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(pipe)
	var shown strings.Builder
	for !strings.Contains(shown.String(), "Serving gRPC on ") {
		line, err := out.ReadString('\n')
		shown.WriteString(line)
		if err != nil {
			t.Fatalf("it ended: %v\n%s%s", first.Wait(), shown.String(), errs.String())
		}
	}
	t.Logf("first draft and commands after %v", time.Since(began).Round(100*time.Millisecond))
	for _, part := range []string{"── The customer wrote", "── Found", "── Draft", "drafted by extractive", "Try next", "No model is configured"} {
		if !strings.Contains(shown.String(), part) {
			t.Errorf("%q is not shown:\n%s", part, shown.String())
		}
	}
	address := regexp.MustCompile(`PURSER_ADDRESS=(\S+) PURSER_KEY=(\S+)`).FindStringSubmatch(shown.String())
	if address == nil {
		t.Fatalf("no key is shown:\n%s", shown.String())
	}
	agent := &person{getenv: environment("PURSER_ADDRESS", address[1], "PURSER_KEY", address[2])}
	if text := agent.says(t, "suggest", "demo-002"); !strings.Contains(text, "── Found") {
		t.Errorf("shown: %s", text)
	}
	if text := agent.says(t, "search", "can my dog fly in the cabin"); !strings.Contains(text, "1. ") {
		t.Errorf("shown: %s", text)
	}
	operator := regexp.MustCompile(`DATABASE_OWNER_URL='([^']+)' DATABASE_URL='([^']+)' EMBEDDING_BASE_URL=(\S+)\n\S+ contacts list (\S+)`).FindStringSubmatch(shown.String())
	if operator == nil {
		t.Fatalf("no addresses for an operator are shown:\n%s", shown.String())
	}
	chief := &person{getenv: environment("DATABASE_OWNER_URL", operator[1], "DATABASE_URL", operator[2], "EMBEDDING_BASE_URL", operator[3])}
	if text := chief.says(t, "contacts", "list", operator[4]); !strings.Contains(text, "skerryair.example") {
		t.Errorf("shown: %s", text)
	}
	agent.says(t, "ticket", "create", "my-1", "--message", "My suitcase never arrived. What now?")

	second, err := devProcess(t, dir, home).Output()
	if err != nil || !strings.Contains(string(second), "Purser runs already for this folder: gRPC on "+address[1]) {
		t.Errorf("a second one in the same folder: %v, %s", err, second)
	}
	if err := first.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		var line string
		line, err = out.ReadString('\n')
		shown.WriteString(line)
	}
	if err := first.Wait(); err != nil || !strings.Contains(shown.String(), "Stopped. Data are kept for the next time.") {
		t.Errorf("Ctrl-C: %v\n%s%s", err, shown.String(), errs.String())
	}
	eventually(t, "no process is left", 10*time.Second, func() bool { return len(processesIn(t, home)) == 0 })
}

// processesIn lists the processes that name a folder or run in it.
func processesIn(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		command, _ := os.ReadFile(filepath.Join(e, "cmdline")) // it may be gone by now
		cwd, _ := os.Readlink(filepath.Join(e, "cwd"))
		if strings.Contains(string(command), dir) || strings.HasPrefix(cwd, dir) {
			found = append(found, string(command))
		}
	}
	return found
}
