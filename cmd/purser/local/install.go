package local

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// An installer brings pinned packages into a home, shared by every checkout
// and instance that uses it.
type installer struct {
	home     string
	python   string // the user's choice of interpreter, may be empty
	progress func(Step)
}

// ensure returns the folder of an unpacked package, fetching it first if it is
// not there. Two processes may call it at once: one works, the other waits.
func (in *installer) ensure(ctx context.Context, w wheel) (string, error) {
	runtimes := filepath.Join(in.home, "runtime")
	dst := filepath.Join(runtimes, w.folder())
	if intact(dst) {
		return dst, nil
	}
	// Everyone may read programs; data is private.
	if err := makeFolder(runtimes, 0o755); err != nil {
		return "", err
	}
	lock, err := waitLock(ctx, filepath.Join(runtimes, w.folder()+".lock"), func() {
		in.progress(Step{Name: "waiting for another Purser that is installing " + w.Name})
	})
	if err != nil {
		return "", fmt.Errorf("wait for the installation of %s: %w", w.Name, err)
	}
	defer closeQuietly(lock)
	if intact(dst) {
		return dst, nil
	}
	file, err := in.wheelFile(ctx, w, lock)
	if err != nil {
		return "", err
	}
	if err := in.unpack(ctx, w, file, dst); err != nil {
		return "", fmt.Errorf("unpack %s: %w", w.Name, err)
	}
	_ = os.Remove(file) // it has served; fetched again if ever needed
	return dst, nil
}

// wheelFile returns a verified wheel: one that is there already, or a fetched one.
func (in *installer) wheelFile(ctx context.Context, w wheel, lock *os.File) (string, error) {
	wheels := filepath.Join(in.home, "wheels")
	if err := makeFolder(wheels, 0o755); err != nil {
		return "", err
	}
	file := filepath.Join(wheels, w.folder()+".whl")
	err := verify(file, w.SHA256)
	if err == nil {
		return file, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		// Cut short or damaged: never taken for whole.
		if err := os.Remove(file); err != nil {
			return "", fmt.Errorf("remove a damaged download: %w", err)
		}
	}
	py, err := findPython(ctx, in.python, true)
	if err != nil {
		return "", err
	}
	partial := filepath.Join(wheels, w.folder()+".partial")
	if err := os.RemoveAll(partial); err != nil {
		return "", fmt.Errorf("remove an interrupted download: %w", err)
	}
	if err := os.Mkdir(partial, 0o700); err != nil {
		return "", fmt.Errorf("make a folder for the download: %w", err)
	}
	defer func() { _ = os.RemoveAll(partial) }() // removed by the next run otherwise
	stop := in.watch(w, partial)
	err = py.fetch(ctx, w, partial, filepath.Join(wheels, "pip-"+w.Name+".log"), lock)
	stop()
	if err != nil {
		return "", err
	}
	found, err := filepath.Glob(filepath.Join(globEscape(partial), "*.whl"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("pip said it fetched %s %s, but there is no such file; see %s", w.Name, w.Version, wheels)
	}
	if err := verify(found[0], w.SHA256); err != nil {
		return "", fmt.Errorf("the fetched %s %s is not the file that was pinned: %w", w.Name, w.Version, err)
	}
	if err := os.Rename(found[0], file); err != nil {
		return "", fmt.Errorf("keep the download: %w", err)
	}
	in.progress(Step{Name: "fetch " + w.Name, Done: w.Size, Total: w.Size, Unit: Bytes})
	return file, nil
}

// globEscape makes a path match itself only.
func globEscape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// watch reports how much has arrived in a folder until stop is called.
func (in *installer) watch(w wheel, dir string) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			in.progress(Step{Name: "fetch " + w.Name, Done: min(folderSize(dir), w.Size-1), Total: w.Size, Unit: Bytes})
			select {
			case <-quit:
				return
			case <-time.After(250 * time.Millisecond):
			}
		}
	}()
	return func() { close(quit); <-done }
}

// folderSize returns the size of the largest file below a folder: pip writes
// into a scratch file and copies it at the end.
func folderSize(dir string) int64 {
	var largest int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // files come and go while we look
		}
		if info, err := d.Info(); err == nil {
			largest = max(largest, info.Size())
		}
		return nil
	})
	return largest
}

// verify returns an error unless the file has the SHA-256.
func verify(path, want string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer closeQuietly(f)
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return fmt.Errorf("its SHA-256 is %s instead of %s", got, want)
	}
	return nil
}

// unpack writes the files of a verified wheel into a folder beside dst and
// moves it into place when it is whole.
func (in *installer) unpack(ctx context.Context, w wheel, file, dst string) error {
	zr, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer closeQuietly(zr)
	tmp := dst + ".partial"
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }() // removed by the next run otherwise
	step := Step{Name: "unpack " + w.Name, Total: int64(len(zr.File)), Unit: Files}
	var contents strings.Builder
	for i, f := range zr.File {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		step.Done = int64(i)
		in.progress(step)
		if f.Mode().IsDir() || w.skips(f.Name) {
			continue
		}
		if err := unpackFile(f, tmp); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		fmt.Fprintf(&contents, "%d %s\n", f.UncompressedSize64, f.Name)
	}
	if err := os.WriteFile(filepath.Join(tmp, contentsFile), []byte(contents.String()), 0o600); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o755); err != nil { //nolint:gosec // programs, for any user
		return err
	}
	if err := os.RemoveAll(dst); err != nil { // one that is no longer whole
		return err
	}
	if err := os.Rename(tmp, dst); err != nil {
		return err
	}
	step.Done = step.Total
	in.progress(step)
	return nil
}

const syncFrom = 64 << 10

func unpackFile(f *zip.File, root string) error {
	if !filepath.IsLocal(f.Name) || !f.Mode().IsRegular() {
		return errors.New("not a file that belongs here")
	}
	path := filepath.Join(root, filepath.FromSlash(f.Name))
	if err := makeFolder(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	// Programs and libraries are marked; some wheels mark neither.
	mode := fs.FileMode(0o644)
	if f.Mode()&0o111 != 0 || strings.Contains(f.Name, "/bin/") {
		mode = 0o755
	}
	src, err := f.Open()
	if err != nil {
		return err
	}
	defer closeQuietly(src)
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, src) //nolint:gosec // the archive's hash is pinned
	if err == nil {
		err = out.Chmod(mode)
	}
	// What matters must be on the disk before the folder counts as whole.
	if err == nil && n >= syncFrom {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// contentsFile lists what was unpacked into a folder: size and path of each file.
const contentsFile = "contents.txt"

// intact tells whether a package is unpacked and still has every file in full
// length: folders for caches are cleaned by tools, and a power cut may empty
// what was just written.
func intact(dir string) bool {
	raw, err := os.ReadFile(filepath.Join(dir, contentsFile))
	if err != nil || len(raw) == 0 {
		return false
	}
	for line := range strings.Lines(string(raw)) {
		number, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		size, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return false
		}
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Size() != size {
			return false
		}
	}
	return true
}
