package disk_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/purser-desk/purser/internal/disk"
)

func TestWriteKeepsWhatIsNoFile(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := disk.CanWrite(pipe); err != nil {
		t.Errorf("a pipe is no place to write to: %v", err)
	}
	read := make(chan string, 1)
	go func() {
		f, err := os.Open(pipe)
		if err != nil {
			read <- err.Error()
			return
		}
		defer f.Close()
		raw, _ := io.ReadAll(f)
		read <- string(raw)
	}()
	if err := disk.Write(pipe, []byte("whole")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(pipe)
	if err != nil || info.Mode().Type() != os.ModeNamedPipe {
		t.Fatalf("the pipe became %v, %v", info.Mode(), err)
	}
	if got := <-read; got != "whole" {
		t.Errorf("the reader got %q", got)
	}
}

func TestWriteFollowsLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target, link := filepath.Join(dir, "kept.json"), filepath.Join(dir, "link.json")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("kept.json", link); err != nil {
		t.Fatal(err)
	}
	if err := disk.Write(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	if raw, err := os.ReadFile(target); err != nil || string(raw) != "new" {
		t.Errorf("where the link leads stands %q, %v", raw, err)
	}
}

func TestWriteSaysWhatToDo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "no", "run.json")
	for name, err := range map[string]error{"write": disk.Write(path, nil), "before": disk.CanWrite(path)} {
		if err == nil || !strings.Contains(err.Error(), "make it first") || strings.Count(err.Error(), "run.json") != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWriteLeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := disk.Write(filepath.Join(dir, "nowhere", "run.json"), []byte("x")); err == nil {
		t.Error("writing into a folder that is not there went well")
	}
	path := filepath.Join(dir, "run.json")
	for _, content := range []string{"one", "two"} {
		if err := disk.Write(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil || string(raw) != "two" || len(left) != 1 {
		t.Errorf("holds %q, %d files, %v", raw, len(left), err)
	}
}
